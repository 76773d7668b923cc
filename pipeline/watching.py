"""The watch on likelihoods: what they expected against what came, which proposes when to calibrate again.

Every night's pass notes in its run how many conversions the likelihood expects within its horizon, of the leads that
had not converted by then. Later nights count which of these leads have converted. Nothing is ever fitted from here.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

import polars as pl

from pipeline.job import ActiveScorecard, Job
from scoring import Likelihood
from vocabulary.outputs import LIKELIHOOD
from vocabulary.units import day

REFIT: Final = "likelihood"
"""The note under which `status` and `check` propose to calibrate again."""
EXPECTED: Final = "expected"
"""Where a run keeps its forecasts."""
CERTAIN: Final = 3.0
"""Standard deviations between what was expected and what came that are no accident, night after night."""
TOLERATED: Final = 0.2
"""The share of the expected conversions that may be missing, or too many, without a word."""
FEWEST: Final = 10
"""Fewer conversions, expected and observed, say nothing."""
OLD: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Forecast:
    """How many conversions a likelihood expected at one time."""

    prefix: str
    fitted_at: str
    at: str
    leads: int
    expected: float
    variance: float

    @classmethod
    def now(cls, active: ActiveScorecard, likelihood: Likelihood, chances: pl.Series, as_of: datetime) -> Self:
        """Return the forecast for leads with these chances, in percent."""
        share = chances.drop_nulls() / 100
        expected, variance = float(share.sum()), float((share * (1 - share)).sum())
        return cls(
            active.prefix,
            likelihood.fitted_at.isoformat(),
            as_of.isoformat(),
            len(share),
            round(expected, 3),
            round(variance, 3),
        )

    @property
    def moment(self) -> datetime:
        """Return when it was made."""
        return datetime.fromisoformat(self.at)


def watch(job: Job, as_of: datetime) -> tuple[list[dict[str, Any]], str]:
    """Return tonight's forecasts, to be kept with the run, and what is to be said; an empty text if all is well.

    Saves the text as a note for `status`, `check` and the daemon's pages.
    """
    fitted = [(active, active.scorer.likelihood) for active in job.scorecards]
    watched = [(active, one) for active, one in fitted if one is not None]
    if not watched:
        job.store.note(job.name, REFIT, None)
        return [], ""
    conversions, before = _conversions(job), _forecasts(job)
    made: list[dict[str, Any]] = []
    said: list[str] = []
    for active, likelihood in watched:
        known = active.outbox.likelihoods(job.mirror.buckets)
        if likelihood.horizon is not None:
            open_ = known.join(conversions.filter(pl.col("at") <= as_of), on="lead", how="anti")
            made.append(asdict(Forecast.now(active, likelihood, open_[LIKELIHOOD], as_of)))
        mine = [
            one for one in before if one.prefix == active.prefix and one.fitted_at == likelihood.fitted_at.isoformat()
        ]
        said += _proposals(active, likelihood, mine, conversions.join(known, on="lead", how="semi"), as_of)
    text = " ".join(said)
    job.store.note(job.name, REFIT, text or None)
    return made, text


def _conversions(job: Job) -> pl.DataFrame:
    """Return when each lead first converted, of the conversions that the settings count, and when it was created."""
    found, wanted = job.mirror.outcomes(), job.connection.calibrate.outcomes
    kept = found if wanted is None else found.filter(pl.col("outcome").is_in(list(wanted)))
    first = kept.drop_nulls("occurred_at").group_by("lead").agg(pl.col("occurred_at").min().alias("at"))
    return first.join(job.mirror.creations(), on="lead", how="left")


def _forecasts(job: Job) -> list[Forecast]:
    """Return the forecasts of past runs, newest first."""
    runs = job.runs.all_with(EXPECTED)
    return [Forecast(**one) for run in runs for one in run.counts.get(EXPECTED, ())]


def _proposals(
    active: ActiveScorecard,
    likelihood: Likelihood,
    forecasts: Sequence[Forecast],
    conversions: pl.DataFrame,
    as_of: datetime,
) -> Iterator[str]:
    """Yield why a likelihood should be fitted again."""
    zone = active.card.zone
    fitted = f"{active.name}: the likelihood was fitted on {day(likelihood.fitted_at.astimezone(zone))}"
    for forecast, came, over in _judged(likelihood, forecasts, conversions, as_of):
        low, high = _bounds(likelihood, forecast)
        if max(came, forecast.expected) >= FEWEST and (came > high or (over and came < low)):
            came_by = "came" if over else "have come already"
            since = f"from the leads that were open on {day(forecast.moment.astimezone(zone))}"
            counted = f"{forecast.expected:,.0f} conversions were expected within {likelihood.horizon:g} days"
            yield f"{fitted}; {since}, {counted} and {came:,} {came_by}. Calibrate again."
            return
    if as_of - likelihood.fitted_at > OLD:
        yield f"{fitted}, more than a year ago. Calibrate again."


def _judged(
    likelihood: Likelihood, forecasts: Sequence[Forecast], conversions: pl.DataFrame, as_of: datetime
) -> Iterator[tuple[Forecast, int, bool]]:
    """Yield the newest forecast whose horizon is over, and the oldest of the others, with the conversions since."""
    if likelihood.horizon is None:
        return
    horizon = timedelta(days=likelihood.horizon)
    over = [one for one in forecasts if one.moment + horizon <= as_of]
    running = [one for one in forecasts if one.moment + horizon > as_of]
    for chosen, ended in ((over[:1], True), (running[-1:], False)):
        for forecast in chosen:
            there = (pl.col("created_at") <= forecast.moment).fill_null(value=True)
            during = pl.col("at").is_between(forecast.moment, min(forecast.moment + horizon, as_of), closed="right")
            yield forecast, conversions.filter(there & during).height, ended


def _bounds(likelihood: Likelihood, forecast: Forecast) -> tuple[float, float]:
    """Return between which numbers conversions are no surprise: chance, what the fit rests on, and the tolerance."""
    fit = likelihood.reference.conversions if likelihood.reference else 0
    variance = forecast.variance + (forecast.expected**2 / fit if fit else 0.0)
    margin = max(CERTAIN * math.sqrt(variance), TOLERATED * forecast.expected)
    return forecast.expected - margin, forecast.expected + margin
