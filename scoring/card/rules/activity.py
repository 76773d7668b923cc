"""Activity rules: points for what the lead did."""

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import numpy as np
import polars as pl
from pydantic import Field

from scoring.card.conditions import ActivityCondition
from scoring.card.ranges import Range
from scoring.card.rules.base import BaseRule, Decaying, Given, Points
from scoring.card.values import WEEK, Limit, LimitText, microseconds
from vocabulary.units import Duration

if TYPE_CHECKING:
    from scoring.conditions import Terms
    from scoring.history import History
    from scoring.picked import Picked
    from vocabulary.arrays import Floats

SHORTEST: Final = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=28)}
PERIODS: Final = 2000
"""This many past periods are added up exactly; the rest is estimated from above."""
NEGLIGIBLE: Final = 1e-9
"""Activities with a smaller share of their points left do not matter."""


class ActivityRule(BaseRule, Decaying):
    """Points for what the lead did."""

    key: ClassVar = "activity"
    too_wide: ClassVar = "fires for every activity, including bounces and unsubscribes."

    activity: ActivityCondition = Field(description="The activities that give points.")
    points: Points = Field(description="The points per activity, positive or negative.")
    within: Duration | None = Field(None, description="Only count activities younger than this.")
    limit: LimitText | None = Field(
        None,
        description="How many activities count in each period, latest first: N per day, week or month (UTC calendar),"
        " N per 90d (counted back from now), or N ever.",
    )
    at_least: int = Field(1, ge=1, description="The rule gives no points for fewer activities than this.")
    award: Literal["each", "once"] = Field(
        "each", description="Give points for each activity, or only once, for the latest."
    )
    maximum: float | None = Field(
        None,
        ge=0,
        allow_inf_nan=False,
        description="The rule's points are cut to this, and to minus this if they are negative.",
    )

    @property
    def activity_conditions(self) -> Mapping[str, ActivityCondition]:
        """The rule's condition."""
        return {"activity": self.activity}

    @property
    def cap(self) -> float | None:
        """The rule's own maximum."""
        return self.maximum

    @property
    def uncut(self) -> Range:
        """The points of the largest number of activities that can count in full."""
        most = abs(self.points) * self._full_activities() if self.points else 0
        return Range(-most if self.points < 0 else 0, most if self.points > 0 else 0)

    def never_enough(self) -> str | None:
        """Return a message if the limit leaves fewer activities than `at_least` needs."""
        if self.limit and self.limit.count * periods(self.limit, self.within) < self.at_least:
            where = "" if self.limit.period == "ever" else " in the window of `within`"
            return f"`limit: {self.limit}` leaves fewer than `at_least: {self.at_least}`{where}"
        return None

    def _full_activities(self) -> float:
        """Return the largest number of full-point activities that can count."""
        if self.award == "once":
            return 1
        if self.limit is None:
            return math.inf
        return self.limit.count * self._full_periods(self.limit)

    def _full_periods(self, limit: Limit) -> float:
        """Return the sum of the shares that decay leaves of the best activity in each period, latest first.

        An activity in the n-th calendar period before the current one is at least n-1 periods old.
        """
        if limit.period == "ever":
            return 1
        counted_back = isinstance(limit.period, timedelta)
        ages = np.arange(PERIODS) * microseconds(_length(limit))
        left = self.remaining(ages)
        if self.within is not None:
            left = np.where(ages < microseconds(self.within), left, 0.0)
        if left[-1] > NEGLIGIBLE:
            return math.inf
        return float(left.sum()) + (0 if counted_back else 1)

    def column(self, terms: "Terms") -> None:
        """Return None: an activity rule has no condition on the lead."""
        del terms

    def given(self, answers: "Floats | None", frame: pl.DataFrame, history: "History") -> Given:
        """Return the points of the activities that count, cut to the rule's maximum."""
        del answers, frame
        counted = self._counted(history)
        if not len(counted.lead):
            return Given(np.zeros(history.leads), each=self.points)
        decayed = counted.total(self.points * self.remaining(counted.age))
        bound = np.inf if self.maximum is None else self.maximum
        return Given(np.clip(decayed, -bound, bound), counted, decayed, self.points, *self._surging(counted))

    def _counted(self, history: "History") -> "Picked":
        """Return the activities that count after `within`, `limit`, `at_least` and `award`."""
        found = history.matching(self.activity, self.within)
        if not len(found.lead):
            return found
        found = found.limited(self.limit, history.as_of).at_least(self.at_least)
        return found.latest if self.award == "once" else found

    def _surging(self, counted: "Picked") -> "tuple[Floats, Floats] | tuple[None, None]":
        if self.points <= 0:
            return None, None
        week = self.points * counted.total(counted.age < WEEK)
        return week, self.points * counted.total((counted.age >= WEEK) & (counted.age < 4 * WEEK))


def periods(limit: Limit, within: timedelta | None) -> float:
    """Return the largest number of limit periods that overlap the window, including partial ones."""
    if limit.period == "ever":
        return 1
    if within is None:
        return math.inf
    whole = math.ceil(within / _length(limit))
    return whole if isinstance(limit.period, timedelta) else whole + 1


def _length(limit: Limit) -> timedelta:
    return limit.period if isinstance(limit.period, timedelta) else SHORTEST[limit.period]
