"""The event bus: change events of the last 72 hours in order, and the replay ids that name places in it."""

import random
import threading
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from leadgauge_sandbox.salesforce.clock import Clock
from leadgauge_sandbox.salesforce.feeds.events import Event
from leadgauge_sandbox.salesforce.feeds.messages import CUSTOM, EARLIEST

# https://developer.salesforce.com/docs/platform/pub-sub-api/guide/event-message-durability.html (2026-11)
RETENTION: Final = timedelta(hours=72)
MOST: Final = 500_000
"""The most entries in memory; the oldest go first."""
FIRST: Final = 1_000_000
WIDEST: Final = 9
"""The bus serves many orgs, so its numbers have gaps; this is the widest."""
_NUMBER, _REST = 8, b"\0\0"


class CorruptedReplayIdError(Exception):
    """The replay id was never issued, or what it names has expired."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A place on the bus; without an event it was only told as the latest replay id."""

    number: int
    at: datetime
    event: Event | None = None

    @property
    def replay_id(self) -> bytes:
        """The place as clients see it.

        Ten bytes with a number in front: https://github.com/pozil/pub-sub-api-node-client/issues/36 (2024-06-13).
        """
        return self.number.to_bytes(_NUMBER, "big") + _REST


@dataclass(slots=True)
class Bus:
    """The events, oldest first; `news` is notified of new ones."""

    clock: Clock
    seed: int
    news: threading.Condition = field(default_factory=threading.Condition)
    _draw: random.Random = field(init=False)
    _entries: list[Entry] = field(init=False)
    published: int = 0
    """How many events there were."""
    _expired: int = 0
    """The number of the last entry that has expired."""

    def __post_init__(self) -> None:
        self._draw = random.Random(f"{self.seed} bus")
        self._entries = [Entry(FIRST, self.clock.now())]

    def append(self, events: list[Event]) -> None:
        """Add the events of a transaction."""
        with self.news:
            now = self._now()
            self.published += len(events)
            for event in events:
                self._entries.append(Entry(self._next(), now, event))
            self._expire()
            self.news.notify_all()

    def latest(self) -> bytes:
        """Return a replay id beyond all events; other orgs advance it, so it is a new one each time."""
        with self.news:
            self._entries.append(Entry(self._next(), self._now()))
            return self._entries[-1].replay_id

    def start(self, preset: int, replay_id: bytes) -> int:
        """Return the number after which a subscription starts."""
        with self.news:
            self._expire()
            if preset == EARLIEST:
                return self._expired
            if preset == CUSTOM:
                return self._issued(replay_id)
            return self._entries[-1].number if self._entries else self._expired

    def after(self, number: int, most: int) -> list[Entry]:
        """Return the entries after a number; the caller holds `news`."""
        first = bisect_right(self._entries, number, key=lambda each: each.number)
        return self._entries[first : first + most]

    def has_after(self, number: int) -> bool:
        """Return whether there is an entry after a number."""
        return bool(self._entries) and self._entries[-1].number > number

    def forget(self) -> None:
        """Let everything so far expire."""
        with self.news:
            self._drop(len(self._entries))

    def _now(self) -> datetime:
        """Return the time of a new entry: no earlier than the last one's, even if the clock was set back."""
        now = self.clock.now()
        return max(now, self._entries[-1].at) if self._entries else now

    def _next(self) -> int:
        last = self._entries[-1].number if self._entries else self._expired
        return last + self._draw.randint(1, WIDEST)

    def _issued(self, replay_id: bytes) -> int:
        number = int.from_bytes(replay_id[:_NUMBER], "big")
        place = bisect_right(self._entries, number, key=lambda each: each.number)
        known = place > 0 and self._entries[place - 1].replay_id == replay_id
        if not known:
            raise CorruptedReplayIdError
        return number

    def _expire(self) -> None:
        oldest = self.clock.now() - RETENTION
        gone = bisect_right(self._entries, oldest, key=lambda each: each.at)
        self._drop(max(gone, len(self._entries) - MOST))

    def _drop(self, count: int) -> None:
        if count > 0:
            self._expired = self._entries[count - 1].number
            del self._entries[:count]
