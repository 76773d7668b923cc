"""Compute: score the leads of the mirror, chunk by chunk."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from pipeline.job import ActiveScorecard, Job
from scoring import Related
from store import Frames

CHUNK: Final = 50_000
"""How many leads are scored at a time: enough to be fast, few enough to fit in memory."""

Chunk = range | Sequence[str]
"""A range of buckets, or lead ids."""


def everyone(job: Job) -> Iterator[Chunk]:
    """Yield ranges of buckets that together hold all leads, with about `CHUNK` leads each."""
    start, held = 0, 0
    for bucket, leads in enumerate(job.mirror.bucket_counts()):
        if held and held + leads > CHUNK:
            yield range(start, bucket)
            start, held = bucket, 0
        held += leads
    if held:
        yield range(start, len(job.mirror.buckets))


def dirty_chunks(active: ActiveScorecard) -> Iterator[Chunk]:
    """Yield the leads that changed since this scorecard last saw them."""
    dirty = active.outbox.dirty()
    return (dirty[start : start + CHUNK] for start in range(0, len(dirty), CHUNK))


@dataclass(frozen=True, slots=True)
class Computed:
    """The results of a chunk, what they were computed from, and the leads that began anew since the last time."""

    results: pl.DataFrame
    frames: Frames
    anew: Sequence[str]


def scored(job: Job, active: ActiveScorecard, chunk: Chunk, as_of: datetime, *, own: bool) -> Computed:
    """Score a chunk. `own`: whether what changed since the last scoring is what the leads did."""
    frames = job.mirror.frames(chunk, active.card.fields, active.card.deals)
    touchpoints = active.touchpoints.known(frames.touchpoints)
    previous = active.outbox.previous(chunk).with_columns(pl.col("own") & own)
    related = Related(frames.deals)
    found = active.scorer.score(frames.leads, frames.activities, touchpoints, as_of, previous, related)
    return Computed(found.results.drop("lead_grade_percent"), frames, found.anew)
