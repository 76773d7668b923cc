"""Listening to a connection's feed, in a thread beside its passes: what it says is stored, and wakes the lane.

Nothing depends on it: what the feed loses, or says while nobody listens, is brought by the next `sync`.
"""

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, RLock, Thread
from typing import Final, cast

import polars as pl

from connectors.base import BudgetSpent, ConfigurationError, ConnectorError, Feeds, Interrupted
from pipeline.daemon.health import FeedState, FeedWord, Health
from pipeline.daemon.metrics import Metrics
from pipeline.daemon.scheduler import Lane
from pipeline.daemon.timing import as_text
from pipeline.feeding import FeedPass, due_pass
from pipeline.job import Job
from pipeline.passes import SYNC, Ears, Host, Report
from store import Lease, LeaseLost, StoreError
from vocabulary.doing import during
from vocabulary.feeds import ALIVE, Heard
from vocabulary.pages import Cursor

NOTE: Final = "feed"
"""The note under which `status` says why the feed is not listened to."""
GAP_NOTE: Final = "feed gap"
"""The note under which `status` says what the feed lost, until a `sync` has brought it."""
SILENT: Final = 2 * ALIVE
LONGEST: Final = timedelta(minutes=5)
"""The longest pause after a failure."""
LATEST: Final = timedelta(hours=1)
"""The longest pause after a mistake that a person must mend; changed settings are tried at once."""
A_DAY: Final = timedelta(hours=25)
MOST_HUNG: Final = 3
"""Once this many threads hang in a feed that says nothing, only a restart helps."""
FAREWELL: Final = 1.0
"""Seconds that a thread may take to end before it is left alone."""

logger: Final = logging.getLogger(__name__)


def pause_after(failures: int) -> float:
    """Return how many seconds to pause after so many failures in a row: twice as long each time."""
    return float(min(2 ** min(failures, 16), LONGEST.total_seconds()))


def pause_after_mistakes(mistakes: int) -> float:
    """Return how many seconds to pause after so many mistakes in a row: a minute first, for a CRM may be wrong once."""
    return float(min(30 * 2 ** min(mistakes, 16), LATEST.total_seconds()))


@dataclass(eq=False)
class _Turn:
    """One time of listening: a thread with a job and a lease, until another one takes its place."""

    job: Job
    lease: Lease
    heard_at: float | None = None
    """When something was heard last, by the steady clock; None while it pauses."""
    cursor: Cursor | None = None
    failures: int = 0
    over: Event = field(default_factory=Event)
    thread: Thread | None = None


@dataclass
class Listener(Ears):
    """Listens for one connection while this process has its lease."""

    name: str
    lane: Lane
    metrics: Metrics
    health: Health
    note: Callable[[str, str | None], None] = lambda _name, _text: None
    """Saves a note for `status`."""
    pause: Callable[[int], float] = pause_after
    """How many seconds to pause after so many failures in a row."""
    hung: list[Thread] = field(default_factory=list)
    """Threads that were left alone because they did not end."""
    _turn: _Turn | None = None
    _due: Event = field(default_factory=Event)
    _rest: tuple[float, int] = (0.0, 0)
    """Until when no pass by the feed is tried, by the steady clock, and how many failed in a row."""
    _gap_noted: bool = True
    _lock: RLock = field(default_factory=RLock)
    """Held while what was heard is stored, so that a turn that is over stores nothing."""

    def follow(self, job: Job, lease: Lease) -> None:
        """Listen with this job and lease, if the settings want it, instead of with others."""
        turn = self._turn
        if turn is not None and turn.job is job and turn.lease is lease:
            return
        self.stop()
        if job.connection.schedule.feed == "off":
            self._switched_off()
            return
        if self._state is None:
            self.metrics.feeds.begin(self.name)
        if not isinstance(job.connector, Feeds):
            self._turn = _Turn(job, lease)
            why = f"{job.connector.crm} has no feed. Remove `schedule.feed`."
            self._becomes("off", why)
            return
        self._look_for_more(job)
        if job.connection.schedule.feed == "received":
            self._turn = _Turn(job, lease)
            self._becomes("listening")
        else:
            self._begin(job, lease)

    def received(self, told: Callable[[Job], tuple[pl.DataFrame, int]]) -> bool:
        """Store what a webhook told, given how to read it with the job; return False if nobody here may.

        That is so while another process has the lease, and while the settings want no feed.
        """
        turn = self._turn
        if turn is None:
            return False
        with turn.job.permit.under(turn.lease):
            rows, events = told(turn.job)
        with self._lock:
            if turn.over.is_set():
                return False
            if len(rows):
                turn.job.due.mark(rows, turn.lease, self.lane.clocks.wall())
        self.metrics.feeds.heard(self.name, events, gap=False)
        if len(rows):
            self._look_for_more(turn.job)
        return True

    def stop(self) -> bool:
        """Stop listening; return whether the thread has ended."""
        turn, self._turn = self._turn, None
        if turn is None:
            return True
        with self._lock:
            turn.over.set()
        if turn.thread is None:
            return True
        turn.thread.join(FAREWELL)
        if turn.thread.is_alive():
            self.hung.append(turn.thread)
        return not turn.thread.is_alive()

    def watch(self) -> None:
        """If a feed says nothing although it should say that there is nothing, listen anew."""
        turn = self._turn
        if turn is None or turn.heard_at is None or self._steady() - turn.heard_at <= SILENT.total_seconds():
            return
        self.hung = [thread for thread in self.hung if thread.is_alive()]
        turn.heard_at = None
        if len(self.hung) >= MOST_HUNG:
            self._becomes("lost", "It says nothing, and neither did it when it was begun anew. Restart leadgauge.")
            return
        self._becomes("lost", f"It said nothing for {SILENT.total_seconds():.0f} seconds and is begun anew.")
        with self._lock:
            turn.over.set()
        if turn.thread is not None:
            self.hung.append(turn.thread)
        self._begin(turn.job, turn.lease)

    def wants(self) -> bool:
        """Return whether something is due, and passes by the feed do not rest after a failure."""
        return self._due.is_set() and self._steady() >= self._rest[0]

    def next_pass(self, job: Job, lease: Lease, host: Host | None = None) -> FeedPass | None:
        """Return a pass over what is due; None if nothing is."""
        self._due.clear()
        return due_pass(job, lease, host)

    def fed(self, work: FeedPass, report: Report) -> None:
        """Record a pass over what was due."""
        self._rest = (0.0, 0)
        self.metrics.passed(self.name, report)
        self.metrics.feeds.written(self.name, work.lags)
        self._look_for_more(work.job)
        logger.debug("%s: feed %s, written=%s", self.name, report.state, report.tally.written)
        if report.message:
            logger.warning("%s: %s", self.name, report.message)

    def failed(self) -> None:
        """Let passes by the feed rest after one failed: longer each time."""
        times = self._rest[1] + 1
        self._rest = (self._steady() + self.pause(times + 3), times)
        self._due.set()

    def caught_up(self) -> None:
        """Record that a `sync` has brought what the feed lost."""
        if self._gap_noted:
            with suppress(StoreError):
                self.note(GAP_NOTE, None)
                self._gap_noted = False

    def give_way(self, host: Host) -> None:
        """If something is due, do one pass inside another one. Its failure is not the other one's."""
        if not (host.job.ready and self.wants()):
            return
        try:
            if work := self.next_pass(host.job, host.lease, host):
                self.fed(work, work.run())
        except (LeaseLost, Interrupted):
            raise
        except Exception as error:
            self.failed()
            self.metrics.failed(self.name, "feed")
            known = hasattr(error, "exit_code")
            logger.warning("%s: feed failed: %s", self.name, error, exc_info=None if known else error)

    def mark(self, rows: pl.DataFrame, lease: Lease) -> None:
        """Mark rows as due, and wake the lane."""
        turn = self._turn
        if turn is not None:
            turn.job.due.mark(rows, lease, self.lane.clocks.wall())
            self._wake()

    @contextmanager
    def deaf(self, job: Job, rows: int) -> Iterator[None]:
        """Close the feed while so much is written that it would tell of little else; then a `sync` catches up."""
        turn = self._turn
        feeds = isinstance(job.connector, Feeds) and job.connector.floods(rows)
        if turn is None or turn.thread is None or not feeds:
            yield
            return
        with self._lock:
            turn.over.set()
        turn.heard_at = None
        self._becomes("paused", f"{rows:,} rows are being written, which it would tell of.")
        try:
            yield
        finally:
            with suppress(StoreError):
                job.due.begin_anew(turn.lease)
            self._begin(job, turn.lease)
            self.lane.hasten(SYNC.name)

    def _begin(self, job: Job, lease: Lease) -> None:
        turn = self._turn = _Turn(job, lease, self._steady())
        turn.thread = Thread(target=self._run, args=(turn,), name=f"feed {self.name}", daemon=True)
        turn.thread.start()

    def _run(self, turn: _Turn) -> None:
        with turn.job.permit.under(turn.lease), during(connection=self.name, kind="listening"):
            while not self._is_over(turn):
                turn.heard_at = self._steady()
                pause = self._attempt(turn)
                if pause is None or self._is_over(turn):
                    return
                turn.heard_at = None
                turn.over.wait(pause)

    def _attempt(self, turn: _Turn) -> float | None:
        """Listen until that fails; return how many seconds to pause before it is tried again, None for never."""
        try:
            self._listen(turn)
        except (Interrupted, LeaseLost):
            return None
        except ConfigurationError as error:
            turn.failures += 1
            return self._fails(turn, "off", error, pause_after_mistakes(turn.failures))
        except BudgetSpent as error:
            wait = min(max(error.resets_at - self.lane.clocks.wall(), timedelta(minutes=1)), A_DAY)
            return self._fails(turn, "paused", error, wait.total_seconds())
        except Exception as error:  # noqa: BLE001 - whatever happens, passes go on and listening is tried again
            turn.failures += 1
            return self._fails(turn, "lost", error, self.pause(turn.failures))
        return 0.0

    def _fails(self, turn: _Turn, state: FeedWord, error: Exception, pause: float) -> float | None:
        if self._is_over(turn):
            return None
        if not isinstance(error, ConnectorError | StoreError):
            logger.error("%s: the feed failed", self.name, exc_info=error)
        self._becomes(state, str(error))
        return pause

    def _is_over(self, turn: _Turn) -> bool:
        return turn.over.is_set() or turn.job.closed or turn.job.permit.is_set()

    def _listen(self, turn: _Turn) -> None:
        """Store what the feed says until the turn is over."""
        turn.cursor, connector = turn.job.due.cursor(), turn.job.connector
        assert isinstance(connector, Feeds), "`follow` has looked"
        with closing(cast("Generator[Heard]", connector.listen(turn.cursor))) as feed:
            for heard in feed:
                if not self._take(turn, heard):
                    return
        turn.failures += 1
        raise _Ended

    def _take(self, turn: _Turn, heard: Heard) -> bool:
        """Store a step of the feed; return False if the turn is over."""
        with self._lock:
            if turn.over.is_set():
                return False
            if len(heard.due) or heard.cursor != turn.cursor:
                turn.job.due.hear(heard, turn.lease, self.lane.clocks.wall())
            turn.cursor, turn.heard_at, turn.failures = heard.cursor, self._steady(), 0
        self.metrics.feeds.heard(self.name, heard.events, gap=bool(heard.gap))
        self._becomes("listening")
        if self._state:
            self._state.heard_at = self.lane.clocks.wall()
        if len(heard.due):
            self._look_for_more(turn.job)
        if heard.gap:
            self._lost_some(heard.gap)
        return True

    def _lost_some(self, why: str) -> None:
        logger.warning("%s: the feed lost changes: %s", self.name, why)
        if self._state:
            self._state.gaps += 1
        self._gap_noted = True
        with suppress(StoreError):
            at = as_text(self.lane.clocks.wall())
            self.note(GAP_NOTE, f"at {at}, {why} A sync brings what it did not tell.")
        self.lane.hasten(SYNC.name)

    def _look_for_more(self, job: Job) -> None:
        """Count what is due, and wake the lane if anything is."""
        waiting = job.due.waiting()
        if self._state:
            self._state.waiting = waiting
        self.metrics.feeds.waits(self.name, waiting.rows)
        if waiting.rows:
            self._wake()

    def _wake(self) -> None:
        self._due.set()
        self.lane.woken.set()

    @property
    def _state(self) -> FeedState | None:
        return self.health.states[self.name].feed

    def _becomes(self, state: FeedWord, why: str = "") -> None:
        """Say what became of the feed, if that is new."""
        before, at = self._state, self.lane.clocks.wall()
        if before is not None and (before.state, before.why) == (state, why):
            return
        since = before.since if before is not None and before.state == state else at
        known = before or FeedState(state, since)
        known.state, known.since, known.why = state, since, why
        self.health.states[self.name].feed = known
        self.metrics.feeds.is_up(self.name, up=state == "listening")
        logger.log(logging.INFO if state == "listening" else logging.WARNING, "%s: feed %s. %s", self.name, state, why)
        with suppress(StoreError):
            self.note(NOTE, None if state == "listening" else f"{state} since {as_text(since)}. {why}")

    def _switched_off(self) -> None:
        if self._state is not None:
            self.metrics.feeds.is_up(self.name, up=False)
            self.metrics.feeds.waits(self.name, 0)
        self.health.states[self.name].feed = None
        with suppress(StoreError):
            self.note(NOTE, None)
            self.note(GAP_NOTE, None)

    def _steady(self) -> float:
        return self.lane.clocks.steady()


class _Ended(Exception):  # noqa: N818 - named for what happened
    """A feed ended by itself."""

    def __str__(self) -> str:
        return "It ended by itself and is begun anew."
