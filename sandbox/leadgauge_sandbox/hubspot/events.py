"""Endpoints of the events API: page visits and form submissions, of all contacts by type or of one contact."""

from __future__ import annotations

import heapq
import uuid
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from leadgauge_sandbox.catalogue import FORM_KINDS, PLACES, SITE, TAGS
from leadgauge_sandbox.hubspot.acting import contact_of, url_of, walk
from leadgauge_sandbox.hubspot.answers import Answer, Refused, invalid, iso
from leadgauge_sandbox.hubspot.calls import Call, Endpoint
from leadgauge_sandbox.hubspot.filling import NAMESPACE, form_id
from leadgauge_sandbox.hubspot.portal import PORTAL_ID
from leadgauge_sandbox.hubspot.searching import UNBOUNDED, milliseconds
from leadgauge_sandbox.hubspot.streams import Act, Anchor, paged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leadgauge_sandbox.hubspot.portal import Portal


EVENT_TYPES: Final = {"e_visited_page": "pages", "e_form_submission_v2": "forms"}
ALL_EVENT_TYPES: Final = (
    *("e_ad_interaction", "e_call_ended", "e_form_submission_metadata_v2", "e_form_submission_v2", "e_form_view"),
    *("e_submitted_form", "e_v2_contact_replied_sequence_email", "e_visited_page"),
)
"""The event types that event-types lists, for any subscription."""
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


def events(portal: Portal, call: Call) -> Answer:
    """GET /events/v3/events: every parameter is optional; an event type alone lists all contacts."""
    if not portal.enterprise:
        raise Refused(403, "The events API needs an Enterprise subscription.", "FORBIDDEN")
    call.need("business-intelligence", "oauth", "crm.objects.contacts.read")
    names = _event_names(call)
    low = _moment(call, "occurredAfter", 0)
    high = _moment(call, "occurredBefore", UNBOUNDED)
    newest_first = (call.one("sort") or "occurredAt").startswith("-")
    found = _events_of(portal, call, names, low, high, newest_first=newest_first)
    token = call.one("after")
    limit, anchor = call.number("limit", 100, low=1, high=1000), Anchor.read(token) if token else None
    rows, after = paged(found, anchor, limit, newest_first=newest_first)
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
        sources = [walk(stream, low, high, call.one("after"), newest_first=newest_first) for stream in streams]
    merged = heapq.merge(*sources, key=lambda act: (act.at, act.serial), reverse=newest_first)
    return (act for act in merged if contact_of(portal, act) is not None)


def _asked_contact(portal: Portal, call: Call) -> set[int] | None:
    """Return the ids of the requested contact, including those merged into it."""
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
    record = contact_of(portal, act)
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
    """Return the properties common to all visits of one URL."""
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
    url = urlsplit(url_of(act))
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


ENDPOINTS: Final = (
    Endpoint("GET", "/events/v3/events", events),
    Endpoint("GET", "/events/v3/events/event-types", event_types),
)
