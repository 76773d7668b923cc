"""The tables. Times are microseconds since 1970 in UTC; columns with JSON are marked as such.

To read a time: `datetime(column / 1000000, 'unixepoch')` on SQLite, `to_timestamp(column / 1e6)` on PostgreSQL.

The data of leads is keyed by (bucket, lead), where bucket is a stable hash of the lead's id, so that a bucket is one
contiguous part of every table. Rows of a vanished lead are moved to the bucket -1 - bucket, which no query reads.
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
    false,
    func,
    literal_column,
    text,
)

from vocabulary import outputs
from vocabulary.fields import TIME

Id: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""Text compared byte by byte, like in SQLite and Polars."""

metadata: Final = MetaData()


def _table(name: str, key: str, *columns: Column[object], clustered: bool = True, **options: object) -> Table:
    """Declare a table with the space-separated primary key; `clustered` stores SQLite's rows in key order."""
    primary = PrimaryKeyConstraint(*key.split(), name=f"{name}_key", **options)  # type: ignore[arg-type]  # dialect options
    return Table(name, metadata, *columns, primary, sqlite_with_rowid=not clustered)


def _integer(name: str, *, null: bool = False, default: str | None = None) -> Column[object]:
    return Column(name, Integer, nullable=null, server_default=default, autoincrement=False)


def _small(name: str) -> Column[object]:
    return Column(name, SmallInteger, nullable=False, autoincrement=False)


def _big(name: str, *, null: bool = False, default: str | None = None) -> Column[object]:
    return Column(name, BigInteger, nullable=null, server_default=default)


def _id(name: str, *, null: bool = False, default: str | None = None) -> Column[object]:
    return Column(name, Id, nullable=null, server_default=default)


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
    _big("changes", default="0"),  # number of write transactions so far
    _text("fields", default="{}"),  # JSON: type by declared field
    _text("deal_fields", default="{}"),  # JSON: type by declared field of deals
    _text("member_of", default="{}"),  # JSON: segment by entry, by field that lists what a lead belongs to
    _text("outputs", null=True),  # JSON: number of the change since which it is read with each lead, by output field
    _big("fence", default="0"),  # number of leases so far
    _text("holder", null=True),  # for people: host and process
    _text("process", null=True),  # unique id of the process
    _text("purpose", null=True),
    _big("until", null=True),
    _big("ttl", null=True),
    _text("links", null=True),  # JSON: the URLs of pages, by what the id begins with
    _text("by_domain", null=True),  # JSON: the fields of lead and account by whose domain a lead joins an account
    _integer("marked_by", null=True),  # the version of the recogniser that marked the machine traffic of all leads
    UniqueConstraint("name", name="connections_name"),
)
daemons: Final = _table(
    "daemons",
    "process",
    _id("process"),  # its unique id
    _text("name"),  # for people: host and process
    _text("connections"),  # JSON: those in its settings
    _big("beat_at"),  # when it last said that it is alive
)
identity: Final = Table("identity", metadata, _id("id"))  # one row: the unique id of this database
cursors: Final = _table(
    "cursors",
    "connection stream",
    _integer("connection"),
    _id("stream"),
    _text("cursor"),  # JSON, defined by the connector
    _big("total", null=True),
    _big("moved_at"),
)
plans: Final = _table(
    "plans",
    "connection stream",
    _integer("connection"),
    _id("stream"),
    _text("plan"),  # digest of the settings that decide what it brings
    _text("ids"),  # JSON: what the ids of its rows begin with
)
listings: Final = _table(
    "listings",
    "connection listing",
    _integer("connection"),
    _id("listing"),
    _big("number"),  # of the change that started it
    _big("started_at"),
    _big("finished_at", null=True),
    _big("settled_at", null=True),  # when the leads missing from it were checked
)
accounts: Final = _table(
    "accounts",
    "connection account",
    _integer("connection"),
    _id("account"),
    _text("fields"),  # JSON: value by field
    _id("domain", null=True),  # by which leads without an account belong to it
    _big("read_by", null=True),  # number of the last change with what our fields of the account hold
)
Index(
    "accounts_domain",
    accounts.c.connection,
    accounts.c.domain,
    sqlite_where=accounts.c.domain.is_not(None),
    postgresql_where=accounts.c.domain.is_not(None),
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
    _big("listing", null=True),  # number of the last listing that had the lead
    _big("first_seen"),  # number of the change that added it
    _id("domain", null=True),  # by which it belongs to an account, if it names none
)
Index("leads_account", leads.c.connection, leads.c.account)
Index(
    "leads_domain",
    leads.c.connection,
    leads.c.domain,
    sqlite_where=leads.c.domain.is_not(None),
    postgresql_where=leads.c.domain.is_not(None),
)
Index("leads_address", leads.c.connection, leads.c.address)

addresses: Final = _table(
    "addresses",
    "connection bucket lead address",
    _integer("connection"),
    _small("bucket"),
    _id("lead"),
    _id("address"),  # digest of an e-mail address that the lead has besides the one in `leads`
)
Index("addresses_address", addresses.c.connection, addresses.c.address)

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
    _flag("unsure"),  # a write was in flight, so the values in the CRM are unknown
    _id("domain", null=True),
)
Index("vanished_address", vanished.c.connection, vanished.c.address)
missing: Final = _table(
    "missing",
    "connection lead activity",
    _integer("connection"),
    _id("lead"),  # '' if the activity's lead is unknown
    _id("activity"),  # '' if the lead itself is missing
    _text("state"),  # new, held or accepted
)

excluded: Final = _table(
    "excluded",
    "connection lead address",
    _integer("connection"),
    _id("lead"),
    _id("address"),  # digest, so that what names only the address is not kept either; one row each, '' without any
    _text("name"),  # of the condition in the settings
    _big("seen"),  # number of the last change that recognised the lead
    _id("account", null=True),
    _text("changed", default="[]"),  # JSON: the fields of its account that changed since
)
Index("excluded_address", excluded.c.connection, excluded.c.address)
Index("excluded_account", excluded.c.connection, excluded.c.account)
kept_out: Final = _table(
    "kept_out",
    "connection digest",
    _integer("connection"),
    _id("digest"),  # of the id or the e-mail address of a person who must not be read again
    _big("since"),
)
entrants: Final = _table(
    "entrants",
    "connection lead",
    _integer("connection"),
    _id("lead"),
    _text("state"),  # new: to be read by lead; listing: waits for streams that can only be listed
)

further_fields: Final = _table(
    "further_fields",
    "connection lead address id",
    _integer("connection"),
    _id("lead"),  # '' if it is known by an address
    _id("address"),  # digest of an e-mail address; '' if it is known by the id of a lead
    _id("id"),  # of the source in the warehouse, and of whose values they are
    _big("changed_at"),  # in the warehouse; 0 if it does not say
    _text("fields"),  # JSON: value by field
)
Index("further_fields_id", further_fields.c.connection, further_fields.c.id)

due: Final = _table(
    "due",
    "connection stream by id",
    _integer("connection"),
    _id("stream"),
    _id("by"),  # lead or record: what the id is of
    _id("id"),
    _big("changed_at", null=True),  # by the CRM's clock, if the feed told
    _big("heard_at"),  # when the feed first told
    _big("number"),  # of the change that marked it last
)
Index("due_heard", due.c.connection, due.c.heard_at)

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
    _big("mail", null=True),  # digest of which mail to this lead was opened or clicked
    _big("sent_at", null=True),  # when that was sent
    _big("mail_domain", null=True),  # digest of the domain that it was sent to
    postgresql_include=["touchpoint", "occurred_at", "seconds", "value"],
)
SHARED: Final = "substr(id, 1, 6) NOT IN ('event:', 'email:') AND substr(id, 1, 5) <> 'form:'"
"""Activities that the CRM may give to another lead: an index of all ids would be as large as the table."""
Index(
    "activities_shared",
    activities.c.connection,
    activities.c.id,
    sqlite_where=text(SHARED),
    postgresql_where=text(SHARED),
)
unclaimed: Final = _table(
    "unclaimed",
    "connection lead address id",
    _integer("connection"),
    _id("lead"),  # '' if only the address is known
    _id("address"),
    _id("id"),
    _integer("touchpoint"),
    _big("occurred_at"),
    _number("seconds"),
    _number("value"),
    _big("mail", null=True),
    _big("sent_at", null=True),
    _big("mail_domain", null=True),
    _big("seen"),  # number of the change that added it
    _big("since", default="0"),  # when it was added
)
Index("unclaimed_address", unclaimed.c.connection, unclaimed.c.address)

to_mark: Final = _table(
    "to_mark",
    "connection bucket lead",
    _integer("connection"),
    _small("bucket"),
    _id("lead"),  # whose activities changed since its machine traffic was marked
    _big("change"),  # number of the last change
)
machine_marks: Final = _table(
    "machine_marks",
    "connection bucket lead id marked_at",
    _integer("connection"),
    _small("bucket"),
    _id("lead"),
    _id("id"),  # of the activity; its last row counts, and one without any is a person's
    _big("marked_at"),
    _text("reasons"),  # '' if the mark was taken back
    _text("evidence"),  # the same with their figures
    _integer("version"),  # of the recogniser
)
mail_tallies: Final = _table(
    "mail_tallies",
    "connection bucket lead mail_domain",
    _integer("connection"),
    _small("bucket"),
    _id("lead"),
    _big("mail_domain"),
    _integer("mails"),  # that were opened or clicked
    _integer("scanned"),  # of these, those that a scanner clicked
)
Index("mail_tallies_domain", mail_tallies.c.connection, mail_tallies.c.mail_domain)
scanning_domains: Final = _table(
    "scanning_domains",
    "connection mail_domain",
    _integer("connection"),
    _big("mail_domain"),  # of a domain that scans nearly every mail
    _big("since"),
)

outcomes: Final = _table(
    "outcomes",
    "connection lead id",
    _integer("connection"),
    _id("lead"),
    _id("id"),
    _text("outcome"),
    _big("occurred_at"),
)
Index("outcomes_id", outcomes.c.connection, outcomes.c.id)
deals: Final = _table(
    "deals",
    "connection deal",
    _integer("connection"),
    _id("deal"),
    _id("account", null=True),
    _big("created_at", null=True),  # if that is a conversion
    _big("won_at", null=True),  # likewise
    _flag("for_account"),  # whether it is one of all leads of the account
    _text("fields"),  # JSON: value by field
)
Index("deals_account", deals.c.connection, deals.c.account)
deal_leads: Final = _table(
    "deal_leads",
    "connection bucket lead id",
    _integer("connection"),
    _small("bucket"),
    _id("lead"),
    _id("id"),  # of the deal, or of the record that joins the two
    _id("deal"),
)
Index("deal_leads_deal", deal_leads.c.connection, deal_leads.c.deal)
memberships: Final = _table(
    "memberships",
    "connection bucket lead segment",
    _integer("connection"),
    _small("bucket"),
    _id("lead"),
    _id("segment"),  # as the settings name it
    _big("read_at"),  # when the reading began that has it
)
Index("memberships_segment", memberships.c.connection, memberships.c.segment)
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
"""The outputs in order, and how each is stored."""

outboxes: Final = Table(
    "outboxes",
    metadata,
    Column("outbox", Integer, primary_key=True),
    _integer("connection"),
    _id("prefix"),
    _id("of", default="leads"),  # leads or accounts: whose ids are in the columns `lead`
    _integer("held_run", null=True),
    _text("held_reason", null=True),
    _big("sent_until", null=True),  # the latest lead_scored_at ever sent
    _integer("judging", null=True),  # the run that is staging results, until the guard has judged it
    _integer("held_most", null=True),  # the hold ends once at most this many surprising leads differ
    # Whether a person, or the settings, allowed to write.
    Column("allowed", Boolean, nullable=False, default=False, server_default=false()),
    _integer("alerts_after", null=True),  # the run that wrote everybody for the first time: later ones alert people
    _big("fed_since", null=True),  # since when passes by the feed are counted for the guard
    _integer("fed_moved", default="0"),  # how many leads these have moved to another grade or priority
    _integer("fed_known", default="0"),  # of how many that were written, as last counted
    UniqueConstraint("connection", "prefix", "of", name="outboxes_prefix"),
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
    _text("pending", null=True),  # why it is pending: again, anew, band, drift or mend
    _text("causes", default=""),  # what changed it since it was last written
    _integer("run", null=True),
    _integer("level", null=True),  # the place of its priority among those of its scorecard; 1 is the best
    _integer("surprised_by", null=True),  # the run that moved its grade or priority, until the guard has accepted it
    Column("due_at", BigInteger, server_default="0"),  # from when on time alone can change what is written; null: never
)
DUE: Final = Index("results_due", results.c.outbox, results.c.due_at)
URGENCY: Final = (
    results.c.pending,  # again, anew, band, drift, mend
    func.coalesce(results.c.level, literal_column("32767")),
    func.coalesce(results.c.lead_priority_index, literal_column("-1")).desc(),
    results.c.lead,
)
"""The order of writing. Literals, since an index on an expression serves only the same words; without nulls, since
SQLite would sort for NULLS LAST what the index has in order."""
PENDING: Final = Index(
    "results_pending",
    results.c.outbox,
    *URGENCY,
    results.c.level,
    sqlite_where=results.c.pending.is_not(None),
    postgresql_where=results.c.pending.is_not(None),
)
TOLD_BY: Final = Index("results_told", results.c.outbox, results.c.told_by)
SURPRISED: Final = Index(
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
chunks: Final = _table(
    "chunks",
    "connection run prefix number",
    _integer("connection"),
    _integer("run"),
    _id("prefix"),
    _integer("number"),
    _text("who"),  # JSON: the buckets, or the accounts, whose leads are scored together
    _text("counts", null=True),  # JSON: what became of them, once they were scored and staged
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
WRITES_OF_RUN: Final = Index("writes_run", writes.c.outbox, writes.c.run)

crm_fields: Final = _table(
    "crm_fields",
    "connection field",
    _integer("connection"),
    _id("field"),  # the CRM's name, with its object where it has several
    _text("output"),
    _text("origin"),  # made or adopted
    _flag("is_new"),  # nothing was written to it yet, whatever the results say
    _big("since"),
)
found: Final = _table(
    "found",
    "outbox bucket lead",
    _integer("outbox"),
    _small("bucket"),
    _id("lead"),
    _text("holds"),  # JSON: value by output, if it differs from what was last written
    _text("before"),  # JSON: value by output, if it was not empty before the first write
    _text("mended"),  # JSON: outputs that were written again because they had drifted
)

crossings: Final = _table(
    "crossings",
    "outbox bucket lead",
    _integer("outbox"),
    _small("bucket"),
    _id("lead"),
    _big("crossed_at", null=True),  # when it last reached the first priority and people were to be told
    _big("left_at", null=True),  # when it left the first priority; NULL while it has it
)
Index("crossings_crossed", crossings.c.outbox, crossings.c.crossed_at)
notices: Final = _table(
    "notices",
    "connection sink key",
    _integer("connection"),
    _id("sink"),  # by its name in the settings
    _id("key"),  # what it is about: the same is never queued twice
    _text("kind"),  # priority, digest or trouble
    _integer("outbox", null=True),
    _id("lead", null=True),
    _text("facts", default="{}"),  # JSON, without anything about a lead
    _big("queued_at"),
    _big("due_at"),  # when it is tried next
    _integer("attempts", default="0"),
    _big("sent_at", null=True),
    _big("dropped_at", null=True),  # when it was too old to be tried again
    _text("error", null=True),  # of the last attempt
)
WAITING: Final = "sent_at IS NULL AND dropped_at IS NULL"
Index(
    "notices_waiting",
    notices.c.connection,
    notices.c.sink,
    notices.c.due_at,
    sqlite_where=text(WAITING),
    postgresql_where=text(WAITING),
)

departures: Final = _table(
    "departures",
    "outbox bucket lead",
    _integer("outbox"),
    _small("bucket"),
    _id("lead"),
    _text("why"),  # outside or excluded
    _text("names"),  # JSON: the outputs that were written, which are to be emptied
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
requests: Final = Table(
    "requests",
    metadata,
    Column("request", Integer, primary_key=True),
    _integer("connection"),
    _text("kind"),
    _text("options"),  # JSON
    _text("asked_by"),  # for people: host and process
    _big("asked_at"),
    _text("state"),  # asked, running or done
    _big("fence", null=True),  # of the lease under which it runs
    _text("answer", null=True),  # JSON: result, error and exit code
)
Index("requests_connection", requests.c.connection, requests.c.request)
