"""Reads exports from other systems, every cell as text first, so that odd values are not silently lost."""

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from calibrate.errors import CalibrationError
from calibrate.notes import Notes
from connectors.files.dialect import Dialect, recognised
from connectors.files.errors import FileError
from connectors.files.layout import Layout, first_row, layout

UNNAMED = "column "
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
    try:
        found = recognised(str(path), None)
    except FileError as error:
        raise CalibrationError(str(error)) from error
    shape = layout(found)
    for said in (*found.notes, *shape.notes):
        notes.add("encoding", f"{path.name} {said}.")
    data, header = _content(found), _header(path, found, shape, notes)
    read = _large_csv if len(data) > LARGE else _tolerant_csv
    frame = read(path, data, shape, header, notes)
    unnamed = [name for name in frame.columns if name.startswith(UNNAMED) and _blank(frame[name])]
    return frame.drop(unnamed)


def _content(found: Dialect) -> bytes:
    raw = Path(found.data).read_bytes() if isinstance(found.data, str) else found.data.getvalue()
    return raw.removeprefix(codecs.BOM_UTF8)


def _blank(column: pl.Series) -> bool:
    return bool((column.fill_null("").str.strip_chars() == "").all())


def _header(path: Path, found: Dialect, shape: Layout, notes: Notes) -> list[str]:
    """Return the names of the columns."""
    row = first_row(found, shape)
    if not any(name.strip() for name in row):
        raise CalibrationError(f"{path}: is empty. Export it again with column names in the first line.")
    return _unique(row, path, notes)


def _large_csv(path: Path, data: bytes, shape: Layout, header: list[str], _: Notes) -> pl.DataFrame:
    try:
        frame = pl.read_csv(
            data,
            infer_schema=False,
            separator=shape.separator,
            skip_lines=shape.skip,
            truncate_ragged_lines=shape.ragged,
        )
    except pl.exceptions.PolarsError as error:
        raise CalibrationError(f"{path}: {error}. Export it again, or use a Parquet file.") from error
    return frame.rename(dict(zip(frame.columns, header, strict=True)))


def _tolerant_csv(path: Path, data: bytes, shape: Layout, header: list[str], notes: Notes) -> pl.DataFrame:
    rows = _rows(data.decode(errors="replace").split("\n", shape.skip)[-1], shape.separator)
    next(rows, None)
    whole, broken = _whole_rows(rows, len(header))
    if broken:
        notes.add(
            "broken rows",
            f"{path.name}: {broken} broken rows (missing cells, or all cells quoted into the first one) were skipped.",
        )
    return _frame(header, whole)


def _rows(text: str, delimiter: str) -> "csv._reader":  # type: ignore[name-defined] # the type's name in typeshed
    csv.field_size_limit(2**31 - 1)
    return csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=delimiter)


def _unique(header: Sequence[str], path: Path, notes: Notes) -> list[str]:
    names: list[str] = []
    for number, name in enumerate(header):
        base = name.strip() or f"{UNNAMED}{number + 1}"
        if base in names:
            notes.add(
                "columns",
                f"{path.name}: there are two columns {base!r}; the second is named {base} {number + 1}.",
            )
            base = f"{base} {number + 1}"
        names.append(base)
    return names


def _whole_rows(rows: "csv._reader", width: int) -> tuple[list[list[str]], int]:  # type: ignore[name-defined] # as above
    """Return the rows with all cells, and the number of broken ones.

    Blank cells beyond the header are cut. Where most rows are short, their last cells are blank and were not written.
    """
    there = [_cut(row, width) for row in rows if any(row)]
    short = sum(len(row) < width for row in there)
    padded = short > len(there) / 2
    whole = [row + [""] * (width - len(row)) if padded and len(row) > 1 else row for row in there]
    sound = [row for row in whole if len(row) == width and not _collapsed(row)]
    return sound, len(whole) - len(sound)


def _cut(row: list[str], width: int) -> list[str]:
    return row if any(cell.strip() for cell in row[width:]) else row[:width]


def _collapsed(row: Sequence[str]) -> bool:
    """Return whether all cells of a row are quoted into the first one."""
    return len(row) > 2 and row[0].count(",") >= len(row) // 2 and not any(row[1:])  # noqa: PLR2004 - two columns prove nothing


def _frame(names: Sequence[str], rows: Sequence[Sequence[str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
