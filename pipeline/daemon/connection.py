"""A connection in the daemon: its lease, its passes, and what happens when one fails."""

import logging
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from logging import INFO, WARNING
from threading import Thread
from typing import Final

from connectors.base import BudgetSpent, Interrupted
from pipeline.daemon.metrics import Metrics
from pipeline.daemon.scheduler import Lane
from pipeline.daemon.standing import Standing
from pipeline.daemon.timing import said
from pipeline.job import Job
from pipeline.lease import leased
from pipeline.passes import Kind, Pass, Report
from pipeline.supervision import Cut, Stuck, supervised
from store import Lease, LeaseHeld, LeaseLost, StoreError

FAILING: Final = "failing"
"""The note under which `status` says since when passes fail, why, and what comes next."""

MOST_HUNG: Final = 3
"""So many passes may hang in calls that never end; then only a restart of the process helps."""

A_DAY: Final = timedelta(hours=25)
"""How long the CRM's calls can be used up at most: a day, and an hour for a change of the clocks."""

logger: Final = logging.getLogger(__name__)


class Hung(Exception):  # noqa: N818 - named for what happened
    """Calls that never end pile up in this process."""

    exit_code = 1


@dataclass
class DaemonConnection:
    """Does the passes of one connection, one at a time, and outlives their failures."""

    name: str
    current: Callable[[], Job]
    """Returns the job as the settings have it now."""
    metrics: Metrics
    standing: Standing
    lane: Lane
    stuck_after: Callable[[], timedelta] = lambda: timedelta(hours=1)
    """How long a pass may stand still."""
    renew: Callable[[], None] = lambda: None
    """Sees to it that the next pass gets a job of its own."""
    note: Callable[[str, str | None], None] = lambda _name, _text: None
    """Keeps a remark for `status`."""
    hung: list[Thread] = field(default_factory=list)
    """Threads of passes that were given up."""
    _held: ExitStack = field(default_factory=ExitStack)
    _lease: Lease | None = None
    _resumes: float | None = None
    _failing: tuple[datetime, int] | None = None
    _noted: bool = True

    def do(self, kind: Kind) -> None:
        """Do one pass, unless another process has the connection or the CRM's calls are used up."""
        try:
            self._do(kind)
        except Interrupted:
            self.standing.rests(self.name, "resting", "", self._next_in())
            logger.info("%s: %s stopped; it goes on from here with the next start", self.name, kind.name)
        except Cut as cut:
            self._abandon(cut.thread)
            logger.warning("%s What is done is kept; the next start goes on from there.", cut)
        except LeaseLost as error:
            logger.warning("%s", error)
            self.close()
            self.standing.rests(self.name, "standing by", str(error), self._next_in())
        except Exception as error:  # noqa: BLE001 - the daemon outlives any failed pass; the run keeps the reason
            self._failed(kind, error)

    def has_hung_passes(self) -> bool:
        """Return whether a thread that was given up is still alive, so that the process cannot exit by itself."""
        return any(thread.is_alive() for thread in self.hung)

    def close(self) -> None:
        """Give the lease back."""
        self._held.close()
        self._lease = None

    def _do(self, kind: Kind) -> None:
        self._refuse_to_pile_up()
        job = self.current()
        lease = self._leased(job)
        if lease is None or self._waits():
            return
        self.standing.begun(self.name)
        self._passed(supervised(Pass(job, kind, lease), self.stuck_after, self.lane.pulse))

    def _passed(self, report: Report) -> None:
        self.metrics.passed(self.name, report)
        self.standing.ended(self.name, report.state, report.message, self._next_in())
        logger.info("%s: %s %s, %s", self.name, report.kind, report.state, _told(report.tally.counts()))
        if report.message:
            logger.log(WARNING if report.state == "held" else INFO, "%s: %s", self.name, report.message)
        self._failing = None
        if self._noted:
            self.note(FAILING, None)
            self._noted = False

    def _leased(self, job: Job) -> Lease | None:
        if self._lease is None:
            try:
                self._lease = self._held.enter_context(leased(job, "run"))
            except LeaseHeld as error:
                logger.info("%s Standing by.", error)
                self.standing.rests(self.name, "standing by", str(error), self._next_in())
        return self._lease

    def _waits(self) -> bool:
        left = 0.0 if self._resumes is None else self._resumes - self.lane.clocks.steady()
        if left <= 0:
            self._resumes = None
            return False
        resumes_at = self.lane.clocks.wall() + timedelta(seconds=left)
        logger.info("%s: the CRM's calls are used up until %s", self.name, said(resumes_at))
        return True

    def _failed(self, kind: Kind, error: Exception) -> None:
        self.metrics.failed(self.name, kind.name)
        if isinstance(error, Stuck):
            self._abandon(error.thread)
        if isinstance(error, BudgetSpent):
            wait = min(error.resets_at - self.lane.clocks.wall(), A_DAY)
            self._resumes = self.lane.clocks.steady() + wait.total_seconds()
        self.standing.ended(self.name, "failed", str(error), self._next_in())
        known = hasattr(error, "exit_code")
        logger.error("%s: %s failed: %s", self.name, kind.name, error, exc_info=None if known else error)
        self._note_failure(error)

    def _note_failure(self, error: Exception) -> None:
        """Say for `status` since when passes fail, why, and what is tried next; a database that is gone says it not."""
        now = self.lane.clocks.wall()
        since, times = self._failing or (now, 0)
        self._failing, self._noted = (since, times + 1), True
        passes = "1 pass" if times == 0 else f"{times + 1} passes in a row"
        following, left = self.lane.upcoming()
        then = said(now + timedelta(seconds=max(left, self._next_in())))
        with suppress(StoreError):
            self.note(FAILING, f"since {said(since)}, {passes}. {error} Next: {following} at {then}.")

    def _next_in(self) -> float:
        """Return in how many seconds the next pass may begin."""
        _, left = self.lane.upcoming()
        return left if self._resumes is None else max(left, self._resumes - self.lane.clocks.steady())

    def _abandon(self, thread: Thread) -> None:
        """Let go of a pass that hangs: its lease is given back, and the next one begins with new connections."""
        self.hung.append(thread)
        self.close()
        self.renew()

    def _refuse_to_pile_up(self) -> None:
        alive = sum(thread.is_alive() for thread in self.hung)
        if alive >= MOST_HUNG:
            self.lane.hangs = True
            raise Hung(f"{alive} passes hang in calls that do not end. Restart leadgauge; `/live` says so to a probe.")


def _told(counts: dict[str, object]) -> str:
    shown = ("leads", "activities", "scored", "written", "refused", "calls")
    return " ".join(f"{name}={counts[name]}" for name in shown)
