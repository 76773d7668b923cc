"""The warehouse of a connection: its streams, and what `check` says about it."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event
from typing import Final

import polars as pl

from connectors.base import Unavailable
from connectors.warehouse import people
from connectors.warehouse.checking import Checking
from connectors.warehouse.files import Files
from connectors.warehouse.followed import Doings, Followed, Sayings
from connectors.warehouse.reading import Reading
from connectors.warehouse.results import ResultsWriter
from connectors.warehouse.settings import Rows
from connectors.warehouse.settings import Warehouse as Settings
from connectors.warehouse.tables import Database, Table
from connectors.warehouse.wanted import BATCH, EVERY_ROW, Source, Wanted
from vocabulary.fields import FieldType
from vocabulary.findings import Finding
from vocabulary.pages import Cursor, Page, Stream
from vocabulary.rows import PRESENT

OPTION: Final = "warehouse"


class Warehouse:
    """Reads activities and fields of leads from a database or files beside the CRM. Thread-safe."""

    def __init__(
        self, settings: Settings, wanted: Mapping[str, FieldType], stop: Event | None = None, *, batch: int = BATCH
    ) -> None:
        """Read activities, and those fields that are wanted; `batch`: how many rows are read at once."""
        self._wanted, self._settings, self._stop, self._batch = wanted, settings, stop or Event(), batch
        self._database = Database(settings.database, self._stop, batch) if settings.database else None
        self._followed = {one.stream.name: one for one in self._made()}
        self._denied: dict[str, str] = {}
        self._left_out: dict[str, Counter[str]] = {}

    def check(self) -> list[Finding]:
        """Check whether the columns that are named exist and hold what they should, by a few rows."""
        return [finding for checking in self._checks() for finding in checking.findings()]

    def overview(self) -> list[Finding]:
        """Count the rows of each source, and those that cannot be used, by reading them: a million at the most."""
        return [finding for checking in self._checks() for finding in checking.overview()]

    @property
    def names(self) -> Collection[str]:
        """The names of the streams."""
        return self._followed.keys()

    def streams(self) -> Sequence[Stream]:
        """Return the streams to read."""
        return [one.stream for one in self._followed.values()]

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """Yield the pages after `cursor`.

        What cannot be reached is told by `unread`, and what the mirror has of it stays. Raises `Unavailable` instead if
        it was never read completely: else scores would take what was not read for what did not happen.
        """
        one = self._followed[stream.name]
        reading = Reading(one.told, cursor, datetime.now(UTC), one.source.in_order)
        try:
            yield from self._pages(one, reading)
            self._denied.pop(stream.name, None)
        except Unavailable as error:
            if reading.is_first:
                raise
            self._denied[stream.name] = str(error)

    def pull_for(self, stream: Stream, leads: Sequence[str]) -> Iterator[Page]:
        """Yield the activities of these leads, if rows name them by id; those of an address wait in the mirror."""
        one = self._followed[stream.name]
        if isinstance(one, Doings) and one.told.lead.id is not None:
            wanted = Wanted(among=(one.told.lead.id, leads))
            for rows in one.source.batches(one.told.columns, wanted):
                yield one.page(rows, datetime.now(UTC), Counter(), anew=True)

    def present(self, stream: Stream, since: datetime | None) -> Iterator[Page]:  # noqa: ARG002 - all count
        """Yield which rows there are; nothing more, and no last page, if the source cannot be read."""
        one = self._followed[stream.name]
        try:
            for rows in one.source.batches(one.told.columns):
                yield Page(stream.name, {}, present=one.present(rows))
        except Unavailable as error:
            self._denied[stream.name] = str(error)
            return
        yield Page(stream.name, {}, present=PRESENT.to_frame(), listed=True)

    def read_again(self, stream: Stream, records: Sequence[str]) -> Iterator[Page]:
        """Yield these rows."""
        one, wanted = self._followed[stream.name], pl.Series(records, dtype=pl.String).implode()
        began = datetime.now(UTC)
        for rows in one.source.batches(one.told.columns, EVERY_ROW) if records else ():
            found = rows.filter(one.records(rows).is_in(wanted))
            if len(found):
                yield one.page(found, began, Counter(), anew=False)

    def unread(self) -> Mapping[str, str]:
        """Return why streams could not be read by the last pull, by the stream's name."""
        return dict(self._denied)

    def left_out(self) -> list[str]:
        """Return how many rows the full readings since the last call left out, and why."""
        counts, self._left_out = self._left_out, {}
        return [text for label, found in counts.items() for text in people.sentences(label, found)]

    def results(self) -> ResultsWriter | None:
        """Return what writes results, if the settings want that."""
        return ResultsWriter(self._settings.results, self._database) if self._settings.results else None

    def close(self) -> None:
        """Close the connections."""
        if self._database is not None:
            self._database.close()

    def _pages(self, one: Followed, reading: Reading) -> Iterator[Page]:
        counts: Counter[str] = Counter()
        for rows in reading.batches(one.source):
            page = one.page(rows, reading.began, counts, anew=reading.since is None)
            yield replace(page, cursor=reading.after(one.changed(rows)), aside=False)
        if reading.since is None:
            self._left_out[one.stream.label] = counts
        yield Page(one.stream.name, reading.end())

    def _made(self) -> Iterator[Followed]:
        for name, told in self._settings.activities.items():
            yield Doings(name, self._settings.timezone, self._source(f"activities.{name}", told), told)
        for name, said in self._settings.fields.items():
            types = {field: self._wanted[field] for field in said.columns_of if field in self._wanted}
            if types:
                yield Sayings(name, self._settings.timezone, self._source(f"fields.{name}", said), said, types)

    def _source(self, path: str, rows: Rows) -> Source:
        label, zone = f"{OPTION}.{path}", self._settings.timezone
        if rows.files is not None:
            return Files(rows.files, label, zone, self._stop, self._batch)
        assert self._database is not None, "the settings have an address"
        return Table(self._database, rows, label, zone)

    def _checks(self) -> Iterator[Checking]:
        for one in self._followed.values():
            section = "activities" if isinstance(one, Doings) else "fields"
            yield Checking(one, f"{OPTION}.{section}.{one.name}")
