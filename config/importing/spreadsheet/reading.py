"""Read a table of points: which column is what, and the rows with their lines in the file."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from config.importing.spreadsheet.values import numbered
from config.mistakes import ConfigError, Mistake, in_short
from connectors.files.dialect import recognised
from connectors.files.errors import FileError
from meaning.words import folded

MOST: Final = 5_000
"""No table that people keep has more rows."""
_HEAD: Final = 20
_SEPARATORS: Final = (";", "\t", "|", ",")
_QUOTED: Final = re.compile(r'"[^"]*"')

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "points": (
        *("points", "point", "score", "scores", "scoring", "pts", "points assigned", "points removed", "point value"),
        *("score value", "points awarded", "punkte", "punktzahl", "punkt", "puntos", "punti", "punten"),
    ),
    "attribute": (
        *("attribute", "field", "property", "criterion", "criteria", "metric", "characteristic", "parameter", "factor"),
        *("behavior", "behaviour", "action", "activity", "event", "signal", "rule", "demographic characteristic"),
        *("merkmal", "kriterium", "kriterien", "eigenschaft", "feld", "aktion", "aktivitat", "attribut", "critere"),
        *("atributo", "criterio", "attributo", "kenmerk"),
    ),
    "value": (
        *("value", "values", "condition", "answer", "option", "range", "bracket", "detail", "details", "description"),
        *("campaign description", "campaign description program status", "wert", "werte", "auspragung", "bedingung"),
        *("valeur", "valor", "valore", "waarde"),
    ),
    "section": (
        *("section", "category", "type", "score type", "dimension", "kategorie", "bereich", "typ", "categorie"),
        *("categoria",),
    ),
    "group": ("group", "subcategory", "gruppe", "groupe", "grupo", "gruppo"),
    "half_life": ("half life", "halflife", "halbwertszeit", "halves every"),
    "decay": ("decay", "score decay", "verfall", "fading"),
    "within": ("within", "window", "timeframe", "time frame", "valid for", "lookback", "expires", "expires after"),
    "limit": (
        *("limit", "frequency", "cap", "schedule flow limit", "schedule", "how often", "occurrence", "haufigkeit"),
        *("flow limit",),
    ),
    "maximum": ("maximum", "max", "max points", "maximum points", "points limit", "hochstens", "maximal"),
    "kind": ("kind", "activity kind", "activity type", "event kind", "art"),
}
"""What the headers of each column are called, as `folded` leaves them."""
_OF: Final[Mapping[str, str]] = {word: name for name, words in COLUMNS.items() for word in words}
NEEDED: Final = "It needs columns for attribute, value and points, in any order: such as Attribute, Value, Points."


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: the text of each column, and the line where it begins."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    @property
    def place(self) -> str:
        """Where it is."""
        return f"line {self.line}"


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table, and what was remarkable about it."""

    rows: Sequence[Row]
    headers: Mapping[str, str]
    """The header of each column, as written."""
    notes: Sequence[str] = ()
    unread: Sequence[str] = field(default=())
    """Headers of columns that mean nothing here."""


def read_table(path: Path) -> Table:
    """Return the table in a CSV file. Raise ConfigError if there is none."""
    name = in_short(path)
    text, notes = _text(path, name)
    lines = list(_lines(text, _separator(text)))
    if len(lines) > MOST:
        raise ConfigError([Mistake(name, None, "", f"more than {MOST:,} rows are no table of points.", NEEDED)])
    found = _header(lines)
    if found is None:
        raise ConfigError([Mistake(name, None, "", "no row looks like the header of a table of points.", NEEDED)])
    at, columns = found
    header = lines[at][1] if columns is None else []
    names = _columns(header) if columns is None else columns
    body = lines[at + 1 :] if columns is None else lines
    rows = [Row(line, _cells(cells, names)) for line, cells in body]
    written = {name: header[place].strip() for place, name in names.items() if place < len(header)}
    unread = [cell.strip() for place, cell in enumerate(header) if place not in names and cell.strip()]
    return Table(list(_carried(rows)), written, notes, unread)


def _text(path: Path, name: str) -> tuple[str, Sequence[str]]:
    """Return the text of a file in any encoding that programs save, and what was remarkable."""
    try:
        found = recognised(str(path), None)
        raw = Path(found.data).read_bytes() if isinstance(found.data, str) else found.data.getvalue()
    except FileError as problem:
        said = str(problem).removeprefix(f"{path}: ")
        raise ConfigError([Mistake(name, None, "", said)]) from None
    except OSError as problem:
        raise ConfigError([Mistake(name, None, "", f"cannot be read: {problem.strerror or problem}.")]) from None
    return raw.decode("utf-8-sig", errors="replace"), [one for one in found.notes if "between its columns" not in one]


def _separator(text: str) -> str:
    """Return what separates the columns: what divides most lines into equally many."""
    lines = [line for line in _QUOTED.sub("", text).splitlines() if line.strip(" ")][:_HEAD]

    def evenness(separator: str) -> tuple[int, int]:
        counts = Counter(line.count(separator) for line in lines)
        del counts[0]
        count, times = counts.most_common(1)[0] if counts else (0, 0)
        return times, count

    return max(_SEPARATORS, key=evenness)


def _lines(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, each with its line; a cell may have several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    begins = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, cells
        begins = reader.line_num + 1


def _header(lines: Sequence[tuple[int, list[str]]]) -> tuple[int, Mapping[int, str] | None] | None:
    """Return the place of the header; or of the first row, with the meaning of columns, if there is none."""
    for place, (_, cells) in enumerate(lines[:_HEAD]):
        named = set(_columns(cells).values())
        if "points" in named and named & {"attribute", "value", "kind"}:
            return place, None
    if lines and len(lines[0][1]) in {2, 3} and _is_number(lines[0][1][-1]):
        names = ("attribute", "value", "points") if len(lines[0][1]) == 3 else ("attribute", "points")  # noqa: PLR2004
        return 0, dict(enumerate(names))
    return None


def _columns(cells: Sequence[str]) -> Mapping[int, str]:
    """Return which column each header is; of two with the same meaning, the first."""
    words = pl.Series("text", [re.sub(r"\(.*?\)", " ", cell) for cell in cells], pl.String).to_frame()
    plain = words.select(folded(pl.col("text")))["text"].to_list()
    found: dict[int, str] = {}
    for place, word in enumerate(plain):
        name = _OF.get(word)
        if name and name not in found.values():
            found[place] = name
    if "attribute" not in found.values() and "section" in found.values() and "value" in found.values():
        found = {place: "attribute" if name == "section" else name for place, name in found.items()}
    return found


def _is_number(cell: str) -> bool:
    return re.match(r"\s*[+\-\u2212(]?\s*\d", cell) is not None and numbered(cell) is not None


def _cells(cells: Sequence[str], columns: Mapping[int, str]) -> Mapping[str, str]:
    return {
        name: " ".join(cells[place].split(" ")).strip()
        for place, name in columns.items()
        if place < len(cells) and cells[place].strip()
    }


def _carried(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows with the attribute, section and group of the one above where a merged cell left them blank."""
    above: dict[str, str] = {}
    for row in rows:
        if row["attribute"]:
            above = {name: row[name] for name in ("attribute", "section", "group") if row[name]} | {
                name: above[name] for name in ("section", "group") if not row[name] and name in above
            }
            yield Row(row.line, {**above, **row.cells})
        else:
            yield Row(row.line, {**above, **row.cells})
