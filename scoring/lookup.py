"""A hash table in arrays that numbers keys. It is kept between batches; a join would build a new table for each."""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Numbers = NDArray[np.uint32]

UNKNOWN: Final = np.uint32(2**32 - 1)
"""The number of an unknown key."""
ROOM: Final = 2
"""The minimum number of slots per key. More slots mean fewer collisions."""


def fingerprints(frame: pl.DataFrame) -> Keys:
    """Return a 64-bit fingerprint of the values of each row."""
    return frame.hash_rows(seed=1).to_numpy()


class Lookup:
    """Numbers distinct fingerprints in order of first appearance, and finds these numbers again."""

    def __init__(self) -> None:
        self._keys: Keys = np.zeros(0, np.uint64)
        self._make_slots(1)

    def __len__(self) -> int:
        """Return the number of known keys."""
        return len(self._keys)

    def find(self, keys: Keys) -> Numbers:
        """Return the number of each key; UNKNOWN for unknown ones."""
        slots = self._home(keys)
        numbers = self._numbers[slots]
        waiting = np.flatnonzero(self._others(slots, numbers, keys))
        while len(waiting):
            slots[waiting] = self._next(slots[waiting])
            numbers[waiting] = self._numbers[slots[waiting]]
            waiting = waiting[self._others(slots[waiting], numbers[waiting], keys[waiting])]
        return numbers

    def _others(self, slots: NDArray[np.int64], numbers: Numbers, keys: Keys) -> NDArray[np.bool_]:
        """Return where a slot has another key."""
        others: NDArray[np.bool_] = (self._held[slots] != keys) & (numbers != UNKNOWN)
        return others

    def learn(self, keys: Keys) -> NDArray[np.intp]:
        """Add the new keys and return the first position of each."""
        unknown = np.flatnonzero(self.find(keys) == UNKNOWN)
        first: NDArray[np.intp] = np.sort(unknown[np.unique(keys[unknown], return_index=True)[1]])
        start, self._keys = len(self), np.concatenate([self._keys, keys[first]])
        if len(self._keys) * ROOM > len(self._numbers):
            self._make_slots(len(self._keys) * ROOM)
            start = 0
        self._settle(start)
        return first

    def _make_slots(self, wanted: int) -> None:
        """Create at least this many empty slots, rounded up to a power of two."""
        size = 1 << wanted.bit_length()
        self._mask = np.uint64(size - 1)
        self._numbers: Numbers = np.full(size, UNKNOWN)
        self._held: Keys = np.zeros(size, np.uint64)

    def _settle(self, start: int) -> None:
        """Put the keys from number `start` on into the first free slot at or after their home slot."""
        waiting = np.arange(start, len(self._keys), dtype=np.uint32)
        slots = self._home(self._keys[waiting])
        while len(waiting):
            free = self._numbers[slots] == UNKNOWN
            self._numbers[slots[free]] = waiting[free]  # if several keys want the same slot, one of them gets it
            settled = self._numbers[slots] == waiting
            self._held[slots[settled]] = self._keys[waiting[settled]]
            waiting, slots = waiting[~settled], self._next(slots[~settled])

    def _home(self, keys: Keys) -> NDArray[np.int64]:
        return (keys & self._mask).view(np.int64)

    def _next(self, slots: NDArray[np.int64]) -> NDArray[np.int64]:
        return (slots + 1) & self._mask.astype(np.int64)
