"""Erasing the data of scorecards and connections that were removed from the settings."""

from sqlalchemy import Table, delete, select

from store.sql.leases import Transaction
from store.sql.schema import connections, metadata, outboxes


def drop_scorecard(tx: Transaction, prefix: str) -> None:
    """Erase the results of the scorecard with this prefix, with their writes and pending rows."""
    mine = (outboxes.c.connection == tx.connection, outboxes.c.prefix == prefix)
    _drop_outboxes(tx, list(tx.sql.scalars(select(outboxes.c.outbox).where(*mine))))


def drop_connection(tx: Transaction) -> None:
    """Erase everything about a connection, its name last."""
    mine = select(outboxes.c.outbox).where(outboxes.c.connection == tx.connection)
    _drop_outboxes(tx, list(tx.sql.scalars(mine)))
    for table in (each for each in _keyed_by("connection") if each is not connections):
        tx.sql.execute(delete(table).where(table.c.connection == tx.connection))
    tx.sql.execute(delete(connections).where(connections.c.connection == tx.connection))


def _drop_outboxes(tx: Transaction, numbers: list[int]) -> None:
    for table in (each for each in _keyed_by("outbox") if each is not outboxes):
        tx.sql.execute(delete(table).where(table.c.outbox.in_(numbers)))
    tx.sql.execute(delete(outboxes).where(outboxes.c.outbox.in_(numbers)))


def _keyed_by(column: str) -> list[Table]:
    return [table for table in metadata.sorted_tables if column in table.c]
