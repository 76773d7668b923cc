"""What is wrong with a file, counted and shown by a few samples."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import polars as pl

SAMPLES: Final = 5


class FileError(Exception):
    """A file cannot be read or written as it stands; says where and what to change."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Values of one column that could not be read: how many, and the first of them by row."""

    column: str
    wanted: str
    count: int
    samples: tuple[tuple[int, str], ...]

    def __str__(self) -> str:
        """Return one line that says what is wrong and shows the first of them."""
        shown = ", ".join(f"row {row}: '{value}'" for row, value in self.samples)
        more = f" and {self.count - len(self.samples)} more" if self.count > len(self.samples) else ""
        return f"column '{self.column}' needs {self.wanted}: {shown}{more}"


def wrong(column: str, wanted: str, rows: pl.Series, values: pl.Series) -> list[Wrong]:
    """Return what is wrong with these values, if there are any."""
    if not len(rows):
        return []
    samples = zip(rows.head(SAMPLES).to_list(), values.head(SAMPLES).cast(pl.String).to_list(), strict=True)
    return [Wrong(column, wanted, len(rows), tuple((row, value or "") for row, value in samples))]


def merged(found: Iterable[Wrong]) -> list[Wrong]:
    """Add up what several batches found wrong, column by column."""
    by_column: dict[tuple[str, str], Wrong] = {}
    for one in found:
        before = by_column.get((one.column, one.wanted))
        samples = ((*before.samples, *one.samples) if before else one.samples)[:SAMPLES]
        count = one.count + (before.count if before else 0)
        by_column[one.column, one.wanted] = Wrong(one.column, one.wanted, count, samples)
    return list(by_column.values())
