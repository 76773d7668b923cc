"""COUNT, SUM and other aggregates, GROUP BY and HAVING."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from leadgauge_sandbox.salesforce.schema.field import NUMBERS, Field
from leadgauge_sandbox.salesforce.soql.mistakes import invalid_field, malformed, plainly_malformed
from leadgauge_sandbox.salesforce.soql.scope import Column, Scope
from leadgauge_sandbox.salesforce.soql.tree import Function, Operand, Path, Select, Selected

_COUNT: Final = Field("expr", "int", "Count")
_MEASURES: Final[dict[str, Callable[[pl.Expr], pl.Expr]]] = {
    "COUNT": lambda values: values.count().cast(pl.Int64),
    "COUNT_DISTINCT": lambda values: values.drop_nulls().n_unique().cast(pl.Int64),
    "SUM": lambda values: pl.when(values.count() > 0).then(values.sum()),
    "AVG": lambda values: values.mean(),
    "MIN": lambda values: values.min(),
    "MAX": lambda values: values.max(),
}
_CALENDAR: Final[dict[str, Callable[[pl.Expr], pl.Expr]]] = {
    "CALENDAR_YEAR": lambda day: day.dt.year().cast(pl.Int64),
    "CALENDAR_QUARTER": lambda day: day.dt.quarter().cast(pl.Int64),
    "CALENDAR_MONTH": lambda day: day.dt.month().cast(pl.Int64),
    "DAY_IN_MONTH": lambda day: day.dt.day().cast(pl.Int64),
    "DAY_IN_WEEK": lambda day: (day.dt.weekday() % 7 + 1).cast(pl.Int64),
    "HOUR_IN_DAY": lambda moment: moment.dt.hour().cast(pl.Int64),
    "WEEK_IN_YEAR": lambda day: day.dt.week().cast(pl.Int64),
    "DAY_ONLY": lambda moment: moment.dt.date(),
    "DAY_IN_YEAR": lambda day: day.dt.ordinal_day().cast(pl.Int64),
    "WEEK_IN_MONTH": lambda day: (day.dt.day().cast(pl.Int64) + 6) // 7,
    "FISCAL_YEAR": lambda day: day.dt.year().cast(pl.Int64),
    "FISCAL_QUARTER": lambda day: day.dt.quarter().cast(pl.Int64),
    "FISCAL_MONTH": lambda day: day.dt.month().cast(pl.Int64),
}
"""Parts of a date; the fiscal year is the calendar year."""
_OF_TIME: Final = frozenset({"HOUR_IN_DAY", "DAY_ONLY"})
SHOWN_AS_IS: Final = frozenset({"TOLABEL", "FORMAT", "CONVERTCURRENCY", "CONVERTTIMEZONE"})
"""Functions for the user's language and time zone, which here change nothing."""


def is_aggregate(query: Select) -> bool:
    """Return whether a query returns groups instead of records."""
    functions = [item.operand for item in query.items if isinstance(item, Selected)]
    return bool(query.group) or any(isinstance(each, Function) and each.name in _MEASURES for each in functions)


def bare_count(query: Select) -> Function | None:
    """Return the `COUNT()` of a query whose result is only its total size, or None."""
    functions = (item.operand for item in query.items if isinstance(item, Selected))
    return next((each for each in functions if isinstance(each, Function) and _is_bare_count(each)), None)


def _is_bare_count(function: Function) -> bool:
    return function.name == "COUNT" and function.argument is None


@dataclass(slots=True)
class Groups:
    """Collects the measures and keys of a query during compilation."""

    scope: Scope
    needs: set[str] = field(default_factory=set)
    keys: dict[str, pl.Expr] = field(default_factory=dict)
    measures: dict[str, pl.Expr] = field(default_factory=dict)

    def column(self, operand: Operand) -> Column:
        """Return an operand's column in the grouped frame."""
        if isinstance(operand, Path):
            return self._key(operand)
        return self.measure(operand)

    def add_key(self, operand: Operand) -> None:
        """Group by a field or a part of a date."""
        if isinstance(operand, Path):
            column = self.scope.checked(operand, lambda each: each.groupable, "grouped")
            self.needs.add(column.name)
        else:
            column = part_of_date(self.scope, operand, self.needs)
        self.keys[column.name] = column.values

    def measure(self, function: Function) -> Column:
        """Return the column of an aggregate, or of a part of a date used as a key."""
        if function.name in _CALENDAR:
            return self._key_of_date(function)
        if _is_bare_count(function):
            self.measures["COUNT()"] = pl.len().cast(pl.Int64)
            return Column("COUNT()", _COUNT)
        inner = argument_of(self.scope, function)
        self.needs.add(inner.name)
        name = f"{function.name}({inner.name})"
        if function.name not in _MEASURES:
            raise malformed(self.scope.query.text, function.at, f"unknown function: {function.name}")
        if function.name in ("SUM", "AVG") and inner.field.type not in NUMBERS:
            message = f"field {inner.field.name} does not support aggregate operator {function.name}"
            raise malformed(self.scope.query.text, function.at, message)
        self.measures[name] = _MEASURES[function.name](pl.col(inner.name))
        return Column(name, _COUNT if function.name.startswith("COUNT") else inner.field)

    def _key(self, path: Path) -> Column:
        return self._known(self.scope.column(path), path)

    def _key_of_date(self, function: Function) -> Column:
        column = part_of_date(self.scope, function, self.needs)
        return self._known(Column(column.name, column.field), function)

    def _known(self, column: Column, operand: Operand) -> Column:
        if column.name not in self.keys:
            message = f"Field must be grouped or aggregated: {column.name}"
            raise malformed(self.scope.query.text, operand.at, message)
        return column

    def gather(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Group the frame: one row per combination of keys, or a single row without keys."""
        measures = [expression.alias(name) for name, expression in self.measures.items()]
        if not self.keys:
            return frame.select(measures)
        keys = [expression.alias(name) for name, expression in self.keys.items()]
        return frame.with_columns(keys).group_by(list(self.keys), maintain_order=True).agg(measures)


def part_of_date(scope: Scope, function: Function, needs: set[str]) -> Column:
    """Return the column of a function such as `CALENDAR_YEAR(CreatedDate)`, and record the fields it reads."""
    if function.name not in _CALENDAR:
        raise invalid_field(scope.query.text, function.at, f"function {function.name} is not supported here")
    inner = argument_of(scope, function)
    if inner.field.type not in ("date", "datetime") or (function.name in _OF_TIME and inner.field.type == "date"):
        message = f"field {inner.field.name} does not support function {function.name}"
        raise malformed(scope.query.text, function.at, message)
    needs.add(inner.name)
    kind = "date" if function.name == "DAY_ONLY" else "int"
    name = f"{function.name}({inner.name})"
    return Column(name, Field(name, kind, name), _CALENDAR[function.name](inner.values))


def argument_of(scope: Scope, function: Function) -> Column:
    """Return the field in a function's argument; the user's time zone is UTC."""
    argument = function.argument
    if isinstance(argument, Function) and argument.name == "CONVERTTIMEZONE":
        argument = argument.argument
    if not isinstance(argument, Path):
        raise malformed(scope.query.text, function.at, "functions take a field here")
    return scope.column(argument)


def output_names(items: Sequence[Selected], columns: Sequence[Column]) -> list[str]:
    """Return the column names of the groups: aliases, field names, or `expr0` and so on."""
    names, unnamed = [], 0
    for item, column in zip(items, columns, strict=True):
        if item.alias is not None:
            names.append(item.alias)
        elif isinstance(item.operand, Path):
            names.append(column.field.name)
        else:
            names.append(f"expr{unnamed}")
            unnamed += 1
    for name, times in Counter(names).items():
        if times > 1:
            raise plainly_malformed(f"duplicate alias: {name}")
    return names
