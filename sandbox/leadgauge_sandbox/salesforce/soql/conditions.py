"""Compiles the conditions of a query, with Salesforce's rules for null, letter case and time.

Comparisons with a missing value are false; `!=`, NOT and NOT IN negate them, so they find missing values.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.schema.field import COMPOUND, NUMBERS, Field
from leadgauge_sandbox.salesforce.soql.mistakes import invalid_field, malformed, plainly_malformed
from leadgauge_sandbox.salesforce.soql.parser import unescaped
from leadgauge_sandbox.salesforce.soql.periods import span
from leadgauge_sandbox.salesforce.soql.scope import Column, Scope
from leadgauge_sandbox.salesforce.soql.tree import (
    And,
    Comparison,
    Condition,
    Day,
    Membership,
    Moment,
    Not,
    Number,
    Operand,
    Or,
    Select,
    Text,
    Value,
    Word,
)

IDS: Final = frozenset({"id", "reference"})
_XSD: Final = {"int": "int", "date": "date", "datetime": "dateTime", "boolean": "boolean"}
_COMPARE: Final[dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    "=": lambda left, right: left == right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
_TEXT_LITERAL: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)|%|_", re.DOTALL)

Subquery = Callable[[Select], pl.Series]
Resolve = Callable[[Operand], Column]


@dataclass(frozen=True, slots=True)
class Conditions:
    """Compiles conditions to expressions."""

    scope: Scope
    now: datetime
    subquery: Subquery
    column: Resolve
    """Returns the column of a field or function; refuses one not allowed in the clause."""

    def compile(self, condition: Condition) -> pl.Expr:
        """Return the expression of a condition: true or false for each row, never null."""
        match condition:
            case And(conditions):
                return pl.all_horizontal(*(self.compile(each) for each in conditions))
            case Or(conditions):
                _refuse_semi_joins(conditions)
                return pl.any_horizontal(*(self.compile(each) for each in conditions))
            case Not(inner):
                return ~self.compile(inner)
            case Comparison():
                return self._compare(condition)
            case Membership():
                return self._member(condition)

    def _compare(self, comparison: Comparison) -> pl.Expr:
        column = self.column(comparison.operand)
        if comparison.operator == "like":
            return self._like(column, comparison.value)
        if comparison.operator == "!=":
            return ~self._compare(Comparison(comparison.operand, "=", comparison.value))
        return self._holds(column, comparison.operator, comparison.value).fill_null(value=False)

    def _holds(self, column: Column, operator: str, value: Value) -> pl.Expr:
        expression = column.values
        if _is_null(value):
            return expression.is_null() if operator == "=" else pl.lit(value=False)
        period = self._period(column.field, value)
        if period is not None:
            return _within(expression, operator, *period, day=column.field.type == "date")
        if column.field.dtype == pl.String and operator == "=" and isinstance(value, Text) and not value.value:
            return expression.is_null()
        return _COMPARE[operator](_folded(expression, column.field), self._literal(column.field, value))

    def _period(self, field: Field, value: Value) -> tuple[datetime, datetime] | None:
        if field.type not in ("date", "datetime") or not isinstance(value, Word):
            return None
        found = span(value.value, value.count, self.now.date())
        if found is None:
            raise self._ill_typed(field, value)
        return found

    def _literal(self, field: Field, value: Value) -> pl.Expr:
        """Return the value in the field's type."""
        match field.type, value:
            case "boolean", Word(value="TRUE" | "FALSE"):
                return pl.lit(value.value == "TRUE")
            case "date", Day():
                return pl.lit(value.value)
            case "datetime", Moment():
                return pl.lit(value.value, field.dtype)
            case kind, Number() if kind in NUMBERS:
                return pl.lit(float(value.value))
            case kind, Text() if kind in IDS:
                return pl.lit(self._identifier(field, unescaped(value.value)))
            case _, Text() if field.dtype == pl.String:
                return pl.lit(_fold(unescaped(value.value), field))
            case _:
                raise self._ill_typed(field, value)

    def _identifier(self, field: Field, text: str) -> str:
        known = identifiers.normalise(text)
        if known is None:
            raise SalesforceError("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text} ({field.name})")
        return known

    def _ill_typed(self, field: Field, value: Value) -> SalesforceError:
        quoted = field.dtype == pl.String
        kind = "string" if quoted else _XSD.get(field.type, "double")
        advice = "should be enclosed in quotes" if quoted else "should not be enclosed in quotes"
        message = f"value of filter criterion for field '{field.name}' must be of type {kind} and {advice}"
        return invalid_field(self.scope.query.text, value.at, message)

    def _like(self, column: Column, value: Value) -> pl.Expr:
        if column.field.dtype != pl.String or column.field.type in IDS:
            raise invalid_field(self.scope.query.text, value.at, f"invalid operator on {column.field.type} field")
        if not isinstance(value, Text):
            raise self._ill_typed(column.field, value)
        return column.values.str.contains(_pattern(value.value)).fill_null(value=False)

    def _member(self, membership: Membership) -> pl.Expr:
        column = self.column(membership.operand)
        operator = membership.operator
        if operator.startswith("not "):
            return ~self._member(Membership(membership.operand, "in", membership.values))
        if operator == "excludes":
            return ~self._member(Membership(membership.operand, "includes", membership.values))
        if operator == "includes":
            return self._includes(column, membership.values)
        if isinstance(membership.values, Select):
            return self._semi_join(column, membership.operand, membership.values)
        return self._one_of(column, membership.values)

    def _one_of(self, column: Column, values: tuple[Value, ...]) -> pl.Expr:
        periods = [value for value in values if isinstance(value, Word)]
        plain = [value for value in values if not isinstance(value, Word)]
        expression = pl.lit(value=False)
        for value in periods:
            expression = expression | self._holds(column, "=", value).fill_null(value=False)
        if plain:
            literals = pl.select(pl.concat([self._literal(column.field, value) for value in plain])).to_series()
            folded = _folded(column.values, column.field).cast(literals.dtype)
            expression = expression | folded.is_in(literals.implode()).fill_null(value=False)
        return expression

    def _semi_join(self, column: Column, operand: Operand, query: Select) -> pl.Expr:
        if column.field.type not in IDS:
            at = operand.at
            raise malformed(
                self.scope.query.text, at, "semi join subselects are only allowed on id and reference fields"
            )
        return column.values.is_in(self.subquery(query).drop_nulls().to_list()).fill_null(value=False)

    def _includes(self, column: Column, values: "tuple[Value, ...] | Select") -> pl.Expr:
        if column.field.type != "multipicklist" or isinstance(values, Select):
            at = values.source.at if isinstance(values, Select) else values[0].at
            raise invalid_field(self.scope.query.text, at, "includes and excludes are only for multipicklist fields")
        chosen = column.values.str.split(";")
        wanted = [unescaped(value.value).split(";") for value in values if isinstance(value, Text)]
        each = [pl.all_horizontal(*(chosen.list.contains(part) for part in parts)) for parts in wanted]
        return pl.any_horizontal(*each).fill_null(value=False)


def is_comparable(field: Field) -> bool:
    """Return whether a field is allowed in WHERE."""
    return field.filterable and field.type not in COMPOUND


def semi_joins(condition: Condition | None) -> int:
    """Count the queries inside a condition."""
    match condition:
        case And(conditions) | Or(conditions):
            return sum(map(semi_joins, conditions))
        case Not(inner):
            return semi_joins(inner)
        case Membership(values=Select()):
            return 1
    return 0


def _refuse_semi_joins(conditions: Sequence[Condition]) -> None:
    if any(map(semi_joins, conditions)):
        raise plainly_malformed("Semi join sub-selects are not allowed with the 'OR' operator")


def _is_null(value: Value) -> bool:
    return isinstance(value, Word) and value.value == "NULL" and value.count is None


def _folded(expression: pl.Expr, field: Field) -> pl.Expr:
    """Return text for comparison: case-sensitive for ids only."""
    if field.dtype != pl.String or field.type in IDS or field.case_sensitive:
        return expression
    return expression.str.to_lowercase()


def _fold(text: str, field: Field) -> str:
    return text if field.case_sensitive else text.lower()


def _within(expression: pl.Expr, operator: str, first: datetime, after: datetime, *, day: bool) -> pl.Expr:
    """Compare with a period: later means after its end."""
    start, end = (pl.lit(first.date()), pl.lit(after.date())) if day else (pl.lit(first), pl.lit(after))
    match operator:
        case "=":
            return (expression >= start) & (expression < end)
        case "<":
            return expression < start
        case "<=":
            return expression < end
        case ">":
            return expression >= end
        case _:
            return expression >= start


def _pattern(written: str) -> str:
    """Return the regular expression of a LIKE pattern; its wildcards may be escaped."""
    parts, last = [], 0
    for found in _TEXT_LITERAL.finditer(written):
        parts.append(re.escape(written[last : found.start()]))
        parts.append({"%": ".*", "_": "."}.get(found[0]) or re.escape(_literal_of(found[0])))
        last = found.end()
    return "(?is)^" + "".join(parts) + re.escape(written[last:]) + "$"


def _literal_of(escape: str) -> str:
    return escape[1:] if escape[1:] in "%_" else unescaped(escape)
