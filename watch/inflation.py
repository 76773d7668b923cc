"""Whether the first priority is still the exception: its share by month, and its newcomers against the capacity."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import sqrt
from typing import Any, Final

import polars as pl

from watch.cohorts import WITHOUT
from watch.reading import Ground
from watch.statistics import deviations, difference, wilson
from watch.tables import RECORDS, Chart, Column, Figure, Finding, Section, Table, Told, key, said

NAME: Final = "inflation"
WEEKS: Final = 8
"""How many whole weeks newcomers are counted over."""
GROWN: Final = 1.5
"""How many times its former share the first priority must have to be a finding."""
_COLUMNS: Final = (
    Column("month", "Month"),
    Column("leads", "Open leads with a priority", "count"),
    Column("first", "In the first priority", "count", records=""),
    Column("share", "Share", "share", bounds=("low", "high")),
)


def told(ground: Ground, counts: pl.DataFrame, crossed: pl.DataFrame) -> Told:
    """Return the section. `counts`: those of priorities by month; `crossed`: who reached the first one, and when."""
    first = ground.priorities[0]
    rows = list(_rows(counts, first))
    weekly = newcomers(crossed, ground.as_of, ground.began or ground.as_of)
    capacity = ground.job.connection.capacity
    section = Section(
        NAME,
        f"Is {first} still the exception?",
        list(_said(first, weekly, capacity)),
        [Table("share", f"Share of {first} by month", _COLUMNS, rows[::-1], folded=True)] if rows else (),
        _chart(first, rows),
    )
    findings = [*_too_many(first, weekly, capacity), *_grown(first, rows)]
    return Told(section, findings, list(_figures(first, rows, weekly, capacity)), _measures(rows, weekly, capacity))


def _rows(counts: pl.DataFrame, first: str) -> Iterator[dict[str, Any]]:
    known = counts.filter(pl.col("value") != WITHOUT).sort("month")
    for (month,), these in known.group_by("month", maintain_order=True):
        assert isinstance(month, datetime)
        leads, top = int(these["leads"].sum()), int(these.filter(value=first)["leads"].sum())
        low, high = wilson(top, leads)
        base = key("conversion", "priority", f"{month:%Y-%m}", first)
        named = {"month": f"{month:%Y-%m}", "leads": leads, "first": top}
        yield {**named, "share": top / leads, "low": low, "high": high, RECORDS: base}


def newcomers(crossed: pl.DataFrame, now: datetime, began: datetime) -> list[int]:
    """Return how many leads reached the first priority in each of the last whole weeks, back from now."""
    weeks = min(WEEKS, int((now - began) / timedelta(weeks=1)))
    ages = (pl.lit(now) - pl.col("at")).dt.total_seconds() // timedelta(weeks=1).total_seconds()
    found = crossed.select(ages.alias("week")).to_series().to_list()
    return [found.count(week) for week in reversed(range(weeks))]


def _bounds(weekly: Sequence[int]) -> tuple[float, float, float]:
    """Return the mean of a week and its interval: by how weeks differ, and at least by chance."""
    mean = sum(weekly) / len(weekly)
    spread = sum((one - mean) ** 2 for one in weekly) / max(1, len(weekly) - 1)
    half = deviations() * sqrt(max(spread, mean) / len(weekly))
    return mean, max(0.0, mean - half), mean + half


def _said(first: str, weekly: Sequence[int], capacity: int | None) -> Iterator[str]:
    if weekly:
        mean, low, high = _bounds(weekly)
        weeks = "In the last week" if len(weekly) == 1 else f"Over the last {len(weekly)} weeks"
        yield f"{weeks}, {mean:,.1f} leads a week ({low:,.1f} to {high:,.1f}) reached {first} by what they are or did."
    else:
        yield "No week is over since the first row was written, so newcomers are not counted yet."
    if capacity is None:
        yield "How many sales can call is not known: set `capacity`, leads a week, in the settings of the connection."
    else:
        yield f"Sales can call {capacity:,} leads a week."


def _too_many(first: str, weekly: Sequence[int], capacity: int | None) -> Iterator[Finding]:
    if not weekly or capacity is None:
        return
    mean, low, _ = _bounds(weekly)
    if low > capacity:
        yield Finding(
            "inflation",
            f"{first} gets {mean:,.0f} new leads a week, and sales can call {capacity:,}.",
            f"Ask more of {first} in the scorecard, until `leadgauge plan --capacity {capacity}` reaches all of it.",
            NAME,
            round(mean),
        )


def _grown(first: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    if len(rows) < 2:  # noqa: PLR2004 - a month and an earlier one
        return
    then, now = rows[0], rows[-1]
    low, _ = difference((now["first"], now["leads"]), (then["first"], then["leads"]))
    if low > 0 and now["share"] > GROWN * then["share"]:
        yield Finding(
            "inflation",
            f"The share of {first} has grown from {said(then['share'], 'share')} in {then['month']} to"
            f" {said(now['share'], 'share')} in {now['month']}.",
            f"See in `leadgauge explain` what lifts the newcomers: half-lives that are too long, or rules without a"
            f" `limit`, let points pile up until all leads are {first}.",
            NAME,
            now["first"],
            now[RECORDS],
        )


def _chart(first: str, rows: Sequence[Mapping[str, Any]]) -> Chart | None:
    if len(rows) < 2:  # noqa: PLR2004 - a line needs two points
        return None
    points = [(one["month"], one["share"], one["low"], one["high"]) for one in rows]
    return Chart(f"Share of {first} by month", "lines", "% of leads with a priority", {first: points})


def _figures(
    first: str, rows: Sequence[Mapping[str, Any]], weekly: Sequence[int], capacity: int | None
) -> Iterator[Figure]:
    if rows:
        yield Figure(
            f"are {first}",
            said(rows[-1]["share"], "share"),
            f"of the open leads, {rows[-1]['month']}",
            rows[-1][RECORDS],
        )
    if weekly:
        able = "" if capacity is None else f"sales can call {capacity:,}"
        yield Figure(f"new in {first} a week", f"{_bounds(weekly)[0]:,.1f}", able)


def _measures(
    rows: Sequence[Mapping[str, Any]], weekly: Sequence[int], capacity: int | None
) -> dict[str, dict[str, float]]:
    found = {"first_priority_ratio": {"": float(rows[-1]["share"])}} if rows else {}
    if weekly:
        found["first_priority_new_leads"] = {"": _bounds(weekly)[0]}
    if capacity is not None:
        found["capacity_leads"] = {"": float(capacity)}
    return found
