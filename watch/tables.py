"""What a report is made of: sections with sentences, tables and charts, as plain data that any medium can show."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import quote, unquote

Kind = Literal["text", "count", "share", "number", "money", "hours", "day"]
NOTHING: Final = "—"
RECORDS: Final = "records"
"""Where a row keeps the key of its records."""
HOURS_OF_DAYS: Final = 72
"""From how many hours on a span reads better in days."""
NUMBERS: Final = frozenset({"count", "share", "number", "money", "hours"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    heading: str
    kind: Kind = "text"
    bounds: tuple[str, str] | None = None
    """The names of the values that bound it: the ends of its interval."""
    records: str | None = None
    """What is added to the key of the row's records to get those of this cell; None if it leads to none."""

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.kind in NUMBERS


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as people read it, and the key of the records behind it."""

    text: str
    records: str | None
    column: Column


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of values by the names of the columns; `records` in a row is the key of the records behind it."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    folded: bool = False
    """Whether it is detail that is shown on request."""

    def cells(self, row: Mapping[str, Any]) -> Iterator[Cell]:
        """Yield the cells of a row."""
        for column in self.columns:
            base = row.get(RECORDS)
            leads = base is not None and column.records is not None and bool(row[column.name])
            yield Cell(shown(row, column), join(base, column.records) if leads else None, column)


@dataclass(frozen=True, slots=True)
class Chart:
    """Points with intervals: one series per name, each point a label, a value, and its bounds."""

    title: str
    kind: Literal["lines", "bars"]
    axis: str
    series: Mapping[str, Sequence[tuple[str, float, float, float]]]
    diagonal: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report."""

    name: str
    title: str
    said: Sequence[str] = ()
    tables: Sequence[Table] = ()
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to act on: what was found, of how many, and what to do."""

    kind: str
    """By which metrics count it: one word."""
    says: str
    do: str
    section: str
    """The section that shows it."""
    count: int = 1
    records: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One number for the first glance."""

    label: str
    value: str
    note: str = ""
    records: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What one look at the data found: a section, what to do about it, and its figures for the top and for metrics."""

    section: Section
    findings: Sequence[Finding] = ()
    figures: Sequence[Figure] = ()
    measures: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Values by what they are of, by the name of the metric."""


def key(*parts: str) -> str:
    """Return a key of records: its parts may hold anything."""
    return "/".join(quote(part, safe=" +?") for part in parts)


def join(base: str | None, more: str | None) -> str | None:
    """Return the key of a part of the records."""
    return f"{base}/{quote(more, safe='')}" if base and more else base


def parts_of(written: str) -> list[str]:
    """Return the parts of a key."""
    return [unquote(part) for part in written.split("/")]


def shown(row: Mapping[str, Any], column: Column) -> str:
    """Return a value as people read it, with its interval."""
    text = said(row[column.name], column.kind)
    if column.bounds is None or row[column.name] is None:
        return text
    low, high = (said(row[name], column.kind).removesuffix(" %") for name in column.bounds)
    return f"{text} ({low} to {high})"


def hours_said(hours: float) -> str:
    """Return a span of time in minutes, hours or days."""
    if hours < 1:
        return f"{60 * hours:.0f} min"
    number, unit = (hours, "h") if hours < HOURS_OF_DAYS else (hours / 24, "days")
    return f"{number:.1f}".removesuffix(".0") + f" {unit}"


_SAID: Final[Mapping[Kind, Callable[[Any], str]]] = {
    "text": str,
    "count": lambda value: f"{value:,.0f}",
    "share": lambda value: f"{100 * value:.1f} %",
    "number": lambda value: f"{value:,.2f}",
    "money": lambda value: f"{value:,.0f}",
    "hours": hours_said,
    "day": lambda value: f"{value.day} {value:%b %Y}",
}


def said(value: Any, kind: Kind) -> str:
    """Return a value as people read it."""
    return NOTHING if value is None else _SAID[kind](value)
