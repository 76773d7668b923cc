"""A pass over one connection: pull → score → push. Backfill, sync, refresh, sweep and reconcile are kinds of pass."""

import gc
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any, Final, Literal

import polars as pl

from connectors.base import Interrupted
from pipeline import clock, drift, segments
from pipeline.alerting import begin_alerts, trouble
from pipeline.clock import steady
from pipeline.comparing import COMPARED, compared
from pipeline.compute import Whom
from pipeline.departing import Departing
from pipeline.entrants import Entering, filled
from pipeline.exclusion import NOTED, Recognition
from pipeline.first import WAITS, Asking
from pipeline.job import ActiveScorecard, Job
from pipeline.judging import Judging
from pipeline.marking import mark
from pipeline.progress import CURRENCY, Observer, Tally
from pipeline.publishing import publish
from pipeline.pull import batches
from pipeline.push import push
from pipeline.removals import Brake, Settled
from pipeline.replanning import replanned
from pipeline.unread import UNREAD, unread_passes
from pipeline.watching import EXPECTED, watch
from scoring.outlook import EDITION
from store import OLDER, FieldChanges, Lease, LeaseLost, Run, Staged, StoreError
from store.mirror.planning import Replanned
from vocabulary.doing import add, during, span, told
from vocabulary.expiries import Expiry
from vocabulary.outputs import whose
from vocabulary.pages import Page, Stream

logger: Final = logging.getLogger(__name__)
Again = Literal["everything", "listings", "nothing"]


SHOWN: Final = ("leads", "activities", "scored", "written", "refused", "calls")
"""The counts that people are shown when a pass has ended."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a pass reads again from the start, and which leads it scores."""

    name: str
    again: Again = "nothing"
    whom: Whom = "changed"
    pulls: bool = True
    scores: bool = True
    """Whether it goes on to score and write. Without, it needs no more than rights to read."""


BACKFILL: Final = Kind("backfill", again="everything", whom="everyone")
SYNC: Final = Kind("sync")
REFRESH: Final = Kind("refresh", whom="due")
SWEEP: Final = Kind("sweep", whom="everyone")
RECONCILE: Final = Kind("reconcile", again="listings")
READ: Final = Kind("read", scores=False)
FEED: Final = Kind("feed")
"""Reads and scores what the CRM's feed said is due, and nothing else."""
PARALLEL: Final = 8
"""How many streams are read in parallel; they share the connector's call budget."""

SHOWN_EVERY: Final = 2.0
"""Seconds between two times that a pass saves its figures for whoever looks on."""
OVERDUE: Final = timedelta(hours=1)
"""What was due for this long when a pass began that read all streams need not be read by itself: it may never work."""
ASKED_BY: Final = "asked_by"
"""Where a run keeps who asked for it."""

SWEPT_BY: Final = "swept_by"
"""Where a run keeps by what it was found out when leads are due."""

_DONE: Final = {"read": "it read a page", "score": "it scored some leads", "write": "it wrote some rows"}
UNFINISHED: Final = ("running", "stopped", "failed", "broken off")


@dataclass(frozen=True, slots=True)
class PassOptions:
    """Command-line options of a pass."""

    accept: bool = False
    """Write even if the guard would stop, and release what is held."""
    rows_per_minute: int | None = None
    """Write no faster than this."""
    rewrite: bool = False
    """Write all values of all leads, even those already written."""
    yes: bool = False
    """Allow the first write of each scorecard. `accept` allows it too."""
    by: str = ""
    """The person who asked for it, if one did; kept with the run."""


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
        """The exit code of a command: 0 done, 1 held, 3 some rows refused."""
        return {"done": 0, "held": 1, "refused": 3}[self.state]

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON, with the counts of the pass at the same level."""
        told = {"run": self.run, "kind": self.kind, "state": self.state, "message": self.message}
        return told | self.tally.counts() | {"exit_code": self.exit_code}


@dataclass(frozen=True, slots=True)
class Host:
    """A pass, as those by the feed see it that are done inside it, at the same lease."""

    job: Job
    lease: Lease
    scored: dict[str, set[str]] = field(default_factory=dict)
    """Whom they have scored, by the key of the outbox."""
    read: list[pl.DataFrame] = field(default_factory=list)
    """What they have read."""


class Ears:
    """What hears the CRM's feed beside passes. It hears nothing; the daemon's `Listener` does."""

    def give_way(self, host: Host) -> None:
        """If something is due, read, score and write it now, inside a pass that goes on afterwards."""

    def mark(self, rows: pl.DataFrame, lease: Lease) -> None:
        """Mark rows (`vocabulary.feeds.DUE`) as due, and wake whoever waits for that."""

    def deaf(self, job: Job, rows: int) -> AbstractContextManager[None]:  # noqa: ARG002 - what `Listener` asks
        """Close the feed while this number of rows is written, if they are too many for it."""
        return nullcontext()


@dataclass
class Pass:
    """One pass, under a lease."""

    job: Job
    kind: Kind
    lease: Lease
    options: PassOptions = PassOptions()
    observer: Observer = field(default_factory=Observer)
    ears: Ears = field(default_factory=Ears)
    tally: Tally = field(default_factory=Tally)
    parallel: int = PARALLEL
    number: int | None = None
    """The number of its run, once it has started."""
    _called_before: int = 0
    """How many calls the connector had made when the pass began: it serves many passes of a daemon."""
    _again: Again = "nothing"
    """What this pass reads from the start."""
    _moved_at: float = field(default_factory=steady)
    _shown_at: float = field(default_factory=steady)
    _where: str = "at its start"
    _unread: Mapping[str, str] | None = None
    """Why segments could not be read; None if none was looked at."""
    _remarks: list[str] = field(default_factory=list)
    """Sentences for the report."""
    _expiries: Sequence[Expiry] = ()
    """What the connection depends on and when it ends."""

    @cached_property
    def _host(self) -> Host:
        return Host(self.job, self.lease)

    @property
    def idle_for(self) -> timedelta:
        """How long ago the pass last progressed: saved a page, scored a chunk or wrote a batch."""
        return timedelta(seconds=steady() - self._moved_at)

    @property
    def where(self) -> str:
        """Where the pass last progressed, in words."""
        return self._where

    def abandon(self, state: Literal["failed", "stopped"], why: str) -> None:
        """Give up on a pass that hangs. It can neither call the CRM nor write from now on."""
        self.job.permit.revoke()
        if self.number is not None:
            with suppress(StoreError):
                counts = self._counts()
                beside = trouble(self.job, self.number, state, counts, why)
                self.job.runs.finish(self.number, state, counts, self.lease, why, beside=beside)
        with suppress(StoreError):
            self.lease.release()

    def run(self) -> Report:
        """Do the pass and return its report. An error is recorded in the run and raised.

        What is logged meanwhile, in threads of the pass too, says of which connection, run and kind it is.
        """
        last = self.job.runs.last(self.kind.name)
        run = self.number = self.job.runs.start(self.kind.name, self.lease)
        with during(**self.doing), span("pass", **self.doing):
            report = self._run(run, last)
            add(state=report.state, **report.tally.figures())
        return report

    @property
    def doing(self) -> dict[str, str | int]:
        """What log lines and traces say of this pass."""
        run = {} if self.number is None else {"run": self.number}
        return {"connection": self.job.name, **run, "kind": self.kind.name}

    def _run(self, run: int, last: Run | None) -> Report:
        self._again, reads_only = self._read_from_the_start(), not self.kind.scores
        if self.options.by:
            self.tally.notes[ASKED_BY] = self.options.by
        checked = self.job.naming_fields(reads_only=reads_only)
        with self._recorded(run), self.job.permit.under(self.lease), checked, _old_objects_aside():
            self._called_before = self.job.connector.budget().calls
            self.job.verify(reads_only=reads_only)
            self.job.mirror.save_links(self.job.connector.links(), self.lease)
            brake = Brake(self.job, self.lease, self.options.accept, partial(self._moved, "read"))
            held = self._read_only(last, brake) if reads_only else self._do(run, last, brake)
        return self._finish(run, held, brake.settled)

    def _read_only(self, last: Run | None, brake: Brake) -> list[str]:
        """Fill the mirror and return which removals are held. The output fields need not exist in the CRM."""
        self.job.mirror.await_outputs(self.lease)
        self._prepare(last, ())
        self._pull()
        self._note_unread()
        as_of = self._moment()
        brake.settle(as_of)
        self.tally.settled(brake.settled)
        self._mark_machines(as_of)
        self.tally.notes[NOTED] = self._recognition.digest
        return list(brake.settled.holds.values())

    def _do(self, run: int, last: Run | None, brake: Brake) -> list[str]:
        """Read, score and write; return why something is held."""
        if self.job.connection.schedule.feed == "off":
            self.job.due.switch_off(self.lease)
        self._rewrite_new_fields()
        unread = self._declare_outputs()
        self._release_if_accepted()
        self._asking.before(run)
        brake.release()
        if self._clocks_agree() and not unread:  # if the CRM's time is unknown, the pull's answers will have it
            self._push(run, unread=False)
        self._prepare(last, unread)
        if self.kind.pulls:
            began, started = self._crm_time() or self.job.now(), self.job.now()
            anew = self._again == "everything" and not self.job.removals.leads()
            self._pull()
            self.job.due.outdate(started - OVERDUE, self.lease)
            self._note_unread()
            self._compare_activities(began, anew=anew)
            self._compare(lists=bool(unread) or self._again != "nothing")
        as_of = self._moment()
        brake.settle(as_of)
        self.tally.settled(brake.settled)
        self._mark_machines(as_of)
        reasons = self._score(run, as_of)
        if self.kind.whom == "everyone":
            self._watch(as_of)
        self._confirm_clock()
        departing = Departing(self.job, self.lease, self.options.accept)
        departing.run()
        self.tally.refused += departing.refused
        self.tally.emptied += departing.emptied
        self._push(run)
        self._remarks += publish(self.job, self.lease, whole=self._again != "nothing")
        begin_alerts(self.job, run, self.lease)
        self._prune()
        self._look_again(reasons)
        return [*reasons, *brake.settled.holds.values(), *departing.reasons]

    @cached_property
    def _asking(self) -> Asking:
        return Asking(self.job, self.lease, yes=self.options.yes or self.options.accept)

    def _read_from_the_start(self) -> Again:
        """Return what is read from the start. As long as nothing was ever sent, a backfill keeps what was read."""
        sent = any(box.outbox.has_sent() for box in self.job.boxes)
        if self.kind.again == "everything" and not sent and filled(self.job):
            return "nothing"
        return self.kind.again

    def _compare(self, *, lists: bool) -> None:
        """Note where the CRM differs from this database. Drift can only be seen in a full listing."""
        if self.tally.ahead:
            self._remarks.append(drift.note_older(self.job, self.tally.ahead))
        if not lists:
            return
        drifts = drift.found(self.job)
        self.tally.notes["drift"] = {prefix: asdict(found) for prefix, found in drifts.items()}
        if text := drift.note(self.job, drifts, mends=self._mends or self.options.rewrite):
            self._remarks.append(text)
        if not self.tally.ahead:
            drift.forget(self.job, OLDER)

    def _look_again(self, reasons: Sequence[str]) -> None:
        """Update the note about drift once this pass has written."""
        if self.options.rewrite or (self._mends and self.tally.written):
            drift.note(self.job, drift.found(self.job), mends=self._mends)
        if self.options.rewrite and not (reasons or self.tally.refused):
            drift.forget(self.job, OLDER)

    @property
    def _mends(self) -> bool:
        return self.job.connection.write.drift == "mend"

    def _moment(self) -> datetime:
        """Return the time to score for; raise `ClockError` if the CRM's clock differs."""
        confirmed = self._confirm_clock()
        as_of = moment(self.job, self.job.now(), confirmed=confirmed)
        self.tally.notes["as_of"] = as_of.isoformat()
        return as_of

    def _confirm_clock(self) -> bool:
        """Return whether the CRM sent its time; raise `ClockError` if that differs too much from ours."""
        theirs = self._crm_time()
        if theirs:
            clock.confirm(self.job.now(), theirs, self.job.connector.crm)
        return theirs is not None

    def _clocks_agree(self) -> bool:
        theirs = self._crm_time()
        return theirs is not None and clock.agree(self.job.now(), theirs)

    def _crm_time(self) -> datetime | None:
        offset = self.job.connector.clock_offset()
        return None if offset is None else clock.now() + offset

    def _rewrite_new_fields(self) -> None:
        """Make fields that were created, recreated or adopted since the last pass be written in full."""
        if new := self.job.crm_fields.new():
            adopted = new - self.job.crm_fields.made()
            for box in self.job.boxes:
                box.outbox.forget_written(new, self.lease, adopted)
            self.job.crm_fields.settle(new, self.lease)

    def _declare_outputs(self) -> tuple[str, ...]:
        """Return the output fields whose values in the CRM are unknown, so that leads must be listed before a write."""
        return self.job.mirror.declare_outputs(self.job.outputs, self.lease, self.job.crm_fields.made())

    def _prune(self) -> None:
        """Delete history that is older than the settings keep, once a night."""
        if self.kind == REFRESH:
            self.job.store.prune(self.job.name, self.lease, keep=self.job.connection.keep)

    @contextmanager
    def _recorded(self, run: int) -> Iterator[None]:
        """Record in the run why it stopped or failed."""
        try:
            yield
        except LeaseLost:
            raise
        except Interrupted as error:
            self.job.runs.finish(run, "stopped", self._counts(), self.lease, str(error))
            raise
        except Exception as error:
            counts = self._counts()
            beside = trouble(self.job, run, "failed", counts, str(error))
            self.job.runs.finish(run, "failed", counts, self.lease, str(error), beside=beside)
            raise
        finally:
            self.observer.close()

    def _counts(self) -> dict[str, object]:
        budget = self.job.connector.budget()
        self.tally.calls, self.tally.notes["calls_left"] = budget.calls - self._called_before, budget.left_today
        return self.tally.counts()

    def _finish(self, run: int, reasons: Sequence[str], settled: Settled) -> Report:
        state: Literal["done", "refused", "held"] = "held" if reasons else "refused" if self.tally.refused else "done"
        message = " ".join([*reasons, *settled.sentences(self.tally.deleted, self.tally.returned), *self._remarks])
        counts = self._counts()
        beside = trouble(self.job, run, state, counts, message, self._expiries)
        self.job.runs.finish(run, state, counts, self.lease, message, beside=beside)
        return Report(run, self.kind.name, state, self.tally, message)

    def _release_if_accepted(self) -> None:
        for box in self.job.boxes:
            held = box.outbox.held()
            if held and self.options.accept:
                box.outbox.accept(held.run)

    def _prepare(self, last: Run | None, unread: Sequence[str]) -> None:
        """Reset the cursors of streams that are read from the start; an unfinished backfill resumes instead."""
        streams = self.job.sources.streams()
        self._note_replanned(self.job.mirror.replan(streams, self.lease), streams)
        declared = self.job.mirror.declare(self.job.in_crm, self.lease, self.job.of_deals, self.job.segments)
        self.job.mirror.declare_domains(self.job.connection.by_domain, self.lease)
        unknown = {whose(name) for name in unread}
        again = [stream for stream in streams if _carries(stream, declared) or stream.shows in unknown]
        if not (last and last.state in UNFINISHED and self._again == "everything"):
            again += [stream for stream in streams if self._reads_again(stream)]
        if self._recognition.lifts():
            again += [stream for stream in streams if stream.lists and stream not in again]
        if again:
            self.job.mirror.reset([stream.name for stream in again], self.lease)
        self.job.ready = True

    def _note_replanned(self, found: Replanned, streams: Sequence[Stream]) -> None:
        labels = {stream.name: stream.label for stream in streams}
        if text := replanned(found, labels):
            self._remarks.append(text)

    def _reads_again(self, stream: Stream) -> bool:
        if self._again == "listings":
            return stream.lists or stream.relisted
        return self._again == "everything"

    def _pull(self) -> None:
        """Read leads and accounts first, so that activities find their leads; then what entrants did before."""
        streams = self.job.sources.streams()
        before = None if self._again == "everything" else filled(self.job)
        passed: list[Stream] = []
        for wanted in (True, False):
            cursors = {stream: self.job.mirror.cursor(stream.name) for stream in streams if stream.fields is wanted}
            passed += [stream for stream, cursor in cursors.items() if cursor is not None]
            for pages in batches(self.job.sources, cursors, self.parallel):
                self._save(pages, before)
                self._give_way()
            self._recognise(before)
        self._read_again_what_was_due()
        if self._again == "everything":
            self.job.entrants.clear(self.lease)
        self._entering.read(passed, lists=self._again != "nothing")
        self._read_again_what_was_due()
        self.tally.notes[CURRENCY] = self.job.connector.currency()
        self._remarks += self.job.sources.left_out()
        self.tally.notes[UNREAD], self._expiries = unread_passes(self.job), self.job.connector.expiries()

    def _give_way(self) -> None:
        """Let what is due go first: a pass by the feed is done inside this one."""
        self.ears.give_way(self._host)

    def _read_again_what_was_due(self) -> None:
        """Let what passes inside this one read be due again: a page of a stream may be older and was saved later."""
        if self._host.read:
            self.ears.mark(pl.concat(self._host.read), self.lease)
            self._host.read.clear()

    def _note_unread(self) -> None:
        """Say which segments could not be read, unless this pass did not look at any although it should."""
        if self._unread is not None or not self.job.segments:
            text = segments.note(self.job, self._unread or {})
            self._remarks += [text] if text else []

    def _recognise(self, filled_at: datetime | None) -> None:
        """Apply `exclude` before activities are read, and again to those whom what was read since concerns."""
        for page in self._recognition.read_again():
            self._save([page], filled_at)
        self.tally.excluded += self._recognition.apply()

    @cached_property
    def _recognition(self) -> Recognition:
        return Recognition(self.job, self.lease)

    def _save(self, pages: Sequence[Page], filled_at: datetime | None = None) -> None:
        self.tally.saved(pages, self.job.mirror.save_all(pages, self.lease, self.job.now(), filled=filled_at))
        self._unread = next((page.unread_segments for page in pages if page.unread_segments is not None), self._unread)
        self._moved("read")

    @property
    def _entering(self) -> Entering:
        return Entering(self.job, self.lease, self._save_and_give_way, self.parallel)

    def _save_and_give_way(self, pages: Sequence[Page]) -> None:
        self._save(pages)
        self._give_way()

    def _compare_activities(self, began: datetime, *, anew: bool) -> None:
        """In a full listing of the leads, compare activities by id too.

        A pass that fills an empty mirror, `anew`, has just read all of them. One that goes on after another has not.
        """
        if self._again == "listings" or (self._again == "everything" and not anew):
            for pages in compared(self.job, self.lease, partial(self._moved, "read")):
                self._save(pages)
        if self._again != "nothing":
            self.tally.notes[COMPARED] = began.isoformat()

    def _mark_machines(self, as_of: datetime) -> None:
        """Mark the traffic of machines, as of the time to score for: scoring for it again takes the same marks."""
        done, said = mark(self.job, self.lease, as_of, self._marked)
        self.tally.marked, self.tally.unmarked = done.marked, done.unmarked
        self._remarks += [said] if said else []

    def _marked(self) -> None:
        self._moved("read")
        self._give_way()

    def _score(self, run: int, as_of: datetime) -> list[str]:
        reasons = [reason for active in self.job.scorecards for reason in self._judge(active, run, as_of)]
        self.tally.notes[NOTED] = self._recognition.digest
        self.tally.notes["judged_by"] = _labels(self.job.scorecards)
        if self.kind.whom != "changed":
            self.tally.notes[SWEPT_BY] = self._written_by
        return reasons

    def _judge(self, active: ActiveScorecard, run: int, as_of: datetime) -> list[str]:
        """Score and stage what one scorecard says; return why its results are held, if they are."""
        judging = Judging(
            self.job,
            active,
            run,
            self.lease,
            self._asking,
            as_of,
            whom=self._whom(active),
            own=self._own,
            accept=self.options.accept,
            rewrite=self.options.rewrite,
            mends=self._mends,
            staged=self._staged,
            scored_inside=self._host.scored,
            between=self._give_way,
        )
        reasons = list(judging.judge())
        self._remarks += judging.said
        for first in judging.firsts:
            self.tally.notes.setdefault(WAITS, []).append(first.as_json())
        return reasons

    def _whom(self, active: ActiveScorecard) -> Whom:
        """Return who is scored: everyone if the scorecard has changed, or how its results are written."""
        if self._judged_by().get(active.prefix) != active.label:
            return "everyone"
        if self.kind.whom == "due" and self._swept_by().get(active.prefix) != self._written_by[active.prefix]:
            return "everyone"
        return self.kind.whom

    @cached_property
    def _written_by(self) -> dict[str, str]:
        """What decides, beside the scorecard, when a lead is due: what is written, and how far numbers may differ."""
        band, edition = self.job.connection.write.dead_band, EDITION
        return {
            active.prefix: f"{edition} {band:g} {' '.join(sorted(active.outbox.written))}"
            for active in self.job.scorecards
        }

    def _swept_by(self) -> dict[str, str]:
        """Return the same of the last pass that scored those who were due, or everyone."""
        swept = self.job.runs.last_with(SWEPT_BY)
        return swept.counts[SWEPT_BY] if swept else {}

    def _watch(self, as_of: datetime) -> None:
        """Keep what the likelihoods expect, and say where they expected something else than came."""
        forecasts, said = watch(self.job, as_of)
        if forecasts:
            self.tally.notes[EXPECTED] = forecasts
        self._remarks += [said] if said else []

    def _staged(self, staged: Staged) -> None:
        self.tally.staged(staged)
        self._moved("score")

    def _judged_by(self) -> dict[str, str]:
        """Return the scorecard labels, by prefix, of the last pass that finished scoring."""
        judged = self.job.runs.last_with("judged_by")
        return judged.counts["judged_by"] if judged else {}

    @cached_property
    def _own(self) -> bool:
        """Whether what changed is what leads did: a first pass or a backfill only reads what they did before."""
        return self._again != "everything" and filled(self.job) is not None

    def _push(self, run: int, *, unread: bool = True) -> None:
        """Write pending rows. `unread`: include those whose fields had to be read from the CRM first."""
        waiting = [box.outbox.pending_count(self.job.now(), unread=unread) for box in self.job.boxes]
        self.tally.to_write += sum(waiting)
        with self.ears.deaf(self.job, sum(waiting)):
            for box in self.job.boxes:
                for recorded in push(self.job, box, run, self.lease, self.options.rows_per_minute, unread=unread):
                    self.tally.recorded(recorded)
                    self._moved("write")
                    self._give_way()

    def _moved(self, step: str) -> None:
        self.tally.calls = self.job.connector.budget().calls - self._called_before
        self._moved_at, self._where = steady(), f"its last progress: {_DONE[step]}"
        self.observer.step(step, self.tally)
        if self.number is not None and self._moved_at - self._shown_at >= SHOWN_EVERY:
            self.job.runs.progress(self.number, self.tally.figures(), self.lease)
            self._shown_at = self._moved_at


def log_end(connection: str, report: Report) -> None:
    """Log how a pass ended, with all of its counts as fields."""
    counts = report.tally.figures()
    shown = " ".join(f"{name}={counts[name]}" for name in SHOWN)
    doing = told(connection=connection, run=report.run, kind=report.kind, state=report.state, **counts)
    logger.info("%s: %s %s, %s", connection, report.kind, report.state, shown, extra=doing)
    if report.message:
        level = logging.WARNING if report.state == "held" else logging.INFO
        logger.log(level, "%s: %s", connection, report.message, extra=told(run=report.run, kind=report.kind))


def moment(job: Job, current: datetime, *, confirmed: bool) -> datetime:
    """Return the time to score for, which never goes back behind that of an earlier pass; see `clock.moment`."""
    scored = job.runs.last_with("as_of")
    noted = datetime.fromisoformat(scored.counts["as_of"]) if scored else None
    known = [at for at in (noted, job.scored_at) if at is not None]
    job.scored_at = clock.moment(current, max(known, default=None), confirmed=confirmed)
    return job.scored_at


@contextmanager
def _old_objects_aside() -> Iterator[None]:
    """Hide existing objects from the garbage collector, which would scan them all again for every page."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _carries(stream: Stream, declared: FieldChanges) -> bool:
    """Return whether a stream brings fields that were added."""
    fields = bool(declared.added and stream.fields) or (declared.of_deals and stream.deals)
    return fields or (declared.segments and stream.segments)


def _labels(scorecards: Sequence[ActiveScorecard]) -> dict[str, str]:
    return {active.prefix: active.label for active in scorecards}
