"""What events say has changed, as rows: events of the webhooks journal, and those that webhooks push.

An event of the journal, as `type`, `action` and the like were read from the live API in September 2026
(https://github.com/usertour/usertour, `hubspot-journal-api.ts`) and by an engineer's tool
(https://github.com/sejal27/sej-webhooks-journal, `src/types/api.ts`)::

    {"type": "crmObject", "portalId": 1, "occurredAt": "2026-11-27T09:00:00Z", "action": "UPDATE",
     "objectTypeId": "0-1", "objectId": 901, "propertyChanges": {"jobtitle": "VP"}}

A webhook's: https://developers.hubspot.com/docs/api-reference/latest/webhooks/guide (2026-11).
Where these sources name the ends of an association or of a merge differently, all of their names are read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import polars as pl

from connectors.hubspot import frames
from connectors.hubspot.readings import Misshapen
from vocabulary.fields import TIME

CHANGES: Final = pl.Schema(
    {"type": pl.String(), "id": pl.String(), "action": pl.String(), "part": pl.String(), "at": TIME}
)
"""One row for each record and each part of it that changed. `type` is the id of its type.

`part` is the property that was changed or, of an association, the type at its other end; empty for other actions.
"""
CREATE, UPDATE, DELETE, MERGE, RESTORE = "CREATE", "UPDATE", "DELETE", "MERGE", "RESTORE"
ASSOCIATE, ERASE = "ASSOCIATION", "GDPR_DELETE"
"""`ASSOCIATION` stands for those added and removed; `GDPR_DELETE` is an erasure for privacy."""

TYPES: Final[Mapping[str, str]] = {
    "contacts": "0-1",
    "companies": "0-2",
    "deals": "0-3",
    "communications": "0-18",
    "tasks": "0-27",
    "notes": "0-46",
    "meetings": "0-47",
    "calls": "0-48",
    "emails": "0-49",
}
"""The ids of types, the same in every portal:
https://developers.hubspot.com/docs/guides/crm/understanding-the-crm (2026-11)."""

_ACTIONS: Final[Mapping[str, str]] = {
    **{one: one for one in (CREATE, UPDATE, DELETE, MERGE, RESTORE, ERASE)},
    "ASSOCIATION_ADDED": ASSOCIATE,
    "ASSOCIATION_REMOVED": ASSOCIATE,
}
_SUBSCRIPTIONS: Final[Mapping[str, str]] = {
    "creation": CREATE,
    "propertyChange": UPDATE,
    "deletion": DELETE,
    "privacyDeletion": ERASE,
    "merge": MERGE,
    "restore": RESTORE,
    "associationChange": ASSOCIATE,
}
"""The second half of `subscriptionType` of a webhook's event."""
_SINGULAR: Final[Mapping[str, str]] = {"contact": "0-1", "company": "0-2", "deal": "0-3"}
_OF_MERGE: Final = ("objectId", "primaryObjectId", "newObjectId")
_ENDS: Final = (
    (("objectTypeId", "objectId"), ("associatedObjectTypeId", "associatedObjectId")),
    (("fromObjectTypeId", "fromObjectId"), ("toObjectTypeId", "toObjectId")),
)
"""What the ends of an association are called: by the journal, and by webhooks."""


class Change(NamedTuple):
    """A row of `CHANGES`, before its time is parsed."""

    type: str
    id: str
    action: str
    part: str
    at: Any


Event = Mapping[str, Any]


def frame(changes: Iterable[Change]) -> pl.DataFrame:
    """Return changes as a frame. Times are ISO texts or milliseconds since 1970."""
    rows = list(changes)
    columns = {name: [row[at] for row in rows] for at, name in enumerate(("type", "id", "action", "part"))}
    return pl.DataFrame({**columns, "at": frames.times([row.at for row in rows])}, CHANGES)


def is_of(event: Event, portal: int) -> bool:
    """Return whether an event tells of this account. Raise `Misshapen` if it does not name one."""
    if type(event) is not dict or type(event.get("portalId")) not in {int, str}:
        raise Misshapen("an event does not name its account")
    return str(event["portalId"]) == str(portal)


def of_journal(event: Event) -> list[Change]:
    """Return what an event of the journal says; nothing if it is about no record, such as that an app was installed.

    Raises `Misshapen` if it lacks a part that such events always have.
    """
    action = event.get("action")
    if action is None and "objectTypeId" in event:
        raise Misshapen("an event has no `action`")
    known = _ACTIONS.get(str(action))
    return list(_changes(event, known)) if known else []


def of_webhook(event: Event) -> list[Change] | None:
    """Return what a webhook's event says, or None if its subscription is of a type that is not read.

    Raises `Misshapen` if it lacks a part that such events always have.
    """
    kind, _, happened = str(event.get("subscriptionType")).partition(".")
    action = _SUBSCRIPTIONS.get(happened)
    type_ = event.get("objectTypeId") if kind == "object" else _SINGULAR.get(kind)
    if action is None or (type_ is None and kind != "object"):
        return None
    told = {**event, "propertyChanges": {event.get("propertyName") or "": event.get("propertyValue")}}
    return list(_changes({**told, **_typed_ends(event, str(type_ or ""))}, action))


def _typed_ends(event: Event, type_: str) -> dict[str, Any]:
    """Return the types of the ends of an association, which older subscriptions only name: `CONTACT_TO_COMPANY`."""
    if "fromObjectTypeId" in event or "associationType" not in event:
        return {"objectTypeId": type_} if type_ else {}
    ends = (_SINGULAR.get(one.lower(), "") for one in str(event["associationType"]).partition("_TO_")[::2])
    return dict(zip(("fromObjectTypeId", "toObjectTypeId"), ends, strict=True))


def _changes(event: Event, action: str) -> Iterator[Change]:
    at = event.get("occurredAt")
    if action == ASSOCIATE:
        for here, id_, there in _ends(event):
            yield Change(here, id_, action, there, at)
        return
    type_: Any = event.get("objectTypeId")
    if type(type_) is not str or not type_:
        raise Misshapen("an event does not say which type of record it is about")
    ids = _merged(event) if action == MERGE else [_id(event, "objectId")]
    for part in _properties(event) if action == UPDATE else ("",):
        for id_ in ids:
            yield Change(type_, id_, action, part, at)


def _properties(event: Event) -> Sequence[str]:
    """Return which properties changed; an empty name if the event does not say."""
    changed = event.get("propertyChanges")
    return list(changed) if isinstance(changed, Mapping) and changed else ("",)


def _merged(event: Event) -> list[str]:
    """Return all records of a merge: those that were merged, and the one that they continue as."""
    others = event.get("mergedObjectIds")
    named: dict[Any, Any] = {name: event[name] for name in _OF_MERGE if event.get(name) is not None}
    named |= dict(enumerate(others)) if isinstance(others, list) else {}
    if not named:
        raise Misshapen("a merge names no record")
    return list(dict.fromkeys(_id(named, name) for name in named))


def _ends(event: Event) -> Iterator[tuple[str, str, str]]:
    """Yield each end of an association with the type of the other one."""
    for (type_, id_), (other_type, other_id) in _ENDS:
        if event.get(id_) is not None and event.get(other_id) is not None:
            here, there = str(event.get(type_) or ""), str(event.get(other_type) or "")
            yield here, _id(event, id_), there
            yield there, _id(event, other_id), here
            return
    raise Misshapen("an association does not name both of its ends")


def _id(named: Mapping[Any, Any], name: Any) -> str:
    """Return an id, which is a number or a number as text."""
    value = named.get(name)
    if type(value) not in {int, str} or not str(value).isdecimal():
        raise Misshapen(f"an event has no id in `{name}`")
    return str(value)
