"""Numbers the days, weeks, months, quarters and years of a scorecard's calendar."""

from typing import Final

import polars as pl

from scoring.card.calendar import Calendar
from vocabulary.arrays import Ints
from vocabulary.fields import TIME

_MONDAY: Final = 3
"""1970 began on a Thursday, three days after a Monday."""


def numbered(moments: pl.Expr, period: str, calendar: Calendar) -> pl.Expr:
    """Return the number of the period that each moment lies in; the next period has the next number."""
    local = moments.dt.convert_time_zone(calendar.zone)
    match period:
        case "day":
            return _days(local)
        case "week":
            return (_days(local) + _MONDAY) // 7
        case "month":
            return _months(local)
        case "quarter":
            return (_months(local) - calendar.first_month) // 3
        case _:
            return (_months(local) - calendar.first_month) // 12


def _days(local: pl.Expr) -> pl.Expr:
    return local.dt.date().cast(pl.Int32).cast(pl.Int64)


def _months(local: pl.Expr) -> pl.Expr:
    return local.dt.year().cast(pl.Int64) * 12 + local.dt.month().cast(pl.Int64) - 1


def period_numbers(moments: Ints, period: str, calendar: Calendar) -> Ints:
    """Return the same for moments in microseconds since 1970."""
    column = pl.lit(pl.Series(moments)).cast(TIME)
    return pl.select(numbered(column, period, calendar)).to_series().to_numpy()
