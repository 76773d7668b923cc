"""The mirror: a copy of the CRM data that the scorecards need."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import orjson
import polars as pl
from sqlalchemy import Connection, Table, delete, func, select

from store.leads import domains, due, erasing, keeping_out
from store.leads.domains import ByDomain
from store.leads.vanishing import Why
from store.mirror import cohorts, conversions, declaring, hearing, linking, marking, planning, reading
from store.mirror.comparing import Comparison
from store.mirror.declaring import FieldChanges
from store.mirror.fields import unpacked
from store.mirror.marking import Given, Judged, Marked, Scans
from store.mirror.memberships import NO_SEGMENTS, Segments
from store.mirror.planning import Replanned
from store.mirror.reading import NO_FIELDS, Beside, Frames, Touchpoints
from store.mirror.saving import NoteOutputs, Saved, save
from store.sql import bulk
from store.sql.bulk import Of
from store.sql.database import Database, moment
from store.sql.leases import Lease, Transaction
from store.sql.schema import (
    accounts,
    activities,
    addresses,
    cursors,
    deals,
    field_history,
    leads,
    memberships,
    merges,
    outcomes,
    touchpoints,
    unclaimed,
    vanished,
)
from vocabulary.fields import TIME, FieldType
from vocabulary.links import Links
from vocabulary.pages import Compared, Cursor, Page, Stream
from vocabulary.rows import ACCOUNT_OUTCOMES, DEALS, FIELD_HISTORY, OUTCOMES

__all__ = ["Counts", "FieldChanges", "Frames", "Mirror", "Saved", "Vanished"]


@dataclass(frozen=True, slots=True)
class Counts:
    """The size of the mirror."""

    leads: int
    accounts: int
    activities: int
    unclaimed: int
    touchpoints: int
    outcomes: int
    deals: int
    memberships: int


@dataclass(frozen=True, slots=True)
class Vanished:
    """A lead that left the mirror and may return."""

    lead: str
    address: str | None
    why: Why
    since: datetime


class Mirror:
    """The leads of one connection with their accounts, activities, outcomes and field history."""

    def __init__(self, database: Database, connection: int, note_outputs: NoteOutputs) -> None:
        self._database, self._id, self._note_outputs = database, connection, note_outputs
        self._touchpoints = Touchpoints(connection)

    @property
    def buckets(self) -> range:
        """All buckets. A stable hash of the id assigns each lead to one."""
        return range(bulk.BUCKETS)

    def declare(
        self,
        fields: Mapping[str, FieldType],
        lease: Lease,
        of_deals: Mapping[str, FieldType] = NO_FIELDS,
        segments: Segments = NO_SEGMENTS,
    ) -> FieldChanges:
        """Set the fields of leads and deals that the scorecards use, and erase all others.

        Fields that list memberships have `segments`. Added fields are empty until the CRM is read again: reset the
        streams of leads and accounts, of deals, or of segments.
        """
        return lease.write(self._id, lambda tx: declaring.declare(tx, fields, of_deals, segments))

    def declare_domains(self, by_domain: ByDomain | None, lease: Lease) -> None:
        """Set the fields by whose domains leads belong to accounts; None if they only belong to the one they name."""
        if self._database.read(lambda sql: domains.declared(sql, self._id)) != by_domain:
            lease.write(self._id, lambda tx: domains.declare(tx, by_domain))

    def account_sizes(self) -> pl.DataFrame:
        """Return the number of `leads` of every `account`, in the order of the accounts' ids."""
        return self._database.read(lambda sql: cohorts.sizes(sql, self._id))

    def leads_of(self, accounts: Sequence[str]) -> list[str]:
        """Return the leads that belong to these accounts."""
        return self._database.read(lambda sql: cohorts.people(sql, self._id, accounts))

    def without_account(self, buckets: range) -> list[str]:
        """Return the leads in some buckets that belong to no account."""
        return self._database.read(lambda sql: cohorts.alone(sql, self._id, buckets))

    def by_account(self, leads: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return the accounts that these leads belong to, and those of the leads that belong to none."""
        return self._database.read(lambda sql: cohorts.split(sql, self._id, leads))

    def replan(self, streams: Sequence[Stream], lease: Lease) -> Replanned:
        """Set the streams that are read. Of those that the settings changed, drop cursor and what no longer holds.

        Return which streams are read again from the start.
        """
        if self._database.read(lambda sql: planning.is_settled(sql, self._id, streams)):
            return Replanned()
        return lease.write(self._id, lambda tx: planning.replan(tx, streams))

    def replanned(self, streams: Sequence[Stream]) -> Replanned:
        """Return what `replan` would do."""
        return self._database.read(lambda sql: planning.compared(sql, self._id, streams))

    def cursor(self, stream: str) -> Cursor | None:
        """Return the cursor to resume the stream from, or None before its first page."""
        here = (cursors.c.connection == self._id, cursors.c.stream == stream)
        text = self._database.read(lambda sql: sql.execute(select(cursors.c.cursor).where(*here)).scalar())
        cursor: Cursor | None = orjson.loads(text) if text else None
        return cursor

    def reset(self, streams: Sequence[str], lease: Lease) -> None:
        """Delete the cursors of these streams, so that the next pull reads everything again."""
        these = delete(cursors).where(cursors.c.connection == self._id, cursors.c.stream.in_(streams))
        lease.write(self._id, lambda tx: tx.sql.execute(these))

    def declared(self, of: Literal["leads", "deals"] = "leads") -> dict[str, FieldType]:
        """Return the fields that the mirror reads of each lead or deal, with their types."""
        return self._database.read(lambda sql: declaring.declared(sql, self._id, of))

    def declare_outputs(self, names: Collection[str], lease: Lease, made: Collection[str] = ()) -> tuple[str, ...]:
        """Set the output fields that are read with every lead; return those whose values are still unknown.

        Their values are known once the leads were listed again. `made`: fields that leadgauge created, which were empty
        before.
        """
        return lease.write(self._id, lambda tx: declaring.declare_outputs(tx, names, made))

    def links(self) -> Links:
        """Return how to link to the pages of leads, as a pass last saved it."""
        return self._database.read(lambda sql: linking.read(sql, self._id))

    def save_links(self, found: Links, lease: Lease) -> None:
        """Save how to link to the pages of leads, if that changed."""
        if found != self.links():
            lease.write(self._id, lambda tx: linking.save(tx, found))

    def await_outputs(self, lease: Lease) -> None:
        """Note that leads are read before any output field was declared: those declared later are unknown."""
        lease.write(self._id, declaring.await_outputs)

    def save(self, page: Page, lease: Lease, at: datetime | None = None) -> Saved:
        """Store a page and its cursor in one transaction. Saving a page twice changes nothing."""
        return self.save_all([page], lease, at)

    def save_all(
        self, pages: Sequence[Page], lease: Lease, at: datetime | None = None, *, filled: datetime | None = None
    ) -> Saved:
        """Store several pages and their cursors in one transaction. The pages of each stream must be in order.

        `at`: when they were read, by default now. `filled`: when the streams were last read; new leads that the CRM had
        before become entrants (see `store.leads.entering`).
        """
        read_at = at or datetime.now(UTC)
        return lease.write(self._id, lambda tx: save(tx, pages, read_at, self._note_outputs, filled))

    def save_due(
        self, pages: Sequence[Page], taken: pl.DataFrame, lease: Lease, at: datetime, filled: datetime | None
    ) -> tuple[Saved, int]:
        """Store pages with what was due (`store.leads.due.TAKEN`), which is no longer, in one transaction.

        Return also its number, by which the leads that it marked can be told from others.
        """

        def write(tx: Transaction) -> tuple[Saved, int]:
            saved = save(tx, pages, at, self._note_outputs, filled)
            due.done(tx, taken)
            return saved, tx.number

        return lease.write(self._id, write)

    def compare(self, prefix: str, compares: Compared = "activities") -> Comparison:
        """Begin to compare the rows whose ids have this part before the colon with those of the CRM."""
        return Comparison(self._database, self._id, prefix, compares)

    def frames(
        self,
        of: Of,
        fields: Mapping[str, FieldType],
        of_deals: Mapping[str, FieldType] = NO_FIELDS,
        of_accounts: Mapping[str, FieldType] | None = None,
        accounts: Sequence[str] | None = None,
        *,
        known_at: datetime | None = None,
    ) -> Frames:
        """Read leads with these fields and all their activities, by bucket, range of buckets, or ids.

        With fields of deals, also the deals of these leads and of their accounts; with fields of accounts, also the
        accounts that these leads belong to, or those that are named. Leads that the mirror does not have are absent,
        and merged ids are not replaced (see `resolve`). `known_at`: take the marks of machine traffic that held then.
        """
        beside = Beside(of_deals, of_accounts, accounts, known_at)
        return self._database.read(lambda sql: reading.frames(sql, self._id, of, fields, beside, self._touchpoints))

    def touchpoints(self) -> pl.DataFrame:
        """Return all touchpoints of the connection, as `frames` does."""
        return self._database.read(self._touchpoints.read)

    def marked_by(self) -> int | None:
        """Return the version of the recogniser that looks at the machine traffic of all leads; None for none."""
        return self._database.read(lambda sql: marking.marked_by(sql, self._id))

    def begin_marking(self, version: int, lease: Lease) -> bool:
        """Let all leads wait to be marked by a version of the recogniser; return whether another one did it before."""
        before = self.marked_by()
        if before != version:
            lease.write(self._id, lambda tx: marking.begin(tx, version))
        return before not in {None, version}

    def to_mark(self, most: int, since: int = 0) -> Given | None:
        """Return up to `most` leads whose machine traffic is to be marked, with what they did; None if none waits.

        `since`: only those that a change of this number, or a later one, lets wait.
        """
        return self._database.read(lambda sql: self._to_mark(sql, most, since))

    def save_marks(self, given: Given, judged: Judged, lease: Lease, at: datetime, scans: Scans) -> Marked:
        """Store what the recogniser says of leads at a time; return what changed."""
        return lease.write(self._id, lambda tx: marking.save(tx, given, judged, at, scans))

    def marks(self, of: Of, known_at: datetime | None = None) -> pl.DataFrame:
        """Return `lead id marked_at reasons evidence version` of activities that are a machine's, or were at a time."""
        found = self._database.read(lambda sql: marking.of_leads(sql, self._id, of, known_at))
        return found.cast({"marked_at": TIME})

    def _to_mark(self, sql: Connection, most: int, since: int) -> Given | None:
        found = marking.waiting(sql, self._id, most, since)
        if found.is_empty():
            return None
        done, domains = marking.doings(sql, self._id, found), marking.scanning(sql, self._id)
        return Given(found, done, self._touchpoints.read(sql), domains)

    def people(self, of: Of, fields: Mapping[str, FieldType]) -> pl.DataFrame:
        """Read leads with these fields, without their activities; see `frames`."""
        return self._database.read(lambda sql: reading.people(sql, self._id, of, fields))

    def bucket_counts(self) -> list[int]:
        """Count the leads in each bucket."""
        found = (
            select(leads.c.bucket, func.count().label("leads"))
            .where(leads.c.connection == self._id)
            .group_by(leads.c.bucket)
        )
        counted = self._database.read(lambda sql: {row.bucket: row.leads for row in sql.execute(found)})
        return [counted.get(bucket, 0) for bucket in self.buckets]

    def resolve(self, lead: str) -> str | None:
        """Return the id of this lead in the mirror: itself or its survivor; None if there is neither."""
        return self._database.read(lambda sql: self._resolve(sql, lead))

    def has_account(self, account: str) -> bool:
        """Return whether the mirror has an account with this id."""
        here = select(accounts.c.account).where(accounts.c.connection == self._id, accounts.c.account == account)
        return self._database.read(lambda sql: sql.execute(here).scalar()) is not None

    def address_of(self, lead: str) -> str | None:
        """Return the digest of a lead's first e-mail address; None if the lead or its address is unknown."""
        here = (leads.c.connection == self._id, leads.c.bucket == bulk.bucket(lead), leads.c.lead == lead)
        return self._database.read(lambda sql: sql.execute(select(leads.c.address).where(*here)).scalar())

    def addresses_of(self, lead: str) -> frozenset[str]:
        """Return the digests of all e-mail addresses of a lead, even if it has vanished or is excluded."""
        return self._database.read(lambda sql: erasing.addresses_of(sql, self._id, [lead]))

    def lead_of_address(self, address: str) -> str | None:
        """Return the oldest lead with this digest of an e-mail address (see `vocabulary.rows.address_digest`).

        A lead whose first address it is goes before one that has it as a further address.
        """
        here = (leads.c.connection == self._id, leads.c.address == address)
        oldest = select(leads.c.lead).where(*here).order_by(leads.c.created_at.nulls_last(), leads.c.lead).limit(1)
        also = (addresses.c.connection == self._id, addresses.c.address == address, addresses.c.bucket >= 0)
        further = select(addresses.c.lead).where(*also).order_by(addresses.c.lead).limit(1)
        return self._database.read(lambda sql: sql.execute(oldest).scalar() or sql.execute(further).scalar())

    def vanished(self, named: str) -> Vanished | None:
        """Return the vanished lead with this id or this digest of an e-mail address."""
        further = (addresses.c.connection == self._id, addresses.c.address == named, addresses.c.bucket < 0)
        of_further = vanished.c.lead.in_(select(addresses.c.lead).where(*further))
        known = (vanished.c.lead == named) | (vanished.c.address == named) | of_further
        columns = select(vanished.c.lead, vanished.c.address, vanished.c.why, vanished.c.since)
        found = columns.where(vanished.c.connection == self._id, known).order_by(vanished.c.lead)
        row = self._database.read(lambda sql: sql.execute(found).first())
        return Vanished(row.lead, row.address, row.why, moment(row.since)) if row else None

    def outcomes(self) -> pl.DataFrame:
        """Return all conversions (`vocabulary.rows.OUTCOMES`), those of an account once for each of its leads."""
        return self._frame(conversions.every(self._id), OUTCOMES)

    def creations(self) -> pl.DataFrame:
        """Return `lead` and `created_at` of all leads."""
        here = (leads.c.connection == self._id, leads.c.bucket >= 0)
        schema = {"lead": pl.String(), "created_at": TIME}
        return self._frame(select(leads.c.lead, leads.c.created_at).where(*here), schema)

    def members(self) -> pl.DataFrame:
        """Return `lead`, `created_at` and the `account` that each belongs to today, of all leads."""
        found = self._database.read(lambda sql: cohorts.placed(sql, self._id))
        return found.with_columns(pl.col("created_at").cast(TIME))

    def account_outcomes(self) -> pl.DataFrame:
        """Return what converts accounts (`vocabulary.rows.ACCOUNT_OUTCOMES`)."""
        return self._frame(conversions.for_accounts(self._id), ACCOUNT_OUTCOMES)

    def deal_moments(self) -> pl.DataFrame:
        """Return when each `deal` was created (`created_at`) and won (`won_at`), if that counts as a conversion."""
        schema = {name: DEALS[name] for name in ("deal", "created_at", "won_at")}
        return self._frame(select(*(deals.c[name] for name in schema)).where(deals.c.connection == self._id), schema)

    def deals(self, fields: Mapping[str, FieldType]) -> pl.DataFrame:
        """Return `deal`, `account`, `created_at`, `won_at`, if these count as conversions, and fields of all deals."""
        schema = {name: DEALS[name] for name in ("deal", "account", "created_at", "won_at")} | {"fields": pl.String()}
        found = self._frame(select(*(deals.c[name] for name in schema)).where(deals.c.connection == self._id), schema)
        return found.drop("fields").hstack(unpacked(found["fields"], fields).get_columns())

    def deal_leads(self) -> pl.DataFrame:
        """Return the `lead` of each `deal`, and of each deal of an account all leads of that, as deals count."""
        return self._frame(conversions.leads_of_deals(self._id), {"deal": pl.String(), "lead": pl.String()}).unique()

    def done(self, leads: Sequence[str], kinds: Collection[str]) -> pl.DataFrame:
        """Return `lead`, `kind` and `occurred_at` of the activities of some leads that are of these kinds."""
        wire = {"lead": pl.String(), "touchpoint": pl.UInt32(), "occurred_at": pl.Int64()}

        def read(sql: Connection) -> pl.DataFrame:
            places = self._touchpoints.read(sql).filter(pl.col("kind").is_in(list(kinds)))
            found = bulk.read_of(sql, activities, list(leads), wire, connection=self._id)
            return found.join(places.select("touchpoint", "kind"), on="touchpoint").drop("touchpoint")

        return self._database.read(read).cast({"occurred_at": TIME}).select("lead", "kind", "occurred_at")

    def kinds(self) -> frozenset[str]:
        """Return the kinds of the activities that were ever stored."""
        return frozenset(self._database.read(self._touchpoints.read)["kind"].unique())

    def field_history(self, fields: Sequence[str]) -> pl.DataFrame:
        """Return the history of these fields (`vocabulary.rows.FIELD_HISTORY`)."""
        columns = select(*(field_history.c[name] for name in FIELD_HISTORY))
        here = (
            field_history.c.connection == self._id,
            field_history.c.field.in_(fields),
            conversions.is_here(field_history),
        )
        return self._frame(columns.where(*here), FIELD_HISTORY)

    def field_history_of(self, leads: Sequence[str], fields: Sequence[str]) -> pl.DataFrame:
        """Return the same for some leads."""
        wire = {name: pl.Int64() if dtype == TIME else dtype for name, dtype in FIELD_HISTORY.items()}
        key = bulk.owned(pl.DataFrame({"lead": list(leads)}, schema={"lead": pl.String()}), connection=self._id)
        found = self._database.read(lambda sql: bulk.find(sql, field_history, key, wire))
        return found.filter(pl.col("field").is_in(list(fields))).cast(FIELD_HISTORY)

    def feedback(self, leads: Sequence[str] | None = None) -> pl.DataFrame:
        """Return what sales said about all leads, or about these, and when (`vocabulary.feedback.SAID`)."""
        return self._database.read(lambda sql: hearing.statements(sql, self._id, leads))

    def counts(self) -> Counts:
        """Count the rows of the mirror."""
        return self._database.read(lambda sql: Counts(*(_count(sql, table, self._id) for table in _COUNTED)))

    def forget(self, lead: str, lease: Lease, *, stay_out: bool = False, also: frozenset[str] = frozenset()) -> bool:
        """Erase a person from every table and from the database's files; return whether anything was stored.

        `also`: digests of further addresses of the person. `stay_out`: keep digests of the id and of all addresses, by
        which the person is not stored again.
        """
        known = lease.write(self._id, lambda tx: erasing.forget(tx, lead, stay_out=stay_out, also=also))
        self._database.scrub()
        return known

    def waits_for(self, known: frozenset[str]) -> bool:
        """Return whether activities wait for a lead with one of these digests of an e-mail address."""
        return self._database.read(lambda sql: erasing.waits(sql, self._id, known))

    def forget_addresses(self, known: frozenset[str], lease: Lease, *, stay_out: bool = False) -> None:
        """Erase what waits for these digests of e-mail addresses. `stay_out`: never store who has them."""

        def write(tx: Transaction) -> None:
            erasing.drop_waiting(tx, known)
            if stay_out:
                keeping_out.keep_out(tx, (), known)

        lease.write(self._id, write)
        self._database.scrub()

    def _resolve(self, sql: Connection, lead: str) -> str | None:
        survivor = select(merges.c.survivor).where(merges.c.connection == self._id, merges.c.old == lead)
        carrier = sql.execute(survivor).scalar() or lead
        here = (leads.c.connection == self._id, leads.c.bucket == bulk.bucket(carrier), leads.c.lead == carrier)
        return sql.execute(select(leads.c.lead).where(*here)).scalar()

    def _frame(self, statement: Any, schema: Mapping[str, Any]) -> pl.DataFrame:
        """Read a query into a frame, converting microseconds to times."""
        wire = {name: pl.Int64 if dtype == TIME else dtype for name, dtype in schema.items()}
        return self._database.read(lambda sql: bulk.read(sql, statement, wire)).cast(pl.Schema(schema))


_COUNTED = (leads, accounts, activities, unclaimed, touchpoints, outcomes, deals, memberships)


def _count(sql: Connection, table: Table, connection: int) -> int:
    here = [table.c.connection == connection]
    if "bucket" in table.c:
        here.append(table.c.bucket >= 0)
    if table is outcomes:
        here.append(conversions.is_here(outcomes))
    return sql.execute(select(func.count()).select_from(table).where(*here)).scalar_one()
