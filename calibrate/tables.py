"""Reads exports from other systems, every cell as text first, so that odd values are not silently lost."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from calibrate.errors import CalibrationError
from calibrate.notes import Notes

DELIMITERS = ",;\t|"
LARGE = 32 * 1024 * 1024
"""A larger CSV file is read by columns, if all its lines are complete."""


@dataclass(frozen=True)
class Table:
    """The unchanged rows of a file: text from CSV, typed columns from Parquet."""

    path: Path
    frame: pl.DataFrame

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns."""
        return self.frame.columns


def read(path: Path, notes: Notes) -> Table:
    """Read a CSV or Parquet file. Broken rows are left out and counted in `notes`."""
    if path.suffix.lower() in {".parquet", ".pq"}:
        return Table(path, _parquet(path))
    return Table(path, _csv(path, notes))


def _parquet(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise CalibrationError(f"{path}: cannot be read as Parquet: {error}") from error


def _csv(path: Path, notes: Notes) -> pl.DataFrame:
    return _large_csv(path) if path.is_file() and path.stat().st_size > LARGE else _tolerant_csv(path, notes)


def _large_csv(path: Path) -> pl.DataFrame:
    try:
        return pl.read_csv(path, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise CalibrationError(f"{path}: {error}. Export it again, or use a Parquet file.") from error


def _tolerant_csv(path: Path, notes: Notes) -> pl.DataFrame:
    text = _text(path, notes)
    delimiter = _delimiter(text)
    rows = _rows(text, delimiter)
    header = next(rows, None)
    if not header or not any(name.strip() for name in header):
        raise CalibrationError(f"{path}: is empty. Export it again with column names in the first line.")
    names = _unique(header, path, notes)
    whole, broken = _whole_rows(rows, len(names))
    if broken:
        notes.add(
            "broken rows",
            f"{path.name}: {broken} broken rows (missing cells, or all cells quoted into the first one) were skipped.",
        )
    return _frame(names, whole)


def _text(path: Path, notes: Notes) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CalibrationError(f"{path}: cannot be read: {error.strerror}.") from error
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        notes.add("encoding", f"{path.name}: is not UTF-8, so it was read as Windows-1252.")
        return raw.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    first = text.split("\n", 1)[0]
    return max(DELIMITERS, key=first.count)


def _rows(text: str, delimiter: str) -> "csv._reader":  # type: ignore[name-defined] # the type's name in typeshed
    csv.field_size_limit(2**31 - 1)
    return csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=delimiter)


def _unique(header: Sequence[str], path: Path, notes: Notes) -> list[str]:
    names: list[str] = []
    for number, name in enumerate(header):
        base = name.strip() or f"column {number + 1}"
        if base in names:
            notes.add(
                "columns",
                f"{path.name}: there are two columns {base!r}; the second is named {base} {number + 1}.",
            )
            base = f"{base} {number + 1}"
        names.append(base)
    return names


def _whole_rows(rows: "csv._reader", width: int) -> tuple[list[list[str]], int]:  # type: ignore[name-defined] # as above
    whole, broken = [], 0
    for row in rows:
        if len(row) == width and not _collapsed(row):
            whole.append(row)
        elif any(row):
            broken += 1
    return whole, broken


def _collapsed(row: Sequence[str]) -> bool:
    """Return whether all cells of a row are quoted into the first one."""
    return len(row) > 2 and row[0].count(",") >= len(row) // 2 and not any(row[1:])  # noqa: PLR2004 - two columns prove nothing


def _frame(names: Sequence[str], rows: Sequence[Sequence[str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
