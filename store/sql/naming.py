"""The numbers that represent connections and outboxes in the tables."""

from sqlalchemy import Connection, literal, select

from store.sql import bulk
from store.sql.database import Database
from store.sql.schema import connections, leads, outboxes, stale


def connections_known(sql: Connection) -> list[str]:
    """Return the names of all connections."""
    return list(sql.scalars(select(connections.c.name).order_by(connections.c.name)))


def connection(database: Database, name: str) -> int:
    """Return the number of a connection, assigning one if it is new."""
    known = select(connections.c.connection).where(connections.c.name == name)
    number = database.read(lambda sql: sql.execute(known).scalar())
    return database.write(lambda sql: _new_connection(sql, name)) if number is None else int(number)


def outbox(database: Database, connection: int, prefix: str) -> int:
    """Return the number of an outbox, assigning one if it is new. In a new outbox, all leads are dirty."""
    known = select(outboxes.c.outbox).where(outboxes.c.connection == connection, outboxes.c.prefix == prefix)
    number = database.read(lambda sql: sql.execute(known).scalar())
    return database.write(lambda sql: _new_outbox(sql, connection, prefix)) if number is None else int(number)


def _new_connection(sql: Connection, name: str) -> int:
    sql.execute(bulk.insert(sql.dialect.name, connections).values(name=name).on_conflict_do_nothing())
    return int(sql.execute(select(connections.c.connection).where(connections.c.name == name)).scalar_one())


def _new_outbox(sql: Connection, connection: int, prefix: str) -> int:
    """Lock the connection first, so that no page is saved between creating the outbox and marking its leads."""
    sql.execute(select(connections.c.changes).where(connections.c.connection == connection).with_for_update())
    sql.execute(
        bulk.insert(sql.dialect.name, outboxes).values(connection=connection, prefix=prefix).on_conflict_do_nothing()
    )
    here = (outboxes.c.connection == connection, outboxes.c.prefix == prefix)
    number = int(sql.execute(select(outboxes.c.outbox).where(*here)).scalar_one())
    columns = (literal(number).label("outbox"), leads.c.bucket, leads.c.lead, literal(0).label("change"))
    reasons = (literal(True).label("data"), literal(True).label("activity"))
    everybody = select(*columns, *reasons).where(leads.c.connection == connection)
    bulk.copy(sql, stale, everybody)
    return number
