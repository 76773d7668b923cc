"""What the daemon sees to beside its passes: a clock that was set, a database that is gone."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from apscheduler.triggers.interval import IntervalTrigger

from pipeline.clock import in_words
from pipeline.daemon.scheduler import Task
from pipeline.daemon.serving import Server
from pipeline.daemon.standing import Standing
from pipeline.daemon.timing import JUMP, Clocks, said
from store import Store, StoreError

CLOCK: Final = "clock"
"""The note under which `status` says that this machine's clock was set."""
REMEMBERED: Final = timedelta(days=1)
"""For how long it says so."""
OFTEN: Final = IntervalTrigger(seconds=5)
SELDOM: Final = IntervalTrigger(seconds=15)

logger: Final = logging.getLogger(__name__)


def chores(store: Store, standing: Standing, server: Server | None) -> Iterator[Task]:
    """Yield what is to be seen to, every few seconds."""

    def note(name: str, text: str | None) -> None:
        for connection in standing.connections:
            store.note(connection, name, text)

    yield Task("clock", OFTEN, ClockWatch(note, standing.clocks).look, at_once=True)
    yield Task("database", SELDOM, DatabaseWatch(store.verify, standing).look)
    if server:
        yield Task("port", SELDOM, server.try_again)


@dataclass
class ClockWatch:
    """Notices when the wall clock was set."""

    note: Callable[[str, str | None], None]
    clocks: Clocks
    _noted_at: float | None = None

    def __post_init__(self) -> None:
        self._lead = self.clocks.lead()
        self._stale = True

    def look(self) -> None:
        """Compare the wall clock with the steady one, and say it where it was set."""
        lead, before = self.clocks.lead(), self._lead
        self._lead = lead
        if abs(lead - before) > JUMP.total_seconds():
            self._say(timedelta(seconds=lead - before))
        elif self._is_old():
            self.note(CLOCK, None)
            self._noted_at, self._stale = None, False

    def _say(self, jump: timedelta) -> None:
        now, way = self.clocks.wall(), "forward" if jump > timedelta() else "back"
        text = (
            f"this machine's clock was set {way} by {in_words(abs(jump))}, from {said(now - jump)} to {said(now)}. "
            "Passes go on in their rhythm; none scores by a clock that the CRM's contradicts."
        )
        logger.warning("%s", text[0].upper() + text[1:])
        self._noted_at = self.clocks.steady()
        self.note(CLOCK, text)

    def _is_old(self) -> bool:
        """Return whether there is a note to take away: of another day, or of a daemon before this one."""
        if self._noted_at is None:
            return self._stale
        return self.clocks.steady() - self._noted_at > REMEMBERED.total_seconds()


@dataclass
class DatabaseWatch:
    """Notices when the database is gone, or was replaced."""

    verify: Callable[[], None]
    standing: Standing

    def look(self) -> None:
        """Look whether the database is there, and the one that was opened."""
        trouble = self.standing.trouble
        try:
            self.verify()
        except StoreError as error:
            if trouble.get("database") != str(error):
                logger.error("%s", error)  # noqa: TRY400 - it is for people, and says all there is to say
            trouble["database"] = str(error)
        else:
            if trouble.pop("database", None):
                logger.info("The database is there again")
