"""The three ways in which a stream is read; what stands in its pages is the business of the modules that make them."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from connectors.base import Cursor, Page, Stream
from connectors.hubspot.spans import Readers, Span, Step, sweep
from connectors.hubspot.windows import LATEST, Windows, listed, moved, started

Take = Callable[[Span], Step]
Now = Callable[[], int]
"""HubSpot's clock in milliseconds."""


class Source(Protocol):
    """A stream that can be pulled."""

    def pull(self, cursor: Cursor | None) -> Iterator[Page]:
        """Yield the pages after the cursor."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What every stream needs to read: threads, how many of them, the windows and HubSpot's clock."""

    readers: Readers
    windows: Windows
    now: Now

    def changes(self, stream: Stream, cursor: Cursor, take: Take) -> Iterator[Page]:
        """Yield what changed since the cursor. There is always a last page, for the cursor must move on."""
        state = self.windows.due(cursor, self.now())
        for step, rest in sweep(state["spans"], take, self.readers):
            state = moved(state, step, rest)
            yield Page(stream.name, state, **step.parts)


@dataclass(frozen=True, slots=True)
class Followed:
    """Everything is listed once, then changes are followed by search."""

    stream: Stream
    reader: Reader
    list: Take
    change: Take

    def pull(self, cursor: Cursor | None) -> Iterator[Page]:
        """Yield the listing, or what is left of it, then the changes since it began."""
        cursor = cursor or {"listing": uuid.uuid4().hex, "began": None, "spans": [{}], "seen": 0}
        if "listing" in cursor:
            for page in self._listing(cursor):
                cursor = page.cursor
                yield page
        yield from self.reader.changes(self.stream, cursor, self.change)

    def _listing(self, cursor: Cursor) -> Iterator[Page]:
        state: dict[str, Any] = dict(cursor)
        for step, rest in sweep(cursor["spans"], self.list, self.reader.readers):
            state = {**state, **_counted(state, step.parts), "spans": rest, "began": state["began"] or step.at}
            left = {name: part for name, part in step.parts.items() if name != "split"}
            yield Page(
                self.stream.name,
                state if rest else listed(int(state["began"])),
                listing=str(state["listing"]) if self.stream.lists else None,
                listed=self.stream.lists and not rest and _complete(state),
                **left,
            )


def _counted(state: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    """Count the leads that a listing brought, and keep how many there should be where it was split."""
    leads = parts.get("leads")
    seen = int(state["seen"]) + (0 if leads is None else leads.height)
    return {"seen": seen, **({"expected": parts["total"]} if parts.get("split") else {})}


def _complete(state: Mapping[str, Any]) -> bool:
    """Tell whether a listing that was read in several ranges brought what search counts, but for a few."""
    return int(state["seen"]) >= int(state.get("expected", 0)) * 0.98


@dataclass(frozen=True, slots=True)
class Timed:
    """Something that happened at a time and never changes: read stretch by stretch."""

    stream: Stream
    reader: Reader
    take: Take
    since: int
    """Milliseconds to look back at first."""

    def pull(self, cursor: Cursor | None) -> Iterator[Page]:
        """Yield what happened after the cursor."""
        yield from self.reader.changes(self.stream, cursor or self._beginning(), self.take)

    def _beginning(self) -> Cursor:
        now = self.reader.now()
        return {**started(now, now), "spans": [{"low": max(now - self.since, 1), LATEST: True}]}


@dataclass(frozen=True, slots=True)
class Repeated:
    """Something that HubSpot can only list in full: read again from its parts when it is due."""

    stream: Stream
    reader: Reader
    parts: Callable[[Cursor], Sequence[Span]]
    """The spans to read now, given what the last pull left."""
    take: Take
    every: int = 0
    """Milliseconds between two pulls that read."""

    def pull(self, cursor: Cursor | None) -> Iterator[Page]:
        """Yield everything again, or what an interrupted pull left of it; nothing where it is not due yet."""
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
