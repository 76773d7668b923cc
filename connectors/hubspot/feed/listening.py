"""Listen to the webhooks journal: ask for what is new, and say what it makes due."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.hubspot.feed.changes import frame
from connectors.hubspot.feed.journal import KEPT, Entry, Expired, File, Journal
from connectors.hubspot.feed.subscriptions import Subscriptions
from connectors.hubspot.feed.watched import Watched
from connectors.hubspot.readings import Misshapen
from connectors.hubspot.streams import Now
from connectors.hubspot.transport import FileRefused, Transport
from vocabulary.feeds import Heard
from vocabulary.pages import Cursor

logger = logging.getLogger(__name__)

IDLE: Final = 1.0
"""Seconds between two questions while there is nothing new."""
_LOOKED_AT: Final = 3600.0
"""Seconds between two looks at the subscriptions, which somebody may have removed."""
_TRIES: Final = 3
"""How often an entry's file is asked for, each time with a new URL, before it is left out."""
_NOWHERE: Final = "Where the feed was read last is not a place in HubSpot's journal."


@dataclass
class Listening:
    """One listener. Its cursor has the `offset` of the last entry, None if there was none yet, and when that was."""

    transport: Transport
    journal: Journal
    subscriptions: Subscriptions
    now: Now
    _failed: dict[str, int] = field(default_factory=dict)
    """How often the file of an entry could not be read."""
    _looked: float = 0.0

    def listen(self, cursor: Cursor | None) -> Iterator[Heard]:
        """Yield what is new after the cursor, for ever."""
        watched, mended = self._look()
        known = cursor is None or {"offset", "at"} <= cursor.keys()
        state: Cursor = cursor if cursor is not None and known else self._beginning()
        lost = "" if cursor is None else _of_subscriptions(mended) if known else _NOWHERE
        yield Heard(state, gap=lost)
        while True:
            is_idle = True
            for heard in self._step(state, watched):
                state, is_idle = heard.cursor, is_idle and bool(heard.gap)
                yield heard
            if time.monotonic() - self._looked > _LOOKED_AT:
                watched, mended = self._look()
                yield Heard(state, gap=_of_subscriptions(mended))
            if is_idle:
                self.transport.pause(IDLE)
                state = self._aged(state)
                yield Heard(state)

    def _look(self) -> tuple[Watched, list[str]]:
        self._looked = time.monotonic()
        return self.subscriptions.mend()

    def _aged(self, state: Cursor) -> Cursor:
        """Return the cursor of a journal that is still empty, with the time of now and then, since each is stored."""
        is_old = state["offset"] is None and self.now() - int(state["at"]) > _LOOKED_AT * 1000
        return {**state, "at": self.now()} if is_old else state

    def _step(self, state: Cursor, watched: Watched) -> Iterator[Heard]:
        """Yield a step for each new entry; nothing if there is none, or if its file has to be asked for again."""
        offset = state["offset"]
        try:
            if offset is None:
                yield from self._overslept(state)
            entries = self.journal.earliest() if offset is None else self.journal.after(str(offset))
        except Expired:
            yield Heard(self._beginning(), gap="HubSpot's journal does not go back to where the feed was read last.")
            return
        for entry in entries:
            if entry.offset == offset:
                continue  # it was read
            heard = self._read(entry, watched)
            if heard is None:
                return
            yield heard

    def _overslept(self, state: Cursor) -> Iterator[Heard]:
        """Yield a gap if the journal was empty when last asked, longer ago than it is kept."""
        if (now := self.now()) - int(state["at"]) > KEPT:
            yield Heard({**state, "at": now}, gap="The feed was not read for longer than HubSpot's journal is kept.")

    def _read(self, entry: Entry, watched: Watched) -> Heard | None:
        """Return what an entry's file tells; None if it cannot be read yet."""
        cursor: dict[str, Any] = {"offset": entry.offset, "at": self.now()}
        try:
            file = self.journal.read(entry)
        except (FileRefused, Misshapen) as wrong:
            file = File((), 0, str(wrong))
        if file.wrong and self._is_asked_again(entry, file.wrong):
            return None
        self._failed.clear()
        found = frame(file.changes)
        newest: Any = found["at"].max()
        lost = f"A file of HubSpot's journal could not be read: {file.wrong.rstrip('.')}." if file.wrong else ""
        return Heard(cursor, watched.due(found), file.events, lost, newest)

    def _is_asked_again(self, entry: Entry, wrong: str) -> bool:
        """Return whether a broken file shall be asked for again, with a new URL, before what is broken is left out."""
        self._failed[entry.offset] = self._failed.get(entry.offset, 0) + 1
        logger.warning("A file of HubSpot's journal cannot be read: %s", wrong)
        return self._failed[entry.offset] < _TRIES

    def _beginning(self) -> dict[str, Any]:
        """Return the cursor that begins with what comes from now on."""
        return {"offset": self.journal.latest(), "at": self.now()}


def _of_subscriptions(mended: list[str]) -> str:
    return f"HubSpot had not been asked to tell all changes of {', '.join(dict.fromkeys(mended))}." if mended else ""
