"""Judging: score and stage the leads and the accounts of a scorecard, and hold what would move too many of them."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import polars as pl

from pipeline.compute import Chunk, Computed, dirty_chunks, everyone, scored
from pipeline.first import Asking, FirstWrite
from pipeline.guard import Drifted, Surprise, holds_back, settle
from pipeline.job import ActiveScorecard, Job
from store import Lease, Staged, Tolerances


@dataclass
class Judging:
    """Scores and stages what one scorecard says in one pass."""

    job: Job
    active: ActiveScorecard
    run: int
    lease: Lease
    asking: Asking
    as_of: datetime
    all_due: bool
    """Whether everyone is scored, and not only who changed."""
    own: bool
    """Whether what changed is what leads did."""
    accept: bool
    rewrite: bool
    mends: bool
    """Whether drifted fields are written again."""
    staged: Callable[[Staged], None]
    """Called after each chunk."""
    scored_inside: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Whom passes inside this one have scored for a later time, by the key of the outbox."""
    between: Callable[[], None] = lambda: None
    """Called between two chunks."""
    firsts: list[FirstWrite] = field(default_factory=list)
    """The first writes that a person is asked for."""

    def judge(self) -> Iterator[str]:
        """Score and stage; yield why results are held."""
        for box in self.active.boxes:
            self._send_again(box)
        for chunk in self._chunks():
            self._stage(scored(self.job, self.active, chunk, self.as_of, own=self.own), chunk)
            self.between()
        for box in self.active.boxes:
            if reason := self._settled(box):
                yield reason

    def _settled(self, box: ActiveScorecard) -> str | None:
        if first := self.asking.after(box, self.run):
            self.firsts.append(first)
            return first.sentence
        return settle(self.job, box, self._surprises[box.key], self.run, self.lease, accept=self.accept)

    def _send_again(self, box: ActiveScorecard) -> None:
        """Make drifted rows pending, or all rows with `--rewrite`."""
        if self.rewrite:
            self._begin(box)
            box.outbox.send_all(self.lease)
        elif self.mends and box.outbox.drift().leads:
            self._begin(box)
            mended = box.outbox.mend(self.run, self.lease)
            self._surprises[box.key].drifted = Drifted(mended.known, mended.leads, of=box.of)

    def _begin(self, box: ActiveScorecard) -> None:
        """Before the first change, block writing until the guard has judged the pass."""
        surprise = self._surprises[box.key]
        if not surprise.begun:
            surprise.begun = True
            box.outbox.begin(self.run, self.lease)

    @cached_property
    def _surprises(self) -> Mapping[str, Surprise]:
        return {box.key: self._surprise(box) for box in self.active.boxes}

    def _surprise(self, box: ActiveScorecard) -> Surprise:
        held = None if self.asking.waits(box) else box.outbox.held()
        only_held = held is not None and not self.all_due
        due = frozenset(box.outbox.dirty()) if only_held else None
        return Surprise(box.guarded, due, holds_back(self.job, held), of=box.of)

    def _chunks(self) -> Iterator[Chunk]:
        held = any(box.outbox.held() is not None and not self.asking.waits(box) for box in self.active.boxes)
        return everyone(self.job, self.active) if self.all_due or held else dirty_chunks(self.job, self.active)

    def _stage(self, found: Computed, chunk: Chunk) -> None:
        tolerances = Tolerances(dead_band=self.job.connection.write.dead_band)
        for box, part in found.parts:
            self._begin(box)
            surprise, results = self._surprises[box.key], self._earlier(part.results, box)
            moved = surprise.add(box.outbox.compare(results, tolerances), box.outbox.computed(chunk.of(box.of)))
            done = box.outbox.stage(
                results,
                self.run,
                self.lease,
                scored_at=self.as_of,
                change=found.frames.change,
                tolerances=tolerances,
                surprising=() if self.accept else moved,
                anew=part.anew,
                beside=part.beside,
            )
            self.staged(done)
        if chunk.accounts and self.active.accounts:
            self.active.accounts.outbox.clean(chunk.accounts, found.frames.change, self.lease)

    def _earlier(self, results: pl.DataFrame, box: ActiveScorecard) -> pl.DataFrame:
        """Leave out whom a pass inside this one has scored: what they did since this one began would be lost."""
        later = self.scored_inside.get(box.key)
        return results.filter(~pl.col("lead").is_in(list(later))) if later else results
