"""Endpoints of what contacts did: events, e-mail events, form submissions, marketing events."""

from __future__ import annotations

import heapq
import uuid
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from sandbox.catalogue import FORM_KINDS, PLACES, SITE, TAGS, places_of
from sandbox.hubspot.answers import Answer, PageNotFound, Refused, invalid, iso
from sandbox.hubspot.calls import Call, Endpoint
from sandbox.hubspot.filling import NAMESPACE, form_id
from sandbox.hubspot.portal import PORTAL_ID
from sandbox.hubspot.searching import UNBOUNDED, milliseconds
from sandbox.hubspot.streams import Act, Anchor, Stream, paged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sandbox.hubspot.portal import Portal
    from sandbox.hubspot.table import Record

EVENT_TYPES: Final = {"e_visited_page": "pages", "e_form_submission_v2": "forms"}
ALL_EVENT_TYPES: Final = (
    *("e_ad_interaction", "e_call_ended", "e_form_submission_metadata_v2", "e_form_submission_v2", "e_form_view"),
    *("e_submitted_form", "e_v2_contact_replied_sequence_email", "e_visited_page"),
)
"""What event-types lists, whatever the account pays for."""
MAIL_TYPES: Final = ("OPEN", "CLICK", "STATUSCHANGE", "BOUNCE", "DELIVERED", "SENT")
EMPTY_VISIT: Final = (
    *(
        "hs_analytics_normalized_page_url",
        "hs_browser_type",
        "hs_canonical_url",
        "hs_country",
        "hs_device_type",
        "hs_is_amp",
    ),
    *("hs_is_contact", "hs_is_external", "hs_is_in_chat_view", "hs_is_virtual_referrer", "hs_is_virtual_url"),
    *("hs_original_canonical_url", "hs_page_id", "hs_qualified_region", "hs_region", "hs_targeted_content_aggregation"),
    *("hs_tracking_privacy_data", "hs_visit_source", "hs_visit_source_details_1", "hs_visit_source_details_2"),
)
"""Properties of a page visit that are mostly empty."""
CAMPAIGNS: Final = {
    name: 2_100_000 + number
    for number, name in enumerate(
        sorted({PLACES[p].name for p in places_of("email_open", "email_click", "unsubscribe", "bounce")})
    )
}


def _contact(portal: Portal, act: Act) -> Record | None:
    """Return whom an activity belongs to now; nobody where the contact was erased or deleted."""
    return portal.tables["0-1"].find(act.contact)


def _url(act: Act) -> str:
    return (PLACES[act.place].url or SITE) + TAGS[act.tag]


# Events --------------------------------------------------------------------------------------------------------


def events(portal: Portal, call: Call) -> Answer:
    """GET /events/v3/events: every parameter is optional; by event type alone it lists all contacts."""
    if not portal.enterprise:
        raise Refused(403, "The events API needs an Enterprise subscription.", "FORBIDDEN")
    call.need("business-intelligence", "oauth", "crm.objects.contacts.read")
    names = _event_names(call)
    low = _moment(call, "occurredAfter", 0)
    high = _moment(call, "occurredBefore", UNBOUNDED)
    newest_first = (call.one("sort") or "occurredAt").startswith("-")
    found = _events_of(portal, call, names, low, high, newest_first=newest_first)
    token = call.one("after")
    rows, after = paged(found, Anchor.read(token) if token else None, call.number("limit", 100, low=1, high=1000))
    shown = call.many("properties")
    body: dict[str, Any] = {"results": [_event(portal, act, shown) for act in rows]}
    return Answer(body if after is None else {**body, "paging": call.next_page(after.write())})


def _event_names(call: Call) -> list[str]:
    name = call.one("eventType")
    if name is not None and name not in ALL_EVENT_TYPES:
        raise invalid(f"Event type {name} does not exist.", context={"eventType": [name]})
    if (call.one("objectType") or "contact").lower() not in {"contact", "contacts", "0-1"}:
        return []
    return [name] if name else list(EVENT_TYPES)


def _moment(call: Call, name: str, default: int) -> int:
    text = call.one(name)
    return default if text is None else milliseconds(text)


def _events_of(
    portal: Portal, call: Call, names: Iterable[str], low: int, high: int, *, newest_first: bool
) -> Iterator[Act]:
    streams = [portal.streams[EVENT_TYPES[name]] for name in names if name in EVENT_TYPES]
    contact = _asked_contact(portal, call)
    if contact is not None:
        picked = [
            [stream[position] for position in stream.of(contact) if low <= stream.at[position] < high]
            for stream in streams
        ]
        sources = [iter(acts[::-1] if newest_first else acts) for acts in picked]
    else:
        sources = [_walk(stream, low, high, call.one("after"), newest_first=newest_first) for stream in streams]
    merged = heapq.merge(*sources, key=lambda act: (act.at, act.serial), reverse=newest_first)
    return (act for act in merged if _contact(portal, act) is not None)


def _walk(stream: Stream, low: int, high: int, token: str | None, *, newest_first: bool) -> Iterator[Act]:
    """Go through a stream from the anchor on."""
    if token:
        at = Anchor.read(token).at
        low, high = (low, min(high, at + 1)) if newest_first else (max(low, at), high)
    span = stream.span(low, high)
    return (stream[position] for position in (reversed(span) if newest_first else span))


def _asked_contact(portal: Portal, call: Call) -> set[int] | None:
    """Return the ids that stand for the contact asked for, those merged into it included."""
    name = call.one("objectId")
    email = next((value for key, value in call.pairs if key == "objectProperty.email"), None)
    if name is None and email is None:
        return None
    table = portal.tables["0-1"]
    record = table.find(int(name)) if name and name.isdecimal() else table.find_by("email", email or "")
    if record is None:
        return set()
    return {record.id} | {
        loser for loser in table.merged if (kept := table.find(loser)) is not None and kept.id == record.id
    }


def _event(portal: Portal, act: Act, shown: list[str]) -> dict[str, Any]:
    record = _contact(portal, act)
    is_form = PLACES[act.place].kind in FORM_KINDS
    properties = _submission_properties(act) if is_form else _visit_properties(act)
    name = "e_form_submission_v2" if is_form else "e_visited_page"
    contact = str(record.id if record else act.contact)
    if not is_form:
        properties["hs_leviathan_linked_vids"] = contact
    mark = uuid.uuid5(NAMESPACE, str(act.serial))
    return {
        "objectType": "CONTACT",
        "objectId": contact,
        "eventType": name,
        "occurredAt": iso(act.at),
        "id": f"leviathan-{mark}-{act.at}" if not is_form else f"{PORTAL_ID}-{mark}-{act.at}",
        "properties": {key: value for key, value in properties.items() if not shown or key in shown},
    }


def _visit_properties(act: Act) -> dict[str, str]:
    return _visited(act.place, act.tag) | {
        "hs_hash_id": str(act.serial),
        "hs_log_line_timestamp": str(act.at),
        "hs_processed_timestamp": str(act.at + 749),
    }


@cache
def _visited(place: int, tag: int) -> dict[str, str]:
    """Return what all visits of one address have in common."""
    name = PLACES[place].name
    url = urlsplit((PLACES[place].url or SITE) + TAGS[tag])
    return dict.fromkeys(EMPTY_VISIT, "") | {
        "hs_base_url": f"{url.scheme}://{url.netloc}{url.path}",
        "hs_browser": "Chrome",
        "hs_browser_version_major": "146",
        "hs_cf_bot_score": "98",
        "hs_is_new_cookie": "false",
        "hs_operating_system": "Linux",
        "hs_page_title": name,
        "hs_query_params": url.query,
        "hs_title": name,
        "hs_url": url.geturl(),
        "hs_url_domain": url.netloc,
        "hs_url_path": url.path,
        "hs_user_agent": "Mozilla/5.0 (X11; Linux x86_64)",
        "hs_utm_campaign": "",
    }


def _submission_properties(act: Act) -> dict[str, str]:
    url = urlsplit(_url(act))
    return {
        "hs_base_url": f"{url.scheme}://{url.netloc}{url.path}",
        "hs_form_id": form_id(act.place),
        "hs_form_type": "HUBSPOT",
        "hs_page_title": PLACES[act.place].name,
        "hs_query_params": url.query,
        "hs_referrer": SITE,
        "hs_url": url.geturl(),
        "hs_utm_campaign": "",
        "hs_utm_medium": "",
        "hs_utm_source": "",
        "hs_visitor_type": "RETURNING_VISITOR",
    }


def event_types(_: Portal, __: Call) -> Answer:
    """GET /events/v3/events/event-types."""
    return Answer({"eventTypes": list(ALL_EVENT_TYPES)})


# E-mail events -------------------------------------------------------------------------------------------------


def mail_events(portal: Portal, call: Call) -> Answer:
    """GET /email/public/v1/events: by address, newest first; opens by mail scanners are marked, not left out."""
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

    rows, after = paged(noted(), Anchor.read(token) if token else None, limit)
    shown = [_mail_event(portal, act, kinds[act.at, act.serial]) for act in rows]
    return Answer({"hasMore": after is not None, "offset": after.write() if after else "", "events": shown})


def _mails(portal: Portal, call: Call, kind: str, low: int, high: int, token: str | None) -> Iterator[tuple[Act, str]]:
    recipient, without_bots = call.one("recipient"), call.flag("excludeFilteredEvents")
    campaign = call.one("campaignId")
    for act in _walk(portal.streams[kind], low, high, token, newest_first=True):
        record = _contact(portal, act)
        email = record.values.get("email") if record else None
        if email is None or (recipient and email != recipient.lower()) or (without_bots and act.bot):
            continue
        if campaign is None or campaign == str(CAMPAIGNS[PLACES[act.place].name]):
            yield act, kind


def _mail_event(portal: Portal, act: Act, kind: str) -> dict[str, Any]:
    record = _contact(portal, act)
    campaign = CAMPAIGNS[PLACES[act.place].name]
    sent = {"id": str(uuid.uuid5(NAMESPACE, f"sent {act.serial}")), "created": act.at - 3_605_000}
    return {
        "appName": "Batch",
        "created": act.at,
        "id": str(uuid.uuid5(NAMESPACE, f"{kind} {act.serial}")),
        "type": kind,
        "recipient": record.values["email"] if record else "",
        "portalId": PORTAL_ID,
        "appId": 113,
        "emailCampaignId": campaign,
        "emailCampaignGroupId": campaign + 5_000_000,
        "sentBy": sent,
        "smtpId": None,
        **MAIL_DETAILS[kind](act),
    }


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


MAIL_DETAILS: Final[dict[str, Callable[[Act], dict[str, Any]]]] = {
    "OPEN": lambda act: {**_browsed(act), "duration": 0},
    "CLICK": lambda act: {**_browsed(act), "url": f"{SITE}/product", "linkId": 0, "referer": ""},
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


# Forms ---------------------------------------------------------------------------------------------------------


def forms(_: Portal, call: Call) -> Answer:
    """GET /marketing/v3/forms."""
    call.need("forms")
    places, limit = places_of(*FORM_KINDS), call.number("limit", 20, low=1, high=500)
    first = _decoded(call.one("after"))
    rows = [] if call.flag("archived") else [_form(place) for place in places]
    body: dict[str, Any] = {"results": rows[first : first + limit]}
    return Answer(
        body if first + limit >= len(rows) else {**body, "paging": call.next_page(Anchor(first + limit, 0).write())}
    )


def _decoded(token: str | None) -> int:
    return Anchor.read(token).at if token else 0


def form(_: Portal, call: Call) -> Answer:
    """GET /marketing/v3/forms/{id}."""
    call.need("forms")
    return Answer(_form(_form_place(call["id"])))


def _form_place(guid: str) -> int:
    for place in places_of(*FORM_KINDS):
        if form_id(place) == guid:
            return place
    raise Refused(404, f"No form found with guid '{guid}'", "OBJECT_NOT_FOUND")


def _field(name: str, label: str, kind: str) -> dict[str, Any]:
    return {"objectTypeId": "0-1", "name": name, "label": label, "required": True, "hidden": False, "fieldType": kind}


def _form(place: int) -> dict[str, Any]:
    fields = [_field("email", "Email", "email"), _field("firstname", "First name", "single_line_text")]
    return {
        "id": form_id(place),
        "name": PLACES[place].name,
        "createdAt": "2025-05-11T17:30:51.442Z",
        "updatedAt": "2025-05-11T17:30:51.442Z",
        "archived": False,
        "fieldGroups": [{"groupType": "default_group", "richTextType": "text", "fields": fields}],
        "configuration": {
            "language": "en",
            "cloneable": True,
            "postSubmitAction": {"type": "thank_you", "value": ""},
            "editable": True,
            "archivable": True,
            "recaptchaEnabled": False,
            "notifyContactOwner": False,
            "notifyRecipients": [],
            "createNewContactForNewEmail": False,
            "prePopulateKnownValues": True,
            "allowLinkToResetKnownValues": False,
            "embedType": "V3",
        },
        "displayOptions": {
            "renderRawHtml": False,
            "theme": "default_style",
            "submitButtonText": "Submit",
            "style": STYLE,
            "cssClass": None,
        },
        "legalConsentOptions": {"type": "none"},
        "formType": "hubspot",
    }


STYLE: Final = {
    "fontFamily": "arial, helvetica, sans-serif",
    "backgroundWidth": "100%",
    "labelTextColor": "#33475b",
    "labelTextSize": "11px",
    "helpTextColor": "#7C98B6",
    "helpTextSize": "11px",
    "legalConsentTextColor": "#33475b",
    "legalConsentTextSize": "14px",
    "submitColor": "#ff7a59",
    "submitAlignment": "left",
    "submitFontColor": "#ffffff",
    "submitSize": "12px",
}


def submissions(portal: Portal, call: Call) -> Answer:
    """GET /form-integrations/v1/submissions/forms/{id}: newest first, without contact ids."""
    call.need("forms")
    place, token = _form_place(call["id"]), call.one("after")
    acts = _walk(portal.streams["forms"], 0, UNBOUNDED, token, newest_first=True)
    mine = (act for act in acts if act.place == place and _contact(portal, act) is not None)
    limit = call.number("limit", 20, low=1, high=50)
    rows, after = paged(mine, Anchor.read(token) if token else None, limit)
    body: dict[str, Any] = {"results": [_submission(portal, act) for act in rows]}
    return Answer(body if after is None else {**body, "paging": call.next_page(after.write())})


def _submission(portal: Portal, act: Act) -> dict[str, Any]:
    record = _contact(portal, act)
    held = record.values if record else {}
    return {
        "conversionId": str(uuid.uuid5(NAMESPACE, str(act.serial))),
        "submittedAt": act.at,
        "values": [
            {"name": name, "value": held[name], "objectTypeId": "0-1"}
            for name in ("firstname", "lastname", "email")
            if held.get(name)
        ],
        "pageUrl": _url(act),
    }


# Marketing events ----------------------------------------------------------------------------------------------


def _webinars() -> list[tuple[int, int, str]]:
    """Return every webinar as (where one registers, where one attends, name)."""
    registered, attended = places_of("webinar_register"), places_of("webinar_attend")
    return [(one, other, PLACES[one].name) for one, other in zip(registered, attended, strict=True)]


def _webinar_id(attended: int) -> str:
    return str(555_440_000_000 + attended * 17)


def marketing_events(portal: Portal, call: Call) -> Answer:
    """GET /marketing/v3/marketing-events."""
    call.need("crm.objects.marketing_events.read")
    rows = [_marketing_event(portal, *each) for each in _webinars()] if portal.webinars else []
    first, limit = _decoded(call.one("after")), call.number("limit", 10, low=1, high=100)
    body: dict[str, Any] = {"results": rows[first : first + limit]}
    return Answer(
        body if first + limit >= len(rows) else {**body, "paging": call.next_page(Anchor(first + limit, 0).write())}
    )


def marketing_event(portal: Portal, call: Call) -> Answer:
    """GET /marketing/v3/marketing-events/{id}."""
    call.need("crm.objects.marketing_events.read")
    return Answer(_marketing_event(portal, *_webinar(call["id"])))


def _webinar(number: str) -> tuple[int, int, str]:
    for each in _webinars():
        if _webinar_id(each[1]) == number:
            return each
    raise Refused(404, f"Marketing event {number} does not exist", "OBJECT_NOT_FOUND")


def _marketing_event(portal: Portal, registered: int, attended: int, name: str) -> dict[str, Any]:
    start = portal.webinars[attended]
    done = start < portal.clock.now()
    counts = _counts(portal, registered, attended)
    return {
        "eventName": name,
        "eventType": "WEBINAR",
        "startDateTime": iso(start),
        "endDateTime": iso(start + 3_600_000),
        "eventOrganizer": "Acme Analytics",
        "eventDescription": None,
        "eventUrl": PLACES[registered].url,
        "eventCancelled": False,
        "eventCompleted": done,
        "customProperties": [],
        "objectId": _webinar_id(attended),
        "externalEventId": f"webinar-{attended}",
        "eventStatus": "PAST" if done else "UPCOMING",
        "eventStatusV2": "past" if done else "upcoming",
        "appInfo": {"id": "123", "name": "Webinars"},
        "registrants": counts["registered"],
        "attendees": counts["attended"],
        "cancellations": 0,
        "noShows": counts["noShows"],
        "createdAt": iso(start - 60 * 86_400_000),
        "updatedAt": iso(start),
    }


def _participants(portal: Portal, registered: int, attended: int) -> dict[tuple[int, str], Act]:
    """Return the first act of each contact in each state; who registered and did not come is a no-show afterwards."""
    found: dict[tuple[int, str], Act] = {}
    for name, place, state in (("registered", registered, "REGISTERED"), ("attended", attended, "ATTENDED")):
        stream = portal.streams[name]
        for position in range(len(stream)):
            if stream.place[position] == place and (record := _contact(portal, stream[position])) is not None:
                found.setdefault((record.id, state), stream[position])
    start = portal.webinars[attended]
    if start < portal.clock.now():
        for contact, state in list(found):
            if state == "REGISTERED" and (contact, "ATTENDED") not in found and found[contact, state].at < start:
                found[contact, "NO_SHOW"] = Act(
                    start + 3_600_000, contact, attended, 0, False, found[contact, state].serial
                )
    return found


def _counts(portal: Portal, registered: int, attended: int) -> dict[str, int]:
    states = [state for _, state in _participants(portal, registered, attended)]
    return {
        "registered": states.count("REGISTERED"),
        "attended": states.count("ATTENDED"),
        "cancelled": 0,
        "noShows": states.count("NO_SHOW"),
    }


def participations(portal: Portal, call: Call) -> Answer:
    """GET /marketing/v3/marketing-events/participations/{id}."""
    call.need("crm.objects.marketing_events.read")
    return Answer(_counts(portal, *_webinar(call["id"])[:2]))


def breakdown(portal: Portal, call: Call) -> Answer:
    """GET /marketing/v3/marketing-events/participations/{id}/breakdown."""
    call.need("crm.objects.marketing_events.read")
    return _breakdown(portal, call, [_webinar(call["id"])], call.one("contactIdentifier"))


def contact_breakdown(portal: Portal, call: Call) -> Answer:
    """GET /marketing/v3/marketing-events/participations/contacts/{id}/breakdown."""
    call.need("crm.objects.marketing_events.read")
    return _breakdown(portal, call, _webinars() if portal.webinars else [], call["id"])


def _breakdown(portal: Portal, call: Call, webinars: list[tuple[int, int, str]], identifier: str | None) -> Answer:
    wanted = _identified(portal, identifier)
    state, limit = call.one("state"), call.number("limit", 10, low=1, high=100)
    rows = [
        (webinar, contact, kind, act)
        for webinar in webinars
        for (contact, kind), act in sorted(_participants(portal, *webinar[:2]).items())
        if (state is None or kind == state.upper()) and (wanted is None or contact == wanted)
    ]
    first = _decoded(call.one("after"))
    shown = [_participation(portal, *row) for row in rows[first : first + limit]]
    body: dict[str, Any] = {"total": len(rows), "results": shown}
    return Answer(
        body if first + limit >= len(rows) else {**body, "paging": call.next_page(Anchor(first + limit, 0).write())}
    )


def _identified(portal: Portal, identifier: str | None) -> int | None:
    if identifier is None:
        return None
    table = portal.tables["0-1"]
    record = table.find(int(identifier)) if identifier.isdecimal() else table.find_by("email", identifier)
    if record is None:
        raise Refused(404, f"Contact {identifier} does not exist", "OBJECT_NOT_FOUND")
    return record.id


def _participation(portal: Portal, webinar: tuple[int, int, str], contact: int, state: str, act: Act) -> dict[str, Any]:
    held = portal.tables["0-1"].records[contact].values
    came = state == "ATTENDED"
    return {
        "id": str(uuid.uuid5(NAMESPACE, f"{webinar[1]} {contact} {state}")),
        "createdAt": iso(act.at),
        "associations": {
            "marketingEvent": {
                "marketingEventId": _webinar_id(webinar[1]),
                "externalEventId": f"webinar-{webinar[1]}",
                "externalAccountId": "1",
                "name": webinar[2],
            },
            "contact": {
                "contactId": str(contact),
                "email": held.get("email", ""),
                "firstname": held.get("firstname"),
                "lastname": held.get("lastname"),
            },
        },
        "properties": {
            "occurredAt": act.at,
            "attendanceState": state,
            "attendancePercentage": "0.92" if came else None,
            "attendanceDurationSeconds": 3300 if came else None,
        },
    }


EVENTS: Final = "/marketing/v3/marketing-events"
ENDPOINTS: Final = (
    Endpoint("GET", "/events/v3/events", events),
    Endpoint("GET", "/events/v3/events/event-types", event_types),
    Endpoint("GET", "/email/public/v1/events", mail_events),
    Endpoint("GET", "/email/public/v1/campaigns/{id}", mail_campaign),
    Endpoint("GET", "/marketing/v3/forms", forms),
    Endpoint("GET", "/marketing/v3/forms/{id}", form),
    Endpoint("GET", "/form-integrations/v1/submissions/forms/{id}", submissions),
    Endpoint("GET", EVENTS, marketing_events),
    Endpoint("GET", f"{EVENTS}/{{id}}", marketing_event),
    Endpoint("GET", f"{EVENTS}/participations/{{id}}", participations),
    Endpoint("GET", f"{EVENTS}/participations/{{id}}/breakdown", breakdown),
    Endpoint("GET", f"{EVENTS}/participations/contacts/{{id}}/breakdown", contact_breakdown),
)
