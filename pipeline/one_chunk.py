"""Judging one chunk: score it, compare it with what the CRM was told, and stage it, in one transaction."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self

import polars as pl

from pipeline.compute import Chunk, Computed, Found, Reads, scored
from pipeline.guard import ChunkMoved, counted, moved
from pipeline.job import ActiveScorecard
from store import Staged, Tolerances, Transaction

Judged = Mapping[str, "BoxJudged"]
"""What became of a chunk, by the key of the outbox."""


@dataclass(frozen=True, slots=True)
class Orders:
    """How a pass judges: the same for all of its chunks."""

    run: int
    as_of: datetime
    own: bool
    """Whether what changed is what leads did."""
    accept: bool
    dead_band: int
    only_due: Collection[str] = ()
    """The outboxes, by key, whose changed leads are also counted separately, because they are held."""
    everything: Collection[str] = ()
    """The outboxes, by key, of which everything that differs counts, because a person undid a run."""
    later: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Whom passes inside this one have scored for a later time, by the key of the outbox: they are left out."""


@dataclass(frozen=True, slots=True)
class BoxJudged:
    """How many results of a chunk were staged in an outbox, and how many of them surprise."""

    staged: Staged
    moved: ChunkMoved

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Return it from its JSON."""
        return cls(Staged(**told["staged"]), ChunkMoved(**told["moved"]))


def judged(place: Reads, active: ActiveScorecard, chunk: Chunk, orders: Orders) -> Callable[[Transaction], Judged]:
    """Score a chunk; return what stages it in a transaction and then tells what became of it."""
    due = {
        box.key: frozenset(box.outbox.dirty_among(chunk.of(box.of)))
        for box in active.boxes
        if box.key in orders.only_due
    }
    allowed = Tolerances(dead_band=orders.dead_band)
    found = scored(place, active, chunk, orders.as_of, own=orders.own, told_by=allowed)
    parts = [(box, *_compared(box, part, chunk, found, orders, due.get(box.key, ()))) for box, part in found.parts]
    uncounted = active.accounts.outbox if chunk.accounts and active.accounts else None
    clean = uncounted.cleaning(chunk.accounts or (), found.frames.change) if uncounted else _nothing

    def stage(tx: Transaction) -> Judged:
        done = {box.key: BoxJudged(staging(tx), moved) for box, staging, moved in parts}
        clean(tx)
        return done

    return stage


def _compared(
    box: ActiveScorecard, part: Found, chunk: Chunk, found: Computed, orders: Orders, due: Collection[str]
) -> tuple[Callable[[Transaction], Staged], ChunkMoved]:
    """Count who moves, and return what stages the results."""
    tolerances = Tolerances(dead_band=orders.dead_band)
    results = _earlier(part.results, orders.later.get(box.key, ()))
    compared, before = box.outbox.compare(results, tolerances), box.outbox.computed(chunk.of(box.of))
    known, moving = moved(compared, before, box.guarded, everything=box.key in orders.everything)
    staging = box.outbox.staging(
        results,
        orders.run,
        scored_at=orders.as_of,
        change=found.frames.change,
        tolerances=tolerances,
        surprising=() if orders.accept else moving["lead"].to_list(),
        anew=part.anew,
        beside=part.beside,
        due=part.due,
    )
    return staging, counted(known, moving, due)


def _earlier(results: pl.DataFrame, later: Collection[str]) -> pl.DataFrame:
    """Leave out whom a pass inside this one has scored: what they did since this one began would be lost."""
    return results.filter(~pl.col("lead").is_in(list(later))) if later else results


def _nothing(_: Transaction) -> None:
    """Stage nothing."""


def told(done: Judged) -> dict[str, Any]:
    """Return what became of a chunk as JSON."""
    return {key: of_box.as_json() for key, of_box in done.items()}


def heard(counts: Mapping[str, Any]) -> Judged:
    """Return what became of a chunk from its JSON."""
    return {key: BoxJudged.from_json(of_box) for key, of_box in counts.items()}
