"""The daemons that share the connections of a database: which are alive, and who holds what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import orjson
from sqlalchemy import Connection, delete, select

from store.sql import bulk
from store.sql.database import Database, now
from store.sql.schema import connections, daemons

ALIVE: Final = timedelta(seconds=60)
"""How long after its last beat a daemon counts as alive: less than its leases last."""
_FORGOTTEN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sight:
    """What there is to share, as the database has it at one moment."""

    daemons: Mapping[str, Sequence[str]]
    """The connections in the settings of each daemon that is alive, by its process."""
    holders: Mapping[str, str | None]
    """The process that holds each connection, a daemon or a command; None if its lease has run out."""


class Daemons:
    """The record of daemons."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def beat(self, process: str, name: str, theirs: Sequence[str]) -> Sight:
        """Record that a daemon is alive and has these connections in its settings; return what there is to share."""
        return self._database.write(lambda sql: self._beat(sql, process, name, theirs))

    def leave(self, process: str) -> None:
        """Record that a daemon ends."""
        self._database.write(lambda sql: sql.execute(delete(daemons).where(daemons.c.process == process)))

    def _beat(self, sql: Connection, process: str, name: str, theirs: Sequence[str]) -> Sight:
        present = now(sql)
        row = {"process": process, "name": name, "connections": orjson.dumps(list(theirs)).decode(), "beat_at": present}
        statement = bulk.insert(sql.dialect.name, daemons).values(row)
        sql.execute(statement.on_conflict_do_update(index_elements=["process"], set_=row))
        sql.execute(delete(daemons).where(daemons.c.beat_at < present - _FORGOTTEN // timedelta(microseconds=1)))
        alive = select(daemons.c.process, daemons.c.connections).where(
            daemons.c.beat_at > present - ALIVE // timedelta(microseconds=1)
        )
        known = {row.process: orjson.loads(row.connections) for row in sql.execute(alive)}
        held = sql.execute(select(connections.c.name, connections.c.process, connections.c.until)).all()
        return Sight(known, {row.name: row.process if (row.until or 0) > present else None for row in held})
