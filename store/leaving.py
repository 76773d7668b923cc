"""Erasing what the settings name no longer: the results of a scorecard, or all that is kept of a connection."""

from sqlalchemy import Table, delete, select

from store.leases import Change
from store.schema import connections, metadata, outboxes


def drop_scorecard(change: Change, prefix: str) -> None:
    """Erase the results of the scorecard with this prefix, what was written of them, and what waits."""
    mine = (outboxes.c.connection == change.connection, outboxes.c.prefix == prefix)
    _drop_outboxes(change, list(change.sql.scalars(select(outboxes.c.outbox).where(*mine))))


def drop_connection(change: Change) -> None:
    """Erase everything that the database keeps of a connection, its name last."""
    mine = select(outboxes.c.outbox).where(outboxes.c.connection == change.connection)
    _drop_outboxes(change, list(change.sql.scalars(mine)))
    for table in (each for each in _keyed_by("connection") if each is not connections):
        change.sql.execute(delete(table).where(table.c.connection == change.connection))
    change.sql.execute(delete(connections).where(connections.c.connection == change.connection))


def _drop_outboxes(change: Change, numbers: list[int]) -> None:
    for table in (each for each in _keyed_by("outbox") if each is not outboxes):
        change.sql.execute(delete(table).where(table.c.outbox.in_(numbers)))
    change.sql.execute(delete(outboxes).where(outboxes.c.outbox.in_(numbers)))


def _keyed_by(column: str) -> list[Table]:
    return [table for table in metadata.sorted_tables if column in table.c]
