"""What messages say about leads: read when they are sent, so that nothing about a person waits in the queue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from store.sql import bulk
from store.sql.database import micros, moment
from store.sql.schema import accounts, crossings, leads, outboxes, results
from vocabulary.fields import ACCOUNT
from vocabulary.outputs import Of

First = Mapping[tuple[str, Of], str]
"""The first priority of leads and of accounts, by the prefix of their scorecard."""

MOST: Final = 500
"""How many leads of a kind a digest reads; it says so where there are more."""


@dataclass(frozen=True, slots=True)
class About:
    """A lead or an account as the CRM was told, with its owner. No name is stored, so there is none."""

    lead: str
    prefix: str
    priority: str | None
    score: int | None
    why_now: str
    next_step: str
    expires_at: datetime | None
    owner: str | None
    of: Of = "leads"


def about(sql: Connection, connection: int, wanted: Iterable[tuple[int, str]], field: str | None) -> list[About]:
    """Return the named leads of outboxes, each once; those that left are absent."""
    named = [
        and_(results.c.outbox == outbox, results.c.bucket == bulk.bucket(lead), results.c.lead == lead)
        for outbox, lead in dict.fromkeys(wanted)
    ]
    return _read(sql, _told(connection, field).where(or_(*named)), field) if named else []


def crossed(sql: Connection, connection: int, since: datetime, until: datetime, field: str | None) -> list[About]:
    """Return the leads that reached the first priority after `since` and have it still."""
    same = and_(
        crossings.c.outbox == results.c.outbox,
        crossings.c.bucket == results.c.bucket,
        crossings.c.lead == results.c.lead,
    )
    new = (
        crossings.c.crossed_at > micros(since),
        crossings.c.crossed_at <= micros(until),
        crossings.c.left_at.is_(None),
    )
    query = _told(connection, field).join(crossings, same).where(*new).order_by(crossings.c.crossed_at)
    return _read(sql, query.limit(MOST), field)


def cooling(
    sql: Connection, connection: int, first: First, between: tuple[datetime, datetime], field: str | None
) -> list[About]:
    """Return the leads and accounts whose first priority, as computed last, ends in this time if nothing happens."""
    if not first:
        return []
    begin, end = map(micros, between)
    ends = and_(results.c.lead_expires_at >= begin, results.c.lead_expires_at <= end)
    ranked = [
        and_(outboxes.c.prefix == prefix, outboxes.c.of == of, results.c.told_lead_priority == name)
        for (prefix, of), name in first.items()
    ]
    query = _told(connection, field).where(ends, or_(*ranked)).order_by(results.c.lead_expires_at)
    return _read(sql, query.limit(MOST), field)


def _told(connection: int, field: str | None) -> Select[Any]:
    names = ("priority", "score", "why_now", "next_step")
    told = [results.c[f"told_lead_{name}"].label(name) for name in names]
    columns = (results.c.lead, outboxes.c.prefix, outboxes.c.of, *told, results.c.lead_expires_at.label("expires_at"))
    joined = results.join(outboxes, outboxes.c.outbox == results.c.outbox)
    mine = (outboxes.c.connection == connection, results.c.bucket >= 0)
    if field is None:
        return select(*columns).select_from(joined).where(*mine)
    ours = (leads.c.connection == connection, leads.c.bucket == results.c.bucket, leads.c.lead == results.c.lead)
    theirs = (accounts.c.connection == connection, accounts.c.account == results.c.lead)
    joined = joined.outerjoin(leads, and_(outboxes.c.of == "leads", *ours))
    joined = joined.outerjoin(accounts, and_(outboxes.c.of == "accounts", *theirs))
    fields = func.coalesce(leads.c.fields, accounts.c.fields, "{}").label("fields")
    return select(*columns, fields).select_from(joined).where(*mine)


def _read(sql: Connection, query: Select[Any], field: str | None) -> list[About]:
    return [_about(row, field) for row in sql.execute(query).all()]


def _about(row: Row[Any], field: str | None) -> About:
    owner = None if field is None else orjson.loads(row.fields).get(field if row.of == "leads" else ACCOUNT + field)
    return About(
        row.lead,
        row.prefix,
        row.priority,
        row.score,
        row.why_now or "",
        row.next_step or "",
        None if row.expires_at is None else moment(row.expires_at),
        None if owner is None else str(owner),
        row.of,
    )
