"""Gives table columns their types and names, and turns placeholders into missing values."""

import re
from collections.abc import Mapping
from typing import Final

import polars as pl

from calibrate.notes import Notes
from vocabulary.fields import FieldType
from vocabulary.moments import DAY, first_moment

PLACEHOLDERS: Final = ("", "select", "n/a", "na", "#n/a", "nan", "null", "none", "-", "--", "?", "not specified")
"""What forms and exports write if nothing was chosen, in lower case."""

TRUE: Final = ("true", "yes", "y", "1", "t", "won", "converted", "1.0")
FALSE: Final = ("false", "no", "n", "0", "f", "lost", "not converted", "0.0")

MOSTLY: Final = 0.95
"""The share of a column's cells that must parse as a type for the column to get it."""

TIME_FORMS: Final = (
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M%#z",
    "%Y-%m-%d %H:%M:%S%.f UTC",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
)


def plain_name(column: str) -> str:
    """Return a column's name as a scorecard field name: `lead_source` for `Lead Source`."""
    name = re.sub(r"[^0-9a-z]+", "_", column.strip().lower()).strip("_")
    return name if name and not name[0].isdigit() else f"field_{name}"


def cleaned(column: pl.Series) -> pl.Series:
    """Return a stripped text column with placeholders made missing."""
    if column.dtype != pl.String:
        return column
    text = column.str.strip_chars()
    return text.set(text.str.to_lowercase().is_in(PLACEHOLDERS), None)


def numbers(column: pl.Series) -> pl.Series:
    """Parse text as numbers, including `1,200`, `$50` and `12 %`; null if that fails."""
    if column.dtype != pl.String:
        return column.cast(pl.Float64, strict=False).fill_nan(None)
    bare = column.str.replace_all(r"[\s$€£%]", "").str.replace_all(r",(\d{3})\b", "$1")
    return bare.cast(pl.Float64, strict=False).fill_nan(None).replace([float("inf"), float("-inf")], None)


def flags(column: pl.Series) -> pl.Series:
    """Parse yes and no in the usual spellings; null if it is neither."""
    if column.dtype == pl.Boolean:
        return column
    folded = column.cast(pl.String).str.strip_chars().str.to_lowercase()
    both = {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}
    return folded.replace_strict(both, default=None, return_dtype=pl.Boolean)


def times(column: pl.Series, zone: str = "UTC") -> pl.Series:
    """Parse ISO dates and times as UTC; null if that fails. A day without a clock is its first moment in a zone."""
    if column.dtype == pl.Date:
        return column.to_frame().select(first_moment(pl.all(), zone)).to_series()
    if isinstance(column.dtype, pl.Datetime):
        typed = column.cast(pl.Datetime("us", column.dtype.time_zone))
        return typed.dt.convert_time_zone("UTC") if column.dtype.time_zone else typed.dt.replace_time_zone("UTC")
    if column.dtype != pl.String:
        return pl.Series(column.name, [None] * len(column), pl.Datetime("us", "UTC"))
    read = _parsed_times(column)
    is_day = column.str.strip_chars().str.contains(DAY).fill_null(value=False)
    return read if zone == "UTC" or not is_day.any() else times(read.dt.date(), zone).zip_with(is_day, read)


def _parsed_times(column: pl.Series) -> pl.Series:
    text = column.str.strip_chars()
    text = text.set((text == "").fill_null(value=False), None)
    read = pl.Series(column.name, [None] * len(text), pl.Datetime("us", "UTC"))
    for form in TIME_FORMS:
        if read.null_count() == text.null_count():
            break
        read = read.zip_with(
            read.is_not_null(), text.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False)
        )
    return read


def known_as(column: pl.Series, kind: FieldType, notes: Notes, zone: str = "UTC") -> pl.Series:
    """Return a column as the declared type; days without a clock begin in a zone.

    Cells that cannot be parsed are counted and made missing.
    """
    bare = cleaned(column)
    read = times(bare, zone) if kind == "time" else _as_type(bare, kind)
    lost = read.null_count() - bare.null_count()
    if lost > 0:
        sample = bare.filter(read.is_null() & bare.is_not_null())[0]
        notes.add(
            "unreadable cells",
            f"{column.name}: {lost} cells are not a {kind} (such as {sample!r}) and count as missing.",
            subject=column.name,
        )
    return read


def _as_type(column: pl.Series, kind: FieldType) -> pl.Series:
    match kind:
        case "number":
            return numbers(column)
        case "flag":
            return flags(column)
        case "time":
            return times(column)
        case "date":
            return times(column).dt.date()
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
    if known.is_empty():
        return "text"
    if _share(flags(known)) == 1 and known.str.to_lowercase().n_unique() <= 2 and _share(numbers(known)) < 1:  # noqa: PLR2004 - yes and no
        return "flag"
    if _share(numbers(known)) >= MOSTLY:
        return "number"
    return "time" if _share(times(known)) >= MOSTLY else "text"


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
