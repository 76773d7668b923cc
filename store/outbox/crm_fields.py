"""The record of the CRM fields that leadgauge created or adopted, independent of their labels and groups."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import orjson
from sqlalchemy import Connection, delete, select, update

from store.sql import bulk
from store.sql.database import Database, micros, moment
from store.sql.leases import Lease
from store.sql.schema import connections, crm_fields
from vocabulary.provisioned import Origin, Provisioned


@dataclass(frozen=True, slots=True)
class CrmField:
    """A CRM field that leadgauge writes, or wrote."""

    field: str
    """Its name in the CRM."""
    output: str
    origin: Origin
    since: datetime


class CrmFields:
    """The CRM fields of one connection.

    Writing needs no lease, since a person may provision while the daemon runs. The next pass sees which fields are new
    and forgets what was written to them.
    """

    def __init__(self, database: Database, connection: int, clock: Callable[[], datetime]) -> None:
        self._database, self._connection, self._clock = database, connection, clock

    def list(self) -> list[CrmField]:
        """Return the fields, ordered by name."""
        mine = select(crm_fields).where(crm_fields.c.connection == self._connection).order_by(crm_fields.c.field)
        rows = self._database.read(lambda sql: sql.execute(mine).all())
        return [CrmField(row.field, row.output, cast("Origin", row.origin), moment(row.since)) for row in rows]

    def known(self) -> dict[str, Origin]:
        """Return the origin of each field, by its name in the CRM."""
        return {one.field: one.origin for one in self.list()}

    def keep(self, provisioned: Iterable[Provisioned]) -> None:
        """Record fields as ours. A new field stays new until `settle`."""
        rows = [self._row(one) for one in provisioned if one.origin]

        def put(sql: Connection) -> None:
            for row in rows:
                sql.execute(_putting(sql, row))

        if rows:
            self._database.write(put)

    def _row(self, one: Provisioned) -> dict[str, object]:
        named = {"connection": self._connection, "field": one.field, "output": one.output, "origin": one.origin}
        return {**named, "is_new": one.is_new, "since": micros(self._clock())}

    def drop(self, fields: Collection[str]) -> None:
        """Remove fields that were deleted in the CRM or are no longer ours."""
        mine = (crm_fields.c.connection == self._connection, crm_fields.c.field.in_(list(fields)))
        self._database.write(lambda sql: sql.execute(delete(crm_fields).where(*mine)))

    def new(self) -> frozenset[str]:
        """Return the outputs with a field that was created, recreated or adopted since the last `settle`."""
        mine = (crm_fields.c.connection == self._connection, crm_fields.c.is_new)
        found = select(crm_fields.c.output).where(*mine)
        return frozenset(self._database.read(lambda sql: list(sql.scalars(found))))

    def made(self) -> frozenset[str]:
        """Return the outputs whose fields leadgauge created, in every object, so that they were empty at first."""
        ours = self.list()
        return frozenset(one.output for one in ours) - {one.output for one in ours if one.origin != "made"}

    def settle(self, outputs: Collection[str], lease: Lease) -> None:
        """Mark the fields of these outputs as no longer new."""
        mine = (crm_fields.c.connection == self._connection, crm_fields.c.output.in_(list(outputs)))
        done = update(crm_fields).where(*mine).values(is_new=False)
        lease.write(self._connection, lambda tx: tx.sql.execute(done))


def unwritten(sql: Connection, connection: int) -> tuple[str, ...]:
    """Return the fields of a connection that leadgauge wrote and that the last pass no longer wrote."""
    declared = sql.execute(select(connections.c.outputs).where(connections.c.connection == connection)).scalar_one()
    if declared is None:
        return ()
    settled = (crm_fields.c.connection == connection, ~crm_fields.c.is_new)
    rows = sql.execute(select(crm_fields).where(*settled).order_by(crm_fields.c.field)).all()
    return tuple(row.field for row in rows if row.output not in orjson.loads(declared))


def _putting(sql: Connection, row: dict[str, object]) -> Any:
    """Return the insert of a field. A field recorded as new stays new."""
    changed = ("output", "origin", *(("is_new", "since") if row["is_new"] else ()))
    statement = bulk.insert(sql.dialect.name, crm_fields).values(row)
    return statement.on_conflict_do_update(
        index_elements=["connection", "field"], set_={name: row[name] for name in changed}
    )
