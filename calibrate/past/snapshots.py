"""Weekly snapshots of leads while they were open, with only what was known at the time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from calibrate.card.halflife import GRID
from calibrate.inputs.fields import flags, numbers, times
from calibrate.past.outcome import DAY_US, WEEK, Timeline
from calibrate.past.panel import Codes, Panel, Signal
from calibrate.past.signals import Events
from calibrate.statistics.fit import Floats

MONDAY: Final = 4.0
"""The first Monday, in days since the epoch."""
STRAY: Final = 0.005
"""Up to this share of the activities is ignored when finding where activities begin."""
TOLERATED: Final = 45.0
"""Days at the start with little activity because there are few leads."""


@dataclass(frozen=True)
class Moments:
    """Leads (positions in the timeline) and whole days to take snapshots at, in order of time."""

    lead: Codes
    day: Floats

    def take(self, rows: NDArray[np.int64]) -> "Moments":
        """Return these rows."""
        return Moments(self.lead[rows], self.day[rows])


def weekly(line: Timeline, span: tuple[float, float], most: int, generator: np.random.Generator) -> Moments:
    """Return the first day of each lead and every week after that, inside the span and while the lead is open.

    If there are more than `most`, a uniform sample is kept.
    """
    since, until = span
    born = line.first_day
    first = born + WEEK * np.ceil(np.maximum(since - born, 0) / WEEK)
    end = np.fmin(np.fmin(np.ceil(line.converted) - 1, line.closed), until)
    weeks = np.maximum(np.floor((end - first) / WEEK) + 1, 0).astype(np.int64)
    total = int(weeks.sum())
    kept = np.sort(generator.choice(total, most, replace=False)) if total > most else np.arange(total)
    starts = np.concatenate([[0], np.cumsum(weeks)])
    lead = np.searchsorted(starts, kept, side="right") - 1
    day = first[lead] + WEEK * (kept - starts[lead])
    order = np.lexsort((lead, day))
    return Moments(lead[order].astype(np.int64), day[order])


def mondays(line: Timeline, span: tuple[float, float], most: int, group: Codes, seed: int) -> tuple[Moments, float]:
    """Return who was open on each Monday of a span, and which share of the groups of leads that is.

    If there are more than `most`, a sample of the groups is kept, each with all of its Mondays.
    """
    since = max(span[0], float(line.first_day.min(initial=np.inf)))
    days = (
        np.arange(MONDAY + WEEK * np.ceil((since - MONDAY) / WEEK), np.nextafter(span[1], np.inf), WEEK)
        if since < span[1]
        else np.zeros(0)
    )
    end = np.nan_to_num(np.fmin(np.ceil(line.converted) - 1, line.closed), nan=np.inf)
    first, last = np.searchsorted(days, line.first_day), np.searchsorted(days, end, side="right")
    weeks = np.maximum(last - first, 0)
    kept, share = _kept(weeks, most, group, seed)
    weeks = np.where(kept, weeks, 0)
    lead = np.repeat(np.arange(len(weeks)), weeks)
    place = first[lead] + np.arange(len(lead)) - np.repeat(np.cumsum(weeks) - weeks, weeks)
    order = np.lexsort((lead, place))
    return Moments(lead[order].astype(np.int64), days[place[order]]), share


def _kept(weeks: NDArray[np.int64], most: int, group: Codes, seed: int) -> tuple[NDArray[np.bool_], float]:
    """Return which leads to keep, so that their weeks are about `most`, and which share of the groups these are."""
    share = min(1.0, most / max(1, int(weeks.sum())))
    chosen = np.random.default_rng(seed).random(int(group.max(initial=-1)) + 1) < share
    return (chosen[group], share) if share < 1 else (np.ones(len(weeks), np.bool_), 1.0)


def known_since(line: Timeline, events: Events) -> float:
    """Return the first day with known activities; before it, leads only look idle."""
    if not len(events.moment):
        return -np.inf
    begin = float(np.quantile(events.moment, STRAY))
    return begin if begin - float(line.created.min()) > TOLERATED else -np.inf


def young(line: Timeline, horizon: float, most: int, generator: np.random.Generator) -> Moments:
    """Return weekly moments within the last horizon, for leads no older than a horizon."""
    moments = weekly(line, (line.now - horizon, line.now), most, generator)
    recent = (moments.day > line.now - horizon) & (moments.day - line.created[moments.lead] <= horizon)
    return moments.take(np.flatnonzero(recent))


@dataclass(frozen=True)
class Behaviour:
    """The signals and their events."""

    signals: tuple[Signal, ...]
    events: Events


@dataclass(frozen=True)
class People:
    """Whose activities count for each snapshot: the lead's own, or those of the people of an account."""

    lead: Codes
    """The place of each person among the leads."""
    row: Codes
    """The snapshot that the person belongs to, in order."""
    day: Floats
    begins: Floats | None = None
    """The day after which the person's history begins, if there are resets."""

    @classmethod
    def alone(cls, moments: Moments, begins: Floats | None = None) -> "People":
        """Return each lead by itself."""
        return cls(moments.lead, np.arange(len(moments.lead)), moments.day, begins)

    @property
    def after(self) -> Floats:
        """Return the day after which the history begins; the distant past without resets."""
        return np.full(len(self.lead), -np.inf) if self.begins is None else self.begins


def panel(
    line: Timeline,
    moments: Moments,
    fields: pl.DataFrame,
    done: Behaviour,
    group: Codes,
    days: tuple[float, float],
    people: People,
) -> Panel:
    """Return the snapshots as arrays. `fields` has one row per moment; `days` has horizon and look-back."""
    horizon, look_back = days
    ahead = np.nan_to_num(line.converted[moments.lead] - moments.day, nan=np.inf)
    counts, ever = decayed(moments.day, people, done.events, len(done.signals), look_back)
    return Panel(
        fields=fields,
        label=(ahead <= horizon).astype(np.float64),
        lead=moments.lead,
        group=group[moments.lead],
        moment=moments.day,
        signals=done.signals,
        counts=counts,
        ever=ever,
        ahead=ahead,
        window=horizon,
    )


def decayed(
    day: Floats, people: People, events: Events, signals: int, look_back: float
) -> tuple[tuple[NDArray[np.float32], ...], NDArray[np.float32]]:
    """Return the decayed counts of each signal for each half-life of the grid, and whether there ever was one."""
    counts = tuple(np.zeros((len(day), signals), np.float32) for _ in GRID)
    known = 1 + int(max(people.lead.max(initial=-1), events.lead.max(initial=-1)))
    row_of, begin_of, after = np.full(known, -1, np.int64), np.full(known, -np.inf), people.after
    for rows, who in zip(_by_day(day), _by_day(people.day), strict=True):
        present = people.lead[who]
        row_of[present], begin_of[present] = people.row[who] - rows.start, after[who]
        _count_day(counts, rows, day[rows.start], row_of, events, look_back, begin_of)
        row_of[present] = -1
    return counts, _ever(day, people, events, signals, known)


def _by_day(day: Floats) -> Sequence[slice]:
    if not len(day):
        return []
    edges = np.flatnonzero(np.diff(day)) + 1
    bounds = [0, *edges.tolist(), len(day)]
    return [slice(start, stop) for start, stop in pairwise(bounds)]


def _count_day(
    counts: tuple[NDArray[np.float32], ...],
    rows: slice,
    day: float,
    row_of: NDArray[np.int64],
    events: Events,
    look_back: float,
    begin_of: Floats,
) -> None:
    first, last = np.searchsorted(events.moment, [day - look_back, day], side="right")
    lead = events.lead[first:last]
    row = row_of[lead]
    of_these = (row >= 0) & (events.moment[first:last] > begin_of[lead])
    height, signals = rows.stop - rows.start, counts[0].shape[1]
    cell = row[of_these] * signals + events.signal[first:last][of_these]
    age = day - events.moment[first:last][of_these]
    for block, half_life in zip(counts, GRID, strict=True):
        decay = None if half_life is None else np.exp2(-age / half_life)
        block[rows] = np.bincount(cell, decay, height * signals).reshape(height, signals)


def _ever(day: Floats, people: People, events: Events, signals: int, known: int) -> NDArray[np.float32]:
    """Return whether there was each signal before the moment, since the history of who did it begins."""
    latest, seen, after = np.full((known, signals), -np.inf), 0, people.after
    ever = np.zeros((len(day), signals), np.float32)
    for who in _by_day(people.day):
        until = int(np.searchsorted(events.moment, people.day[who.start], side="right"))
        latest[events.lead[seen:until], events.signal[seen:until]] = events.moment[seen:until]  # the last one stays
        seen = until
        np.maximum.at(ever, people.row[who], latest[people.lead[who]] > after[who, None])
    return ever


def fields_then(
    leads: pl.DataFrame, moments: Moments, history: pl.DataFrame, declared: Sequence[str], zone: str = "UTC"
) -> pl.DataFrame:
    """Return the declared fields as of each moment, from the history if there is one, else current values.

    Days without a clock begin in a zone.
    """
    now = leads[moments.lead].select(declared)
    if history.is_empty():
        return now
    asked = pl.DataFrame({"lead": leads["lead"][moments.lead], "row": np.arange(len(moments.lead)), "day": moments.day})
    asked = asked.with_columns(_as_time("day"))
    tracked = [name for name in declared if name in set(history["field"].unique())]
    return now.with_columns([_then(name, now[name], asked, history, zone) for name in tracked])


def _as_time(column: str) -> pl.Expr:
    return (pl.col(column) * DAY_US).round().cast(pl.Int64).cast(pl.Datetime("us", "UTC")).alias("since")


def _then(name: str, now: pl.Series, asked: pl.DataFrame, history: pl.DataFrame, zone: str) -> pl.Series:
    past = (
        history.filter((pl.col("field") == name) & pl.col("since").is_not_null())
        .select("lead", "since", "value", "before", begun=True)
        .sort("since")
    )
    known = past.unique("lead", keep="first", maintain_order=True).select("lead", first="before", tracked=True)
    matched = asked.sort("since").join_asof(past, on="since", by="lead", strategy="backward", check_sortedness=False)
    joined = matched.join(known, on="lead", how="left").sort("row")
    text = pl.when(pl.col("begun")).then(pl.col("value")).otherwise(pl.col("first")).alias("value")
    value = _read(joined.select(text).to_series(), now, zone)
    return pl.select(
        pl.when(joined["tracked"].fill_null(value=False)).then(value).otherwise(now).alias(name)
    ).to_series()


def _read(text: pl.Series, like: pl.Series, zone: str) -> pl.Series:
    if like.dtype == pl.Float64:
        return numbers(text)
    if like.dtype == pl.Boolean:
        return flags(text)
    if isinstance(like.dtype, pl.Datetime):
        return times(text, zone)
    if like.dtype == pl.Date:
        return times(text, zone).dt.convert_time_zone(zone).dt.date()
    return text.str.split(";") if isinstance(like.dtype, pl.List) else text


def moment_of(day: float) -> datetime:
    """Return days since the epoch as a datetime."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
