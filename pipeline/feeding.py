"""A pass by the feed: what the CRM said is due is read, scored and written, and nothing else."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

import polars as pl

from connectors.base import Feeds
from pipeline import clock
from pipeline.alerting import trouble
from pipeline.compute import Computed, dirty_chunks, scored
from pipeline.entrants import filled
from pipeline.exclusion import Recognition
from pipeline.first import Asking
from pipeline.guard import held_for_feed, moved
from pipeline.job import ActiveScorecard, Job
from pipeline.marking import is_marked, mark_since
from pipeline.passes import FEED, Host, Pass, Report, moment
from pipeline.push import push
from store import Lease, Staged, Tolerances
from vocabulary.feeds import DUE
from vocabulary.pages import Page

MOST: Final = 1_000
"""How much of what is due is read in one pass: so much comes together only after a pause or a change of many leads,
and then few large passes catch up sooner than many small ones."""


def due_pass(job: Job, lease: Lease, host: Host | None = None) -> "FeedPass | None":
    """Return a pass over what has been due the longest, inside another one if there is one; None if nothing is due."""
    taken = job.due.take(MOST)
    return None if taken.is_empty() else FeedPass(job, FEED, lease, taken=taken, host=host)


@dataclass
class FeedPass(Pass):
    """One pass over some of what is due."""

    taken: pl.DataFrame = field(default_factory=DUE.to_frame)
    """What is read (`store.leads.due.TAKEN`)."""
    host: Host | None = None
    """The pass inside which it is done."""
    lags: Sequence[timedelta] = ()
    """How long after each change its results were written, by the CRM's clock, as far as it told when that was."""

    def run(self) -> Report:
        """Do the pass and return its report. An error is recorded in the run and raised."""
        start = self.job.runs.start if self.host is None else self.job.runs.start_inside
        run = self.number = start(self.kind.name, self.lease)
        with self._recorded(run), self.job.permit.under(self.lease), self.job.naming_fields():
            self._called_before = self.job.connector.budget().calls
            self.job.verify()
            reasons = self._feed(run)
        return self._ended(run, reasons)

    def _feed(self, run: int) -> list[str]:
        since = self._read()
        if self.host is not None:
            self.host.read.append(self.taken.select(DUE.names()))
        if not self._is_judged():
            return []
        as_of = self._moment()
        self._moved("read")
        self.tally.excluded += Recognition(self.job, self.lease, since).apply()
        done = mark_since(self.job, self.lease, as_of, lambda: None, since)
        self.tally.marked, self.tally.unmarked = done.marked, done.unmarked
        asking = Asking(self.job, self.lease, yes=False)
        reasons = [
            reason
            for active in self.job.scorecards
            for reason in _Judging(self.job, active, run, self.lease, as_of, since, asking, self._scored).judge()
        ]
        self._confirm_clock()
        self._write(run)
        return reasons

    def _is_judged(self) -> bool:
        """Return whether a pass has judged what the settings say now, so that there is something to measure by."""
        judged = self._judged_by()
        known = all(judged.get(active.prefix) == active.label for active in self.job.scorecards)
        return known and is_marked(self.job) and not Recognition(self.job, self.lease).is_changed

    def _read(self) -> int:
        """Read what is due and store it; return the number of the first change that stored some of it.

        People whom `exclude` names are left out before anything else about them is stored.
        """
        feeds = self.job.connector
        assert isinstance(feeds, Feeds), "only a connector with a feed makes anything due"
        pages = list(feeds.read_due(self.taken.select(DUE.names())))
        named = [page for page in pages if len(page.leads) or len(page.accounts)]
        first = self._save_due(named, self.taken.clear()) if named and self.job.connection.exclude else None
        if first is not None:
            self.tally.excluded += Recognition(self.job, self.lease, first).apply()
            pages = [page for page in pages if page not in named]
        last = self._save_due(pages, self.taken)
        return last if first is None else first

    def _save_due(self, pages: Sequence[Page], taken: pl.DataFrame) -> int:
        saved, number = self.job.mirror.save_due(pages, taken, self.lease, self.job.now(), filled(self.job))
        self.tally.saved(pages, saved)
        self._moved("read")
        return number

    def _moment(self) -> datetime:
        """Return the time to score for: by the CRM's clock if it is ahead, since what happens now is not future."""
        confirmed = self._confirm_clock()
        return moment(self.job, max(self.job.now(), self._crm_time() or self.job.now()), confirmed=confirmed)

    def _scored(self, key: str, leads: Collection[str], staged: Staged) -> None:
        self.tally.staged(staged)
        if self.host is not None:
            self.host.scored.setdefault(key, set()).update(leads)
        self._moved("score")

    def _write(self, run: int) -> None:
        """Write what this pass staged, even while a pass around it waits to be judged."""
        for box in self.job.boxes:
            for recorded in push(self.job, box, run, self.lease, own=True):
                self.tally.recorded(recorded)
                self._moved("write")
        if self.tally.written:
            now = self._crm_time() or clock.now()
            self.lags = [max(now - at, timedelta()) for at in self.taken["changed_at"].drop_nulls()]

    def _counts(self) -> dict[str, object]:
        """Return what was counted; there are many such passes, so nothing is kept that was not."""
        super()._counts()
        return {name: number for name, number in self.tally.figures().items() if number}

    def _ended(self, run: int, reasons: Sequence[str]) -> Report:
        state: Literal["held", "refused", "done"] = "held" if reasons else "refused" if self.tally.refused else "done"
        message, counts = " ".join(reasons), self._counts()
        beside = trouble(self.job, run, state, counts, message)
        self.job.runs.finish(run, state, counts, self.lease, message, beside=beside)
        return Report(run, self.kind.name, state, self.tally, message)


@dataclass(frozen=True, slots=True)
class _Judging:
    """Scores and stages whom a pass by the feed concerns, for one scorecard."""

    job: Job
    active: ActiveScorecard
    run: int
    lease: Lease
    as_of: datetime
    since: int
    """The number of the first change of the pass: what others changed is left to a pass that gathers changes."""
    asking: Asking
    staged: Callable[[str, Collection[str], Staged], None]

    def judge(self) -> Iterator[str]:
        """Score and stage; yield why results are held. While they are, what is stale waits for the next `sync`."""
        if any(box.outbox.held() for box in self.active.boxes):
            return
        for chunk in dirty_chunks(self.job, self.active, self.since):
            found = scored(self.job, self.active, chunk, self.as_of, own=True, told_by=self._tolerances)
            yield from self._stage(found)
            if chunk.accounts and self.active.accounts:
                self.active.accounts.outbox.clean(chunk.accounts, found.frames.change, self.lease)
        for box in self.active.boxes:
            if first := self.asking.after(box, self.run):
                yield first.sentence

    @property
    def _tolerances(self) -> Tolerances:
        return Tolerances(dead_band=self.job.connection.write.dead_band)

    def _stage(self, found: Computed) -> Iterator[str]:
        """Stage a chunk, after the guard has judged it: so what is staged can be written whatever breaks off."""
        tolerances = self._tolerances
        for box, part in found.parts:
            leads = part.results["lead"].to_list()
            compared, before = box.outbox.compare(part.results, tolerances), box.outbox.computed(leads)
            moving = moved(compared, before, box.guarded)[1]["lead"].to_list()
            share = self.job.connection.write.guard
            held = held_for_feed(box, len(moving), share, self.run, self.lease, self.job.now())
            done = box.outbox.stage(
                part.results,
                self.run,
                self.lease,
                scored_at=self.as_of,
                change=found.frames.change,
                tolerances=tolerances,
                surprising=moving if held else (),
                anew=part.anew,
                beside=part.beside,
                due=part.due,
                fed=len(moving),
            )
            self.staged(box.key, leads, done)
            if held:
                yield held
