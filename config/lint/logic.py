"""Conditions as alternatives of simple facts, in three-valued logic.

A condition is *true*, *false* or *unknown*. For each of four outcomes it can be expanded into a list of alternatives,
each a list of facts that must hold together. The expansion is exact, so conclusions from it are proofs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from itertools import product
from math import prod
from typing import Any

from scoring.card.conditions import (
    COMPUTED,
    ActivitiesCondition,
    ActivityCondition,
    LeadCondition,
    Surge,
    Test,
    Unanswered,
    converted,
)
from scoring.card.operands import ACTIVITY_FIELDS, During, Other, Scope, ValueType
from scoring.card.operators import BY_NAME
from vocabulary.fields import FieldType
from vocabulary.units import written as duration_text

MOST = 2000
"""A condition with more alternatives than this is skipped: nothing is proved about it."""


NEVER_MISSING = frozenset({"kind", "occurred_at"})
"""Fields that every activity has."""


class TooManyError(Exception):
    """Raised if a condition has more than `MOST` alternatives."""


class Outcome(Enum):
    """The wanted outcome of a condition: (result for a known value, whether a missing value is fine too)."""

    TRUE = (True, False)
    FALSE = (False, False)
    NOT_TRUE = (False, True)
    NOT_FALSE = (True, True)  # `opposite` finds it by its value

    @property
    def holds(self) -> bool:
        """Whether the test holds on a known value."""
        return self.value[0]

    @property
    def missing(self) -> bool:
        """Whether a missing value brings this outcome about."""
        return self.value[1]

    @property
    def opposite(self) -> "Outcome":
        """The outcome needed of the condition inside a `not`."""
        return Outcome((not self.holds, self.missing))


@dataclass(frozen=True, slots=True)
class Fact:
    """One operator applied to one value, with its outcome."""

    subject: str
    type: ValueType
    operator: str
    operand: Any
    written: Any
    outcome: Outcome
    never_missing: bool

    @property
    def operands(self) -> tuple[Any, ...]:
        """The values to compare with."""
        return self.operand if isinstance(self.operand, tuple) else (self.operand,)

    @property
    def refers(self) -> bool:
        """Whether it compares with another field, so that nothing is known about the value."""
        return any(isinstance(one, Other) for one in self.operands)

    @property
    def wants_member(self) -> bool:
        """Whether the value must be one of the operands; if False, it must be none of them."""
        return (self.operator in {"is", "in", "contains"}) is self.outcome.holds

    def __str__(self) -> str:
        said = f"[{', '.join(map(str, self.written))}]" if isinstance(self.written, list | tuple) else self.written
        return f"{'' if self.outcome.holds else 'not '}`{self.operator}: {said}`"


@dataclass(frozen=True, slots=True)
class Count:
    """The number of matching activities lies between `least` and `most`."""

    condition: ActivityCondition
    within: timedelta | None
    during: During | None = None
    least: int = 0
    most: float = float("inf")


@dataclass(frozen=True, slots=True)
class Opaque:
    """A part that is not analysed further: it holds or it does not."""

    part: Unanswered | Surge
    holds: bool


@dataclass(frozen=True, slots=True)
class Never:
    """Something impossible, with the reason."""

    why: str


Alternative = tuple[Fact | Count | Opaque | Never, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Expands conditions, given the types of the fields and the names of the stages."""

    scope: Scope

    @property
    def fields(self) -> Mapping[str, FieldType]:
        """The declared fields with their types."""
        return self.scope.fields

    def alternatives(self, condition: LeadCondition | ActivityCondition, outcome: Outcome) -> list[Alternative]:
        """Return the alternatives in which a condition has an outcome. Raise TooManyError if there are too many."""
        parts = list(self._parts(condition, outcome))
        return joined(parts) if outcome.holds else either(parts)

    def _parts(self, condition: LeadCondition | ActivityCondition, outcome: Outcome) -> Iterator[list[Alternative]]:
        if condition.all is not None:
            inner = [self.alternatives(one, outcome) for one in condition.all]
            yield joined(inner) if outcome.holds else either(inner)
        if condition.any is not None:
            inner = [self.alternatives(one, outcome) for one in condition.any]
            yield either(inner) if outcome.holds else joined(inner)
        if condition.not_ is not None:
            yield self.alternatives(condition.not_, outcome.opposite)
        for name, test, value_type in self._tests(condition):
            known = name in (NEVER_MISSING if isinstance(condition, ActivityCondition) else set(COMPUTED) - {"grade"})
            yield from self._operators(name, test, value_type, outcome, never_missing=known)
        if isinstance(condition, LeadCondition):
            yield from self._history(condition, outcome)

    def _tests(self, condition: LeadCondition | ActivityCondition) -> Iterator[tuple[str, Test, ValueType]]:
        if isinstance(condition, ActivityCondition):
            yield from ((name, test, ACTIVITY_FIELDS[name]) for name, test in condition.tests.items())
            return
        yield from ((name, test, self.fields[name]) for name, test in condition.field_tests.items())
        yield from ((name, test, COMPUTED[name]) for name, test in condition.computed_tests.items())

    def _operators(
        self, name: str, test: Test, value_type: ValueType, outcome: Outcome, *, never_missing: bool
    ) -> Iterator[list[Alternative]]:
        if test.or_missing:
            outcome = Outcome((outcome.holds, outcome.holds))
        for operator, written in test.operators.items():
            if value_type == "member_of":
                outcome = Outcome((outcome.holds, (BY_NAME[operator].denies is not None) is outcome.holds))
            operand = converted(operator, written, value_type, self.scope)
            if operator == "contains_any":
                facts = [[(Fact(name, value_type, "contains", one, one, outcome, never_missing),)] for one in operand]
                yield either(facts) if outcome.holds else joined(facts)
            else:
                yield [(Fact(name, value_type, operator, operand, _plain(written), outcome, never_missing),)]

    def _history(self, condition: LeadCondition, outcome: Outcome) -> Iterator[list[Alternative]]:
        if condition.activities is not None:
            yield list(_counts(condition.activities, holds=outcome.holds))
        if condition.unanswered is not None:
            yield list(_unanswered(condition.unanswered, holds=outcome.holds))
        if condition.surge is not None:
            yield [(Opaque(condition.surge, outcome.holds),)]


def _plain(written: Any) -> Any:
    if isinstance(written, timedelta):
        return duration_text(written)
    return str(written).lower() if isinstance(written, bool) else written


def _counts(activities: ActivitiesCondition, *, holds: bool) -> Iterator[Alternative]:
    most = float("inf") if activities.at_most is None else activities.at_most
    if holds:
        yield (Count(activities, activities.within, activities.during, activities.least, most),)
        return
    if activities.least > 0:
        yield (Count(activities, activities.within, activities.during, 0, activities.least - 1),)
    if activities.at_most is not None:
        yield (Count(activities, activities.within, activities.during, activities.at_most + 1),)


def _unanswered(part: Unanswered, *, holds: bool) -> Iterator[Alternative]:
    if not holds:
        yield (Opaque(part, holds),)
    elif set(part.kind) <= set(part.by):
        yield (Never(f"`unanswered`: {', '.join(part.kind)} is also in `by`, so it answers itself"),)
    else:
        asked = ActivityCondition.model_validate({"kind": list(part.kind)})
        yield (Opaque(part, holds), Count(asked, part.within, least=1))


def joined(parts: Sequence[Sequence[Alternative]]) -> list[Alternative]:
    """Return the alternatives in which all parts hold: every combination of one from each."""
    if prod(map(len, parts)) > MOST:
        raise TooManyError
    return [tuple(fact for facts in chosen for fact in facts) for chosen in product(*parts)]


def either(parts: Sequence[Sequence[Alternative]]) -> list[Alternative]:
    """Return the alternatives in which one of the parts holds: those of all parts."""
    return [alternative for part in parts for alternative in part]
