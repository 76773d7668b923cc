"""Moments and days as texts, and when a day begins.

A CRM and a file hold times and days without a clock side by side. Which moment a day without a clock is depends on the
zone of the scorecard that reads it, so texts keep the difference until then.
"""

from typing import Final

import polars as pl

from vocabulary.fields import TIME

DAY: Final = r"^\d{4}-\d{2}-\d{2}$"
"""A day without a clock."""


def written(moment: pl.Expr) -> pl.Expr:
    """Return moments as ISO texts in UTC, as the mirror keeps them; microseconds are written if there are any."""
    whole = moment.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return pl.when(moment.dt.microsecond() == 0).then(whole).otherwise(moment.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"))


def moment(text: pl.Expr, zone: str) -> pl.Expr:
    """Return the moment of each ISO text; a day without a clock is its first moment in a zone."""
    day = first_moment(text.str.to_date("%Y-%m-%d", strict=False), zone)
    clocked = text.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    return pl.when(text.str.contains(DAY)).then(day).otherwise(clocked).cast(TIME)


def first_moment(day: pl.Expr, zone: str) -> pl.Expr:
    """Return the first moment of each day; where clocks skip midnight, that is 24 hours after the midnight before."""
    midnight = day.cast(pl.Datetime("us"))
    before = _on_clocks(midnight - pl.duration(days=1), zone) + pl.duration(days=1)
    return _on_clocks(midnight, zone).fill_null(before)


def _on_clocks(local: pl.Expr, zone: str) -> pl.Expr:
    there = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return there.dt.convert_time_zone("UTC")
