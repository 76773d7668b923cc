"""Checking a database for `leadgauge check`, without creating, changing or locking anything."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import Connection, func, select, text

from store.sql.address import Address
from store.sql.database import Database, moment, now
from store.sql.errors import StoreError
from store.sql.migrating import HEAD, OF_ITS_OWN, VERSIONS, lacking, own_schema, revision, strange
from store.sql.notes import OLDER
from store.sql.schema import connections, metadata, notes
from vocabulary.findings import Finding

PATIENCE: Final = timedelta(seconds=5)
CLOCKS_APART: Final = timedelta(seconds=10)
"""More than any network delay. Leases last 90 seconds by the database's clock."""
_OLDEST: Final = 130000
"""PostgreSQL 13, the oldest supported version when this was written."""
_OLDEST_SQLITE: Final = (3, 35)
"""The first version with RETURNING."""
_OF_CONNECTION: Final = connections.c.connection == notes.c.connection
_NEEDED: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")


def examine(url: str) -> list[Finding]:
    """Return problems that would stop a run, and facts about the database."""
    try:
        address = Address.parse(url)
        if address.file and not address.file.exists():
            return [_new_file(address.file)]
        database = Database(url, PATIENCE)
    except StoreError as error:
        return [_unavailable(error)]
    try:
        return database.read(lambda sql: list(_findings(sql)))
    except StoreError as error:
        return [_unavailable(error)]
    finally:
        database.close()


def has_our_tables(url: str) -> bool:
    """Return whether the database exists and has our tables."""
    try:
        address = Address.parse(url)
        if address.file and not address.file.exists():
            return False
        database = Database(url, PATIENCE)
    except StoreError:
        return False
    try:
        return database.read(revision) is not None
    except StoreError:
        return False
    finally:
        database.close()


def _finding(level: Literal["error", "warning", "note"], message: str, remedy: str = "") -> Finding:
    return Finding(level, "database", message, remedy)


def _unavailable(error: StoreError) -> Finding:
    return Finding("error", "database", str(error), passes=True)


def _new_file(file: Path) -> Finding:
    if file.parent.is_dir():
        return _finding("note", f"{file} does not exist yet; the first run creates it.")
    return _finding("error", f"{file} cannot be created: there is no folder {file.parent}.", "Create the folder.")


def _findings(sql: Connection) -> Iterator[Finding]:
    yield from _version(sql)
    if sql.dialect.name == "sqlite":
        yield from _readable_alone(sql)
    else:
        yield from _clock(sql)
        if forbidden := _forbidden(sql):
            yield _not_ours(sql, forbidden)
            return
        yield from _rights(sql)
    yield from _schema(sql)
    if revision(sql) is not None:
        yield from _older(sql)


def _older(sql: Connection) -> Iterator[Finding]:
    """Yield the notes of passes that found this database to be out of date."""
    kept = select(connections.c.name, notes.c.text).join_from(connections, notes, _OF_CONNECTION)
    for name, text_ in sql.execute(kept.where(notes.c.name == OLDER)):
        yield _finding("warning", f"{name}: {text_}", "`leadgauge backfill --rewrite`")


def _version(sql: Connection) -> Iterator[Finding]:
    if sql.dialect.name == "sqlite":
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            yield _finding(
                "error", f"SQLite {sqlite3.sqlite_version} lacks RETURNING.", "Use Python with 3.35 or later."
            )
        return
    number = int(_setting(sql, "server_version_num"))
    where = f"PostgreSQL {_setting(sql, 'server_version')}, schema {own_schema(sql) or 'none'}"
    if number < _OLDEST:
        yield _finding("warning", f"{where}: older than 13, and not tested.", "Upgrade the server.")
    else:
        yield _finding("note", f"{where}.")


def _setting(sql: Connection, name: str) -> str:
    return str(sql.execute(select(func.current_setting(name))).scalar_one())


def _rights(sql: Connection) -> Iterator[Finding]:
    if sql.execute(select(func.pg_is_in_recovery())).scalar() or _setting(sql, "transaction_read_only") == "on":
        remedy = "Name the primary in `database:`, or add target_session_attrs=read-write to several hosts."
        yield _finding("error", "The database is not writable: it is a standby, or read-only.", remedy)
    current = revision(sql)
    if current is None and (why := lacking(sql)):
        yield _finding("error", "The tables cannot be created.", why)
    if current not in (None, HEAD) and (foreign := _foreign(sql)):
        remedy = f"Run `leadgauge status` once as {', '.join(foreign)}, or make the user a member of that role."
        yield _finding("error", "The tables must be migrated, and belong to another user.", remedy)


def _not_ours(sql: Connection, forbidden: list[str]) -> Finding:
    user = sql.execute(select(func.current_user())).scalar_one()
    remedy = f"Have their owner run: GRANT ALL ON ALL TABLES IN SCHEMA {own_schema(sql)} TO {user};"
    return _finding("error", f"The user {user} may not read and write {', '.join(forbidden)}.", remedy)


def _forbidden(sql: Connection) -> list[str]:
    """Return our tables that the user may not read or write."""
    granted = " AND ".join(f"has_table_privilege(c.oid, '{right}')" for right in _NEEDED)
    return [name for name in _names(sql, f"SELECT c.relname {_OURS} AND NOT ({granted}) ORDER BY 1") if name]


def _foreign(sql: Connection) -> list[str]:
    """Return the owners of our tables whose role the user lacks, since only an owner can alter a table."""
    question = f"SELECT DISTINCT pg_get_userbyid(c.relowner) {_OURS} AND NOT pg_has_role(c.relowner, 'USAGE')"
    return _names(sql, question)


_OURS: Final = (
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname = ANY(:tables)"
)


def _names(sql: Connection, question: str) -> list[str]:
    found: Any = sql.execute(text(question), {"tables": sorted([*metadata.tables, VERSIONS])}).scalars()
    return list(map(str, found))


def _clock(sql: Connection) -> Iterator[Finding]:
    """Compare the clocks, since leases use the database's and passes use this machine's."""
    before = datetime.now(UTC)
    theirs = moment(now(sql))
    ours = before + (datetime.now(UTC) - before) / 2
    apart = theirs - ours
    if abs(apart) > CLOCKS_APART:
        side = "ahead of" if apart > timedelta() else "behind"
        message = f"The database's clock is {abs(apart).total_seconds():.0f} seconds {side} this machine's."
        yield _finding("warning", message, "Synchronize both with a time server (NTP).")


def _readable_alone(sql: Connection) -> Iterator[Finding]:
    file = Path(str(sql.engine.url.database))
    yield _finding("note", f"SQLite {sqlite3.sqlite_version}, {file}, {file.stat().st_size / 1e6:,.1f} MB.")
    if file.stat().st_mode & 0o077:
        yield _finding(
            "warning", f"{file} can be read by other users, and it contains personal data.", f"chmod 600 {file}"
        )


def _schema(sql: Connection) -> Iterator[Finding]:
    current = revision(sql)
    if clash := strange(sql):
        yield _finding("error", f"It has tables of another program ({', '.join(clash)}).", OF_ITS_OWN)
    elif current is None:
        yield _finding("note", "The database has no tables of leadgauge yet; the first run creates them.")
    elif current > HEAD:
        message = f"It was written by a newer leadgauge (schema {current}; this one knows up to {HEAD})."
        yield _finding("error", message, "Install that version or a later one.")
    elif current < HEAD:
        message = f"Its tables are from an older leadgauge (schema {current}); the next run migrates them to {HEAD}."
        yield _finding("note", message, "Back it up first.")
