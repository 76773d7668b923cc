"""Who belongs to which segment or campaign, and the fields of leads that list it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

import orjson
import polars as pl
from sqlalchemy import Connection, select

from store.leads import excluding, merging, staleness
from store.sql import bulk
from store.sql.bulk import Of
from store.sql.database import micros
from store.sql.leases import Transaction
from store.sql.schema import connections, memberships
from vocabulary.fields import DTYPES, FieldType
from vocabulary.pages import Page

Segments = Mapping[str, Mapping[str, str]]
"""The segment of each entry of each field that lists what a lead belongs to."""
NO_SEGMENTS: Final[Segments] = MappingProxyType({})
_KEY: Final = {"bucket": pl.Int16, "lead": pl.String, "segment": pl.String}
_HELD: Final = {"lead": pl.String(), "segment": pl.String()}
_ENTRIES: Final = {"field": pl.String, "entry": pl.String, "segment": pl.String}


def save(tx: Transaction, page: Page) -> None:
    """Store the page's members of segments, and drop those who were in an earlier reading of a whole one only."""
    if len(page.memberships):
        _join(tx, page.memberships)
    for segment, began in page.whole_segments.items():
        _leave(tx, segment, began)


def _join(tx: Transaction, frame: pl.DataFrame) -> None:
    people = excluding.of_people(tx, merging.with_survivors(tx, frame))
    last = people.select("lead", "segment", pl.col("read_at").dt.timestamp("us"))
    given = bulk.keyed(last.unique(["lead", "segment"], keep="last"), connection=tx.connection)
    known = bulk.find(tx.sql, memberships, given.drop("read_at"), _KEY)
    bulk.upsert(tx.sql, memberships, given)
    staleness.mark_held(tx, given.join(known, on=list(_KEY), how="anti"), "data")


def _leave(tx: Transaction, segment: str, began: datetime) -> None:
    here = (memberships.c.connection == tx.connection, memberships.c.segment == segment)
    before = (*here, memberships.c.read_at < micros(began))
    left = bulk.read(tx.sql, select(memberships.c.bucket, memberships.c.lead).where(*before), _only("bucket", "lead"))
    tx.sql.execute(memberships.delete().where(*before))
    staleness.mark_held(tx, left, "data")


def declared(sql: Connection, connection: int) -> Segments:
    """Return the segments that fields are declared with."""
    known = select(connections.c.member_of).where(connections.c.connection == connection)
    found: Segments = orjson.loads(sql.execute(known).scalar_one())
    return found


def declare(tx: Transaction, wanted: Segments) -> bool:
    """Record the segment of each entry; forget the members of others. Return whether a segment is to be read anew."""
    known = declared(tx.sql, tx.connection)
    before, after = _by_segment(known), _by_segment(wanted)
    if known != wanted:
        text = orjson.dumps({field: dict(entries) for field, entries in wanted.items()}).decode()
        mine = connections.c.connection == tx.connection
        tx.sql.execute(connections.update().where(mine).values(member_of=text))
    for segment in {one for one in {*before, *after} if before.get(one) != after.get(one)}:
        here = (memberships.c.connection == tx.connection, memberships.c.segment == segment)
        members = select(memberships.c.bucket, memberships.c.lead).where(*here)
        staleness.mark_held(tx, bulk.read(tx.sql, members, _only("bucket", "lead")), "data")
        if segment not in after:
            tx.sql.execute(memberships.delete().where(*here))
    return not before.keys() >= after.keys()


def lists(
    sql: Connection, connection: int, of: Of, fields: Mapping[str, FieldType], people: pl.DataFrame
) -> Iterator[pl.Series]:
    """Yield for each field that lists memberships what each of these people belongs to, null if to nothing."""
    names = [name for name, type_ in fields.items() if type_ == "member_of"]
    if not names:
        return
    held = bulk.read_of(sql, memberships, of, _HELD, connection=connection)
    entries = held.join(_entries(declared(sql, connection)), on="segment")
    for name in names:
        mine = entries.filter(pl.col("field") == name).group_by("lead").agg(pl.col("entry").unique().sort().alias(name))
        yield (
            people.select("lead")
            .join(mine, on="lead", how="left", maintain_order="left")[name]
            .cast(DTYPES["member_of"])
        )


def _entries(segments: Segments) -> pl.DataFrame:
    told = [(field, entry, one) for field, entries in segments.items() for entry, one in entries.items()]
    return pl.DataFrame(told, _ENTRIES, orient="row")


def _by_segment(segments: Segments) -> dict[str, set[tuple[str, str]]]:
    """Return the fields and entries of each segment."""
    found: dict[str, set[tuple[str, str]]] = {}
    for field, entry, segment in _entries(segments).iter_rows():
        found.setdefault(segment, set()).add((field, entry))
    return found


def _only(*names: str) -> dict[str, type[pl.DataType]]:
    return {name: _KEY[name] for name in names}
