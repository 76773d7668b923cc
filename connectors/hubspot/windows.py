"""Which stretches of time a pull reads: since the last one with an overlap, and everything a second time, later.

HubSpot's search lags behind its records, from seconds to the better part of an hour. So a cursor is never the greatest
time seen, but the end of a stretch that was read to its end; each pull looks back a little, and every stretch is read
once more when it is `late` old.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.spans import Span


@dataclass(frozen=True, slots=True)
class Windows:
    """Milliseconds: how far a pull looks back, and how late the second look is."""

    overlap: int
    late: int

    @classmethod
    def of(cls, settings: HubSpotSettings) -> "Windows":
        """Take the spans of the settings."""
        return cls(_milliseconds(settings.overlap.total_seconds()), _milliseconds(settings.late_look.total_seconds()))

    def due(self, cursor: Mapping[str, Any], now: int) -> "Round":
        """Return what to read now: what an interrupted pull left, else the second look if due and the time since."""
        until, looked = int(cursor["until"]), int(cursor["looked"])
        if spans := cursor.get("spans"):
            return Round(list(spans), int(cursor["to"]), int(cursor["looks"]))
        second = now - self.late
        if second - looked < self.late:
            return Round([self._stretch(until, now)], now, looked)
        return Round([{**self._stretch(looked, second), "second": True}, self._stretch(until, now)], now, second)

    def _stretch(self, low: int, high: int) -> Span:
        return {"low": max(low - self.overlap, 1), "high": high}


@dataclass(frozen=True, slots=True)
class Round:
    """The spans of one pull, and where the cursor stands once they are read."""

    spans: list[Span]
    until: int
    looked: int

    def cursor(self, before: Mapping[str, Any], rest: list[Span]) -> Mapping[str, Any]:
        """Return the cursor that goes on with `rest`, or stands at the end of the round."""
        if not rest:
            return started(self.until, self.looked)
        return {**before, "spans": rest, "to": self.until, "looks": self.looked}


def started(until: int, looked: int | None = None) -> dict[str, Any]:
    """Return the cursor of a stream that is read up to `until`, and had its second look up to `looked`."""
    return {"until": until, "looked": until if looked is None else looked}


def slices(span: Span, parts: int) -> Iterator[Span]:
    """Cut the rest of a stretch of time into equal parts, to be read side by side."""
    low, high = int(span["low"]), int(span["high"])
    step = (high - low) // parts + 1
    for start in range(low, high + 1, step):
        yield {**span, "low": start, "high": min(start + step - 1, high)}


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
