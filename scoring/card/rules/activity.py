"""Activity rules: points for what the lead did."""

import math
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal

import numpy as np
import polars as pl
from pydantic import (
    BeforeValidator,
    Field,
    PrivateAttr,
    TypeAdapter,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from scoring.card.conditions import ActivityCondition, LeadCondition, PeriodText
from scoring.card.declarations import Declarations
from scoring.card.intervals import Intervals, keys_as_text, range_mistakes
from scoring.card.mistakes import CardMistake, refuse
from scoring.card.ranges import Range
from scoring.card.resets import Reset, Resettable
from scoring.card.rules.ahead import Ahead
from scoring.card.rules.base import BaseRule, Conditional, Decaying, Given, Points
from scoring.card.values import WEEK, Limit, LimitText, microseconds
from vocabulary.units import Duration

if TYPE_CHECKING:
    from scoring.conditions import Terms
    from scoring.history import History
    from scoring.picked import Picked
    from vocabulary.arrays import Floats

SHORTEST: Final = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=28),
    "quarter": timedelta(days=90),
    "year": timedelta(days=365),
}
SUMMER_TIME: Final = timedelta(hours=1)
"""What a day is shorter by when clocks are put forward."""
PERIODS: Final = 2000
"""This many past periods are added up exactly; the rest is estimated from above."""
NEGLIGIBLE: Final = 1e-9
"""Activities with a smaller share of their points left do not matter."""


def _by_form(raw: object, _handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
    """Read a mapping as points for how many there are, so that mistakes are reported for that form only."""
    return (
        _COUNTS.validate_python(raw, context=info.context) if isinstance(raw, Mapping) else _EACH.validate_python(raw)
    )


CountTable = Annotated[dict[str, Points], BeforeValidator(keys_as_text), Field(min_length=1)]
_COUNTS: Final = TypeAdapter(CountTable)
_EACH: Final = TypeAdapter(Points)


class ActivityRule(BaseRule, Decaying, Conditional, Resettable):
    """Points for what the lead did."""

    key: ClassVar = "activity"
    too_wide: ClassVar = "fires for every activity, including bounces and unsubscribes."

    activity: ActivityCondition = Field(description="The activities that give points.")
    points: Annotated[Points | CountTable, WrapValidator(_by_form)] = Field(
        description="The points per activity, positive or negative; or a table of points for how many count:"
        " `{1-2: 5, 3-9: 10, 10+: 15}`, which decay with the latest of them."
    )
    within: Duration | None = Field(None, description="Only count activities younger than this.")
    during: PeriodText | None = Field(None, description="Only count activities of this period, such as `this month`.")
    limit: LimitText | None = Field(
        None,
        description="How many activities count in each period, latest first: N per day, week, month, quarter or year,"
        " N per 90d (counted back from now), or N ever. `N per name` or `N per url` counts each name or URL apart.",
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
    def lead_conditions(self) -> Mapping[str, LeadCondition]:
        """The condition that opens the rule."""
        return self.opening

    @property
    def activity_fields(self) -> frozenset[str]:
        """What a limit counts apart."""
        return frozenset([self.limit.of] if self.limit and self.limit.of else [])

    @property
    def resets(self) -> tuple[Reset, ...]:
        """The moments from which on activities count."""
        return self.reset

    @property
    def fades(self) -> bool:
        """Always: activities have an age."""
        return True

    _even_days: bool = PrivateAttr(default=True)
    """Whether all days have 24 hours."""

    @model_validator(mode="after")
    def _check_counts(self, info: ValidationInfo) -> "ActivityRule":
        if isinstance(info.context, Declarations):
            self._even_days = info.context.calendar.zone == "UTC"
        if isinstance(self.points, dict):
            refuse("rule", self._count_mistakes(self.points))
        return self

    def _count_mistakes(self, points: dict[str, float]) -> Iterator[CardMistake]:
        yield from (mistake.below("points") for mistake in range_mistakes(points, least=1))
        for name in sorted({"at_least", "award"} & self.model_fields_set):
            remedy = "leave it out, or give each activity points"
            yield CardMistake((name,), f"`{name}` does not go with points for how many there are", remedy)

    @property
    def cap(self) -> float | None:
        """The rule's own maximum."""
        return self.maximum

    @property
    def uncut(self) -> Range:
        """The points of the largest number of activities that can count in full, or those in the table."""
        if isinstance(self.points, dict):
            return Range(min(0, *self.points.values()), max(0, *self.points.values()))
        most = abs(self.points) * self._full_activities() if self.points else 0
        return Range(-most if self.points < 0 else 0, most if self.points > 0 else 0)

    def never_enough(self) -> str | None:
        """Return a message if the limit leaves fewer activities than `at_least` needs."""
        if self.limit and not self.limit.of and self.limit.count * self._periods(self.limit) < self.at_least:
            where = "" if self.limit.period == "ever" else " in the window of `within`"
            return f"`limit: {self.limit}` leaves fewer than `at_least: {self.at_least}`{where}"
        return None

    def _full_activities(self) -> float:
        """Return the largest number of full-point activities that can count."""
        if self.award == "once":
            return 1
        if self.limit is None or self.limit.of:
            return math.inf
        return self.limit.count * self._full_periods(self.limit)

    def _full_periods(self, limit: Limit) -> float:
        """Return the sum of the shares that decay leaves of the best activity in each period, latest first.

        An activity in the n-th calendar period before the current one is at least n-1 periods old.
        """
        if limit.period == "ever":
            return 1
        counted_back = isinstance(limit.period, timedelta)
        ages = np.arange(PERIODS) * microseconds(self._length(limit))
        left = self.remaining(ages)
        if self.within is not None:
            left = np.where(ages < microseconds(self.within), left, 0.0)
        if left[-1] > NEGLIGIBLE:
            return math.inf
        return float(left.sum()) + (0 if counted_back else 1)

    def _periods(self, limit: Limit) -> float:
        """Return the largest number of limit periods that overlap the window, including partial ones."""
        if limit.period == "ever":
            return 1
        if self.within is None:
            return math.inf
        whole = math.ceil(self.within / self._length(limit))
        return whole if isinstance(limit.period, timedelta) else whole + 1

    def _length(self, limit: Limit) -> timedelta:
        """Return the shortest that a period can be."""
        if isinstance(limit.period, timedelta):
            return limit.period
        return SHORTEST[limit.period] - (timedelta(0) if self._even_days else SUMMER_TIME)

    def column(self, terms: "Terms") -> None:
        """Return None: an activity rule reads no column of the lead."""
        del terms

    def given(self, answers: "Floats | None", frame: pl.DataFrame, history: "History") -> Given:
        """Return the points of the activities that count, cut to the rule's maximum."""
        del answers, frame
        found = history.limited(history.matching(self.activity, self.within, self.during), self.limit)
        return self._by_count(found) if isinstance(self.points, dict) else self._for_each(found, self.points)

    def _for_each(self, found: "Picked", points: float) -> Given:
        counted = found.at_least(self.at_least) if len(found.lead) else found
        counted = counted.latest if self.award == "once" else counted
        if not len(counted.lead):
            return Given(np.zeros(found.leads), each=points)
        decayed = counted.total(points * self.remaining(counted.age))
        week, before = _surging(counted, max(points, 0.0))
        return Given(self._cut(decayed), counted, decayed, points, week, before)

    def _by_count(self, found: "Picked") -> Given:
        """Return the points for how many there are, which fade with the latest."""
        assert isinstance(self.points, dict)
        points = np.array([*self.points.values(), 0.0])[self._ranges.places(found.count.astype(np.float64))]
        latest = found.latest
        decayed = latest.total(points[latest.lead] * self.remaining(latest.age))
        week, before = _surging(latest, np.maximum(points, 0.0)[latest.lead])
        return Given(self._cut(decayed), found, decayed, week=week, before=before, undecayed=points)

    def ahead(self, given: Given, answers: "Floats | None", frame: pl.DataFrame, history: "History") -> Ahead:
        """Return until when the same activities count, and how their points fade."""
        del answers, frame
        until = history.until(self.activity, self.within, self.during, self.limit)
        if given.counted is None or given.decayed is None:
            return Ahead(until)
        counted = given.counted if given.undecayed is None else given.counted.latest
        until = np.minimum(until, counted.soonest(self.even_until(counted.age)))
        points = given.each if given.undecayed is None else given.undecayed[counted.lead]
        return self.fading(until, given.decayed, counted.total(points * (self.remaining(counted.age) > 0)))

    def _cut(self, decayed: "Floats") -> "Floats":
        bound = np.inf if self.maximum is None else self.maximum
        return np.clip(decayed, -bound, bound)

    @cached_property
    def _ranges(self) -> Intervals:
        assert isinstance(self.points, dict)
        return Intervals.of(self.points)


def _surging(counted: "Picked", points: "float | Floats") -> "tuple[Floats, Floats] | tuple[None, None]":
    """Return the positive points of the last 7 days and of the 21 days before."""
    if not np.any(points):
        return None, None
    week = counted.total(points * (counted.age < WEEK))
    return week, counted.total(points * ((counted.age >= WEEK) & (counted.age < 4 * WEEK)))
