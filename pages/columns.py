"""The results of all leads in memory, by column: what the pages filter, sort and count.

A page over a million leads must not scan a table. The columns take some 100 bytes per lead.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock
from typing import Any, TypeVar

import polars as pl

from pipeline import clock
from vocabulary.outputs import BY_NAME

T = TypeVar("T")


@dataclass
class Derived:
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
    derived: Derived = field(default_factory=Derived)


def read(listing: Callable[[], pl.DataFrame], change: int) -> Columns:
    """Return the results that `listing` reads, after the change with this number."""
    at = clock.now()
    return Columns(urgent_first(compact(listing())), change, at)


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
