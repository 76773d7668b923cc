"""Whether the first priority is still the exception: its share now and by month, and newcomers against the capacity."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import sqrt
from statistics import median_low
from typing import Any, Final

import polars as pl

from vocabulary.fields import TIME
from vocabulary.outputs import PRIORITY
from watch.cohorts import WITHOUT
from watch.reading import Chunk, Ground
from watch.statistics import deviations, difference, wilson
from watch.tables import RECORDS, Chart, Column, Figure, Finding, Section, Table, Told, key, said

NAME: Final = "inflation"
WEEKS: Final = 8
"""How many whole weeks newcomers are counted over."""
GROWN: Final = 1.5
"""How many times its former share the first priority must have to be a finding."""
JUMPED: Final = 2
"""How many times its usual share the first priority must have now to be a finding at once."""
AHEAD: Final = 4
"""How many weeks of calls the leads that have the first priority now may be, before they are a finding at once."""
STANDING: Final = pl.Schema({"priority": pl.String(), "run": pl.Int64(), "leads": pl.Int64(), "since": TIME})
_COLUMNS: Final = (
    Column("month", "Month"),
    Column("leads", "Open leads with a priority", "count"),
    Column("first", "In the first priority", "count", records=""),
    Column("share", "Share", "share", bounds=("low", "high")),
)


def seen(chunk: Chunk) -> pl.DataFrame:
    """Count the open leads by what was last written to them, and by the run that gave them this priority."""
    held = _held(chunk)
    counted = held.group_by(pl.col(PRIORITY).alias("priority"), "run").agg(leads=pl.len(), since=pl.col("since").min())
    return counted.select(*STANDING).cast(STANDING)


def _held(chunk: Chunk) -> pl.DataFrame:
    """Return the open leads that have a priority now, with the run that gave it to them, and `since` when."""
    last = chunk.line.unique("lead", keep="last", maintain_order=True).drop_nulls(PRIORITY)
    given = chunk.moves.unique("lead", keep="last", maintain_order=True).select("lead", "run", since="at")
    there = chunk.ground.people.filter(pl.col("converted_at").is_null()).select("lead")
    return last.select("lead", PRIORITY).join(there, on="lead").join(given, on="lead", how="left")


@dataclass(frozen=True, slots=True)
class Now:
    """How many of the open leads have the first priority, and the run that gave it to most of them."""

    leads: int
    first: int
    run: int | None = None
    since: datetime | None = None

    @classmethod
    def of(cls, standing: pl.DataFrame, first: str, backfills: Sequence[int] = ()) -> "Now":
        """Add up what `seen` counted. A run is named if it gave the priority to more than half, and was no backfill."""
        top = standing.filter(priority=first).group_by("run").agg(pl.col("leads").sum(), pl.col("since").min())
        leads, has = int(standing["leads"].sum()), int(top["leads"].sum())
        most = top.drop_nulls("run").filter(~pl.col("run").is_in(list(backfills)), 2 * pl.col("leads") > has)
        return cls(leads, has, *(most.select("run", "since").row(0) if most.height else ()))

    @property
    def share(self) -> float:
        """The share of the first priority."""
        return self.first / self.leads


def told(ground: Ground, counts: pl.DataFrame, crossed: pl.DataFrame, standing: pl.DataFrame) -> Told:
    """Return the section.

    `counts`: those of priorities by month. `crossed`: who reached the first one, and when. `standing`: who has it now.
    """
    first = ground.priorities[0]
    rows, now = list(_rows(counts, first)), Now.of(standing, first, ground.backfills)
    weekly = newcomers(crossed, ground.as_of, ground.began or ground.as_of)
    capacity = ground.job.connection.capacity
    section = Section(
        NAME,
        f"Is {first} still the exception?",
        list(_said(first, now, rows, weekly, capacity)),
        [Table("share", f"Share of {first} when each month began", _COLUMNS, rows[::-1], folded=True)] if rows else (),
        _chart(first, rows),
    )
    sudden = list(_sudden(first, now, rows, capacity))
    findings = [*sudden, *_too_many(first, weekly, capacity), *([] if sudden else _grown(first, rows))]
    figures = list(_figures(first, now, rows, weekly, capacity))
    return Told(section, findings, figures, _measures(now, weekly, capacity))


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


def _said(
    first: str, now: Now, rows: Sequence[Mapping[str, Any]], weekly: Sequence[int], capacity: int | None
) -> Iterator[str]:
    if now.leads:
        yield (
            f"{now.first:,} of the {now.leads:,} open leads with a priority are {first} now, by what was written to the"
            f" CRM last{_when(first, rows, now)}."
        )
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


def _when(first: str, rows: Sequence[Mapping[str, Any]], now: Now) -> str:
    """Return what the share was when the month began, to stand beside that of now."""
    if not rows or not now.leads:
        return ""
    month = datetime.strptime(rows[-1]["month"], "%Y-%m").replace(tzinfo=UTC)
    return f"; {said(rows[-1]['share'], 'share')} were {first} when {month:%B} began"


def _sudden(first: str, now: Now, rows: Sequence[Mapping[str, Any]], capacity: int | None) -> Iterator[Finding]:
    """Yield a finding if far more leads have the first priority now than usually, or than sales can call."""
    usual = _usual(rows)
    jumped = now.leads and usual is not None and _exceeds(now, usual)
    ahead = capacity is not None and now.first > AHEAD * capacity
    if not jumped and not ahead:
        return
    against = [] if usual is None else [f"{said(usual['share'], 'share')} usually"]
    calls = [f"{capacity:,} leads a week that sales can call"] if capacity is not None and ahead else []
    since = "" if now.run is None else f": most of them since run {now.run} of {said(now.since, 'day')}"
    yield Finding(
        "inflation",
        f"{said(now.share, 'share')} of the open leads are {first} now ({now.first:,} of {now.leads:,}), against"
        f" {' and '.join([*against, *calls])}{since}.",
        _remedy(first, now),
        NAME,
        now.first,
        key(NAME, "now", first),
    )


def _usual(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the month whose share is in the middle."""
    if not rows:
        return None
    middle = median_low(one["share"] for one in rows)
    return next(one for one in rows if one["share"] == middle)


def _exceeds(now: Now, usual: Mapping[str, Any]) -> bool:
    low, _ = difference((now.first, now.leads), (usual["first"], usual["leads"]))
    return low > 0 and now.share > JUMPED * usual["share"]


def _remedy(first: str, now: Now) -> str:
    if now.run is None:
        return f"See in `leadgauge explain` what gives them {first}, and ask more of it in the scorecard."
    return f"Look at that run: if it is a mistake, `leadgauge undo {now.run}` restores what was there before."


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
    first: str, now: Now, rows: Sequence[Mapping[str, Any]], weekly: Sequence[int], capacity: int | None
) -> Iterator[Figure]:
    if now.leads:
        note = f"of {now.leads:,} open leads{_when(first, rows, now)}"
        yield Figure(f"are {first} now", said(now.share, "share"), note, key(NAME, "now", first))
    if weekly:
        able = "" if capacity is None else f"sales can call {capacity:,}"
        yield Figure(f"new in {first} a week", f"{_bounds(weekly)[0]:,.1f}", able)


def _measures(now: Now, weekly: Sequence[int], capacity: int | None) -> dict[str, dict[str, float]]:
    found = {"first_priority_ratio": {"": now.share}} if now.leads else {}
    if weekly:
        found["first_priority_new_leads"] = {"": _bounds(weekly)[0]}
    if capacity is not None:
        found["capacity_leads"] = {"": float(capacity)}
    return found


def records(chunk: Chunk, when: str, priority: str) -> pl.DataFrame:
    """Return the open leads of some buckets that have a priority now."""
    if when != "now":
        raise KeyError(when)
    held = _held(chunk).filter(pl.col(PRIORITY) == priority)
    run = pl.format("run {}", "run").fill_null(pl.lit("before the history that is kept"))
    return held.select("lead", at=pl.col("since").fill_null(chunk.ground.kept_since), what=run)
