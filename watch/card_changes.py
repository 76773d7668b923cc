"""What changed for leads when the scorecard, or its likelihood, was changed."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import polars as pl

from store import Run
from vocabulary.outputs import PRIORITY
from watch.cohorts import WITHOUT
from watch.moves import SCORECARD, WAS
from watch.reading import JUDGED_BY, Chunk, Ground
from watch.tables import RECORDS, Column, Finding, Section, Table, Told, key

NAME: Final = "cards"
MUCH: Final = 0.1
"""The share of the leads that one change must move to another priority to be worth a look."""
SCHEMA: Final = pl.Schema({"run": pl.Int64(), "was": pl.String(), "became": pl.String(), "leads": pl.Int64()})
_COLUMNS: Final = (
    Column("at", "In force since", "day"),
    Column("before", "Instead of"),
    Column("after", "Scorecard"),
    Column("up", "Up", "count", records="up"),
    Column("down", "Down", "count", records="down"),
    Column("into_first", "Into the first priority", "count", records="into first"),
    Column("out_of_first", "Out of it", "count", records="out of first"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """Another card came into force with a run."""

    run: int
    at: datetime
    before: str
    after: str


def changes(runs: Sequence[Run], prefix: str) -> list[Change]:
    """Return when another card came into force, oldest first, from the runs that noted theirs."""
    noted = sorted(runs, key=lambda one: one.run)
    labels = [(one, one.counts[JUDGED_BY].get(prefix)) for one in noted]
    known = [(one, label) for one, label in labels if label is not None]
    return [
        Change(run.run, run.started_at, before, after)
        for (_, before), (run, after) in itertools.pairwise(known)
        if before != after
    ]


def of(ground: Ground) -> list[Change]:
    """Return the changes of the scorecard."""
    return changes(ground.judged, ground.active.prefix)


def seen(chunk: Chunk) -> pl.DataFrame:
    """Count the moves of the priority that the card caused, by run."""
    by_card = chunk.moves.filter(pl.col("causes").str.split(",").list.contains(SCORECARD))
    named = by_card.select("run", pl.col(WAS).fill_null(WITHOUT), became=pl.col(PRIORITY).fill_null(WITHOUT))
    return named.group_by("run", WAS, "became").agg(leads=pl.len().cast(pl.Int64)).cast(SCHEMA)


def told(ground: Ground, found: Sequence[Change], moved: pl.DataFrame, leads: int) -> Told:
    """Return the section. `moved`: what `seen` counted."""
    rows = [_row(one, moved.filter(_within(one, found)), ground.priorities) for one in found]
    said = "Moves between priorities that the card alone, or with something else, caused, as they were written."
    nothing = "The scorecard has not changed in the time that is kept."
    tables = [Table("changes", "Changes of the scorecard", _COLUMNS, rows[::-1])] if rows else ()
    section = Section(NAME, "What changed when the card changed", [said if rows else nothing], tables)
    return Told(section, list(_much(rows, leads)))


def _within(one: Change, found: Sequence[Change]) -> pl.Expr:
    """Return whether a run was under a change: from it on, and before the next one."""
    later = min((other.run for other in found if other.run > one.run), default=None)
    since = pl.col("run") >= one.run
    return since if later is None else since & (pl.col("run") < later)


def _row(one: Change, moved: pl.DataFrame, priorities: Sequence[str]) -> dict[str, Any]:
    sums = {name: int(moved.filter(part)["leads"].sum()) for name, part in _parts(priorities, WAS, "became").items()}
    named = {"run": one.run, "at": one.at, "before": one.before, "after": one.after}
    return {**named, **sums, RECORDS: key(NAME, str(one.run))}


def _parts(priorities: Sequence[str], was: str, became: str) -> Mapping[str, pl.Expr]:
    """Return which moves are which, where none counts as the last priority."""
    places = {name: place for place, name in enumerate(priorities)}
    before, after = (
        pl.col(name).replace_strict(places, default=len(places), return_dtype=pl.Int64) for name in (was, became)
    )
    first = priorities[0] if priorities else ""
    return {
        "up": after < before,
        "down": after > before,
        "into_first": pl.col(became) == first,
        "out_of_first": pl.col(was) == first,
    }


def _much(rows: Sequence[Mapping[str, Any]], leads: int) -> Iterator[Finding]:
    """Yield the latest change if it moved many leads."""
    last = rows[-1] if rows else None
    if last is not None and leads and (last["up"] + last["down"]) / leads > MUCH:
        moved = last["up"] + last["down"]
        yield Finding(
            "card",
            f"The card of {last['at']:%-d %b %Y} moved {moved:,} of {leads:,} leads to another priority:"
            f" {last['into_first']:,} into {FIRST_SAID}, {last['out_of_first']:,} out of it.",
            "Rates before and after are of different groups of leads: compare months of one card only.",
            NAME,
            moved,
            last[RECORDS] + "/up",
        )


FIRST_SAID: Final = "the first priority"


def records(chunk: Chunk, run: str, part: str) -> pl.DataFrame:
    """Return the leads that a change moved, in some buckets."""
    found = of(chunk.ground)
    one = next(one for one in found if one.run == int(run))
    by_card = pl.col("causes").str.split(",").list.contains(SCORECARD)
    filled = chunk.moves.with_columns(pl.col(WAS, PRIORITY).fill_null(WITHOUT))
    which = _parts(chunk.ground.priorities, WAS, PRIORITY)[part.replace(" ", "_")]
    rows = filled.filter(by_card & _within(one, found) & which)
    return rows.select("lead", "at", what=pl.format("{} → {}", WAS, PRIORITY))
