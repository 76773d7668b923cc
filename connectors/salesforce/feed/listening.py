"""What a feed tells: the events of its channels, as what is due."""

import base64
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any, Final

import polars as pl

from connectors.base import Interrupted
from connectors.salesforce.feed.concerns import Concern
from connectors.salesforce.feed.events import OVERFLOW, UPDATE, Change, Schemas
from connectors.salesforce.feed.pubsub import PubSub
from connectors.salesforce.feed.subscription import SILENCE, Failed, Lost, SignIn, Subscription, Told
from connectors.salesforce.session import CLIENT_NAME, Session
from vocabulary.feeds import ALIVE, DUE, Heard
from vocabulary.pages import Cursor

_TICK: Final = 0.2
"""Seconds between looks at the stop event."""
_LIFE: Final = ALIVE.total_seconds() / 2
_MOST: Final = 20
"""Responses that one step takes at most."""
_ID: Final = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")

Item = Told | Lost | Failed


@dataclass(frozen=True, slots=True)
class Listening:
    """Listens to channels."""

    session: Session
    endpoint: str
    channels: Sequence[str]
    concerns: Mapping[str, Sequence[Concern]]
    silence: float = SILENCE
    """Seconds without a message after which a connection is made anew."""
    over: Callable[[], Event] = Event
    """Makes the event that ends a subscription, and its waits."""

    def heard(self, cursor: Cursor | None) -> Iterator[Heard]:
        """Yield what the channels tell after a cursor, and a sign of life in between."""
        places, gap = _resumed(cursor, self.channels)
        with self._subscribed(places) as (subscriptions, queue):
            if gap:
                yield Heard(_cursor(places), gap=gap)
            yielded_at = time.monotonic()
            while True:
                items = self._next(queue)
                told = [item for item in items if not isinstance(item, Failed)]
                if told or time.monotonic() - yielded_at >= _LIFE:
                    yield self._step(told, places)
                    yielded_at = time.monotonic()
                for item in items:
                    _settle(item)
                for subscription in subscriptions:
                    subscription.watch(self.silence)

    @contextmanager
    def _subscribed(self, places: Mapping[str, bytes | None]) -> Iterator[tuple[list[Subscription], SimpleQueue[Item]]]:
        queue: SimpleQueue[Item] = SimpleQueue()
        pubsub, sign_in = PubSub(self.endpoint), SignIn(self.session)
        schemas = Schemas(lambda id_: pubsub.schema(id_, sign_in.access()))
        subscriptions: list[Subscription] = []
        try:
            for topic, place in places.items():
                subscriptions.append(Subscription(topic, place, pubsub, sign_in, schemas, queue.put, self.over()))
            yield subscriptions, queue
        finally:
            for subscription in subscriptions:
                subscription.end()
            pubsub.close()

    def _next(self, queue: SimpleQueue[Item]) -> list[Item]:
        """Return what has come, after a short wait for the first; raise `Interrupted` if the stop event is set."""
        if self.session.stop.is_set():
            raise Interrupted("The feed was closed.")
        items: list[Item] = []
        try:
            items.append(queue.get(timeout=_TICK))
            while len(items) < _MOST:
                items.append(queue.get_nowait())
        except Empty:
            pass
        return items

    def _step(self, items: Sequence[Told | Lost], places: dict[str, bytes | None]) -> Heard:
        """Return what was heard, and move the places on."""
        gaps: list[str] = []
        changes: list[Change] = []
        events = 0
        for item in items:
            match item:
                case Lost(topic, why):
                    places[topic] = None
                    gaps.append(why)
                case Told():
                    places[item.topic] = item.place or places[item.topic]
                    events += item.events
                    changes += item.changes
                    gaps += item.unread
        gaps += [gap for change in changes if (gap := _gap(change))]
        until = max((change.at for change in changes), default=None)
        return Heard(_cursor(places), self._due(changes), events, _sentence(gaps), until)

    def _due(self, changes: Sequence[Change]) -> pl.DataFrame:
        """Return what changes make due, each once."""
        rows = [row for change in changes for row in self._rows(change)]
        due = pl.DataFrame(rows, DUE, orient="row")
        return due.group_by("stream", "by", "id", maintain_order=True).agg(pl.col("changed_at").min())

    def _rows(self, change: Change) -> Iterator[tuple[str, str, str, datetime]]:
        for concern in self.concerns.get(change.object, ()):
            if change.type != UPDATE or concern.follows(change.fields, own=change.client == CLIENT_NAME):
                yield from (
                    (concern.stream, concern.by, id_, change.at) for id_ in change.records if _ID.fullmatch(id_)
                )


def _settle(item: Item) -> None:
    """Ask for as many events as were saved, or raise the failure that ended a subscription."""
    match item:
        case Told():
            item.requests.more(item.wanting)
        case Failed(error):
            raise error


def _gap(change: Change) -> str:
    """Return why an event tells less than what happened.

    An overflow event names no records, and a gap event may name all of an object by `001*`:
    https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_other_events.htm
    (2026-11).
    """
    if change.type == OVERFLOW:
        return f"So much of {change.object} changed at once that Salesforce does not name the records."
    if not all(map(_ID.fullmatch, change.records)):
        return f"Salesforce says that records of {change.object} changed, without naming them."
    return ""


def _sentence(gaps: Sequence[str]) -> str:
    """Return gaps as one text, each said once."""
    return " ".join(gap if gap.endswith(".") else f"{gap[:1].upper()}{gap[1:]}." for gap in dict.fromkeys(gaps))


def _cursor(places: Mapping[str, bytes | None]) -> Cursor:
    return {"places": {topic: place and base64.b64encode(place).decode() for topic, place in places.items()}}


def _resumed(cursor: Cursor | None, channels: Sequence[str]) -> tuple[dict[str, bytes | None], str]:
    """Return where to begin in each channel, and why something may be missing."""
    if cursor is None:
        return dict.fromkeys(channels), ""
    known = cursor.get("places")
    told = {topic: _decoded(known.get(topic)) for topic in channels} if isinstance(known, dict) else {}
    places = {topic: told.get(topic) for topic in channels}
    lost = [topic for topic, place in places.items() if place is None]
    return places, f"Nothing says where to go on in {', '.join(lost)}." if lost else ""


def _decoded(place: Any) -> bytes | None:
    try:
        return base64.b64decode(place, validate=True) or None if isinstance(place, str) else None
    except ValueError:
        return None
