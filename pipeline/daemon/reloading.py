"""Reloads settings while the daemon runs: changed ones come into force between passes, wrong ones are refused."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Final

from config import ConfigError, Settings, load_settings
from config.likelihoods import LikelihoodError
from connectors.plain_files import NotPlain, read_bytes
from pipeline.job import Job, likelihood_of
from store import Store

logger: Final = logging.getLogger(__name__)

REFUSED: Final = "settings refused"
"""The note under which `status` shows why the settings on disk are not in force."""

RESTART: Final = "restart needed"
"""The note under which `status` shows which changed options wait for a restart."""

LOOKS: Final = 10
"""How often files that go on changing are looked at before a pass; then it goes by the settings in force."""


@dataclass
class Reloader:
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
        self._first = fingerprint(_files(self.path, self.settings))

    def job(self, name: str) -> Callable[[], Job]:
        """Return what gives a connection's job as the settings in force have it; to be called between its passes."""
        return lambda: self._current(name)

    def discard(self, name: str) -> None:
        """Let the next pass of a connection have a job of its own; what hangs in the old one holds nobody up."""
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
            fresh = Job(name, self.settings.connections[name], self.store, self.stop)
            self._jobs[name] = (self.settings, fresh)
            return fresh

    def _reload_if_changed(self) -> None:
        if fingerprint(_files(self.path, self.settings)) == self._seen:
            return
        found = self._read()
        if found is None:
            logger.info("The changed settings are being written; they are looked at again before the next pass")
            return
        read, seen = found
        if isinstance(read, Settings):
            self._take(read, changed=seen != self._first)
        else:
            self._refuse(str(read))
        self._seen = seen  # not before: what could not be noted in the store is tried again

    def _read(self) -> tuple[Settings | Exception, str] | None:
        """Return the settings, or why they are refused, once all their files have been still; None while they are not.

        Half of a file may be as valid as the whole, so they are read only where nothing moves before and after.
        """
        files = _files(self.path, self.settings)
        for _ in range(LOOKS):
            before = marks(files)
            if self.stop.wait(self.settings.daemon.settle.total_seconds()):
                return None
            read = _loaded(self.path)
            named = _files(self.path, read) if isinstance(read, Settings) else files
            if named == files and marks(files) == before:
                return read, fingerprint(files)
            files = named
        return None

    def _take(self, fresh: Settings, *, changed: bool) -> None:
        """Put settings in force, unless a connection that is at work is gone."""
        missing = set(self.settings.connections) - set(fresh.connections)
        if missing:
            self._refuse(f"connection {', '.join(sorted(missing))} is gone. Restart the daemon to remove a connection.")
        else:
            self._put_in_force(fresh, changed=changed)

    def _refuse(self, why: str) -> None:
        logger.error("The changed settings are refused, the old ones stay in force: %s", why)
        for name in self.settings.connections:
            self.store.note(name, REFUSED, why)

    def _put_in_force(self, fresh: Settings, *, changed: bool) -> None:
        waits = waiting_for_restart(self._at_start, fresh)
        told = f"changed, and in force after a restart of the daemon: {', '.join(waits)}" if waits else None
        if changed:
            self._first = ""
            logger.info("The settings changed and are in force now%s", f"; {told}" if told else "")
        self.settings = fresh
        for name in self._at_start.connections:
            self.store.note(name, REFUSED, None)
            self.store.note(name, RESTART, told)


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


def _loaded(path: Path) -> Settings | Exception:
    """Return the settings with all that they name, or why they cannot be used."""
    try:
        settings = load_settings(path)
        for connection in settings.connections.values():
            for use in connection.scorecards:
                likelihood_of(use)
    except (ConfigError, LikelihoodError) as error:
        return error
    return settings


def _files(path: Path, settings: Settings) -> list[Path]:
    """Return the files that settings consist of."""
    uses = [use for connection in settings.connections.values() for use in connection.scorecards]
    named = [file for use in uses for file in (use.file, use.likelihood) if file]
    return [path, *(Path(file) for file in named)]


def fingerprint(files: Iterable[Path]) -> str:
    """Return what changes when one of the files does; what cannot be read counts as what is said of it."""
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
    """Return what changes when one of the files is written, or another is put in its place."""
    return (fingerprint(files), *(_mark(file) for file in files))


def _mark(file: Path) -> tuple[int, ...]:
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino
