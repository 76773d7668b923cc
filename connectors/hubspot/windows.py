"""Which stretches of time a pull reads: all since the last one with an overlap, and everything a second time, later.

HubSpot's search lags behind its records, from seconds to the better part of an hour. So a cursor is never the greatest
time seen, but HubSpot's own clock at the first answer of a stretch that was then read to its end; each pull looks back
a little, and every stretch is read once more when it is `late` old.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.spans import Span, Step

LATEST = "latest"
"""Marks the span that reads up to the present: when it was first answered is where the next pull takes over."""
FIRST = "first"
"""Marks the span of a first pull: no overlap and no second look will bring what it misses."""
SECOND = "second"
"""Marks the span of a second look."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Milliseconds: how far a pull looks back, and how late the second look is."""

    overlap: int
    late: int

    @classmethod
    def of(cls, settings: HubSpotSettings) -> "Windows":
        """Take the spans of the settings."""
        return cls(_milliseconds(settings.overlap.total_seconds()), _milliseconds(settings.late_look.total_seconds()))

    def due(self, cursor: Mapping[str, Any], now: int) -> dict[str, Any]:
        """Return the cursor with the spans to read: those that a pull left over, else all that is due."""
        if cursor.get("spans"):
            return dict(cursor)
        overlap = 0 if cursor.get("listed") else self.overlap
        latest = {"low": max(int(cursor["until"]) - overlap, 1), LATEST: True}
        second = now - self.late
        if second - int(cursor["looked"]) < self.late:
            return {**cursor, "spans": [latest]}
        again = {"low": max(int(cursor["looked"]) - self.overlap, 1), "high": second, SECOND: True}
        return {**cursor, "spans": [again, latest], "looking": second}


def moved(cursor: Mapping[str, Any], step: Step, rest: list[Span]) -> dict[str, Any]:
    """Return the cursor after a step: going on with the rest, or standing where the next pull takes over."""
    to = cursor.get("to") or (step.at if step.span.get(LATEST) else None)
    if rest:
        return {**cursor, "spans": rest, "to": to}
    return started(int(to or cursor["until"]), int(cursor.get("looking") or cursor["looked"]))


def started(until: int, looked: int) -> dict[str, Any]:
    """Return the cursor of a stream that is read up to `until`, and had its second look up to `looked`."""
    return {"until": until, "looked": looked}


def listed(began: int) -> dict[str, Any]:
    """Return the cursor after a full listing, which does not lag: changes are followed from its very beginning."""
    return {**started(began, began), "listed": True}


def slices(span: Span, low: int, high: int, parts: int) -> Iterator[Span]:
    """Cut a stretch of time into equal parts, to be read side by side; the last ends where the span ends."""
    width = (high - low) // parts + 1
    for start in range(low, high + 1, width):
        if start + width > high:
            yield {**span, "low": start}
        else:
            yield {name: value for name, value in span.items() if name != LATEST} | {
                "low": start,
                "high": start + width - 1,
            }


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
