"""One Subscribe call: what the client has asked for, and what it gets."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from grpc import RpcError

from leadgauge_sandbox.salesforce.feeds import refusals
from leadgauge_sandbox.salesforce.feeds.bus import Bus, CorruptedReplayIdError, Entry
from leadgauge_sandbox.salesforce.feeds.channels import Topic
from leadgauge_sandbox.salesforce.feeds.messages import CUSTOM, ConsumerEvent, FetchResponse, ProducerEvent
from leadgauge_sandbox.salesforce.feeds.refusals import Refused
from leadgauge_sandbox.salesforce.state import Sandbox

# The most events requested in a call over all its requests; more count as this many:
# https://developer.salesforce.com/docs/platform/pub-sub-api/guide/flow-control.html (2026-11)
MOST: Final = 100
BYTES: Final = 3_000_000
"""The most bytes of a response: https://developer.salesforce.com/docs/platform/pub-sub-api/guide/allocations.md
(2026-11)."""
LOOKS: Final = 0.25
"""Seconds after which a waiting call looks whether its client is still there."""


@dataclass(slots=True)
class Timing:
    """How long a stream is quiet, in seconds.

    An empty response comes within 270 seconds, and the client must ask for more within 60 once it has got what it
    asked for: https://developer.salesforce.com/docs/platform/pub-sub-api/references/methods/subscribe-rpc.html
    (2026-11). Clients see the empty response after 60: https://github.com/forcedotcom/pub-sub-api/pull/31 (2023-07-10).
    """

    keepalive: float = 60.0
    idle: float = 60.0


@dataclass(slots=True)
class Subscription:
    """A stream from a place on the bus."""

    sandbox: Sandbox
    bus: Bus
    topic: Topic
    user: str
    timing: Timing
    rpc_id: str
    cursor: int = 0
    pending: int = 0
    _refused: Refused | None = None
    _ended: bool = False
    """Whether the client sends no more requests."""
    _since: float = field(default_factory=time.monotonic)
    """When the stream last said something, or was asked."""

    def ask(self, request: Any) -> None:
        """Add the events that a request asks for."""
        if request.topic_name and request.topic_name != self.topic.name:
            raise refusals.other_topic()
        if request.num_requested <= 0:
            raise refusals.nothing_requested()
        with self.bus.news:
            self.pending = min(MOST, self.pending + request.num_requested)
            self._since = time.monotonic()
            self.bus.news.notify_all()

    def start(self, request: Any) -> None:
        """Find the place that the first request names, and ask."""
        if request.replay_preset == CUSTOM and not request.replay_id:
            raise refusals.no_replay_id()
        if request.replay_preset == CUSTOM and self.sandbox.faults.strikes("expired-replay", self.topic.name):
            raise refusals.corrupted_replay_id()
        try:
            self.cursor = self.bus.start(request.replay_preset, request.replay_id)
        except CorruptedReplayIdError:
            raise refusals.corrupted_replay_id() from None
        self.ask(request)

    def listen(self, requests: Iterator[Any]) -> None:
        """Take the requests after the first in a thread."""
        threading.Thread(target=self._listen, args=(requests,), name="feed requests", daemon=True).start()

    def responses(self, context: Any) -> Iterator[Any]:
        """Yield responses until the client leaves or the stream ends."""
        while context.is_active():
            if self._refused is not None:
                raise self._refused
            entries = self._wait()
            if self.sandbox.feed.is_silent():
                time.sleep(LOOKS)
            elif entries:
                yield from self._deliver(entries)
            elif self.pending and self._quiet(self.timing.keepalive):
                yield from self._keep_alive()
            elif not self.pending and (self._ended or self._quiet(self.timing.idle)):
                return

    def _listen(self, requests: Iterator[Any]) -> None:
        try:
            for request in requests:
                self.ask(request)
        except Refused as refused:
            self._refused = refused
        except RpcError:  # the client has gone
            self._ended = True
        with self.bus.news:
            self._ended = True
            self.bus.news.notify_all()

    def _wait(self) -> list[Entry]:
        """Return the next entries for which there is a wish; none after a short while."""
        quiet = self.sandbox.feed.is_silent()
        with self.bus.news:
            self.bus.news.wait_for(self._has_work, timeout=min(LOOKS, self.timing.keepalive, self.timing.idle))
            return [] if quiet or not self.pending else self.bus.after(self.cursor, MOST)

    def _has_work(self) -> bool:
        return self._refused is not None or (self.pending > 0 and self.bus.has_after(self.cursor))

    def _quiet(self, seconds: float) -> bool:
        return time.monotonic() - self._since >= seconds

    def _deliver(self, entries: list[Entry]) -> Iterator[Any]:
        """Yield the events among some entries that the client has asked for and may see."""
        chosen: list[tuple[Entry, bytes]] = []
        size, last = 0, self.cursor
        with self.sandbox.org.journal.lock:
            for entry in entries:
                payload = self._payload(entry)
                if payload is not None:
                    size += len(payload)
                    if len(chosen) == self.pending or (chosen and size > BYTES):
                        break
                    chosen.append((entry, payload))
                last = entry.number
        if not chosen:
            self.cursor = last
            return
        yield from self._sent(chosen, last)

    def _payload(self, entry: Entry) -> bytes | None:
        """Return an event as this subscriber sees it; None if it does not."""
        event = entry.event
        member = None if event is None else self.topic.members.get(event.entity)
        if event is None or member is None or not event.passes(member):
            return None
        if not may_see(self.sandbox, event.entity):
            return None
        view = self.sandbox.org.seen_by(self.user)
        fields = self.sandbox.org.objects[event.entity].fields
        hidden = frozenset(
            name
            for name in {*event.values, *member.around}
            if name in fields and not view.sees_name(event.entity, name)
        )
        told = member.around if event.header["changeType"] in ("UPDATE", "DELETE") else frozenset()
        return event.payload(hidden, told)

    def _sent(self, chosen: list[tuple[Entry, bytes]], last: int) -> Iterator[Any]:
        """Yield chosen events as the allocation and the faults let them through."""
        faults, name = self.sandbox.faults, self.topic.name
        allowed = self.sandbox.feed.deliveries.take(len(chosen))
        if faults.strikes("feed-broken", name):
            half = chosen[: allowed // 2]
            if half:
                yield self._response(half)
            raise refusals.broken()
        if faults.strikes("feed-error", name):
            raise refusals.internal()
        told = chosen[:allowed]
        if told:
            self.cursor = last if allowed == len(chosen) else told[-1][0].number
            if faults.strikes("feed-reversed", name):
                told.reverse()
            if faults.strikes("feed-duplicates", name):
                told = [each for each in told for _ in range(2)]
            yield self._response(told)
        if allowed < len(chosen):
            raise refusals.used_up()

    def _response(self, told: list[tuple[Entry, bytes]]) -> Any:
        with self.bus.news:
            self.pending = max(0, self.pending - len(told))
            self._since = time.monotonic()
            pending = self.pending
        events = [
            ConsumerEvent(
                event=ProducerEvent(
                    id=entry.event.identifier, schema_id=entry.event.schema.identifier, payload=payload
                ),
                replay_id=entry.replay_id,
            )
            for entry, payload in told
            if entry.event is not None
        ]
        latest = max(told, key=lambda each: each[0].number)[0].replay_id
        return FetchResponse(events=events, latest_replay_id=latest, rpc_id=self.rpc_id, pending_num_requested=pending)

    def _keep_alive(self) -> Iterator[Any]:
        """Yield an empty response with a place beyond all events that were passed."""
        with self.bus.news:
            if self.bus.has_after(self.cursor):
                return
            latest = self.bus.latest()
            self.cursor = self.bus.start(CUSTOM, latest)
            self._since = time.monotonic()
        yield FetchResponse(latest_replay_id=latest, rpc_id=self.rpc_id, pending_num_requested=self.pending)


def may_see(sandbox: Sandbox, entity: str) -> bool:
    """Return whether the user has the right View All Records on an object."""
    return sandbox.faults.active("no-feed-right") is None and entity not in sandbox.org.unseen
