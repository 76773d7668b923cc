"""Parse file values into the neutral types: times, numbers with their signs, true/false, lists separated by `;`.

What forms and exports write where nothing was chosen is missing, unless the field is of text or a list: there the
scorecard's `placeholders` decide.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import polars as pl

from connectors.files.dates import FreeForm, Order, local_time, order_of, with_clock
from connectors.files.errors import A_DATE, A_TIME, NUMBER
from connectors.files.numbers import number
from vocabulary.fields import DTYPES, FLAGS, LISTS, TIME, FieldType
from vocabulary.moments import DAY, first_moment

LIST_SEPARATOR: Final = ";"
ISO: Final = (
    r"^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?"
    r"\s*(?:([Zz]|UTC|GMT)|([+-](?:[01]\d|2[0-3]))(?::?([0-5]\d))?)?$"
)
PLACEHOLDERS: Final = (
    *("select", "n/a", "n.a.", "na", "#n/a", "nan", "null", "none", "unknown", "-", "--", "?", "not specified"),
    *("--none--", "(none)", "(blank)", "(no value)", "not provided", "[not provided]", "[[unknown]]"),
)
"""What forms and exports write if nothing was chosen, in lower case."""

TRUE_OR_FALSE: Final = {
    **FLAGS,
    **dict.fromkeys(("y", "t", "1.0", "won", "converted"), True),
    **dict.fromkeys(("n", "f", "0.0", "lost", "not converted"), False),
}
WANTED: Final[Mapping[FieldType, str]] = {
    "text": "a text",
    "number": NUMBER,
    "flag": "true or false, yes or no, 1 or 0",
    "time": A_TIME,
    "date": A_DATE,
    **dict.fromkeys(LISTS, "entries separated by ;"),
}


def parsed(
    kind: FieldType,
    column: pl.Expr,
    dtype: pl.DataType,
    zone: str = "UTC",
    free: FreeForm | None = None,
    *,
    comma: bool = False,
) -> pl.Expr:
    """Return a file's column as a field type; null where blank or unreadable.

    A day without a clock, where a time is wanted, is its first moment in a zone. Dates are ISO, unless `free` says
    otherwise; numbers have a decimal point, unless `comma` says so.
    """
    if _is_native(kind, dtype):
        return first_moment(column, zone) if kind == "time" and dtype == pl.Date else _native(kind, column, dtype)
    if isinstance(dtype, pl.List):
        dtype, column = pl.String(), column.cast(pl.List(pl.String)).list.join(LIST_SEPARATOR)
    cell = _cell(column, dtype)
    if kind in {"text", *LISTS}:
        return PARSERS[kind](cell)
    told = _told(cell)
    if kind == "number":
        return number(told, comma=comma)
    return _moment(kind, told, zone, free) if kind in {"time", "date"} else PARSERS[kind](told)


def form_of(
    cells: pl.Series, order: Order | None = None, whole: Callable[[], pl.Series] | None = None
) -> FreeForm | None:
    """Return how to read the dates of a column; None if they are ISO, as its cells (perhaps not all) say.

    `whole` has all cells, which are asked for the order unless that is given.
    """
    told = cells.filter(~cells.str.strip_chars().str.to_lowercase().is_in(("", *PLACEHOLDERS)))
    if told.str.strip_chars().str.contains(ISO).all():
        return None
    return FreeForm(order or order_of((whole() if whole else told).str.strip_chars()))


def agreed(columns: Iterable[pl.Series]) -> Order | None:
    """Return the order of dates that the columns of one table agree on; None if none tells, or if they disagree."""
    told = {order_of(cells.str.strip_chars()) for cells in columns} - {None}
    return told.pop() if len(told) == 1 else None


def _told(cell: pl.Expr) -> pl.Expr:
    """Return a cell, null if it is a placeholder."""
    return pl.when(~cell.str.to_lowercase().is_in(PLACEHOLDERS)).then(cell)


def _moment(kind: FieldType, cell: pl.Expr, zone: str, free: FreeForm | None) -> pl.Expr:
    moment, day = _time(cell), cell.str.contains(DAY)
    if free is not None:
        local = local_time(cell, free.order)
        day |= local.is_not_null() & ~with_clock(cell)
        moment = pl.coalesce(moment, local.dt.replace_time_zone("UTC"))
    if kind == "date":
        return moment.dt.date()
    return moment if zone == "UTC" else pl.when(day).then(first_moment(moment.dt.date(), zone)).otherwise(moment)


def parse(text: pl.Expr, kind: FieldType) -> pl.Expr:
    """Return a text column as a field type."""
    return parsed(kind, text, pl.String())


def unread(
    kind: FieldType, column: pl.Expr, dtype: pl.DataType, free: FreeForm | None = None, *, comma: bool = False
) -> pl.Expr:
    """Return whether a value is present but cannot be read as the field type."""
    if _is_native(kind, dtype) or kind in {"text", *LISTS}:
        return pl.lit(value=False)
    return _told(_cell(column, dtype)).is_not_null() & parsed(kind, column, dtype, free=free, comma=comma).is_null()


def _is_native(kind: FieldType, dtype: pl.DataType) -> bool:
    match kind:
        case "number":
            return dtype.is_numeric()
        case "flag":
            return dtype == pl.Boolean
        case "time" | "date":
            return dtype in (pl.Datetime, pl.Date)
        case "list" | "member_of":
            return isinstance(dtype, pl.List)
        case _:
            return dtype == pl.String


def _native(kind: FieldType, column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if kind == "date":
        return column.cast(pl.Date)
    if kind == "time":
        return column.dt.convert_time_zone("UTC").cast(TIME) if getattr(dtype, "time_zone", None) else _as_utc(column)
    return column.cast(DTYPES[kind])


def _as_utc(column: pl.Expr) -> pl.Expr:
    return column.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _cell(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return a cell as stripped text, null if empty."""
    text = (column if dtype == pl.String else column.cast(pl.String)).str.strip_chars()
    return pl.when(text != "").then(text)


def _flag(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().replace_strict(TRUE_OR_FALSE, default=None, return_dtype=pl.Boolean)


def _time(text: pl.Expr) -> pl.Expr:
    """Parse ISO times. Without an offset they are UTC."""
    part = text.str.extract_groups(ISO).struct
    seconds, fraction = part[2].fill_null("00"), part[3].fill_null("0").str.pad_end(6, "0").str.slice(0, 6)
    written = pl.concat_str(
        part[0], pl.lit("T"), part[1].fill_null("00:00"), pl.lit(":"), seconds, pl.lit("."), fraction
    )
    local = written.str.strptime(pl.Datetime("us"), "%Y-%m-%dT%H:%M:%S%.f", strict=False)
    hours = part[5].cast(pl.Int64, strict=False).fill_null(0)
    minutes = part[6].cast(pl.Int64, strict=False).fill_null(0)
    signed = pl.when(part[5].str.starts_with("-")).then(-minutes).otherwise(minutes)
    return (local - pl.duration(hours=hours, minutes=signed)).dt.replace_time_zone("UTC")


PARSERS: Final[Mapping[FieldType, Callable[[pl.Expr], pl.Expr]]] = {
    "text": lambda text: text,
    "flag": _flag,
    **dict.fromkeys(LISTS, lambda text: text.str.split(LIST_SEPARATOR)),
}
"""The parser of each field type but numbers and moments; null where a text cannot be parsed."""
