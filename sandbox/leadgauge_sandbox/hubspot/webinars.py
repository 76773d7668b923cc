"""Endpoints of marketing events (webinars) and their participants."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.catalogue import PLACES, places_of
from leadgauge_sandbox.hubspot.acting import contact_of
from leadgauge_sandbox.hubspot.answers import Answer, Refused, iso
from leadgauge_sandbox.hubspot.calls import Call, Endpoint
from leadgauge_sandbox.hubspot.filling import NAMESPACE
from leadgauge_sandbox.hubspot.streams import Act

if TYPE_CHECKING:
    from leadgauge_sandbox.hubspot.portal import Portal


EVENTS: Final = "/marketing/v3/marketing-events"


def _webinars(portal: Portal) -> list[tuple[int, int, str]]:
    """Return every webinar that was not deleted as (registration place, attendance place, name)."""
    registered, attended = places_of("webinar_register"), places_of("webinar_attend")
    pairs = zip(registered, attended, strict=True)
    return [(one, other, PLACES[one].name) for one, other in pairs if other in portal.webinars]


def _webinar_id(attended: int) -> str:
    return str(555_440_000_000 + attended * 17)


def marketing_events(portal: Portal, call: Call) -> Answer:
    """GET /marketing/v3/marketing-events: in HubSpot's Node client, not in its 2026-09 descriptions (2026-11)."""
    call.need("crm.objects.marketing_events.read")
    rows = [_marketing_event(portal, *each) for each in _webinars(portal)]
    shown, paging = call.slice(rows, 10, 100, opaque=True)
    return Answer({"results": shown, **paging})


def marketing_event(portal: Portal, call: Call) -> Answer:
    """GET /marketing/v3/marketing-events/{id}."""
    call.need("crm.objects.marketing_events.read")
    return Answer(_marketing_event(portal, *_webinar(portal, call["id"])))


def delete_marketing_event(portal: Portal, call: Call) -> Answer:
    """DELETE /marketing/v3/marketing-events/{id}.

    developers.hubspot.com/docs/api-reference/2026-03/marketing/marketing-events/delete-event (2026-11); that its
    participations are gone too is assumed.
    """
    call.need("crm.objects.marketing_events.write")
    _, attended, _ = _webinar(portal, call["id"])
    portal.webinars = {place: start for place, start in portal.webinars.items() if place != attended}
    return Answer(status=204)


def _webinar(portal: Portal, number: str) -> tuple[int, int, str]:
    for each in _webinars(portal):
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
        "eventDescription": f"{name}, live and with questions.",
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
    """Return each contact's first activity in each state; afterwards, a registration not attended is a no-show."""
    found: dict[tuple[int, str], Act] = {}
    for name, place, state in (("registered", registered, "REGISTERED"), ("attended", attended, "ATTENDED")):
        stream = portal.streams[name]
        for position in range(len(stream)):
            if stream.place[position] == place and (record := contact_of(portal, stream[position])) is not None:
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
    return Answer(_counts(portal, *_webinar(portal, call["id"])[:2]))


def breakdown(portal: Portal, call: Call) -> Answer:
    """GET /marketing/v3/marketing-events/participations/{id}/breakdown."""
    call.need("crm.objects.marketing_events.read")
    return _breakdown(portal, call, [_webinar(portal, call["id"])], call.one("contactIdentifier"))


def contact_breakdown(portal: Portal, call: Call) -> Answer:
    """GET /marketing/v3/marketing-events/participations/contacts/{id}/breakdown."""
    call.need("crm.objects.marketing_events.read")
    return _breakdown(portal, call, _webinars(portal), call["id"])


def _breakdown(portal: Portal, call: Call, webinars: list[tuple[int, int, str]], identifier: str | None) -> Answer:
    wanted = _identified(portal, identifier)
    state = call.one("state")
    rows = [
        (webinar, contact, kind, act)
        for webinar in webinars
        for (contact, kind), act in sorted(_participants(portal, *webinar[:2]).items())
        if (state is None or kind == state.upper()) and (wanted is None or contact == wanted)
    ]
    shown, paging = call.slice(rows, 10, 100, opaque=True)
    return Answer({"total": len(rows), "results": [_participation(portal, *row) for row in shown], **paging})


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
            **({"attendancePercentage": "0.92", "attendanceDurationSeconds": 3300} if came else {}),
        },
    }


ENDPOINTS: Final = (
    Endpoint("GET", EVENTS, marketing_events),
    Endpoint("GET", f"{EVENTS}/{{id}}", marketing_event),
    Endpoint("DELETE", f"{EVENTS}/{{id}}", delete_marketing_event),
    Endpoint("GET", f"{EVENTS}/participations/{{id}}", participations),
    Endpoint("GET", f"{EVENTS}/participations/{{id}}/breakdown", breakdown),
    Endpoint("GET", f"{EVENTS}/participations/contacts/{{id}}/breakdown", contact_breakdown),
)
