"""Numbers the days, weeks, months, quarters and years of a scorecard's calendar."""

from datetime import UTC, date, datetime, timedelta
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


def until_next(as_of: int, period: str, calendar: Calendar) -> int:
    """Return in how many microseconds the next period begins."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=as_of)
    today = moment.astimezone(calendar.clocks).date()
    return (calendar.begins(_next(today, period, calendar.first_month)) - moment) // timedelta(microseconds=1)


def _next(today: date, period: str, first_month: int) -> date:
    """Return the first day of the next period."""
    if period == "day":
        return today + timedelta(days=1)
    if period == "week":
        return today + timedelta(days=7 - today.weekday())
    length = {"month": 1, "quarter": 3}.get(period, 12)
    month = today.year * 12 + today.month - 1 - first_month
    year, place = divmod((month // length + 1) * length + first_month, 12)
    return date(year, place + 1, 1)
