"""What a stream reads: one object each, its columns, and how its records become neutral rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

import polars as pl

from connectors.salesforce import frames
from connectors.salesforce.position import Position
from connectors.salesforce.soql import Query, all_of, literal


class Contents(TypedDict, total=False):
    """What a page carries besides stream and cursor; the names are `connectors.base.Page`'s."""

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
    """Makes neutral rows of records."""
    taken_back: Callable[[pl.DataFrame], list[tuple[str | None, str]]] = field(default=lambda _: [])
    """Names the activities that changed records no longer are."""
    filter: str | None = None
    """Records that do not meet this are left out, and taken back where they met it before."""
    listed: str | None = None
    """What the full listing asks for beyond `filter`; among changes, `contents` tells the rest apart."""
    archived: bool = False
    """Whether old records are hidden from all but `queryAll`."""
    merges: bool = False
    """Whether records can lose a merge (`MasterRecordId`)."""
    stamp: str = "SystemModstamp"
    deleted: str = "IsDeleted"
    since: datetime | None = None
    """A full listing leaves out records made earlier."""
    optional: bool = False
    """Whether an org, or the user, may lack the object: then there is nothing to read, and `check` says so."""
    in_listing: bool = True
    """Whether a full listing reads this part; else it brings further changes of records listed by another."""
    counted: str | None = None
    """The records that are leads, where others are read as well."""

    @property
    def selected(self) -> tuple[str, ...]:
        """The columns to query, those for our own use first."""
        return tuple(dict.fromkeys(("Id", self.stamp, self.deleted, *self.columns)))

    def check(self, rows: pl.DataFrame, *, stamped: bool) -> None:
        """Raise `Unreadable` where records lack what all have: an id, their times, and whether they are deleted."""
        frames.check_ids(rows)
        frames.check_flags(rows, self.deleted, needed="." not in self.deleted)
        frames.check_times(rows, self.stamp, needed=stamped or "." not in self.stamp)
        if "CreatedDate" in self.columns:
            frames.check_times(rows, "CreatedDate", needed=True)

    def listing(self, position: Position, *, ordered: bool) -> Query:
        """Return the query of a full listing from a position on."""
        keyset = position.after and f"Id > {literal(position.after)}"
        where = all_of(self._kept(), keyset)
        return Query(self.object, self.selected, where, "Id" if ordered else "", deleted=self.archived or self.merges)

    def changes(self, position: Position, since: datetime, *, ordered: bool) -> Query:
        """Return the query of the changes from a position on.

        It has no upper end: the cursor goes to the time of the first answer, so nothing later is taken for read.
        """
        where = all_of(f"{self.stamp} >= {literal(since)}", self._keyset(position) if position.after else None)
        return Query(self.object, self.selected, where, f"{self.stamp}, Id" if ordered else "", deleted=True)

    def total(self, unchanged_since: datetime | None = None) -> Query:
        """Return the query of the records that a listing must bring: all, or those not touched since a time."""
        untouched = f"{self.stamp} < {literal(unchanged_since)}" if unchanged_since else None
        if self.merges:
            return Query(self.object, ("Id",), all_of(self.filter, self.counted, untouched))
        return Query(self.object, ("Id",), all_of(self._kept(), untouched), deleted=self.archived)

    def _kept(self) -> str:
        young = f"CreatedDate >= {literal(self.since)}" if self.since else None
        alive = f"{self.deleted} = false" if self.archived or self.merges else None
        kept = all_of(self.filter, self.listed, young, alive)
        return f"({kept}) OR MasterRecordId != null" if self.merges else kept

    def _keyset(self, position: Position) -> str:
        """Return the condition for records behind the last one read, among many with the same stamp too."""
        assert position.stamp is not None and position.after is not None, "an ordered result was being read"  # noqa: PT018
        last = literal(position.after)
        return f"({self.stamp} = {position.stamp} AND Id > {last}) OR {self.stamp} > {position.stamp}"
