"""Judging: score and stage the leads and the accounts of a scorecard, and hold what would move too many of them."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from pipeline.cluster.spreading import Spread
from pipeline.compute import Chunk, Part, Whom, dirty_chunks, divided, due_chunks, due_parts, everyone
from pipeline.first import Asking, FirstWrite
from pipeline.guard import Drifted, Surprise, holds_back, settle
from pipeline.job import ActiveScorecard, Job
from pipeline.one_chunk import Judged, Orders, judged
from store import Lease, Staged
from vocabulary.doing import add, span


@dataclass
class Judging:
    """Scores and stages what one scorecard says in one pass."""

    job: Job
    active: ActiveScorecard
    run: int
    lease: Lease
    asking: Asking
    as_of: datetime
    whom: Whom
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
    said: list[str] = field(default_factory=list)
    """Sentences about how it was done, for the report of the pass."""

    def judge(self) -> Iterator[str]:
        """Score and stage; yield why results are held."""
        for box in self.active.boxes:
            self._send_again(box)
        for done in self._judged():
            self._count(done)
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
        told = box.outbox.told_count() if self._whom == "due" else None
        return Surprise(held is not None and self.whom == "changed", holds_back(self.job, held), told=told, of=box.of)

    @cached_property
    def _whom(self) -> Whom:
        """Who is scored: while the outbox is held, and where all is sent again, everyone."""
        held = any(box.outbox.held() is not None and not self.asking.waits(box) for box in self.active.boxes)
        return "everyone" if held or (self.rewrite and self.whom == "due") else self.whom

    def _chunks(self) -> Iterator[Chunk]:
        match self._whom:
            case "everyone":
                return everyone(self.job, self.active)
            case "due":
                return due_chunks(self.job, self.active, self.as_of)
            case _:
                return dirty_chunks(self.job, self.active)

    def _judged(self) -> Iterator[Judged]:
        """Score and stage, on the cluster or here; yield each chunk's counts."""
        if parts := self._for_the_cluster():
            self._begin_all()
            spread = Spread(self.job, self.active, self._orders, self.lease, self.said)
            yield from spread.judged(parts)
            self.between()  # not between its chunks: who is scored meanwhile by a pass inside this one would be lost
            return
        for chunk in self._chunks():
            with span("score chunk"):
                stage = judged(self.job, self.active, chunk, self._orders)
                self._begin_all()
                done = self.job.store.write(self.job.name, self.lease, stage)
                add(rows=sum(each.staged.computed for each in done.values()))
            yield done
            self.between()

    def _for_the_cluster(self) -> Sequence[Part]:
        """Return who is scored by the cluster, if there is one: everyone, or who is due if that is more than a few."""
        if self.job.cluster is None or self._whom == "changed":
            return ()
        most = self.job.cluster.options.chunk
        if self._whom == "everyone":
            return [*divided(self.job, self.active, most)]
        due = [*due_parts(self.job, self.active, self.as_of, most)]
        return due if len(due) > 1 else ()

    def _begin_all(self) -> None:
        for box in self.active.boxes:
            self._begin(box)

    @property
    def _orders(self) -> Orders:
        surprises = self._surprises.items()
        return Orders(
            self.run,
            self.as_of,
            own=self.own,
            accept=self.accept,
            dead_band=self.job.connection.write.dead_band,
            only_due=frozenset(key for key, surprise in surprises if surprise.only_due),
            everything=frozenset(key for key, surprise in surprises if surprise.everything),
            later={key: frozenset(leads) for key, leads in self.scored_inside.items()},
        )

    def _count(self, chunk: Judged) -> None:
        for key, of_box in chunk.items():
            self._surprises[key].add(of_box.moved)
            self.staged(of_box.staged)
