"""Endpoints of marketing e-mail: opens, clicks, bounces and unsubscriptions, by recipient address."""

from __future__ import annotations

import heapq
import uuid
from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.catalogue import PLACES, SITE, places_of
from leadgauge_sandbox.hubspot.acting import contact_of, recipient_of, walk
from leadgauge_sandbox.hubspot.answers import Answer, PageNotFound
from leadgauge_sandbox.hubspot.calls import Call, Endpoint
from leadgauge_sandbox.hubspot.filling import NAMESPACE
from leadgauge_sandbox.hubspot.portal import PORTAL_ID
from leadgauge_sandbox.hubspot.searching import UNBOUNDED
from leadgauge_sandbox.hubspot.streams import Act, Anchor, paged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from leadgauge_sandbox.hubspot.portal import Portal


SENT_EARLIER: Final = 3_605_000
"""Milliseconds between sending a mail and the event."""
MAIL_TYPES: Final = ("OPEN", "CLICK", "STATUSCHANGE", "BOUNCE", "DELIVERED", "SENT")
CAMPAIGNS: Final = {
    name: 2_100_000 + number
    for number, name in enumerate(
        sorted({PLACES[p].name for p in places_of("email_open", "email_click", "unsubscribe", "bounce")})
    )
}


def mail_events(portal: Portal, call: Call) -> Answer:
    """GET /email/public/v1/events: by address, newest first; opens by mail scanners are flagged, not omitted."""
    call.need("content")
    name = call.one("eventType")
    if name is not None and name not in MAIL_TYPES:
        return Answer({"hasMore": False, "offset": "", "events": []})
    low, high = call.number("startTimestamp", 0), call.number("endTimestamp", UNBOUNDED) + 1
    token, limit = call.one("offset"), call.number("limit", 10, low=1, high=1000)
    chosen = [name] if name else list(MAIL_TYPES)
    sources = [_mails(portal, call, each, low, high, token) for each in chosen]
    merged = heapq.merge(*sources, key=lambda pair: (pair[0].at, pair[0].serial), reverse=True)
    kinds: dict[tuple[int, int], str] = {}

    def noted() -> Iterator[Act]:
        for act, kind in merged:
            kinds[act.at, act.serial] = kind
            yield act

    rows, after = paged(noted(), Anchor.read(token) if token else None, limit, newest_first=True)
    shown = [_mail_event(portal, act, kinds[act.at, act.serial]) for act in rows]
    return Answer({"hasMore": after is not None, "offset": after.write() if after else "", "events": shown})


def _mails(portal: Portal, call: Call, kind: str, low: int, high: int, token: str | None) -> Iterator[tuple[Act, str]]:
    recipient, without_bots = call.one("recipient"), call.flag("excludeFilteredEvents")
    campaign = call.one("campaignId")
    for act in walk(portal.streams[kind], low, high, token, newest_first=True):
        email = _recipient(portal, act) if contact_of(portal, act) else ""
        if not email or (recipient and email != recipient.lower()) or (without_bots and act.bot):
            continue
        if campaign is None or campaign == str(CAMPAIGNS[PLACES[act.place].name]):
            yield act, kind


def _mail_event(portal: Portal, act: Act, kind: str) -> dict[str, Any]:
    campaign = CAMPAIGNS[PLACES[act.place].name]
    of_mail = f"{act.contact} {campaign} {act.sent}" if act.sent else str(act.serial)
    sent = {"id": str(uuid.uuid5(NAMESPACE, f"sent {of_mail}")), "created": act.sent or act.at - SENT_EARLIER}
    return {
        "appName": "Batch",
        "created": act.at,
        "id": str(uuid.uuid5(NAMESPACE, f"{kind} {act.serial}")),
        "type": kind,
        "recipient": _recipient(portal, act),
        "portalId": PORTAL_ID,
        "appId": 113,
        "emailCampaignId": campaign,
        "emailCampaignGroupId": campaign + 5_000_000,
        "sentBy": sent,
        "smtpId": None,
        **MAIL_DETAILS[kind](act),
    }


def _recipient(portal: Portal, act: Act) -> str:
    """Return the address the mail was sent to."""
    return recipient_of(portal, act, act.sent or act.at - SENT_EARLIER)


def _browsed(act: Act) -> dict[str, Any]:
    return {
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64)",
        "browser": {
            "name": "Chrome",
            "family": "Chrome",
            "producer": "",
            "producerUrl": "",
            "type": "Browser",
            "url": "",
            "version": [],
        },
        "location": {"country": "", "state": "", "city": ""},
        "deviceType": "COMPUTER",
        "filteredEvent": act.bot,
    }


def _link(act: Act) -> str:
    return f"{SITE}/blog/{act.tag:02}" if act.tag else f"{SITE}/product"


MAIL_DETAILS: Final[dict[str, Callable[[Act], dict[str, Any]]]] = {
    "OPEN": lambda act: {**_browsed(act), "duration": 0},
    "CLICK": lambda act: {**_browsed(act), "url": _link(act), "linkId": act.tag, "referer": ""},
    "STATUSCHANGE": lambda _: {
        "source": "SOURCE_RECIPIENT",
        "requestedBy": "",
        "portalSubscriptionStatus": "UNSUBSCRIBED",
        "subscriptions": [{"id": 7, "status": "UNSUBSCRIBED"}],
        "bounced": False,
    },
    "BOUNCE": lambda _: {"category": "UNKNOWN_USER", "response": "550 5.1.1 unknown user", "status": "5.1.1"},
    "DELIVERED": lambda _: {"response": "250 OK"},
    "SENT": lambda _: {"subject": "", "from": "", "replyTo": [], "cc": [], "bcc": []},
}


def mail_campaign(_: Portal, call: Call) -> Answer:
    """GET /email/public/v1/campaigns/{id}: the subject of the mailing behind an event."""
    call.need("content")
    name = next((name for name, number in CAMPAIGNS.items() if str(number) == call["id"]), None)
    if name is None:
        raise PageNotFound
    number = CAMPAIGNS[name]
    return Answer(
        {
            "appId": 113,
            "appName": "Batch",
            "contentId": number + 9_000_000,
            "id": number,
            "name": name,
            "subject": name,
            "type": "BATCH_EMAIL",
            "counters": {},
        }
    )


ENDPOINTS: Final = (
    Endpoint("GET", "/email/public/v1/events", mail_events),
    Endpoint("GET", "/email/public/v1/campaigns/{id}", mail_campaign),
)
