"""Makes the reports anew in the daemon after each night's pass, beside the passes and without the lease."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Final

from config.settings import AnyConnection
from pipeline.job import Job
from pipeline.passes import BACKFILL, RECONCILE, REFRESH
from store import Store
from watch.gauges import Gauges
from watch.reading import Stopped
from watch.report import report

WHOLE: Final = (REFRESH.name, RECONCILE.name, BACKFILL.name)
"""The passes that score everybody: after them the report may say something else."""

logger: Final = logging.getLogger(__name__)


@dataclass
class Watcher:
    """Keeps the figures of reports up to date."""

    store: Store
    connections: Callable[[], Mapping[str, AnyConnection]]
    """Returns the connections of the settings in force."""
    stop: Event
    gauges: Gauges
    pulse: Callable[[], None] = lambda: None
    """Called while it works, to show that it does not hang."""
    _seen: dict[str, int] = field(default_factory=dict)

    def look(self) -> None:
        """Make the reports of the connections of which a whole pass has ended since the last look."""
        for name, connection in self.connections().items():
            last = max(
                (one.run for one in map(self.store.runs(name).last, WHOLE) if one and one.finished_at), default=0
            )
            if self.stop.is_set() or self._seen.get(name) == last:
                continue
            self._seen[name] = last  # a report that fails is not tried every minute, but after the next whole pass
            try:
                self._report(name, connection)
            except Stopped:
                return

    def _report(self, name: str, connection: AnyConnection) -> None:
        job = Job(name, connection, self.store, self.stop, offline=True)
        try:
            made = [report(job, active, job.now(), pulse=self.pulse) for active in job.scorecards]
        finally:
            job.close()
        self.gauges.note(name, made)
        logger.info("%s: the report has %s findings", name, sum(len(one.findings) for one in made))
