"""The operators of a test. To add one, add an entry to `ALL`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Final

import polars as pl

from scoring.card.operands import (
    VALUE_TYPES,
    Scope,
    ValueType,
    as_it_is,
    one,
    one_or_field,
    pair_or_fields,
    pattern,
    period,
    several,
)
from vocabulary.units import Duration

Holds = Callable[[pl.Expr, Any], pl.Expr]
"""Applies an operator to a value and an operand: true, false, or null (unknown) if the value is missing."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator of a test."""

    name: str
    types: tuple[ValueType, ...]
    """The types of value it can be used on."""
    description: str
    holds: Holds
    on_entry: Holds | None = None
    """The test of one list entry, where one match is enough. A list uses this or `denies`, else `holds`."""
    on_grade: Holds | None = None
    """The test of a grade's rank. The operand is the range of ranks of a letter, or several ranges."""
    on_whole_list: Holds | None = None
    """The test of a list as a whole rather than of its entries."""
    of_age: bool = False
    """Whether it tests the age of a time; a negative age is in the future."""
    of_calendar: bool = False
    """Whether it tests how many periods of the calendar a time is ahead."""
    denies: str | None = None
    """The opposite operator. A list passes if no entry passes that one."""
    operand: Callable[[str, Any, ValueType, Scope], Any] = one
    """Checks and converts the operand; see `scoring.card.operands`."""
    written: Any = Any
    """The type of the operand in the scorecard; None means that the operator is not used."""

    def on_list(self, values: pl.Expr, operand: Any) -> pl.Expr:
        """Return whether a list passes the operator."""
        if self.on_whole_list:
            return self.on_whole_list(values, operand)
        if self.denies:
            return ~BY_NAME[self.denies].on_list(values, operand)
        return values.list.eval((self.on_entry or self.holds)(pl.element(), operand)).list.any()


def _is(value: pl.Expr, operand: Any) -> pl.Expr:
    return value.eq(operand)


def _in(value: pl.Expr, operands: Any) -> pl.Expr:
    return value.is_in(list(operands))


def _any_of(parts: list[pl.Expr]) -> pl.Expr:
    return reduce(or_, parts)


_ORDERED: Final[tuple[ValueType, ...]] = ("number", "time", "date", "grade", "stage")
_WORDS: Final[tuple[ValueType, ...]] = ("text", "list", "member_of")

ALL: Final[tuple[Operator, ...]] = (
    Operator(
        "is",
        VALUE_TYPES,
        "Equals this value. A list field: one of its entries does.",
        _is,
        on_grade=lambda rank, letter: rank.is_between(*letter),
        operand=one_or_field,
    ),
    Operator(
        "is_not",
        VALUE_TYPES,
        "Differs from this value. A list field: none of its entries equals it.",
        lambda value, operand: value != operand,
        on_grade=lambda rank, letter: ~rank.is_between(*letter),
        denies="is",
        operand=one_or_field,
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
        "The text contains this. A list field: it has this entry.",
        lambda value, operand: value.str.contains(operand, literal=True),
        on_entry=_is,
    ),
    Operator(
        "contains_any",
        _WORDS,
        "The text contains one of these. A list field: it has one of these entries.",
        lambda value, operands: _any_of([value.str.contains(each, literal=True) for each in operands]),
        on_entry=_in,
        operand=several,
    ),
    Operator(
        "starts_with",
        _WORDS,
        "The text starts with this. A list field: one of its entries does.",
        lambda value, operand: value.str.starts_with(operand),
    ),
    Operator(
        "ends_with",
        _WORDS,
        "The text ends with this. A list field: one of its entries does.",
        lambda value, operand: value.str.ends_with(operand),
    ),
    Operator(
        "matches",
        _WORDS,
        "The text contains a match of this regular expression (Rust syntax, ignoring case). "
        "A list field: one of its entries does.",
        lambda value, operand: value.str.contains(operand),
        operand=pattern,
    ),
    Operator(
        "at_least",
        _ORDERED,
        "This or more; for a time, at this time or later; for a grade, this or better.",
        lambda value, operand: value >= operand,
        on_grade=lambda rank, letter: rank >= letter[0],
        operand=one_or_field,
    ),
    Operator(
        "at_most",
        _ORDERED,
        "This or less; for a time, at this time or earlier; for a grade, this or worse.",
        lambda value, operand: value <= operand,
        on_grade=lambda rank, letter: rank <= letter[1],
        operand=one_or_field,
    ),
    Operator(
        "above",
        _ORDERED,
        "More than this; for a time, later; for a grade, better.",
        lambda value, operand: value > operand,
        on_grade=lambda rank, letter: rank > letter[1],
        operand=one_or_field,
    ),
    Operator(
        "below",
        _ORDERED,
        "Less than this; for a time, earlier; for a grade, worse.",
        lambda value, operand: value < operand,
        on_grade=lambda rank, letter: rank < letter[0],
        operand=one_or_field,
    ),
    Operator(
        "between",
        _ORDERED,
        "From the first to the second value, both included.",
        lambda value, operands: value.is_between(operands[0], operands[1]),
        on_grade=lambda rank, ends: rank.is_between(min(low for low, _ in ends), max(high for _, high in ends)),
        operand=pair_or_fields,
    ),
    Operator(
        "within",
        ("time", "date"),
        "The time is less than this long ago, and not in the future.",
        lambda age, length: (age >= pl.duration()) & (age < length),
        of_age=True,
        operand=as_it_is,
        written=Duration | None,
    ),
    Operator(
        "older_than",
        ("time", "date"),
        "The time is this long ago or longer.",
        lambda age, length: age >= length,
        of_age=True,
        operand=as_it_is,
        written=Duration | None,
    ),
    Operator(
        "within_next",
        ("time", "date"),
        "The time is less than this far in the future, and not in the past.",
        lambda age, length: (age <= pl.duration()) & (age > -length),
        of_age=True,
        operand=as_it_is,
        written=Duration | None,
    ),
    Operator(
        "during",
        ("time", "date"),
        "The time is in this period of the calendar: `this`, `last` or `next`, and `day`, `week`, `month`, `quarter` or"
        " `year`.",
        lambda ahead, found: ahead == found.ahead,
        of_calendar=True,
        operand=period,
    ),
    Operator(
        "known",
        VALUE_TYPES,
        "true: there is a value; false: the value is missing.",
        lambda value, operand: value.is_not_null() if operand else value.is_null(),
        on_whole_list=lambda values, operand: (values.list.len() > 0).fill_null(value=False) == operand,
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
"""The operators for each type of value."""
