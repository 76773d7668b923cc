"""Participation in marketing events, such as webinars: registered, attended, cancelled."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from connectors.hubspot import frames
from connectors.hubspot.activity_source import ActivitySource
from connectors.hubspot.answers import NOT_FOUND, Rejected, following
from connectors.hubspot.entrants import of_each
from connectors.hubspot.portal import switched_on
from connectors.hubspot.spans import Span, Step, onward
from connectors.hubspot.streams import Repeated
from connectors.hubspot.transport import Transport
from connectors.hubspot.windows import FIRST
from vocabulary.pages import Cursor, Stream
from vocabulary.rows import address_digest

if TYPE_CHECKING:
    from connectors.hubspot.sources import Make, Sources

WEBINARS: Final = Stream("webinars", "webinars and other events", relisted=True, compared="webinar")
_PAGE: Final = 100
_AFTERMATH: Final = 14 * 86_400_000
"""Milliseconds after an event's end or last change during which its participants are read again.

Participations cannot be filtered by time, so each read of an event is a full one.
"""


@dataclass(frozen=True, slots=True)
class Webinars:
    """Reads participants of each event that is recent enough to change."""

    transport: Transport
    kinds: Mapping[str, str]
    since: int

    def parts(self, cursor: Cursor) -> list[Span]:
        """Return one span per event that may have changed since the last pull."""
        last, began = int(cursor["since"]), int(cursor["began"])
        earliest = last - _AFTERMATH if last else began - self.since
        return [
            {"event": str(event["objectId"]), "name": event.get("eventName"), **({} if last else {FIRST: True})}
            for event in self.transport.pages("marketing_events", [("limit", str(_PAGE))], sure=not last)
            if _latest(event) >= earliest
        ]

    def take(self, span: Span) -> Step:
        """Read one page of one event's participants."""
        query = [("limit", str(_PAGE)), *([("after", str(span["after"]))] if span.get("after") else [])]
        answer = self.transport.get("participations", query, sure=FIRST in span, event=str(span["event"]))
        rows = [self._activity(span, row) for row in answer["results"]]
        after = following(answer)
        parts = {"activities": frames.activities(row for row in rows if row)}
        return Step(parts, [] if after is None else [onward(span, after)])

    def present(self) -> pl.DataFrame:
        """Return which events exist. HubSpot keeps no participation of a deleted event; others never disappear."""
        events = self.transport.pages("marketing_events", [("limit", str(_PAGE))], sure=True)
        return frames.records(f"webinar:{event['objectId']}" for event in events)

    def of_contact(self, span: Span) -> Step:
        """Read one page of one contact's participations."""
        query = [("limit", str(_PAGE)), *([("after", str(span["after"]))] if span.get("after") else [])]
        try:
            answer = self.transport.get("contact_participations", query, contact=str(span["contact"]))
        except Rejected as rejected:
            if rejected.complaint.status != NOT_FOUND:
                raise
            return Step()  # deleted a moment ago
        rows = [self._activity(_event_of(row), row) for row in answer["results"]]
        after = following(answer)
        return Step(
            {"activities": frames.activities(row for row in rows if row)},
            [] if after is None else [onward(span, after)],
        )

    def _activity(self, span: Span, row: Mapping[str, Any]) -> tuple[Any, ...] | None:
        found, contact = row["properties"], row["associations"]["contact"]
        state = str(found["attendanceState"])
        kind = self.kinds.get(state)
        if kind is None:
            return None
        lead, digest = contact.get("contactId"), address_digest(contact.get("email"))
        identity = f"webinar:{span['event']}:{state}"  # without the contact, so that a merge joins equal activities
        at, seconds = found.get("occurredAt") or row.get("createdAt"), found.get("attendanceDurationSeconds")
        return lead, digest, identity, kind, at, None, span.get("name"), seconds, None


def _event_of(row: Mapping[str, Any]) -> Span:
    event = row["associations"]["marketingEvent"]
    return {"event": str(event["marketingEventId"]), "name": event.get("name")}


def _latest(event: Mapping[str, Any]) -> int:
    named = [event.get(name) for name in ("updatedAt", "startDateTime", "endDateTime", "createdAt")]
    stamps = frames.times(named).dt.epoch("ms").drop_nulls().to_list()
    return max(stamps, default=0)


def _streams(sources: "Sources", states: Mapping[str, str | None]) -> "list[tuple[Stream, Make]]":
    return [(WEBINARS, partial(_webinars, sources, switched_on(states)))] if switched_on(states) else []


def _webinars(sources: "Sources", kinds: Mapping[str, str]) -> Repeated:
    source = Webinars(sources.transport, kinds, sources.since)

    def of_leads(leads: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        return of_each(sources.reader, source.of_contact, [{"contact": lead} for lead in leads])

    return Repeated(WEBINARS, sources.reader, source.parts, source.take, sources.full_reads, of_leads, source.present)


SOURCE: Final = ActivitySource(
    "marketing_events",
    _streams,
    wanted=lambda states: bool(switched_on(states)),
    probe=lambda transport: transport.get("marketing_events", [("limit", "1")]),
)
