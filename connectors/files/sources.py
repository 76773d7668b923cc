"""Read rows from CSV and Parquet files, batch by batch."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl
import polars.selectors as cs

from connectors.files.dialect import recognised
from connectors.files.errors import FileError
from connectors.files.layout import layout

BATCH: Final = 250_000
"""Rows per batch."""
REPEATED: Final = re.compile(r"_duplicated_\d+$")
"""The suffix Polars adds to a repeated CSV column name."""
SHEETS: Final = frozenset({"xlsx", "xls", "xlsm", "ods", "numbers"})
STREAM: Final = "-"
SHAPE: Final = "A CSV file must be UTF-8, with a header and no row longer than the header."
BLANK: Final = "#blank"
"""The column that says whether a whole line is blank, whatever columns were asked for."""


def ending(path: str) -> str:
    """Return `csv` or `parquet`. A standard stream is CSV."""
    kind = "csv" if path == STREAM else Path(path).suffix.lower().lstrip(".")
    if kind not in {"csv", "parquet"}:
        remedy = ". Save the table as CSV; in Excel, as 'CSV UTF-8'" if kind in SHEETS else ""
        raise FileError(f"{path}: the file name must end in .csv or .parquet{remedy}.")
    return kind


def opened(path: str) -> "Source":
    """Open a file according to its extension."""
    if ending(path) == "csv":
        found = recognised(path, sys.stdin.buffer.read() if path == STREAM else None)
        shape = layout(found)
        scan = partial(
            pl.scan_csv,
            found.data,
            infer_schema=False,
            separator=shape.separator,
            skip_lines=shape.skip,
            truncate_ragged_lines=shape.ragged,
        )
        return Source(path, scan, first_row=2 + shape.skip, notes=(*found.notes, *shape.notes))
    return Source(path, lambda: pl.scan_parquet(path, glob=False), first_row=1)


class Source:
    """A file's columns, and its rows in batches. CSV has a header, and every value is text.

    `first_row` is the number of the first data row in messages: in CSV, row 1 is the header. `notes` says what was
    remarkable about the file.
    """

    def __init__(
        self, path: str, scan: Callable[[], pl.LazyFrame], first_row: int, notes: tuple[str, ...] = ()
    ) -> None:
        self.path, self.first_row, self.notes = path, first_row, notes
        self.remedy = f" {SHAPE}" if ending(path) == "csv" else ""
        try:
            self._rows = scan()
            self.columns = self._rows.collect_schema().names()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._unreadable(error) from error

    @property
    def named(self) -> list[str]:
        """Return the columns that have a heading."""
        return [name for name in self.columns if REPEATED.sub("", name).strip()]

    def times(self, heading: str) -> int:
        """Return how many columns have this heading; what is read is the first."""
        return sum(REPEATED.sub("", name) == heading for name in self.columns)

    def batches(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Yield these columns of all rows, in order, and `BLANK`."""
        try:
            rows = self._rows.select(*columns, self._blank()).with_columns(cs.array().arr.to_list())
            yield from rows.collect_batches(chunk_size=BATCH, maintain_order=True)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._unreadable(error) from error

    def texts(self, column: str, rows: int | None = None) -> pl.Series:
        """Return the cells of a column of texts that hold any, of the first rows or of all; none of another type."""
        if self._rows.collect_schema()[column] != pl.String:
            return pl.Series(column, [], pl.String)
        asked = self._rows.select(pl.col(column).str.strip_chars())
        try:
            return (asked if rows is None else asked.head(rows)).collect().to_series().drop_nulls()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._unreadable(error) from error

    def _blank(self) -> pl.Expr:
        """Return whether a line has no value at all, as spreadsheets leave them at the end."""
        if ending(self.path) != "csv":
            return pl.lit(value=False).alias(BLANK)
        first, *others = (pl.col(name) for name in self.columns)
        empty = first.is_null() | (first.str.strip_chars() == "")
        return pl.all_horizontal(empty, *(other.is_null() for other in others)).alias(BLANK)

    def _unreadable(self, error: Exception) -> FileError:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        remedy = self.remedy if isinstance(error, pl.exceptions.PolarsError) else ""
        return FileError(f"{self.path}: cannot be read as {ending(self.path).upper()}: {reason}.{remedy}")
