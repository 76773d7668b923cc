"""Where rows come from: CSV and Parquet, batch by batch."""

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from connectors.files.errors import FileError

BATCH: Final = 1_000_000
"""How many rows are read at once."""
STREAM: Final = "-"


def ending(path: str) -> str:
    """Return `csv` or `parquet`; a standard stream is CSV."""
    kind = "csv" if path == STREAM else Path(path).suffix.lower().lstrip(".")
    if kind not in {"csv", "parquet"}:
        raise FileError(f"{path}: the ending says what a file is: name it .csv or .parquet")
    return kind


def opened(path: str) -> "Source":
    """Open a file by its ending."""
    data = io.BytesIO(sys.stdin.buffer.read()) if path == STREAM else path
    if ending(path) == "csv":
        return Source(path, lambda: pl.scan_csv(data, infer_schema=False), first_row=2)
    return Source(path, lambda: pl.scan_parquet(data, glob=False), first_row=1)


class Source:
    """Rows in batches, with the columns that they have. CSV is UTF-8 with a header, and every value is text.

    `first_row` is what a person calls the first row of data: a CSV file's header is row 1.
    """

    def __init__(self, path: str, scan: Callable[[], pl.LazyFrame], first_row: int) -> None:
        self.path, self.first_row = path, first_row
        try:
            self._rows = scan()
            self.columns = self._rows.collect_schema().names()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._unreadable(error) from error

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Yield these columns of all rows, in order."""
        try:
            yield from self._rows.select(columns).collect_batches(chunk_size=BATCH, maintain_order=True)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> FileError:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        return FileError(f"{self.path}: cannot be read as {ending(self.path).upper()}: {reason}")
