"""Reloading of settings: changes take effect between passes, and settings with mistakes are refused."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Final

from config import ConfigError, Settings, load_settings
from config.likelihoods import LikelihoodError
from connectors.plain_files import NotPlain, read_bytes
from pipeline import clock
from pipeline.cluster.cluster import Cluster
from pipeline.daemon.timing import as_text
from pipeline.job import Job, likelihood_of
from store import Store, StoreError
from vocabulary.outputs import OFS

logger: Final = logging.getLogger(__name__)

REFUSED: Final = "settings refused"
"""The note under which `status` shows why the settings on disk are not in use."""

UNSETTLED: Final = "settings being written"
"""The note under which `status` says that files keep changing, so that they are not read yet."""

RESTART: Final = "restart needed"
"""The note under which `status` lists the changed options that need a restart."""

_NEXT: Final = "The old ones stay in force; changed files are read before the next pass."
TRIES: Final = 10
"""How often files that keep changing are read again before a pass, which then uses the old settings."""


@dataclass
class Reloader:
    """Holds the current settings and the jobs made from them, and reloads them when the files change."""

    path: Path
    settings: Settings
    store: Store
    stop: Event
    now: Callable[[], datetime] = clock.now
    _refused: datetime | None = None
    """Since when the settings on disk are refused."""
    _unsettled: datetime | None = None
    _jobs: dict[str, tuple[Settings, Job]] = field(default_factory=dict)
    _seen: str = ""
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._at_start = self.settings
        self._first = fingerprint(files_of(self.path, self.settings))

    def job(self, name: str) -> Callable[[], Job]:
        """Return a function that returns a connection's job for the current settings, to be called between passes."""
        return lambda: self._current(name)

    def begin(self) -> None:
        """Read the settings before the first pass does: with hundreds of connections, that takes seconds."""
        with suppress(StoreError), self._lock:
            self._reload_if_changed()

    def discard(self, name: str) -> None:
        """Make the next pass of a connection use a new job. The old one, which may hang, is closed in a thread."""
        with self._lock:
            made = self._jobs.pop(name, None)
        if made:
            Thread(target=made[1].close, name="discarded", daemon=True).start()

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
            fresh = Job(name, self.settings.connections[name], self.store, self.stop, cluster=Cluster.of(self.settings))
            self._jobs[name] = (self.settings, fresh)
            return fresh

    def _reload_if_changed(self) -> None:
        if fingerprint(files_of(self.path, self.settings)) == self._seen:
            return
        found = self._read()
        if found is None:
            self._wait_for_writer()
            return
        read, seen = found
        if isinstance(read, Settings):
            self._take(read, changed=seen != self._first)
        else:
            self._refuse(str(read))
        self._seen = seen  # only now, so that a failed note in the store is tried again

    def _read(self) -> tuple[Settings | Exception, str] | None:
        """Return the settings, or why they are refused; None while their files keep changing.

        Half a file can be valid, so the settings count only if no file changes before and after they are read.
        """
        files = files_of(self.path, self.settings)
        for _ in range(TRIES):
            before = marks(files)
            if self.stop.wait(self.settings.daemon.settle.total_seconds()):
                return None
            read = loaded(self.path)
            named = files_of(self.path, read) if isinstance(read, Settings) else files
            if named == files and marks(files) == before:
                return read, fingerprint(files)
            files = named
        return None

    def _take(self, fresh: Settings, *, changed: bool) -> None:
        """Use new settings, unless a connection was removed from them."""
        missing = set(self.settings.connections) - set(fresh.connections)
        if missing:
            self._refuse(
                f"connection {', '.join(sorted(missing))} was removed. Restart the daemon to remove a connection."
            )
        else:
            self._use(fresh, changed=changed)

    def _wait_for_writer(self) -> None:
        if self.stop.is_set():
            return
        logger.info("The settings are still being written; they are read again before the next pass")
        self._unsettled = self._unsettled or self.now()
        self._note(UNSETTLED, f"since {as_text(self._unsettled)}, files keep changing. {_NEXT}")

    def _refuse(self, why: str) -> None:
        logger.error("The changed settings are refused; the old ones stay in force: %s", why)
        self._refused = self._refused or self.now()
        self._note(REFUSED, f"since {as_text(self._refused)}: {why}\n  {_NEXT}")
        self._settled()

    def _settled(self) -> None:
        if self._unsettled:
            self._note(UNSETTLED, None)
        self._unsettled = None

    def _note(self, name: str, text: str | None) -> None:
        for connection in self._at_start.connections:
            self.store.note(connection, name, text)

    def _use(self, fresh: Settings, *, changed: bool) -> None:
        waits = waiting_for_restart(self._at_start, fresh)
        note = f"restart the daemon to apply changes to: {', '.join(waits)}" if waits else None
        if changed:
            self._first = ""
            logger.info("The changed settings are in force%s", f"; {note}" if note else "")
        self.settings = fresh
        self._refused = None
        for name, text in ((REFUSED, None), (UNSETTLED, None), (RESTART, note)):
            self._note(name, text)
        self._unsettled = None


def waiting_for_restart(at_start: Settings, fresh: Settings) -> list[str]:
    """Return the changed options that are read only at startup."""
    options = ["database", "metrics", "pages", "receive", "log"]
    changed = [name for name in options if getattr(at_start, name) != getattr(fresh, name)]
    for name, connection in fresh.connections.items():
        before = at_start.connections.get(name)
        if before is None:
            changed.append(f"connections.{name}")
        elif before.schedule != connection.schedule.model_copy(update={"feed": before.schedule.feed}):
            changed.append(f"connections.{name}.schedule")
    return changed


def loaded(path: Path) -> Settings | Exception:
    """Return the settings, after loading every file that they name, or the error."""
    try:
        settings = load_settings(path)
        for connection in settings.connections.values():
            for use in connection.scorecards:
                for of in OFS:
                    likelihood_of(use, of)
    except (ConfigError, LikelihoodError) as error:
        return error
    return settings


def files_of(path: Path, settings: Settings) -> list[Path]:
    """Return the settings file and all files that it names."""
    uses = [use for connection in settings.connections.values() for use in connection.scorecards]
    named = [file for use in uses for file in (use.file, *map(use.likelihood_of, OFS)) if file]
    return [*dict.fromkeys([path, *(Path(file) for file in named)])]


def fingerprint(files: Iterable[Path]) -> str:
    """Return a digest of the files' contents; an unreadable file counts with its error."""
    digest = hashlib.blake2b(digest_size=16)
    for file in files:
        digest.update(_content(file))
        digest.update(b"\0")
    return digest.hexdigest()


def _content(file: Path) -> bytes:
    try:
        return read_bytes(file)
    except NotPlain as problem:
        return problem.reason.encode()


def marks(files: Sequence[Path]) -> tuple[object, ...]:
    """Return a value that changes when a file is written or replaced, even with the same content."""
    return (fingerprint(files), *(_mark(file) for file in files))


def _mark(file: Path) -> tuple[int, ...]:
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino
