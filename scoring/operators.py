"""A test of a value as a Polars expression: true, false, or null if the value is missing."""

from collections.abc import Mapping
from functools import reduce
from operator import and_, or_
from typing import Any

import polars as pl

from scoring.card.conditions import Test, converted
from scoring.card.operands import ValueType
from scoring.card.operators import BY_NAME


def conjunction(parts: list[pl.Expr]) -> pl.Expr:
    """Return Kleene's `and` of all parts; true if there are none."""
    return reduce(and_, parts) if parts else pl.lit(value=True)


def disjunction(parts: list[pl.Expr]) -> pl.Expr:
    """Return Kleene's `or` of all parts; false if there are none."""
    return reduce(or_, parts) if parts else pl.lit(value=False)


def asked(frame: pl.DataFrame, columns: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """Evaluate these columns, including literals, for every row of a frame in one pass."""
    return frame.select(pl.repeat(0, pl.len(), dtype=pl.UInt8).alias("#rows"), **columns)


def passes(value: pl.Expr, test: Test, value_type: ValueType, as_of: pl.Expr, stages: tuple[str, ...] = ()) -> pl.Expr:
    """Return whether a value passes every operator of a test; the age of a time is relative to `as_of`."""
    operands = {name: converted(name, raw, value_type, stages) for name, raw in test.operators.items()}
    return conjunction([_one(value, name, operand, value_type, as_of) for name, operand in operands.items()])


def _one(value: pl.Expr, name: str, operand: Any, value_type: ValueType, as_of: pl.Expr) -> pl.Expr:
    operator = BY_NAME[name]
    if operator.of_age:
        return operator.holds(as_of - value, operand)
    if value_type == "grade" and operator.on_grade:
        return operator.on_grade(value, operand)
    if value_type == "list":
        return operator.on_list(value, operand)
    return operator.holds(value, operand)
