"""Prepares input columns: declared fields for conditions, times for arrays."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.card.calendar import UTC_CALENDAR, Calendar
from scoring.card.values import AS_OF
from vocabulary.fields import DTYPES, TIME, FieldType


def compared(
    leads: pl.DataFrame,
    fields: Mapping[str, FieldType],
    as_of: NDArray[np.signedinteger[Any]],
    calendar: Calendar = UTC_CALENDAR,
) -> pl.DataFrame:
    """Return `#as_of` and the declared fields in the form to compare.

    Text is folded; blanks and NaN are missing. A date is the first moment of its day in the calendar's zone.
    """
    present = set(leads.columns)
    columns = [
        folded(pl.col(name), kind, calendar) if name in present else absent(kind) for name, kind in fields.items()
    ]
    named = [column.alias(name) for column, name in zip(columns, fields, strict=True)]
    moment = pl.lit(pl.Series(as_of)).cast(TIME)
    return leads.select(moment.alias(AS_OF), *named)


def folded(column: pl.Expr, kind: FieldType, calendar: Calendar = UTC_CALENDAR) -> pl.Expr:
    """Return a column of this type in the form to compare."""
    match kind:
        case "text":
            return _not_blank(_lowered(column.cast(pl.String)))
        case "number":
            return column.cast(pl.Float64).fill_nan(None)
        case "list":
            return _entries(column.cast(DTYPES["list"]))
        case "member_of":
            return _entries(column.cast(DTYPES["list"])).fill_null([])
        case "date":
            return _first_moment(column.cast(pl.Date), calendar)
        case _:
            return column.cast(DTYPES[kind])


def absent(kind: FieldType) -> pl.Expr:
    """Return the value of a field of this type that no lead has."""
    if kind == "member_of":
        return pl.lit([], dtype=DTYPES[kind])
    return pl.lit(None, dtype=TIME if kind == "date" else DTYPES[kind])


def _first_moment(day: pl.Expr, calendar: Calendar) -> pl.Expr:
    """Return the first moment of each day; where clocks skip midnight, that is 24 hours after the midnight before."""
    midnight = day.cast(pl.Datetime("us"))
    before = _on_clocks(midnight - pl.duration(days=1), calendar) + pl.duration(days=1)
    return _on_clocks(midnight, calendar).fill_null(before)


def _on_clocks(local: pl.Expr, calendar: Calendar) -> pl.Expr:
    there = local.dt.replace_time_zone(calendar.zone, ambiguous="earliest", non_existent="null")
    return there.dt.convert_time_zone("UTC")


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
