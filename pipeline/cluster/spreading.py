"""Spreading the chunks of a run over a cluster. What the cluster leaves undone, this machine does."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from pipeline.cluster.crew import Crew
from pipeline.cluster.errand import Errand, Staging
from pipeline.cluster.working import score_chunk
from pipeline.compute import Part
from pipeline.job import ActiveScorecard, Job
from pipeline.one_chunk import Judged, Orders, heard, judged, told
from store import ChunkKey, Chunks, Lease, StoreError

NOTE: Final = "cluster"
"""The note under which `status` says that the cluster was not used."""


@dataclass
class Spread:
    """Scores and stages those in some parts by one scorecard, on the cluster of the job."""

    job: Job
    active: ActiveScorecard
    orders: Orders
    lease: Lease
    said: list[str]
    """Where it says what this machine had to do alone, and why."""
    _left: dict[ChunkKey, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._crew = Crew[ChunkKey](self.job, fetches=False)

    def judged(self, parts: Sequence[Part]) -> Iterator[Judged]:
        """Yield what became of each chunk, once each, in the order in which they are done."""
        chunks, who = self.job.store.chunks(self.job.name), [part.as_json() for part in parts]
        self._left = dict.fromkeys(chunks.open(self.orders.run, self.active.prefix, who, self.lease))
        try:
            yield from self._by_workers(chunks)
            here = len(self._left)
            yield from self._by_this_machine(chunks)
        except BaseException:
            with suppress(StoreError):  # do not hide the error that ended the work
                chunks.close(self.lease)
            raise
        chunks.close(self.lease)
        self._report(here, len(parts))

    def _by_workers(self, chunks: Chunks) -> Iterator[Judged]:
        staging = Staging(Errand.of(self.job, self.active), self.lease.loan, self.orders)
        for key, _ in self._crew.done(score_chunk, {key: (staging, key) for key in self._left}):
            yield self._noted(chunks, key)

    def _noted(self, chunks: Chunks, key: ChunkKey) -> Judged:
        """Return what became of a chunk that a worker completed, as the database has it."""
        _, counts = chunks.find(key)
        assert counts is not None, "a worker completes a chunk before its task ends"
        del self._left[key]
        return heard(counts)

    def _by_this_machine(self, chunks: Chunks) -> Iterator[Judged]:
        for key in list(self._left):
            self._crew.stop_if_asked()
            yield self._done_here(chunks, key)

    def _done_here(self, chunks: Chunks, key: ChunkKey) -> Judged:
        who, counts = chunks.find(key)
        if counts is None:
            stage = judged(self.job, self.active, Part.from_json(who).chunk(self.job.mirror), self.orders)
            counts = chunks.complete(key, self.lease, lambda tx: told(stage(tx)))
        return heard(counts)

    def _report(self, here: int, parts: int) -> None:
        """Say in the report and in `status` what the cluster left undone, and why; nothing if it did all."""
        text = self._crew.report(here, parts, "scored")
        if text is not None:
            self.said.append(text)
        self.job.store.note(self.job.name, NOTE, text)
