"""Finds rules with the same condition, even if it is written differently."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from calibrate.card.rules import Candidate, LeadRule, NumberRule


def distinct(rules: Iterable[Candidate]) -> list[Candidate]:
    """Return the rules without those whose condition is that of an earlier one."""
    kept: dict[object, Candidate] = {}
    for rule in rules:
        kept.setdefault(_key(rule), rule)
    return list(kept.values())


def parts(condition: Mapping[str, Any]) -> frozenset[str]:
    """Return all that a condition asks for; the same for `{a: 1, b: 2}` and `all: [{b: 2}, {a: 1}]`."""
    found: set[str] = set()
    for name, asked in condition.items():
        if name == "all" and isinstance(asked, Sequence) and not isinstance(asked, str):
            found = found.union(*map(parts, asked))
        else:
            found.add(repr((name, _folded(asked))))
    return frozenset(found)


def _key(rule: Candidate) -> object:
    """Return what is equal for rules with the same condition."""
    if isinstance(rule, LeadRule):
        return parts(rule.condition)
    return repr(_folded(rule.condition)) if isinstance(rule, NumberRule) else rule


def _folded(asked: Any) -> Any:
    """Return a test with texts as they are compared, without regard to case, and names in order."""
    if isinstance(asked, str):
        return asked.strip().lower()
    if isinstance(asked, Mapping):
        return sorted((name, _folded(each)) for name, each in asked.items())
    return [_folded(each) for each in asked] if isinstance(asked, list | tuple) else asked
