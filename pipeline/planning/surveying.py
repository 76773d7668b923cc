"""Surveying: what a run would make of everyone by a scorecard, chunk by chunk, here or on the workers of a cluster."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from pipeline.cluster.crew import Crew
from pipeline.cluster.errand import Errand
from pipeline.cluster.working import place_of
from pipeline.compute import Chunk, Found, Part, Reads, divided, everyone, scored
from pipeline.job import ActiveScorecard, Job
from pipeline.planning.movement import Movement, why
from pipeline.planning.overview import Overlooking
from store import Tolerances
from vocabulary.links import Links


@dataclass(frozen=True, slots=True)
class Question:
    """What a plan asks of every chunk."""

    as_of: datetime
    own: bool
    """Whether what changed is what leads did."""
    dead_band: int


class Surveyed:
    """What a run would make of leads, or of accounts."""

    def __init__(self, box: ActiveScorecard, links: Links | None = None) -> None:
        self.movement = Movement(links, box.card.priorities)
        self.overlooking = Overlooking.of(box.card, links or Links())

    def add(self, box: ActiveScorecard, part: Found, chunk: Chunk, fields: pl.DataFrame, dead_band: int) -> None:
        """Add the results of a chunk, and the fields of whom they are about."""
        ids, outbox = chunk.of(box.of), box.outbox
        compared = outbox.compare(part.results, Tolerances(dead_band=dead_band))
        told = why(compared, outbox.scorecards(ids), outbox.resent_among(ids))
        self.movement.add(told)
        self.overlooking.add(told, fields)

    def merge(self, other: "Surveyed") -> None:
        """Add what other chunks gave."""
        self.movement.merge(other.movement)
        self.overlooking.merge(other.overlooking)


@dataclass(frozen=True, slots=True)
class OneChunk:
    """What a run would make of one chunk."""

    leads: int = 0
    boxes: Mapping[str, Surveyed] = field(default_factory=dict)
    """What it would make of leads and of accounts, by the key of the outbox."""


def survey(place: Reads, active: ActiveScorecard, chunk: Chunk, asked: Question) -> OneChunk:
    """Return what a run would make of a chunk."""
    found = scored(place, active, chunk, asked.as_of, own=asked.own)
    boxes = {box.key: Surveyed(box) for box, _ in found.parts}
    for box, part in found.parts:
        boxes[box.key].add(box, part, chunk, found.fields(box.of), asked.dead_band)
    return OneChunk(found.frames.leads.height, boxes)


def survey_part(errand: Errand, asked: Question, part: Mapping[str, Any]) -> OneChunk:
    """Return what a run would make of one part of everyone: this is what a worker does."""
    place = place_of(errand)
    chunk = Part.from_json(part).chunk(place.mirror)
    return OneChunk() if chunk.is_empty else survey(place, place.active, chunk, asked)


def surveys(job: Job, active: ActiveScorecard, asked: Question, say: Callable[[str], None]) -> Iterator[OneChunk]:
    """Yield what a run would make of each chunk of everyone; on the cluster, if there is one, in any order.

    `say` is told what this machine had to do alone instead of the cluster, and why.
    """
    if job.cluster is None:
        yield from (survey(job, active, chunk, asked) for chunk in everyone(job, active))
    else:
        yield from _spread(job, active, asked, say)


def _spread(job: Job, active: ActiveScorecard, asked: Question, say: Callable[[str], None]) -> Iterator[OneChunk]:
    crew = Crew[int](job, fetches=True)
    parts = dict(enumerate(divided(job, active, crew.options.chunk)))
    errand, all_ = Errand.of(job, active), len(parts)
    for number, found in crew.done(survey_part, {key: (errand, asked, part.as_json()) for key, part in parts.items()}):
        del parts[number]
        yield found
    if text := crew.report(len(parts), all_, "planned"):
        say(text)
    for chunk in (part.chunk(job.mirror) for part in parts.values()):
        crew.stop_if_asked()
        if not chunk.is_empty:
            yield survey(job, active, chunk, asked)
