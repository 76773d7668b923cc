"""What the order within a priority does, measured on the leads whose place was drawn by chance."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import polars as pl

from scoring import Scorecard
from scoring.experiment import drawn, in_experiment
from watch import cohorts
from watch.cohorts import COUNTS
from watch.conversion import FEWEST, rated
from watch.reading import Chunk, Ground
from watch.statistics import difference
from watch.tables import RECORDS, Column, Finding, Section, Table, Told, key, said
from watch.timeline import INDEX

NAME: Final = "experiment"
HALVES: Final = ("upper half", "lower half")
MIDDLE: Final = 50
"""The index that is in neither half."""
UNSET: Final = (
    "No experiment is set, so the rates above are associations: sales calls the first leads first, and who is called"
    " converts more often. `experiment: {share: 5%}` under `priority` of the scorecard draws the place of a few leads"
    " within their priority by chance; then the report measures what the order brings."
)
_COLUMNS: Final = (
    Column("half", "Drawn into the"),
    Column("leads", "Leads", "count", records=""),
    Column("matured", "Matured", "count"),
    Column("converted", "Converted", "count", records="converted"),
    Column("rate", "Conversion", "share", bounds=("low", "high")),
)


def rows_of(chunk: Chunk) -> pl.DataFrame:
    """Return the leads of each month whose place was drawn, with the `half` that it is in.

    Their index as it was written is the drawn one: urgent leads keep the computed one, and so did everyone before.
    """
    return halves(chunk.rows, chunk.ground.active.card)


def halves(rows: pl.DataFrame, card: Scorecard) -> pl.DataFrame:
    """Return the rows of `cohorts.cohorts` whose place was drawn, with its `half`."""
    people = rows["lead"].unique()
    places = pl.DataFrame({"lead": people, "in": in_experiment(people, card), "drawn": drawn(people, card)}).filter(
        "in"
    )
    mine = rows.join(places, on="lead").filter(pl.col(INDEX) == pl.col("drawn"), pl.col("drawn") != MIDDLE)
    upper, lower = (pl.lit(half) for half in HALVES)
    return mine.with_columns(half=pl.when(pl.col("drawn") > MIDDLE).then(upper).otherwise(lower))


def seen(chunk: Chunk) -> pl.DataFrame:
    """Count leads and conversions by half and month."""
    return cohorts.counted(rows_of(chunk), "half")


def told(ground: Ground, counts: pl.DataFrame) -> Told:
    """Return the section."""
    title = "What does the order bring?"
    section = ground.active.card.priority
    if section is None or section.experiment is None:
        return Told(Section(NAME, title, [UNSET]))
    chosen = cohorts.apart(ground.months, ground.horizon, ground.as_of)
    these = counts.filter(pl.col("month").is_in(list(chosen))).group_by("value").agg(pl.col(*COUNTS).sum())
    by_half = these.rows_by_key("value", named=True, unique=True)
    names = "+".join(f"{one:%Y-%m}" for one in chosen)
    nobody = dict.fromkeys(COUNTS, 0)
    rows = [{"half": half, **rated(by_half.get(half, nobody)), RECORDS: key(NAME, names, half)} for half in HALVES]
    table = Table("halves", "By the place that chance gave", _COLUMNS, rows)
    return Told(Section(NAME, title, list(_said(section.experiment.share, rows)), [table]), list(_found(rows)))


def _pairs(rows: Sequence[dict[str, Any]]) -> tuple[float, float]:
    upper, lower = ((one["converted"], one["matured"]) for one in rows)
    return difference(upper, lower)


def _said(share: float, rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield (
        f"Chance sets the place of {said(share, 'share')} of the leads within their priority. Among these, who stands"
        " higher stands there by chance, so the difference is what the place brings."
    )
    if min(one["matured"] for one in rows) < FEWEST:
        yield "Too few of them are matured yet, so nothing is claimed."
        return
    low, high = _pairs(rows)
    yield (
        f"A place in the upper half brings {100 * low:+.1f} to {100 * high:+.1f} percentage points of conversion."
        + ("" if low > 0 or high < 0 else " That includes none at all: more leads, or more months, are needed to tell.")
    )


def _found(rows: Sequence[dict[str, Any]]) -> Iterator[Finding]:
    """Yield a finding if leads that stand higher by chance convert less often."""
    low, high = _pairs(rows)
    if min(one["matured"] for one in rows) >= FEWEST and high < 0:
        yield Finding(
            "experiment",
            f"Leads that chance put into the upper half convert less often, by {-100 * high:.1f} to {-100 * low:.1f}"
            " percentage points.",
            "Ask sales what happens to the first leads of the list: the calls seem to do harm, or go to others.",
            NAME,
            rows[0]["leads"],
            rows[0][RECORDS],
        )


def records(chunk: Chunk, month: str, half: str, part: str = "") -> pl.DataFrame:
    """Return the leads behind a figure in some buckets."""
    if half not in HALVES:
        raise KeyError(half)
    zone = str(chunk.ground.active.card.zone)
    chosen = pl.col("month").dt.convert_time_zone(zone).dt.strftime("%Y-%m").is_in(month.split("+"))
    rows = rows_of(chunk).filter(chosen, pl.col("half") == half)
    if part:
        rows = rows.filter(pl.col("matured") & pl.col("came"))
    return rows.select("lead", at="moment", what=pl.format("index {}", "drawn"))
