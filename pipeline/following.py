"""Following the settings while the daemon runs: picked up between passes, refused if wrong."""

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock
from typing import Final

from config import ConfigError, Settings, load_settings
from pipeline.job import Job
from store import Store

logger: Final = logging.getLogger(__name__)

REFUSED: Final = "settings refused"
"""The note under which `status` shows why the settings on disk are not in force."""


@dataclass
class Following:
    """The settings in force, and the jobs that go by them; reads the files again when they changed."""

    path: Path
    settings: Settings
    store: Store
    stop: Event
    _jobs: dict[str, tuple[Settings, Job]] = field(default_factory=dict)
    _seen: str = ""
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._seen = fingerprint(self._files())

    def job(self, name: str) -> Callable[[], Job]:
        """Return what gives a connection's job as the settings in force have it; to be called between its passes."""
        return lambda: self._current(name)

    def close(self) -> None:
        """Close the jobs."""
        for _, job in self._jobs.values():
            job.close()
        self._jobs.clear()

    def _current(self, name: str) -> Job:
        with self._lock:
            self._reload_if_changed()
            made_for, job = self._jobs.get(name, (None, None))
            if job is not None and made_for is self.settings:
                return job
            if job is not None:
                job.close()
            fresh = Job(name, self.settings.connections[name], self.store, self.stop)
            self._jobs[name] = (self.settings, fresh)
            return fresh

    def _reload_if_changed(self) -> None:
        seen = fingerprint(self._files())
        if seen == self._seen:
            return
        self._seen = seen
        try:
            fresh = load_settings(self.path)
        except ConfigError as error:
            self._refuse(str(error))
            return
        missing = set(self.settings.connections) - set(fresh.connections)
        if missing:
            self._refuse(f"connection {', '.join(sorted(missing))} is gone. Restart the daemon to remove a connection.")
            return
        self._put_in_force(fresh)

    def _refuse(self, why: str) -> None:
        logger.error("The changed settings are refused, the old ones stay in force: %s", why)
        for name in self.settings.connections:
            self.store.note(name, REFUSED, why)

    def _put_in_force(self, fresh: Settings) -> None:
        logger.info("The settings changed and are in force now")
        self.settings = fresh
        self._seen = fingerprint(self._files())
        for name in fresh.connections:
            self.store.note(name, REFUSED, None)

    def _files(self) -> Iterable[Path]:
        yield self.path
        for connection in self.settings.connections.values():
            for use in connection.scorecards:
                yield Path(use.file)
                if use.likelihood:
                    yield Path(use.likelihood)


def fingerprint(files: Iterable[Path]) -> str:
    """Return what changes when one of the files does; a missing file counts as empty."""
    digest = hashlib.blake2b(digest_size=16)
    for file in files:
        digest.update(file.read_bytes() if file.exists() else b"")
        digest.update(b"\0")
    return digest.hexdigest()
