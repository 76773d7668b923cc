"""Decides whether a text, or a list of texts, can satisfy several facts at once."""

from collections.abc import Sequence
from itertools import product

import polars as pl

from config.lint.logic import Fact

MEMBERS = frozenset({"is", "in", "is_not", "not_in"})
"""Operators that list values."""


def text_conflict(facts: Sequence[Fact], *, listed: bool) -> bool:
    """Return whether the facts are proved to contradict each other."""
    if listed:
        return _list_conflict(facts)
    chosen = _chosen(facts)
    if chosen is not None:
        return not any(all(meets(text, fact) for fact in facts) for text in chosen)
    return any(_clash(one, other) for one, other in product(facts, facts))


def meets(text: str, fact: Fact) -> bool:
    """Return whether a text satisfies a fact."""
    return _holds(text, fact) is fact.outcome.holds


def _holds(text: str, fact: Fact) -> bool:
    match fact.operator:
        case "is" | "in":
            return text in fact.operands
        case "is_not" | "not_in":
            return text not in fact.operands
        case "contains":
            return fact.operand in text
        case "starts_with":
            return text.startswith(fact.operand)
        case "ends_with":
            return text.endswith(fact.operand)
        case _:
            return bool(pl.Series([text]).str.contains(fact.operand).item())


def _chosen(facts: Sequence[Fact]) -> set[str] | None:
    """Return the texts that satisfy all facts that list allowed values, or None if no fact lists any."""
    lists = [set(fact.operands) for fact in facts if fact.operator in MEMBERS and fact.wants_member]
    return {str(text) for text in set.intersection(*lists)} if lists else None


def _clash(one: Fact, other: Fact) -> bool:
    """Return whether `one` requires what `other` forbids, or they require different beginnings or ends."""
    if one.outcome.holds and other.outcome.holds:
        return one.operator == other.operator and _different_edges(one, other)
    if not one.outcome.holds or other.outcome.holds:
        return False
    if (one.operator, one.operand) == (other.operator, other.operand):
        return True
    return other.operator in _DEMANDS.get(one.operator, ()) and _holds(str(one.operand), other)


_DEMANDS = {
    "contains": ("contains",),
    "starts_with": ("contains", "starts_with"),
    "ends_with": ("contains", "ends_with"),
}
"""Each operator and those it can imply: a text that starts with `abc` starts with `ab` and contains `b`."""


def _different_edges(one: Fact, other: Fact) -> bool:
    match one.operator:
        case "starts_with":
            return not (one.operand.startswith(other.operand) or other.operand.startswith(one.operand))
        case "ends_with":
            return not (one.operand.endswith(other.operand) or other.operand.endswith(one.operand))
        case _:
            return False


def _list_conflict(facts: Sequence[Fact]) -> bool:
    """Return whether an entry is both required and forbidden."""
    exact = [fact for fact in facts if fact.operator in {*MEMBERS, "contains"}]
    forbidden = {entry for fact in exact if not fact.wants_member for entry in fact.operands}
    return any(forbidden.issuperset(fact.operands) for fact in exact if fact.wants_member)
