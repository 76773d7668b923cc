"""Calibration from the mirror of a connection."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from calibrate import Options, run
from calibrate.errors import CalibrationError
from calibrate.frames import Frames
from calibrate.notes import Notes
from calibrate.result import Calibration
from commands.common import prepared
from commands.moments import When
from config.settings import ScorecardUse
from pipeline.job import Job, opened
from scoring import Scorecard
from scoring.frames import fields_of
from vocabulary.rows import OUTCOMES

DAY: Final = 86_400.0


def from_mirror(
    settings: Path, connection: str | None, scorecard: Path | None, options: Options, as_of: When | None
) -> tuple[Calibration, ScorecardUse]:
    """Calibrate a connection's scorecard on its mirror; the settings name the outcomes that count."""
    with opened(prepared(settings), connection) as job:
        use = _use(job, scorecard)
        return calibrated(job, use, options, as_of.on(use.card.calendar) if as_of else job.now()), use


def calibrated(job: Job, use: ScorecardUse, options: Options, as_of: datetime) -> Calibration:
    """Calibrate one scorecard of a job."""
    wanted = job.connection.calibrate
    horizon = wanted.horizon.total_seconds() / DAY if wanted.horizon else None
    names = ", ".join(wanted.outcomes) if wanted.outcomes else "converted"
    chosen = replace(options, horizon=options.horizon or horizon, outcome=names)
    frames = job.mirror.frames(job.mirror.buckets, use.card.fields)
    leads = _with_times(frames.leads, use.card)
    history = job.mirror.field_history(list(use.card.fields))
    text = Path(use.file).read_text(encoding="utf-8")
    outcomes = _outcomes(job, wanted.outcomes)
    given = Frames(leads, frames.activities, frames.touchpoints, outcomes, history)
    return run(given, use.card, chosen, as_of, card_text=text, notes=Notes())


def _with_times(leads: pl.DataFrame, card: Scorecard) -> pl.DataFrame:
    """Return leads with the moments of their time fields, which the mirror keeps as texts."""
    times = {name: card.fields[name] for name in card.fields if card.fields[name] == "time"}
    return leads.with_columns(fields_of(leads.schema, times, card.calendar))


def _use(job: Job, scorecard: Path | None) -> ScorecardUse:
    uses = job.connection.scorecards
    if scorecard is None:
        if len(uses) > 1:
            listed = ", ".join(str(use.file) for use in uses)
            raise CalibrationError(f"{job.name} has several scorecards: name one with --scorecard: {listed}.")
        return uses[0]
    chosen = next((use for use in uses if Path(use.file).resolve() == scorecard.resolve()), None)
    if chosen is None:
        raise CalibrationError(f"{scorecard} is not a scorecard of {job.name}.")
    return chosen


def _outcomes(job: Job, wanted: tuple[str, ...] | None) -> pl.DataFrame:
    found = job.mirror.outcomes()
    if found.is_empty():
        raise CalibrationError(
            f"The mirror of {job.name} has no outcomes yet. Define them in the settings, then run a pass."
        )
    kept = found if wanted is None else found.filter(pl.col("outcome").is_in(list(wanted)))
    if kept.is_empty():
        there = ", ".join(sorted(found["outcome"].unique()))
        raise CalibrationError(f"There is no outcome named {' or '.join(wanted or ())}; there are: {there}.")
    return kept.select([name for name in OUTCOMES if name in {"lead", "occurred_at"}])
