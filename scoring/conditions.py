"""Conditions as Polars expressions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.card.conditions import (
    COMPUTED,
    ActivitiesCondition,
    ActivityCondition,
    LeadCondition,
    Test,
    Unanswered,
)
from scoring.card.figures import DealCondition
from scoring.card.operands import ACTIVITY_FIELDS, NOWHERE, Scope
from scoring.operators import asked, conjunction, disjunction, passes
from scoring.turning import STILL, Turning, turning
from vocabulary.fields import FieldType

TOUCHPOINT_FIELDS: Final = frozenset({"kind", "url", "name"})
SURGE: Final = "#surge"


Answers = NDArray[np.int8]
"""The value of a condition for each lead: 1 true, 0 false, -1 unknown."""


@dataclass(frozen=True)
class Terms:
    """Turns conditions on leads into expressions."""

    scope: Scope
    place: str = ""
    """Distinguishes the questions about the history of a place from those of others."""
    _ready: dict[str, pl.Expr] = field(default_factory=dict)
    """The expressions built so far, by the content of the condition."""

    @property
    def fields(self) -> Mapping[str, FieldType]:
        """The declared fields with their types."""
        return self.scope.fields

    def ask(self, frame: pl.DataFrame, conditions: Sequence[LeadCondition | None]) -> list[Answers]:
        """Return the value of each condition for each lead; a missing condition is false."""
        columns = {one.content: self._answer(one) for one in conditions if one is not None}
        answers = asked(frame, columns) if columns else frame
        never = np.zeros(frame.height, np.int8)
        return [never if one is None else answers[one.content].to_numpy() for one in conditions]

    def _answer(self, condition: LeadCondition) -> pl.Expr:
        if condition.content not in self._ready:
            self._ready[condition.content] = self.holds(condition).cast(pl.Int8).fill_null(-1)
        return self._ready[condition.content]

    def holds(self, condition: LeadCondition) -> pl.Expr:
        """Return whether a condition holds: true, false, or null for unknown."""
        parts = [*self._fields(condition), *self._computed(condition), *self._history(condition)]
        parts += [self.holds(one) for one in condition.all or ()]
        parts += [disjunction([self.holds(one) for one in condition.any])] if condition.any is not None else []
        parts += [~self.holds(condition.not_)] if condition.not_ else []
        return conjunction(parts)

    def _fields(self, condition: LeadCondition) -> Iterator[pl.Expr]:
        for name, test in condition.field_tests.items():
            yield passes(pl.col(name), test, self.fields[name], self.scope)

    def _computed(self, condition: LeadCondition) -> Iterator[pl.Expr]:
        for name, test in condition.computed_tests.items():
            yield passes(pl.col(f"#{name}"), test, COMPUTED[name], self.scope)

    def _history(self, condition: LeadCondition) -> Iterator[pl.Expr]:
        if condition.activities:
            count = pl.col(feature(condition.activities, self.place))
            yield count >= condition.activities.least
            if condition.activities.at_most is not None:
                yield count <= condition.activities.at_most
        if condition.unanswered:
            yield pl.col(feature(condition.unanswered, self.place))
        if condition.surge:
            yield _surging(condition.surge.points, condition.surge.at_least)


def _surging(points: float, at_least: float) -> pl.Expr:
    """Return whether the last week reaches `points` and `at_least` times a third of the three weeks before."""
    usual = pl.col(f"{SURGE}:before") / 3
    return (pl.col(f"{SURGE}:week") >= points) & (pl.col(f"{SURGE}:week") >= at_least * usual)


def feature(asked: ActivitiesCondition | Unanswered, place: str = "") -> str:
    """Return the name of the column for a question about the history of a place. Equal questions share a column."""
    return f"#{place}{type(asked).__name__}{asked.model_dump_json(exclude={'at_least', 'at_most'}, exclude_none=True)}"


def deal_holds(condition: DealCondition, scope: Scope) -> pl.Expr:
    """Return whether a deal meets a condition: true, false, or null for unknown."""
    parts = [passes(pl.col(name), test, scope.fields[name], scope) for name, test in condition.field_tests.items()]
    parts += [deal_holds(one, scope) for one in condition.all or ()]
    parts += [disjunction([deal_holds(one, scope) for one in condition.any])] if condition.any is not None else []
    parts += [~deal_holds(condition.not_, scope)] if condition.not_ else []
    return conjunction(parts)


def tests_of_deals(name: str, conditions: Sequence[DealCondition]) -> Iterator[Test]:
    """Yield every test of a field of deals, those of nested conditions too."""
    for one in conditions:
        if name in one.field_tests:
            yield one.field_tests[name]
        nested = (*(one.all or ()), *(one.any or ()), *([one.not_] if one.not_ else []))
        yield from tests_of_deals(name, nested)


@dataclass(frozen=True)
class Split:
    """An activity condition in two parts that must both hold: one on the touchpoint, one on the single activity."""

    touchpoint: pl.Expr
    activity: pl.Expr | None
    """None if the touchpoint alone decides."""
    fields: frozenset[str]
    """The fields that the second part uses."""
    turning: Turning = STILL
    """What makes time alone change the answer."""


def split(condition: ActivityCondition, scope: Scope = NOWHERE) -> Split:
    """Separate what kind, url and name decide, once per touchpoint, from what each activity decides."""
    parts = list(_conjuncts(condition, scope))
    touchpoint = [part for part, named in parts if named <= TOUCHPOINT_FIELDS]
    activity = [part for part, named in parts if not named <= TOUCHPOINT_FIELDS]
    fields = frozenset[str]().union(*(named for _, named in parts if not named <= TOUCHPOINT_FIELDS))
    whole = conjunction(touchpoint).fill_null(value=False)
    return Split(whole, conjunction(activity) if activity else None, fields, turning(_times_of(condition)))


def _conjuncts(condition: ActivityCondition, scope: Scope) -> Iterator[tuple[pl.Expr, frozenset[str]]]:
    """Yield the parts that must all hold, each with the fields that it uses."""
    for name, test in condition.tests.items():
        yield passes(pl.col(name), test, ACTIVITY_FIELDS[name], scope), frozenset({name})
    for one in condition.all or ():
        yield from _conjuncts(one, scope)
    if condition.any is not None:
        fields = frozenset[str]().union(*(one.fields for one in condition.any))
        yield disjunction([activity_holds(one, scope) for one in condition.any]), fields
    if condition.not_:
        yield ~activity_holds(condition.not_, scope), condition.not_.fields


def _times_of(condition: ActivityCondition) -> Iterator[Test]:
    """Yield every test of when the activity happened."""
    if condition.occurred_at is not None:
        yield condition.occurred_at
    for one in (*(condition.all or ()), *(condition.any or ()), *([condition.not_] if condition.not_ else [])):
        yield from _times_of(one)


def activity_holds(condition: ActivityCondition, scope: Scope = NOWHERE) -> pl.Expr:
    """Return whether an activity meets a condition: true, false, or null for unknown."""
    return conjunction([part for part, _ in _conjuncts(condition, scope)])
