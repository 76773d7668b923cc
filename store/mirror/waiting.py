"""Activities that wait for a lead that the mirror does not have."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, case, func, select

from store.sql.database import moment
from store.sql.schema import touchpoints, unclaimed

By = Literal["address", "id"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Activities of one source and kind that wait for their leads."""

    source: str
    """The beginning of their ids, such as `email` or `calls`."""
    kind: str
    by: By
    """How the CRM names their leads."""
    activities: int
    leads: int
    """How many different addresses or ids they name."""
    since: datetime
    """When the first of them began to wait."""

    @property
    def sentence(self) -> str:
        """It in words."""
        named = {"address": "e-mail address", "id": "id"}[self.by]
        one, several = f"1 unknown {named}", f"{self.leads:,} unknown {named}{'es' if self.by == 'address' else 's'}"
        return (
            f"{self.activities:,} {self.kind} from {self.source}, of {one if self.leads == 1 else several},"
            f" since {self.since:%Y-%m-%d}"
        )


def waiting(sql: Connection, connection: int) -> tuple[Waiting, ...]:
    """Return what waits, most first."""
    by = unclaimed.c.lead == ""
    source = _source(sql.dialect.name, unclaimed.c.id)
    named = case((by, unclaimed.c.address), else_=unclaimed.c.lead)
    figures = (func.count(), func.count(named.distinct()), func.min(unclaimed.c.since))
    found = (
        select(source, touchpoints.c.kind, by, *figures)
        .join_from(unclaimed, touchpoints, _PLACES)
        .where(unclaimed.c.connection == connection)
        .group_by(source, touchpoints.c.kind, by)
        .order_by(func.count().desc(), source, touchpoints.c.kind)
    )
    return tuple(
        Waiting(begins, kind, "address" if is_address else "id", count, leads, moment(since))
        for begins, kind, is_address, count, leads, since in sql.execute(found)
    )


def _source(database: str, identity: ColumnElement[str]) -> ColumnElement[Any]:
    """Return what stands before the first colon or hyphen of an activity's id."""
    if database == "sqlite":
        marked = func.replace(identity, ":", "-") + "-"
        return func.substr(identity, 1, func.instr(marked, "-") - 1)
    return func.split_part(func.replace(identity, ":", "-"), "-", 1)


_PLACES: Final = (unclaimed.c.connection == touchpoints.c.connection) & (
    unclaimed.c.touchpoint == touchpoints.c.touchpoint
)
