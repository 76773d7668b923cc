"""Write results chunk by chunk; the file appears as a whole or not at all."""

import sys
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import polars as pl
import pyarrow.parquet as pq

from connectors.files.errors import FileError
from connectors.files.sources import STREAM, ending

ISO: Final = "%Y-%m-%dT%H:%M:%S%.fZ"


class Writer:
    """A CSV or Parquet file in the making, by its ending; `-` is standard output, as CSV."""

    def __init__(self, path: str, schema: pl.Schema) -> None:
        self.path, self._schema = path, schema
        self._draft = Path(path).with_name(f".{Path(path).name}.draft") if path != STREAM else None
        self._kind = ending(path)

    def __enter__(self) -> Self:
        try:
            self._file: BinaryIO = self._draft.open("wb") if self._draft else sys.stdout.buffer
        except OSError as error:
            raise FileError(f"{self.path}: cannot be written: {error.strerror}") from error
        self._parquet: pq.ParquetWriter | None = None
        if self._kind == "parquet":
            schema = self._schema.to_frame().to_arrow().schema
            texts = [name for name, kind in self._schema.items() if kind == pl.String]
            self._parquet = pq.ParquetWriter(
                self._file,
                schema,
                compression="snappy",
                use_dictionary=[name for name in texts if name != "id"],
                write_statistics=False,
            )
        else:
            self._schema.to_frame().write_csv(self._file)
        return self

    def write(self, rows: pl.DataFrame) -> None:
        """Add rows."""
        if self._parquet:
            self._parquet.write_table(rows.to_arrow())
        else:
            rows.write_csv(self._file, include_header=False, datetime_format=ISO)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._parquet:
            self._parquet.close()
        if self._draft is None:
            self._file.flush()
            return
        self._file.close()
        if error is None:
            self._draft.replace(self.path)
        else:
            self._draft.unlink(missing_ok=True)
