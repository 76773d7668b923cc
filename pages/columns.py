"""The results of all leads in memory, by column: what the pages filter, sort and count.

A page over a million leads must not scan a table. The columns take some 100 bytes per lead, and are read again in the
background after something was written, at most so often that reading takes a twentieth of the time.
"""

import logging
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock, RLock, Thread
from time import monotonic
from typing import Any, Final, TypeVar

import polars as pl

from pipeline import clock
from store import StoreError
from vocabulary.outputs import BY_NAME

SHARE: Final = 0.05
"""The most time that reading again may take."""
LEAST: Final = 2.0
"""Seconds between two readings at least."""

T = TypeVar("T")

logger: Final = logging.getLogger(__name__)

Reading = Callable[[], tuple[int, pl.DataFrame]]
"""Reads the number of changes so far, then the columns."""


@dataclass
class Kept:
    """What pages derive from columns and use again, such as an order: the latest of it, some megabytes each."""

    most: int = 24
    _held: dict[Hashable, Any] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is kept under a key, made now if nothing is."""
        found: T | None = self._held.get(key)
        if found is not None:
            return found
        with self._lock:  # twenty who ask at once wait for one to make it
            if key not in self._held:
                made = make()
                for old in list(self._held)[: max(0, len(self._held) + 1 - self.most)]:
                    del self._held[old]
                self._held[key] = made
            found = self._held[key]
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Columns:
    """The results of an outbox as they were at one moment, the most urgent first; see `Outbox.listing`.

    `place`: the place of a lead in the order of the ids.
    """

    frame: pl.DataFrame
    change: int
    """The number of the last change before they were read."""
    read_at: datetime
    kept: Kept = field(default_factory=Kept)


@dataclass
class Shelf:
    """The columns of one outbox, which are read when they are first asked for and again after a change."""

    read: Reading
    changes: Callable[[], int]
    _held: Columns | None = None
    _next: float = 0.0
    _reading: bool = False
    _lock: Lock = field(default_factory=Lock)
    _first: Lock = field(default_factory=Lock)

    def columns(self) -> Columns:
        """Return the columns. While they are read again, those of before are returned."""
        with self._first:
            if self._held is None:
                self._read()
        assert self._held is not None
        if self._is_due() and self.changes() != self._held.change:
            self._start()
        return self._held

    def _is_due(self) -> bool:
        with self._lock:
            return not self._reading and monotonic() >= self._next

    def _start(self) -> None:
        with self._lock:
            if self._reading:
                return
            self._reading = True
        Thread(target=self._read_again, name="columns", daemon=True).start()

    def _read_again(self) -> None:
        try:
            self._read()
        except StoreError as error:
            logger.warning("The pages show results of before: %s", error)
            self._next = monotonic() + LEAST
        finally:
            self._reading = False

    def _read(self) -> None:
        begun, at = monotonic(), clock.now()
        change, frame = self.read()
        self._held = Columns(urgent_first(compact(frame)), change, at)
        self._next = monotonic() + max(LEAST, (monotonic() - begun) / SHARE)


def urgent_first(frame: pl.DataFrame) -> pl.DataFrame:
    """Return rows by priority, index and id, so that a stable sort by anything else leaves ties in this order."""
    by = ["level", "lead_priority_index", "place"]
    placed = frame.with_columns(place=pl.col("lead").rank("ordinal").cast(pl.UInt32))
    return placed.sort(by, descending=[False, True, False], nulls_last=True)


def compact(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the columns in less memory: choices as categories, numbers in 32 bits."""
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String() and name in BY_NAME]
    numbers: dict[pl.DataType, pl.DataType] = {pl.Int64(): pl.Int32(), pl.Float64(): pl.Float32()}
    small = {name: numbers[dtype] for name, dtype in frame.schema.items() if dtype in numbers}
    return frame.with_columns(pl.col(texts).cast(pl.Categorical), *(pl.col(n).cast(d) for n, d in small.items()))
