"""The tables. Moments are whole microseconds since 1970 in UTC on both databases; texts that hold JSON say so.

To read a moment as a person: `datetime(column / 1000000, 'unixepoch')` on SQLite, `to_timestamp(column / 1e6)` on
PostgreSQL.

All that belongs to a lead is keyed by (bucket, lead), bucket being a stable hash of the lead's id: a bucket is one
stretch of every table. Rows of a vanished lead lie aside, in the bucket -1 - bucket, where no sweep comes.
"""

from typing import Final

import polars as pl
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from vocabulary import outputs
from vocabulary.fields import TIME

Id: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""Text compared byte by byte, as SQLite and Polars do."""

metadata: Final = MetaData()


def _table(name: str, key: str, *columns: Column[object], clustered: bool = True, **options: object) -> Table:
    """Declare a table whose primary key is the blank-separated `key`; `clustered` keeps SQLite's rows in its order."""
    primary = PrimaryKeyConstraint(*key.split(), name=f"{name}_key", **options)  # type: ignore[arg-type]  # dialect options
    return Table(name, metadata, *columns, primary, sqlite_with_rowid=not clustered)


def _integer(name: str, *, null: bool = False, default: str | None = None) -> Column[object]:
    return Column(name, Integer, nullable=null, server_default=default, autoincrement=False)


def _small(name: str) -> Column[object]:
    return Column(name, SmallInteger, nullable=False, autoincrement=False)


def _big(name: str, *, null: bool = False, default: str | None = None) -> Column[object]:
    return Column(name, BigInteger, nullable=null, server_default=default)


def _id(name: str, *, null: bool = False) -> Column[object]:
    return Column(name, Id, nullable=null)


def _text(name: str, *, null: bool = False, default: str | None = None) -> Column[object]:
    return Column(name, Text, nullable=null, server_default=default)


def _number(name: str) -> Column[object]:
    return Column(name, Double)


def _flag(name: str) -> Column[object]:
    return Column(name, Boolean, nullable=False)


connections: Final = Table(
    "connections",
    metadata,
    Column("connection", Integer, primary_key=True),
    _id("name"),
    _big("changes", default="0"),  # counts the transactions that wrote
    _text("fields", default="{}"),  # JSON: type by declared field
    _text("outputs", null=True),  # JSON: by output field the number of the change since which it is read with each lead
    _big("fence", default="0"),  # counts the leases
    _text("holder", null=True),  # for people: host and process
    _text("process", null=True),  # what tells the process from every other one
    _text("purpose", null=True),
    _big("until", null=True),
    _big("ttl", null=True),
    UniqueConstraint("name", name="connections_name"),
)
identity: Final = Table("identity", metadata, _id("id"))  # one row: tells this database from every other one
cursors: Final = _table(
    "cursors",
    "connection stream",
    _integer("connection"),
    _id("stream"),
    _text("cursor"),  # JSON, of the connector
    _big("total", null=True),
    _big("moved_at"),
)
listings: Final = _table(
    "listings",
    "connection listing",
    _integer("connection"),
    _id("listing"),
    _big("number"),  # of the change that began it
    _big("started_at"),
    _big("finished_at", null=True),
    _big("settled_at", null=True),  # what it did not bring has been looked into
)
accounts: Final = _table(
    "accounts",
    "connection account",
    _integer("connection"),
    _id("account"),
    _text("fields"),  # JSON: value by field
)
leads: Final = _table(
    "leads",
    "connection bucket lead",
    _integer("connection"),
    _small("bucket"),
    _id("lead"),
    _id("account", null=True),
    _id("address", null=True),  # digest of the e-mail address
    _big("created_at", null=True),
    _text("fields"),  # JSON: value by field
    _big("listing", null=True),  # number of the last listing that brought the lead
    _big("first_seen"),  # number of the change that brought it first
)
Index("leads_account", leads.c.connection, leads.c.account)
Index("leads_address", leads.c.connection, leads.c.address)

vanished: Final = _table(
    "vanished",
    "connection bucket lead",
    _integer("connection"),
    _small("bucket"),
    _id("lead"),
    _id("account", null=True),
    _id("address", null=True),
    _big("created_at", null=True),
    _text("fields"),
    _text("why"),  # deleted or outside
    _big("since"),
    _flag("unsure"),  # a write was on its way, so nobody knows what the CRM holds
)
Index("vanished_address", vanished.c.connection, vanished.c.address)
missing: Final = _table(
    "missing",
    "connection lead activity",
    _integer("connection"),
    _id("lead"),  # '' where the activity is whosever's
    _id("activity"),  # '' where it is the lead itself
    _text("state"),  # new, held or accepted
)

touchpoints: Final = _table(
    "touchpoints",
    "connection touchpoint",
    _integer("connection"),
    _integer("touchpoint"),
    _id("digest"),  # of kind, url and name: a URL may be too long for an index
    _text("kind"),
    _text("url", null=True),
    _text("name", null=True),
)
Index("touchpoints_digest", touchpoints.c.connection, touchpoints.c.digest, unique=True)

activities: Final = _table(
    "activities",
    "connection bucket lead id",
    _integer("connection"),
    _small("bucket"),
    _id("lead"),
    _id("id"),
    _integer("touchpoint"),
    _big("occurred_at"),
    _number("seconds"),
    _number("value"),
    postgresql_include=["touchpoint", "occurred_at", "seconds", "value"],
)
unclaimed: Final = _table(
    "unclaimed",
    "connection lead address id",
    _integer("connection"),
    _id("lead"),  # '' where only the address is known
    _id("address"),
    _id("id"),
    _integer("touchpoint"),
    _big("occurred_at"),
    _number("seconds"),
    _number("value"),
    _big("seen"),  # number of the change that brought it
)
Index("unclaimed_address", unclaimed.c.connection, unclaimed.c.address)

outcomes: Final = _table(
    "outcomes",
    "connection lead id",
    _integer("connection"),
    _id("lead"),  # '' where it is the account's
    _id("id"),
    _id("account", null=True),
    _text("outcome"),
    _big("occurred_at"),
)
field_history: Final = _table(
    "field_history",
    "connection lead field since",
    _integer("connection"),
    _id("lead"),
    _id("field"),
    _big("since"),
    _text("value", null=True),
    _text("before", null=True),
)
merges: Final = _table(
    "merges",
    "connection old",
    _integer("connection"),
    _id("old"),
    _id("survivor"),
)
Index("merges_survivor", merges.c.connection, merges.c.survivor)

_SQL: Final = {pl.Int64(): Integer, pl.Float64(): Double, pl.String(): Text, TIME: BigInteger}
OUTPUTS: Final = {output.name: _SQL[output.dtype] for output in outputs.OUTPUTS}
"""The outputs in the order in which they are written, and how each is stored."""

outboxes: Final = Table(
    "outboxes",
    metadata,
    Column("outbox", Integer, primary_key=True),
    _integer("connection"),
    _id("prefix"),
    _integer("held_run", null=True),
    _text("held_reason", null=True),
    _big("sent_until", null=True),  # the latest lead_scored_at that was ever on its way
    _integer("judging", null=True),  # the pass that stages results, until it has judged whether they surprise
    _integer("held_most", null=True),  # how many of the leads that surprised may still differ for the hold to end
    UniqueConstraint("connection", "prefix", name="outboxes_prefix"),
)
stale: Final = _table(
    "stale",
    "outbox bucket lead",
    _integer("outbox"),
    _small("bucket"),
    _id("lead"),
    _big("change"),  # number of the last change
    _flag("data"),
    _flag("activity"),
)
results: Final = _table(
    "results",
    "outbox bucket lead",
    _integer("outbox"),
    _small("bucket"),
    _id("lead"),
    *(Column(name, kind) for name, kind in OUTPUTS.items()),
    *(Column(f"told_{name}", kind) for name, kind in OUTPUTS.items()),
    _big("told_at", null=True),
    _big("told_by", null=True),  # number of the change that recorded it
    _text("pending", null=True),  # why it waits to be written: again, band or drift
    _text("causes", default=""),  # what moved it since it was last written
    _integer("run", null=True),
    _integer("surprised_by", null=True),  # the pass that moved its grade or priority, if many were moved
)
Index(
    "results_pending",
    results.c.outbox,
    results.c.pending,
    results.c.lead_priority,
    results.c.lead_priority_index,
    sqlite_where=results.c.pending.is_not(None),
    postgresql_where=results.c.pending.is_not(None),
)
Index(
    "results_surprised",
    results.c.outbox,
    results.c.surprised_by,
    sqlite_where=results.c.surprised_by.is_not(None),
    postgresql_where=results.c.surprised_by.is_not(None),
)
in_flight: Final = _table(
    "in_flight",
    "outbox bucket lead",
    _integer("outbox"),
    _small("bucket"),
    _id("lead"),
    _integer("run"),
    _text("payload"),  # JSON: value by output
    _text("pending", null=True),  # as it was before
    _text("causes"),
    _big("sent_at"),
)
refused: Final = _table(
    "refused",
    "outbox bucket lead",
    _integer("outbox"),
    _small("bucket"),
    _id("lead"),
    _text("code"),
    _text("message"),
    _text("payload"),  # JSON: value by output
    _integer("attempts"),
    _big("first_at"),
    _big("last_at"),
    _big("next_at"),
)
writes: Final = _table(
    "writes",
    "outbox bucket lead change",
    _integer("outbox"),
    _small("bucket"),
    _id("lead"),
    _big("change"),  # number of the change that recorded it: later writes have higher ones
    _big("written_at"),
    _integer("run"),
    _text("causes"),
    _text("before"),  # JSON: value by output
    _text("after"),  # JSON: value by output
)
Index("writes_run", writes.c.outbox, writes.c.run)

crm_fields: Final = _table(
    "crm_fields",
    "connection field",
    _integer("connection"),
    _id("field"),  # the CRM's name, with its object where it has several
    _text("output"),
    _text("origin"),  # made or adopted
    _flag("is_new"),  # told nothing yet, whatever the results say
    _big("since"),
)
found: Final = _table(
    "found",
    "outbox bucket lead",
    _integer("outbox"),
    _small("bucket"),
    _id("lead"),
    _text("holds"),  # JSON: value by output, of those that the CRM was last seen to hold other than it was told
    _text("before"),  # JSON: value by output, of those that were not empty before they were first written
    _text("mended"),  # JSON: outputs that were written again since they had drifted
)

notes: Final = _table(
    "notes",
    "connection name",
    _integer("connection"),
    _id("name"),
    _text("text"),
)
runs: Final = Table(
    "runs",
    metadata,
    Column("run", Integer, primary_key=True),
    _integer("connection"),
    _text("kind"),
    _text("holder"),
    _text("state"),
    _big("started_at"),
    _big("finished_at", null=True),
    _text("counts", default="{}"),  # JSON
    _text("message", default=""),
)
Index("runs_connection", runs.c.connection, runs.c.run)
