"""Calibration from the mirror of a connection."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from calibrate import Options, run
from calibrate.card.current_card import part_of
from calibrate.errors import CalibrationError
from calibrate.inputs.frames import Frames
from calibrate.notes import Notes
from calibrate.result import Calibration
from commands.calibrate_rivals import named
from commands.calibrate_rows import gathered
from commands.common import prepared, told
from commands.moments import When
from config.settings import ScorecardUse
from pipeline.job import Job, opened
from vocabulary.outputs import Of

DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Ask:
    """Whose points to calibrate, of which connection and scorecard, as of when."""

    settings: Path
    connection: str | None
    scorecard: Path | None
    of: Of
    as_of: When | None


def from_mirror(ask: Ask, options: Options) -> tuple[Calibration, ScorecardUse]:
    """Calibrate a connection's scorecard on its mirror; the settings name the outcomes that count."""
    with opened(prepared(ask.settings), ask.connection, offline=True) as job:
        use = _use(job, ask.scorecard)
        as_of = ask.as_of.on(use.card.calendar) if ask.as_of else job.now()
        return calibrated(job, use, options, as_of, ask.of), use


def calibrated(job: Job, use: ScorecardUse, options: Options, as_of: datetime, of: Of = "leads") -> Calibration:
    """Calibrate one scorecard of a job."""
    wanted = job.connection.calibrate
    horizon = wanted.horizon.total_seconds() / DAY if wanted.horizon else None
    names = ", ".join(wanted.outcomes) if wanted.outcomes else "converted"
    calls = options.capacity or (job.connection.capacity if of == "leads" else None)
    chosen = replace(options, horizon=options.horizon or horizon, outcome=names, capacity=calls)
    text = Path(use.file).read_text(encoding="utf-8")
    if options.heed_feedback and job.connection.feedback is None:
        raise CalibrationError(f"{job.name} reads no feedback: set `feedback: true`, or leave --heed-feedback out.")
    given = frames(job, use, of)
    chosen = named(job, use, chosen, given.history, of)
    return run(given, use.card, chosen, as_of, card_text=text, notes=Notes(units=of))


def frames(job: Job, use: ScorecardUse, of: Of, say: Callable[[str], None] = told) -> Frames:
    """Return what the mirror has of leads, or of accounts and their leads; `say` as in `gathered`."""
    card = use.card
    part_of(card, of)
    found = gathered(job, use, say)
    return Frames(
        found.leads,
        found.activities,
        job.mirror.touchpoints(),
        _outcomes(job, of),
        job.mirror.field_history(list(card.fields)),
        deals=None if not card.deals else _dated(found.deals, job.mirror.deal_moments()),
        accounts=found.accounts,
        feedback=None if job.connection.feedback is None else job.mirror.feedback(),
    )


def _dated(deals: pl.DataFrame, moments: pl.DataFrame) -> pl.DataFrame:
    """Return deals with the moments that the conversions of the settings tell, before those of their own fields."""
    told = deals.select("deal").join(moments, on="deal", how="left", maintain_order="left").drop("deal")
    known = [one for one in told if one.null_count() < len(one)]
    return deals.drop([one.name for one in known], strict=False).hstack(known)


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


def _outcomes(job: Job, of: Of) -> pl.DataFrame:
    """Return the conversions that the settings count."""
    wanted = job.connection.calibrate.outcomes
    found = job.mirror.outcomes() if of == "leads" else job.mirror.account_outcomes()
    if found.is_empty():
        raise CalibrationError(
            f"The mirror of {job.name} has no outcomes yet. Define them in the settings, then run a pass."
        )
    kept = found if wanted is None else found.filter(pl.col("outcome").is_in(list(wanted)))
    if kept.is_empty():
        there = ", ".join(sorted(found["outcome"].unique()))
        raise CalibrationError(f"There is no outcome named {' or '.join(wanted or ())}; there are: {there}.")
    return kept.drop("id", "outcome", strict=False)
