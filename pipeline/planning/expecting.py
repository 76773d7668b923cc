"""How many of the leads that calls reach are expected to convert."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from pipeline.compute import gathered, with_accounts
from pipeline.job import ActiveScorecard, Job
from scoring import score
from scoring.expecting import Expected, expected


def expected_of(job: Job, active: ActiveScorecard, leads: Sequence[str], *, as_of: datetime) -> Expected | None:
    """Return how many of some leads are expected to convert; None if no likelihood was fitted."""
    fitted = active.scorer.likelihood
    if fitted is None:
        return None
    given = gathered(job, active, with_accounts(job, active, leads))
    frames = given.frames
    material = (frames.leads, frames.activities, frames.touchpoints, active.card, as_of, given.previous)
    found = score(*material, related=given.related, likelihood=fitted).results
    return expected(fitted, found.filter(pl.col("lead").is_in(list(leads))))
