"""Read a table of leads or activities batch by batch, with every value checked."""

from collections.abc import Collection, Iterator, Mapping

import polars as pl

from connectors.files.errors import FileError, Wrong, merged, wrong
from connectors.files.parsing import WANTED, parsed, unread
from connectors.files.sources import BLANK, opened
from vocabulary.closest import closest
from vocabulary.fields import DTYPES, FieldType


class Table:
    """A file of rows with `required` and `optional` columns; any other columns are ignored.

    `filled` columns must have a value in every row. A day without a clock begins in `zone`.
    """

    def __init__(
        self,
        path: str,
        required: Mapping[str, FieldType],
        optional: Mapping[str, FieldType] | None = None,
        filled: Collection[str] = (),
        zone: str = "UTC",
    ) -> None:
        self.path, self.required, self.filled, self.zone = path, required, filled, zone
        self.types: dict[str, FieldType] = {**required, **(optional or {})}
        self._source = opened(path)
        self._check_columns()

    @property
    def columns(self) -> list[str]:
        """Return the requested columns that the file has."""
        return list(self._present())

    @property
    def lacking(self) -> dict[str, str | None]:
        """Return the optional columns that the file lacks, each with the ignored one that was probably meant."""
        return {name: closest(name, self.ignored) for name in self.types if name not in self._source.columns}

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what was remarkable about the file."""
        return self._source.notes

    @property
    def ignored(self) -> list[str]:
        """Return the columns of the file that were not requested."""
        return [name for name in self._source.columns if name not in self.types]

    def _check_columns(self) -> None:
        missing = [name for name in self.required if name not in self._source.columns]
        if missing:
            has = ", ".join(self._source.columns) or "none"
            near = closest(missing[0], self.ignored)
            meant = f"Did you mean '{near}'? " if near else ""
            needs = f"It needs {', '.join(self.required)}; it has {has}."
            raise FileError(f"{self.path}: there is no column '{missing[0]}'. {meant}{needs}{self._source.remedy}")

    def batches(self) -> Iterator[pl.DataFrame]:
        """Yield the rows in order. At the end, raise one error for all unreadable values."""
        found: list[Wrong] = []
        row = self._source.first_row
        for batch in self._source.batches(list(self._present())):
            found += self._wrong(batch, row)
            row += batch.height
            if not found:
                yield self._typed(batch.filter(~pl.col(BLANK)))
        if found:
            raise FileError("\n".join(f"{self.path}: {one}" for one in merged(found)))

    def whole(self) -> pl.DataFrame:
        """Return all rows."""
        empty = pl.Schema({name: DTYPES[kind] for name, kind in self._present().items()}).to_frame()
        return pl.concat([empty, *self.batches()])

    def _present(self) -> dict[str, FieldType]:
        return {name: kind for name, kind in self.types.items() if name in self._source.columns}

    def _typed(self, batch: pl.DataFrame) -> pl.DataFrame:
        return batch.select(
            parsed(kind, pl.col(name), batch.schema[name], self.zone).alias(name)
            for name, kind in self._present().items()
        )

    def _wrong(self, batch: pl.DataFrame, row: int) -> list[Wrong]:
        """Return the unreadable values, and the missing ones in `filled` columns."""
        checks = [
            (name, unread(kind, pl.col(name), batch.schema[name]), WANTED[kind])
            for name, kind in self._present().items()
        ]
        checks += [(name, _blank(pl.col(name)), "a value in every row") for name in self.filled]
        return [one for name, condition, wanted in checks for one in _where(batch, name, condition, wanted, row)]


def _blank(column: pl.Expr) -> pl.Expr:
    return column.cast(pl.String).str.strip_chars().fill_null("") == ""


def _where(batch: pl.DataFrame, name: str, condition: pl.Expr, wanted: str, row: int) -> list[Wrong]:
    rows = batch.with_columns((condition & ~pl.col(BLANK)).alias("#"))["#"].arg_true()
    return wrong(name, wanted, rows.cast(pl.Int64) + row, batch[name].gather(rows))
