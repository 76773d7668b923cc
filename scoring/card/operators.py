"""The operators of a test. A new one is an entry of `ALL`: its words, its types, its operand, its expression."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Final

import polars as pl

from scoring.card.operands import VALUE_TYPES, ValueType, as_it_is, one, pair, pattern, several
from vocabulary.units import Duration

Holds = Callable[[pl.Expr, Any], pl.Expr]
"""An operator on a value, with its operand: true, false, or null where the value is missing, which means unknown."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator of a test."""

    name: str
    types: tuple[ValueType, ...]
    """The types of value that it fits."""
    description: str
    holds: Holds
    on_entry: Holds | None = None
    """On one entry of a list, where one that holds is enough. A list takes it, or `denies`, or else `holds`."""
    on_grade: Holds | None = None
    """On the rank of a grade; its operand is the span of ranks that a letter covers, or several of them."""
    on_whole_list: bool = False
    """Whether it asks for a list as a whole, not for its entries."""
    of_age: bool = False
    """Whether it asks for the age of a time; an age below zero is in the future."""
    denies: str | None = None
    """The operator that it is the opposite of; a list meets it where no entry meets that one."""
    operand: Callable[[str, Any, ValueType, Sequence[str]], Any] = one
    """Checks the operand and makes it ready to compare with; see `scoring.card.operands`."""
    written: Any = Any
    """The type of the operand as the scorecard writes it, or None where the operator is not used."""

    def on_list(self, values: pl.Expr, operand: Any) -> pl.Expr:
        """Return whether a list meets the operator."""
        if self.on_whole_list:
            return self.holds(values, operand)
        if self.denies:
            return ~BY_NAME[self.denies].on_list(values, operand)
        return values.list.eval((self.on_entry or self.holds)(pl.element(), operand)).list.any()


def _is(value: pl.Expr, operand: Any) -> pl.Expr:
    return value.eq(operand)


def _in(value: pl.Expr, operands: Any) -> pl.Expr:
    return value.is_in(list(operands))


def _any_of(parts: list[pl.Expr]) -> pl.Expr:
    return reduce(or_, parts)


_ORDERED: Final[tuple[ValueType, ...]] = ("number", "time", "grade", "stage")
_WORDS: Final[tuple[ValueType, ...]] = ("text", "list")

ALL: Final[tuple[Operator, ...]] = (
    Operator(
        "is",
        VALUE_TYPES,
        "Equals this value. A list field: one of its entries does.",
        _is,
        on_grade=lambda rank, letter: rank.is_between(*letter),
    ),
    Operator(
        "is_not",
        VALUE_TYPES,
        "Differs from this value. A list field: none of its entries equals it.",
        lambda value, operand: value != operand,
        on_grade=lambda rank, letter: ~rank.is_between(*letter),
        denies="is",
    ),
    Operator(
        "in",
        VALUE_TYPES,
        "Equals one of these values. A list field: one of its entries does.",
        _in,
        on_grade=lambda rank, letters: _any_of([rank.is_between(*letter) for letter in letters]),
        operand=several,
    ),
    Operator(
        "not_in",
        VALUE_TYPES,
        "Equals none of these values. A list field: none of its entries does.",
        lambda value, operands: ~_in(value, operands),
        on_grade=lambda rank, letters: ~_any_of([rank.is_between(*letter) for letter in letters]),
        denies="in",
        operand=several,
    ),
    Operator(
        "contains",
        _WORDS,
        "The text has this part. A list field: it has this entry.",
        lambda value, operand: value.str.contains(operand, literal=True),
        on_entry=_is,
    ),
    Operator(
        "contains_any",
        _WORDS,
        "The text has one of these parts. A list field: it has one of these.",
        lambda value, operands: _any_of([value.str.contains(each, literal=True) for each in operands]),
        on_entry=_in,
        operand=several,
    ),
    Operator(
        "starts_with",
        _WORDS,
        "The text begins so. A list field: one of its entries does.",
        lambda value, operand: value.str.starts_with(operand),
    ),
    Operator(
        "ends_with",
        _WORDS,
        "The text ends so. A list field: one of its entries does.",
        lambda value, operand: value.str.ends_with(operand),
    ),
    Operator(
        "matches",
        _WORDS,
        "This regular expression (Rust's syntax) is found, upper and lower case being the same. "
        "A list field: in one of its entries.",
        lambda value, operand: value.str.contains(operand),
        operand=pattern,
    ),
    Operator(
        "at_least",
        _ORDERED,
        "This or more; for a time, then or later; for a grade, this or better.",
        lambda value, operand: value >= operand,
        on_grade=lambda rank, letter: rank >= letter[0],
    ),
    Operator(
        "at_most",
        _ORDERED,
        "This or less; for a time, then or earlier; for a grade, this or worse.",
        lambda value, operand: value <= operand,
        on_grade=lambda rank, letter: rank <= letter[1],
    ),
    Operator(
        "above",
        _ORDERED,
        "More than this; for a time, later; for a grade, better.",
        lambda value, operand: value > operand,
        on_grade=lambda rank, letter: rank > letter[1],
    ),
    Operator(
        "below",
        _ORDERED,
        "Less than this; for a time, earlier; for a grade, worse.",
        lambda value, operand: value < operand,
        on_grade=lambda rank, letter: rank < letter[0],
    ),
    Operator(
        "between",
        _ORDERED,
        "From the first to the second of two values, both included.",
        lambda value, operands: value.is_between(operands[0], operands[1]),
        on_grade=lambda rank, ends: rank.is_between(min(low for low, _ in ends), max(high for _, high in ends)),
        operand=pair,
    ),
    Operator(
        "within",
        ("time",),
        "The time lies less than this far in the past, and not ahead.",
        lambda age, length: (age >= pl.duration()) & (age < length),
        of_age=True,
        operand=as_it_is,
        written=Duration | None,
    ),
    Operator(
        "older_than",
        ("time",),
        "The time lies this far in the past or further.",
        lambda age, length: age >= length,
        of_age=True,
        operand=as_it_is,
        written=Duration | None,
    ),
    Operator(
        "within_next",
        ("time",),
        "The time lies less than this far ahead, and not behind.",
        lambda age, length: (age <= pl.duration()) & (age > -length),
        of_age=True,
        operand=as_it_is,
        written=Duration | None,
    ),
    Operator(
        "known",
        VALUE_TYPES,
        "true: there is a value; false: it is missing.",
        lambda value, operand: value.is_not_null() if operand else value.is_null(),
        on_whole_list=True,
        operand=as_it_is,
        written=bool | None,
    ),
)
"""Every operator, in the order of the documentation."""

BY_NAME: Final[Mapping[str, Operator]] = {operator.name: operator for operator in ALL}
AGES: Final = tuple(operator.name for operator in ALL if operator.of_age)
OPERATORS: Final[Mapping[ValueType, tuple[str, ...]]] = {
    value_type: tuple(operator.name for operator in ALL if value_type in operator.types) for value_type in VALUE_TYPES
}
"""The operators that each type of value understands."""
