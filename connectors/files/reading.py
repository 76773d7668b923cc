"""Read a table of leads or activities batch by batch, with every value checked.

`score` and `calibrate` read tables this way, so that what was learned from a table can be scored from it.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Final

import polars as pl

from connectors.files import wide
from connectors.files.dates import FreeForm, Order
from connectors.files.errors import FileError, Wrong, merged, wrong
from connectors.files.headings import AS_THEY_ARE, Columns
from connectors.files.numbers import decimal_comma, may_tell
from connectors.files.parsing import WANTED, form_of, parsed, unread
from connectors.files.sources import BLANK, opened
from vocabulary.closest import closest, meant
from vocabulary.fields import DTYPES, FieldType

FIRST: Final = 1000
"""Rows that say whether the dates of a column are ISO, which is read faster."""


NO_ID: Final = "Name it with --id COLUMN, or add a column with row numbers."
"""What to do if no column of a table of leads has their id."""


class Table:
    """A file of rows with `required` and `optional` columns; any other columns are ignored.

    `filled` columns must have a value in every row. A day without a clock begins in `zone`. `columns` says
    what they are called, and which ones hold activities (`wide`), which are read beside the others.
    """

    def __init__(
        self,
        path: str,
        required: Mapping[str, FieldType],
        optional: Mapping[str, FieldType] | None = None,
        filled: Collection[str] = (),
        zone: str = "UTC",
        columns: Columns = AS_THEY_ARE,
    ) -> None:
        self.path, self.required, self.filled, self.zone = path, required, filled, zone
        self.types: dict[str, FieldType] = {**required, **(optional or {})}
        self._source = opened(path)
        self._headings = columns.found(self.types, self._source.columns)
        self._check_columns(columns)
        self.wide = wide.found(columns.activities, self._source.columns)
        self.types |= {one.name: one.type for one in self.wide}
        self._headings |= {one.name: one.heading for one in self.wide}
        self._free = {name: self._form(heading, columns.dates) for name, heading in self._moments()}
        self._agree()
        self._commas = {name for name, heading in self._headings.items() if self._has_commas(name, heading)}

    @property
    def columns(self) -> list[str]:
        """Return the requested columns that the file has."""
        return list(self.headings)

    @property
    def headings(self) -> Mapping[str, str]:
        """Return the heading of each requested column that the file has."""
        beside = {one.name for one in self.wide}
        return {name: heading for name, heading in self._headings.items() if name not in beside}

    @property
    def all_headings(self) -> list[str]:
        """Return the headings of the file."""
        return self._source.columns

    @property
    def lacking(self) -> dict[str, str | None]:
        """Return the optional columns that the file lacks, each with the ignored one that was probably meant."""
        return {name: closest(name, self.ignored) for name in self.types if name not in self._headings}

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what was remarkable about the file."""
        many = {heading: self._source.times(heading) for heading in self._headings.values()}
        twice = [
            f"has {times} columns '{heading}', of which the first is read"
            for heading, times in many.items()
            if times > 1
        ]
        return (*self._source.notes, *twice)

    @property
    def ignored(self) -> list[str]:
        """Return the columns of the file that were not requested."""
        return [name for name in self._source.named if name not in self._headings.values()]

    def _moments(self) -> Iterator[tuple[str, str]]:
        """Yield the columns of times and dates with their headings."""
        return ((name, heading) for name, heading in self._headings.items() if self.types[name] in {"time", "date"})

    def _form(self, heading: str, order: Order | None) -> FreeForm | None:
        """Return how to read the dates of a column; None if they seem to be ISO."""
        return form_of(self._source.texts(heading, FIRST), order, partial(self._source.texts, heading))

    def _has_commas(self, name: str, heading: str) -> bool:
        """Return whether a column of numbers has decimal commas."""
        if self.types[name] != "number" or not may_tell(self._source.texts(heading, FIRST)):
            return False
        return decimal_comma(self._source.texts(heading))

    def _agree(self) -> None:
        """Read dates that do not tell which comes first as the other columns of the table do, if these agree."""
        told = {form.order for form in self._free.values() if form and form.order}
        if len(told) == 1:
            common = FreeForm(told.pop())
            self._free = {name: form and common for name, form in self._free.items()}

    def _check_columns(self, columns: Columns) -> None:
        absent = [
            heading for name, heading in columns.named.items() if name in self.types and name not in self._headings
        ]
        if absent:
            has = ", ".join(self._source.columns) or "none"
            raise FileError(f"{self.path}: there is no column '{absent[0]}'. It has {has}.")
        missing = [name for name in self.required if name not in self._headings]
        if missing:
            has = ", ".join(self._source.columns) or "none"
            near = meant(missing[0], self.ignored)
            remedy = f" {NO_ID}" if missing[0] == "id" and columns.id_ else ""
            needs = f"It needs {', '.join(self.required)}; it has {has}.{remedy}{self._source.remedy}"
            raise FileError(f"{self.path}: there is no column '{missing[0]}'. {near}{needs}")

    def batches(self) -> Iterator[pl.DataFrame]:
        """Yield the rows in order. At the end, raise one error for all unreadable values."""
        found: list[Wrong] = []
        row = self._source.first_row
        for batch in self._source.batches(list(dict.fromkeys(self._headings.values()))):
            found += self._wrong(batch, row)
            row += batch.height
            if not found:
                yield self._typed(batch.filter(~pl.col(BLANK)))
        if found:
            raise FileError("\n".join(f"{self.path}: {one}" for one in merged(found)))

    @property
    def empty(self) -> pl.DataFrame:
        """A batch without rows."""
        return pl.Schema({name: DTYPES[self.types[name]] for name in self._headings}).to_frame()

    def whole(self) -> pl.DataFrame:
        """Return all rows."""
        return pl.concat([self.empty, *self.batches()])

    def _typed(self, batch: pl.DataFrame) -> pl.DataFrame:
        return batch.select(
            parsed(
                self.types[name],
                pl.col(heading),
                batch.schema[heading],
                self.zone,
                self._free.get(name),
                comma=name in self._commas,
            ).alias(name)
            for name, heading in self._headings.items()
        )

    def _unread(self, name: str, dtype: pl.DataType) -> pl.Expr:
        column = pl.col(self._headings[name])
        return unread(self.types[name], column, dtype, self._free.get(name), comma=name in self._commas)

    def _wrong(self, batch: pl.DataFrame, row: int) -> list[Wrong]:
        """Return the unreadable values, and the missing ones in `filled` columns."""
        checks = [
            (heading, self._unread(name, batch.schema[heading]), WANTED[self.types[name]])
            for name, heading in self._headings.items()
        ]
        checks += [
            (heading, _blank(pl.col(heading)), "a value in every row")
            for heading in (self._headings[name] for name in self.filled)
        ]
        return [one for name, condition, wanted in checks for one in _where(batch, name, condition, wanted, row)]


def _blank(column: pl.Expr) -> pl.Expr:
    return column.cast(pl.String).str.strip_chars().fill_null("") == ""


def _where(batch: pl.DataFrame, name: str, condition: pl.Expr, wanted: str, row: int) -> list[Wrong]:
    rows = batch.with_columns((condition & ~pl.col(BLANK)).alias("#"))["#"].arg_true()
    return wrong(name, wanted, rows.cast(pl.Int64) + row, batch[name].gather(rows))
