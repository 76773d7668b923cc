"""Database volumes and their disturbances: locked, gone, full, or power lost."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import threading
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from sqlalchemy import create_engine, make_url, text

from tests.databases import on_server

WHILE = 0.5
"""Seconds that a database stays locked, gone or full."""
BLOCK = 4096


class Volume(ABC):
    """A database and its volume."""

    def __init__(self, url: str) -> None:
        self.url = url

    def noting(self) -> dict[str, str]:
        """Record the state of the disk; return the environment in which a process keeps recording."""
        return {}

    @abstractmethod
    def locked(self) -> AbstractContextManager[None]:
        """Hold the locks from another connection."""

    @abstractmethod
    def gone(self) -> AbstractContextManager[None]:
        """Make the database unavailable and bring it back."""

    @abstractmethod
    def full(self, process: int, drawn: random.Random) -> AbstractContextManager[None]:
        """Limit the database's files to a random size."""

    @abstractmethod
    def lose_power(self, drawn: random.Random) -> None:
        """Discard unsynced writes; the process that wrote them was killed."""

    @abstractmethod
    def backup(self) -> str:
        """Back up the database; return a function that restores it."""

    @abstractmethod
    def put_back(self, kept: str) -> None:
        """Restore a backup, as after a disk failure."""


class File(Volume):
    """SQLite, in its own folder."""

    def __init__(self, url: str, folder: Path) -> None:
        """Move the database into the folder."""
        folder.mkdir()
        self.file = folder / "leadgauge.db"
        shutil.move(url.removeprefix("sqlite:///"), self.file)
        super().__init__(f"sqlite:///{self.file}")

    def noting(self) -> dict[str, str]:
        for file in (self.file, self._log):
            if file.exists():
                shutil.copy(file, _synced(file))
        return {"SYNCED_UNDER": str(self.file.parent)}

    @property
    def _log(self) -> Path:
        return self.file.with_name(f"{self.file.name}-wal")

    @contextmanager
    def locked(self) -> Iterator[None]:
        with closing(sqlite3.connect(self.file, timeout=30, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    @contextmanager
    def gone(self) -> Iterator[None]:
        folder = self.file.parent
        away = folder.rename(folder.with_suffix(".away"))
        yield
        away.rename(folder)

    def full(self, process: int, drawn: random.Random) -> AbstractContextManager[None]:
        most = self._log.stat().st_size if self._log.exists() else BLOCK
        return _no_larger_than([process], drawn.randint(0, most))

    def lose_power(self, drawn: random.Random) -> None:
        for file in (self.file, self._log):
            if not _synced(file).exists():
                continue
            synced = _synced(file).read_bytes()
            if file.exists():
                file.write_bytes(_torn(synced, file.read_bytes(), drawn))
            elif drawn.random() < 1 / 2:  # a deletion that was never synced: the file is back as it was, not torn
                file.write_bytes(synced)
        for left in self.file.parent.glob("*-shm"):
            left.unlink()

    def backup(self) -> str:
        copy = self.file.with_name(f"backup-{uuid.uuid4().hex[:8]}")
        with closing(sqlite3.connect(self.file)) as here, closing(sqlite3.connect(copy)) as there:
            here.backup(there)
        return str(copy)

    def put_back(self, kept: str) -> None:
        for old in (self.file, self._log, self.file.with_name(f"{self.file.name}-shm")):
            old.unlink(missing_ok=True)
        shutil.copy(kept, self.file)


class Server(Volume):
    """PostgreSQL."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._engine = create_engine(
            url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
        )
        named = make_url(url)
        self._name, self._server = str(named.database), named.set(database="postgres")

    @contextmanager
    def locked(self) -> Iterator[None]:
        with self._engine.connect() as other:
            other.execute(text("BEGIN"))
            other.execute(text("LOCK TABLE connections, leads, results IN ACCESS EXCLUSIVE MODE"))
            yield
            other.execute(text("ROLLBACK"))
        self._engine.dispose()

    @contextmanager
    def gone(self) -> Iterator[None]:
        done = threading.Event()
        thrower = threading.Thread(target=self._throw_out, args=(done,))
        thrower.start()
        yield
        done.set()
        thrower.join()
        self._engine.dispose()

    def _throw_out(self, done: threading.Event) -> None:
        while not done.wait(0.05):
            with self._engine.connect() as connection:
                connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM {_OTHERS}"))

    def full(self, process: int, drawn: random.Random) -> AbstractContextManager[None]:
        return _no_larger_than(self._backends(), drawn.choice([0, 64 * BLOCK, 1024 * BLOCK]))

    def lose_power(self, drawn: random.Random) -> None:
        """Kill the server process of our connection: the server drops its memory and replays its log."""
        for backend in self._backends():
            with suppress(ProcessLookupError):
                os.kill(backend, signal.SIGKILL)

    def backup(self) -> str:
        copy = f"backup_{uuid.uuid4().hex[:12]}"
        self._copied(self._name, copy)
        return copy

    def put_back(self, kept: str) -> None:
        on_server(self._server, f'DROP DATABASE "{self._name}" WITH (FORCE)')
        self._copied(kept, self._name)
        self._engine.dispose()

    def _copied(self, name: str, copy: str) -> None:
        """Copy a database after closing all connections to it."""
        if name == self._name:
            with self._engine.connect() as connection:
                connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM {_OTHERS}"))
        self._engine.dispose()
        on_server(self._server, f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
        # A sequence of the copy hands out numbers that its log does not have until the next checkpoint, so a crash
        # before that would hand them out again (seen in PostgreSQL 18, 2026-11). A restored dump sets them anew.
        on_server(self._server, "CHECKPOINT")

    def _backends(self) -> list[int]:
        """Return the server processes of our connections; none on a shared server."""
        if "LEADGAUGE_TEST_POSTGRES" in os.environ:
            return []
        with self._engine.connect() as connection:
            found = list(connection.scalars(text(f"SELECT pid FROM {_OTHERS}")))
        self._engine.dispose()
        return found


_OTHERS = "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def volume(url: str, folder: Path) -> Volume:
    """Return the volume of a database."""
    return File(url, folder) if url.startswith("sqlite") else Server(url)


@cache
def keeper_of_synced() -> str:
    """Return the library that records synced data, compiled once."""
    library = Path(mkdtemp(prefix="leadgauge-")) / "synced.so"
    source = Path(__file__).with_name("synced.c")
    subprocess.run(["gcc", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, source], check=True)
    return str(library)


@contextmanager
def _no_larger_than(processes: list[int], size: int) -> Iterator[None]:
    """Refuse writes of these processes beyond a size with EFBIG, like a full disk with ENOSPC."""
    _limit(processes, size)
    yield
    _limit(processes, "unlimited")


def _limit(processes: list[int], size: int | str) -> None:
    """Set the limit as the owner of the processes; skip those that have ended."""
    for process in processes:
        with suppress(FileNotFoundError):
            owner = Path(f"/proc/{process}").stat().st_uid
            subprocess.run(
                ["prlimit", f"--pid={process}", f"--fsize={size}:"], user=owner, capture_output=True, check=False
            )


def _synced(file: Path) -> Path:
    return file.with_name(f"{file.name}.synced")


def _torn(synced: bytes, written: bytes, drawn: random.Random) -> bytes:
    """Return the possible state of a disk after a power cut: for each block, the synced data or a later write."""
    size = drawn.choice([len(synced), len(written)])
    starts = range(0, size, BLOCK)
    blocks = (drawn.choice([synced, written])[start : start + BLOCK].ljust(BLOCK, b"\0") for start in starts)
    return b"".join(blocks)[:size]
