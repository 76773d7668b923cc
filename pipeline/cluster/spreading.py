"""Spreading the chunks of a run over a cluster. What the cluster leaves undone, this machine does."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, Queue
from secrets import token_hex
from typing import Any, Final

from connectors.base import Interrupted
from pipeline.clock import in_words, steady
from pipeline.cluster import joining
from pipeline.cluster.errand import Errand, Refused, digest_of, packed, versions
from pipeline.cluster.working import score_chunk
from pipeline.compute import Part, divided
from pipeline.job import ActiveScorecard, Job
from pipeline.one_chunk import Judged, Orders, heard, judged, told
from store import ChunkKey, Chunks, Lease, StoreError

LOOK: Final = 1.0
"""Seconds between two looks whether the cluster is still there and the pass goes on."""
NOTE: Final = "cluster"
"""The note under which `status` says that the cluster was not used."""

logger: Final = logging.getLogger(__name__)


@dataclass
class Spread:
    """Scores and stages everyone by one scorecard, on the cluster of the job."""

    job: Job
    active: ActiveScorecard
    orders: Orders
    lease: Lease
    said: list[str]
    """Where it says what this machine had to do alone, and why."""
    _why: str = ""
    _left: dict[ChunkKey, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.job.cluster is not None, "only used where the settings name a cluster"
        self._cluster, self._options = self.job.cluster, self.job.cluster.options

    def judged(self) -> Iterator[Judged]:
        """Yield what became of each chunk, once each, in the order in which they are done."""
        chunks = self.job.store.chunks(self.job.name)
        parts = [part.as_json() for part in divided(self.job, self.active, self._options.chunk)]
        self._left = dict.fromkeys(chunks.open(self.orders.run, self.active.prefix, parts, self.lease))
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
        if not self._left:
            return
        try:
            client = joining.joined(self._cluster)
        except joining.NotJoined as error:
            self._why = str(error)
            return
        done: Queue[tuple[ChunkKey, Any]] = Queue()
        futures = self._submitted(client, done)
        try:
            yield from self._completed(chunks, client, done)
        finally:
            for future in futures:
                future.release()  # without waiting for a scheduler that may be gone; chunks are closed in the database
            if self._left or client.status != "running":
                joining.leave(self._cluster)

    def _submitted(self, client: Any, done: Queue[tuple[ChunkKey, Any]]) -> Sequence[Any]:
        """Give all chunks to the scheduler; each is put into the queue when it ends, however it does."""
        errand, mark, futures = self._errand(), token_hex(6), []
        for key in self._left:
            name = f"leadgauge-{mark}-{key.run}-{key.number}"
            future = client.submit(score_chunk, errand, key, key=name, pure=False)
            future.add_done_callback(lambda ended, key=key: done.put((key, ended)))
            futures.append(future)
        return futures

    def _completed(self, chunks: Chunks, client: Any, done: Queue[tuple[ChunkKey, Any]]) -> Iterator[Judged]:
        """Yield what workers complete, until all is, the cluster is lost, or none completes anything any more."""
        ended, moved_at, all_ = 0, steady(), len(self._left)
        while ended < all_ and not self._is_lost(client, moved_at):
            self._stop_if_asked()
            try:
                key, future = done.get(timeout=LOOK)
            except Empty:
                continue
            ended += 1
            if future.status == "finished":
                moved_at = steady()
                yield self._noted(chunks, key)
            elif self._cannot_go_on(future):
                return

    def _cannot_go_on(self, future: Any) -> bool:
        """Note why a chunk failed; return whether the others would too."""
        if future.status != "error":
            self._why = "the connection to the scheduler was lost"
            return True
        error = future.exception()
        logger.warning("%s: a chunk failed on the cluster: %s", self.job.name, error)
        self._why = f"{type(error).__name__}: {error}" if not isinstance(error, Refused) else str(error)
        return isinstance(error, Refused)

    def _is_lost(self, client: Any, moved_at: float) -> bool:
        patience = self._options.patience
        if client.status != "running":
            self._why = "the connection to the scheduler was lost"
        elif steady() - moved_at > patience.total_seconds():
            self._why = f"no worker completed a chunk for {in_words(patience)}"
        else:
            return False
        return True

    def _noted(self, chunks: Chunks, key: ChunkKey) -> Judged:
        """Return what became of a chunk that a worker completed, as the database has it."""
        _, counts = chunks.find(key)
        assert counts is not None, "a worker completes a chunk before its task ends"
        del self._left[key]
        return heard(counts)

    def _by_this_machine(self, chunks: Chunks) -> Iterator[Judged]:
        for key in list(self._left):
            self._stop_if_asked()
            yield self._done_here(chunks, key)

    def _done_here(self, chunks: Chunks, key: ChunkKey) -> Judged:
        who, counts = chunks.find(key)
        if counts is None:
            stage = judged(self.job, self.active, Part.from_json(who).chunk(self.job.mirror), self.orders)
            counts = chunks.complete(key, self.lease, lambda tx: told(stage(tx)))
        return heard(counts)

    def _stop_if_asked(self) -> None:
        if self.job.permit.is_set():
            raise Interrupted("Asked to stop between two chunks; the next run scores everyone again.")

    def _errand(self) -> Errand:
        use = next(use for use in self.job.connection.scorecards if use.prefix == self.active.prefix)
        recipe = packed(self.job.recipe(use))
        known = self.job.store.identity
        return Errand(
            self.job.name,
            known,
            self.lease.loan,
            self.orders,
            recipe,
            digest_of(recipe),
            self.active.label,
            versions(),
        )

    def _report(self, here: int, parts: int) -> None:
        """Say in the report and in `status` what the cluster left undone, and why; nothing if it did all."""
        name, text = self._options.name, None
        if here:
            how_much = "all" if here == parts else f"{here} of {parts}"
            text = f"This machine scored {how_much} chunks alone instead of {name}: {self._why}."
            logger.warning("%s: %s", self.job.name, text)
            self.said.append(text)
        self.job.store.note(self.job.name, NOTE, text)
