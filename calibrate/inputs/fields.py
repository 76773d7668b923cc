"""Gives table columns their types and names, and turns placeholders into missing values."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from calibrate.notes import Notes
from connectors.files.dates import Order
from connectors.files.numbers import decimal_comma
from connectors.files.parsing import PLACEHOLDERS, form_of, parsed
from vocabulary.fields import LISTS, FieldType

MOSTLY: Final = 0.95
"""The share of a column's cells that must parse as a type for the column to get it."""
LONGEST: Final = 64
"""Bytes beyond which a cell is no number, flag or time: parsing pages of notes as such would take minutes."""


def cleaned(column: pl.Series) -> pl.Series:
    """Return a stripped text column with placeholders made missing."""
    if column.dtype != pl.String:
        return column
    text = column.str.strip_chars()
    return text.set(text.str.to_lowercase().is_in(("", *PLACEHOLDERS)), None)


def stripped(column: pl.Series) -> pl.Series:
    """Return a stripped text column with blanks made missing."""
    if column.dtype != pl.String:
        return column
    text = column.str.strip_chars()
    return text.set(text == "", None)


def numbers(column: pl.Series) -> pl.Series:
    """Parse text as numbers, including `1,200`, `$50` and `12 %`; null if that fails."""
    if column.dtype != pl.String:
        return column.cast(pl.Float64, strict=False).fill_nan(None)
    return _parsed(column, "number").fill_nan(None).replace([float("inf"), float("-inf")], None)


def flags(column: pl.Series) -> pl.Series:
    """Parse yes and no in the usual spellings; null if it is neither."""
    return _parsed(column, "flag")


def times(column: pl.Series, zone: str = "UTC", dates: Order | None = None) -> pl.Series:
    """Parse dates and times as UTC; null if that fails. A day without a clock is its first moment in a zone."""
    if column.dtype != pl.String and not column.dtype.is_temporal():
        return pl.Series(column.name, [None] * len(column), pl.Datetime("us", "UTC"))
    return _parsed(column, "time", zone, dates)


def _parsed(column: pl.Series, kind: FieldType, zone: str = "UTC", dates: Order | None = None) -> pl.Series:
    """Return a column as `score` reads it."""
    free = form_of(column, dates) if kind in {"time", "date"} and column.dtype == pl.String else None
    comma = kind == "number" and column.dtype == pl.String and decimal_comma(column)
    asked = parsed(kind, pl.col("column"), column.dtype, zone, free, comma=comma)
    read = column.alias("column").to_frame().select(asked)
    return read.to_series().alias(column.name)


def known_as(
    column: pl.Series, kind: FieldType, notes: Notes, zone: str = "UTC", dates: Order | None = None
) -> pl.Series:
    """Return a column as the declared type; days without a clock begin in a zone.

    Cells that cannot be parsed are counted and made missing. Which texts count as missing in a text or a list depends
    on the scorecard too (`placeholders`).
    """
    bare = stripped(column) if kind in {"text", *LISTS} else cleaned(column)
    read = _as_type(bare, kind, zone, dates)
    lost = read.null_count() - bare.null_count()
    if lost > 0:
        sample = bare.filter(read.is_null() & bare.is_not_null())[0]
        notes.add(
            "unreadable cells",
            f"{column.name}: {lost} cells are not a {kind} (such as {sample!r}) and count as missing.",
            subject=column.name,
        )
    return read


def _as_type(column: pl.Series, kind: FieldType, zone: str, dates: Order | None) -> pl.Series:
    match kind:
        case "number":
            return numbers(column)
        case "flag":
            return flags(column)
        case "time":
            return times(column, zone, dates)
        case "date":
            return _parsed(column, "date", zone, dates)
        case "list" | "member_of":
            return _lists(column)
        case "text":
            return column if column.dtype == pl.String else column.cast(pl.String, strict=False)


def _lists(column: pl.Series) -> pl.Series:
    if isinstance(column.dtype, pl.List):
        return column.cast(pl.List(pl.String))
    return column.cast(pl.String).str.split(";")


def inferred_type(column: pl.Series) -> FieldType:
    """Return the type that nearly all cells of a column parse as."""
    if column.dtype == pl.Boolean:
        return "flag"
    if column.dtype.is_temporal():
        return "time"
    if isinstance(column.dtype, pl.List):
        return "list"
    if column.dtype.is_numeric():
        return "number"
    return _type_of_text(cleaned(column.cast(pl.String, strict=False)))


def _type_of_text(column: pl.Series) -> FieldType:
    known = column.drop_nulls()
    if known.is_empty() or int((known.str.len_bytes() > LONGEST).sum()) > (1 - MOSTLY) * len(known):
        return "text"
    if _share(flags(known)) == 1 and known.str.to_lowercase().n_unique() <= 2 and _share(numbers(known)) < 1:  # noqa: PLR2004 - yes and no
        return "flag"
    if _share(numbers(known)) >= MOSTLY:
        return "number"
    orders: tuple[Order | None, ...] = (None, "day", "month")
    return "time" if any(_share(times(known, dates=order)) >= MOSTLY for order in orders) else "text"


def _share(read: pl.Series) -> float:
    return 1 - read.null_count() / max(1, len(read))


def typed(frame: pl.DataFrame, declared: Mapping[str, FieldType], notes: Notes, zone: str = "UTC") -> pl.DataFrame:
    """Return the declared fields of a frame with their types. A field without a column is all missing."""
    return pl.DataFrame(
        [
            known_as(frame[name], kind, notes, zone).alias(name)
            for name, kind in declared.items()
            if name in frame.columns
        ]
    )
