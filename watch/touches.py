"""How soon sales reaches out to a lead that reached the first priority, and whom it never did."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from scoring.doings import TOUCHES
from vocabulary.arrays import Flags, Floats
from vocabulary.fields import TIME
from watch.cohorts import WITHOUT
from watch.reading import Chunk, Ground
from watch.statistics import wilson
from watch.tables import RECORDS, Column, Figure, Finding, Section, Table, Told, hours_said, key, said

NAME: Final = "touches"
WINDOW: Final = timedelta(days=90)
"""How long ago a lead may have reached the first priority to count."""
PATIENCE: Final = timedelta(days=7)
"""After which a lead without a touch counts as untouched, where no promise is set."""
KEPT_WELL: Final = 0.8
"""A promise that is clearly kept for a smaller share than this is a finding."""
FEWEST: Final = 10
PARTS: Final = ("kept", "late", "untouched")
SCHEMA: Final = pl.Schema(
    {"lead": pl.String(), "at": TIME, "left_at": TIME, "touched_at": TIME, "team": pl.String(), "person": pl.String()}
)
_COLUMNS: Final = (
    Column("leads", "Reached it", "count", records=""),
    Column("hours", "Half are touched within", "hours"),
    Column("kept", "Within the promise", "count", records="kept"),
    Column("share", "Share", "share", bounds=("low", "high")),
    Column("late", "Later", "count", records="late"),
    Column("untouched", "Untouched", "count", records="untouched"),
)


def seen(chunk: Chunk, *, by_person: bool = False) -> pl.DataFrame:
    """Return who of some leads reached the first priority lately, when sales touched them first, and whose they are."""
    ground, crossed = chunk.ground, chunk.crossings
    recent = crossed.filter(pl.col("at") > ground.as_of - WINDOW)
    ids = recent["lead"].unique().to_list()
    first = first_touches(recent, ground.job.mirror.done(ids, TOUCHES))
    return first.join(whose(ground, ids, by_person=by_person), on="lead", how="left").select(*SCHEMA).cast(SCHEMA)


def first_touches(crossed: pl.DataFrame, done: pl.DataFrame) -> pl.DataFrame:
    """Return crossings with the time of the first touch after each, null without one: before the next crossing."""
    touches = done.select("lead", touched_at="occurred_at").sort("touched_at")
    beside = crossed.sort("at").join_asof(
        touches, left_on="at", right_on="touched_at", by="lead", strategy="forward", check_sortedness=False
    )
    following = pl.col("at").shift(-1).over("lead", order_by="at")
    in_time = (pl.col("touched_at") < following).fill_null(value=True)
    return beside.with_columns(touched_at=pl.when(in_time).then("touched_at"))


def whose(ground: Ground, ids: Sequence[str], *, by_person: bool) -> pl.DataFrame:
    """Return the team and, if that is asked for, the owner of each lead, as they are today."""
    asked = ground.job.connection.report
    named = {"team": asked.team, "person": asked.person if by_person else None}
    fields = dict.fromkeys((name for name in named.values() if name is not None), "text")
    wanted = {name: ground.job.connection.wanted[name] for name in fields}
    people = ground.job.mirror.people(ids, wanted)
    columns = [
        (pl.lit(None, pl.String) if name is None else pl.col(name).cast(pl.String)).alias(part)
        for part, name in named.items()
    ]
    return people.select("lead", *columns)


def told(ground: Ground, found: pl.DataFrame, *, by_person: bool = False) -> Told:
    """Return the section."""
    first, title = ground.priorities[0], f"From {ground.priorities[0]} to the first touch"
    if not ground.job.mirror.kinds() & set(TOUCHES):
        return Told(Section(NAME, title, [_UNREAD]))
    promise, now = ground.job.connection.report.promise, ground.as_of
    rows = judged(found, promise or PATIENCE, ground)
    whole = [_row("all", rows, (NAME, "all", ""), promise)]
    tables = [Table("touches", f"Leads that reached {first} in {WINDOW.days} days", _headed("Leads", whole), whole)]
    for part, asked in (("team", ground.job.connection.report.team), ("person", by_person)):
        if asked:
            groups = list(_groups(rows, part, promise))
            tables.append(Table(f"by_{part}", f"By {part}, as it is today", _headed(part.capitalize(), groups), groups))
    section = Section(NAME, title, list(_said(first, whole[0], promise, now=now)), tables if whole[0]["leads"] else ())
    findings = list(_findings(first, whole[0], promise))
    return Told(section, findings, list(_figures(first, whole[0], promise)), _measures(whole[0], promise))


_UNREAD: Final = (
    "No call, meeting or e-mail of sales is read, so it is not known whom sales has reached out to. Switch them on"
    " under `activities` of the connection."
)


def _headed(heading: str, rows: Sequence[Mapping[str, Any]]) -> Sequence[Column]:
    promised = any(one["share"] is not None for one in rows)
    shown = [one for one in _COLUMNS if promised or one.name not in {"kept", "share", "late"}]
    return [Column("group", heading), *shown]


def judged(found: pl.DataFrame, patience: timedelta, ground: Ground) -> pl.DataFrame:
    """Return crossings with `hours` to the first touch or, without one, until now, and in which `part` they are.

    A crossing that is younger than the promise and untouched is in none: it may still be kept.
    """
    until = pl.coalesce("touched_at", pl.lit(ground.as_of))
    hours = (until - pl.col("at")).dt.total_microseconds() / timedelta(hours=1).total_seconds() / 1e6
    limit, touched = patience.total_seconds() / 3600, pl.col("touched_at").is_not_null()
    part = (
        pl.when(touched & (pl.col("hours") <= limit))
        .then(pl.lit("kept"))
        .when(touched)
        .then(pl.lit("late"))
        .when(pl.col("hours") > limit)
        .then(pl.lit("untouched"))
    )
    return found.with_columns(hours=hours).with_columns(part=part)


def _groups(rows: pl.DataFrame, part: str, promise: timedelta | None) -> Iterator[dict[str, Any]]:
    named = rows.with_columns(pl.col(part).fill_null(WITHOUT)).sort(part)
    for (value,), these in named.group_by(part, maintain_order=True):
        yield _row(str(value), these, (NAME, part, str(value)), promise)


def _row(group: str, rows: pl.DataFrame, place: tuple[str, str, str], promise: timedelta | None) -> dict[str, Any]:
    kept, late, untouched = (int((rows["part"] == part).sum()) for part in PARTS)
    of = kept + late + untouched
    low, high = wilson(kept, of)
    known = promise is not None and of > 0
    return {
        "group": group,
        "leads": rows.height,
        "hours": median(rows["hours"].to_numpy(), rows["touched_at"].is_not_null().to_numpy()),
        "kept": kept,
        "of": of,
        "share": kept / of if known else None,
        "low": low if known else None,
        "high": high if known else None,
        "late": late,
        "untouched": untouched,
        RECORDS: key(*place),
    }


def median(hours: Floats, touched: Flags) -> float | None:
    """Return after how many hours half of the leads are touched (Kaplan and Meier); None if half never were.

    Leads without a touch count as long as they have waited: they may be touched tomorrow.
    """
    order = np.lexsort((~touched, hours))
    left, share = len(hours), 1.0
    for place in order:
        if touched[place]:
            share *= 1 - 1 / left
        left -= 1
        if share <= 0.5:  # noqa: PLR2004 - half
            return float(hours[place])
    return None


def _said(first: str, whole: Mapping[str, Any], promise: timedelta | None, *, now: Any) -> Iterator[str]:
    if not whole["leads"]:
        yield f"No lead has reached {first} by what it is or did in the {WINDOW.days} days before {said(now, 'day')}."
        return
    yield (
        f"A touch is a call, a call attempt, a meeting, a no-show or an e-mail of sales, after {first} was written to"
        " the CRM. Hours are those on the clock: nights and weekends count."
    )
    if promise is None:
        yield "What sales has promised is not known: set `promise` under `report` of the connection, such as `4h`."
    if whole["hours"] is None:
        yield "Less than half of them were ever touched."


def _promised(promise: timedelta) -> str:
    return hours_said(promise.total_seconds() / 3600)


def _findings(first: str, whole: Mapping[str, Any], promise: timedelta | None) -> Iterator[Finding]:
    limit = promise or PATIENCE
    if whole["untouched"]:
        yield Finding(
            "untouched",
            f"{whole['untouched']:,} of {whole['leads']:,} leads that reached {first} were not touched within"
            f" {_promised(limit)}, nor since.",
            "Give them to somebody today: the list is behind the number.",
            NAME,
            whole["untouched"],
            f"{whole[RECORDS]}/untouched",
        )
    if promise is not None and whole["of"] >= FEWEST and whole["high"] is not None and whole["high"] < KEPT_WELL:
        yield Finding(
            "promise",
            f"The promise of {_promised(promise)} was kept for {said(whole['share'], 'share')} of the leads that"
            f" reached {first}.",
            f"Ask less of sales or more of {first}: who reaches it must be few enough to be called in time.",
            NAME,
            whole["of"] - whole["kept"],
            f"{whole[RECORDS]}/late",
        )


def _figures(first: str, whole: Mapping[str, Any], promise: timedelta | None) -> Iterator[Figure]:
    if whole["hours"] is not None:
        yield Figure(f"until half of {first} are touched", hours_said(whole["hours"]), "on the clock", whole[RECORDS])
    if promise is not None and whole["share"] is not None:
        note = f"{_promised(promise)}, {whole['of']:,} leads"
        yield Figure("within the promise", said(whole["share"], "share"), note, f"{whole[RECORDS]}/kept")


def _measures(whole: Mapping[str, Any], promise: timedelta | None) -> dict[str, dict[str, float]]:
    found = {"untouched_leads": {"": float(whole["untouched"])}}
    if whole["hours"] is not None:
        found["first_touch_median_seconds"] = {"": 3600 * float(whole["hours"])}
    if promise is not None and whole["share"] is not None:
        found["promise_kept_ratio"] = {"": float(whole["share"])}
    return found


def records(ground: Ground, group: str, value: str, part: str = "") -> pl.DataFrame:
    """Return the leads behind a figure. By person only where the settings name the owner."""
    if group not in {"all", "team", "person"} or (part and part not in PARTS):
        raise KeyError(group)
    by_person = group == "person" and ground.job.connection.report.person is not None
    rows = pl.concat([seen(chunk, by_person=by_person) for chunk in ground.chunks()])
    patience = ground.job.connection.report.promise or PATIENCE
    found = judged(rows, patience, ground)
    if group != "all":
        found = found.filter(pl.col(group).fill_null(WITHOUT) == value)
    if part:
        found = found.filter(pl.col("part") == part)
    touched = pl.col("touched_at").dt.strftime("touched on %Y-%m-%d %H:%M")
    return found.select("lead", "at", what=touched.fill_null("untouched"))
