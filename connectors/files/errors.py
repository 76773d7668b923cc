"""Errors in files, counted and illustrated by a few samples."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import polars as pl

SAMPLES: Final = 5
NUMBER: Final = "a number"
A_TIME: Final = "a time such as 2026-03-31 or 2026-03-31T12:00:00Z"
A_DATE: Final = "a date such as 2026-03-31"
COMMA: Final = re.compile(r"[+-]?[\d.\s']*\d,\d+")
OPEN: Final = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}\b")
POINT: Final = "Write a decimal point, and nothing between thousands, such as 1234.5"


class FileError(Exception):
    """A file cannot be read or written; the message says where and what to change."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Unreadable values of one column: their number, and the first of them by row."""

    column: str
    wanted: str
    count: int
    samples: tuple[tuple[int, str], ...]

    @property
    def unplaced(self) -> str:
        """Return the same without rows, of a table whose rows were not counted."""
        shown = ", ".join(f"'{value}'" for _, value in self.samples)
        return f"column '{self.column}' needs {self.wanted}, and has {shown}{self._hint}"

    def __str__(self) -> str:
        """Return one line with the problem and the first samples."""
        shown = ", ".join(f"row {row}: '{value}'" for row, value in self.samples)
        more = f" and {self.count - len(self.samples)} more" if self.count > len(self.samples) else ""
        return f"column '{self.column}' needs {self.wanted}: {shown}{more}{self._hint}"

    @property
    def _hint(self) -> str:
        if self.wanted in {A_TIME, A_DATE} and any(OPEN.match(value) for _, value in self.samples):
            return ". Say which comes first in dates such as 2/1/2018: `--dates day` or `--dates month`"
        comma = any(COMMA.fullmatch(value) for _, value in self.samples)
        return f". {POINT}" if self.wanted == NUMBER and comma else ""


def wrong(column: str, wanted: str, rows: pl.Series, values: pl.Series) -> list[Wrong]:
    """Return the error about these values; empty if there are none."""
    if not len(rows):
        return []
    samples = zip(rows.head(SAMPLES).to_list(), values.head(SAMPLES).cast(pl.String).to_list(), strict=True)
    return [Wrong(column, wanted, len(rows), tuple((row, value or "") for row, value in samples))]


def merged(found: Iterable[Wrong]) -> list[Wrong]:
    """Add up the errors of several batches, column by column."""
    by_column: dict[tuple[str, str], Wrong] = {}
    for one in found:
        before = by_column.get((one.column, one.wanted))
        samples = ((*before.samples, *one.samples) if before else one.samples)[:SAMPLES]
        count = one.count + (before.count if before else 0)
        by_column[one.column, one.wanted] = Wrong(one.column, one.wanted, count, samples)
    return list(by_column.values())
