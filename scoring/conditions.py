"""Conditions as Polars expressions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from scoring.card import Activities, ActivityCondition, LeadCondition, LeadRule, Scorecard, Unanswered
from scoring.card.conditions import ACTIVITY_FIELDS, COMPUTED
from scoring.card.values import FieldType
from scoring.operators import conjunction, disjunction, passes

TOUCHPOINT_FIELDS: Final = frozenset({"kind", "url", "name"})
SURGE: Final = "#surge"
"""Columns that the engine computes begin with #, which no field may."""


@dataclass(frozen=True)
class Terms:
    """What a condition on a lead refers to."""

    fields: Mapping[str, FieldType]
    stages: tuple[str, ...]
    as_of: datetime

    def holds(self, condition: LeadCondition) -> pl.Expr:
        """Return whether a condition holds: true, false, or null for unknown."""
        parts = [*self._fields(condition), *self._computed(condition), *_history(condition)]
        parts += [self.holds(one) for one in condition.all or ()]
        parts += [disjunction([self.holds(one) for one in condition.any])] if condition.any is not None else []
        parts += [~self.holds(condition.not_)] if condition.not_ else []
        return conjunction(parts)

    def _fields(self, condition: LeadCondition) -> Iterator[pl.Expr]:
        for name, test in condition.field_tests.items():
            yield passes(pl.col(name), test, self.fields[name], self.as_of)

    def _computed(self, condition: LeadCondition) -> Iterator[pl.Expr]:
        for name, test in condition.computed_tests.items():
            yield passes(pl.col(f"#{name}"), test, COMPUTED[name], self.as_of, self.stages)


def _history(condition: LeadCondition) -> Iterator[pl.Expr]:
    if condition.activities:
        count = pl.col(feature(condition.activities))
        yield count >= condition.activities.least
        if condition.activities.at_most is not None:
            yield count <= condition.activities.at_most
    if condition.unanswered:
        yield pl.col(feature(condition.unanswered))
    if condition.surge:
        yield _surging(condition.surge.points, condition.surge.at_least)


def _surging(points: float, at_least: float) -> pl.Expr:
    """Compare the last week with a third of the three weeks before."""
    usual = pl.col(f"{SURGE}:before") / 3
    return (pl.col(f"{SURGE}:week") >= points) & (pl.col(f"{SURGE}:week") >= at_least * usual)


def feature(asked: Activities | Unanswered) -> str:
    """Return the name of the column that answers a question about the history; the same question, the same name."""
    return f"#{type(asked).__name__}{asked.model_dump_json(exclude={'at_least', 'at_most'}, exclude_none=True)}"


def lead_conditions(card: Scorecard) -> Iterator[LeadCondition]:
    """Yield every condition on a lead in the scorecard, nested ones too."""
    for condition in _outer(card):
        if condition is not None:
            yield from _with_nested(condition)


def _with_nested(condition: LeadCondition) -> Iterator[LeadCondition]:
    yield condition
    for inner in condition.nested:
        yield from _with_nested(inner)


def _outer(card: Scorecard) -> Iterator[LeadCondition | None]:
    for section in card.score.sections.values() if card.score else ():
        yield from (rule.lead for rule in section.rules if isinstance(rule, LeadRule))
    if card.grade:
        yield card.grade.disqualified
        for profile in card.grade.profiles:
            yield profile.applies
            for criterion in profile.criteria:
                yield from (criterion.match, criterion.partial)
    if card.readiness:
        for stage in card.readiness.stages:
            yield from (stage.when, stage.keep)
        yield from (urgency.when for urgency in card.readiness.urgency)
    if card.priority:
        yield from (first.when for first in card.priority.first)


@dataclass(frozen=True)
class Split:
    """An activity condition in two parts that must both hold: of the touchpoint, and of the single activity."""

    touchpoint: list[pl.Expr]
    activity: list[pl.Expr]
    fields: frozenset[str]
    """The fields that the second part names."""


def split(condition: ActivityCondition, as_of: datetime) -> Split:
    """Separate what kind, url and name decide, once a touchpoint, from what each activity decides."""
    touchpoint: list[pl.Expr] = []
    activity: list[pl.Expr] = []
    fields: set[str] = set()
    for part, named in _conjuncts(condition, as_of):
        (touchpoint if named <= TOUCHPOINT_FIELDS else activity).append(part)
        fields |= named if not named <= TOUCHPOINT_FIELDS else set()
    return Split(touchpoint, activity, frozenset(fields))


def _conjuncts(condition: ActivityCondition, as_of: datetime) -> Iterator[tuple[pl.Expr, frozenset[str]]]:
    """Yield the parts that must all hold, each with the fields that it names."""
    for name, test in condition.tests.items():
        yield passes(pl.col(name), test, ACTIVITY_FIELDS[name], as_of), frozenset({name})
    for one in condition.all or ():
        yield from _conjuncts(one, as_of)
    if condition.any is not None:
        fields = frozenset[str]().union(*(one.fields for one in condition.any))
        yield disjunction([activity_holds(one, as_of) for one in condition.any]), fields
    if condition.not_:
        yield ~activity_holds(condition.not_, as_of), condition.not_.fields


def activity_holds(condition: ActivityCondition, as_of: datetime) -> pl.Expr:
    """Return whether an activity meets a condition: true, false, or null for unknown."""
    return conjunction([part for part, _ in _conjuncts(condition, as_of)])
