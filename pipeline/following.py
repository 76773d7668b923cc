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

RESTART: Final = "restart needed"
"""The note under which `status` shows which changed options wait for a restart."""


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
        self._at_start = self.settings
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
        files = list(self._files())
        seen = fingerprint(files)
        if seen == self._seen:
            return
        try:
            fresh = load_settings(self.path)
        except ConfigError as error:
            self._refuse(str(error))
        else:
            self._take(fresh)
        # Not before: what could not be noted in the store is tried again; new files were not looked at yet.
        self._seen = seen if list(self._files()) == files else ""

    def _take(self, fresh: Settings) -> None:
        """Put settings in force, unless a connection that is at work is gone."""
        missing = set(self.settings.connections) - set(fresh.connections)
        if missing:
            self._refuse(f"connection {', '.join(sorted(missing))} is gone. Restart the daemon to remove a connection.")
        else:
            self._put_in_force(fresh)

    def _refuse(self, why: str) -> None:
        logger.error("The changed settings are refused, the old ones stay in force: %s", why)
        for name in self.settings.connections:
            self.store.note(name, REFUSED, why)

    def _put_in_force(self, fresh: Settings) -> None:
        waits = waiting_for_restart(self._at_start, fresh)
        told = f"changed, and in force after a restart of the daemon: {', '.join(waits)}" if waits else None
        logger.info("The settings changed and are in force now%s", f"; {told}" if told else "")
        self.settings = fresh
        for name in self._at_start.connections:
            self.store.note(name, REFUSED, None)
            self.store.note(name, RESTART, told)

    def _files(self) -> Iterable[Path]:
        yield self.path
        for connection in self.settings.connections.values():
            for use in connection.scorecards:
                yield Path(use.file)
                if use.likelihood:
                    yield Path(use.likelihood)


def waiting_for_restart(at_start: Settings, fresh: Settings) -> list[str]:
    """Return the options that differ and are read only when the daemon starts."""
    options = ["database", "metrics", "log"]
    changed = [name for name in options if getattr(at_start, name) != getattr(fresh, name)]
    for name, connection in fresh.connections.items():
        before = at_start.connections.get(name)
        if before is None:
            changed.append(f"connections.{name}")
        elif before.schedule != connection.schedule:
            changed.append(f"connections.{name}.schedule")
    return changed


def fingerprint(files: Iterable[Path]) -> str:
    """Return what changes when one of the files does; a missing file counts as empty."""
    digest = hashlib.blake2b(digest_size=16)
    for file in files:
        digest.update(file.read_bytes() if file.exists() else b"")
        digest.update(b"\0")
    return digest.hexdigest()
