"""Web and marketing-email events, read in windows of time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from threading import Lock
from typing import Any, Final

from connectors.hubspot import frames
from connectors.hubspot.answers import BAD_REQUEST, Rejected, following
from connectors.hubspot.entrants import EMAIL_EVENTS_PAGE, Recipients, of_each
from connectors.hubspot.kinds import KindsOf, Named
from connectors.hubspot.spans import Span, Step, onward
from connectors.hubspot.streams import Now, Reader, Take, Timed
from connectors.hubspot.transport import Transport
from connectors.hubspot.windows import FIRST, slices
from vocabulary.pages import Stream
from vocabulary.rows import address_digest, domain_number, number_of

_SECONDS: Final = ("hs_visit_duration", "hs_time_on_page")
_TITLES: Final = ("hs_form_title", "hs_page_title", "hs_title")
EVENT_PROPERTIES: Final = ("hs_url", "hs_form_id", *_TITLES, *_SECONDS)
"""The event properties we read. By default, each event comes with about forty."""
_EVENT_PAGES: Final = (1000, 100)
_WORTH_SLICING: Final = 40
"""Expected pages above which a window is split into slices that are read in parallel."""
_SLICES: Final = 4
_CONTACT: Final = frozenset({"CONTACT", "0-1", "CONTACTS"})

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Web:
    """The events API: one stream per event type, over all contacts.

    It needs an Enterprise subscription and lacks marketing emails:
    https://developers.hubspot.com/docs/guides/api/analytics-and-events/event-analytics (2026-11).
    """

    transport: Transport
    type: str
    kinds: KindsOf
    form_name: Callable[[str], str | None]
    sizes: list[int] = field(default_factory=lambda: list(_EVENT_PAGES))
    """Page sizes to try. HubSpot does not document the maximum, so a size that it refuses is dropped."""

    def page(self, span: Span) -> tuple[Sequence[Answer], Span | None]:
        """Return one page of a window, oldest first. The bounds are widened because HubSpot excludes them."""
        query = [
            ("eventType", self.type),
            ("occurredAfter", _iso(int(span["low"]) - 1)),
            ("sort", "occurredAt"),
            *(("properties", name) for name in EVENT_PROPERTIES),
            ("limit", str(self.sizes[0])),
        ]
        if contact := span.get("contact"):
            query += [("objectType", "contact"), ("objectId", str(contact))]
        if high := span.get("high"):
            query.append(("occurredBefore", _iso(int(high) + 1)))
        if token := span.get("after"):
            query.append(("after", str(token)))
        answer = self.transport.get("events", query, sure=FIRST in span)
        after = following(answer)
        return answer["results"], onward(span, after) if after else None

    def shrink(self) -> bool:
        """Request smaller pages from now on; return False if there is no smaller size."""
        if len(self.sizes) > 1:
            del self.sizes[0]
            return True
        return False

    def covered(self, rows: Sequence[Answer]) -> tuple[int, int] | None:
        """Return the times of the first and the last event of a page."""
        first, last = frames.times([rows[0]["occurredAt"], rows[-1]["occurredAt"]]).dt.epoch("ms")
        return None if first is None or last is None else (first, last)

    def activities(self, rows: Sequence[Answer]) -> list[tuple[Any, ...]]:
        """Convert events of contacts into activities."""
        ours = [row for row in rows if _is_of_contact(row.get("objectType"))]
        named = [(self._name(row["properties"]), row["properties"].get("hs_url") or None) for row in ours]
        return [self._activity(*one) for one in zip(ours, named, self.kinds(named), strict=True)]

    def _activity(self, row: Answer, named: Named, kind: str) -> tuple[Any, ...]:
        name, url = named
        seconds = next(filter(None, map(row["properties"].get, _SECONDS)), None)
        return str(row["objectId"]), None, f"event:{row['id']}", kind, row["occurredAt"], url, name, seconds, None

    def _name(self, found: Mapping[str, Any]) -> str | None:
        if form := found.get("hs_form_id"):
            return found.get("hs_form_title") or self.form_name(str(form))
        return found.get("hs_page_title") or found.get("hs_title") or None


@cache
def _is_of_contact(object_type: str | None) -> bool:
    return str(object_type or "").upper() in _CONTACT


class Campaigns:
    """The names of email campaigns, each requested once."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._names: dict[str, str] = {}
        self._lock = Lock()

    def name(self, campaign: str) -> str:
        """Return a campaign's name, or `campaign ID` if it cannot be read."""
        with self._lock:
            if campaign not in self._names:
                self._names[campaign] = self._ask(campaign) or f"campaign {campaign}"
            return self._names[campaign]

    def _ask(self, campaign: str) -> str:
        try:
            found = self._transport.get("campaign", id=campaign)
        except Rejected:
            return ""
        return str(found.get("name") or found.get("subject") or "")


@dataclass(frozen=True, slots=True)
class Email:
    """Marketing-email events of one type. They identify people by address; events of bots are left out."""

    transport: Transport
    type: str
    kind: str
    campaigns: Campaigns

    def page(self, span: Span) -> tuple[Sequence[Answer], Span | None]:
        """Return one page of a window, newest first. Both bounds are inclusive.

        Order: https://developers.hubspot.com/docs/methods/email/get_events (2026-11).
        """
        query = [
            ("eventType", self.type),
            ("startTimestamp", str(span["low"])),
            ("limit", str(EMAIL_EVENTS_PAGE)),
        ]
        if high := span.get("high"):
            query.append(("endTimestamp", str(high)))
        if token := span.get("after"):
            query.append(("offset", str(token)))
        answer = self.transport.get("email_events", query, sure=FIRST in span)
        return answer["events"], onward(span, answer["offset"]) if answer["hasMore"] else None

    def shrink(self) -> bool:
        """Return False: the size of a page is documented."""
        return False

    def covered(self, rows: Sequence[Answer]) -> tuple[int, int] | None:  # noqa: ARG002 - same verbs as Web
        """Return None: at 1,000 events per page, newest first, parallel reading does not pay."""
        return None

    def activities(self, rows: Sequence[Answer]) -> list[tuple[Any, ...]]:
        """Convert the events of people into activities."""
        # `filteredEvent` marks opens and clicks by bots.
        return [self._activity(row) for row in rows if not row.get("filteredEvent") and self._counts(row)]

    def _counts(self, row: Answer) -> bool:
        return self.type != "STATUSCHANGE" or "UNSUBSCRIBED" in _statuses(row)

    def _activity(self, row: Answer) -> tuple[Any, ...]:
        digest = address_digest(row.get("recipient"))
        campaign = row.get("emailCampaignId")
        name = None if campaign is None else self.campaigns.name(str(campaign))
        plain = None, digest, f"email:{row['id']}", self.kind, row.get("created"), row.get("url"), name, None, None
        return *plain, *_mail(row)


def _mail(row: Answer) -> tuple[int | None, int | None, int | None]:
    """Return which mail an event is of, when it was sent, and the domain it was sent to.

    `sentBy` names the SENT event, of which each mail to each recipient has one:
    https://developers.hubspot.com/docs/methods/email/email_events_overview (2026-11).
    """
    sent = row.get("sentBy") or {}
    return number_of(sent.get("id")), sent.get("created"), domain_number(row.get("recipient"))


def _statuses(row: Answer) -> set[str]:
    subscriptions = [str(entry.get("status")) for entry in row.get("subscriptions") or []]
    return {str(row.get("portalSubscriptionStatus")), *subscriptions}


def _iso(milliseconds: int) -> str:
    stamp = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return stamp.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def stretches(source: Web | Email, now: Now) -> Take:
    """Return the step that reads one page of a window."""

    def take(span: Span) -> Step:
        rows, rest = _page(source, span)
        parts = {"activities": frames.activities(source.activities(rows))}
        if rest is None:
            return Step(parts)
        beginning = "after" not in span and "sliced" not in span
        covered = source.covered(rows) if beginning else None
        return Step(parts, [rest] if covered is None else _sliced(span, rest, covered, now()))

    return take


def _page(source: Web | Email, span: Span) -> tuple[Sequence[Answer], Span | None]:
    """Read one page, restarting the window if HubSpot no longer accepts the token of an interrupted pull.

    The offset of email events is "meant to be short-lived":
    https://developers.hubspot.com/docs/methods/email/get_events (2026-11).
    """
    try:
        return source.page(span)
    except Rejected as rejected:
        if rejected.complaint.status != BAD_REQUEST:
            raise
        if "after" in span:
            return source.page({name: value for name, value in span.items() if name not in {"after", "trail"}})
        if source.shrink():
            return source.page(span)
        raise


def _sliced(span: Span, rest: Span, covered: tuple[int, int], now: int) -> list[Span]:
    """Split a long window after its first page, judging by the time that page covers."""
    first, last = covered
    high = int(span.get("high") or now)
    if high - last < _WORTH_SLICING * max(last - first, 1):
        return [rest]
    return list(slices({**span, "sliced": True}, last, high, _SLICES))


def web_events(reader: Reader, stream: Stream, web: Web, since: int) -> Timed:
    """Return the stream of one type of event of the events API."""
    take = stretches(web, reader.now)

    def of_leads(leads: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        low = max(reader.now() - since, 1)
        return of_each(reader, take, [{"low": low, "contact": lead} for lead in leads])

    return Timed(stream, reader, take, since, of_leads)


def email_events(reader: Reader, stream: Stream, email: Email, since: int, recipients: Recipients) -> Timed:
    """Return the stream of one type of marketing-email event."""

    def of_recipient(span: Span) -> Step:
        rows = [row for row in recipients.events(span["recipient"], span["low"]) if row.get("type") == email.type]
        return Step({"activities": frames.activities(email.activities(rows))})

    def of_leads(leads: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        low = max(reader.now() - since, 1)
        return of_each(reader, of_recipient, [{"low": low, "recipient": one} for one in recipients.of(leads)])

    return Timed(stream, reader, stretches(email, reader.now), since, of_leads)
