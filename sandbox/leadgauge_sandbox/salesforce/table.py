"""The rows of one object in columns, with pending changes that the next query merges."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.schema.sobject import SObject

Mark = tuple[pl.DataFrame, frozenset[int]]


class Table:
    """Rows in order of their ids, which have no gaps: the row follows from the id."""

    def __init__(self, sobject: SObject, frame: pl.DataFrame | None = None) -> None:
        self.sobject = sobject
        self._set(frame if frame is not None else pl.DataFrame({"Id": pl.Series([], dtype=pl.String)}))
        self._changed: dict[int, dict[str, Any]] = {}
        self._added: list[dict[str, Any]] = []
        self.purged: set[int] = set()
        """Permanently deleted rows."""
        self.observer: Callable[[Table, int, dict[str, Any] | None], None] | None = None
        """Is told of each new row, and of the values of a row that are about to change."""

    def _set(self, frame: pl.DataFrame) -> None:
        self._frame = frame
        self._settled = frame.height
        self._columns = {column.name: column for column in frame.get_columns()}

    def __len__(self) -> int:
        return self._settled + len(self._added)

    def row_of(self, identifier: str) -> int | None:
        """Return the row of a full id, or None if this object has no such row."""
        if identifier[:6] != self.sobject.prefix + identifiers.POD:
            return None
        row = identifiers.serial(identifier) - 1
        return row if 0 <= row < len(self) and row not in self.purged else None

    def identifier(self, row: int) -> str:
        """Return the id of a row."""
        return identifiers.encode(self.sobject.prefix, row + 1)

    def value(self, row: int, name: str) -> Any:
        """Return one stored value."""
        if row >= self._settled:
            return self._added[row - self._settled].get(name)
        changes = self._changed.get(row)
        if changes is not None and name in changes:
            return changes[name]
        column = self._columns.get(name)
        return None if column is None else column[row]

    def insert(self, values: Mapping[str, Any]) -> int:
        """Append a row and return its number."""
        row = len(self)
        self._added.append({**values, "Id": self.identifier(row)})
        if self.observer is not None:
            self.observer(self, row, None)
        return row

    def update(self, row: int, values: Mapping[str, Any]) -> None:
        """Update values of a row."""
        if self.observer is not None:
            self.observer(self, row, {name: self.value(row, name) for name in values})
        if row >= self._settled:
            self._added[row - self._settled].update(values)
        else:
            self._changed.setdefault(row, {}).update(values)

    def mark(self) -> "Mark":
        """Return a mark for `restore` to roll back later changes."""
        self._settle()
        return self._frame, frozenset(self.purged)

    def restore(self, mark: "Mark") -> None:
        """Roll back the changes made since the mark."""
        self._changed, self._added = {}, []
        self._set(mark[0])
        self.purged = set(mark[1])

    def drop_column(self, name: str) -> None:
        """Drop the values of a deleted field."""
        self._settle()
        self._set(self._frame.drop(name, strict=False))

    def find(self, name: str, value: Any) -> list[int]:
        """Return the rows with a value, case-sensitive for ids only; scans the column without an index."""
        self._settle()
        if name not in self._columns:
            return []
        column = self._columns[name]
        folds = isinstance(value, str) and self.sobject.fields[name].type not in ("id", "reference")
        same = column.str.to_lowercase() == value.lower() if folds else column == value
        return [row for row in same.arg_true().to_list() if row not in self.purged]

    def frame(self, names: Sequence[str]) -> pl.DataFrame:
        """Return the named columns of all visible rows; columns never written are null."""
        self._settle()
        frame = self._frame.select(pl.col(name) if name in self._columns else self._nulls(name) for name in names)
        if not self.purged:
            return frame
        return frame.filter(~pl.int_range(pl.len()).is_in(list(self.purged)))

    def one(self, row: int, names: Sequence[str]) -> pl.DataFrame:
        """Return one row with the named columns."""
        self._settle()
        return self._frame.slice(row, 1).select(
            pl.col(name) if name in self._columns else self._nulls(name) for name in names
        )

    def column(self, name: str) -> list[Any]:
        """Return the values of a column in row order, including deleted rows."""
        self._settle()
        return self._columns[name].to_list() if name in self._columns else [None] * len(self)

    def _nulls(self, name: str) -> pl.Expr:
        field = self.sobject.fields[name]
        blank = False if field.type == "boolean" else None
        return pl.repeat(blank, pl.len(), dtype=field.dtype).alias(name)

    def _settle(self) -> None:
        if self._changed:
            self._fold_changes()
        if self._added:
            self._append()

    def _fold_changes(self) -> None:
        places: dict[str, list[int]] = {}
        values: dict[str, list[Any]] = {}
        for row, changes in self._changed.items():
            for name, value in changes.items():
                places.setdefault(name, []).append(row)
                values.setdefault(name, []).append(value)
        self._changed = {}
        self._ensure(places)
        changed = {
            name: self._columns[name].scatter(rows, pl.Series(values[name], dtype=self._columns[name].dtype))
            for name, rows in places.items()
        }
        self._set(self._frame.with_columns(**changed))

    def _append(self) -> None:
        names = dict.fromkeys(name for row in self._added for name in row)
        self._ensure(names)
        added = {
            name: pl.Series(name, [row.get(name) for row in self._added], dtype=dtype)
            for name, dtype in self._frame.schema.items()
        }
        self._added = []
        self._set(pl.concat([self._frame, pl.DataFrame(added)], rechunk=True))

    def _ensure(self, names: Mapping[str, Any]) -> None:
        """Add columns for fields with their first value."""
        missing = [name for name in names if name not in self._columns]
        if missing:
            self._set(self._frame.with_columns(self._nulls(name) for name in missing))
