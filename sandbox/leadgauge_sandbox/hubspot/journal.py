"""The webhooks journal of an app: what it subscribed to, and the files with the events of the last three days.

https://developers.hubspot.com/docs/api-reference/latest/webhooks-journal/journal-entries/guide (2026-11).
"""

from __future__ import annotations

import hashlib
import random
import uuid
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import orjson

from leadgauge_sandbox.hubspot.answers import Refused, iso
from leadgauge_sandbox.hubspot.subscriptions import Filter, Subscription

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from leadgauge_sandbox.faults import Faults
    from leadgauge_sandbox.hubspot.clock import Clock
    from leadgauge_sandbox.hubspot.happenings import Happening

KEPT: Final = 3 * 86_400_000
"""Milliseconds for which a file can be asked for."""
MOST_EVENTS: Final = 10_000
MOST_BYTES: Final = 5_000_000
"""The most events and bytes of a file: https://developers.hubspot.com/changelog/july-2026-rollup."""
LIFETIME: Final = 600_000
"""Milliseconds until the URL of a file expires; HubSpot names no figure."""
AHEAD: Final = 3600
EVERY: Final = 5000
"""Milliseconds between two files while nobody asks; HubSpot names no figure."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the journal; its events are JSON already."""

    offset: str
    published: int
    events: tuple[bytes, ...]

    def content(self) -> bytes:
        """Return the file."""
        head = f'{{"offset":"{self.offset}","journalEvents":['.encode()
        return head + b",".join(self.events) + f'],"publishedAt":"{iso(self.published)}"}}'.encode()


class Journal:
    """The journal of one app in one account."""

    def __init__(self, portal_id: int, app: int, clock: Clock, faults: Faults, seed: int) -> None:
        """Start empty and without subscriptions."""
        self.portal_id, self.app = portal_id, app
        self._clock, self._faults = clock, faults
        self._drawn = random.Random(f"{seed} journal")
        self._secret = str(seed)
        self.subscriptions: dict[int, Subscription] = {}
        self.snapshots: dict[str, tuple[int, bool]] = {}
        """When each snapshot was asked for, and whether its record was there, by the id of its status."""
        self.entries: list[Entry] = []
        self._places: dict[str, int] = {}
        self._dropped = 0
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._repeated: list[bytes] = []
        self._numbers = count(60_001_005)
        self.delay = 0
        """Milliseconds until a change is in the journal."""
        self.silent_until = 0
        self.gap = 0
        """How many of the next events are lost."""

    @property
    def listens(self) -> bool:
        """Whether the app has subscribed to anything."""
        return bool(self.subscriptions)

    # Subscriptions ----------------------------------------------------------------------------------------------

    def subscribe(self, wish: dict[str, Any]) -> Subscription:
        """Create a subscription, or update the one to the same type of records."""
        now, key = self._clock.now(), _key(wish)
        for held in self.subscriptions.values():
            if _key(held.wish) == key:
                held.wish, held.updated = wish, now
                return held
        made = Subscription(next(self._numbers), wish, now, now)
        self.subscriptions[made.number] = made
        return made

    def filter(self, subscription: Subscription, conditions: list[dict[str, Any]]) -> Filter:
        """Add a filter to a subscription."""
        made = Filter(next(self._numbers), conditions, self._clock.now())
        subscription.filters[made.number] = made
        return made

    def filtered(self, number: int) -> tuple[Subscription, Filter]:
        """Return a filter and its subscription, or refuse the call."""
        for subscription in self.subscriptions.values():
            if number in subscription.filters:
                return subscription, subscription.filters[number]
        raise Refused(404, f"Filter {number} does not exist.", "OBJECT_NOT_FOUND")

    # Events -----------------------------------------------------------------------------------------------------

    def hear(self, happening: Happening) -> None:
        """Note the event of a change, once whatever the number of subscriptions that want it."""
        shaped = self._shaped(happening)
        told = [event for each in self.subscriptions.values() if (event := each.event(shaped))]
        if self._faults.active("from-to-associations") is not None:
            told = [_from_to(event) for event in told]
        for content in dict.fromkeys(map(orjson.dumps, told)):
            if self.gap:
                self.gap -= 1
            else:
                self._waiting.append((self._clock.now() + self.delay, content))

    def _shaped(self, happening: Happening) -> Happening:
        """Return a change as the faults have it: by another clock, or a merge under the id of the primary record."""
        fault = self._faults.active("event-clock")
        if fault is not None:
            happening = replace(happening, at=happening.at + int(fault.number(AHEAD) * 1000))
        if happening.merged and self._faults.active("merge-by-primary") is not None:
            primary, *others = happening.merged
            return replace(happening, record=primary, merged=tuple(others))
        return happening

    def publish(self) -> None:
        """Write the events that are due to files, as of their time, and forget the files that are too old."""
        now = self._clock.now()
        if now >= self.silent_until:
            for published, events in self._due(now):
                if len(events) > 1 and self._faults.strikes("reversed-events"):
                    events.reverse()
                at = max(published, self.silent_until, self.entries[-1].published if self.entries else 0)
                for part in _parts(events):
                    self._add(Entry(self._offset(), at, part))
        self._forget(now)

    def _due(self, now: int) -> Iterator[tuple[int, list[bytes]]]:
        """Yield the events of each file with the time of the last one; a file is written every few seconds."""
        while self._waiting and self._waiting[0][0] <= now:
            until = (self._waiting[0][0] // EVERY + 1) * EVERY
            events, self._repeated, published = self._repeated, [], now
            while self._waiting and self._waiting[0][0] < min(until, now + 1):
                published, event = self._waiting.popleft()
                events.append(event)
                if self._faults.strikes("duplicate-events"):
                    self._repeated.append(event)
            yield published, events
        if self._repeated:
            events, self._repeated = self._repeated, []
            yield now, events

    def _offset(self) -> str:
        return str(uuid.UUID(int=self._drawn.getrandbits(128), version=4))

    def _add(self, entry: Entry) -> None:
        self._places[entry.offset] = self._dropped + len(self.entries)
        self.entries.append(entry)

    def _forget(self, now: int) -> None:
        old = bisect_right(self.entries, now - KEPT, key=lambda entry: entry.published)
        for entry in self.entries[:old]:
            del self._places[entry.offset]
        del self.entries[:old]
        self._dropped += old

    def after(self, offset: str) -> list[Entry]:
        """Return the files after an offset; refuse one that is unknown or older than three days."""
        place = self._places.get(offset)
        if place is None or self._faults.strikes("expired-offset"):
            raise Refused(404, f"Offset {offset} has expired or does not exist.", "OBJECT_NOT_FOUND")
        return self.entries[place - self._dropped + 1 :]

    def find(self, offset: str) -> Entry | None:
        """Return a file by its offset."""
        place = self._places.get(offset)
        return None if place is None else self.entries[place - self._dropped]

    def pointer(self, entry: Entry, base: str) -> dict[str, Any]:
        """Return where a file is, with a URL that is signed anew and expires."""
        expires = self._clock.now() + LIFETIME
        url = f"{base}/_journal/{entry.offset}.json?X-Amz-Expires={expires}&X-Amz-Signature="
        signed = self.signature(entry.offset, expires)
        return {"url": url + signed, "expiresAt": iso(expires), "currentOffset": entry.offset}

    def signature(self, offset: str, expires: int) -> str:
        """Return the signature of a file's URL."""
        return hashlib.sha256(f"{self._secret}|{offset}|{expires}".encode()).hexdigest()

    def snapshot(self, told: Happening | None) -> str:
        """Write a record as it is to the journal, if there is one; return the id of the status."""
        number = self._offset()
        self.snapshots[number] = (self._clock.now(), told is not None)
        if told is not None:
            wish = {"subscriptionType": "OBJECT", "objectTypeId": told.kind, "actions": ["SNAPSHOT"]}
            asked = Subscription(0, {**wish, "portalId": self.portal_id}, 0, 0).event(told)
            self._waiting.append((self._clock.now() + self.delay, orjson.dumps(asked)))
        return number


def _from_to(event: dict[str, Any]) -> dict[str, Any]:
    """Return the event of an association with its ends named as in webhooks; others as they are."""
    if "associatedObjectId" not in event:
        return event
    names = {
        "objectTypeId": "fromObjectTypeId",
        "objectId": "fromObjectId",
        "associatedObjectTypeId": "toObjectTypeId",
        "associatedObjectId": "toObjectId",
    }
    return {names.get(name, name): value for name, value in event.items()}


def _key(wish: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(wish.get(name) for name in ("subscriptionType", "portalId", "objectTypeId", "eventTypeId"))


def _parts(events: list[bytes]) -> list[tuple[bytes, ...]]:
    """Return the events in files of the size that HubSpot allows."""
    parts: list[tuple[bytes, ...]] = []
    part: list[bytes] = []
    size = 0
    for event in events:
        if part and (len(part) == MOST_EVENTS or size + len(event) > MOST_BYTES):
            parts.append(tuple(part))
            part, size = [], 0
        part.append(event)
        size += len(event) + 1
    return [*parts, tuple(part)] if part else parts


def _odd(content: bytes) -> bytes:
    """Return the file with an event that is none, and one without its record."""
    file = orjson.loads(content)
    file["journalEvents"][:0] = [None, {"type": "crmObject", "action": "UPDATE", "objectId": "x"}]
    return orjson.dumps(file)


MALFORMED: Final[dict[str, Callable[[bytes], bytes]]] = {
    "truncated": lambda content: content[: len(content) // 2],
    "html": lambda _: b"<!DOCTYPE html>\n<html><body>Service Unavailable</body></html>\n",
    "empty": lambda _: b"",
    "no-events": lambda content: orjson.dumps({"offset": orjson.loads(content)["offset"]}),
    "null-events": lambda content: orjson.dumps({**orjson.loads(content), "journalEvents": None}),
    "odd-events": _odd,
}
"""What a malformed file looks like, by the argument of the fault."""
