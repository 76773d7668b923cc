"""Pulls one stream: a full listing first, then windows of changes, each page with the cursor behind it."""

import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import polars as pl

from connectors.base import Page, Stream, Unavailable
from connectors.salesforce import bulk, rest
from connectors.salesforce.errors import Rejected
from connectors.salesforce.parts import Contents, Part
from connectors.salesforce.position import Position
from connectors.salesforce.session import Session
from connectors.salesforce.soql import Query, all_of, in_chunks, one_of

Pages = Generator[Page, None, Position]
"""Yields pages and returns the position behind them."""

_LOST_PLACE: Final = frozenset({"INVALID_QUERY_LOCATOR", "INVALID_QUERY_CURSOR"})
_NOT_THERE: Final = frozenset({"INVALID_TYPE", "INVALIDENTITY"})
_TOO_SLOW: Final = "QUERY_TIMEOUT"


@dataclass(frozen=True)
class Pull:
    """Reads the parts of one stream, in order."""

    session: Session
    stream: Stream
    parts: Sequence[Part]
    changes_silently: Callable[[], bool] = field(default=lambda: False)
    """Whether mapped fields change without a trace, so that all must be listed again from time to time."""

    def pages(self, cursor: Mapping[str, Any] | None) -> Iterator[Page]:
        """Yield the pages behind a cursor until there is nothing more for now."""
        position = Position.resumed(cursor, self._plan) or self._beginning()
        if not position.listing:
            position = yield from self._changes(position)
            if not self._is_stale(position):
                return
            position = position.listed_again(self.session.now())
        position = yield from self._listing(position)
        yield from self._changes(position)

    def _beginning(self) -> Position:
        now = self.session.now()
        return Position.full(self._plan, now, self.session.clock.read_until())

    @property
    def _plan(self) -> str:
        """Stands for what is read: another mapping, object or filter is another plan."""
        text = repr([(part.object, part.selected, part.filter) for part in self.parts])
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def _is_stale(self, position: Position) -> bool:
        due = self.session.now() - position.listed_at >= self.session.settings.formulas_every
        return due and self.changes_silently()

    def _listing(self, position: Position) -> Pages:
        sizes = [self._size(part) for part in self.parts]
        total = None if None in sizes else sum(size or 0 for size in sizes)
        for number in range(position.part, len(self.parts)):
            if not self.parts[number].in_listing:
                position = position.next_part()
                continue
            position = yield from _Reading(self, number, sizes[number], total).pages(position)
        name = position.name
        position = position.listing_done()
        yield Page(
            self.stream.name, position.cursor, listing=name if self.stream.lists else None, listed=self.stream.lists
        )
        return position

    def _size(self, part: Part) -> int | None:
        """Ask how many leads there are, for the progress; None for other streams, and where the org takes too long."""
        if not self.stream.lists:
            return None
        try:
            return rest.count(self.session, part.alive())
        except Rejected as error:
            if error.code != _TOO_SLOW:
                raise
            return None

    def _changes(self, position: Position) -> Pages:
        for number in range(position.part, len(self.parts)):
            position = yield from _Reading(self, number).pages(position)
        position = position.window_done()
        yield Page(self.stream.name, position.cursor)
        return position


@dataclass(frozen=True)
class _Reading:
    """Reads one part, through REST or Bulk as its size asks."""

    pull: Pull
    number: int
    size: int | None = None
    total: int | None = None

    @property
    def part(self) -> Part:
        return self.pull.parts[self.number]

    @property
    def session(self) -> Session:
        return self.pull.session

    def pages(self, position: Position) -> Pages:
        if position.job and not bulk.is_alive(self.session, position.job):
            position = position.without_job()
        try:
            if position.job or self._is_large(self.size or 0) or not rest.fits(self._query(position, ordered=True)):
                return (yield from self._bulk(position))
            return (yield from self._rest(position))
        except Rejected as error:
            if self.part.optional and error.code in _NOT_THERE:
                return position.next_part()
            raise

    def _is_large(self, size: int) -> bool:
        return size > self.session.settings.bulk_reads_above

    def _rest(self, position: Position) -> Pages:
        try:
            for page in rest.pages(self.session, self._query(position, ordered=True)):
                if self._is_large(page.total):
                    return (yield from self._bulk(position))
                position = self._behind(position.asked_at(page.at), page)
                if page.rows.height:
                    yield self._page(page.rows, position)
        except Rejected as error:
            if error.code in _LOST_PLACE:
                return (yield from self._rest(position))
            if error.code == _TOO_SLOW:
                return (yield from self._bulk(position))
            raise
        return position

    def _behind(self, position: Position, page: rest.RestPage) -> Position:
        if page.last:
            return position.next_part()
        stamp = None if position.listing else _in_soql(page.rows.item(-1, self.part.stamp))
        return position.past(stamp, page.rows.item(-1, "Id"))

    def _bulk(self, position: Position) -> Pages:
        query = self._query(position, ordered=False)
        if not position.job:
            job = bulk.start(self.session, query)
            position = position.asked_at(job.at).in_job(job.id)
            yield self._page(pl.DataFrame(), position)
        assert position.job is not None
        processed = bulk.wait(self.session, position.job)
        read = position.read
        for page in bulk.pages(self.session, query, position.job, position.locator):
            read += page.rows.height
            if page.next is None and read != processed:
                raise Unavailable(f"Salesforce found {processed} records of {query.object} and brought {read}.")
            position = position.in_result(page.next, read) if page.next else position.next_part()
            if page.rows.height:
                yield self._page(page.rows, position)
        return position

    def _query(self, position: Position, *, ordered: bool) -> Query:
        if position.listing:
            return self.part.listing(position, ordered=ordered)
        since = position.since - max(self.session.settings.overlap, timedelta(0))
        return self.part.changes(position, since, ordered=ordered)

    def _page(self, rows: pl.DataFrame, position: Position) -> Page:
        return Page(
            self.pull.stream.name,
            position.cursor,
            listing=position.name if position.listing and self.pull.stream.lists else None,
            total=self.total,
            **self._contents(rows, position),
        )

    def _contents(self, rows: pl.DataFrame, position: Position) -> Contents:
        if rows.is_empty():
            return {}
        if position.listing:
            return self.part.contents(rows)
        outside = pl.col("Id").is_in(self._outside(rows))
        left, stayed = rows.filter(outside).with_columns(pl.lit("true").alias(self.part.deleted)), rows.filter(~outside)
        contents = self.part.contents(pl.concat([stayed, left]))
        gone = contents.get("gone", ())
        return contents | Contents(
            gone=[lead for lead in gone if lead not in left["Id"]],
            missing=[lead for lead in gone if lead in left["Id"]],
            gone_activities=self.part.taken_back(stayed),
            missing_activities=self.part.taken_back(left),
        )

    def _outside(self, rows: pl.DataFrame) -> list[str]:
        """Return changed records that are there but not among those that meet the part's filter: they count no more."""
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
    """Return a time of an answer as a query takes it."""
    return stamp.replace("+0000", "Z")
