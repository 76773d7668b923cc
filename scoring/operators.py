"""One test of one value as a Polars expression: true, false, or null where the value is missing."""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import and_, or_
from typing import Any, Final

import polars as pl

from scoring.card.conditions import Test, ValueType, converted

Operator = Callable[[pl.Expr, Any], pl.Expr]

PLAIN: Final[Mapping[str, Operator]] = {
    "is": lambda value, operand: value == operand,
    "is_not": lambda value, operand: value != operand,
    "in": lambda value, operands: value.is_in(list(operands)),
    "not_in": lambda value, operands: ~value.is_in(list(operands)),
    "contains": lambda value, operand: value.str.contains(operand, literal=True),
    "contains_any": lambda value, operands: disjunction([value.str.contains(one, literal=True) for one in operands]),
    "starts_with": lambda value, operand: value.str.starts_with(operand),
    "ends_with": lambda value, operand: value.str.ends_with(operand),
    "matches": lambda value, pattern: value.str.contains(pattern),
    "at_least": lambda value, operand: value >= operand,
    "at_most": lambda value, operand: value <= operand,
    "above": lambda value, operand: value > operand,
    "below": lambda value, operand: value < operand,
    "between": lambda value, operands: value.is_between(operands[0], operands[1]),
}
"""Each operator on one value. Nulls stay null, which is what *unknown* means."""

ENTRY: Final[Mapping[str, Operator]] = {
    "is": PLAIN["is"],
    "in": PLAIN["in"],
    "contains": PLAIN["is"],
    "contains_any": PLAIN["in"],
    "starts_with": PLAIN["starts_with"],
    "ends_with": PLAIN["ends_with"],
    "matches": PLAIN["matches"],
}
"""Each operator on one entry of a list; one entry that holds is enough."""

GRADE: Final[Mapping[str, Operator]] = {
    "is": lambda rank, letter: rank.is_between(*letter),
    "is_not": lambda rank, letter: ~rank.is_between(*letter),
    "in": lambda rank, letters: disjunction([rank.is_between(*letter) for letter in letters]),
    "not_in": lambda rank, letters: ~disjunction([rank.is_between(*letter) for letter in letters]),
    "at_least": lambda rank, letter: rank >= letter[0],
    "at_most": lambda rank, letter: rank <= letter[1],
    "above": lambda rank, letter: rank > letter[1],
    "below": lambda rank, letter: rank < letter[0],
    "between": lambda rank, ends: rank.is_between(min(low for low, _ in ends), max(high for _, high in ends)),
}
"""Each operator on a grade's rank; a letter is the span of ranks that it covers."""


def conjunction(parts: list[pl.Expr]) -> pl.Expr:
    """Return Kleene's `and` of all parts; true where there is none."""
    return reduce(and_, parts) if parts else pl.lit(value=True)


def disjunction(parts: list[pl.Expr]) -> pl.Expr:
    """Return Kleene's `or` of all parts; false where there is none."""
    return reduce(or_, parts) if parts else pl.lit(value=False)


def asked(frame: pl.DataFrame, columns: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """Return these columns for every row of a frame, literals too, in one pass."""
    return frame.select(pl.repeat(0, pl.len(), dtype=pl.UInt8).alias("#rows"), **columns)


def passes(value: pl.Expr, test: Test, value_type: ValueType, as_of: pl.Expr, stages: tuple[str, ...] = ()) -> pl.Expr:
    """Return whether a value passes every operator of a test; a time's age is counted from `as_of`."""
    operands = {name: converted(name, raw, value_type, stages) for name, raw in test.operators.items()}
    return conjunction([_one(value, name, operand, value_type, as_of) for name, operand in operands.items()])


def _one(value: pl.Expr, name: str, operand: Any, value_type: ValueType, as_of: pl.Expr) -> pl.Expr:
    if name == "known":
        return value.is_not_null() if operand else value.is_null()
    if name in AGED:
        return AGED[name](as_of - value, operand)
    if value_type == "grade":
        return GRADE[name](value, operand)
    if value_type == "list":
        return _on_entries(value, name, operand)
    return PLAIN[name](value, operand)


def _on_entries(value: pl.Expr, name: str, operand: Any) -> pl.Expr:
    if name in DENIALS:
        return ~_on_entries(value, DENIALS[name], operand)
    return value.list.eval(ENTRY[name](pl.element(), operand)).list.any()


DENIALS: Final = {"is_not": "is", "not_in": "in"}
AGED: Final[Mapping[str, Operator]] = {
    "within": lambda age, length: (age >= pl.duration()) & (age < length),
    "older_than": lambda age, length: age >= length,
    "within_next": lambda age, length: (age <= pl.duration()) & (age > -length),
}
"""Operators on a time, by its age; an age below zero lies ahead."""
