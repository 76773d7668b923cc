"""Prepares input columns: declared fields for conditions, times for arrays."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scoring.card.values import AS_OF, TODAY
from vocabulary.fields import DTYPES, TIME, FieldType

NO_CARD: Final = ZoneInfo("UTC")
"""The zone of dates where no scorecard decides."""
_DAY: Final = pl.Datetime("us")
"""A date in the form to compare: its midnight, without a zone."""


def compared(
    leads: pl.DataFrame,
    fields: Mapping[str, FieldType],
    as_of: NDArray[np.signedinteger[Any]],
    zone: ZoneInfo = NO_CARD,
) -> pl.DataFrame:
    """Return `#as_of`, `#today` on the clocks of a zone, and the declared fields in the form to compare.

    Text is folded; blanks and NaN are missing.
    """
    present = set(leads.columns)
    columns = [folded(pl.col(name), kind) if name in present else _absent(kind) for name, kind in fields.items()]
    named = [column.alias(name) for column, name in zip(columns, fields, strict=True)]
    moment = pl.lit(pl.Series(as_of)).cast(TIME)
    today = moment.dt.convert_time_zone(zone.key).dt.replace_time_zone(None)
    return leads.select(moment.alias(AS_OF), today.alias(TODAY), *named)


def folded(column: pl.Expr, kind: FieldType) -> pl.Expr:
    """Return a column of this type in the form to compare."""
    match kind:
        case "text":
            return _not_blank(_lowered(column.cast(pl.String)))
        case "number":
            return column.cast(pl.Float64).fill_nan(None)
        case "list":
            return _entries(column.cast(DTYPES["list"]))
        case "date":
            return column.cast(pl.Date).cast(_DAY)
        case _:
            return column.cast(DTYPES[kind])


def _absent(kind: FieldType) -> pl.Expr:
    return pl.lit(None, dtype=_DAY if kind == "date" else DTYPES[kind])


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
