"""Rows of Parquet and CSV files, through Polars."""

from collections.abc import Iterator, Sequence
from glob import glob
from threading import Event
from typing import Final

import polars as pl

from connectors.base import ConfigurationError, Interrupted, Unavailable
from connectors.warehouse import moments
from connectors.warehouse.wanted import BATCH, EVERY_ROW, Wanted

_CLOSED: Final = "Check that the program that writes the files puts them in place whole, by a rename."


class Files:
    """The rows of files whose names are alike."""

    in_order = False

    def __init__(self, pattern: str, label: str, zone: str | None, stop: Event, batch: int = BATCH) -> None:
        self._pattern, self._label, self._zone, self._stop, self._batch = pattern, label, zone, stop, batch

    def columns(self) -> list[str]:
        """Return the names of its columns."""
        try:
            return self._scan().collect_schema().names()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._unread(error) from error

    def sample(self, columns: Sequence[str], rows: int) -> pl.DataFrame:
        """Return some rows."""
        try:
            return self._scan().select(columns).head(rows).collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._unread(error) from error

    def batches(self, columns: Sequence[str], wanted: Wanted = EVERY_ROW) -> Iterator[pl.DataFrame]:
        """Yield these columns of the rows that are wanted, file by file."""
        try:
            rows = self._scan()
            types = rows.collect_schema()
            if wanted.changed is not None and wanted.since is not None:
                changed = moments.read(pl.col(wanted.changed), types[wanted.changed], self._zone)
                rows = rows.filter((changed >= wanted.since) | changed.is_null())
            if wanted.among is not None:
                name, values = wanted.among
                rows = rows.filter(pl.col(name).cast(pl.String).is_in(list(values)))
            for batch in rows.select(columns).collect_batches(chunk_size=self._batch, maintain_order=True):
                if self._stop.is_set():
                    raise Interrupted("Stopped while the files of the warehouse were read.")
                yield batch
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._unread(error) from error

    def _scan(self) -> pl.LazyFrame:
        found = sorted(glob(self._pattern, recursive=True))  # noqa: PTH207 - a whole path is a pattern
        if not found:
            raise Unavailable(
                f"No file matches {self._pattern} ({self._label}).", remedy="Check the path, or wait for the files."
            )
        if self._pattern.lower().endswith(".csv"):
            return pl.scan_csv(found, infer_schema=False)
        return pl.scan_parquet(found, extra_columns="ignore")

    def _unread(self, error: Exception) -> ConfigurationError | Unavailable:
        said = next(iter(str(error).strip().splitlines()), type(error).__name__)
        what = f"{self._label} cannot be read from {self._pattern}."
        if isinstance(error, pl.exceptions.ColumnNotFoundError | pl.exceptions.SchemaError):
            return ConfigurationError(what, answer=said, remedy="All files must have the columns that are named.")
        return Unavailable(what, answer=said, remedy=_CLOSED)
