"""Finds conditions on memberships in something that the settings do not map, so that no lead is ever in it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from config.walking import listed, models
from scoring import Scorecard
from scoring.card.conditions import LeadCondition
from vocabulary.closest import closest
from vocabulary.findings import Finding

_NAMING: Final = ("is", "is_not", "in", "not_in", "contains", "contains_any")
"""The operators whose operands are whole entries."""


def unlisted(card: Scorecard, member_of: Mapping[str, Mapping[str, str]]) -> Iterator[Finding]:
    """Yield a warning for each entry that conditions on memberships name and no segment is mapped to."""
    missing: dict[tuple[str, str], list[str]] = defaultdict(list)
    for condition, where in models(card, "the card"):
        if isinstance(condition, LeadCondition):
            for field, entry in _named(condition, card):
                if entry.casefold() not in map(str.casefold, member_of.get(field, {})):
                    missing[field, entry].append(where)
    for (field, entry), places in sorted(missing.items()):
        near = closest(entry, member_of.get(field, {}))
        message = f"`member_of.{field}` has no entry {entry}, so no lead is ever in it in {listed(places)}."
        remedy = f"Did you mean {near}?" if near else "Map a segment to it, or take it out of the scorecard."
        yield Finding("warning", card.name, message, remedy)


def _named(condition: LeadCondition, card: Scorecard) -> Iterator[tuple[str, str]]:
    for field, test in condition.field_tests.items():
        for operator, operand in test.operators.items() if card.fields.get(field) == "member_of" else ():
            if operator in _NAMING:
                yield from ((field, entry) for entry in _texts(operand))


def _texts(operand: Any) -> list[str]:
    values = operand if isinstance(operand, list | tuple) else [operand]
    return [value for value in values if isinstance(value, str)]
