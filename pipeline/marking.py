"""Marking: take the opens, clicks and page views of machines for what they are, before anybody is scored."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import polars as pl

from pipeline.job import Job
from scoring.machine_traffic import VERSION, recognised, scans, tallied
from store import Lease
from store.mirror.marking import Given, Judged, Marked

BATCH: Final = 20_000
"""How many leads are looked at in one transaction."""


def mark(job: Job, lease: Lease, at: datetime, moved: Callable[[], None]) -> tuple[Marked, str | None]:
    """Mark the machine traffic of leads whose activities changed, and of all leads by a new version of the recogniser.

    Return what changed, and a sentence if a new version looked at all. `moved` is called after each batch.
    """
    anew = job.mirror.begin_marking(VERSION, lease)
    done = mark_since(job, lease, at, moved)
    return done, _said(done) if anew else None


def mark_since(job: Job, lease: Lease, at: datetime, moved: Callable[[], None], since: int = 0) -> Marked:
    """Mark the machine traffic of leads whose activities changed, by a change of this number or a later one."""
    done = Marked()
    while given := job.mirror.to_mark(BATCH, since):
        done += job.mirror.save_marks(given, judged(given), lease, at, _scanning)
        moved()
    return done


def is_marked(job: Job) -> bool:
    """Return whether this version of the recogniser has begun to look at all leads."""
    return job.mirror.marked_by() == VERSION


def judged(given: Given) -> Judged:
    """Return what the recogniser says of leads."""
    marks = recognised(given.activities, given.touchpoints, given.scanning)
    return Judged(marks, tallied(given.activities, given.touchpoints, marks), VERSION)


def _scanning(sums: pl.DataFrame) -> pl.DataFrame:
    return sums.filter(scans())


def _said(done: Marked) -> str:
    return (
        f"Machine traffic was recognised anew, by version {VERSION}, in what {done.leads:,} leads did: {done.marked:,}"
        f" activities are marked that were not, or for other reasons, and {done.unmarked:,} no longer are."
    )
