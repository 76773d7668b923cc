"""The objects that streams read: their columns, and how their records become neutral rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

import polars as pl

from connectors.salesforce import frames
from connectors.salesforce.position import Position
from connectors.salesforce.soql import Query, all_of, literal, one_of


class Contents(TypedDict, total=False):
    """The content of a page besides stream and cursor, by the field names of `vocabulary.pages.Page`."""

    leads: pl.DataFrame
    accounts: pl.DataFrame
    activities: pl.DataFrame
    outcomes: pl.DataFrame
    history: pl.DataFrame
    outputs: pl.DataFrame
    gone: Sequence[str]
    gone_activities: Sequence[tuple[str | None, str]]
    missing: Sequence[str]
    missing_activities: Sequence[tuple[str | None, str]]
    merged: dict[str, str]


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
    """A full listing leaves out records created before this."""
    optional: bool = False
    """Whether the org may lack the object, or the user may not see it; then nothing is read, and `check` reports it."""
    in_listing: bool = True
    """Whether a full listing reads this part. Otherwise it only adds changes of records that another part lists."""
    counted: str | None = None
    """The condition for records that are leads, if others are read too."""
    people: tuple[str, ...] = ()
    """The lookups by which the records of some leads are found."""
    address: str | None = None
    """The field with an e-mail address, by which they are found too."""

    @property
    def selected(self) -> tuple[str, ...]:
        """The columns to query, starting with those for internal use."""
        return tuple(dict.fromkeys(("Id", self.stamp, self.deleted, *self.columns)))

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
        where = all_of(self._kept(), keyset)
        return Query(self.object, self.selected, where, "Id" if ordered else "", deleted=self.archived or self.merges)

    def changes(self, position: Position, since: datetime, *, ordered: bool) -> Query:
        """Return the query of the changes from a position on.

        It has no upper bound, because the cursor moves to the time of the first answer: nothing later counts as read.
        """
        where = all_of(f"{self.stamp} >= {literal(since)}", self._keyset(position) if position.after else None)
        return Query(self.object, self.selected, where, f"{self.stamp}, Id" if ordered else "", deleted=True)

    def total(self, unchanged_since: datetime | None = None) -> Query:
        """Return the query of the records that a listing must include: all, or those unchanged since a time."""
        untouched = f"{self.stamp} < {literal(unchanged_since)}" if unchanged_since else None
        if self.merges:
            return Query(self.object, ("Id",), all_of(self.filter, self.counted, untouched))
        return Query(self.object, ("Id",), all_of(self._kept(), untouched), deleted=self.archived)

    def of_leads(self, leads: Sequence[str], addresses: Sequence[str]) -> Query | None:
        """Return the query of the records of some leads that a listing would include; None if it has nothing to ask."""
        named = [one_of(lookup, leads) for lookup in self.people]
        named += [one_of(self.address, addresses)] if self.address and addresses else []
        if not named or not self.in_listing:
            return None
        where = all_of(self._kept(), " OR ".join(named))
        return Query(self.object, self.selected, where, "Id", deleted=self.archived or self.merges)

    def _kept(self) -> str:
        young = f"CreatedDate >= {literal(self.since)}" if self.since else None
        alive = f"{self.deleted} = false" if self.archived or self.merges else None
        kept = all_of(self.filter, self.listed, young, alive)
        return f"({kept}) OR MasterRecordId != null" if self.merges else kept

    def _keyset(self, position: Position) -> str:
        """Return the condition for records after the last one read.

        Bulk updates give many records the same stamp, so the id breaks ties:
        https://github.com/supaglue-labs/supaglue/issues/532 (2026-11).
        """
        assert position.stamp is not None and position.after is not None, "an ordered result was being read"  # noqa: PT018
        last = literal(position.after)
        return f"({self.stamp} = {position.stamp} AND Id > {last}) OR {self.stamp} > {position.stamp}"
