"""Fields that are derived from columns of a file, as `score` and the mappings of a CRM derive them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from calibrate.errors import CalibrationError
from calibrate.notes import Notes
from connectors.files.headings import plain_name
from meaning.derive import FieldSource, OwnWords
from vocabulary.closest import meant


@dataclass(frozen=True)
class Derived:
    """Which fields are derived from which columns, and with which words of one's own."""

    sources: Mapping[str, FieldSource] = field(default_factory=dict)
    own: OwnWords = field(default_factory=OwnWords)

    def added(self, frame: pl.DataFrame, path: Path, notes: Notes) -> pl.DataFrame:
        """Return the table with the derived fields as columns, in place of columns that have their names."""
        values = {name: self._values(name, frame, path, notes) for name in self.sources}
        rest = [column for column in frame.columns if plain_name(column) not in values]
        return frame.select(rest).with_columns(values.values())

    def versions(self, history: pl.DataFrame) -> pl.DataFrame:
        """Return the history with that of the derived fields, each from its first column."""
        named = history["field"].map_elements(plain_name, return_dtype=pl.String)
        made = [
            history.filter(named == plain_name(source.paths[0])).with_columns(
                pl.lit(name).alias("field"),
                *(self._told(source, column).alias(column) for column in ("value", "before")),
            )
            for name, source in self.sources.items()
        ]
        return pl.concat([history.filter(~named.is_in(list(self.sources)).fill_null(value=False)), *made])

    def _told(self, source: FieldSource, column: str) -> pl.Expr:
        text = pl.col(column)
        return source.derivation.apply(text, self.own).cast(pl.String) if source.derivation else text

    def _values(self, name: str, frame: pl.DataFrame, path: Path, notes: Notes) -> pl.Series:
        source = self.sources[name]
        columns = [_column(one, frame, path) for one in source.paths]
        if source.derivation is None:
            return frame[columns[0]].alias(name)
        texts = pl.DataFrame([_text(frame[column]) for column in columns])
        told = [source.derivation.apply(pl.col(column), self.own) for column in columns]
        found = texts.select(pl.coalesce(told).alias(name)).to_series()
        there = texts.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
        unread = int((there & found.is_null()).sum())
        said = f"{name}: derived by {source.derivation.name}({', '.join(columns)})."
        if unread and source.reports:
            said += f" {unread} cells are unreadable and count as missing."
        notes.add("derived", f"{said} Use the same --field with `score`, or map it in the settings.", subject=name)
        return found


NOTHING = Derived()
"""No field is derived."""


def _text(column: pl.Series) -> pl.Series:
    """Return a column as text, blank cells missing: as `score` reads it, which knows no other placeholders."""
    text = column.cast(pl.String, strict=False).str.strip_chars()
    return text.set((text == "").fill_null(value=False), None)


def _column(named: str, frame: pl.DataFrame, path: Path) -> str:
    if named in frame.columns:
        return named
    found = next((column for column in frame.columns if plain_name(column) == plain_name(named)), None)
    if found is None:
        near = meant(named, frame.columns)
        raise CalibrationError(f"{path}: has no column {named!r}. {near}Its columns are: {', '.join(frame.columns)}.")
    return found
