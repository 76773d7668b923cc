"""Sharing: several daemons on one database divide its connections evenly, without talking to each other.

Each daemon says every few seconds that it is alive, sees who holds what, and aims at its share: connections by the
number of daemons that could do them. It takes free ones up to that, gives back what is more once another has room, and
takes what nobody else wanted for a while.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import blake2b
from math import ceil
from threading import Lock
from typing import Final

from apscheduler.triggers.interval import IntervalTrigger

from pipeline.clock import steady
from pipeline.daemon.health import Health
from pipeline.daemon.scheduler import Task
from pipeline.process import died
from store import Daemons, Holder, Sight, StoreError

BEAT: Final = IntervalTrigger(seconds=5)
GRACE: Final = 60.0
"""Seconds for which a connection must be free before a daemon takes it beyond its share."""
KEPT: Final = 600.0
"""Seconds for which such a connection is kept before it is given back to a daemon that has room: that one left it."""

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Decision:
    """Which connections a daemon takes when it can, and which it gives back between two passes."""

    take: frozenset[str] = frozenset()
    give: frozenset[str] = frozenset()


def share(me: str, daemons: Mapping[str, Sequence[str]]) -> int:
    """Return how many connections a daemon aims at: each counts by the number of daemons that have it."""
    times = Counter(name for theirs in daemons.values() for name in theirs)
    alike = Counter(times[name] for name in daemons[me])
    return ceil(sum((Fraction(count, of) for of, count in alike.items()), Fraction()))


def decided(me: str, sight: Sight, orphans: Collection[str] = (), kept: Collection[str] = ()) -> Decision:
    """Decide what a daemon takes and gives back.

    `orphans`: connections that nobody took for a while. `kept`: those that are not given back yet.
    """
    ours = _order(me, sight.daemons[me])
    mine = [name for name in ours if sight.holders.get(name) == me]
    free = [name for name in ours if sight.holders.get(name) is None]
    aim = share(me, sight.daemons)
    take = {*free[: max(aim - len(mine), 0)], *(name for name in free if name in orphans)}
    surplus = len(mine) - aim
    return Decision(frozenset(take), frozenset(_given(me, sight, mine, surplus, kept)))


def _given(me: str, sight: Sight, mine: Sequence[str], surplus: int, kept: Collection[str]) -> list[str]:
    """Return what is given back: at most the surplus, and only what another daemon has room for."""
    rooms = {other: _room(other, sight) for other in sight.daemons if other != me}
    given: list[str] = []
    for name in reversed(mine):
        if len(given) >= surplus:
            break
        taker = next((one for one, room in rooms.items() if room > 0 and name in sight.daemons[one]), None)
        if taker is not None and name not in kept:
            rooms[taker] -= 1
            given.append(name)
    return given


def _room(daemon: str, sight: Sight) -> int:
    held = sum(holder == daemon for holder in sight.holders.values())
    return share(daemon, sight.daemons) - held


def _order(me: str, names: Sequence[str]) -> list[str]:
    """Return connections in an order of each daemon's own, so that two rarely reach for the same."""
    return sorted(names, key=lambda name: blake2b(f"{me}\0{name}".encode(), digest_size=8).digest())


@dataclass
class Shares:
    """What this daemon has of the connections, kept up to date by its beat."""

    daemons: Daemons
    me: Holder
    health: Health
    steady: Callable[[], float] = steady
    dead: Callable[[str], bool] = died
    wake: Callable[[str], None] = lambda _name: None
    """Wakes the lane of a connection that is to be taken or given back."""
    _decision: Decision = field(default_factory=Decision)
    _free_since: dict[str, float] = field(default_factory=dict)
    _adopted: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def tasks(self) -> list[Task]:
        """Return the task that keeps it up to date."""
        return [Task("shares", BEAT, self.look)]

    def look(self) -> None:
        """Say that this daemon is alive, and decide anew. A database that is away is reported by housekeeping."""
        try:
            sight = self._living(self.daemons.beat(self.me.process, self.me.name, self.health.connections))
        except StoreError as error:
            logger.debug("No look at the shares: %s", error)
            return
        now = self.steady()
        free = {name for name in self.health.connections if sight.holders.get(name) is None}
        with self._lock:
            self._free_since = {name: self._free_since.get(name, now) for name in free}
            orphans = {name for name, since in self._free_since.items() if now - since >= GRACE}
            self._adopted = {name: at for name, at in self._adopted.items() if now - at < KEPT}
            self._decision = decided(self.me.process, sight, orphans, self._adopted)
            within = decided(self.me.process, sight).take
            self._adopted |= dict.fromkeys(self._decision.take - within, now)
            moves = self._decision.take | self._decision.give
        self.health.unheld(free)
        for name in moves:
            self.wake(name)

    def _living(self, sight: Sight) -> Sight:
        """Leave out processes of this machine that are known to have died."""
        dead = {process for process in {*sight.daemons, *filter(None, sight.holders.values())} if self.dead(process)}
        daemons = {process: theirs for process, theirs in sight.daemons.items() if process not in dead}
        return Sight(daemons, {name: None if held in dead else held for name, held in sight.holders.items()})

    def takes(self, name: str) -> bool:
        """Return whether this daemon may take a connection that it does not hold."""
        with self._lock:
            return name in self._decision.take

    def gives(self, name: str) -> bool:
        """Return, once, whether this daemon gives a connection back."""
        with self._lock:
            given = name in self._decision.give
            self._decision = Decision(self._decision.take, self._decision.give - {name})
            return given

    def leave(self) -> None:
        """Let the others know that this daemon ends."""
        try:
            self.daemons.leave(self.me.process)
        except StoreError as error:
            logger.debug("The other daemons will notice by themselves that this one ended: %s", error)
