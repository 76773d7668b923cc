"""A warehouse of tests: a database of each kind, or files, with the rows that a test puts in."""

import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from connectors.warehouse.settings import Warehouse as Settings
from connectors.warehouse.warehouse import Warehouse
from tests.databases import Databases, database_url, new_database, postgresql_server, template
from tests.stage import Opener, Stage, crm, hubspot, opener, salesforce

__all__ = ["crm", "database_url", "hubspot", "new_database", "opener", "postgresql_server", "salesforce", "template"]

Row = Mapping[str, Any]
TYPES = {
    "postgresql": {"text": "text", "time": "timestamptz", "number": "numeric", "flag": "boolean"},
    "sqlite": {"text": "text", "time": "text", "number": "numeric", "flag": "boolean"},
}
EVENTS = {"event_id": "text", "user_email": "text", "feature": "text", "spent": "number", "occurred_at": "time"}
EVENTS |= {"loaded_at": "time"}


@dataclass
class House:
    """A warehouse whose rows tests change."""

    kind: str
    url: str
    folder: Path
    secret: str = field(default_factory=lambda: f"WAREHOUSE_{uuid.uuid4().hex[:8]}")

    def __post_init__(self) -> None:
        os.environ[self.secret] = self.url
        self.engine: Engine = create_engine(make_url(self.url).set(drivername=DRIVERS[self.kind]))

    def create(self, table: str, columns: Mapping[str, str]) -> None:
        """Create a table with columns of our types."""
        parts = ", ".join(f'"{name}" {TYPES[self.kind].get(of, of)}' for name, of in columns.items())
        self.run(f'CREATE TABLE "{table}" ({parts})')

    def add(self, table: str, *rows: Row) -> None:
        """Insert rows; a time is written as the database has it."""
        for row in rows:
            names = ", ".join(f'"{name}"' for name in row)
            values = ", ".join(f":{name}" for name in row)
            self.run(f'INSERT INTO "{table}" ({names}) VALUES ({values})', **self._written(row))

    def run(self, statement: str, **given: Any) -> None:
        with self.engine.begin() as sql:
            sql.execute(text(statement), given)

    def _written(self, row: Row) -> dict[str, Any]:
        if self.kind == "postgresql":
            return dict(row)
        return {name: one.isoformat() if isinstance(one, date) else plain(one) for name, one in row.items()}

    @contextmanager
    def away(self) -> Iterator[None]:
        """Let nobody reach the database while the block runs."""
        here = make_url(self.url)
        gone = (
            here.set(port=1, host="127.0.0.1", query={})
            if self.kind == "postgresql"
            else here.set(database="/nowhere/x.db")
        )
        os.environ[self.secret] = gone.render_as_string(hide_password=False)
        try:
            yield
        finally:
            os.environ[self.secret] = self.url

    def settings(self, **sections: Any) -> Settings:
        return Settings.model_validate({"database": {"env": self.secret}, **sections}, context={"folder": self.folder})


def plain(value: Any) -> Any:
    """Return a value as SQLite has it."""
    return float(value) if isinstance(value, Decimal) else value


DRIVERS = {"postgresql": "postgresql+psycopg", "sqlite": "sqlite"}


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A warehouse in an SQLite or a PostgreSQL database."""
    with Databases(request, tmp_path) as databases:
        made = House(request.param, databases.create(request.param), tmp_path)
        yield made
        made.engine.dispose()
        del os.environ[made.secret]


@pytest.fixture
def stage(request: pytest.FixtureRequest, opener: Opener, house: House) -> Callable[..., Stage]:
    """Returns a function that opens a CRM beside the warehouse: HubSpot beside SQLite, Salesforce beside PostgreSQL."""
    of_crm = {"sqlite": "hubspot", "postgresql": "salesforce"}[house.kind]

    def opened(leads: int, **sections: Any) -> Stage:
        made: Stage = getattr(opener, of_crm)(leads)
        made.configure(lambda connection: connection.update(warehouse={"database": {"env": house.secret}, **sections}))
        made.provision()
        return made

    return opened


def event(number: int, email: str | None, at: datetime, loaded: datetime | None = None, **more: Any) -> dict[str, Any]:
    """Return a row of product usage."""
    plain = {"event_id": f"e{number}", "user_email": email, "feature": "report", "spent": 1.5, "occurred_at": at}
    return plain | {"loaded_at": loaded or at} | more


def usage(**changes: Any) -> dict[str, Any]:
    """Return the section of product usage."""
    plain = {"table": "events", "lead": {"email": "user_email"}, "id": "event_id", "kind": "product_use"}
    return plain | {"at": "occurred_at", "name": "feature", "value": "spent", "changed_at": "loaded_at"} | changes


def day(number: float) -> datetime:
    return datetime.fromtimestamp(1_790_000_000 + number * 86_400, UTC)


def pulled(warehouse: Warehouse, cursor: Any = None, most: int | None = None) -> tuple[pl.DataFrame, Any]:
    """Return the activities of the first stream after a cursor, and the last cursor; of `most` pages."""
    pages = []
    for page in warehouse.pull(warehouse.streams()[0], cursor):
        pages.append(page)
        if len(pages) == most:
            break
    return pl.concat([page.activities for page in pages]), pages[-1].cursor


def rows_of(activities: pl.DataFrame) -> Sequence[Any]:
    return sorted(activities.unique("id", keep="last").drop("mail", "sent_at", "mail_domain").rows())
