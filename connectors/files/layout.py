"""Where the table begins in a CSV file: below titles or `sep=;`, and perhaps with blank cells at the end of rows."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from connectors.files.dialect import HEAD, Dialect

SEP: Final = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
"""The first line by which Excel is told the separator."""
SEPARATORS: Final = (",", ";", "\t", "|")
LOOKED_AT: Final = 200
"""Rows that say how the others look."""
TITLES: Final = 20
"""Rows within which the header begins."""
Row = tuple[int, list[str]]
"""The line after a row, and its cells."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of a file are laid out."""

    separator: str
    skip: int = 0
    """Lines before the header."""
    ragged: bool = False
    """Whether rows have blank cells beyond the header."""
    notes: tuple[str, ...] = ()


def layout(found: Dialect) -> Layout:
    """Return the layout of a file whose encoding is known."""
    text = _head(found).lstrip("\ufeff")
    if told := SEP.match(text):
        rest = _rows(text, told[1])
        return Layout(told[1], 1, _ragged([cells for _, cells in rest][1:]))
    rows = _rows(text, found.separator)
    if not rows or _headed(rows[0][1]):
        return Layout(found.separator, 0, _ragged([cells for _, cells in rows]))
    return _below_titles(text) or Layout(found.separator)


def first_row(found: Dialect, shape: Layout) -> list[str]:
    """Return the cells of the header; none of an empty file."""
    text = _head(found).lstrip("\ufeff").split("\n", shape.skip)[-1]
    return next((cells for _, cells in _read(text, shape.separator)), [])


def _head(found: Dialect) -> str:
    if isinstance(found.data, str):
        with Path(found.data).open("rb") as file:
            return file.read(HEAD).decode("utf-8", errors="replace")
    return found.data.getvalue()[:HEAD].decode("utf-8", errors="replace")


def _rows(text: str, separator: str) -> list[Row]:
    """Return the first rows, without one that the head may have cut."""
    return list(islice(_read(text, separator), LOOKED_AT))


def _read(text: str, separator: str) -> Iterator[Row]:
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        yield from ((reader.line_num, cells) for cells in reader)
    except csv.Error:  # a quote that the head cut, or a stray carriage return: what came before is enough
        return


def _headed(cells: Sequence[str]) -> bool:
    """Return whether a first row may be a header: not one title, perhaps with blank cells after it."""
    return sum(1 for cell in cells if cell.strip()) > 1


def _ragged(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether rows go on beyond the header, always with blank cells."""
    width = len(rows[0]) if rows else 0
    beyond = [row[width:] for row in rows if len(row) > width]
    return bool(beyond) and not any(cell.strip() for row in beyond for cell in row)


def _below_titles(text: str) -> Layout | None:
    """Return the layout of a table below titles: its header is the first row as wide as most, without gaps."""
    shapes = [(separator, _rows(text, separator)) for separator in SEPARATORS]
    widths = [
        (Counter(len(cells) for _, cells in rows if len(cells) > 1), separator, rows) for separator, rows in shapes
    ]
    counted, separator, rows = max(widths, key=lambda one: max(one[0].values(), default=0))
    if not counted:
        return None
    width = counted.most_common(1)[0][0]
    for number, (_, cells) in enumerate(rows[:TITLES]):
        if len(cells) == width and all(cell.strip() for cell in cells):
            skip = rows[number - 1][0] if number else 0
            lines = "a line" if skip == 1 else f"{skip} lines"
            note = (f"has {lines} above its header, skipped here",) if skip else ()
            return Layout(separator, skip, _ragged([one for _, one in rows[number:]]), note)
    return None
