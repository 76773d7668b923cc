"""Pull one stream: a full listing first, then windows of changes, each page with the cursor after it."""

import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import polars as pl

from connectors.base import Unavailable
from connectors.salesforce import bulk, rest
from connectors.salesforce.errors import NOT_THERE, Rejected, Short
from connectors.salesforce.parts import Contents, StreamObject
from connectors.salesforce.position import Position
from connectors.salesforce.session import Session
from connectors.salesforce.soql import Query, all_of, in_chunks, one_of
from vocabulary.pages import Page, Stream

Pages = Generator[Page, None, Position]
"""Yields pages and returns the position after them."""

_LOST_PLACE: Final = frozenset({"INVALID_QUERY_LOCATOR", "INVALID_QUERY_CURSOR"})
_TOO_SLOW: Final = "QUERY_TIMEOUT"
LISTINGS: Final = 2
"""Attempts per pass to list an object whose records do not match their count."""

_SHORT_REMEDY: Final = (
    "The next pass lists them again. If this persists, check whether the integration user's sharing rules or a filter"
    " by formula return other records than they count."
)


@dataclass(frozen=True)
class Pull:
    """Reads the parts of one stream, in order."""

    session: Session
    stream: Stream
    parts: Sequence[StreamObject]
    changes_silently: Callable[[], bool] = field(default=lambda: False)
    """Whether mapped fields change without modifying the record, so that all must be listed again at intervals."""

    def pages(self, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        """Yield the pages after a cursor until there are no more for now."""
        position = Position.resumed(cursor, self._plan) or self._beginning()
        if not position.listing:
            position = yield from self._changes(position)
            if not self._is_stale(position):
                return
            position = position.listed_again(self.session.now())
        position = yield from self._listing(position)
        yield from self._changes(position)

    def listing(self) -> Iterator[Page]:
        """Yield the pages of one full listing that no cursor resumes."""
        yield from self._listing(self._beginning())

    def changed(self, since: datetime) -> Iterator[Page]:
        """Yield the pages of everything changed since a time, in a reading that no cursor resumes."""
        position = Position(plan=self._plan, listing=False, name="", listed_at=since, since=since)
        yield from self._changes(position)

    def again(self, ids: Sequence[str]) -> Iterator[Page]:
        """Yield these records in full, by the ids that `Whose.record` names them with."""
        for part in self.parts:
            for chunk in in_chunks(ids if part.whose and part.in_listing else ()):
                assert part.whose is not None
                where = all_of(part.kept(), one_of(part.whose.key, chunk))
                rows = rest.rows(self.session, Query(part.object, part.selected, where, deleted=part.archived))
                if rows.height:
                    yield Page(self.stream.name, {}, aside=True, **part.contents(rows))

    def due(self, ids: Sequence[str]) -> Iterator[Page]:
        """Yield these records as a change of them would bring them, deleted and merged ones too."""
        for number, part in enumerate(self.parts):
            if part.in_listing:
                yield from _Reading(self, number).due([id_ for id_ in ids if id_.startswith(part.prefix)])

    def of_ids(self, ids: Sequence[str]) -> Iterator[Page]:
        """Yield the records with these ids that a listing would include."""
        for part in self.parts:
            for chunk in in_chunks(ids if part.in_listing else ()):
                where = all_of(part.kept(), one_of("Id", chunk))
                rows = rest.rows(self.session, Query(part.object, part.selected, where, deleted=part.archived))
                if rows.height:
                    yield Page(self.stream.name, {}, aside=True, **part.contents(rows))

    def _beginning(self) -> Position:
        now = self.session.now()
        return Position.full(self._plan, now, self.session.clock.read_until())

    @property
    def _plan(self) -> str:
        """Digest of what is read: another mapping, object or filter is another plan."""
        read = [(part.object, part.selected, part.filter) for part in self.parts]
        text = "".join([repr(read), *(part.basis for part in self.parts)])
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def _is_stale(self, position: Position) -> bool:
        due = self.session.now() - position.listed_at >= self.session.settings.formulas_every
        return due and self.changes_silently()

    def _listing(self, position: Position) -> Pages:
        sizes = [self._size(part, number, position) for number, part in enumerate(self.parts)]
        total = None if None in sizes or not self.stream.lists else sum(size or 0 for size in sizes)
        for number in range(position.part, len(self.parts)):
            if not self.parts[number].in_listing:
                position = position.next_part()
                continue
            position = yield from _Reading(self, number, sizes[number], total).pages(position)
        name = position.name if self.stream.names_listings else None
        position = position.listing_done()
        yield Page(self.stream.name, position.cursor, listing=name, listed=self.stream.lists, total=total)
        return position

    def _size(self, part: StreamObject, number: int, position: Position) -> int | None:
        """Return the number of records of a part that is still to be read; for leads always, to show progress."""
        is_due = part.in_listing and number >= position.part
        return self.count(part.total()) if is_due or self.stream.lists else None

    def count(self, query: Query) -> int | None:
        """Return how many records a query would find, or None if Salesforce cannot count them.

        Counting fails if it takes too long or the object is missing; the query itself reports that if it matters.
        """
        try:
            return rest.count(self.session, query) if rest.fits(query) else None
        except Rejected:
            return None

    def _changes(self, position: Position) -> Pages:
        for number in range(position.part, len(self.parts)):
            position = yield from _Reading(self, number).pages(position)
        position = position.window_done()
        yield Page(self.stream.name, position.cursor)
        return position


@dataclass(frozen=True)
class _Reading:
    """Reads one part, through REST or Bulk depending on its size."""

    pull: Pull
    number: int
    size: int | None = None
    total: int | None = None

    @property
    def part(self) -> StreamObject:
        return self.pull.parts[self.number]

    @property
    def session(self) -> Session:
        return self.pull.session

    def pages(self, position: Position) -> Pages:
        """Read the part, and once more from its start if records are missing. Then raise `Unavailable`."""
        message = ""
        for _ in range(LISTINGS):
            try:
                return (yield from self._read(position))
            except Short as short:
                message, position = str(short), position.part_restarted()
            yield self._page({}, position)
        raise Unavailable(f"{message}. Nothing was treated as deleted.", remedy=_SHORT_REMEDY)

    def _read(self, position: Position) -> Pages:
        if position.job and not bulk.is_alive(self.session, position.job):
            position = position.without_job()
        try:
            if position.job or self._is_large(self.size or 0) or not rest.fits(self._query(position, ordered=True)):
                return (yield from self._bulk(position))
            return (yield from self._rest(position))
        except Rejected as error:
            if self.part.optional and error.code in NOT_THERE:
                self.session.missing.add(self.part.object)
                return position.next_part()
            if position.job and error.code in _LOST_PLACE:
                return (yield from self._bulk(position.without_job()))
            raise

    def due(self, ids: Sequence[str]) -> Iterator[Page]:
        """Yield the records with these ids, and which of them there are no more."""
        for chunk in in_chunks(ids):
            query = Query(self.part.object, self.part.selected, one_of(self.part.key, chunk), deleted=True)
            try:
                rows = rest.rows(self.session, query)
            except Rejected as error:
                if self.part.optional and error.code in NOT_THERE:
                    return
                raise
            if rows.height:
                yield Page(self.pull.stream.name, {}, aside=True, **self._changed(rows))
            if lost := self.part.lost(sorted(set(chunk) - set(rows[self.part.key]))):
                yield Page(self.pull.stream.name, {}, aside=True, **lost)

    def _is_large(self, size: int) -> bool:
        return size > self.session.settings.bulk_reads_above

    def _rest(self, position: Position) -> Pages:
        try:
            for page in rest.pages(self.session, self._query(position, ordered=True), self._checking(position)):
                if self._is_large(page.total):
                    return (yield from self._bulk(position))
                contents = self._contents(page.rows, position)
                position = position.asked_at(page.at).with_more(self._counted(contents, page.rows))
                position = self._behind(position, page)
                if page.rows.height:
                    yield self._page(contents, position)
        except Rejected as error:
            if error.code in _LOST_PLACE:  # query cursors expire; the keyset continues after the last record
                return (yield from self._rest(position))
            if error.code == _TOO_SLOW:
                return (yield from self._bulk(position))
            raise
        return position

    def _behind(self, position: Position, page: rest.RestPage) -> Position:
        if page.last:
            return self._complete(position)
        stamp = None if position.listing else _in_soql(page.rows.item(-1, self.part.stamp))
        return position.past(stamp, page.rows.item(-1, "Id"))

    def _bulk(self, position: Position) -> Pages:
        query = self._query(position, ordered=False)  # ORDER BY would disable chunking and may time out
        if not position.job:
            job = bulk.start(self.session, query)
            position = position.asked_at(job.at).in_job(job.id)
            yield self._page({}, position)
        assert position.job is not None
        found = bulk.wait(self.session, position.job)
        result = bulk.Result(query, found, position.read, self._checking(position))
        for page in bulk.pages(self.session, position.job, result, position.locator):
            contents = self._contents(page.rows, position)
            position = position.with_more(self._counted(contents, page.rows))
            position = position.in_result(page.next, result.brought) if page.next else self._complete(position)
            if page.rows.height:
                yield self._page(contents, position)
        return position

    def _checking(self, position: Position) -> Callable[[pl.DataFrame], None]:
        return partial(self.part.check, stamped=not position.listing)

    def _counted(self, contents: Contents, rows: pl.DataFrame) -> int:
        """Return how many of a page's records count: with merges, only leads, as in `total`."""
        if not self.part.merges or self.size is None:
            return rows.height
        return contents["leads"].height if "leads" in contents else 0

    def _complete(self, position: Position) -> Position:
        """Return the position after the part. Raise `Short` if a listing lacks records that must be in it."""
        if position.listing and self.size is not None and position.brought < self.size:
            self._hold_against_those_unchanged(position)
        return position.next_part()

    def _hold_against_those_unchanged(self, position: Position) -> None:
        """Compare with the count of records unchanged since the listing began: others may have come or gone."""
        overlap = max(self.session.settings.overlap, timedelta(0))
        unchanged = self.pull.count(self.part.total(position.listed_at - overlap))
        if unchanged is not None and position.brought < unchanged:
            raise Short(
                f"Salesforce counts {unchanged} records of {self.part.object}, but the listing returned"
                f" {position.brought}"
            )

    def _query(self, position: Position, *, ordered: bool) -> Query:
        if position.listing:
            return self.part.listing(position, ordered=ordered)
        since = position.asked_since - max(self.session.settings.overlap, timedelta(0))
        return self.part.changes(position, since, ordered=ordered)

    def _page(self, contents: Contents, position: Position) -> Page:
        return Page(
            self.pull.stream.name,
            position.cursor,
            listing=position.name if position.listing and self.pull.stream.names_listings else None,
            total=self.total,
            **contents,
        )

    def _contents(self, rows: pl.DataFrame, position: Position) -> Contents:
        if rows.is_empty():
            return {}
        return self.part.contents(rows) if position.listing else self._changed(rows)

    def _changed(self, rows: pl.DataFrame) -> Contents:
        """Return the content of records that changed, among which some may be deleted or have left the filter."""
        outside, deleted = pl.col("Id").is_in(self._outside(rows)), pl.col(self.part.deleted)
        rows = rows.with_columns(pl.when(outside).then(pl.lit("true")).otherwise(deleted).alias(self.part.deleted))
        contents, left = self.part.contents(rows), rows.filter(outside)
        gone = contents.get("gone", ())
        return contents | Contents(
            gone=[lead for lead in gone if lead not in left["Id"]],
            missing=[lead for lead in gone if lead in left["Id"]],
            gone_activities=self.part.taken_back(rows.filter(~outside)),
            missing_activities=self.part.taken_back(left),
        )

    def _outside(self, rows: pl.DataFrame) -> list[str]:
        """Return changed records that exist but no longer match the part's filter."""
        if not self.part.filter:
            return []
        alive = rows.filter(pl.col(self.part.deleted) == "false")["Id"].to_list()
        inside = {id_ for chunk in in_chunks(alive) for id_ in self._meeting(chunk)}
        return [id_ for id_ in alive if id_ not in inside]

    def _meeting(self, ids: Sequence[str]) -> list[str]:
        where = all_of(self.part.filter, one_of("Id", ids))
        query = Query(self.part.object, ("Id",), where, deleted=self.part.archived)
        return rest.rows(self.session, query)["Id"].to_list()


def _in_soql(stamp: str) -> str:
    """Convert a time from an answer to SOQL."""
    return stamp.replace("+0000", "Z")
