"""The settings that the pages show: read anew when the files change, the old ones kept while they have mistakes."""

import logging
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Final

from config import ConfigError, Settings, load_settings
from config.likelihoods import LikelihoodError
from pipeline.daemon.reloading import files_of, fingerprint, loaded
from pipeline.job import Job
from store import Store

EVERY: Final = 2.0
"""Seconds between two looks at the files."""

logger: Final = logging.getLogger(__name__)

Problem = ConfigError | LikelihoodError


@dataclass
class Current:
    """The settings in use, and a job per connection that makes no call to the CRM."""

    path: Path
    settings: Settings
    store: Store
    problem: str | None = None
    """Why the settings on disk are not in use."""
    _jobs: dict[str, Job] = field(default_factory=dict)
    _seen: str = ""
    _looked: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._seen = fingerprint(files_of(self.path, self.settings))
        self._looked = monotonic()

    def job(self, connection: str) -> Job:
        """Return the job of a connection; raise KeyError if the settings have none of that name."""
        with self._lock:
            self._look()
            if connection not in self._jobs:
                wanted = self.settings.connections[connection]
                self._jobs[connection] = Job(connection, wanted, self.store, offline=True)
            return self._jobs[connection]

    @property
    def connections(self) -> list[str]:
        """The names of the connections."""
        with self._lock:
            self._look()
            return list(self.settings.connections)

    def _look(self) -> None:
        """Read the files again if they changed, at most every few seconds."""
        if monotonic() - self._looked < EVERY:
            return
        seen = fingerprint(files_of(self.path, self.settings))
        if seen != self._seen:
            self._take(loaded(self.path))
        self._seen, self._looked = seen, monotonic()

    def _take(self, read: Settings | Exception) -> None:
        if isinstance(read, Settings):
            self.settings, self.problem = read, None
            self._jobs.clear()  # offline jobs hold nothing open
        else:
            self.problem = str(read)
            logger.warning("The pages go on with the old settings: %s", read)


def current(path: Path, store: Store) -> Current:
    """Load the settings and return what the pages use; raise `ConfigError`."""
    return Current(path, load_settings(path), store)
