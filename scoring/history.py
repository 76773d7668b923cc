"""What a chunk of leads did, as arrays in order of lead and age, and the questions that a scorecard asks of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.card import Activities, ActivityCondition, ActivityRule, Unanswered
from scoring.card.values import Limit, microseconds, normal
from scoring.conditions import Split, split
from scoring.frames import folded
from scoring.operators import asked, conjunction
from scoring.touchpoints import KEY

Ints = NDArray[np.signedinteger[Any]]
Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

DAY: Final = microseconds(timedelta(days=1))
WEEK: Final = 7 * DAY
MONDAY: Final = 3 * DAY
"""1970 began on a Thursday: so far is it from the Monday before."""
NEVER: Final = np.iinfo(np.int64).max


class Touchpoints:
    """All touchpoints by place, and which of them each condition allows: asked once, used for every chunk."""

    def __init__(self, frame: pl.DataFrame, conditions: Iterable[ActivityCondition], as_of: datetime) -> None:
        ordered = frame.sort("touchpoint")
        self.numbers: Ints = ordered["touchpoint"].cast(pl.Int64).to_numpy()
        self.frame = ordered.select(folded(pl.col(name), "text") for name in KEY)
        self._kinds: list[str | None] = self.frame["kind"].to_list()
        self._splits: dict[int, tuple[ActivityCondition, Split]] = {
            id(condition): (condition, split(condition, as_of)) for condition in conditions
        }
        self._allowed = self._masks()

    def _masks(self) -> dict[int, Flags]:
        columns = {
            str(key): conjunction(parts.touchpoint).fill_null(value=False) for key, (_, parts) in self._splits.items()
        }
        answers = asked(self.frame, columns)
        return {key: answers[str(key)].to_numpy() for key in self._splits}

    def places(self, numbers: Ints) -> Places:
        """Return the place of each touchpoint number."""
        if len(self.numbers) and self.numbers[0] == 0 and self.numbers[-1] == len(self.numbers) - 1:
            return numbers
        return np.searchsorted(self.numbers, numbers)

    def allowed(self, condition: ActivityCondition) -> Flags:
        """Return by place which touchpoints may meet a condition."""
        return self._allowed[id(condition)]

    def rest(self, condition: ActivityCondition) -> Split:
        """Return what is left to ask of each activity."""
        return self._splits[id(condition)][1]

    def of_kinds(self, kinds: tuple[str, ...]) -> Flags:
        """Return by place which touchpoints are of one of these kinds."""
        wanted = {normal(kind) for kind in kinds}
        return np.fromiter((kind in wanted for kind in self._kinds), np.bool_, len(self._kinds))


@dataclass(frozen=True)
class History:
    """The activities of `leads` leads, sorted by lead and then latest first; none of the future, none twice."""

    leads: int
    lead: Ints
    age: Ints
    place: Places
    """The place of each activity's touchpoint."""
    numbers: Mapping[str, Floats]
    """`seconds` and `value`, where a condition asks for them; NaN is missing."""
    touchpoints: Touchpoints
    as_of: int

    @property
    def moments(self) -> pl.Series:
        """Return when each activity happened."""
        return pl.Series(self.as_of - self.age).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")

    def matching(self, condition: ActivityCondition, within: timedelta | None = None) -> Places:
        """Return the activities that meet a condition inside the window."""
        found = np.flatnonzero(self.touchpoints.allowed(condition)[self.place])
        if within is not None:
            found = found[self.age[found] < microseconds(within)]
        rest = self.touchpoints.rest(condition)
        return found[self._pass(rest, found)] if rest.activity else found

    def _pass(self, rest: Split, found: Places) -> Flags:
        columns = {name: self._column(name, found) for name in sorted(rest.fields)}
        answer = pl.DataFrame(columns).select(conjunction(rest.activity).alias("#"))["#"]
        return answer.fill_null(value=False).to_numpy()

    def _column(self, name: str, found: Places) -> pl.Series:
        if name in KEY:
            return self.touchpoints.frame[name].gather(self.place[found])
        if name == "occurred_at":
            return self.moments.gather(found)
        return pl.Series(self.numbers[name][found]).fill_nan(None)

    def counts(self, found: Places) -> Ints:
        """Return how many of these activities each lead has."""
        return np.bincount(self.lead[found], minlength=self.leads)

    def totals(self, found: Places, points: Floats) -> Floats:
        """Return the points of these activities, added up for each lead."""
        return np.bincount(self.lead[found], points, self.leads).astype(np.float64, copy=False)

    def latest(self, found: Places) -> Places:
        """Return of these activities the latest of each lead."""
        return found[_begins(self.lead[found])]

    def youngest(self, found: Places) -> Ints:
        """Return the age of each lead's latest of these activities; NEVER where there is none."""
        ages = np.full(self.leads, NEVER)
        latest = self.latest(found)
        ages[self.lead[latest]] = self.age[latest]
        return ages

    def awarded(self, rule: ActivityRule) -> Places:
        """Return the activities that count for a rule: those that match, stay in the limit, are enough, are awarded."""
        found = self.matching(rule.activity, rule.within)
        if rule.limit:
            found = self._limited(found, rule.limit)
        if rule.at_least > 1:
            found = found[self.counts(found)[self.lead[found]] >= rule.at_least]
        return self.latest(found) if rule.award == "once" else found

    def _limited(self, found: Places, limit: Limit) -> Places:
        """Keep the latest in each period: activities of one lead and period stand together, latest first."""
        begins = _begins(self.lead[found], self._periods(found, limit))
        order = np.arange(len(found))
        since = order - np.maximum.accumulate(np.where(begins, order, 0))
        return found[since < limit.count]

    def _periods(self, found: Places, limit: Limit) -> Ints:
        moment = self.as_of - self.age[found]
        match limit.period:
            case "day":
                return moment // DAY
            case "week":
                return (moment + MONDAY) // WEEK
            case "month":
                return moment.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
            case "ever":
                return np.zeros(len(found), np.int64)
            case length:
                return self.age[found] // microseconds(length)

    def answer(self, question: Activities | Unanswered) -> pl.Series:
        """Return the count of matching activities for each lead, or whether one stands unanswered."""
        if isinstance(question, Activities):
            return pl.Series(self.counts(self.matching(question, question.within)))
        asking = self.youngest(self._of_kinds(question.kind, question.within))
        return pl.Series((asking < NEVER) & (asking < self.youngest(self._of_kinds(question.by, None))))

    def _of_kinds(self, kinds: tuple[str, ...], within: timedelta | None) -> Places:
        found = np.flatnonzero(self.touchpoints.of_kinds(kinds)[self.place])
        return found if within is None else found[self.age[found] < microseconds(within)]


def _begins(*keys: Ints) -> Flags:
    """Return where any key differs from the one before."""
    begins = np.ones(len(keys[0]), np.bool_)
    begins[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return begins
