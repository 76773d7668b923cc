"""Endpoints of the webhooks journal: subscriptions with their filters, pointers to the files, snapshots.

https://developers.hubspot.com/docs/api-reference/latest/webhooks-journal/guide, and the description of the API at
https://github.com/HubSpot/HubSpot-public-api-spec-collection, "Webhooks Journal", 2026-03 (read 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.hubspot.answers import NO_CONTENT, Answer, Refused, batch_answer
from leadgauge_sandbox.hubspot.calls import Call, Endpoint
from leadgauge_sandbox.hubspot.happenings import Happening
from leadgauge_sandbox.hubspot.portal import PORTAL_ID
from leadgauge_sandbox.hubspot.subscriptions import checked, checked_conditions
from leadgauge_sandbox.hubspot.tokens import JOURNAL, lacking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadgauge_sandbox.hubspot.journal import Entry
    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.subscriptions import Subscription

MOST_FILES: Final = 100
READ: Final = f"{JOURNAL}.read"


def subscribe(portal: Portal, call: Call) -> Answer:
    """POST /webhooks-journal/subscriptions/2026-03: create a subscription, or update that to the same records."""
    call.need(f"{JOURNAL}.subscriptions.write")
    wish = checked(call.json(), PORTAL_ID)
    if "objectTypeId" in wish:
        scope = f"crm.objects.{portal.table(wish['objectTypeId']).kind.scope}.read"
        if lacking(portal.tokens.client.scopes, portal.faults, scope):
            call.refuse_scopes(scope)
    journal = portal.journal
    return Answer(journal.subscribe(wish).told(journal.app))


def subscriptions(portal: Portal, call: Call) -> Answer:
    """GET /webhooks-journal/subscriptions/2026-03."""
    call.need(f"{JOURNAL}.subscriptions.read")
    journal = portal.journal
    return Answer({"results": [each.told(journal.app) for each in journal.subscriptions.values()]})


def _subscription(portal: Portal, name: str) -> Subscription:
    found = portal.journal.subscriptions.get(int(name)) if name.isdecimal() else None
    if found is None:
        raise Refused(404, f"Subscription {name} does not exist.", "OBJECT_NOT_FOUND")
    return found


def subscription(portal: Portal, call: Call) -> Answer:
    """GET /webhooks-journal/subscriptions/2026-03/{id}."""
    call.need(f"{JOURNAL}.subscriptions.read")
    return Answer(_subscription(portal, call["id"]).told(portal.journal.app))


def unsubscribe(portal: Portal, call: Call) -> Answer:
    """DELETE /webhooks-journal/subscriptions/2026-03/{id}."""
    call.need(f"{JOURNAL}.subscriptions.write")
    del portal.journal.subscriptions[_subscription(portal, call["id"]).number]
    return Answer(status=NO_CONTENT)


def unsubscribe_account(portal: Portal, call: Call) -> Answer:
    """DELETE /webhooks-journal/subscriptions/2026-03/portals/{portal}."""
    call.need(f"{JOURNAL}.subscriptions.write")
    held = portal.journal.subscriptions
    for number in [each.number for each in held.values() if str(each.wish.get("portalId")) == call["portal"]]:
        del held[number]
    return Answer(status=NO_CONTENT)


def add_filter(portal: Portal, call: Call) -> Answer:
    """POST /webhooks-journal/subscriptions/2026-03/filters."""
    call.need(f"{JOURNAL}.subscriptions.write")
    wish = call.json()
    made = portal.journal.filter(_subscription(portal, str(wish.get("subscriptionId"))), checked_conditions(wish))
    return Answer({"filterId": made.number})


def _filter_number(call: Call) -> int:
    return int(call["filter"]) if call["filter"].isdecimal() else 0


def one_filter(portal: Portal, call: Call) -> Answer:
    """GET /webhooks-journal/subscriptions/2026-03/filters/{filter}."""
    call.need(f"{JOURNAL}.subscriptions.read")
    return Answer(portal.journal.filtered(_filter_number(call))[1].told())


def filters(portal: Portal, call: Call) -> Answer:
    """GET /webhooks-journal/subscriptions/2026-03/filters/subscription/{id}."""
    call.need(f"{JOURNAL}.subscriptions.read")
    return Answer([each.told() for each in _subscription(portal, call["id"]).filters.values()])


def remove_filter(portal: Portal, call: Call) -> Answer:
    """DELETE /webhooks-journal/subscriptions/2026-03/filters/{filter}."""
    call.need(f"{JOURNAL}.subscriptions.write")
    holder, found = portal.journal.filtered(_filter_number(call))
    del holder.filters[found.number]
    return Answer(status=NO_CONTENT)


def _entries(portal: Portal, call: Call) -> Sequence[Entry]:
    """Return the files of the account that is asked for."""
    call.need(READ)
    portal.journal.publish()
    elsewhere = call.one("installPortalId") not in {None, str(PORTAL_ID)}
    return [] if elsewhere else portal.journal.entries


def _pointer(portal: Portal, call: Call, entries: Sequence[Entry]) -> Answer:
    """Return where a file is; 204 if there is none: the live API answered so on 2026-09-03.

    https://github.com/usertour/usertour, hubspot-journal-api.ts.
    """
    return Answer(portal.journal.pointer(entries[0], call.base)) if entries else Answer(status=NO_CONTENT)


def earliest(portal: Portal, call: Call) -> Answer:
    """GET /webhooks-journal/journal/2026-03/earliest."""
    return _pointer(portal, call, _entries(portal, call)[:1])


def latest(portal: Portal, call: Call) -> Answer:
    """GET /webhooks-journal/journal/2026-03/latest."""
    return _pointer(portal, call, _entries(portal, call)[-1:])


def following(portal: Portal, call: Call) -> Answer:
    """GET /webhooks-journal/journal/2026-03/offset/{offset}/next.

    "Fails with a 404 if the offset has expired or doesn't exist":
    https://developers.hubspot.com/docs/api-reference/2027-03-beta/webhooks-journal/journal-entries/local/get-journal-local-next
    """
    return _pointer(portal, call, _after(portal, call)[:1])


def _after(portal: Portal, call: Call) -> Sequence[Entry]:
    held = _entries(portal, call)
    return portal.journal.after(call["offset"]) if held or not call.one("installPortalId") else []


def _batch(portal: Portal, call: Call, entries: Sequence[Entry]) -> Answer:
    now = portal.clock.now()
    return batch_answer(now, now, [portal.journal.pointer(each, call.base) for each in entries], [])


def _count(call: Call) -> int:
    """Return how many files are asked for: a number from 1 to 100."""
    if not call["count"].isdecimal() or not 1 <= int(call["count"]) <= MOST_FILES:
        raise Refused(400, f"count must be between 1 and {MOST_FILES}, not {call['count']}.", "VALIDATION_ERROR")
    return int(call["count"])


def earliest_batch(portal: Portal, call: Call) -> Answer:
    """GET /webhooks-journal/journal/2026-03/batch/earliest/{count}."""
    return _batch(portal, call, _entries(portal, call)[: _count(call)])


def latest_batch(portal: Portal, call: Call) -> Answer:
    """GET /webhooks-journal/journal/2026-03/batch/latest/{count}."""
    return _batch(portal, call, _entries(portal, call)[-_count(call) :])


def following_batch(portal: Portal, call: Call) -> Answer:
    """GET /webhooks-journal/journal/2026-03/batch/{offset}/next/{count}."""
    return _batch(portal, call, _after(portal, call)[: _count(call)])


def read_batch(portal: Portal, call: Call) -> Answer:
    """POST /webhooks-journal/journal/2026-03/batch/read: the files at some offsets; 207 if some are unknown."""
    _entries(portal, call)
    offsets, now = [str(each) for each in call.json().get("inputs") or ()], portal.clock.now()
    found = {offset: portal.journal.find(offset) for offset in offsets}
    results = [portal.journal.pointer(entry, call.base) for entry in found.values() if entry is not None]
    errors = [_unknown(offset) for offset, entry in found.items() if entry is None]
    return batch_answer(now, now, results, errors)


def _unknown(offset: str) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Offset {offset} has expired or does not exist.",
        "context": {"offset": [offset]},
        "errors": [],
        "links": {},
    }


def snapshots(portal: Portal, call: Call) -> Answer:
    """POST /webhooks-journal/snapshots/2026-03/crm: write records as they are to the journal."""
    call.need(f"{JOURNAL}.snapshots.write")
    answers = []
    for wish in call.json().get("snapshotRequests") or ():
        told = _snapshot(portal, wish)
        shown = {name: wish[name] for name in ("portalId", "objectId", "objectTypeId")}
        answers.append({**shown, "snapshotStatusId": portal.journal.snapshot(told)})
    return Answer({"snapshotResponses": answers})


def _snapshot(portal: Portal, wish: dict[str, Any]) -> Happening | None:
    table = portal.table(wish["objectTypeId"])
    record = table.find(int(wish["objectId"]))
    if record is None:
        return None
    values = {name: record.values.get(name, "") for name in wish.get("properties") or ()}
    return Happening("SNAPSHOT", table.kind.id, record.id, portal.clock.now(), changed=values)


def snapshot_status(portal: Portal, call: Call) -> Answer:
    """GET /webhooks-journal/journal/2026-03/status/{status}."""
    call.need(f"{JOURNAL}.snapshots.read")
    found = portal.journal.snapshots.get(call["status"])
    if found is None:
        raise Refused(404, f"Status {call['status']} does not exist.", "OBJECT_NOT_FOUND")
    at, there = found
    shown = {"id": call["status"], "initiatedAt": at, "completedAt": at, "status": "SUCCESS" if there else "FAILED"}
    return Answer(shown if there else {**shown, "errorCode": "VALIDATION_ERROR", "message": "There is no such record."})


SUBSCRIPTIONS: Final = "/webhooks/v4/subscriptions"
FILTERS: Final = f"{SUBSCRIPTIONS}/filters"


def _of_journal(root: str) -> tuple[Endpoint, ...]:
    return (
        Endpoint("GET", f"{root}/earliest", earliest),
        Endpoint("GET", f"{root}/latest", latest),
        Endpoint("GET", f"{root}/offset/{{offset}}/next", following),
        Endpoint("GET", f"{root}/batch/earliest/{{count}}", earliest_batch),
        Endpoint("GET", f"{root}/batch/latest/{{count}}", latest_batch),
        Endpoint("GET", f"{root}/batch/{{offset}}/next/{{count}}", following_batch),
        Endpoint("POST", f"{root}/batch/read", read_batch),
        Endpoint("GET", f"{root}/status/{{status}}", snapshot_status),
    )


ENDPOINTS: Final = (
    *_of_journal("/webhooks/v4/journal"),
    *_of_journal("/webhooks/v4/journal-local"),
    Endpoint("POST", SUBSCRIPTIONS, subscribe),
    Endpoint("GET", SUBSCRIPTIONS, subscriptions),
    Endpoint("GET", f"{SUBSCRIPTIONS}/{{id}}", subscription),
    Endpoint("DELETE", f"{SUBSCRIPTIONS}/{{id}}", unsubscribe),
    Endpoint("DELETE", f"{SUBSCRIPTIONS}/portals/{{portal}}", unsubscribe_account),
    Endpoint("POST", FILTERS, add_filter),
    Endpoint("GET", f"{FILTERS}/{{filter}}", one_filter),
    Endpoint("DELETE", f"{FILTERS}/{{filter}}", remove_filter),
    Endpoint("GET", f"{FILTERS}/subscription/{{id}}", filters),
    Endpoint("POST", "/webhooks/v4/snapshots/crm", snapshots),
)
