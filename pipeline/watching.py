"""The watch on likelihoods: what they expected against what came, which proposes when to calibrate again.

Every sweep notes in its run how many conversions each likelihood expects within its horizon, of the leads, or
accounts, that had not converted by then. Later sweeps count which of these have converted. Nothing is ever fitted from
here.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self

import polars as pl

from pipeline.job import ActiveScorecard, Job
from scoring import Likelihood
from vocabulary.outputs import LIKELIHOOD, Of
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
    """What tells its scorecard, and whose likelihood it is, from the others (`ActiveScorecard.key`)."""
    fitted_at: str
    at: str
    leads: int
    """How many leads, or accounts, it was asked about."""
    expected: float
    variance: float

    @classmethod
    def now(cls, active: ActiveScorecard, likelihood: Likelihood, chances: pl.Series, as_of: datetime) -> Self:
        """Return the forecast for leads, or accounts, with these chances, in percent."""
        share = chances.drop_nulls() / 100
        expected, variance = float(share.sum()), float((share * (1 - share)).sum())
        return cls(
            active.key,
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
    """Return the forecasts of now, to be kept with the run, and what is to be said; an empty text if all is well.

    Saves the text as a note for `status`, `check` and the daemon's pages.
    """
    watched = [(box, one) for box in job.boxes if (one := _likelihood(box)) is not None]
    if not watched:
        job.store.note(job.name, REFIT, None)
        return [], ""
    conversions = {of: _conversions(job, of) for of in {box.of for box, _ in watched}}
    before = _forecasts(job)
    made: list[dict[str, Any]] = []
    said: list[str] = []
    for box, likelihood in watched:
        known, came = box.outbox.likelihoods(job.mirror.buckets), conversions[box.of]
        if likelihood.horizon is not None:
            open_ = known.join(came.filter(pl.col("at") <= as_of), on="lead", how="anti")
            made.append(asdict(Forecast.now(box, likelihood, open_[LIKELIHOOD], as_of)))
        fitted = likelihood.fitted_at.isoformat()
        mine = [one for one in before if one.prefix == box.key and one.fitted_at == fitted]
        said += _proposals(box, likelihood, mine, came.join(known, on="lead", how="semi"), as_of)
    text = " ".join(said)
    job.store.note(job.name, REFIT, text or None)
    return made, text


def _likelihood(box: ActiveScorecard) -> Likelihood | None:
    return box.scorer.likelihood if box.of == "leads" else box.scorer.of_accounts


def _conversions(job: Job, of: Of) -> pl.DataFrame:
    """Return when each `lead`, or account, first converted (`at`), as the settings count, and when it was created."""
    if of == "leads":
        return _first(job, job.mirror.outcomes(), job.mirror.creations())
    people = job.mirror.members().drop_nulls("account")
    created = people.group_by(pl.col("account").alias("lead")).agg(pl.col("created_at").min())
    told = job.mirror.account_outcomes().join(people.select("lead", belongs="account"), on="lead", how="left")
    return _first(job, told.with_columns(lead=pl.coalesce("account", "belongs")).drop_nulls("lead"), created)


def _first(job: Job, outcomes: pl.DataFrame, created: pl.DataFrame) -> pl.DataFrame:
    wanted = job.connection.calibrate.outcomes
    kept = outcomes if wanted is None else outcomes.filter(pl.col("outcome").is_in(list(wanted)))
    first = kept.drop_nulls("occurred_at").group_by("lead").agg(pl.col("occurred_at").min().alias("at"))
    return first.join(created, on="lead", how="left")


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
            since = f"from the {active.of} that were open on {day(forecast.moment.astimezone(zone))}"
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
