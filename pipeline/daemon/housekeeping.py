"""What the daemon checks besides its passes: the machine's clock, the database and its own port."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from apscheduler.triggers.interval import IntervalTrigger

from pipeline.clock import in_words
from pipeline.daemon.health import Health
from pipeline.daemon.scheduler import Task
from pipeline.daemon.serving import Server
from pipeline.daemon.timing import JUMP, Clocks, as_text
from store import Store, StoreError

CLOCK: Final = "clock"
"""The note under which `status` says that this machine's clock was set."""
REMEMBERED: Final = timedelta(days=1)
"""How long the note is kept."""
CLOCK_EVERY: Final = IntervalTrigger(seconds=5)
OTHERS_EVERY: Final = IntervalTrigger(seconds=15)

logger: Final = logging.getLogger(__name__)


class Opens(Protocol):
    """What takes a port once that is free."""

    def start(self) -> None:
        """Take the port, unless that was done."""


def housekeeping(store: Store, health: Health, server: Server | None, receiver: Opens | None = None) -> Iterator[Task]:
    """Yield the tasks of the housekeeping lane."""

    def note(name: str, text: str | None) -> None:
        for connection in health.connections:
            store.note(connection, name, text)

    yield Task("clock", CLOCK_EVERY, ClockMonitor(note, health.clocks).look, at_once=True)
    yield Task("database", OTHERS_EVERY, DatabaseMonitor(store.verify, health).look)
    if server:
        yield Task("port", OTHERS_EVERY, server.try_again)
    if receiver:
        yield Task("receiver", OTHERS_EVERY, receiver.start)


@dataclass
class ClockMonitor:
    """Detects that the wall clock was set."""

    note: Callable[[str, str | None], None]
    clocks: Clocks
    _noted_at: float | None = None

    def __post_init__(self) -> None:
        self._lead = self.clocks.lead()
        self._stale = True

    def look(self) -> None:
        """Compare the wall clock with the steady one, and note if it was set."""
        lead, before = self.clocks.lead(), self._lead
        self._lead = lead
        if abs(lead - before) > JUMP.total_seconds():
            self._note_jump(timedelta(seconds=lead - before))
        elif self._is_old():
            self.note(CLOCK, None)
            self._noted_at, self._stale = None, False

    def _note_jump(self, jump: timedelta) -> None:
        now, way = self.clocks.wall(), "forward" if jump > timedelta() else "back"
        text = (
            f"this machine's clock was set {way} by {in_words(abs(jump))}, "
            f"from {as_text(now - jump)} to {as_text(now)}. "
            "The schedule of passes is unaffected; none scores while this clock disagrees with the CRM's."
        )
        logger.warning("%s", text[0].upper() + text[1:])
        self._noted_at = self.clocks.steady()
        self.note(CLOCK, text)

    def _is_old(self) -> bool:
        """Return whether the note is over a day old, or from an earlier daemon."""
        if self._noted_at is None:
            return self._stale
        return self.clocks.steady() - self._noted_at > REMEMBERED.total_seconds()


@dataclass
class DatabaseMonitor:
    """Detects that the database is gone or was replaced."""

    verify: Callable[[], None]
    health: Health

    def look(self) -> None:
        """Check that the database is there, and that it is the one that was opened."""
        trouble = self.health.trouble
        try:
            self.verify()
        except StoreError as error:
            if trouble.get("database") != str(error):
                logger.error("%s", error)  # noqa: TRY400 - the message is complete without a traceback
            trouble["database"] = str(error)
        else:
            if trouble.pop("database", None):
                logger.info("The database is back")
