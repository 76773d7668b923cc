"""A test of a value as a Polars expression: true, false, or null if the value is missing."""

from collections.abc import Mapping
from functools import reduce
from operator import and_, or_
from typing import Any

import polars as pl

from scoring.card.calendar import Calendar
from scoring.card.conditions import Test, converted
from scoring.card.operands import NOWHERE, Other, Scope, ValueType
from scoring.card.operators import BY_NAME
from scoring.card.values import AS_OF
from scoring.periods import numbered
from vocabulary.fields import LISTS


def conjunction(parts: list[pl.Expr]) -> pl.Expr:
    """Return Kleene's `and` of all parts; true if there are none."""
    return reduce(and_, parts) if parts else pl.lit(value=True)


def disjunction(parts: list[pl.Expr]) -> pl.Expr:
    """Return Kleene's `or` of all parts; false if there are none."""
    return reduce(or_, parts) if parts else pl.lit(value=False)


def asked(frame: pl.DataFrame, columns: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """Evaluate these columns, including literals, for every row of a frame in one pass."""
    return frame.select(pl.repeat(0, pl.len(), dtype=pl.UInt8).alias("#rows"), **columns)


def passes(value: pl.Expr, test: Test, value_type: ValueType, scope: Scope = NOWHERE) -> pl.Expr:
    """Return whether a value passes every operator of a test; a time is compared with the time of scoring."""
    operands = {name: converted(name, raw, value_type, scope) for name, raw in test.operators.items()}
    passed = conjunction([_one(value, name, operand, value_type, scope) for name, operand in operands.items()])
    return passed.fill_null(value=True) if test.or_missing else passed


def _one(value: pl.Expr, name: str, operand: Any, value_type: ValueType, scope: Scope) -> pl.Expr:
    operator, operand = BY_NAME[name], _value(operand)
    if operator.of_age:
        return operator.holds(pl.col(AS_OF) - value, operand)
    if operator.of_calendar:
        return operator.holds(_ahead(value, operand.period, scope.calendar), operand)
    if value_type == "grade" and operator.on_grade:
        return operator.on_grade(value, operand)
    if value_type in LISTS:
        return operator.on_list(value, operand)
    return operator.holds(value, operand)


def _value(operand: Any) -> Any:
    """Return an operand to compare with: the column of another field, or the value itself."""
    if isinstance(operand, Other):
        return pl.col(operand.name)
    if isinstance(operand, tuple) and any(isinstance(one, Other) for one in operand):
        return tuple(map(_value, operand))
    return operand


def _ahead(moment: pl.Expr, period: str, calendar: Calendar) -> pl.Expr:
    """Return by how many periods a moment is ahead of the time of scoring."""
    return numbered(moment, period, calendar) - numbered(pl.col(AS_OF), period, calendar)
