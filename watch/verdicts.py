"""What sales says about leads, by the priority that they had when it was said: which were rejected, and why."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import polars as pl

from vocabulary.feedback import SAID
from vocabulary.fields import TIME
from vocabulary.outputs import PRIORITY
from watch.cohorts import WITHOUT
from watch.reading import Chunk, Ground
from watch.statistics import wilson
from watch.tables import RECORDS, Column, Finding, Section, Table, Told, key, said
from watch.touches import whose

NAME: Final = "verdicts"
WINDOW: Final = timedelta(days=90)
"""How long ago sales may have said it to count."""
GOOD: Final = "Good"
FEWEST: Final = 20
MOST: Final = 0.5
"""A share of rejected leads of the first priority that is clearly above this is a finding."""
REMEDIES: Final = {
    "Bad fit": "ask more of the grade before a lead gets it",
    "Bad timing": "ask more of the stage",
    "Bot": "mark machine traffic, or `exclude` such people",
}
SCHEMA: Final = pl.Schema(
    {"lead": pl.String(), "said": pl.String(), "at": TIME, "priority": pl.String(), "team": pl.String()}
)
_COLUMNS: Final = (
    Column("priority", "Priority when it was said"),
    Column("said", "Sales said"),
    Column("leads", "Leads", "count", records=""),
    Column("share", "Share of the priority", "share", bounds=("low", "high")),
)
_BY_TEAM: Final = (Column("team", "Team"), *_COLUMNS[1:3], Column("share", "Share of the team", "share"))


def latest(ground: Ground) -> pl.DataFrame:
    """Return what sales said last about each lead (`feedback.SAID`), if that was lately."""
    if ground.job.connection.feedback is None:
        return SAID.to_frame()
    last = ground.job.mirror.feedback().sort("at").unique("lead", keep="last", maintain_order=True)
    return last.drop_nulls("said").filter(pl.col("at") > ground.as_of - WINDOW)


def seen(chunk: Chunk, told: pl.DataFrame) -> pl.DataFrame:
    """Return what was said about some leads, with the priority that they had then and their team of today."""
    mine = told.join(chunk.line.select("lead").unique(), on="lead").sort("at")
    line = chunk.line.select("lead", since="at", priority=PRIORITY).sort("since")
    held = mine.join_asof(
        line, left_on="at", right_on="since", by="lead", strategy="backward", check_sortedness=False
    ).with_columns(pl.col("priority").fill_null(WITHOUT))
    teams = whose(chunk.ground, held["lead"].to_list(), by_person=False).select("lead", "team")
    return held.join(teams, on="lead", how="left").select(*SCHEMA).cast(SCHEMA)


def told(ground: Ground, found: pl.DataFrame) -> Told:
    """Return the section."""
    title = "What sales says"
    if ground.job.connection.feedback is None:
        return Told(
            Section(NAME, title, ["What sales finds is not read: `feedback: true` in the connection reads it."])
        )
    if found.is_empty():
        return Told(Section(NAME, title, [f"Sales has said nothing about a scored lead in {WINDOW.days} days."]))
    rows = list(_rows(found, "priority", [*ground.priorities, WITHOUT]))
    tables = [Table("said", "By priority and reason", _COLUMNS, rows)]
    if ground.job.connection.report.team is not None:
        teams = list(_rows(found.with_columns(pl.col("team").fill_null(WITHOUT)), "team", None))
        tables.append(Table("said_by_team", "By team and reason", _BY_TEAM, teams, folded=True))
    judged = (
        f"{found.height:,} leads were judged in {WINDOW.days} days. Whom sales judges is its own choice, so shares are"
        " of those who were judged."
    )
    return Told(Section(NAME, title, [judged], tables), list(_rejected(ground.priorities[0], found)))


def _rows(found: pl.DataFrame, by: str, order: Sequence[str] | None) -> Iterator[dict[str, Any]]:
    values = found[by].unique().sort().to_list()
    for value in values if order is None else [one for one in order if one in values]:
        these = found.filter(pl.col(by) == value)
        for reason, leads in sorted(Counter(these["said"]).items(), key=lambda one: (one[0] != GOOD, -one[1], one[0])):
            low, high = wilson(leads, these.height)
            named = {by: value, "said": reason, "leads": leads, "share": leads / these.height}
            yield {**named, "low": low, "high": high, RECORDS: key(NAME, by, value, reason)}


def _rejected(first: str, found: pl.DataFrame) -> Iterator[Finding]:
    """Yield a finding if sales rejects clearly more than half of the first priority that it judged."""
    judged = found.filter(priority=first)
    counts: Mapping[str, int] = Counter(judged.filter(pl.col("said") != GOOD)["said"])
    rejected = sum(counts.values())
    if judged.height < FEWEST or wilson(rejected, judged.height)[0] <= MOST:
        return
    reason, most = max(counts.items(), key=lambda one: (one[1], one[0]))
    remedy = REMEDIES.get(reason, f"find out what sales means by {reason}, and ask for it in the scorecard")
    yield Finding(
        "rejected",
        f"Sales rejected {said(rejected / judged.height, 'share')} of the {judged.height:,} leads with {first} that it"
        f" judged, most of them as {reason} ({most:,}).",
        f"For {reason}: {remedy}.",
        NAME,
        rejected,
        key(NAME, "priority", first, reason),
    )


def records(ground: Ground, by: str, value: str, reason: str) -> pl.DataFrame:
    """Return the leads of which sales said something."""
    if by not in {"priority", "team"}:
        raise KeyError(by)
    told_ = latest(ground)
    rows = pl.concat([seen(chunk, told_) for chunk in ground.chunks()])
    chosen = (pl.col(by).fill_null(WITHOUT) == value) & (pl.col("said") == reason)
    return rows.filter(chosen).select("lead", "at", what="said")
