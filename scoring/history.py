"""The activities of a chunk of leads, as arrays ordered by lead and age, and the questions a scorecard asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from scoring.card.calendar import UTC_CALENDAR, Calendar
from scoring.card.conditions import ActivitiesCondition, ActivityCondition, Unanswered
from scoring.card.operands import During
from scoring.card.rules.ahead import NOW, crossing, never
from scoring.card.values import AS_OF, Limit, Period, microseconds
from scoring.conditions import Split
from scoring.doings import THEIRS, TOUCHES
from scoring.frames import folded
from scoring.lookup import Lookup, fingerprints
from scoring.operators import asked
from scoring.periods import period_numbers
from scoring.picked import NEVER, Picked
from scoring.touchpoints import KEY
from scoring.turning import Turning
from vocabulary.arrays import Flags, Floats, Ints, Places
from vocabulary.fields import TIME

Splits = Mapping[str, Split]
"""The activity conditions of a scorecard, by content."""


class Touchpoints:
    """All touchpoints, and which of them each condition allows. This is evaluated once and used for every chunk.

    Touchpoints that the same conditions allow form a family. There are few families even with many touchpoints.
    """

    def __init__(self, splits: Splits) -> None:
        self._splits = splits
        self._families = Lookup()
        self._answers = pl.DataFrame()
        self.numbers: Ints = np.zeros(0, np.int64)
        self.family: Ints = np.zeros(0, np.uint8)
        self.frame = pl.DataFrame(schema=dict.fromkeys(KEY, pl.String()))
        self.names = pl.Series("name", [], pl.String)
        """The names as they were given, to be shown."""
        self.whose: Ints = np.zeros(0, np.int8)
        """The place of each touchpoint's kind in `TOUCHES`, `MESSAGE` if the lead writes to us, `NEITHER` else."""
        self._allowed: dict[str, Places] = {key: np.zeros(0, np.intp) for key in splits}

    @property
    def families(self) -> int:
        """The number of families."""
        return len(self._families)

    def known(self, frame: pl.DataFrame) -> "Touchpoints":
        """Add the new touchpoints of `frame` (`touchpoint`, `kind`, `url`, `name`) and return self.

        A touchpoint number never changes its meaning, so known ones are not evaluated again.
        """
        last = self.numbers[-1] if len(self.numbers) else -1
        new = frame.filter(pl.col("touchpoint") > last) if len(self.numbers) else frame
        if not new.is_empty() or not len(self._answers.columns):
            self._ask(new.sort("touchpoint"))
        return self

    def _ask(self, ordered: pl.DataFrame) -> None:
        """Evaluate every condition for touchpoints with higher numbers than all before."""
        frame = ordered.select(folded(pl.col(name), "text") for name in KEY)
        answers = asked(frame, {key: split.touchpoint for key, split in self._splits.items()})
        alike = fingerprints(answers)
        first = self._families.learn(alike)
        self._answers = pl.concat([self._answers, answers[first]]) if self._answers.columns else answers[first]
        self.numbers = np.concatenate([self.numbers, ordered["touchpoint"].cast(pl.Int64).to_numpy()])
        self.frame = pl.concat([self.frame, frame])
        self.whose = np.concatenate([self.whose, _whose(frame["kind"])])
        self.names = pl.concat([self.names, ordered["name"].cast(pl.String)])
        family = self._families.find(alike).astype(np.min_scalar_type(self.families))
        self.family = np.concatenate([self.family, family]) if len(self.family) else family
        self._allowed = {key: np.flatnonzero(self._answers[key].to_numpy()) for key in self._splits}

    def places(self, numbers: Ints) -> Places:
        """Return the place of each touchpoint number."""
        if len(self.numbers) and self.numbers[0] == 0 and self.numbers[-1] == len(self.numbers) - 1:
            return numbers
        return np.searchsorted(self.numbers, numbers)

    def allowed(self, condition: ActivityCondition) -> Places:
        """Return the families whose touchpoints can meet a condition."""
        return self._allowed[condition.content]

    def any_allowed(self, conditions: Sequence[ActivityCondition]) -> Flags:
        """Return whether each touchpoint can meet one of these conditions."""
        families = np.zeros(self.families, np.bool_)
        for condition in conditions:
            families[self.allowed(condition)] = True
        return families[self.family]

    def rest(self, condition: ActivityCondition) -> Split:
        """Return the part of a condition to evaluate for each activity."""
        return self._splits[condition.content]


NEITHER: Final = -1
MESSAGE: Final = -2


def _whose(kinds: pl.Series) -> Ints:
    codes = {kind: place for place, kind in enumerate(TOUCHES)} | dict.fromkeys(THEIRS, MESSAGE)
    return kinds.replace_strict(codes, default=NEITHER, return_dtype=pl.Int8).to_numpy()


@dataclass(frozen=True)
class History:
    """The activities of `leads` leads, sorted by lead and then latest first, without duplicates and future ones."""

    leads: int
    lead: Ints
    age: Ints
    place: Places
    """The place of each activity's touchpoint."""
    numbers: Mapping[str, Floats]
    """`seconds` and `value`, if a condition uses them; NaN is missing."""
    touchpoints: Touchpoints
    as_of: Ints
    """The time to score each lead for, in microseconds since 1970."""
    calendar: Calendar = UTC_CALENDAR
    scored_for: int = 0
    """The time to score for where there are no leads, but accounts."""
    begins: Ints | None = None
    """The age at which each lead's history begins; only younger activities match."""

    def at(self, moments: Ints) -> "History":
        """Return the history of the only lead as seen at each of these later times."""
        times, grown = len(moments), np.repeat(moments - self.as_of[0], len(self.age))
        return History(
            leads=times,
            lead=np.repeat(np.arange(times), len(self.age)),
            age=np.tile(self.age, times) + grown,
            place=np.tile(self.place, times),
            numbers={name: np.tile(column, times) for name, column in self.numbers.items()},
            touchpoints=self.touchpoints,
            as_of=moments,
            calendar=self.calendar,
        )

    def later(self, chosen: Ints, moments: Ints) -> "History":
        """Return the history of some leads as seen at a later time of each, if nothing happens.

        A lead may be chosen more than once.
        """
        first, end = (np.searchsorted(self.lead, chosen, side) for side in ("left", "right"))
        count = end - first
        lead = np.repeat(np.arange(len(chosen)), count)
        kept = np.arange(len(lead)) + np.repeat(first - (np.cumsum(count) - count), count)
        return replace(
            self,
            leads=len(chosen),
            lead=lead,
            age=self.age[kept] + (moments - self.as_of[chosen])[lead],
            place=self.place[kept],
            numbers={name: column[kept] for name, column in self.numbers.items()},
            as_of=moments,
        )

    def earlier(self, by: int) -> "Earlier":
        """Return the history as it was some microseconds before."""
        return Earlier(
            leads=self.leads,
            lead=self.lead,
            age=self.age - by,
            place=self.place,
            numbers=self.numbers,
            touchpoints=self.touchpoints,
            as_of=self.as_of - by,
            calendar=self.calendar,
            now=self,
            by=by,
        )

    def latest_touch(self) -> tuple[Ints, Ints]:
        """Return the age of each lead's latest touch by sales, NEVER for none, and its kind's place in `TOUCHES`."""
        codes = self.touchpoints.whose[self.place]
        at = np.flatnonzero(codes >= 0)
        ages, kinds = self._youngest(at), np.full(self.leads, len(TOUCHES))
        last = at[self.age[at] == ages[self.lead[at]]]
        np.minimum.at(kinds, self.lead[last], codes[last])
        return ages, kinds

    def latest_message(self) -> Ints:
        """Return the age of the latest activity by which each lead writes to us; NEVER for none."""
        return self._youngest(np.flatnonzero(self.touchpoints.whose[self.place] == MESSAGE))

    def _youngest(self, at: Ints) -> Ints:
        """Return the age of each lead's latest of these activities; NEVER for none."""
        ages = np.full(self.leads, NEVER)
        ages[self.lead[at[::-1]]] = self.age[at[::-1]]
        return ages

    def without(self, old: Ints) -> "History":
        """Return the same history without the activities of each lead that are as old as this, or older."""
        begins = old if self.begins is None else np.minimum(old, self.begins)
        later = replace(self, begins=begins)
        later.__dict__.update({"_by_family": self._by_family, "_found": self._found})
        return later

    def together(self, of: Ints, as_of: Ints, asked: Sequence[ActivityCondition] | None) -> "History":
        """Return the histories of groups: what all their leads have, of the group in place `of`, -1 for none.

        `as_of`: the time to score each group for. Only what these conditions ask for is kept; all without conditions.
        """
        group = of[self.lead]
        kept = (group >= 0) & (self.age >= 0)
        if self.begins is not None:
            kept &= self.age < self.begins[self.lead]
        if asked is not None:
            kept &= self.touchpoints.any_allowed(asked)[self.place]
        at = np.flatnonzero(kept)
        at = at[np.argsort(self.age[at])]
        at = at[np.argsort(group[at].astype(np.min_scalar_type(len(as_of))), kind="stable")]
        return History(
            leads=len(as_of),
            lead=group[at],
            age=self.age[at],
            place=self.place[at],
            numbers={name: column[at] for name, column in self.numbers.items()},
            touchpoints=self.touchpoints,
            as_of=as_of,
            calendar=self.calendar,
        )

    @property
    def there(self) -> Places:
        """Return the positions of the activities since each lead's history begins."""
        if self.begins is None:
            return np.arange(len(self.age))
        return np.flatnonzero(self.age < self.begins[self.lead])

    @property
    def moments(self) -> pl.Series:
        """Return the time of each activity."""
        return pl.Series(self.as_of[self.lead] - self.age).cast(TIME)

    def matching(
        self, condition: ActivityCondition, within: timedelta | None = None, during: During | None = None
    ) -> Picked:
        """Return the activities that meet a condition inside the window and in the period."""
        found = self.allowed(condition)
        if self.begins is not None:
            found = found.only(found.age < self.begins[found.lead])
        found = self.narrowed(found, within, during)
        rest = self.touchpoints.rest(condition)
        if rest.activity is None or not len(found.at):
            return found
        return found.only(self._pass(rest.activity, rest, found.at))

    def until(
        self,
        condition: ActivityCondition,
        within: timedelta | None = None,
        during: During | None = None,
        limit: Limit | None = None,
    ) -> Ints:
        """Return in how many microseconds time alone can change which activities of each lead match and count."""
        own = self.touchpoints.rest(condition).turning
        window = () if within is None else (microseconds(within),)
        turning = Turning((*own.ages, *window), own.periods if during is None else (*own.periods, during))
        until = self._turns(condition, turning)
        if limit is None or not isinstance(limit.period, timedelta):
            return until
        found, period = self.matching(condition, within, during), microseconds(limit.period)
        shifting = found.only(found.count[found.lead] > limit.count)
        return np.minimum(until, shifting.soonest(period - shifting.age % period))

    def until_enough(self, asked: ActivitiesCondition) -> Ints:
        """Return in how many microseconds time alone can change whether enough activities match, and not too many."""
        if asked.within is None or asked.during is not None or self.touchpoints.rest(asked).turning:
            return self.until(asked, asked.within, asked.during)
        found = self.matching(asked, asked.within)
        decides = found.rank == asked.least - 1
        if asked.at_most is not None:
            decides |= found.rank == asked.at_most
        last = found.only(decides)
        return last.soonest(crossing(last.age, microseconds(asked.within)))

    def until_asked(self, question: ActivitiesCondition | Unanswered) -> Ints:
        """Return in how many microseconds time alone can change what a condition says of a question's answer."""
        if isinstance(question, Unanswered):
            return self.until(question.asking, question.within)
        return self.until_enough(question)

    def until_younger(self, age: int) -> Ints:
        """Return in how many microseconds the next activity of each lead comes to an age."""
        young = np.flatnonzero(self.age <= age)
        until = never(self.leads)
        np.minimum.at(until, self.lead[young], np.maximum(age - self.age[young], NOW))
        return until

    def _turns(self, condition: ActivityCondition, turning: Turning) -> Ints:
        if not turning or not len(self.as_of):
            return never(self.leads)
        found = self.allowed(condition)
        if self.begins is not None:
            found = found.only(found.age < self.begins[found.lead])
        return found.soonest(turning.until(found.age, int(self.as_of[0]), self.calendar))

    def narrowed(self, found: Picked, within: timedelta | None, during: During | None) -> Picked:
        """Return those of a selection that are inside the window and in the period."""
        return self._during(found.within(within), during)

    def allowed(self, condition: ActivityCondition) -> Picked:
        """Return the activities whose touchpoints can meet a condition."""
        if condition.content not in self._found:
            at = self._of_families(self.touchpoints.allowed(condition))
            self._found[condition.content] = Picked(self.leads, self.lead[at], self.age[at], at)
        return self._found[condition.content]

    @cached_property
    def _found(self) -> dict[str, Picked]:
        """What was found for each condition, which an earlier history uses again."""
        return {}

    def _during(self, found: Picked, during: During | None) -> Picked:
        if during is None or not len(found.at):
            return found
        now = period_numbers(self.as_of, during.period, self.calendar)
        return found.only(self._periods(during.period, found) == now[found.lead] + during.ahead)

    @cached_property
    def _by_family(self) -> tuple[Places, Ints]:
        """The activities grouped by family, each in order, and the start of each family."""
        family = self.touchpoints.family[self.place]
        sizes = np.bincount(family, minlength=self.touchpoints.families)
        return np.argsort(family, kind="stable"), np.concatenate([[0], np.cumsum(sizes)])

    def _of_families(self, families: Places) -> Places:
        """Return the activities of some families, in order."""
        order, begins = self._by_family
        if len(families) == 1:
            return order[begins[families[0]] : begins[families[0] + 1]]
        lengths = begins[families + 1] - begins[families]
        ends = np.cumsum(lengths)
        if not len(ends) or not ends[-1]:
            return order[:0]
        found = np.arange(ends[-1]) + np.repeat(begins[families] - ends + lengths, lengths)
        return np.sort(order[found])

    def _pass(self, activity: pl.Expr, rest: Split, at: Places) -> Flags:
        columns = {name: self.column(name, at) for name in sorted(rest.fields)}
        moment = pl.Series(AS_OF, self.as_of[self.lead[at]]).cast(TIME)
        answer = pl.DataFrame(columns).with_columns(moment).select(activity.alias("#"))["#"]
        return answer.fill_null(value=False).to_numpy()

    def column(self, name: str, at: Places) -> pl.Series:
        """Return a field of some activities, null where it is missing."""
        if name in KEY:
            return self.touchpoints.frame[name].gather(self.place[at])
        if name == "occurred_at":
            return self.moments.gather(at)
        return pl.Series(self.numbers[name][at]).fill_nan(None)

    def limited(self, found: Picked, limit: Limit | None) -> Picked:
        """Return the latest of a selection in each period of a limit."""
        if limit is None or not len(found.at):
            return found
        keys = None if limit.of is None else self._keys(limit.of, found.at)
        return found.limited(limit.count, self._periods(limit.period, found), keys)

    def _periods(self, period: Period | str, found: Picked) -> Ints:
        """Return the period of each activity of a selection."""
        if isinstance(period, timedelta):
            return found.age // microseconds(period)
        if period == "ever":
            return np.zeros(len(found.at), np.int64)
        return period_numbers(self.as_of[found.lead] - found.age, period, self.calendar)

    def _keys(self, name: str, at: Places) -> Ints:
        """Return equal numbers for activities of an equal name or URL; those without one share a number."""
        places, which = np.unique(self.place[at], return_inverse=True)
        texts = self.touchpoints.frame[name].gather(places)
        return texts.rank("dense").fill_null(0).cast(pl.Int64).to_numpy()[which]

    def answer(self, question: ActivitiesCondition | Unanswered) -> pl.Series:
        """Return the number of matching activities of each lead, or whether one is unanswered."""
        if isinstance(question, ActivitiesCondition):
            return pl.Series(self.matching(question, question.within, question.during).count)
        asking = self.matching(question.asking, question.within).youngest
        return pl.Series((asking < NEVER) & (asking < self.matching(question.answering).youngest))


@dataclass(frozen=True)
class Earlier(History):
    """A history as it was before: it has the activities of now, and finds only those from before its time."""

    now: History | None = None
    by: int = 0

    def without(self, old: Ints) -> "Earlier":
        """Return the same history without the activities of each lead that are as old as this, or older."""
        return replace(self, begins=old if self.begins is None else np.minimum(old, self.begins))

    def allowed(self, condition: ActivityCondition) -> Picked:
        """Return the activities whose touchpoints can meet a condition, found in the history of now."""
        assert self.now is not None
        found = self.now.allowed(condition)
        kept = np.flatnonzero(found.age >= self.by)
        return Picked(self.leads, found.lead[kept], found.age[kept] - self.by, found.at[kept])
