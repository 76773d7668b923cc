"""The subscriptions of the app, which decide what the journal tells.

The app has one subscription for each account, kind and type of records; asking for it again changes it
(`SubscriptionUpsertRequest`, "Create or update a subscription":
https://developers.hubspot.com/docs/api-reference/latest/webhooks-journal/subscriptions/create-subscription, 2026-11).
What somebody else added to one of them stays, and those of other accounts and types are left alone.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from connectors.hubspot.answers import BAD_REQUEST, NotGranted, Rejected
from connectors.hubspot.feed.changes import ERASE, TYPES
from connectors.hubspot.feed.watched import Records, Watched
from connectors.hubspot.transport import Transport

logger = logging.getLogger(__name__)

_LISTS: Final = ("actions", "properties", "associatedObjectTypeIds")
_ASSOCIATIONS: Final = ("ASSOCIATION_ADDED", "ASSOCIATION_REMOVED")
Found = Mapping[str, Any]
Watch = Callable[[Sequence[str]], Watched]
"""Returns what is watched, given the types of records that the account refused to tell of."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One that is needed."""

    kind: str
    type: str
    """The id of the type of records."""
    actions: tuple[str, ...]
    properties: tuple[str, ...] | None = None
    others: tuple[str, ...] | None = None
    """The ids of types at the other end of associations."""

    def body(self, portal: int, held: Sequence[Found]) -> dict[str, Any]:
        """Return what asks for it, along with what the subscription `held` already."""
        wanted = {"actions": self.actions, "properties": self.properties, "associatedObjectTypeIds": self.others}
        lists = {
            name: list(dict.fromkeys((*own, *(more for one in held for more in one.get(name) or ()))))
            for name, own in wanted.items()
            if own is not None
        }
        every: dict[str, list[int]] = {} if self.kind == "GDPR_PRIVACY_DELETION" else {"objectIds": []}
        return {"subscriptionType": self.kind, "objectTypeId": self.type, "portalId": portal, **lists, **every}

    def is_of(self, found: Found, portal: int) -> bool:
        """Return whether a subscription of the app is this one."""
        own = (self.kind, self.type, str(portal))
        named = (found.get("subscriptionType"), found.get("objectTypeId"), str(found.get("portalId")))
        return named == own and not found.get("deletedAt")

    def is_met_by(self, held: Sequence[Found]) -> bool:
        """Return whether subscriptions tell all that is needed, about every record."""
        of_all = [one for one in held if not one.get("objectIds")]
        body = self.body(0, ())
        return all(
            set(body.get(name, ())) <= {more for one in of_all for more in one.get(name) or ()} for name in _LISTS
        ) and bool(of_all)


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """Verifies and mends the subscriptions of one account."""

    transport: Transport
    portal: int
    watch: Watch

    def mend(self) -> tuple[Watched, list[str]]:
        """Make what is lacking; return what is watched then, and the types of records that had lacked something.

        Contacts come last, since their properties stand in for types that the account refuses.
        """
        held = self.transport.get("subscriptions")["results"]
        wanted = self.watch(())
        refused, mended = list[str](), list[str]()
        for records in wanted.others:
            try:
                mended += self._made(records.type, [_of(records, records.properties)], held)
            except Rejected as refusal:
                if not _is_about_one(refusal):
                    raise
                logger.warning("HubSpot tells of no changes of %s: %s", records.type, refusal)
                refused.append(records.type)
        watched, made = self._about_contacts(self.watch(refused), held)
        return watched, [*mended, *made]

    def _about_contacts(self, watched: Watched, held: Sequence[Found]) -> tuple[Watched, list[str]]:
        """Subscribe to contacts, without properties that hint at activities if HubSpot refuses these."""
        try:
            return watched, list(self._made(watched.contacts.type, _of_contacts(watched), held))
        except Rejected as refusal:
            if refusal.complaint.status != BAD_REQUEST or not watched.hints:
                raise
            logger.warning("HubSpot does not tell of properties that hint at activities: %s", refusal)
            plain = replace(watched, hints=())
            return plain, list(self._made(plain.contacts.type, _of_contacts(plain), held))

    def lacking(self) -> list[str]:
        """Return the types of records whose subscriptions lack something."""
        held = self.transport.get("subscriptions")["results"]
        watched = self.watch(())
        wanted = [
            *((one.type, _of(one, one.properties)) for one in watched.others),
            *((watched.contacts.type, some) for some in _of_contacts(watched)),
        ]
        return list(dict.fromkeys(type_ for type_, one in wanted if not one.is_met_by(self._own(one, held))))

    def _own(self, wanted: Subscription, held: Iterable[Found]) -> list[Found]:
        return [one for one in held if wanted.is_of(one, self.portal)]

    def _made(self, type_: str, wanted: Sequence[Subscription], held: Sequence[Found]) -> Iterator[str]:
        for one in wanted:
            own = self._own(one, held)
            if not one.is_met_by(own):
                self.transport.post("subscriptions", one.body(self.portal, own))
                yield type_


def _of(records: Records, properties: tuple[str, ...]) -> Subscription:
    return Subscription("OBJECT", records.id, records.actions, properties)


def _of_contacts(watched: Watched) -> list[Subscription]:
    """Return the subscriptions about contacts: what they are, what they are associated with, and their erasure."""
    people = watched.contacts
    others = dict.fromkeys((TYPES["companies"], *(one.id for one in watched.others)))
    return [
        _of(people, watched.of_contacts),
        Subscription("ASSOCIATION", people.id, _ASSOCIATIONS, others=tuple(others)),
        Subscription("GDPR_PRIVACY_DELETION", people.id, (ERASE,)),
    ]


def _is_about_one(refusal: Rejected) -> bool:
    """Return whether a refusal is about one type: the app may not read it, or HubSpot does not tell of it."""
    return isinstance(refusal, NotGranted) or refusal.complaint.status == BAD_REQUEST
