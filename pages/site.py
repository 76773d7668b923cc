"""What all pages share: the store, the settings in use, and the results in memory."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any, Final, TypeVar

from config.pages import Pages
from pages import columns
from pages.columns import Columns
from pages.current import Current
from pages.keeping import Kept
from pipeline.job import ActiveScorecard, Job
from store import Store, StoreError, Tolerances

PATIENCE: Final = 1.0
"""Seconds that the background may take to end when the pages are no longer served."""

logger: Final = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass
class Site:
    """The state behind the pages of one process. Used from many threads at once."""

    store: Store
    current: Current
    signs_in: bool = False
    """Whether people sign in here, and so can sign out."""
    pages: Pages = field(default_factory=Pages)
    stop: Event = field(default_factory=Event)
    """Set when the pages are no longer served."""
    at_close: list[Callable[[], None]] = field(default_factory=list)
    """Waits for what is still at work then."""
    _columns: dict[tuple[str, str], Kept[Columns]] = field(default_factory=dict)
    _parts: dict[Any, Any] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def part(self, kind: Callable[["Site"], T]) -> T:
        """Return the one object of a class that all pages share, made when it is first asked for."""
        with self._lock:
            if kind not in self._parts:
                self._parts[kind] = kind(self)
            part: T = self._parts[kind]
            return part

    def close(self) -> None:
        """End what the pages do in the background."""
        self.stop.set()
        for wait in self.at_close:
            wait()

    def warm(self) -> None:
        """Read the results of all scorecards in the background, so that the first who looks does not wait for them."""
        reading = Thread(target=self._read_all, name="columns", daemon=True)
        self.at_close.append(lambda: reading.join(PATIENCE))
        reading.start()

    def _read_all(self) -> None:
        for name in self.connections:
            job = self.job(name)
            for box in job.boxes:
                if self.stop.is_set():
                    return
                try:
                    self.columns(job, box)
                except StoreError as error:
                    logger.warning("The results of %s could not be read ahead: %s", name, error)

    def job(self, connection: str) -> Job:
        """Return the job of a connection, which makes no call to the CRM; raise KeyError."""
        return self.current.job(connection)

    @property
    def connections(self) -> Sequence[str]:
        """The names of the connections."""
        return self.current.connections

    def columns(self, job: Job, box: ActiveScorecard) -> Columns:
        """Return the results of all leads, or accounts, of a scorecard."""
        change = self.store.changes(job.name)
        with self._lock:
            kept = self._columns.setdefault((job.name, box.key), Kept[Columns]())
        tolerances = Tolerances(dead_band=job.connection.write.dead_band)
        return kept.get(change, lambda: columns.read(lambda: box.outbox.listing(tolerances), change))
