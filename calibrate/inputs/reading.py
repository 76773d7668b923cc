"""How the files of `run` are read: whose days they have, and which of their columns is which."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from calibrate.errors import CalibrationError
from calibrate.inputs import fields, tables, wide
from calibrate.notes import Notes
from connectors.files.headings import CONVERSIONS, Columns, plain_name
from connectors.files.parsing import agreed
from scoring import Scorecard
from vocabulary.closest import meant
from vocabulary.fields import FieldType


@dataclass(frozen=True)
class Reading:
    """How files are read: whose days they have, what their columns are called, and where notes go."""

    notes: Notes
    columns: Columns = field(default_factory=Columns)
    card: Scorecard | None = None

    @property
    def zone(self) -> str:
        """The zone in which days without a clock begin."""
        return self.card.zone.key if self.card else "UTC"

    def table(self, path: Path) -> pl.DataFrame:
        """Return the rows of a file."""
        return tables.read(path, self.notes).frame

    def typed(self, column: pl.Series, kind: FieldType, name: str) -> pl.Series:
        """Return a column as a type, under a name."""
        return fields.known_as(column, kind, self.notes, self.zone, self.columns.dates).alias(name)

    def telling(self, columns: Iterable[pl.Series]) -> "Reading":
        """Return the same for a table whose dates tell, in one of these columns, which comes first."""
        order = self.columns.dates or agreed(one for one in columns if one.dtype == pl.String)
        return replace(self, columns=replace(self.columns, dates=order))

    def find(self, frame: pl.DataFrame, names: Sequence[str]) -> str | None:
        """Return the heading of a column by its possible names; the user may have given the first another."""
        given = self.columns.named.get(names[0])
        by_name = {plain_name(column): column for column in reversed(frame.columns)}
        if given is not None:
            return given if given in frame.columns else by_name.get(plain_name(given))
        return next((by_name[name] for name in names if name in by_name), None)

    def column(self, frame: pl.DataFrame, names: Sequence[str], path: Path, remedy: str = "") -> str:
        """Return the heading of a column, as `find` does; raise without one."""
        found = self.find(frame, names)
        if found is None:
            given, has = self.columns.named.get(names[0], names[0]), ", ".join(frame.columns)
            near = meant(given, frame.columns)
            raise CalibrationError(f"{path}: has no column {given!r}. {near}Its columns are: {has}. {remedy}".rstrip())
        return found

    def wide(self, headings: Sequence[str], *, alone: bool) -> wide.Wide:
        """Return the columns of leads that hold activities; `alone` if no file of activities is given."""
        wide.refuse_absent(headings, self.columns.activities)
        named = {**(self.card.activity_columns if self.card else {}), **self.columns.activities}
        return wide.asked(headings, named, self.notes, alone=alone)

    def conversion(self, frame: pl.DataFrame, path: Path) -> str:
        """Return the heading of the column of leads that says when they converted."""
        found = self.find(frame, CONVERSIONS)
        if found is None and "converted_at" not in self.columns.named:
            raise CalibrationError(
                f"{path}: no column says when a lead converted. Name one with --converted COLUMN, or give --outcomes"
                " FILE (lead_id, converted_at), or --outcome COLUMN for a table without dates, with yes and no."
            )
        return found or self.column(frame, CONVERSIONS, path)
