"""Leads as they were at the beginning of each month, and which of them converted within the horizon."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from vocabulary.fields import TIME
from watch.timeline import KEPT, NUMBERS

MOST_MONTHS: Final = 13
"""A year, and the month that has begun."""
WITHOUT: Final = "none"
"""What a lead without a value of a scale has."""
SCALES: Final = {"priority": "lead_priority", "grade": "lead_grade", "stage": "lead_readiness"}
COUNTS: Final = ("leads", "matured", "converted", "so_far")


def months(now: datetime, zone: ZoneInfo, since: datetime, most: int = MOST_MONTHS) -> list[datetime]:
    """Return the beginnings of the months up to now, in a zone, oldest first: at most so many, none before `since`.

    The month of `since` counts too: leads that came in it have what they were first given.
    """
    local = now.astimezone(zone)
    numbers = [local.year * 12 + local.month - 1 - back for back in range(most)]
    begun = [datetime(one // 12, one % 12 + 1, 1, tzinfo=zone) for one in reversed(numbers)]
    later = [one for one in begun if one >= since]
    return begun[-1 - len(later) :] if len(later) < len(begun) else begun


def cohorts(
    line: pl.DataFrame,
    begun: Sequence[datetime],
    people: pl.DataFrame,
    horizon: timedelta,
    now: datetime,
) -> pl.DataFrame:
    """Return who was open in each month, with what they had: `lead month moment`, `timeline.KEPT`, and what came.

    `moment` is the beginning of the month or, for leads that were first written in it, that time. Leads that had
    converted by then are left out. `people`: `lead`, `created_at` and `converted_at`. `matured`: the horizon after
    the moment is over. `came`: it converted within the horizon, so far.
    """
    starts = pl.DataFrame({"month": list(begun)}, schema={"month": TIME})
    there = _standing(line, starts)
    rows = pl.concat([there, _entering(line, starts)]).join(people, on="lead", how="left")
    then, ends = pl.col("moment"), pl.col("moment") + horizon
    was_there = (pl.col("created_at") <= then).fill_null(value=True)
    is_open = (pl.col("converted_at") > then).fill_null(value=True)
    return (
        rows.filter(was_there & is_open)
        .with_columns(matured=ends <= now, came=(pl.col("converted_at") <= ends).fill_null(value=False))
        .drop("created_at")
    )


def _standing(line: pl.DataFrame, starts: pl.DataFrame) -> pl.DataFrame:
    """Return what each lead had at the beginning of each month."""
    grid = line.select("lead").unique().join(starts, how="cross").sort("month")
    held = grid.join_asof(
        line.sort("at"), left_on="month", right_on="at", by="lead", strategy="backward", check_sortedness=False
    )
    return held.drop_nulls("at").select("lead", "month", pl.col("month").alias("moment"), *KEPT)


def _entering(line: pl.DataFrame, starts: pl.DataFrame) -> pl.DataFrame:
    """Return what leads were first given that came in the course of a month."""
    new = line.filter("new").unique("lead", keep="first", maintain_order=True).sort("at")
    placed = new.join_asof(starts.sort("month"), left_on="at", right_on="month", strategy="backward")
    came = placed.drop_nulls("month").filter(pl.col("at") > pl.col("month"))
    return came.select("lead", "month", pl.col("at").alias("moment"), *KEPT)


def counted(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """Count leads by `month` and `value` of a column: those that matured, of these those that converted, the others.

    `so_far`: how many of those that are not matured yet have converted already.
    """
    value = pl.col(column) if column in NUMBERS else pl.col(column).fill_null(WITHOUT)
    named = rows.with_columns(value=value)
    return named.group_by("month", "value").agg(
        leads=pl.len(),
        matured=pl.col("matured").sum(),
        converted=(pl.col("matured") & pl.col("came")).sum(),
        so_far=(~pl.col("matured") & pl.col("came")).sum(),
    )


def added(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return counts of parts of the leads together."""
    return pl.concat(parts).group_by("month", "value").agg(pl.col(*COUNTS).sum()).sort("month", "value")


def apart(begun: Sequence[datetime], horizon: timedelta, now: datetime) -> list[datetime]:
    """Return the latest months whose horizons are over and do not overlap, so that no conversion counts twice."""
    chosen: list[datetime] = []
    for one in reversed(begun):
        if _end(one, begun, now) + horizon <= (chosen[-1] if chosen else now):
            chosen.append(one)
    return chosen[::-1]


def _end(month: datetime, begun: Sequence[datetime], now: datetime) -> datetime:
    """Return the end of a month: who came in its course has a horizon that begins as late as that."""
    return next((one for one in begun if one > month), now)


def tenths(counts: pl.DataFrame) -> pl.DataFrame:
    """Return counts by month and tenth (`value`: 1 is the best) from those by a number, with its `low` and `high`.

    Leads with the same number are in the same tenth, so that tenths may differ in size.
    """
    known = counts.drop_nulls("value").sort("month", "value", descending=[False, True])
    place = (pl.col("leads").cum_sum() - pl.col("leads") / 2).over("month")
    tenth = (10 * place / pl.col("leads").sum().over("month")).floor().clip(0, 9).cast(pl.Int64) + 1
    return (
        known.with_columns(low=pl.col("value"), high=pl.col("value"))
        .with_columns(value=tenth)
        .group_by("month", "value")
        .agg(pl.col(*COUNTS).sum(), pl.col("low").min(), pl.col("high").max())
        .sort("month", "value")
    )
