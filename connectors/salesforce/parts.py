"""The objects that streams read: their columns, and how their records become neutral rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Final, Self, TypedDict

import polars as pl

from connectors.salesforce import frames
from connectors.salesforce.position import Position
from connectors.salesforce.soql import Query, all_of, any_of, literal, one_of


class Contents(TypedDict, total=False):
    """The content of a page besides stream and cursor, by the field names of `vocabulary.pages.Page`."""

    leads: pl.DataFrame
    accounts: pl.DataFrame
    activities: pl.DataFrame
    outcomes: pl.DataFrame
    history: pl.DataFrame
    outputs: pl.DataFrame
    account_outputs: pl.DataFrame
    gone: Sequence[str]
    gone_activities: Sequence[tuple[str | None, str]]
    gone_outcomes: Sequence[tuple[str, str]]
    deals: pl.DataFrame
    deal_leads: pl.DataFrame
    gone_deals: Sequence[str]
    gone_accounts: Sequence[str]
    merged_accounts: dict[str, str]
    missing: Sequence[str]
    missing_activities: Sequence[tuple[str | None, str]]
    merged: dict[str, str]
    present: pl.DataFrame


NO_TEXT: Final = pl.lit(None, pl.String)
DAYS: Final = frozenset({"ActivityDate", "FirstRespondedDate"})
"""Standard fields that hold a day, not a time: SOQL compares each with literals of its own type only."""

TIMES: Final = DAYS | {"CreatedDate", "CompletedDateTime", "StartDateTime", "MessageDate", "FirstOpenedDate"}
"""Standard fields that need not be described to know their type."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Tells by ids only whose activities the records of an object are."""

    record: pl.Expr
    """The id that all activities of a record begin with."""
    lead: pl.Expr
    address: pl.Expr
    counts: pl.Expr
    """Whether a record makes activities, if the condition of a full listing cannot tell."""
    only: str | None = None
    """The condition for records that may, if they are fewer than those that a full listing brings."""
    needs_person: bool = True
    """Whether records without lead and address are left out."""

    @property
    def key(self) -> str:
        """The column with the id in `record`, by which a record is read again."""
        return self.record.meta.root_names()[0]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that this takes."""
        return tuple(
            name for part in (self.record, self.lead, self.address, self.counts) for name in part.meta.root_names()
        )

    def contents(self, rows: pl.DataFrame) -> Contents:
        """Return which activities exist."""
        present = rows.filter(self.counts).select(lead=self.lead, address=self.address, record=self.record)
        if self.needs_person:
            present = present.filter(pl.col("lead").is_not_null() | pl.col("address").is_not_null())
        return Contents(present=present)


@dataclass(frozen=True, slots=True)
class StreamObject:
    """One object of a stream."""

    object: str
    columns: tuple[str, ...]
    contents: Callable[[pl.DataFrame], Contents]
    """Converts records to neutral rows."""
    taken_back: Callable[[pl.DataFrame], list[tuple[str | None, str]]] = field(default=lambda _: [])
    """Returns the activities that changed records no longer represent."""
    filter: str | None = None
    """Records that do not match are left out, and withdrawn if they matched before."""
    listed: str | None = None
    """A further condition for full listings. Among changes, `contents` makes the distinction."""
    archived: bool = False
    """Whether old records are only returned by `queryAll`."""
    merges: bool = False
    """Whether records can lose a merge (`MasterRecordId`)."""
    # Set by users and automated processes, unlike LastModifiedDate, which only users set:
    # https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/system_fields.htm (2026-11).
    stamp: str = "SystemModstamp"
    deleted: str = "IsDeleted"
    since: datetime | None = None
    """A full listing leaves out what was made, happened and was last changed before this."""
    happened: tuple[str, ...] = ()
    """The fields with the times that the activities of a record have."""
    days: frozenset[str] = DAYS
    """Those of them that hold a day, by their path or their name."""
    whose: Whose | None = None
    """How its existing activities are found when only ids are read."""
    parents: tuple[str, ...] = ()
    """Relationships to the records that attributes of its activities come from, such as `Campaign`."""
    optional: bool = False
    """Whether the org may lack the object, or the user may not see it; then nothing is read, and `check` reports it."""
    in_listing: bool = True
    """Whether a full listing reads this part. Otherwise it only adds changes of records that another part lists."""
    bound: str | None = None
    """A further condition for changes."""
    basis: str = ""
    """What the values rest on besides the records, such as rates; if it changes, everything is read again."""
    counted: str | None = None
    """The condition for records that are leads, if others are read too."""
    prefix: str = ""
    """What the ids of its records begin with, where a stream has several objects."""
    people: tuple[str, ...] = ()
    """The lookups by which the records of some leads are found."""
    address: str | None = None
    """The field with an e-mail address, by which they are found too."""

    @property
    def selected(self) -> tuple[str, ...]:
        """The columns to query, starting with those for internal use."""
        return tuple(dict.fromkeys(("Id", self.stamp, self.deleted, *self.columns)))

    @property
    def key(self) -> str:
        """The column with the ids that records are known by, which of a relation are those of what it relates to."""
        return self.whose.key if self.whose else "Id"

    def lost(self, ids: Sequence[str]) -> Contents:
        """Return what it means that an answer by id lacks records, deleted ones included.

        Leads and activities are looked up again before they go. Accounts and deals wait until all are compared.
        """
        if not ids:
            return {}
        if self.merges:
            return Contents(missing=ids)
        columns = {name: [None] * len(ids) for name in self.selected}
        rows = pl.DataFrame(
            columns | {self.key: ids, self.deleted: ["true"] * len(ids)}, dict.fromkeys(columns, pl.String)
        )
        missing = self.taken_back(rows)
        return Contents(missing_activities=missing) if missing else {}

    def check(self, rows: pl.DataFrame, *, stamped: bool) -> None:
        """Raise `Unreadable` if a record lacks an id, its times, or whether it is deleted."""
        frames.check_ids(rows)
        frames.check_flags(rows, self.deleted, needed="." not in self.deleted)
        frames.check_times(rows, self.stamp, needed=stamped or "." not in self.stamp)
        if "CreatedDate" in self.columns:
            frames.check_times(rows, "CreatedDate", needed=True)

    def listing(self, position: Position, *, ordered: bool) -> Query:
        """Return the query of a full listing from a position on.

        Ordered by id, because without ORDER BY the order is undefined and a query could not be resumed.
        """
        keyset = position.after and f"Id > {literal(position.after)}"
        where = all_of(self.kept(), keyset)
        return Query(self.object, self.selected, where, "Id" if ordered else "", deleted=self.archived or self.merges)

    def changes(self, position: Position, since: datetime, *, ordered: bool) -> Query:
        """Return the query of the changes from a position on.

        It has no upper bound, because the cursor moves to the time of the first answer: nothing later counts as read.
        """
        keyset = self._keyset(position) if position.after else None
        where = all_of(f"{self.stamp} >= {literal(since)}", self.bound, keyset)
        return Query(self.object, self.selected, where, f"{self.stamp}, Id" if ordered else "", deleted=True)

    def total(self, unchanged_since: datetime | None = None) -> Query:
        """Return the query of the records that a listing must include: all, or those unchanged since a time."""
        untouched = f"{self.stamp} < {literal(unchanged_since)}" if unchanged_since else None
        if self.merges:
            return Query(self.object, ("Id",), all_of(self.filter, self.counted, untouched))
        return Query(self.object, ("Id",), all_of(self.kept(), untouched), deleted=self.archived)

    def of_leads(self, leads: Sequence[str], addresses: Sequence[str]) -> Query | None:
        """Return the query of the records of some leads that a listing would include; None if it has nothing to ask."""
        named = [one_of(lookup, leads) for lookup in self.people]
        named += [one_of(self.address, addresses)] if self.address and addresses else []
        if not named or not self.in_listing:
            return None
        where = all_of(self.kept(), " OR ".join(named))
        return Query(self.object, self.selected, where, "Id", deleted=self.archived or self.merges)

    def kept(self) -> str:
        """Return the condition for the records that a full listing brings."""
        alive = f"{self.deleted} = false" if self.archived or self.merges else None
        kept = all_of(self.filter, self.listed, self.young(), alive)
        return f"({kept}) OR MasterRecordId != null" if self.merges else kept

    def young(self) -> str | None:
        """Return the condition for what was made or changed, or happened, since `since`.

        A member added in June who responded last week is of last week. What is made is stamped as changed, too.
        """
        if self.since is None:
            return None
        stamps = ("CreatedDate", self.stamp) if "." in self.stamp else (self.stamp,)
        changed = [f"{path} >= {literal(self.since)}" for path in stamps]
        return any_of(*changed, *(f"{path} >= {literal(self._bound(path))}" for path in self.happened))

    def _bound(self, path: str) -> datetime | date:
        assert self.since is not None, "there is a bound"
        has_day = path in self.days or path.rpartition(".")[2] in self.days
        return self.since.astimezone(UTC).date() if has_day else self.since

    def _keyset(self, position: Position) -> str:
        """Return the condition for records after the last one read.

        Bulk updates give many records the same stamp, so the id breaks ties:
        https://github.com/supaglue-labs/supaglue/issues/532 (2026-11).
        """
        assert position.stamp is not None and position.after is not None, "an ordered result was being read"  # noqa: PT018
        last = literal(position.after)
        return f"({self.stamp} = {position.stamp} AND Id > {last}) OR {self.stamp} > {position.stamp}"


def of_parent(part: StreamObject, parent: str) -> StreamObject:
    """Return how the records are read whose parent changed, since that does not change the record itself.

    Like a full listing, it leaves out what is older than `since`.
    """
    stamp = f"{parent}.SystemModstamp"
    return replace(part, stamp=stamp, bound=part.young(), in_listing=False, optional=True)


@dataclass(frozen=True, slots=True)
class PartById(StreamObject):
    """An object of which only ids are read, to find out which of its activities exist."""

    @classmethod
    def of(cls, part: StreamObject, since: datetime | None) -> Self | None:
        """Return how an object is read by ids back to `since`; None if ids do not show whose its activities are."""
        if part.whose is None:
            return None
        bound = min(part.since, since) if part.since and since else part.since
        same = {
            name: getattr(part, name)
            for name in ("object", "filter", "archived", "stamp", "deleted", "happened", "days")
        }
        listed = all_of(part.listed, part.whose.only) if part.whose.only else part.listed
        return cls(columns=part.whose.columns, contents=part.whose.contents, listed=listed, since=bound, **same)

    @property
    def selected(self) -> tuple[str, ...]:
        """The columns to query."""
        return tuple(dict.fromkeys(("Id", *self.columns)))

    def check(self, rows: pl.DataFrame, *, stamped: bool) -> None:
        """Raise `Unreadable` if a record lacks its id."""
        assert not stamped, "there are no changes by ids"
        frames.check_ids(rows)
