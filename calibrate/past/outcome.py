"""When each lead converted, with implausible data dropped, and how long conversions take."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import polars as pl

from calibrate.errors import CalibrationError
from calibrate.notes import Notes
from calibrate.statistics.fit import Floats
from vocabulary.outputs import Of

DAY_US: Final = 86_400_000_000
WEEK: Final = 7.0


def days(column: pl.Series) -> Floats:
    """Return datetimes as days since the epoch; null becomes NaN."""
    return (column.cast(pl.Int64).cast(pl.Float64) / DAY_US).to_numpy().copy()


def day_of(moment: datetime) -> float:
    """Return a datetime as days since the epoch."""
    return moment.timestamp() * 1e6 / DAY_US


@dataclass(frozen=True)
class Timeline:
    """The usable leads in order of creation: when they were created and when they converted (NaN: not yet)."""

    leads: pl.DataFrame
    created: Floats
    converted: Floats
    now: float
    closed: Floats
    """When they were given up (NaN: still open). There are no snapshots after that."""
    of: Of = "leads"

    @property
    def first_day(self) -> Floats:
        """Return the midnight of the first snapshot: that after creation, and of accounts the same weekday for all.

        So accounts are scored for one day in seven, with all of their people.
        """
        midnight = np.ceil(self.created)
        return midnight if self.of == "leads" else WEEK * np.ceil(midnight / WEEK)

    @property
    def span(self) -> float:
        """Return the days that the history covers."""
        return self.now - float(self.created.min()) if len(self.created) else 0.0

    @property
    def time_to_convert(self) -> Floats:
        """Return the days from creation to conversion of the leads that converted."""
        return (self.converted - self.created)[~np.isnan(self.converted)]


def timeline(leads: pl.DataFrame, outcomes: pl.DataFrame, now: datetime, notes: Notes) -> Timeline:
    """Join leads with their first conversion. Contradictory rows are counted and dropped."""
    dated = once(leads, notes, notes.units).filter(pl.col("created_at").is_not_null())
    _say_dropped(leads["lead"].drop_nulls().n_unique() - len(dated), f"{notes.units} without a creation date", notes)
    past = dated.filter(pl.col("created_at") <= now)
    _say_dropped(len(dated) - len(past), f"{notes.units} created after the date of the calibration", notes)
    joined = past.join(_first_conversions(outcomes, past, now, notes), on="lead", how="left").sort("created_at", "lead")
    impossible = joined.filter(pl.col("converted_at") < pl.col("created_at"))
    _say_dropped(len(impossible), f"{notes.units} that converted before they were created", notes)
    sound = joined.filter(pl.col("converted_at").is_null() | (pl.col("converted_at") >= pl.col("created_at")))
    if sound.is_empty():
        raise CalibrationError(_why_empty(dated, past, now, notes))
    closed = days(sound["closed_at"]) if "closed_at" in sound.columns else np.full(len(sound), np.nan)
    kept = sound.drop("converted_at", "closed_at", strict=False)
    return Timeline(kept, days(sound["created_at"]), days(sound["converted_at"]), day_of(now), closed, notes.units)


def _why_empty(dated: pl.DataFrame, past: pl.DataFrame, now: datetime, notes: Notes) -> str:
    """Return why no lead is left."""
    if dated.is_empty():
        unread = " ".join(note.message for note in notes.of("unreadable cells"))
        iso = "Write ISO dates, such as 2026-03-31T12:00:00Z."
        return f"No {notes.unit} has a valid creation date. {iso} {unread}".strip()
    if past.is_empty():
        return f"Every {notes.unit} was created after the date of the calibration, {now:%Y-%m-%d}."
    return f"Every {notes.unit} converted before it was created."


def once(leads: pl.DataFrame, notes: Notes, what: Of) -> pl.DataFrame:
    """Return the last row of each lead, or account; those without an id are dropped."""
    unique = leads.filter(pl.col("lead").is_not_null()).unique("lead", keep="last", maintain_order=True)
    blank = leads["lead"].null_count()
    _say_dropped(blank, f"{what} without an id", notes)
    if twice := len(leads) - blank - len(unique):
        notes.add("leads twice", f"{twice} {what} appear more than once; the last row of each is used.")
    return unique


def _first_conversions(outcomes: pl.DataFrame, leads: pl.DataFrame, now: datetime, notes: Notes) -> pl.DataFrame:
    unknown = outcomes.join(leads.select("lead"), on="lead", how="anti")
    if len(unknown):
        notes.add("outcomes", f"{len(unknown)} outcomes of unknown {notes.units} were skipped.")
    undated = outcomes["occurred_at"].null_count()
    _say_dropped(undated, "outcomes without a date", notes)
    future = outcomes.filter(pl.col("occurred_at") > now)
    _say_dropped(len(future), "outcomes after the date of the calibration", notes)
    past = outcomes.filter(pl.col("occurred_at") <= now)
    return past.group_by("lead").agg(pl.col("occurred_at").min().alias("converted_at"))


def _say_dropped(count: int, what: str, notes: Notes) -> None:
    if count:
        notes.add("left out rows", f"{count} {what} were skipped.")
