"""What the pages about scorecards keep in memory: samples of leads, and what is counted in the background."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock, Semaphore, Thread
from typing import Any, Final

from pages.scorecard.sampling import Samples
from pages.site import Site

KEPT: Final = 40
"""How many counts are kept, the latest used."""
AT_ONCE: Final = 1
"""How many are counted at a time: the daemon's passes need the processor too."""

logger: Final = logging.getLogger(__name__)


class Stopped(Exception):  # noqa: N818 - named for what happened
    """Nobody wants to know any more what is counted."""


@dataclass
class Count:
    """Something that is being counted, or was."""

    of: int = 0
    """How many leads there are to look at."""
    done: int = 0
    result: Any = None
    problem: str = ""
    stopped: bool = False
    askers: set[str] = field(default_factory=set)
    """Who wants to know. Empty for what pages count by themselves, which is not stopped."""

    @property
    def is_over(self) -> bool:
        """Whether it ended, well or not."""
        return self.result is not None or bool(self.problem) or self.stopped

    @property
    def share(self) -> float:
        """How much of it is done."""
        return min(1.0, self.done / self.of) if self.of else 0.0

    def add(self, leads: int) -> None:
        """Count more leads as done; raise `Stopped` if nobody wants to know any more."""
        if self.stopped:
            raise Stopped
        self.done += leads


@dataclass
class Desk:
    """The memory of one process. Used from many threads at once."""

    samples: Samples = field(default_factory=Samples)
    _counts: OrderedDict[Hashable, Count] = field(default_factory=OrderedDict)
    _renewing: set[Hashable] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)
    _room: Semaphore = field(default_factory=lambda: Semaphore(AT_ONCE))

    def found(self, key: Hashable) -> Count | None:
        """Return what was counted, or is, under a key."""
        with self._lock:
            return self._counts.get(key)

    def name(self, key: Hashable, count: Count) -> None:
        """Let something that is counted be found under another key too."""
        with self._lock:
            self._counts[key] = count
            self._counts.move_to_end(key)

    def counted(self, key: Hashable, work: Callable[[Count], Any], *, quick: bool = False) -> Count:
        """Return what is counted under a key, and begin to unless that is done or under way.

        What is `quick` does not wait for anything else that is counted.
        """
        with self._lock:
            known = self._counts.get(key)
            if known is not None:
                self._counts.move_to_end(key)
                return known
            count = self._counts[key] = Count()
            while len(self._counts) > KEPT:
                self._counts.popitem(last=False)
        room = Semaphore() if quick else self._room
        Thread(target=self._work, args=(count, work, room), name="counting", daemon=True).start()
        return count

    def asked(self, asker: str, key: Hashable, work: Callable[[Count], Any]) -> Count:
        """Return what a person wants counted, as `counted`; what the same person asked for before is stopped."""
        with self._lock:
            known = self._counts.get(key)
            if known is not None and known.stopped:
                del self._counts[key]
        self.stop(asker, but=known)
        count = self.counted(key, work)
        count.askers.add(asker)
        return count

    def stop(self, asker: str, *, but: Count | None = None) -> None:
        """Stop what a person asked for, unless another one waits for it too."""
        with self._lock:
            for count in self._counts.values():
                if count is not but and not count.is_over and asker in count.askers:
                    count.askers.discard(asker)
                    count.stopped = not count.askers

    def renew(self, key: Hashable, work: Callable[[Count], Any]) -> None:
        """Count anew in the background; what was counted before stays until then."""
        with self._lock:
            if key in self._renewing:
                return
            self._renewing.add(key)
        Thread(target=self._renew, args=(key, work), name="counting", daemon=True).start()

    def _renew(self, key: Hashable, work: Callable[[Count], Any]) -> None:
        count = Count()
        self._work(count, work, self._room)
        with self._lock:
            self._renewing.discard(key)
            if count.result is not None:
                self._counts[key] = count

    def _work(self, count: Count, work: Callable[[Count], Any], room: Semaphore) -> None:
        with room:
            try:
                count.add(0)  # it may have been stopped while it waited
                count.result = work(count)
            except Stopped:
                return
            except Exception as problem:
                logger.exception("What the page of the scorecard shows could not be counted")
                count.problem = f"{type(problem).__name__}: the log of leadgauge says why."


def desk_of(site: Site) -> Desk:
    """Return the one desk of a site."""
    return site.part(_new)


def _new(_site: Site) -> Desk:
    return Desk()
