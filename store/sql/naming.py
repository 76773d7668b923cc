"""The numbers that represent connections and outboxes in the tables."""

import polars as pl
from sqlalchemy import ColumnElement, Connection, literal, select

from store.sql import bulk
from store.sql.database import Database
from store.sql.schema import accounts, connections, leads, outboxes, stale
from vocabulary.outputs import Of


def connections_known(sql: Connection) -> list[str]:
    """Return the names of all connections."""
    return list(sql.scalars(select(connections.c.name).order_by(connections.c.name)))


def connection(database: Database, name: str) -> int:
    """Return the number of a connection, assigning one if it is new."""
    known = select(connections.c.connection).where(connections.c.name == name)
    number = database.read(lambda sql: sql.execute(known).scalar())
    return database.write(lambda sql: _new_connection(sql, name)) if number is None else int(number)


def changes(sql: Connection, connection: int) -> int:
    """Return how many write transactions a connection has had."""
    mine = select(connections.c.changes).where(connections.c.connection == connection)
    return int(sql.execute(mine).scalar_one())


def outbox(database: Database, connection: int, prefix: str, of: Of) -> int:
    """Return the number of an outbox, assigning one if it is new. In a new outbox, all leads or accounts are dirty."""
    known = select(outboxes.c.outbox).where(*_named(connection, prefix, of))
    number = database.read(lambda sql: sql.execute(known).scalar())
    return database.write(lambda sql: _new_outbox(sql, connection, prefix, of)) if number is None else int(number)


def _named(connection: int, prefix: str, of: Of) -> tuple[ColumnElement[bool], ...]:
    return outboxes.c.connection == connection, outboxes.c.prefix == prefix, outboxes.c.of == of


def _new_connection(sql: Connection, name: str) -> int:
    sql.execute(bulk.insert(sql.dialect.name, connections).values(name=name).on_conflict_do_nothing())
    return int(sql.execute(select(connections.c.connection).where(connections.c.name == name)).scalar_one())


def _new_outbox(sql: Connection, connection: int, prefix: str, of: Of) -> int:
    """Lock the connection first, so that no page is saved between creating the outbox and marking its leads."""
    sql.execute(select(connections.c.changes).where(connections.c.connection == connection).with_for_update())
    new = bulk.insert(sql.dialect.name, outboxes).values(connection=connection, prefix=prefix, of=of)
    sql.execute(new.on_conflict_do_nothing())
    number = int(sql.execute(select(outboxes.c.outbox).where(*_named(connection, prefix, of))).scalar_one())
    if of == "leads":
        _mark_leads(sql, connection, number)
    else:
        _mark_accounts(sql, connection, number)
    return number


def _mark_leads(sql: Connection, connection: int, number: int) -> None:
    columns = (literal(number).label("outbox"), leads.c.bucket, leads.c.lead, literal(0).label("change"))
    reasons = (literal(True).label("data"), literal(True).label("activity"))
    bulk.copy(sql, stale, select(*columns, *reasons).where(leads.c.connection == connection))


def _mark_accounts(sql: Connection, connection: int, number: int) -> None:
    known = list(sql.scalars(select(accounts.c.account).where(accounts.c.connection == connection)))
    marked = bulk.keys(known, outbox=number).with_columns(change=pl.lit(0), data=True, activity=True)
    bulk.upsert(sql, stale, marked, change=())
