"""Choose the windows of time that a pull reads: all since the last pull plus an overlap, and later a second read.

Search lags behind the records, by "a few moments" according to https://developers.hubspot.com/docs/api/crm/search
(2026-11); Estuary's connector allows an hour (https://github.com/estuary/connectors/pull/2210). So the cursor is never
the greatest time seen, but HubSpot's clock at the first answer of a window that was read to its end. Each pull overlaps
the last one, and every window is read a second time when it is `late` old.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.spans import Span, Step

LATEST = "latest"
"""Marks the span that reads up to the present. The time of its first answer is where the next pull continues."""
UNTIL = "until"
"""The key of the latest span with the time up to which earlier pulls have read."""
FIRST = "first"
"""Marks the span of a first pull. No overlap or second read will recover what it misses."""
SECOND = "second"
"""Marks the span of a second read."""
AGAIN = "again"
"""Marks the span that reads again what may have got other links since."""


@dataclass(frozen=True, slots=True)
class Relook:
    """How often, and how far back, records are read again whose links change without a trace; in milliseconds."""

    every: int
    within: int

    @classmethod
    def of(cls, settings: HubSpotSettings) -> "Relook":
        """Read both from the settings."""
        return cls(*(_milliseconds(one.total_seconds()) for one in (settings.links_every, settings.links_within)))

    def due(self, state: Mapping[str, Any], until: int, now: int) -> dict[str, Any]:
        """Return the cursor with the span to read again, if it is due: up to where the next changes begin."""
        if now - int(state.get("linked") or state["looked"]) < self.every:
            return dict(state)
        span = {"low": max(now - self.within, 1), "high": max(until, 1), AGAIN: True}
        return {**state, "spans": [span, *state["spans"]], "linking": now}


@dataclass(frozen=True, slots=True)
class Windows:
    """The overlap with the last pull and the delay of the second read, in milliseconds."""

    overlap: int
    late: int

    @classmethod
    def of(cls, settings: HubSpotSettings) -> "Windows":
        """Read both from the settings."""
        return cls(_milliseconds(settings.overlap.total_seconds()), _milliseconds(settings.late_look.total_seconds()))

    def due(self, cursor: Mapping[str, Any], now: int, relook: Relook | None = None) -> dict[str, Any]:
        """Return the cursor with the spans to read: those an interrupted pull left, else all that are due."""
        if cursor.get("spans"):
            return dict(cursor)
        state = self._due(cursor, now)
        return relook.due(state, int(state["spans"][-1]["low"]), now) if relook else state

    def _due(self, cursor: Mapping[str, Any], now: int) -> dict[str, Any]:
        overlap = 0 if cursor.get("listed") else self.overlap
        until = int(cursor["until"])
        latest = {"low": max(until - overlap, 1), LATEST: True, UNTIL: until}
        second = now - self.late
        if second - int(cursor["looked"]) < self.late:
            return {**cursor, "spans": [latest]}
        again = {"low": max(int(cursor["looked"]) - self.overlap, 1), "high": second, SECOND: True}
        return {**cursor, "spans": [again, latest], "looking": second}


def moved(cursor: Mapping[str, Any], step: Step, rest: list[Span]) -> dict[str, Any]:
    """Return the cursor after a step: with the remaining spans or, at the end, where the next pull continues."""
    to = cursor.get("to") or (step.at if step.span.get(LATEST) else None)
    if rest:
        return {**cursor, "spans": rest, "to": to}
    linked = cursor.get("linking") or cursor.get("linked")
    at_rest = started(int(to or cursor["until"]), int(cursor.get("looking") or cursor["looked"]))
    return {**at_rest, **({"linked": linked} if linked else {})}


def started(until: int, looked: int) -> dict[str, Any]:
    """Return the cursor of a stream that was read up to `until`, and a second time up to `looked`."""
    return {"until": until, "looked": looked}


def listed(began: int) -> dict[str, Any]:
    """Return the cursor after a full listing. Listings do not lag, so changes are read from its start, no overlap."""
    return {**started(began, began), "listed": True}


def slices(span: Span, low: int, high: int, parts: int) -> Iterator[Span]:
    """Split a window into equal parts to read in parallel. The last part ends where the span does."""
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
