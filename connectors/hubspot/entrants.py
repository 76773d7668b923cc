"""Reading what the streams have about some leads, for those that are new to the mirror but not to HubSpot.

Engagements and deals are found through the contact's associations, events by the contact's id. Marketing-email events
know only the recipient, so one call per address brings all types of them ("Only return events related to the given
recipient": https://developers.hubspot.com/docs/api-reference/legacy/email-analytics-v1/events/get-email-public-v1-events,
2026-11). Participations are read by contact
(https://developers.hubspot.com/docs/api-reference/legacy/marketing/marketing-events/participant-state/get-participants-contactId,
2026-11). Submissions can only be listed form by form, so their newest pages must do until the forms are listed again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from connectors.hubspot.contacts import associated
from connectors.hubspot.objects import Objects, Rows
from connectors.hubspot.spans import Span, onward, sweep
from connectors.hubspot.streams import Reader, Take
from connectors.hubspot.transport import Transport

ONE_BY_ONE: Final = 300
"""More leads than this are not read one by one: listing the stream again costs less, or little more."""


# "The maximum allowed value is 1000":
# https://developers.hubspot.com/docs/api-reference/legacy/email-analytics-v1/events/get-email-public-v1-events
# (2026-11).
EMAIL_EVENTS_PAGE: Final = 1000


def of_each(reader: Reader, take: Take, spans: Sequence[Span]) -> Iterator[Mapping[str, Any]]:
    """Yield the parts of the pages of some spans, read in parallel."""
    return (step.parts for step, _ in sweep(spans, take, reader.readers))


@dataclass(frozen=True, slots=True)
class Linked:
    """Objects that are associated with some contacts."""

    transport: Transport
    objects: Objects

    def of(self, leads: Sequence[str]) -> tuple[Rows, Mapping[str, Sequence[str]]]:
        """Return the objects of these contacts, and which of the contacts each object has."""
        owners: dict[str, list[str]] = {}
        for lead, ids in associated(self.transport, "contacts", self.objects.type, leads).items():
            for one in ids:
                owners.setdefault(one, []).append(lead)
        return self.objects.read(list(owners)), owners


@dataclass
class Recipients:
    """The addresses of contacts, kept while a batch of them is read, and never stored."""

    transport: Transport
    _leads: tuple[str, ...] = ()
    _found: list[str] = field(default_factory=list)
    _events: dict[str, Rows] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def of(self, leads: Sequence[str]) -> list[str]:
        """Return every address of these contacts."""
        with self._lock:
            if self._leads != tuple(leads):
                self._leads, self._found, self._events = tuple(leads), self._read(leads), {}
            return self._found

    def events(self, address: str, since: int) -> Rows:
        """Return the events of every type of an address, asked for once for all streams."""
        kept = self._events  # another thread may begin with other contacts meanwhile
        if address not in kept:
            kept[address] = list(self._all_events(address, since))
        return kept[address]

    def forget(self) -> None:
        """Ask again for what is kept, since it may have changed."""
        with self._lock:
            self._leads, self._found, self._events = (), [], {}

    def _all_events(self, address: str, since: int) -> Iterator[Mapping[str, Any]]:
        span: Span = {}
        query = [("recipient", address), ("startTimestamp", str(since)), ("limit", str(EMAIL_EVENTS_PAGE))]
        while True:
            offset = [("offset", str(span["after"]))] if "after" in span else []
            answer = self.transport.get("email_events", [*query, *offset])
            yield from answer["events"]
            if not answer["hasMore"]:
                return
            span = onward(span, answer["offset"])

    def _read(self, leads: Sequence[str]) -> list[str]:
        rows = Objects(self.transport, "contacts", ("email", "hs_additional_emails")).read(leads)
        held = [row["properties"].get(name) or "" for row in rows for name in ("email", "hs_additional_emails")]
        return list(dict.fromkeys(one.strip() for text in held for one in text.split(";") if one.strip()))
