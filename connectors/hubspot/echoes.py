"""Recognise our own writes, which search returns as changes, so that they are read back once and not four times.

A record that we wrote and that has not changed since was last modified while we wrote, and holds the time of that
scoring. A search can exclude these. They are read back once anyway, because our write hides the time of a change that
was made between the last pull and the write.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, Final

from connectors.hubspot.filtering import WITHOUT, between
from connectors.hubspot.objects import Objects
from connectors.hubspot.spans import Span, Step
from connectors.hubspot.streams import Take
from connectors.hubspot.windows import LATEST, UNTIL
from vocabulary.outputs import SCORED_AT, Of, field_of
from vocabulary.writes import Row

_WORTH: Final = 400
"""Rows that it takes at least: two pages of a search, since leaving them out costs a call."""
_MOST: Final = 2
"""Writes that one search leaves out: HubSpot takes 5 groups of filters and 18 filters in all."""
_KEPT: Final = 20
_EARLIER: Final = 60_000
"""Milliseconds before a write from which a record that holds its time of scoring counts as written by it."""
_SECOND: Final = 1000
"""HubSpot's clock is known to the second."""
_GAP: Final = 60_000
"""Milliseconds between two writes of the same scoring that count as one."""


@dataclass
class Echo:
    """Rows that were written with the same time of scoring, within some time by HubSpot's clock in milliseconds."""

    name: str
    scored_at: int
    begin: int
    end: int
    rows: int = 0
    seen: int | None = None
    """How many of them search counted when they were last read back."""
    is_read: bool = False
    """Whether they have been read back to the end."""

    def as_json(self) -> list[Any]:
        """Return it for a span."""
        return [self.name, self.scored_at, self.begin, self.end]

    def within(self, low: int, high: int | None) -> bool:
        """Return whether a window touches it."""
        return self.end >= low and (high is None or self.begin <= high)


@dataclass
class Echoes:
    """What this process wrote lately to leads or to accounts. Thread-safe.

    It is lost with the process: then everything is read back.
    """

    now: Callable[[], int]
    of: Of = "leads"
    _echoes: list[Echo] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def wrote(self, rows: Sequence[Row], seconds: float) -> None:
        """Note rows that were written in the last `seconds`. HubSpot has answered, so its time takes no call."""
        now = self.now()
        begin, end = now - int(seconds * 1000) - _EARLIER, now + _SECOND
        counted: dict[tuple[str, int], int] = {}
        stamp = field_of(SCORED_AT, self.of)
        for row in rows:
            for name, value in row.values.items():
                if name.endswith(stamp) and isinstance(value, datetime):
                    key = name, int(value.timestamp() * 1000)
                    counted[key] = counted.get(key, 0) + 1
        with self._lock:
            for (name, scored_at), count in counted.items():
                self._note(Echo(name, scored_at, begin, end, count))
            self._echoes = self._echoes[-_KEPT:]

    def _note(self, new: Echo) -> None:
        for known in self._echoes:
            if (known.name, known.scored_at) == (new.name, new.scored_at) and new.begin - known.end <= _GAP:
                known.end, known.rows, known.is_read = new.end, known.rows + new.rows, False
                return
        self._echoes.append(new)

    def left_out(self, objects: Objects, span: Span) -> list[list[Any]]:
        """Return the writes that the search of a window need not bring back."""
        low, high = int(span["low"]), span.get("high")
        with self._lock:
            worth = [one for one in self._echoes if one.rows >= _WORTH and one.within(low, high)]
        found = sorted(worth, key=lambda one: -one.rows)[:_MOST]
        return [one.as_json() for one in sorted(found, key=lambda one: one.begin) if self._is_read(one, objects, span)]

    def _is_read(self, one: Echo, objects: Objects, span: Span) -> bool:
        """Return whether all of it was read back: a later window began after it, and no more of it has come up."""
        one.is_read |= LATEST in span and int(span.get(UNTIL) or 0) > one.end
        count = objects.count_where(filters(objects.modified, one.as_json()))
        known, one.seen = one.seen, count
        return one.is_read and known is not None and count <= known


def filters(modified: str, echo: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the filters of a search for what we wrote and has not changed since."""
    name, scored_at, begin, end = echo
    return [between(modified, begin, end), {"propertyName": name, "operator": "EQ", "value": str(scored_at)}]


def without_echoes(echoes: Echoes, objects: Objects, take: Take) -> Take:
    """Return the step that reads changes without our own writes, as far as they were read back before."""

    def quieter(span: Span) -> Step:
        left_out = span[WITHOUT] if WITHOUT in span else echoes.left_out(objects, span)
        chosen: Mapping[str, Any] = {**span, WITHOUT: left_out}
        return take(chosen)

    return quieter
