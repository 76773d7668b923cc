"""Proves that a condition never holds, always holds, or follows from another."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Any

from config.lint.intervals import HIGHEST, LOWEST, Numbers
from config.lint.logic import MOST, Alternative, Count, Fact, Never, Opaque, Outcome, Reader, TooManyError
from config.lint.texts import text_conflict
from scoring.card.conditions import ActivityCondition, LeadCondition
from scoring.card.operators import AGES
from vocabulary.fields import LISTS

Condition = LeadCondition | ActivityCondition
PROVABLE = frozenset(
    "is is_not in not_in contains starts_with ends_with matches at_least at_most above below between".split()  # noqa: SIM905 - reads as a list of words
) | set(AGES)
"""The operators whose meaning is known here; nothing is claimed about any other one."""
WHOLE = frozenset({"fit", "engagement", "score", "stage", "grade"})
"""Computed values that are whole numbers: a grade is its rank, a stage its position."""


@dataclass(frozen=True, slots=True)
class Prover:
    """Proves by contradiction: a claim is true if every alternative of its negation is contradictory."""

    reader: Reader
    domains: Mapping[str, Numbers] = field(default_factory=dict)
    """The possible values of the computed numbers: fit, engagement, score, grade (as ranks), stage (as positions)."""

    def never(self, condition: Condition) -> str | None:
        """Return why a condition can never be true, or None if that cannot be proved."""
        return self._contradiction(lambda: self.reader.alternatives(condition, Outcome.TRUE))

    def always(self, condition: Condition) -> bool:
        """Return whether a condition is true for all values."""
        return self._contradiction(lambda: self.reader.alternatives(condition, Outcome.NOT_TRUE)) is not None

    def follows(self, condition: Condition, other: Condition) -> bool:
        """Return whether `condition` implies `other`."""

        def counterexamples() -> list[Alternative]:
            first = self.reader.alternatives(condition, Outcome.TRUE)
            second = self.reader.alternatives(other, Outcome.NOT_TRUE)
            if len(first) * len(second) > MOST:
                raise TooManyError
            return [one + another for one, another in product(first, second)]

        return self._contradiction(counterexamples) is not None

    def can_be(self, alternative: Alternative) -> bool:
        """Return whether the facts of an alternative are free of a provable contradiction."""
        return self._conflict(alternative) is None

    def _contradiction(self, alternatives: Any) -> str | None:
        """Return the first contradiction if all alternatives have one, or if there are no alternatives."""
        try:
            conflicts = [self._conflict(alternative) for alternative in alternatives()]
        except TooManyError:
            return None
        if any(conflict is None for conflict in conflicts):
            return None
        return next((conflict for conflict in conflicts if conflict), "no value satisfies it")

    def _conflict(self, alternative: Alternative) -> str | None:
        """Return the contradiction between facts that must hold together, or None if there is none."""
        return next(self._conflicts(alternative), None)

    def _conflicts(self, alternative: Alternative) -> Iterator[str]:
        yield from (fact.why for fact in alternative if isinstance(fact, Never))
        by_subject: dict[str, list[Fact]] = defaultdict(list)
        for fact in alternative:
            if isinstance(fact, Fact):
                by_subject[fact.subject].append(fact)
        for subject, facts in by_subject.items():
            if not self._possible(subject, facts):
                yield self._explained(subject, facts)
        yield from self._count_conflicts([fact for fact in alternative if isinstance(fact, Count)])
        yield from _opaque_conflicts([fact for fact in alternative if isinstance(fact, Opaque)])

    def _explained(self, subject: str, facts: Sequence[Fact]) -> str:
        texts = list(dict.fromkeys(map(str, facts)))
        if len(texts) > 1:
            return f"`{subject}` cannot meet {', '.join(texts[:-1])} and {texts[-1]} at once"
        return f"`{subject}` can never meet {texts[0]}{_reach(self.domains.get(subject))}"

    def _possible(self, subject: str, facts: Sequence[Fact]) -> bool:
        may_miss = not facts[0].never_missing and all(_allows_missing(fact) for fact in facts)
        if may_miss or any(_asks_for_missing(fact) for fact in facts):
            return may_miss
        tests = [fact for fact in facts if fact.operator in PROVABLE and not fact.refers]
        return self._has_value(subject, facts[0].type, tests)

    def _has_value(self, subject: str, value_type: str, facts: Sequence[Fact]) -> bool:
        match value_type:
            case "number" | "grade" | "stage":
                left = self.domains.get(subject, Numbers.between())
                for fact in facts:
                    left &= _numbers(fact)
                return left.whole if subject in WHOLE else bool(left)
            case "time" | "date":
                return bool(_ages(facts)) and bool(_moments(facts))
            case "flag":
                return any(
                    all((flag in fact.operands) is fact.wants_member for fact in facts) for flag in (True, False)
                )
            case _:
                return not text_conflict(facts, listed=value_type in LISTS)

    def _count_conflicts(self, counts: Sequence[Count]) -> Iterator[str]:
        for count in counts:
            if count.least > 0 and (why := self.never(count.condition)):
                yield f"no activity can match: {why}"
        for more, fewer in product(counts, counts):
            if more.least > fewer.most and self._inside(more, fewer):
                yield f"the same activities cannot number both {more.least} or more and {fewer.most:g} or fewer"

    def _inside(self, inner: Count, outer: Count) -> bool:
        """Return whether `outer` counts everything that `inner` counts."""
        fits = outer.during in {None, inner.during} and (
            outer.within is None or (inner.within is not None and inner.within <= outer.within)
        )
        return fits and self.follows(_plain(inner.condition), _plain(outer.condition))


def _reach(domain: Numbers | None) -> str:
    if not domain:
        return ""
    return f": it is between {domain.parts[0][0][0]:g} and {domain.parts[-1][1][0]:g}"


def _plain(condition: ActivityCondition) -> ActivityCondition:
    """Return the condition on a single activity, without the counts."""
    names = condition.model_fields_set & set(ActivityCondition.model_fields)
    return ActivityCondition.model_construct(_fields_set=names, **{name: getattr(condition, name) for name in names})


def _opaque_conflicts(facts: Sequence[Opaque]) -> Iterator[str]:
    for one, other in product(facts, facts):
        if one.holds and not other.holds and one.part == other.part:
            yield "it requires and forbids the same thing"


def _allows_missing(fact: Fact) -> bool:
    return fact.operand is not fact.outcome.holds if fact.operator == "known" else fact.outcome.missing


def _asks_for_missing(fact: Fact) -> bool:
    return fact.operator == "known" and fact.operand is not fact.outcome.holds


def _numbers(fact: Fact) -> Numbers:
    """Return the numbers that satisfy a fact."""
    held = _held(fact.operator, fact.operand)
    return held if fact.outcome.holds else ~held


def _held(operator: str, operand: Any) -> Numbers:
    """Return the numbers that satisfy an operator."""
    if operator == "between":
        return Numbers.between((_span(operand[0])[0], 0), (_span(operand[1])[1], 0))
    if operator in {"in", "not_in"}:
        return _none_of(operand) if operator == "not_in" else ~_none_of(operand)
    if operator in {"is", "is_not"}:
        return ~_exactly(operand) if operator == "is_not" else _exactly(operand)
    return _beyond(operator, *_span(operand))


def _beyond(operator: str, low: float, high: float) -> Numbers:
    bounds = {
        "at_least": ((low, 0), HIGHEST),
        "at_most": (LOWEST, (high, 0)),
        "above": ((high, 1), HIGHEST),
        "below": (LOWEST, (low, -1)),
    }
    return Numbers.between(*bounds[operator])


def _exactly(operand: Any) -> Numbers:
    low, high = _span(operand)
    return Numbers.between((low, 0), (high, 0))


def _none_of(operands: Sequence[Any]) -> Numbers:
    left = Numbers.between()
    for operand in operands:
        left &= ~_exactly(operand)
    return left


def _span(operand: Any) -> tuple[float, float]:
    """Return the range of numbers that an operand means: a grade such as `A` means three ranks."""
    if isinstance(operand, tuple):
        return operand[0], operand[1]
    number = operand.timestamp() if isinstance(operand, datetime) else operand
    return number, number


def _ages(facts: Sequence[Fact]) -> Numbers:
    """Return the ages in seconds that satisfy facts about time spans."""
    left = Numbers.between()
    for fact in facts:
        if fact.operator in AGES:
            held = _age(fact.operator, fact.operand.total_seconds())
            left &= held if fact.outcome.holds else ~held
    return left


def _age(operator: str, seconds: float) -> Numbers:
    match operator:
        case "within":
            return Numbers.between((0, 0), (seconds, -1))
        case "older_than":
            return Numbers.between(low=(seconds, 0))
        case _:
            return Numbers.between((-seconds, 1), (0, 0))


def _moments(facts: Sequence[Fact]) -> Numbers:
    """Return the moments that satisfy facts about dates."""
    left = Numbers.between()
    for fact in facts:
        if fact.operator not in AGES:
            left &= _numbers(fact)
    return left
