"""Conditions of a scorecard as plain data, each with its opposite.

Other programs know two answers, a scorecard three. So a condition is kept with the one that is true exactly where it is
not: the opposite of `employees: {above: 50}` is `employees: {at_most: 50, or_missing: true}`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Written = Mapping[str, Any]
"""A condition as a scorecard writes it."""

INVERSE: Final[Mapping[str, str]] = {
    "is": "is_not",
    "is_not": "is",
    "in": "not_in",
    "not_in": "in",
    "above": "at_most",
    "at_most": "above",
    "below": "at_least",
    "at_least": "below",
}


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers from `low` to `high`, with or without these."""

    low: float
    high: float
    with_low: bool = True
    with_high: bool = True

    def meets(self, other: "Numbers") -> bool:
        """Return whether a number lies in both."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        if low < high:
            return True
        return low == high and self.has(low) and other.has(low)

    def has(self, number: float) -> bool:
        """Return whether a number lies in it."""
        above = self.low < number or (self.low == number and self.with_low)
        return above and (number < self.high or (number == self.high and self.with_high))


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that is true exactly where the source's is, and one that is true exactly where it is not."""

    yes: Written
    no: Written
    field: str = ""
    """The one field that it tests."""
    only: frozenset[str] | Numbers | None = None
    """What the field must be, if it is one of some texts or in a range of numbers."""

    @property
    def opposite(self) -> "Condition":
        """The condition that holds where this one does not."""
        return Condition(self.no, self.yes, self.field)

    def excludes(self, other: "Condition") -> bool:
        """Return whether both can be seen never to hold together."""
        if self.field != other.field:
            return False
        match self.only, other.only:
            case frozenset() as mine, frozenset() as theirs:
                return not mine & theirs
            case Numbers() as mine, Numbers() as theirs:
                return not mine.meets(theirs)
            case _:
                return False


_INFINITY: Final = float("inf")
_BOUNDS: Final[Mapping[str, Callable[[float], Numbers]]] = {
    "is": lambda bound: Numbers(bound, bound),
    "at_least": lambda bound: Numbers(bound, _INFINITY),
    "above": lambda bound: Numbers(bound, _INFINITY, with_low=False),
    "at_most": lambda bound: Numbers(-_INFINITY, bound),
    "below": lambda bound: Numbers(-_INFINITY, bound, with_high=False),
}


def field_test(field: str, operator: str, operand: Any, *, or_missing: bool = False) -> Condition:
    """Return the condition that a field passes an operator; a missing value passes only with `or_missing`."""
    yes = _line(field, {operator: operand}, or_missing=or_missing)
    if operator == "known":
        return Condition(yes, _line(field, {"known": not operand}), field)
    if operator in INVERSE:
        no = _line(field, {INVERSE[operator]: operand}, or_missing=not or_missing)
    elif or_missing:
        no = {"not": _line(field, {operator: operand})}
    else:
        no = {"any": [_line(field, {"known": False}), {"not": _line(field, {operator: operand})}]}
    return Condition(yes, no, field, None if or_missing else _only(operator, operand))


def _only(operator: str, operand: Any) -> frozenset[str] | Numbers | None:
    """Return what a value must be to pass an operator."""
    match operator, operand:
        case "is" | "in", str() | bool() | list():
            values = operand if isinstance(operand, list) else [operand]
            return frozenset(str(each).strip().lower() for each in values)
        case "between", [int() | float() as low, int() | float() as high]:
            return Numbers(low, high)
        case _, int() | float() if operator in _BOUNDS:
            return _BOUNDS[operator](operand)
        case _:
            return None


def _line(field: str, operators: Written, *, or_missing: bool = False) -> Written:
    if or_missing:
        return {field: {**operators, "or_missing": True}}
    (operator, operand), *others = operators.items()
    plain = (operator == "is" and not isinstance(operand, Mapping)) or operator == "in"
    return {field: operand if plain and not others else dict(operators)}


def every(conditions: Sequence[Condition]) -> Condition:
    """Return the condition that all of some conditions hold."""
    if len(conditions) == 1:
        return conditions[0]
    return Condition(together([one.yes for one in conditions]), either([one.no for one in conditions]))


def some(conditions: Sequence[Condition]) -> Condition:
    """Return the condition that at least one of some conditions holds."""
    if len(conditions) == 1:
        return conditions[0]
    return Condition(either([one.yes for one in conditions]), together([one.no for one in conditions]))


def either(written: Iterable[Written]) -> Written:
    """Return a condition that holds where one of these does."""
    listed = list(dict.fromkeys(map(_Frozen, written)))
    return listed[0].written if len(listed) == 1 else {"any": [one.written for one in listed]}


def together(written: Iterable[Written]) -> Written:
    """Return a condition that holds where all of these do, with as few levels as possible."""
    merged: dict[str, Any] = {}
    left: list[Written] = []
    for one in (part for each in written for part in _parts(each)):
        if merged.keys().isdisjoint(one):
            merged |= one
        elif not _joined(merged, one) and one not in left:
            left.append(one)
    return merged if not left else {**merged, "all": left}


def _parts(written: Written) -> list[Written]:
    """Return the lines of a condition, each as a condition."""
    return [part for key, value in written.items() for part in (value if key == "all" else [{key: value}])]


def _joined(merged: dict[str, Any], one: Written) -> bool:
    """Add the operators of a line to those of another on the same field, if they can be combined."""
    ((field, test),) = one.items()
    before = merged[field]
    if before == test:
        return True
    both = isinstance(before, Mapping) and isinstance(test, Mapping) and field not in {"any", "not"}
    if not both or before.keys() & test.keys() or "or_missing" in {*before, *test} or "known" in {*before, *test}:
        return False
    merged[field] = {**before, **test}
    return True


@dataclass(frozen=True, slots=True)
class _Frozen:
    """A condition to compare by what it says."""

    written: Written

    def __hash__(self) -> int:
        return hash(repr(self.written))
