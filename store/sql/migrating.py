"""Migrating the tables to the current schema when a database is opened."""

import uuid
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    ClauseElement,
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from store.sql.database import Database
from store.sql.errors import StoreError
from store.sql.schema import identity, metadata, results

HEAD: Final = "0029"
"""The newest migration, which this version needs."""
VERSIONS: Final = "leadgauge_schema"
"""The table that holds a database's revision."""

OF_ITS_OWN: Final = "Give leadgauge a separate database under `database:` in the settings."

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_VERSION: Final = Table(
    VERSIONS,
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name=f"{VERSIONS}_pkc"),
)
_MIGRATING: Final = 7_301_201
"""The number of the advisory lock that lets only one process migrate at a time."""


def migrate(database: Database) -> None:
    """Create or migrate the tables; raise `StoreError` for a newer schema or another program's database."""
    if database.read(revision) != HEAD:
        database.write(lambda sql: _upgrade(sql, database.name))
    if database.read(_missing_columns):
        database.write(_add_columns)


def waiting(database: Database) -> list[str]:
    """Return what the migrations do that a database lacks, oldest first; none for one without tables of ours.

    Raise `StoreError` for a newer schema.
    """
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - Alembic is slow to import and rarely needed

    current = database.read(revision)
    if current is None or current == HEAD:
        return []
    scripts = {script.revision: script.doc for script in ScriptDirectory(str(_SCRIPTS)).walk_revisions()}
    if current not in scripts:
        raise StoreError(_newer(database.name, current))
    return [f"{number}: {scripts[number]}" for number in sorted(scripts) if number > current]


def _newer(name: str, current: str) -> str:
    return (
        f"The database {name} was written by a newer leadgauge (schema {current}; this one knows up to {HEAD}). "
        "Install that version or a later one. Nothing was changed."
    )


def revision(sql: Connection) -> str | None:
    """Return the database's revision; None if it has no tables of ours."""
    if not inspect(sql).has_table(VERSIONS, schema=own_schema(sql)):
        return None
    return sql.execute(select(_VERSION.c.version_num)).scalar()


def own_schema(sql: Connection) -> str | None:
    """Return the schema for our tables; None for SQLite, or if no schema in PostgreSQL's search path exists.

    Tables with our names in other schemas of the search path belong to others.
    """
    return None if sql.dialect.name == "sqlite" else sql.execute(select(func.current_schema())).scalar()


def _upgrade(sql: Connection, name: str) -> None:
    _lock(sql)
    _refuse_strange(sql, name)
    if sql.dialect.name == "postgresql":
        _refuse_without_rights(sql, name)
    if revision(sql) is None:
        _create(sql)
    else:
        bring_forward(sql, name)


def _create(sql: Connection) -> None:
    """Create the tables as they are today, without the way that led there."""
    for statement in _creation(sql.dialect.name):
        sql.exec_driver_sql(statement)
    sql.execute(identity.insert().values(id=uuid.uuid4().hex))
    sql.execute(_VERSION.insert().values(version_num=HEAD))


@cache
def _creation(database: str) -> list[str]:
    dialect: Any = sqlite.dialect() if database == "sqlite" else postgresql.dialect()  # type: ignore[no-untyped-call]
    tables = [_VERSION, *metadata.sorted_tables]
    statements: list[ClauseElement] = [CreateTable(table) for table in tables]
    statements += [CreateIndex(index) for table in tables for index in table.indexes]
    return [str(statement.compile(dialect=dialect)) for statement in statements]


def bring_forward(sql: Connection, name: str) -> None:
    """Run the migrations that a database lacks: all, if it has no tables; raise `StoreError` for a newer schema."""
    from alembic import command  # noqa: PLC0415 - Alembic is slow to import and rarely needed
    from alembic.config import Config  # noqa: PLC0415 - as above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = sql
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = revision(sql)
    if current is not None and current not in known:
        raise StoreError(_newer(name, current))
    command.upgrade(config, HEAD)


def _refuse_without_rights(sql: Connection, name: str) -> None:
    """Raise `StoreError` if tables cannot be created; PostgreSQL's own error would name only the first one."""
    if remedy := lacking(sql):
        raise StoreError(f"The tables cannot be created in the database {name}. {remedy}")


def lacking(sql: Connection) -> str | None:
    """Return why our tables cannot be created in PostgreSQL, with the remedy; None if they can."""
    here = own_schema(sql)
    if here is None:
        path = sql.execute(select(func.current_setting("search_path"))).scalar_one()
        return f"None of the schemas in its search_path ({path}) exists. Create one: CREATE SCHEMA leadgauge;"
    if sql.execute(select(func.has_schema_privilege(here, "CREATE"))).scalar():
        return None
    user, database = sql.execute(select(func.current_user(), func.current_database())).one()
    return (
        f"The user {user} may not create tables in the schema {here}: since PostgreSQL 15 only the owner of a database "
        f"may. Have an administrator run: ALTER DATABASE {database} OWNER TO {user}; "
        f"or, in that database: GRANT CREATE ON SCHEMA {here} TO {user};"
    )


def _missing_columns(sql: Connection) -> list[Column[Any]]:
    """Return the output columns missing from `results`, since outputs can be added without a migration."""
    there = {column["name"] for column in inspect(sql).get_columns(results.name, schema=own_schema(sql))}
    return [column for column in results.columns if column.name not in there]


def _add_columns(sql: Connection) -> None:
    """Add the columns of new outputs, checking again under the lock in case another process added them."""
    from alembic.migration import MigrationContext  # noqa: PLC0415 - as above
    from alembic.operations import Operations  # noqa: PLC0415 - as above

    _lock(sql)
    operations = Operations(MigrationContext.configure(sql))
    for column in _missing_columns(sql):
        operations.add_column(results.name, Column(column.name, column.type))


def _lock(sql: Connection) -> None:
    if sql.dialect.name == "postgresql":
        sql.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATING})


def _refuse_strange(sql: Connection, name: str) -> None:
    """Raise `StoreError` if another program's tables have our names."""
    if clash := strange(sql):
        raise StoreError(f"The database {name} has tables of another program ({', '.join(clash)}). {OF_ITS_OWN}")


def strange(sql: Connection) -> list[str]:
    """Return the tables with our names in a database that is not ours."""
    if revision(sql) is not None:
        return []
    return sorted(set(inspect(sql).get_table_names(schema=own_schema(sql))) & set(metadata.tables))
