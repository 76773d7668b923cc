"""Brings a database's tables to this program's schema when it is opened."""

from pathlib import Path
from typing import Final

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select, text

from store.database import Database
from store.errors import StoreError
from store.schema import metadata

HEAD: Final = "0005"
"""The newest migration: what a database must be at for this program."""
VERSIONS: Final = "leadgauge_schema"
"""The table that holds a database's revision."""

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_VERSION: Final = Table(VERSIONS, MetaData(), Column("version_num", String(32)))
_MIGRATING: Final = 7_301_201
"""PostgreSQL's number for the lock that lets one process migrate at a time."""


def migrate(database: Database) -> None:
    """Create the tables, or bring older ones forward; raises `StoreError` for a newer or a strange database."""
    if database.read(revision) != HEAD:
        database.write(lambda sql: _upgrade(sql, database.name))


def revision(sql: Connection) -> str | None:
    """Return the database's revision; None for one that is not ours yet."""
    if not inspect(sql).has_table(VERSIONS):
        return None
    return sql.execute(select(_VERSION.c.version_num)).scalar()


def _upgrade(sql: Connection, name: str) -> None:
    from alembic import command  # noqa: PLC0415 - Alembic is slow to import, and most opens find nothing to do
    from alembic.config import Config  # noqa: PLC0415 - as above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above

    _lock(sql)
    _refuse_strange(sql, name)
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = sql
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = revision(sql)
    if current is not None and current not in known:
        raise StoreError(
            f"The database {name} was written by a newer leadgauge (schema {current}; this one knows up to {HEAD}). "
            "Install that version or a later one. Nothing was changed."
        )
    command.upgrade(config, HEAD)


def _lock(sql: Connection) -> None:
    if sql.dialect.name == "postgresql":
        sql.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATING})


def _refuse_strange(sql: Connection, name: str) -> None:
    """Refuse a database in which somebody else's tables bear our names."""
    if revision(sql) is not None:
        return
    clash = sorted(set(inspect(sql).get_table_names()) & set(metadata.tables))
    if clash:
        raise StoreError(
            f"The database {name} holds tables of another program ({', '.join(clash)}). "
            "Give leadgauge a database of its own under `database:` in the settings."
        )
