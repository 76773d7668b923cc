"""Prepares input columns: declared fields for conditions, times for arrays."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.card.calendar import UTC_CALENDAR, Calendar
from scoring.card.values import AS_OF
from vocabulary.fields import DTYPES, LISTS, TIME, FieldType
from vocabulary.moments import first_moment, moment


def compared(
    leads: pl.DataFrame,
    fields: Mapping[str, FieldType],
    as_of: NDArray[np.signedinteger[Any]],
    calendar: Calendar = UTC_CALENDAR,
) -> pl.DataFrame:
    """Return `#as_of` and the declared fields in the form to compare.

    Text is folded; blanks and NaN are missing. A date is the first moment of its day in the calendar's zone.
    """
    now = pl.lit(pl.Series(as_of)).cast(TIME)
    return leads.select(now.alias(AS_OF), *fields_of(leads.schema, fields, calendar))


def known(frame: pl.DataFrame, fields: Mapping[str, FieldType], placeholders: Collection[str]) -> pl.DataFrame:
    """Return a frame whose fields of text and lists do not hold the placeholders of the scorecard."""
    if not placeholders:
        return frame
    empty = [one.strip().lower() for one in placeholders]
    return frame.with_columns(
        _without(pl.col(name), kind, empty).alias(name)
        for name, kind in fields.items()
        if name in frame.columns and kind in {"text", *LISTS}
    )


def _without(column: pl.Expr, kind: FieldType, empty: list[str]) -> pl.Expr:
    if kind == "text":
        return pl.when(~_lowered(column.cast(pl.String)).is_in(empty)).then(column)
    entries = column.cast(DTYPES["list"])
    return entries.list.eval(pl.when(~_lowered(pl.element()).is_in(empty)).then(pl.element())).list.drop_nulls()


def fields_of(schema: pl.Schema, fields: Mapping[str, FieldType], calendar: Calendar) -> Iterator[pl.Expr]:
    """Yield the declared fields of a frame in the form to compare; a field without a column is missing."""
    for name, kind in fields.items():
        there = name in schema
        yield (folded(pl.col(name), kind, calendar, schema[name]) if there else absent(kind)).alias(name)


def folded(
    column: pl.Expr, kind: FieldType, calendar: Calendar = UTC_CALENDAR, dtype: pl.DataType | None = None
) -> pl.Expr:
    """Return a column of this type in the form to compare; a time may be an ISO text (`dtype`), or a day."""
    match kind:
        case "text":
            return _not_blank(_lowered(column.cast(pl.String)))
        case "number":
            return column.cast(pl.Float64).fill_nan(None)
        case "list":
            return _entries(column.cast(DTYPES["list"]))
        case "member_of":
            return _entries(column.cast(DTYPES["list"])).fill_null([])
        case "time" | "date":
            return _moment(column, pl.Date() if kind == "date" else dtype, calendar)
        case _:
            return column.cast(DTYPES[kind])


def absent(kind: FieldType) -> pl.Expr:
    """Return the value of a field of this type that no lead has."""
    if kind == "member_of":
        return pl.lit([], dtype=DTYPES[kind])
    return pl.lit(None, dtype=TIME if kind == "date" else DTYPES[kind])


def _moment(column: pl.Expr, dtype: pl.DataType | None, calendar: Calendar) -> pl.Expr:
    if dtype == pl.String:
        return moment(column, calendar.zone)
    return first_moment(column.cast(pl.Date), calendar.zone) if dtype == pl.Date else column.cast(TIME)


def _lowered(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars().str.to_lowercase()


def _not_blank(text: pl.Expr) -> pl.Expr:
    return pl.when(text != "").then(text)


def _entries(entries: pl.Expr) -> pl.Expr:
    """Fold the entries and drop blank ones; an empty list is missing."""
    kept = entries.list.eval(_not_blank(_lowered(pl.element()))).list.drop_nulls()
    return pl.when(kept.list.len() > 0).then(kept)


def in_utc(moment: datetime) -> datetime:
    """Return a datetime in UTC, which is also assumed if it has no offset."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def microseconds_since_epoch(moment: datetime) -> int:
    """Return a datetime as the integer that a frame stores."""
    return (in_utc(moment) - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND


_MICROSECOND: Final = datetime.resolution
