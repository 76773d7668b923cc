"""Conditions by which people are left out: tests of mapped fields, in the grammar of the scorecard."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import numpy as np
import polars as pl

from scoring.card.conditions import LeadCondition
from scoring.card.operands import Scope
from scoring.conditions import Terms
from scoring.frames import compared, microseconds_since_epoch
from vocabulary.fields import FieldType

_OF_HISTORY: Final = ("activities", "unanswered", "surge")


def fields_of(condition: LeadCondition) -> Iterator[tuple[str, FieldType]]:
    """Yield the fields that a condition tests, with the type that its operands have."""
    for name, test in condition.field_tests.items():
        yield name, _type_of(list(test.operators.items()))
    for inner in condition.nested:
        yield from fields_of(inner)


def _type_of(operators: list[tuple[str, Any]]) -> FieldType:
    values = [
        value
        for name, operand in operators
        if name != "known"
        for value in (operand if isinstance(operand, list | tuple) else [operand])
    ]
    if values and all(isinstance(value, bool) for value in values):
        return "flag"
    if values and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return "number"
    return "text"


def unfit(condition: LeadCondition) -> str:
    """Return why a condition cannot decide about a person of whom only fields are known; empty if it can."""
    asked = [name for name in _OF_HISTORY if getattr(condition, name) is not None]
    asked += list(condition.computed_tests)
    if asked:
        return f"`{asked[0]}` is not known of people who are left out: only fields can be asked here"
    return next((wrong for inner in condition.nested if (wrong := unfit(inner))), "")


def misfits(condition: LeadCondition, fields: Mapping[str, FieldType]) -> Iterator[str]:
    """Yield the tests that do not fit the type of their field."""
    for name, test in condition.field_tests.items():
        yield from (
            f"`{name}`: {wrong.message}" for wrong in test.mistakes(fields.get(name, "text"), Scope(fields=fields))
        )
    for inner in condition.nested:
        yield from misfits(inner, fields)


def excluded(
    leads: pl.DataFrame, conditions: Mapping[str, LeadCondition], fields: Mapping[str, FieldType], as_of: datetime
) -> pl.DataFrame:
    """Return the leads that meet a condition, with the `name` of the first that they meet."""
    at = np.full(leads.height, microseconds_since_epoch(as_of), np.int64)
    answers = Terms(Scope(fields=fields)).ask(compared(leads, fields, at), list(conditions.values()))
    named: list[str | None] = [None] * leads.height
    for name, answer in zip(conditions, answers, strict=True):
        named = [before or (name if holds == 1 else None) for before, holds in zip(named, answer, strict=True)]
    found = pl.DataFrame({"lead": leads["lead"], "name": named}, schema={"lead": pl.String, "name": pl.String})
    return found.drop_nulls("name")
