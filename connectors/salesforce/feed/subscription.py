"""One channel kept open in a thread of its own: opened anew after a failure, after the last event that came."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any, Final

import grpc

from connectors.base import ConfigurationError
from connectors.limits import pause
from connectors.retrying import Patience
from connectors.salesforce.feed import messages
from connectors.salesforce.feed.bitmaps import Undecodable
from connectors.salesforce.feed.events import Change, Schemas
from connectors.salesforce.feed.pubsub import Access, Failure, PubSub, classify
from connectors.salesforce.readings import IDENTITY
from connectors.salesforce.session import Session

AT_ONCE: Final = 100
"""Events that may be under way: "The maximum value for num_requested is 100",
https://developer.salesforce.com/docs/platform/pub-sub-api/references/methods/subscribe-rpc.html (2026-11)."""

SILENCE: Final = 300.0
"""Seconds without a message after which a connection is dead, since Salesforce sends one within 270."""

_PAUSE: Final = 1.0
"""Seconds before a subscription that worked is opened anew."""


class SignIn:
    """The session that is there, as the Pub/Sub API wants it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._organization = ""

    def access(self) -> Access:
        """Return what signs calls, signing in if there is no session."""
        if not self._organization:
            self._organization = self._session.ask(IDENTITY, "GET", "/services/oauth2/userinfo").organization_id
        return Access(self._session.client().session_id, self._session.home, self._organization)

    def renew(self, used: Access) -> None:
        """Sign in anew, unless another thread has done so since."""
        client = self._session.client()
        if client.session_id == used.token:
            self._session.client(stale=client)


class Requests:
    """The requests of one subscription: the first says where to begin, the others ask for more events."""

    def __init__(self, topic: str, place: bytes | None) -> None:
        """Begin after the event with the replay id `place`, or with the next one."""
        self._queue: SimpleQueue[Any] = SimpleQueue()
        begin = {"replay_preset": messages.CUSTOM, "replay_id": place} if place else {"replay_preset": messages.LATEST}
        self._queue.put(messages.FetchRequest(topic_name=topic, num_requested=AT_ONCE, **begin))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._queue.get, None)

    def more(self, events: int) -> None:
        """Ask for more events, once those that came have been saved."""
        if events:
            self._queue.put(messages.FetchRequest(num_requested=events))

    def close(self) -> None:
        """End the requests."""
        self._queue.put(None)


@dataclass(frozen=True, slots=True)
class Told:
    """What one response said."""

    topic: str
    place: bytes
    requests: Requests
    changes: list[Change] = field(default_factory=list)
    events: int = 0
    unread: list[str] = field(default_factory=list)
    """Why events could not be read."""
    wanting: int = 0
    """How many events to ask for next."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Events may be missing."""

    topic: str
    why: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The subscription ended for good."""

    error: Exception


class Subscription:
    """Subscribes to a topic after a place, and hands over what it hears."""

    def __init__(
        self,
        topic: str,
        place: bytes | None,
        pubsub: PubSub,
        sign_in: SignIn,
        schemas: Schemas,
        hand: Callable[[Told | Lost | Failed], None],
        over: Event,
    ) -> None:
        self.topic, self._place, self._pubsub, self._sign_in = topic, place, pubsub, sign_in
        self._schemas, self._hand = schemas, hand
        self._over = over
        self._call: Any = None
        self._heard_at = time.monotonic()
        self._renewed, self._broke = False, False
        self._thread = Thread(target=self._run, name=f"feed {topic}", daemon=True)
        self._thread.start()

    def watch(self, silence: float) -> None:
        """End a call that has been silent for so many seconds, so that it is made anew."""
        if self._call is not None and time.monotonic() - self._heard_at > silence:
            self._heard_at = time.monotonic()
            self._call.cancel()

    def end(self) -> None:
        """End the call and its thread."""
        self._over.set()
        if self._call is not None:
            self._call.cancel()
        self._thread.join(timeout=1.0)

    def _run(self) -> None:
        patience = Patience(self._over, classify, crm="Salesforce's feed")
        try:
            while not self._over.is_set():
                patience(self._listen)
        except Exception as error:  # noqa: BLE001 - raised again by whoever listens
            if not self._over.is_set():
                self._hand(Failed(error))

    def _listen(self) -> None:
        """Listen until the call ends; raise its failure unless something was heard before."""
        access = self._sign_in.access()
        requests = Requests(self.topic, self._place)
        self._heard_at, heard = time.monotonic(), False
        self._call = call = self._pubsub.subscribe(iter(requests), access)
        try:
            if self._over.is_set():
                return
            for response in call:
                self._take(response, requests)
                heard = True
            failure = Failure("OK", "", "the subscription ended")
        except grpc.RpcError as error:
            failure = Failure.of(error)
        except Failure as error:
            failure = error
        finally:
            call.cancel()
            requests.close()
        self._settle(failure, access, heard=heard)

    def _settle(self, failure: Failure, access: Access, *, heard: bool) -> None:
        """Decide how to go on after a call has ended."""
        if self._over.is_set():
            return
        if failure.lost_place and self._place is not None:
            self._place = None
            self._hand(Lost(self.topic, f"Salesforce does not know the place in {self.topic} any more: {failure}."))
            return
        self._broke = True
        if failure.is_sign_in:
            self._renew(failure, access)
        elif not heard:
            raise failure
        else:
            pause(self._over, _PAUSE)

    def _renew(self, failure: Failure, access: Access) -> None:
        if self._renewed:
            message = "Salesforce refuses its session for the feed."
            remedy = "Give the app the scope `api`, and check IP relaxation and session policies of app and user."
            raise ConfigurationError(message, answer=str(failure), remedy=remedy)
        self._renewed = True
        self._sign_in.renew(access)

    def _take(self, response: Any, requests: Requests) -> None:
        """Hand over a response; its place counts once it could be decoded."""
        self._heard_at = time.monotonic()
        if self._broke and self._place is None:
            self._hand(Lost(self.topic, f"The connection broke before {self.topic} had told a place."))
        changes, unread = self._decoded(response.events)
        place = response.events[-1].replay_id if response.events else response.latest_replay_id
        events = len(response.events)
        pending = response.pending_num_requested
        wanting = min(events, AT_ONCE - pending) if events or pending else AT_ONCE
        self._hand(Told(self.topic, place, requests, changes, events, unread, wanting))
        self._place, self._broke, self._renewed = place or self._place, False, False

    def _decoded(self, events: Any) -> tuple[list[Change], list[str]]:
        changes, unread = [], []
        for one in events:
            try:
                changes.append(self._schemas.change(one.event.schema_id, one.event.payload))
            except Undecodable as error:
                unread.append(str(error))
        return changes, unread
