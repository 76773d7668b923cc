"""A connection in the daemon: its lease, its passes, and what happens when one fails."""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from connectors.base import BudgetSpent, Interrupted
from pipeline.figures import Figures
from pipeline.job import Job
from pipeline.lease import leased
from pipeline.passes import Kind, Pass
from store import Lease, LeaseHeld, LeaseLost

logger: Final = logging.getLogger(__name__)


@dataclass
class Station:
    """Does the passes of one connection, one at a time, and outlives their failures."""

    name: str
    current: Callable[[], Job]
    """Returns the job as the settings have it now."""
    figures: Figures
    _held: ExitStack = field(default_factory=ExitStack)
    _lease: Lease | None = None
    _resumes_at: datetime | None = None

    def do(self, kind: Kind) -> None:
        """Do one pass, unless another process has the connection or the CRM's calls are used up."""
        try:
            self._do(self.current(), kind)
        except Interrupted:
            logger.info("%s: %s stopped; it goes on from here with the next start", self.name, kind.name)
        except LeaseLost as error:
            self._give_up(str(error))
        except Exception as error:  # noqa: BLE001 - the daemon outlives any failed pass; the run keeps the reason
            self._failed(kind, error)

    def _do(self, job: Job, kind: Kind) -> None:
        lease = self._leased(job)
        if lease is None or self._waits(job):
            return
        report = Pass(job, kind, lease).run()
        self.figures.passed(self.name, report)
        logger.info("%s: %s %s, %s", self.name, kind.name, report.state, _told(report.tally.counts()))
        if report.message:
            logger.warning("%s: %s", self.name, report.message)

    def close(self) -> None:
        """Give the lease back."""
        self._held.close()
        self._lease = None

    def _leased(self, job: Job) -> Lease | None:
        if self._lease is None:
            try:
                self._lease = self._held.enter_context(leased(job, "run"))
            except LeaseHeld as error:
                logger.info("%s; standing by", error)
        return self._lease

    def _give_up(self, why: str) -> None:
        logger.warning("%s", why)
        self.close()

    def _waits(self, job: Job) -> bool:
        if self._resumes_at is None or job.now() >= self._resumes_at:
            self._resumes_at = None
            return False
        logger.info("%s: the CRM's calls are used up until %s UTC", job.name, f"{self._resumes_at:%Y-%m-%d %H:%M}")
        return True

    def _failed(self, kind: Kind, error: Exception) -> None:
        self.figures.failed(self.name, kind.name)
        if isinstance(error, BudgetSpent):
            self._resumes_at = error.resets_at
        known = hasattr(error, "exit_code")
        logger.error("%s: %s failed: %s", self.name, kind.name, error, exc_info=None if known else error)


def _told(counts: dict[str, object]) -> str:
    shown = ("leads", "activities", "scored", "written", "refused", "calls")
    return " ".join(f"{name}={counts[name]}" for name in shown)
