"""The daemon's messages to people: sending what waits, and showing it on the daemon's pages."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from apscheduler.triggers.interval import IntervalTrigger

from pipeline.daemon.health import Health
from pipeline.daemon.metrics import Metrics
from pipeline.daemon.scheduler import Task
from pipeline.notify.delivering import Messengers
from store import StoreError

SENT_EVERY: Final = IntervalTrigger(seconds=5)
COUNTED_EVERY: Final = IntervalTrigger(seconds=15)

logger: Final = logging.getLogger(__name__)


def alerts(messengers: Messengers, health: Health, metrics: Metrics) -> Iterator[Task]:
    """Yield the tasks of the lane of alerts."""
    yield Task("alerts", SENT_EVERY, messengers.look)
    yield Task("what waits", COUNTED_EVERY, AlertMonitor(messengers, health, metrics).look, at_once=True)


@dataclass(frozen=True, slots=True)
class AlertMonitor:
    """Keeps `/health` and `/metrics` up to date with what waits for each sink."""

    messengers: Messengers
    health: Health
    metrics: Metrics

    def look(self) -> None:
        """Count what waits. A database that is away is reported by housekeeping; the last figures stay."""
        try:
            found = self.messengers.states()
        except StoreError as error:
            logger.debug("Messages to people cannot be counted: %s", error)
            return
        self.metrics.alerts.found = found
        for name, state in self.health.states.items():
            state.alerts = found.get(name, ())
