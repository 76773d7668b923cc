"""Webhooks: the changes of an account, posted to an app's address in signed batches.

https://developers.hubspot.com/docs/api-reference/legacy/webhooks/guide (2026-11): up to 100 events in a request, which
must be answered within five seconds; a failed one is sent again up to ten times within 24 hours.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import orjson

from leadgauge_sandbox.hubspot.links import HUBSPOT, PRIMARY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leadgauge_sandbox.faults import Faults
    from leadgauge_sandbox.hubspot.clock import Clock
    from leadgauge_sandbox.hubspot.happenings import Happening
    from leadgauge_sandbox.hubspot.tokens import Client

MOST: Final = 100
TIMEOUT: Final = 5.0
RETRIES: Final = 10
WITHIN: Final = 86_400_000
AT_ONCE: Final = 10
"""Requests under way at the same time."""
PAUSE: Final = 0.02
"""Seconds between two looks at what is due."""
AHEAD: Final = 3600
NEVER: Final = frozenset({"num_unique_conversion_events", "hs_lastmodifieddate"})
"""Properties whose changes no webhook tells."""
TYPES: Final = {
    "CREATE": "object.creation",
    "UPDATE": "object.propertyChange",
    "DELETE": "object.deletion",
    "MERGE": "object.merge",
    "RESTORE": "object.restore",
    "GDPR_DELETE": "contact.privacyDeletion",
    "ASSOCIATION_ADDED": "object.associationChange",
    "ASSOCIATION_REMOVED": "object.associationChange",
}
FLAGS: Final = {"CREATE": "NEW", "DELETE": "DELETED"}
DIRECT: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))
DECODED: Final = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
"""What is decoded in an address before it is signed:
https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation (2026-11)."""


@dataclass(slots=True)
class Batch:
    """Events that are posted together."""

    events: list[dict[str, Any]]
    due: int
    attempt: int = 0
    forged: bool = False


class Pushing:
    """The webhooks of one app in one account; a thread of its own posts them while there are any."""

    def __init__(self, portal_id: int, app: int, client: Client, clock: Clock, faults: Faults) -> None:
        """Start without a target."""
        self.target: str | None = None
        self.kinds: frozenset[str] | None = None
        """The type ids of the records whose changes are posted; None for all."""
        self.silent_until = 0
        self.gap = 0
        self.sent = self.given_up = 0
        self._portal_id, self._app, self._client = portal_id, app, client
        self._clock, self._faults = clock, faults
        self._numbers, self._drawn = count(1), random.Random(app)
        self._lock = threading.Lock()
        self._events: list[dict[str, Any]] = []
        self._repeated: list[dict[str, Any]] = []
        self._batches: list[Batch] = []
        self._thread: threading.Thread | None = None

    @property
    def listens(self) -> bool:
        """Whether there is a target."""
        return self.target is not None

    def aim(self, target: str | None, kinds: Iterable[str] | None = None) -> None:
        """Post what happens from now on to an address, which None ends; what waits for another one is dropped."""
        if target is not None and not target.startswith(("http://", "https://")):
            raise ValueError(f"The target must be an address with http:// or https://, not '{target}'.")
        with self._lock:
            self.target, self.kinds = target, None if kinds is None else frozenset(kinds)
            self._events, self._repeated, self._batches = [], [], []

    @property
    def waiting(self) -> int:
        """The events that are still to be posted."""
        with self._lock:
            return len(self._events) + len(self._repeated) + sum(len(batch.events) for batch in self._batches)

    def hear(self, happening: Happening) -> None:
        """Note the events of a change: one per changed property, otherwise one."""
        if self.kinds is not None and happening.kind not in self.kinds:
            return
        for event in self._told(happening):
            if self.gap:
                self.gap -= 1
                continue
            with self._lock:
                self._events.append(event)
                if self._faults.strikes("duplicate-events"):
                    self._repeated.append(event)
        self._wake()

    def _told(self, told: Happening) -> Iterable[dict[str, Any]]:
        if told.action not in TYPES or (told.action == "GDPR_DELETE" and told.kind != "0-1"):
            return
        fault = self._faults.active("event-clock")
        ahead = 0 if fault is None else int(fault.number(AHEAD) * 1000)
        common: dict[str, Any] = {
            "subscriptionId": 1,
            "portalId": self._portal_id,
            "appId": self._app,
            "occurredAt": told.at + ahead,
            "subscriptionType": TYPES[told.action],
            "attemptNumber": 0,
            "changeSource": told.source,
        }
        for more in _details(told):
            yield {"eventId": next(self._numbers), **common, **more}

    # Posting ----------------------------------------------------------------------------------------------------

    def _wake(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while True:
                for batch in self._due():
                    pool.submit(self._post, batch)
                with self._lock:
                    if self.target is None and not self._events:
                        self._thread = None
                        return
                time.sleep(PAUSE)

    def _due(self) -> list[Batch]:
        """Return the batches to post now."""
        now = self._clock.now()
        if now < self.silent_until:
            return []
        with self._lock:
            events, self._events, self._repeated = self._events, self._repeated, []
            if len(events) > 1 and self._faults.strikes("reversed-events"):
                events.reverse()
            for first in range(0, len(events), MOST):
                forged = self._faults.strikes("forged-webhooks")
                self._batches.append(Batch(events[first : first + MOST], now, forged=forged))
            due = [batch for batch in self._batches if batch.due <= now]
            self._batches = [batch for batch in self._batches if batch.due > now]
        return due

    def _post(self, batch: Batch) -> None:
        """Post a batch, and keep it for another attempt if that fails."""
        target = self.target
        if target is None:
            return
        events = [{**event, "attemptNumber": batch.attempt} for event in batch.events]
        if self._taken(target, orjson.dumps(events), forged=batch.forged):
            with self._lock:
                self.sent += len(events)
            return
        batch.attempt += 1
        with self._lock:
            if batch.attempt > RETRIES:
                self.given_up += len(events)
                return
            batch.due = self._clock.now() + int(self._drawn.uniform(0.5, 1) * WITHIN / RETRIES)
            self._batches.append(batch)

    def _taken(self, target: str, body: bytes, *, forged: bool) -> bool:
        """Return whether the target answered in time, and with neither 4xx nor 5xx."""
        secret = "forged" if forged else self._client.secret
        headers = {"Content-Type": "application/json", **signatures(secret, target, body, self._clock.now())}
        request = urllib.request.Request(target, body, headers, method="POST")  # noqa: S310 - given by the tester
        try:
            with DIRECT.open(request, timeout=TIMEOUT) as answer:
                answer.read()
        except (OSError, HTTPException):  # OSError is also that of an answer 4xx or 5xx
            return False
        return True


def _details(told: Happening) -> list[dict[str, Any]]:
    """Return what tells the events of a change apart.

    https://developers.hubspot.com/changelog/new-subscription-types-for-webhooks, and for generic events the models of
    https://github.com/karman-digital/hubspot-go (2026-11).
    """
    if told.other is not None:
        return [_of_association(told, *told.other)]
    record: dict[str, Any] = {"objectId": told.record, "objectTypeId": told.kind}
    if told.action == "UPDATE":
        names = [name for name in told.changed if name not in NEVER]
        return [{**record, "propertyName": name, "propertyValue": told.changed[name]} for name in names]
    if told.merged:
        primary, *others = told.merged
        ids = {"objectId": primary, "primaryObjectId": primary, "mergedObjectIds": others, "newObjectId": told.record}
        return [{**record, **ids, "numberOfPropertiesMoved": len(told.changed)}]
    return [{**record, **({"changeFlag": FLAGS[told.action]} if told.action in FLAGS else {})}]


def _of_association(told: Happening, type_id: str, other: int) -> dict[str, Any]:
    return {
        "fromObjectTypeId": told.kind,
        "fromObjectId": told.record,
        "toObjectTypeId": type_id,
        "toObjectId": other,
        "associationTypeId": told.association,
        "associationCategory": HUBSPOT,
        "associationRemoved": told.action == "ASSOCIATION_REMOVED",
        "isPrimaryAssociation": told.association in PRIMARY.values(),
    }


def signatures(secret: str, target: str, body: bytes, now: int) -> dict[str, str]:
    """Return the headers that sign a request: version 3, and version 1, which is sent with it.

    https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation (2026-11).
    """
    address = target
    for coded, letter in DECODED.items():
        address = address.replace(coded, letter)
    source = f"POST{address}".encode() + body + str(now).encode()
    signed = base64.b64encode(hmac.new(secret.encode(), source, hashlib.sha256).digest()).decode()
    return {
        "X-HubSpot-Signature-v3": signed,
        "X-HubSpot-Request-Timestamp": str(now),
        "X-HubSpot-Signature": hashlib.sha256(secret.encode() + body).hexdigest(),
        "X-HubSpot-Signature-Version": "v1",
    }
