"""Chunks: which leads are computed together. An account is never split, so a large one makes a large chunk."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vocabulary.arrays import Ints

CHUNK: Final = 25_000
"""How many leads are computed at once: a trade-off between speed and memory."""


@dataclass(frozen=True)
class Chunks:
    """The rows of all leads in the order of computing, and where each chunk begins in it."""

    bounds: Ints
    """The beginning of each chunk, and the end of the last."""
    order: Ints | None = None
    """The row of each lead in the order of computing; None if they are computed in their own order."""

    @classmethod
    def even(cls, leads: int, size: int = CHUNK) -> Self:
        """Return chunks of the leads in their order."""
        return cls(np.append(np.arange(0, leads, size), leads))

    @classmethod
    def whole(cls, accounts: pl.Series, alone: int = 0, size: int = CHUNK) -> Self:
        """Return chunks of whole accounts; null is the account of a lead that has none.

        Accounts come in the order of their first lead; leads that fit into one chunk stay in their order. Accounts
        without leads, which are `alone`, have chunks of their own unless all fit into one.
        """
        if len(accounts) + alone <= size:
            return cls(np.array([0, len(accounts)] if len(accounts) + alone else [0]))
        row = pl.col("row")
        first = pl.when(pl.col("account").is_null()).then(row).otherwise(row.first().over("account"))
        rows = pl.DataFrame({"account": accounts}).with_row_index("row").select(first.cast(pl.Int64))
        begun = rows.to_series().to_numpy()
        order = np.argsort(begun, kind="stable")
        bounds = _bounds(np.flatnonzero(np.diff(begun[order], prepend=-1)), len(accounts), size)
        return cls(np.append(bounds, np.full(-(-alone // size), len(accounts))), order)

    def __len__(self) -> int:
        """Return the number of chunks."""
        return len(self.bounds) - 1

    @property
    def largest(self) -> int:
        """The number of leads in the largest chunk."""
        return int(np.diff(self.bounds).max(initial=0))

    def size(self, number: int) -> int:
        """Return how many leads a chunk has."""
        return int(self.bounds[number + 1] - self.bounds[number])

    def take(self, frame: pl.DataFrame, number: int) -> pl.DataFrame:
        """Return the rows of a chunk; `frame` has one for each lead."""
        start = int(self.bounds[number])
        if self.order is None:
            return frame.slice(start, self.size(number))
        return frame[self.order[start : start + self.size(number)]]

    def in_their_order(self, computed: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of all chunks together in the order of the leads."""
        return computed if self.order is None else computed[np.argsort(self.order)]

    def slices_in_their_order(self, computed: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """Yield the same in slices, so that not all rows are held twice."""
        at = np.arange(computed.height) if self.order is None else np.argsort(self.order)
        return (computed[at[start : start + CHUNK]] for start in range(0, computed.height, CHUNK))

    def of_alone(self, count: int) -> Ints:
        """Return the chunks of accounts without leads: the empty ones at the end, or the only one."""
        empty = int(np.sum(np.diff(self.bounds) == 0)) if len(self) > 1 else 1
        numbers: Ints = len(self) - empty + np.arange(count) * empty // max(1, count)
        return numbers

    @cached_property
    def places(self) -> tuple[NDArray[np.unsignedinteger[Any]], NDArray[np.unsignedinteger[Any]]]:
        """The chunk of each lead, and its row there, as small numbers."""
        sizes = np.diff(self.bounds)
        chunk = np.repeat(np.arange(len(sizes)), sizes)
        row = np.arange(len(chunk)) - self.bounds[chunk]
        if self.order is not None:
            at = np.argsort(self.order)
            chunk, row = chunk[at], row[at]
        return chunk.astype(np.min_scalar_type(len(sizes))), row.astype(np.min_scalar_type(self.largest))


def _bounds(begins: Ints, leads: int, size: int) -> Ints:
    """Return the bounds of chunks that begin where accounts begin, each as full as whole accounts make it."""
    bounds = [0]
    ends = np.append(begins[1:], leads)
    while bounds[-1] < leads:
        last = np.searchsorted(ends, bounds[-1] + size, side="right") - 1
        if last < 0 or ends[last] <= bounds[-1]:
            last = np.searchsorted(ends, bounds[-1], side="right")  # one account that fills more than a chunk
        bounds.append(int(ends[last]))
    return np.array(bounds)
