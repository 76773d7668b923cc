"""The three ways to read a stream. The content of its pages is up to the modules that build the streams."""

import logging
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol

import polars as pl

from connectors.base import Unavailable
from connectors.hubspot.spans import Readers, Span, Step, sweep
from connectors.hubspot.windows import FIRST, LATEST, Relook, Windows, listed, moved, started
from vocabulary.pages import Cursor, Page, Stream

logger = logging.getLogger(__name__)

Take = Callable[[Span], Step]
OfLeads = Callable[[Sequence[str]], Iterator[Mapping[str, Any]]]
"""Yields the parts of pages about some leads."""
OfRecords = Callable[[Sequence[str]], Iterator[tuple[Sequence[str], Mapping[str, Any]]]]
"""Yields which of some records there are, by HubSpot's ids, and the parts of a page about them."""
Now = Callable[[], int]
"""HubSpot's clock in milliseconds."""


class Source(Protocol):
    """A stream that can be pulled."""

    @property
    def of_leads(self) -> OfLeads | None:
        """Reads what the stream has about some leads; None if there is nothing of theirs alone."""

    def pull(self, cursor: Cursor | None) -> Iterator[Page]:
        """Yield the pages after the cursor."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What every stream needs for reading: threads, windows and HubSpot's clock."""

    readers: Readers
    windows: Windows
    now: Now
    gap: float
    """Share of a full listing that may be missing, see `Followed`."""

    def changes(self, stream: Stream, cursor: Cursor, take: Take, relook: Relook | None = None) -> Iterator[Page]:
        """Yield the changes since the cursor. At least one page is yielded, to advance the cursor."""
        state = self.windows.due(cursor, self.now(), relook)
        for step, rest in sweep(state["spans"], take, self.readers):
            state = moved(state, step, rest)
            yield Page(stream.name, state, **step.parts)


@dataclass(frozen=True, slots=True)
class Followed:
    """A stream that is listed in full once, then followed through search."""

    stream: Stream
    reader: Reader
    list: Take
    change: Take
    count: Callable[[], int]
    """Returns the number of records according to HubSpot's search."""
    of_leads: OfLeads | None = None
    relook: Relook | None = None
    """When records whose links may have changed are read again."""
    ids: Callable[[datetime | None], Take] | None = None
    """Returns the step that lists which activities there are; those before a time may be left out."""
    again: OfRecords | None = None
    """Reads records by id."""

    def pull(self, cursor: Cursor | None) -> Iterator[Page]:
        """Yield the listing, or what remains of it, then the changes since it began.

        A listing with fewer records than search counts is repeated once. If it is short again, this raises
        `Unavailable`, and the next pull starts over.
        """
        cursor = cursor or _beginning()
        for page in self._whole(cursor):
            cursor = page.cursor
            yield page
        yield from self.reader.changes(self.stream, cursor, self.change, self.relook)

    def present(self, since: datetime | None) -> Iterator[Page]:
        """Yield which activities there are, in a listing of their own; the last page is `listed` if it is whole."""
        if self.ids is None:
            return
        inventory = replace(self, list=self.ids(since), stream=replace(self.stream, lists=True))
        try:
            yield from inventory._whole(_beginning())  # noqa: SLF001 - of this class
        except Unavailable as short:
            logger.warning("%s", short)

    def _whole(self, cursor: Cursor) -> Iterator[Page]:
        """Yield a full listing, or what remains of it; raise `Unavailable` if it is short twice."""
        while "listing" in cursor:
            for page in self._listing(cursor):
                cursor = page.cursor
                yield page
            if cursor.get("short"):
                self._say(cursor)

    def _listing(self, cursor: Cursor) -> Iterator[Page]:
        state: dict[str, Any] = dict(cursor)
        for step, rest in sweep(cursor["spans"], self.list, self.reader.readers):
            state = {**state, **_counted(state, step), "spans": rest, "began": state["began"] or step.at}
            self._check_bounds(state)
            if rest:
                yield self._page(state, step)
            else:
                yield from self._last(state, step)

    def _page(self, state: Cursor, step: Step, **more: Any) -> Page:
        listing = str(state["listing"]) if self.stream.names_listings else None
        return Page(**{"stream": self.stream.name, "cursor": state, "listing": listing, **step.parts, **more})

    def _last(self, state: dict[str, Any], step: Step) -> Iterator[Page]:
        """Yield the last page, which completes the listing unless records are missing."""
        counted = self._counted_now(state)
        # The last page is read again: unlike the others, no following page proves that it was complete.
        if int(state["seen"]) < counted and (tail := state.get("tail")):
            yield self._page({**state, "spans": [tail["span"]], "seen": int(state["seen"]) - int(tail["rows"])}, step)
            step = self.list(tail["span"])
            state = {**state, "seen": int(state["seen"]) + max(0, step.rows - int(tail["rows"]))}
            if step.rest:  # the page was not the last one after all: its answer had lacked the link
                yield self._page({**state, "spans": list(step.rest)}, step)
                return
        if self._is_whole(int(state["seen"]), counted):
            total = {"total": counted} if self.stream.lists else {}
            yield self._page(state, step, cursor=listed(int(state["began"])), listed=self.stream.lists, **total)
        else:
            short = {"brought": int(state["seen"]), "counted": counted, "again": int(state.get("again") or 0)}
            yield self._page(state, step, cursor={**_beginning(), "again": short["again"] + 1, "short": short})

    def _counted_now(self, state: Cursor) -> int:
        """Return search's count: the one from the listing if the listing reached it, else the current one."""
        expected = state.get("expected")
        return int(expected) if expected is not None and int(state["seen"]) >= int(expected) else self.count()

    def _is_whole(self, seen: int, counted: int) -> bool:
        """Return whether a listing has as many records as search counts, less the tolerated gap.

        Search is an index that lags behind the records, so it may still count deleted ones: for "a few moments"
        according to https://developers.hubspot.com/docs/api/crm/search (2026-11), and Estuary's connector allows an
        hour (https://github.com/estuary/connectors/pull/2210). Hence the gap (`listing_gap`), by default 2 %. An empty
        listing is never within it.
        """
        return seen >= counted * (1 - self.reader.gap) and (seen > 0 or not counted)

    def _say(self, cursor: Cursor) -> None:
        """Warn about the first short listing, so that it is repeated, and raise `Unavailable` at the second."""
        short = cursor["short"]
        said = (
            f"HubSpot's listing of {self.stream.label} returned {short['brought']} records,"
            f" but its search counts {short['counted']}."
        )
        if short["again"] % 2 == 0:
            logger.warning("%s It is read once more.", said)
            return
        raise Unavailable(
            f"{said} Nothing is treated as deleted.",
            remedy="The next pass lists them again. If both numbers are right, increase `listing_gap`.",
        )

    def _check_bounds(self, state: Cursor) -> None:
        expected = state.get("expected")
        if expected is not None and int(state["seen"]) > 2 * int(expected) + _SPARE_ROWS:
            raise Unavailable(
                f"HubSpot's listing of {self.stream.label} does not end: it returned {state['seen']} records,"
                f" but its search counts {expected}."
            )


_SPARE_ROWS: Final = 10_000
"""Records that may be created during a listing, in addition to as many as there were."""


def _beginning() -> dict[str, Any]:
    """Return the cursor of a new listing."""
    return {"listing": uuid.uuid4().hex, "began": None, "spans": [{}], "seen": 0}


def _counted(state: Mapping[str, Any], step: Step) -> dict[str, Any]:
    """Return the listing's updated count, expected total and last page."""
    found: dict[str, Any] = {"seen": int(state["seen"]) + step.rows}
    if "total" in step.parts:
        found["expected"] = step.parts["total"]
    if not step.rest and not step.span.keys() & {"end", "task"}:
        found["tail"] = {"span": dict(step.span), "rows": step.rows}
    return found


@dataclass(frozen=True, slots=True)
class Timed:
    """A stream of immutable, timestamped events, read in windows of time."""

    stream: Stream
    reader: Reader
    take: Take
    since: int
    """Milliseconds that the first pull looks back."""
    of_leads: OfLeads | None = None

    def pull(self, cursor: Cursor | None) -> Iterator[Page]:
        """Yield what happened after the cursor."""
        yield from self.reader.changes(self.stream, cursor or self._beginning(), self.take)

    def _beginning(self) -> Cursor:
        now = self.reader.now()
        return {**started(now, now), "spans": [{"low": max(now - self.since, 1), LATEST: True, FIRST: True}]}


@dataclass(frozen=True, slots=True)
class Repeated:
    """A stream that HubSpot can only list in full, read again at intervals."""

    stream: Stream
    reader: Reader
    parts: Callable[[Cursor], Sequence[Span]]
    """Returns the spans to read, given the cursor of the last pull."""
    take: Take
    every: int = 0
    """Milliseconds between two full reads."""
    of_leads: OfLeads | None = None
    records: Callable[[], pl.DataFrame] | None = None
    """Lists which records exist (`vocabulary.rows.PRESENT`)."""

    def present(self, since: datetime | None) -> Iterator[Page]:  # noqa: ARG002 - few records, whenever they happened
        """Yield which records exist, on one page."""
        if self.records:
            yield Page(self.stream.name, {}, present=self.records(), listed=True)

    def pull(self, cursor: Cursor | None) -> Iterator[Page]:
        """Yield everything again, or the rest of an interrupted pull; nothing if it is not due yet."""
        state: dict[str, Any] = dict(cursor or {"began": 0})
        if "spans" not in state:
            now = self.reader.now()
            if now - int(state["began"]) < self.every:
                return
            state = {"since": state["began"], "began": now}
            state["spans"] = list(self.parts(state))
            if not state["spans"]:
                yield Page(self.stream.name, {"began": now})
        for step, rest in sweep(state["spans"], self.take, self.reader.readers):
            yield Page(self.stream.name, {**state, "spans": rest} if rest else {"began": state["began"]}, **step.parts)
