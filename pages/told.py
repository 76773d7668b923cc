"""What runs wrote, in figures. A run that has ended never changes, so each is counted once, in the background."""

import logging
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime
from threading import Lock, Thread
from typing import Final

import polars as pl

from pages.site import Site
from pipeline.job import ActiveScorecard, Job
from store import StoreError, Told
from store.outbox.telling import MOVED

MOST: Final = 4000
"""How many runs are kept: a week of syncs every five minutes has 2,000."""

logger: Final = logging.getLogger(__name__)

Key = tuple[str, str, int]
"""Connection, scorecard and run."""


@dataclass(frozen=True, slots=True)
class Lately:
    """What the runs of some time wrote."""

    runs: tuple[int, ...]
    """Those that were counted."""
    counting: int
    """How many are still to be counted."""
    frames: tuple[pl.DataFrame, ...]

    def moved(self, since: datetime) -> pl.DataFrame:
        """Return the moves since a time, oldest first."""
        latest = pl.concat([pl.DataFrame(schema=MOVED), *reversed(self.frames)])
        start = int(since.timestamp() * 1_000_000)
        return latest.filter(pl.col("written_at") >= start)


class Ledger:
    """What was counted so far."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._told: OrderedDict[Key, Told] = OrderedDict()
        self._waiting: deque[tuple[Key, ActiveScorecard]] = deque()
        self._wanted: set[Key] = set()
        self._lock, self._at_work = Lock(), False

    def of(self, job: Job, box: ActiveScorecard, run: int) -> Told | None:
        """Return what a run that has ended wrote; None while it is counted."""
        key = (job.name, box.key, run)
        with self._lock:
            if key in self._told:
                self._told.move_to_end(key)
                return self._told[key]
            if key not in self._wanted:
                self._wanted.add(key)
                self._waiting.append((key, box))
        self._begin()
        return None

    def lately(self, job: Job, box: ActiveScorecard, since: datetime) -> Lately:
        """Return what the runs that ended since a time wrote, as far as they were counted."""
        numbers = job.runs.finished_since(since)[:MOST]
        found = {number: told for number in reversed(numbers) if (told := self.of(job, box, number))}
        newest_first = [found[number] for number in numbers if number in found]
        frames = tuple(told.moved for told in newest_first if not told.moved.is_empty())
        return Lately(tuple(told.run for told in newest_first), len(numbers) - len(found), frames)

    def _begin(self) -> None:
        with self._lock:
            if self._at_work or not self._waiting:
                return
            self._at_work = True
        Thread(target=self._count, name="ledger", daemon=True).start()

    def _count(self) -> None:
        """Count what waits, the latest wish first."""
        while not self._site.stop.is_set():
            with self._lock:
                if not self._waiting:
                    self._at_work = False
                    return
                key, box = self._waiting.pop()
            self._keep(key, box)
        self._at_work = False

    def _keep(self, key: Key, box: ActiveScorecard) -> None:
        told: Told | None = None
        try:
            told = box.outbox.wrote(key[2])
        except StoreError as error:
            logger.warning("What run %s wrote could not be counted; it is tried again: %s", key[2], error)
        with self._lock:
            self._wanted.discard(key)
            if told is not None:
                self._told[key] = told
                while len(self._told) > MOST:
                    self._told.popitem(last=False)
