"""Everything stored about one person, as plain values: what a person may ask for (article 15 of the GDPR)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import BigInteger, ColumnElement, Connection, Row, Table, and_, or_, select

from store.leads import erasing
from store.leads.due import OF_LEAD
from store.leads.keeping_out import digest_of
from store.sql.database import moment
from store.sql.schema import (
    accounts,
    addresses,
    deal_leads,
    deals,
    due,
    excluded,
    leads,
    merges,
    metadata,
    outboxes,
    touchpoints,
    vanished,
)

_HIDDEN: Final = frozenset({"connection", "bucket"})
_ADDRESSED: Final = (leads, vanished, addresses, excluded)
_JSON: Final = ("{", "[")


def about(sql: Connection, connection: int, ids: Iterable[str], addresses: Iterable[str]) -> dict[str, list[Any]]:
    """Return the rows of every table about leads with these ids, or these digests of addresses, by table."""
    people = _known(sql, connection, set(ids), set(addresses))
    mine = (outboxes.c.connection == connection, outboxes.c.of == "leads")  # an account may have the id of a lead
    prefixes = {row.outbox: row.prefix for row in sql.execute(select(outboxes).where(*mine))}
    owners = {"connection": [connection], "outbox": list(prefixes)}
    found = {table.name: list(_rows(sql, table, owners, people, prefixes)) for table in metadata.sorted_tables}
    found[accounts.name] = list(_accounts(sql, connection, found))
    found[deals.name] = list(_deals(sql, connection, found))
    found[due.name] = list(_due(sql, connection, people["lead"]))
    return {name: rows for name, rows in found.items() if rows}


def _known(sql: Connection, connection: int, ids: set[str], known: set[str]) -> Mapping[str, Sequence[str]]:
    """Return the ids of a person, with those merged into them, and the digests of their addresses."""
    for table in _ADDRESSED:
        named = select(table.c.lead).where(table.c.connection == connection, table.c.address.in_(known))
        ids |= set(sql.scalars(named))
    joined = or_(merges.c.old.in_(ids), merges.c.survivor.in_(ids))
    for row in sql.execute(select(merges).where(merges.c.connection == connection, joined)):
        ids |= {row.old, row.survivor}
    known |= erasing.addresses_of(sql, connection, ids)
    return {
        "lead": sorted(ids),
        "old": sorted(ids),
        "survivor": sorted(ids),
        "address": sorted(known),
        "digest": sorted({*map(digest_of, ids), *known}),
    }


def _rows(
    sql: Connection,
    table: Table,
    owners: Mapping[str, Sequence[int]],
    people: Mapping[str, Sequence[str]],
    prefixes: Mapping[int, str],
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table that name the person; touchpoints come with the activities."""
    owner = next((name for name in owners if name in table.c), None)
    named = [table.c[name].in_(people[name]) for name in people if name in table.c and people[name]]
    if owner is None or not named or table is touchpoints:
        return
    own: ColumnElement[bool] = and_(table.c[owner].in_(owners[owner]), or_(*named))
    source, columns = table.select().where(own), list(table.c)
    if "touchpoint" in table.c:
        same = and_(touchpoints.c.connection == table.c.connection, touchpoints.c.touchpoint == table.c.touchpoint)
        columns += [touchpoints.c.kind, touchpoints.c.url, touchpoints.c.name]
        source = select(*columns).select_from(table.outerjoin(touchpoints, same)).where(own)
    for row in sql.execute(source.order_by(*table.primary_key)):
        yield _plain(row, columns, prefixes)


def _accounts(sql: Connection, connection: int, found: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[Any]:
    """Yield the accounts of the person, whose fields count for them."""
    ids = {row.get("account") for table in (leads, vanished) for row in found[table.name]} - {None}
    named = select(accounts).where(accounts.c.connection == connection, accounts.c.account.in_(sorted(map(str, ids))))
    return (_plain(row, list(accounts.c), {}) for row in sql.execute(named))


def _deals(sql: Connection, connection: int, found: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[Any]:
    """Yield the deals of the person."""
    ids = sorted({str(row["deal"]) for row in found[deal_leads.name]})
    named = select(deals).where(deals.c.connection == connection, deals.c.deal.in_(ids)).order_by(deals.c.deal)
    return (_plain(row, list(deals.c), {}) for row in sql.execute(named))


def _due(sql: Connection, connection: int, ids: Sequence[str]) -> Iterator[Any]:
    """Yield what a feed said of the person that is still to be read."""
    named = select(due).where(due.c.connection == connection, due.c.by == OF_LEAD, due.c.id.in_(ids))
    return (_plain(row, list(due.c), {}) for row in sql.execute(named.order_by(*due.primary_key)))


def _plain(row: Row[Any], columns: Sequence[Any], prefixes: Mapping[int, str]) -> dict[str, Any]:
    """Return a row without its internal numbers, with moments and JSON instead of how they are stored."""
    found: dict[str, Any] = {}
    for column, value in zip(columns, row, strict=True):
        if column.name == "outbox":
            found["prefix"] = prefixes[value]
        elif column.name not in _HIDDEN:
            found[column.name] = _value(column, value)
    return found


def _value(column: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, BigInteger) and (column.name.endswith("_at") or column.name == "since"):
        return moment(value).isoformat()
    return orjson.loads(value) if isinstance(value, str) and value.startswith(_JSON) else value
