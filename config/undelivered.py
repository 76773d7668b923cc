"""Finds conditions on activities that no source of a connection brings, so that they never hold."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from config.walking import listed, models
from connectors.brought import Brought
from scoring import Scorecard
from scoring.card import ActivityCondition
from scoring.card.conditions import Unanswered
from vocabulary.findings import Finding


@dataclass(frozen=True, slots=True)
class _Asked:
    """A condition's kinds (none: any kind), the fields it tests, and where it is."""

    where: str
    kinds: frozenset[str]
    fields: frozenset[str]


def undelivered(card: Scorecard, sources: Sequence[Brought]) -> Iterator[Finding]:
    """Yield a warning for each kind, and each field of a kind, that conditions ask for and no source brings.

    A condition on several kinds is left alone if one of them comes.
    """
    known = frozenset(kind for source in sources for kind in source.kinds)
    kinds: dict[str, list[str]] = defaultdict(list)
    fields: dict[tuple[str, frozenset[str]], list[str]] = defaultdict(list)
    for asked in _asked(card):
        if not asked.kinds & known:
            for kind in sorted(asked.kinds):
                kinds[kind].append(asked.where)
        there = asked.kinds & known if asked.kinds else known
        for field in sorted(asked.fields):
            if there and not any(field in source.fields and source.kinds & there for source in sources):
                fields[field, asked.kinds & known].append(asked.where)
    for kind, places in sorted(kinds.items()):
        message = f"No source of this connection brings the kind {kind}, so it never counts in {listed(places)}."
        yield Finding("warning", card.name, message, "Bring it by an activity source, or take it out of the scorecard.")
    for (field, of_kinds), places in fields.items():
        of = f" of {', '.join(sorted(of_kinds))}" if of_kinds else ""
        message = (
            f"No source of this connection brings `{field}`{of}, so the condition in {listed(places)} never holds."
        )
        yield Finding("warning", card.name, message, "See docs/settings.md: what each source brings.")


def _asked(card: Scorecard) -> Iterator[_Asked]:
    """Yield all conditions on activities in a card."""
    for part, where in models(card, "the card", leaves=(ActivityCondition,)):
        if isinstance(part, ActivityCondition):
            yield from _of_activity(part, where, frozenset())
        elif isinstance(part, Unanswered):
            yield _Asked(where, frozenset(part.kind), frozenset())
            yield _Asked(where, frozenset(part.by), frozenset())


def _of_activity(condition: ActivityCondition, where: str, outer: frozenset[str]) -> Iterator[_Asked]:
    """Yield what a condition asks for; what it denies may be missing."""
    kinds = _kinds(condition) or outer
    tested = frozenset(
        name for name, test in condition.tests.items() if name != "kind" and not _may_be_missing(test.operators)
    )
    yield _Asked(where, kinds, tested)
    for inner in (*(condition.all or ()), *(condition.any or ())):
        yield from _of_activity(inner, where, kinds)


def _kinds(condition: ActivityCondition) -> frozenset[str]:
    operators = condition.kind.operators if condition.kind else {}
    found = operators.get("in", operators.get("is"))
    if found is None:
        return frozenset()
    return frozenset(map(str, found)) if isinstance(found, list | tuple) else frozenset((str(found),))


def _may_be_missing(operators: dict[str, object]) -> bool:
    return operators.get("known") is False
