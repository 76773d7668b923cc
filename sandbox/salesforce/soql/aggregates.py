"""COUNT, SUM and their like, GROUP BY and HAVING."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from sandbox.salesforce.schema.field import NUMBERS, Field
from sandbox.salesforce.soql.mistakes import invalid_field, malformed
from sandbox.salesforce.soql.scope import Column, Scope
from sandbox.salesforce.soql.tree import Function, Operand, Path, Select, Selected

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
}
SHOWN_AS_IS: Final = frozenset({"TOLABEL", "FORMAT", "CONVERTCURRENCY", "CONVERTTIMEZONE"})
"""Functions that change how a value is shown to people in other languages and zones, of which there are none here."""


def is_aggregate(query: Select) -> bool:
    """Tell whether a query returns groups instead of records."""
    functions = [item.operand for item in query.items if isinstance(item, Selected)]
    return bool(query.group) or any(isinstance(each, Function) and each.name in _MEASURES for each in functions)


def is_plain_count(query: Select) -> bool:
    """Tell whether a query is `SELECT COUNT() FROM …`: it answers by its total size alone."""
    first = query.items[0]
    return isinstance(first, Selected) and isinstance(first.operand, Function) and first.operand.argument is None


@dataclass(slots=True)
class Groups:
    """Collects the measures and keys of a query while its parts are compiled."""

    scope: Scope
    needs: set[str] = field(default_factory=set)
    keys: dict[str, pl.Expr] = field(default_factory=dict)
    measures: dict[str, pl.Expr] = field(default_factory=dict)

    def column(self, operand: Operand) -> Column:
        """Return the column of the grouped frame that an operand stands for."""
        if isinstance(operand, Path):
            return self._key(operand)
        return self.measure(operand)

    def add_key(self, operand: Operand) -> None:
        """Group by a field, or by a part of a date."""
        if isinstance(operand, Path):
            column = self.scope.checked(operand, lambda each: each.groupable, "grouped")
            self.needs.add(column.name)
            self.keys[column.name] = pl.col(column.name)
        else:
            column = self.measure(operand)

    def measure(self, function: Function) -> Column:
        """Return the column of an aggregate or of a date's part."""
        name = self._name(function)
        if function.argument is None:
            self.measures[name] = pl.len().cast(pl.Int64)
            return Column(name, _COUNT)
        inner = self._inner(function)
        if function.name in _CALENDAR:
            self.keys[name] = _CALENDAR[function.name](pl.col(inner.name))
            return Column(name, Field(name, "date" if function.name == "DAY_ONLY" else "int", name))
        if function.name not in _MEASURES:
            raise malformed(self.scope.query.text, function.at, f"unknown function: {function.name}")
        if function.name in ("SUM", "AVG") and inner.field.type not in NUMBERS:
            message = f"field {inner.field.name} does not support aggregate operator {function.name}"
            raise malformed(self.scope.query.text, function.at, message)
        self.measures[name] = _MEASURES[function.name](pl.col(inner.name))
        return Column(name, _COUNT if function.name.startswith("COUNT") else inner.field)

    def _inner(self, function: Function) -> Column:
        if not isinstance(function.argument, Path):
            raise malformed(self.scope.query.text, function.at, "functions take a field here")
        column = self.scope.column(function.argument)
        self.needs.add(column.name)
        return column

    def _key(self, path: Path) -> Column:
        column = self.scope.column(path)
        if column.name not in self.keys:
            message = f"Field must be grouped or aggregated: {'.'.join(path.parts)}"
            raise malformed(self.scope.query.text, path.at, message)
        return column

    def _name(self, function: Function) -> str:
        inner = "" if not isinstance(function.argument, Path) else self.scope.column(function.argument).name
        return f"{function.name}({inner})"

    def gather(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Group the frame: one row for each combination of the keys, or one row in all."""
        measures = [expression.alias(name) for name, expression in self.measures.items()]
        if not self.keys:
            return frame.select(measures)
        keys = [expression.alias(name) for name, expression in self.keys.items()]
        return frame.with_columns(keys).group_by(list(self.keys), maintain_order=True).agg(measures)


def no_function(scope: Scope) -> Callable[[Function], Column]:
    """Return what refuses aggregates where records are selected."""

    def refuse(function: Function) -> Column:
        message = f"function {function.name} is not supported here"
        raise invalid_field(scope.query.text, function.at, message)

    return refuse


def output_names(items: Sequence[Selected]) -> list[str]:
    """Return the names under which groups are shown: aliases, the fields' own names, or `expr0` and so on."""
    names, unnamed = [], 0
    for item in items:
        if item.alias is not None:
            names.append(item.alias)
        elif isinstance(item.operand, Path):
            names.append(item.operand.parts[-1])
        else:
            names.append(f"expr{unnamed}")
            unnamed += 1
    return names
