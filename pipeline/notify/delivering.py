"""Delivering what waits in the queue: each sink by itself, so that none waits for another."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any, Final, Literal

from config.notify import Notify, Sink
from config.settings import AnyConnection
from pipeline import clock
from pipeline.notify.digest import add_digest
from pipeline.notify.ending import ending
from pipeline.notify.message import Message
from pipeline.notify.names import names_of
from pipeline.notify.posting import DEADLINE
from pipeline.notify.sending import send
from pipeline.notify.undelivered import Undelivered
from pipeline.notify.wording import Unsayable, Words
from store import Notice, Notices, SinkState, Store, StoreError
from store.notices.reading import About, First
from vocabulary.expiries import of_servers
from vocabulary.outputs import OFS

HOLD: Final = timedelta(minutes=5)
"""How long a claimed message is nobody else's: longer than all attempts of one. After a crash it is sent again."""
FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(hours=1)
PACE: Final = 1.0
"""Seconds between two messages to a sink: Slack takes one a second (docs.slack.dev, "Rate limits", as of 2026-11)."""

Outcome = Literal["sent", "skipped", "down"]
"""What became of claimed messages; `down`: the sink gets nothing more for now."""

logger: Final = logging.getLogger(__name__)


@dataclass
class Delivery:
    """Sends what waits for the sinks of one connection."""

    store: Store
    name: str
    connection: AnyConnection
    stop: Event = field(default_factory=Event)
    now: Callable[[], datetime] = clock.now
    deadline: float = DEADLINE
    pace: float = PACE

    def upkeep(self) -> None:
        """Queue the digests that are due, and drop what is too old."""
        told, now = self.told, self.now()
        for sink in told.telling("digest"):
            add_digest(self.notices, told, sink, now)
        if dropped := self.notices.drop(now - told.give_up_after, now):
            logger.error("%s: %s messages to people could not be sent and were dropped", self.name, dropped)

    def deliver(self, sink: str) -> int:
        """Send everything that is due for a sink, until it fails; return how many messages were sent."""
        options, sent = self.told.sinks[sink], 0
        while not self.stop.is_set() and (claimed := self._claimed(sink, options)):
            outcome = self._delivered(options, claimed)
            sent += outcome == "sent"
            if outcome == "down":
                break
            self.stop.wait(self.pace)
        return sent

    @property
    def told(self) -> Notify:
        """The section `notify` of the settings."""
        assert self.connection.notify is not None, "only connections with `notify` deliver"
        return self.connection.notify

    @property
    def notices(self) -> Notices:
        """The queue."""
        return self.store.notices(self.name)

    def _claimed(self, sink: str, options: Sink) -> list[Notice]:
        quiet = options.quiet is not None and options.quiet.contain(self.now(), self.told.timezone)
        kinds = ("trouble",) if quiet else ("priority", "digest", "trouble")
        return self.notices.claim(sink, self.now(), HOLD, kinds)

    def _delivered(self, options: Sink, claimed: list[Notice]) -> Outcome:
        """Send claimed messages as one, if there is still something to say."""
        try:
            message = self._message(options, claimed)
            if message is not None:
                self._note_ends(send(options, message, self.stop, deadline=self.deadline))
        except (Undelivered, Unsayable) as error:
            return self._delayed(claimed, error)
        self.notices.sent(claimed, self.now())
        return "sent" if message else "skipped"

    def _note_ends(self, certificates: Mapping[str, datetime]) -> None:
        """Queue what the certificate of a sink gives administrators to do."""
        self.notices.add(ending(self.told, of_servers(certificates), self.now()), self.now())

    def _delayed(self, claimed: list[Notice], error: Undelivered | Unsayable) -> Outcome:
        tried = max(one.attempts for one in claimed)
        pause = min(FIRST_PAUSE * 2 ** min(tried, 12), LONGEST_PAUSE)
        asked = timedelta(seconds=error.wait or 0) if isinstance(error, Undelivered) else timedelta()
        until, sink = self.now() + max(pause, asked), claimed[0].sink
        logger.warning("%s: the sink %s gets its message later: %s", self.name, sink, error)
        self.notices.delay(claimed, until, str(error))
        only_this = isinstance(error, Unsayable) or error.at_fault
        if only_this:
            return "skipped"
        self.notices.delay_all(sink, until)
        return "down"

    def _message(self, sink: Sink, claimed: list[Notice]) -> Message | None:
        """Return what to say now; None if nothing is left to say, because the leads have lost the priority since."""
        keys, facts = _keys(claimed), claimed[0].facts
        if claimed[0].kind == "trouble":
            return self.words(sink, ()).of_trouble(sink, facts, keys)
        if claimed[0].kind == "digest":
            new, cooling = self._of_digest(sink, facts)
            words = self.words(sink, [*new, *cooling])
            return words.of_digest(sink, new, cooling, keys) if new or cooling else None
        leads = [lead for lead in self.notices.about(claimed, sink.owner_field) if self._is_first(lead)]
        return self.words(sink, leads).of_leads(sink, leads, keys) if leads else None

    def words(self, sink: Sink, leads: Sequence[About]) -> Words:
        """Return what messages about these leads have in common, with their names if the sink is told these."""
        names = names_of(self.connection, leads, self.stop) if sink.names and leads else {}
        return Words(self.name, self.store.mirror(self.name).links(), self.told.timezone, names)

    def _of_digest(self, sink: Sink, facts: Mapping[str, Any]) -> tuple[list[About], list[About]]:
        """Return who is new in the first priority, and who is about to lose it."""
        since, until = (datetime.fromisoformat(facts[name]) for name in ("since", "until"))
        new = self.notices.crossed(since, until, sink.owner_field)
        return _theirs(sink, new), self.cooling(sink, self.now() + timedelta(days=1))

    def cooling(self, sink: Sink, until: datetime) -> list[About]:
        """Return who has the first priority and loses it before a time, as far as a sink is told of them."""
        return _theirs(sink, self.notices.cooling(self.first, until, self.now(), sink.owner_field))

    def _is_first(self, lead: About) -> bool:
        return lead.priority == self.first.get((lead.prefix, lead.of))

    @property
    def first(self) -> First:
        """The first priority of each scorecard that has some, of leads and of accounts."""
        cards = {(use.prefix, of): use.card_of(of) for use in self.connection.scorecards for of in OFS}
        return {key: card.priorities[0] for key, card in cards.items() if card and card.priorities}


def _keys(claimed: list[Notice]) -> list[str]:
    return sorted(one.key for one in claimed)


def _theirs(sink: Sink, found: Sequence[About]) -> list[About]:
    wanted = sink.owners.ids if sink.owners else ()
    return [lead for lead in found if not wanted or lead.owner in wanted]


@dataclass
class Messengers:
    """Delivers for all connections of a process: one thread per sink, so that one that hangs holds up no other."""

    store: Store
    connections: Callable[[], Mapping[str, AnyConnection]]
    stop: Event
    _running: dict[tuple[str, str], Thread] = field(default_factory=dict)

    def look(self) -> None:
        """Start a thread for each sink that has none at work; a database that is away is tried at the next look."""
        try:
            self._look()
        except StoreError as error:
            logger.debug("Messages to people wait for the database: %s", error)

    def _look(self) -> None:
        for name, connection in self.connections().items():
            if connection.notify is not None:
                delivery = Delivery(self.store, name, connection, self.stop)
                delivery.upkeep()
                for sink in connection.notify.sinks:
                    self._start(delivery, sink)

    def states(self) -> Mapping[str, Sequence[SinkState]]:
        """Return what waits for each sink, by connection; also for one that the settings no longer name."""
        return {
            name: _states(connection.notify, self.store.notices(name).state())
            for name, connection in self.connections().items()
            if connection.notify is not None
        }

    def finish(self, seconds: float) -> list[str]:
        """Wait for the threads, at most this long for all of them; return the sinks that are still at work."""
        until = clock.steady() + seconds
        for thread in self._running.values():
            thread.join(max(until - clock.steady(), 0.0))
        return [sink for (_, sink), thread in self._running.items() if thread.is_alive()]

    def _start(self, delivery: Delivery, sink: str) -> None:
        key = (delivery.name, sink)
        running = self._running.get(key)
        if running is None or not running.is_alive():
            thread = Thread(target=_survived, args=(delivery, sink), name=f"notify {sink}", daemon=True)
            self._running[key] = thread
            thread.start()


def _states(told: Notify, found: Sequence[SinkState]) -> Sequence[SinkState]:
    busy = {one.sink for one in found}
    return [*found, *(SinkState(sink) for sink in told.sinks if sink not in busy)]


def _survived(delivery: Delivery, sink: str) -> None:
    """Deliver, and log what went wrong: the next look tries again."""
    try:
        delivery.deliver(sink)
    except StoreError as error:
        logger.debug("%s: the sink %s waits for the database: %s", delivery.name, sink, error)
    except Exception:
        logger.exception("%s: the sink %s got no message", delivery.name, sink)
