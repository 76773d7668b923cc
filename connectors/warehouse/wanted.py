"""Which rows of a source are wanted, and what a source of rows can do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import polars as pl

BATCH: Final = 20_000
"""Rows that are read at once: what a transaction of the mirror takes."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The rows that are wanted; by default all."""

    changed: str | None = None
    """The column that says when a row changed, by which a database sorts."""
    since: datetime | None = None
    """Rows that changed before may be left out; those that do not say when are never left out."""
    among: tuple[str, Sequence[str]] | None = None
    """A column, and the values that it must have, as texts."""


EVERY_ROW: Final = Wanted()


class Source(Protocol):
    """Where rows are: a table, a query or files."""

    in_order: bool
    """Whether rows come in the order in which they changed."""

    def columns(self) -> list[str]:
        """Return the names of its columns."""

    def sample(self, columns: Sequence[str], rows: int) -> pl.DataFrame:
        """Return some rows."""

    def batches(self, columns: Sequence[str], wanted: Wanted = EVERY_ROW) -> Iterator[pl.DataFrame]:
        """Yield these columns of the rows that are wanted, so that never all of them are in memory."""
