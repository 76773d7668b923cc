"""Times of a warehouse as moments. What names no zone is on the clocks of the zone in the settings."""

from typing import Final

import polars as pl

from connectors.files.parsing import ISO, parsed
from vocabulary.fields import TIME
from vocabulary.moments import first_moment

_AWARE: Final = r"\d{2}:\d{2}.*([Zz]|UTC|GMT|[+-]\d{2}(:?\d{2})?)$"
_HOUR: Final = pl.duration(hours=1)
NO_TIME: Final = pl.lit(None, TIME)


def read(column: pl.Expr, dtype: pl.DataType, zone: str | None) -> pl.Expr:
    """Return the moments of a column; null where it is empty or unreadable."""
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone:
            return column.dt.convert_time_zone("UTC").cast(TIME)
        return _on_clocks(column.cast(pl.Datetime("us")), zone)
    if dtype == pl.Date:
        return first_moment(column, zone or "UTC")
    if dtype == pl.String:
        told = parsed("time", column, dtype)
        local = _on_clocks(told.dt.replace_time_zone(None), zone)
        return pl.when(column.str.strip_chars().str.contains(_AWARE)).then(told).otherwise(local)
    return NO_TIME


def without_zone(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return whether a value is a time that names no zone."""
    if isinstance(dtype, pl.Datetime):
        return column.is_not_null() if dtype.time_zone is None else pl.lit(value=False)
    if dtype == pl.Date:
        return column.is_not_null()
    if dtype == pl.String:
        told = column.str.strip_chars()
        return told.str.contains(ISO) & ~told.str.contains(_AWARE)
    return pl.lit(value=False)


def _on_clocks(local: pl.Expr, zone: str | None) -> pl.Expr:
    """Return moments on the clocks of a zone. What a clock skips in spring counts an hour later."""
    there, later = (
        one.dt.replace_time_zone(zone or "UTC", ambiguous="earliest", non_existent="null")
        for one in (local, local + _HOUR)
    )
    return pl.coalesce(there, later).dt.convert_time_zone("UTC").cast(TIME)
