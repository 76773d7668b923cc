"""What `check` says about a source of the warehouse."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import polars as pl

from connectors.base import ConfigurationError, Unavailable
from connectors.warehouse import people
from connectors.warehouse.followed import Doings, Followed, Sayings
from vocabulary.closest import closest
from vocabulary.findings import Finding
from vocabulary.units import counted

_SAMPLE: Final = 1_000
"""Rows that are looked at before each pass."""
_COUNTED: Final = 1_000_000
"""Rows that are counted at the most."""
_KEPT: Final = "What was read of it before stays."


_REPEATED: Final = {
    Doings: "with an id that another row has too: of each id one row counts for each lead.",
    Sayings: "about somebody whom another row is about too: the one that changed last counts.",
}
_UNIQUE: Final = "Name a column whose values are unique, or choose one of them by a `query`."


@dataclass(frozen=True)
class Checking:
    """Checks one source."""

    one: Followed
    path: str
    """The option of the settings."""

    def findings(self) -> Iterator[Finding]:
        """Yield errors about columns that do not exist or do not fit; a warning if the source cannot be read now."""
        try:
            missing = list(self._missing())
            yield from missing
            if not missing:
                yield from self._unusable()
        except ConfigurationError as error:
            yield Finding("error", self.path, error.wrong, error.remedy)
        except Unavailable as error:
            yield Finding("warning", self.path, f"{error.wrong} {_KEPT}", error.remedy)

    def overview(self) -> Iterator[Finding]:
        """Yield how many rows there are, and how many cannot be used or are there twice; of many, the first million."""
        counts: Counter[str] = Counter()
        rows, ahead, ids = 0, 0, [pl.Series(dtype=pl.UInt64)]
        now = datetime.now(UTC)
        try:
            for batch in self.one.source.batches(self.one.told.columns):
                ids.append(self.one.usable(batch, counts)["id"].hash())
                changed = self.one.changed(batch)
                ahead += 0 if changed is None else int((changed > now).sum())
                rows += len(batch)
                if rows >= _COUNTED:
                    break
        except (ConfigurationError, Unavailable) as error:
            yield Finding("warning", self.path, f"{error.wrong} {_KEPT}", error.remedy)
            return
        seen = pl.concat(ids)
        told = counted(rows, "rows") if rows < _COUNTED else f"More than {rows:,} rows; of the first {rows:,}"
        yield Finding("note", self.path, f"{told}, {seen.n_unique():,} of use.")
        yield from self._odd(counts, len(seen) - seen.n_unique(), ahead)

    def _odd(self, counts: Mapping[str, int], repeated: int, ahead: int) -> Iterator[Finding]:
        for text in people.sentences(self.one.name, counts):
            yield Finding("warning", self.path, text, "Correct them in the warehouse, or leave them out by a `query`.")
        if repeated:
            message = f"{counted(repeated, 'rows')} {_REPEATED[type(self.one)]}"
            yield Finding("warning", self.path, message, _UNIQUE)
        if ahead:
            message = (
                f"{counted(ahead, 'rows')} changed after now, by the clock of this machine: each sync reads that again."
            )
            yield Finding("warning", self.path, message, "Check the clock that stamps them, and `timezone`.")

    def _missing(self) -> Iterator[Finding]:
        known = self.one.source.columns()
        for option, column in self.one.told.used.items():
            if column not in known:
                near = closest(column, known)
                message = f"There is no column {column}. There are: {', '.join(known) or 'none'}."
                yield Finding("error", f"{self.path}.{option}", message, f"Did you mean {near}?" if near else "")

    def _unusable(self) -> Iterator[Finding]:
        """Yield an error if no row of a sample can be used, as when a column has another type than it should."""
        rows, counts = self.one.source.sample(self.one.told.columns, _SAMPLE), Counter[str]()
        if rows.is_empty():
            yield Finding("note", self.path, "There are no rows yet.")
            return
        self.one.usable(rows, counts)
        self.one.changed(rows)
        for why, count in counts.items():
            if count == len(rows):
                message = f"All of the first {count:,} rows {why}."
                yield Finding("error", self.path, message, "Check which columns the settings name, and their types.")
