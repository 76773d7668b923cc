"""A connection in the daemon: its lease, its passes and their failures."""

import logging
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Thread
from typing import Final

from connectors.base import BudgetSpent, Interrupted
from pipeline.daemon.health import Health
from pipeline.daemon.listening import Listener
from pipeline.daemon.metrics import Metrics
from pipeline.daemon.requests import fulfilled
from pipeline.daemon.scheduler import Lane
from pipeline.daemon.sharing import Shares
from pipeline.daemon.timing import as_text
from pipeline.daemon.turns import Turns
from pipeline.handing import DAEMON
from pipeline.job import Job
from pipeline.lease import leased
from pipeline.passes import SYNC, Kind, Pass, Report, log_end
from pipeline.supervision import Cut, Stuck, supervised
from store import FAILING, Answer, Lease, LeaseHeld, LeaseLost, Request, StoreError
from vocabulary.doing import during, told

MOST_HUNG: Final = 3
"""Once this many passes hang in calls that never return, only a restart helps."""

GATHER: Final = 0.2
"""Seconds between what is due and its pass, in which more may come that belongs to it."""

A_DAY: Final = timedelta(hours=25)
"""The longest wait for the CRM's calls to reset: a day, plus an hour for daylight saving time."""

logger: Final = logging.getLogger(__name__)


class GivenBack(Exception):  # noqa: N818 - named for what happened
    """While its pass waited for a turn, the connection became the share of another daemon."""


class TooManyHung(Exception):  # noqa: N818 - named for what happened
    """Too many passes hang in calls that never return."""

    exit_code = 1


@dataclass
class DaemonConnection:
    """Does the passes of one connection, one at a time, and survives their failures."""

    name: str
    current: Callable[[], Job]
    """Returns the job for the current settings."""
    metrics: Metrics
    health: Health
    lane: Lane
    stuck_after: Callable[[], timedelta] = lambda: timedelta(hours=1)
    """How long a pass may go without progress."""
    renew: Callable[[], None] = lambda: None
    """Discards the job, so that the next pass gets a new one."""
    next_request: Callable[[Lease], Request | None] = lambda _lease: None
    """Takes the oldest request of a command from the store: every few seconds, so it needs no settings."""
    note: Callable[[str, str | None], None] = lambda _name, _text: None
    """Saves a note for `status`."""
    failed_before: Callable[[], tuple[datetime, int] | None] = lambda: None
    """Returns since when the passes of earlier processes failed, and how many, as the store has it."""
    listener: Listener | None = None
    """Hears the CRM's feed while this process has the lease; None if nobody listens."""
    shares: Shares | None = None
    """What this daemon has of the connections, if several share them."""
    turns: Turns = field(default_factory=lambda: Turns(lambda: 1))
    """How many connections of the daemon are at work at a time."""
    hung: list[Thread] = field(default_factory=list)
    """Threads of passes that were given up."""
    _held: ExitStack = field(default_factory=ExitStack)
    _lease: Lease | None = None
    _resumes: float | None = None
    _failing: tuple[datetime, int] | None = None
    _noted: bool = True
    _stands_by: bool = False
    """Whether another daemon has the connection, so that it is taken as soon as that one no longer does."""
    _doing: Pass | None = None
    """The pass that it does, or did last."""

    def do(self, kind: Kind) -> None:
        """Do one pass, unless another process has the lease or the CRM's calls are used up."""
        self._survive(kind.name, lambda: self._do(kind))

    def look(self) -> None:
        """Between passes, give the connection back or take it if the shares say so, then do what commands asked for."""
        if self.shares is not None:
            if self._lease is not None and self.shares.gives(self.name):
                self._give_back()
            elif self._stands_by and self._lease is None and self.shares.takes(self.name):
                self.do(SYNC)
        self.serve_requests()

    def _give_back(self) -> None:
        logger.info("%s: given back, since another daemon has room for it", self.name)
        self.close()
        self._stand_by("Another daemon has room for it.")

    def _stand_by(self, why: str) -> None:
        self._stands_by = True
        self.health.rests(self.name, "standing by", why, self._next_in())

    def serve_requests(self) -> None:
        """Do what commands have asked for, if this process has the lease."""
        self._survive("a request", self._serve)

    def feed(self) -> None:
        """Do a pass over what the feed said is due, if this process has the lease."""
        if self.listener is not None and self._lease is not None:
            self.listener.watch()
            if self.listener.wants() and not self._is_spent:
                self._survive("feed", self._feed)

    def _survive(self, what: str, work: Callable[[], None]) -> None:
        """Do some work and report how it failed."""
        self._doing = None
        try:
            with during(connection=self.name):
                work()
        except Interrupted:
            self.health.rests(self.name, "resting", "", self._next_in())
            logger.info("%s: %s stopped; the next start resumes it", self.name, what)
        except Cut as cut:
            self._abandon(cut.thread)
            logger.warning("%s Work done is kept; the next start resumes from there.", cut)
        except LeaseLost as error:
            logger.warning("%s", error)
            self.close()
            self._stand_by(str(error))
        except GivenBack:
            self._give_back()
        except Exception as error:  # noqa: BLE001 - the daemon must survive any failed pass; the run records the reason
            self._failed(what, error)

    def _serve(self) -> None:
        while (lease := self._lease) and (request := self._asked(lease)):
            logger.info("%s: %s asked for %s", self.name, request.asked_by, request.kind)
            self._fulfil(request, self.current(), lease)

    def _asked(self, lease: Lease) -> Request | None:
        """Return the next request. A database that is away is no failed pass: housekeeping reports it."""
        try:
            return self.next_request(lease)
        except LeaseLost:
            raise
        except StoreError as error:
            logger.debug("%s: no look for requests: %s", self.name, error)
            return None

    def _fulfil(self, request: Request, job: Job, lease: Lease) -> None:
        """Do what was asked. If the daemon is stopped meanwhile, the next holder of the lease does it again."""
        requests, before = job.store.requests(self.name), self.health.states[self.name].doing
        self.health.begun(self.name)
        try:
            answer = fulfilled(job, lease, request, self._supervised)
        except (Interrupted, Cut, LeaseLost, GivenBack):
            raise
        except Exception as error:
            requests.answer(request.number, Answer({}, str(error), getattr(error, "exit_code", 1)), lease.fence)
            raise
        requests.answer(request.number, answer, lease.fence)
        self.health.states[self.name].doing = before

    def has_hung_passes(self) -> bool:
        """Return whether a thread that was given up is still alive, so that the process cannot exit by itself."""
        return any(thread.is_alive() for thread in self.hung)

    def close(self) -> None:
        """Stop listening and release the lease."""
        if self.listener is not None and not self.listener.stop():
            self.renew()  # a thread that hangs there would forbid the next pass its calls, once its lease is lost
        self._held.close()
        self._lease = None

    def _do(self, kind: Kind) -> None:
        self._refuse_to_pile_up()
        job = self.current()
        lease = self._leased(job)
        if lease is None or self._waits():
            return
        self.health.begun(self.name)
        self._supervised(Pass(job, kind, lease))

    def _feed(self) -> None:
        job, listener = self.current(), self.listener
        lease = self._leased(job)
        if lease is None or listener is None:
            return
        if not job.ready:
            self.lane.hasten(SYNC.name)
            return
        job.stop.wait(GATHER)
        if work := listener.next_pass(job, lease):
            try:
                report = supervised(work, self.stuck_after, self._beat)
            except Exception:
                listener.failed()
                raise
            listener.fed(work, report)
            if report.state == "held":
                self._count(job)

    def _beat(self) -> None:
        """Show that the lane is at work, and look after the feed meanwhile."""
        self.lane.pulse()
        if self.listener is not None:
            self.listener.watch()

    def _beat_in_line(self) -> None:
        """As `_beat`, while a pass waits for its turn: one that joins would wait for all passes of this daemon."""
        self._beat()
        if self.shares is not None and self.shares.gives(self.name):
            raise GivenBack

    def _supervised(self, work: Pass) -> Report:
        self._doing = work
        if self.listener is not None:
            work.ears = self.listener
        with self.turns.taken(work.job.stop, self._beat_in_line):
            try:
                report = supervised(work, self.stuck_after, self._beat)
            finally:
                work.job.rest()
        self._passed(report)
        if self.listener is not None and work.kind.pulls:
            self.listener.caught_up()
        self._count(work.job)
        return report

    def _count(self, job: Job) -> None:
        """Update the figures for monitoring."""
        state, left = self.health.states[self.name], job.connector.budget().left_today
        state.figures, state.calls_left = job.store.figures(self.name), left
        self.metrics.figures(self.name, state.figures, left)

    def _passed(self, report: Report) -> None:
        self.metrics.passed(self.name, report)
        self.health.ended(self.name, report.state, report.message, self._next_in())
        log_end(self.name, report)
        self._failing = None
        if self._noted:
            self.note(FAILING, None)
            self._noted = False

    def _leased(self, job: Job) -> Lease | None:
        if self._lease is None:
            self._lease = self._taken(job)
        if self._lease is not None and self.listener is not None:
            self.listener.follow(job, self._lease)
        return self._lease

    def _taken(self, job: Job) -> Lease | None:
        if self.shares is not None and not self.shares.takes(self.name):
            self._leave_to_others(job)
            return None
        try:
            lease = self._held.enter_context(leased(job, DAEMON))
        except LeaseHeld as error:
            logger.info("%s Standing by.", error)
            self._stand_by(str(error))
            return None
        self._stands_by = False
        self._failing = self._failing or self.failed_before()
        return lease

    def _leave_to_others(self, job: Job) -> None:
        """Stand by for a connection that is the share of another daemon, or that a command works on."""
        held = job.store.holder(self.name)
        why = f"{held.holder} holds the connection ({held.purpose})." if held else "It is the share of another daemon."
        logger.info("%s: %s Standing by.", self.name, why)
        self._stand_by(why)

    @property
    def _is_spent(self) -> bool:
        """Whether the CRM's calls are used up."""
        return self._resumes is not None and self._resumes > self.lane.clocks.steady()

    def _waits(self) -> bool:
        left = 0.0 if self._resumes is None else self._resumes - self.lane.clocks.steady()
        if left <= 0:
            self._resumes = None
            return False
        resumes_at = self.lane.clocks.wall() + timedelta(seconds=left)
        logger.info("%s: the CRM's calls are used up until %s", self.name, as_text(resumes_at))
        return True

    def _failed(self, what: str, error: Exception) -> None:
        self.metrics.failed(self.name, what)
        if isinstance(error, Stuck):
            self._abandon(error.thread)
        if isinstance(error, BudgetSpent):
            wait = min(error.resets_at - self.lane.clocks.wall(), A_DAY)
            self._resumes = self.lane.clocks.steady() + wait.total_seconds()
        self.health.ended(self.name, "failed", str(error), self._next_in())
        known = hasattr(error, "exit_code")
        doing = self._doing.doing if self._doing else {}
        trace = None if known else error
        logger.error("%s: %s failed: %s", self.name, what, error, exc_info=trace, extra=told(**doing))
        self._note_failure(error)

    def _note_failure(self, error: Exception) -> None:
        """Save a note for `status`: since when passes fail, why, and when the next one starts.

        If the database is gone, there is nowhere to save it.
        """
        now = self.lane.clocks.wall()
        since, times = self._failing or (now, 0)
        self._failing, self._noted = (since, times + 1), True
        passes = "1 pass" if times == 0 else f"{times + 1} passes in a row"
        following, left = self.lane.upcoming()
        then = as_text(now + timedelta(seconds=max(left, self._next_in())))
        with suppress(StoreError):
            self.note(FAILING, f"since {as_text(since)}, {passes}. {error} Next: {following} at {then}.")

    def _next_in(self) -> float:
        """Return the seconds until the next pass may start."""
        _, left = self.lane.upcoming()
        return left if self._resumes is None else max(left, self._resumes - self.lane.clocks.steady())

    def _abandon(self, thread: Thread) -> None:
        """Give up on a hung pass: release its lease, and let the next pass start with new connections."""
        self.hung.append(thread)
        self.close()
        self.renew()

    def _refuse_to_pile_up(self) -> None:
        alive = sum(thread.is_alive() for thread in self.hung)
        if alive >= MOST_HUNG:
            self.lane.hangs = True
            raise TooManyHung(f"{alive} passes hang in calls that never return. Restart leadgauge; `/live` fails too.")
