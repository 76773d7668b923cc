"""The two kinds of file that rows come from."""

import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.files.errors import FileError

BATCH: Final = 1_000_000
"""How many rows are read at once."""
STREAM: Final = "-"


class Source(Protocol):
    """Rows in batches, with the columns that they have."""

    columns: list[str]
    first_row: int
    """What a person calls the first row of data: a CSV file's header is row 1."""

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Yield these columns of all rows, in order."""


def ending(path: str) -> str:
    """Return `csv` or `parquet`; a standard stream is CSV."""
    kind = "csv" if path == STREAM else Path(path).suffix.lower().lstrip(".")
    if kind not in {"csv", "parquet"}:
        raise FileError(f"{path}: the ending says what a file is: name it .csv or .parquet")
    return kind


def opened(path: str) -> Source:
    """Open a file by its ending."""
    return Csv(path) if ending(path) == "csv" else Parquet(path)


class Csv:
    """Comma-separated values with a header, UTF-8; every value is text here."""

    first_row: int = 2

    def __init__(self, path: str) -> None:
        self.path = path
        self._data: str | io.BytesIO = io.BytesIO(sys.stdin.buffer.read()) if path == STREAM else path
        try:
            self._rows = pl.scan_csv(self._data, infer_schema=False, try_parse_dates=False)
            self.columns: list[str] = self._rows.collect_schema().names()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise FileError(f"{path}: cannot be read: {_first_line(error)}") from error

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Yield these columns of all rows, in order."""
        try:
            yield from self._rows.select(columns).collect_batches(chunk_size=BATCH, maintain_order=True)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise FileError(f"{self.path}: cannot be read as CSV: {_first_line(error)}") from error


class Parquet:
    """Parquet: typed columns, read in the batches of its row groups."""

    first_row: int = 1

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            raise FileError(f"{path}: cannot be read: {_first_line(error)}") from error
        self.columns: list[str] = list(self._file.schema_arrow.names)

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Yield these columns of all rows, in order."""
        try:
            for batch in self._file.iter_batches(batch_size=BATCH, columns=list(columns)):
                frame = pl.from_arrow(batch)
                assert isinstance(frame, pl.DataFrame)
                yield frame
        except (pa.ArrowException, OSError) as error:
            raise FileError(f"{self.path}: cannot be read as Parquet: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
