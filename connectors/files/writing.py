"""Write results chunk by chunk. The file appears complete or not at all."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Final, Self

import polars as pl

from connectors.files.errors import FileError
from connectors.files.sources import STREAM, ending

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetWriter

FORMULA: Final = r"^(?:[\s\p{Cf}]*[=+\-@＝＋－＠]|[\t\r\n])"  # noqa: RUF001 - full-width signs start formulas too
"""A text that Excel, LibreOffice or Google Sheets would evaluate as a formula."""
NUMBER: Final = r"^[+-]?\d+(?:[.,]\d+)?$"
ISO: Final = "%Y-%m-%dT%H:%M:%S%.fZ"


class Writer:
    """Writes a CSV or Parquet file, according to its extension. `-` is standard output, as CSV.

    `for_excel` makes a CSV safe to open in a spreadsheet: with a UTF-8 mark, and with formulas disabled.
    """

    def __init__(self, path: str, schema: pl.Schema, *, for_excel: bool = False) -> None:
        self.path, self._schema, self._for_excel = path, schema, for_excel
        self._draft = Path(path).with_name(f".{Path(path).name}.draft") if path != STREAM else None
        self._kind = ending(path)

    def __enter__(self) -> Self:
        with self._refusing():
            self._file: BinaryIO = self._draft.open("wb") if self._draft else sys.stdout.buffer
            self._parquet = self._begun_parquet() if self._kind == "parquet" else None
            if not self._parquet:
                self._schema.to_frame().write_csv(self._file, include_bom=self._for_excel)
        return self

    def _begun_parquet(self) -> "ParquetWriter":
        """Return a writer for successive row groups, which Polars does not offer."""
        try:
            from pyarrow.parquet import ParquetWriter  # noqa: PLC0415 - 165 MB that only Parquet results need
        except ImportError:
            raise FileError(
                f"{self.path}: writing Parquet needs pyarrow. Install it with: pip install 'leadgauge[parquet]'"
            ) from None
        texts = [name for name, kind in self._schema.items() if kind in (pl.String, pl.Categorical)]
        return ParquetWriter(
            self._file,
            self._schema.to_frame().to_arrow().schema,
            compression="snappy",
            use_dictionary=[name for name in texts if name != "id"],
            write_statistics=False,
            store_schema=False,
        )

    def write(self, rows: pl.DataFrame) -> None:
        """Add rows."""
        with self._refusing():
            if self._parquet:
                self._parquet.write_table(rows.to_arrow())
            elif self._for_excel:
                shown = harmless(rows)
                shown.write_csv(self._file, include_header=False, datetime_format=ISO, quote_style="non_numeric")
            else:
                rows.write_csv(self._file, include_header=False, datetime_format=ISO)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._finish()
        finally:
            self._close()

    def _finish(self) -> None:
        """Flush the remaining data and move the draft into place."""
        with self._refusing():
            if self._parquet:
                self._parquet.close()
            self._file.flush()
            if self._draft:
                self._draft.replace(self.path)

    def _close(self) -> None:
        """Remove the draft and close the file, but leave standard output open."""
        if self._draft:
            self._draft.unlink(missing_ok=True)
            with self._refusing():
                self._file.close()

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """Raise `FileError` with the file's name for a full disk, a closed pipe or a missing folder."""
        try:
            yield
        except OSError as error:
            raise FileError(f"{self.path}: cannot be written: {error.strerror or error}") from error


def harmless(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows in which texts that a spreadsheet would evaluate as formulas are prefixed with an apostrophe."""
    text = pl.col(pl.String, pl.Categorical).cast(pl.String)
    runs = text.str.contains(FORMULA) & ~text.str.contains(NUMBER)
    return rows.with_columns(pl.when(runs).then("'" + text).otherwise(text).name.keep())
