"""A pass over one connection: pull → score → push. Backfill, sync, refresh and reconcile are four ways to do it."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from connectors.base import Interrupted, Stream
from pipeline import clock
from pipeline.compute import Chunk, dirty_chunks, everyone, results_of
from pipeline.guard import Surprise, settle
from pipeline.job import Job, Judgement
from pipeline.pull import portions
from pipeline.push import push
from pipeline.watch import Tally, Watch
from store import Lease, LeaseLost, Run, Tolerances


@dataclass(frozen=True, slots=True)
class Kind:
    """What a pass reads again from the start, and whom it scores."""

    name: str
    again: Literal["everything", "listings", "nothing"] = "nothing"
    everyone: bool = False
    pulls: bool = True


BACKFILL: Final = Kind("backfill", again="everything", everyone=True)
SYNC: Final = Kind("sync")
REFRESH: Final = Kind("refresh", everyone=True)
RECONCILE: Final = Kind("reconcile", again="listings")
PARALLEL: Final = 8
"""How many streams are read side by side; the connector spends its budget among them."""

UNFINISHED: Final = ("running", "stopped", "failed", "broken off")


@dataclass(frozen=True, slots=True)
class Orders:
    """How a person wants this pass done."""

    accept: bool = False
    """Let through what the guard would stop."""
    rows_a_minute: int | None = None
    """Write no faster than this."""


@dataclass(frozen=True, slots=True)
class Report:
    """How a pass ended."""

    run: int
    kind: str
    state: Literal["done", "refused", "held"]
    tally: Tally
    message: str = ""

    @property
    def exit_code(self) -> int:
        """The code that a command ends with: 0 done, 1 held back by the guard, 3 some rows refused."""
        return {"done": 0, "held": 1, "refused": 3}[self.state]


@dataclass
class Pass:
    """One pass, with the lease it works under."""

    job: Job
    kind: Kind
    lease: Lease
    orders: Orders = Orders()
    watch: Watch = field(default_factory=Watch)
    tally: Tally = field(default_factory=Tally)
    parallel: int = PARALLEL

    def run(self) -> Report:
        """Do the pass and return how it ended; an error is noted in the run and raised."""
        last = self.job.runs.last(self.kind.name)
        before = self.job.runs.last()
        run = self.job.runs.start(self.kind.name, self.lease)
        with self._noted(run), self.job.permit.under(self.lease), _old_objects_aside():
            as_of = clock.moment(self.job.now(), _as_of(before))
            self.tally.notes["as_of"] = as_of.isoformat()
            self.job.verify()
            self._release_if_accepted()
            self._push(run)
            self._prepare(last)
            if self.kind.pulls:
                self._pull()
            reasons = self._score(run, as_of)
            self._push(run)
            self._let_go()
        return self._finish(run, reasons)

    def _let_go(self) -> None:
        """Drop, once a night, the past that the settings keep no longer."""
        if self.kind == REFRESH:
            self.job.store.prune(self.job.name, self.lease, keep=self.job.connection.keep)

    @contextmanager
    def _noted(self, run: int) -> Iterator[None]:
        """Keep with the run how it ended when it did not come to its end."""
        try:
            yield
        except LeaseLost:
            raise
        except Interrupted as error:
            self.job.runs.finish(run, "stopped", self._counts(), self.lease, str(error))
            raise
        except Exception as error:
            self.job.runs.finish(run, "failed", self._counts(), self.lease, str(error))
            raise
        finally:
            self.watch.close()

    def _counts(self) -> dict[str, object]:
        budget = self.job.connector.budget()
        self.tally.calls, self.tally.notes["calls_left"] = budget.calls, budget.left_today
        return self.tally.counts()

    def _finish(self, run: int, reasons: Sequence[str]) -> Report:
        state: Literal["done", "refused", "held"] = "held" if reasons else "refused" if self.tally.refused else "done"
        message = " ".join(reasons)
        self.job.runs.finish(run, state, self._counts(), self.lease, message)
        return Report(run, self.kind.name, state, self.tally, message)

    def _release_if_accepted(self) -> None:
        for judgement in self.job.judgements:
            held = judgement.outbox.held()
            if held and self.orders.accept:
                judgement.outbox.release(held.run)

    def _prepare(self, last: Run | None) -> None:
        """Reset the cursors of what this pass reads from the start; an unfinished backfill goes on instead."""
        streams = self.job.connector.streams()
        declared = self.job.mirror.declare(self.job.fields, self.lease)
        again = [stream for stream in streams if declared.added and stream.fields]
        if not (last and last.state in UNFINISHED and self.kind.again == "everything"):
            again += [stream for stream in streams if self._reads_again(stream)]
        if again:
            self.job.mirror.reset([stream.name for stream in again], self.lease)

    def _reads_again(self, stream: Stream) -> bool:
        return self.kind.again == "everything" or (self.kind.again == "listings" and stream.lists)

    def _pull(self) -> None:
        """Read leads and accounts first, so that what leads did finds them there."""
        streams = self.job.connector.streams()
        for wanted in (True, False):
            cursors = {stream: self.job.mirror.cursor(stream.name) for stream in streams if stream.fields is wanted}
            for pages in portions(self.job.connector, cursors, self.parallel):
                self.tally.saved(pages, self.job.mirror.save_all(pages, self.lease))
                self._moved("read")

    def _score(self, run: int, as_of: datetime) -> list[str]:
        reasons = [self._judge(judgement, run, as_of) for judgement in self.job.judgements]
        self.tally.notes["judged_by"] = _labels(self.job.judgements)
        return [reason for reason in reasons if reason]

    def _judge(self, judgement: Judgement, run: int, as_of: datetime) -> str | None:
        """Score and stage the leads of one scorecard; return why its results are held back, if they are."""
        surprise, held = Surprise(), judgement.outbox.held() is not None
        for chunk in self._chunks(judgement):
            self._stage(judgement, chunk, run, as_of, surprise, held=held)
        return settle(self.job, judgement, surprise, run, self.lease, accept=self.orders.accept)

    def _chunks(self, judgement: Judgement) -> Iterator[Chunk]:
        return everyone(self.job) if self._everyone(judgement) else dirty_chunks(judgement)

    def _everyone(self, judgement: Judgement) -> bool:
        changed = self._judged_by().get(judgement.prefix) != judgement.label
        return self.kind.everyone or changed or judgement.outbox.held() is not None

    def _judged_by(self) -> dict[str, str]:
        """Return by which scorecards all leads were last judged, in a pass that came to the end of scoring."""
        labels = (run.counts.get("judged_by") for run in self.job.runs.list())
        return next((label for label in labels if label), {})

    def _stage(
        self, judgement: Judgement, chunk: Chunk, run: int, as_of: datetime, surprise: Surprise, *, held: bool
    ) -> None:
        outbox, tolerances = judgement.outbox, Tolerances(dead_band=self.job.connection.write.dead_band)
        results, change = results_of(self.job, judgement, chunk, as_of)
        surprise.add(outbox.compare(results, tolerances), outbox.computed(chunk), held=held)
        staged = outbox.stage(results, run, self.lease, scored_at=as_of, change=change, tolerances=tolerances)
        self.tally.staged(staged)
        self._moved("score")

    def _push(self, run: int) -> None:
        self.tally.to_write += sum(judgement.outbox.pending_count(self.job.now()) for judgement in self.job.judgements)
        for judgement in self.job.judgements:
            for recorded in push(self.job, judgement.outbox, run, self.lease, self.orders.rows_a_minute):
                self.tally.recorded(recorded)
                self._moved("write")

    def _moved(self, step: str) -> None:
        self.tally.calls = self.job.connector.budget().calls
        self.watch.step(step, self.tally)


@contextmanager
def _old_objects_aside() -> Iterator[None]:
    """Spare the garbage collector what was there before: with each page it would look through all of it again."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _labels(judgements: Sequence[Judgement]) -> dict[str, str]:
    return {judgement.prefix: judgement.label for judgement in judgements}


def _as_of(run: Run | None) -> datetime | None:
    written = run.counts.get("as_of") if run else None
    return datetime.fromisoformat(written) if written else None
