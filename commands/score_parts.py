"""Leads and what they did, in parts that fit into memory: the parts that do not wait in a temporary folder."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from commands.score_inputs import listed
from connectors.files import FileError
from scoring.lookup import Keys, fingerprints

PART: Final = 250_000
"""How many leads a part has unless somebody says otherwise."""
TOGETHER: Final = 2_000_000
"""How many rows of activities are sorted into parts at a time: more make fewer files."""


class Spool:
    """Frames by the number of their part, in files of a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count()

    def add(self, part: int, rows: pl.DataFrame) -> None:
        """Keep rows of a part."""
        try:
            rows.write_ipc(self._folder / f"{part}-{next(self._numbers):06}.arrow", compression="lz4")
        except OSError as error:
            raise FileError(f"{self._folder}: cannot be written: {error.strerror or error}") from error

    def take(self, part: int) -> Iterator[pl.DataFrame]:
        """Yield the rows of a part in the order in which they were added, and forget them."""
        for file in sorted(self._folder.glob(f"{part}-*.arrow")):
            yield pl.read_ipc(file)
            file.unlink()


class Parts:
    """The leads of a table, part by part in their order. A single part never touches the disk.

    With `whole`, there is only one, because its leads must be seen together.
    """

    def __init__(self, stack: ExitStack, beside: Path, size: int, *, whole: bool) -> None:
        """Keep what waits in a folder inside `beside`, until the stack closes."""
        self._stack, self._beside, self._size = stack, beside, None if whole else size
        self._held: list[pl.DataFrame] = []
        self._wide: list[pl.DataFrame] = []
        self._keys: list[Keys] = []
        self._folders: dict[str, Spool] = {}
        self._waiting: list[pl.DataFrame] = []
        self._sorted: Keys = np.zeros(0, np.uint64)
        self._part_of: NDArray[np.uint16] = np.zeros(0, np.uint16)
        self.count = 0
        """How many there are, once all leads were added."""

    def add(self, leads: pl.DataFrame, wide: pl.DataFrame | None) -> None:
        """Add leads, with what their own columns say that they did."""
        self._held.append(leads)
        if wide is not None:
            self._wide.append(wide)
        while self._size is not None and sum(frame.height for frame in self._held) > self._size:
            self._put_away(self._size)

    def complete(self, path: str) -> None:
        """Say that all leads were added; raise `FileError` if one is there twice."""
        if self._keys:
            self._put_away(self._size or 0)
            self._learn()
        else:
            self.count = 1
        self._refuse_twice(path)

    def known(self, ids: pl.Series) -> pl.Series:
        """Return which ids are those of leads."""
        if self.count == 1:
            return ids.is_in(self._held[0]["lead"].implode())
        return pl.Series(self._found(fingerprints(ids.to_frame("lead")))[1])

    def sort_out(self, rows: pl.DataFrame) -> Iterator[pl.Series]:
        """Keep what leads of several parts did until its part is taken; yield the ids of unknown leads."""
        self._waiting.append(rows)
        if sum(frame.height for frame in self._waiting) >= TOGETHER:
            yield self._sort_out()

    def sorted_out(self) -> Iterator[pl.Series]:
        """Keep the rest of what they did; yield the ids of unknown leads."""
        if self._waiting:
            yield self._sort_out()

    def take(self, part: int) -> tuple[pl.DataFrame, Iterator[pl.DataFrame]]:
        """Return the leads of a part and what their own columns say that they did, and forget them."""
        if self.count == 1:
            return self._held[0], iter(self._wide)
        return pl.concat(self._spool("leads").take(part)), self._spool("wide").take(part)

    def activities(self, part: int) -> Iterator[pl.DataFrame]:
        """Yield what the leads of one of several parts did, and forget it."""
        return iter(()) if self.count == 1 else self._spool("activities").take(part)

    def _put_away(self, size: int) -> None:
        """Move the next part to the disk."""
        rows = pl.concat(self._held)
        part, rest = rows.head(size), rows.slice(size)
        self._spool("leads").add(self.count, part)
        for wide in self._wide:
            self._spool("wide").add(self.count, wide.filter(pl.col("lead").is_in(part["lead"].implode())))
        self._wide = [wide.filter(pl.col("lead").is_in(rest["lead"].implode())) for wide in self._wide]
        self._keys.append(fingerprints(part.select("lead")))
        self._held = [rest]
        self.count += 1

    def _learn(self) -> None:
        """Learn in which part each lead is, in sorted arrays: 10 bytes a lead."""
        keys = np.concatenate(self._keys)
        numbers = np.repeat(np.arange(self.count, dtype=np.uint16), [len(one) for one in self._keys])
        self._keys = []
        order = np.argsort(keys)
        self._sorted, self._part_of = keys[order], numbers[order]

    def _found(self, keys: Keys) -> tuple[NDArray[np.uint16], NDArray[np.bool_]]:
        """Return the part of each key, and whether it is known.

        Keys are looked up in their order: at random, each look into millions of them would miss the processor's cache.
        """
        order = np.argsort(keys)
        sought = keys[order]
        at = np.minimum(np.searchsorted(self._sorted, sought), len(self._sorted) - 1)
        parts, known = np.empty(len(keys), np.uint16), np.empty(len(keys), np.bool_)
        parts[order], known[order] = self._part_of[at], self._sorted[at] == sought
        return parts, known

    def _sort_out(self) -> pl.Series:
        rows = pl.concat(self._waiting)
        self._waiting = []
        parts, known = self._found(fingerprints(rows.select("lead")))
        numbered = rows.with_columns(pl.Series("#part", parts)).filter(pl.Series(known))
        for (part,), some in numbered.partition_by("#part", as_dict=True, include_key=False).items():
            self._spool("activities").add(part, some)
        return rows["lead"].filter(pl.Series(~known))

    def _refuse_twice(self, path: str) -> None:
        if self.count == 1:
            self._held = [pl.concat(self._held)]
            ids = self._held[0]["lead"]
            twice = ids.filter(ids.is_duplicated()).unique(maintain_order=True)
        else:
            again = self._sorted[1:][self._sorted[1:] == self._sorted[:-1]]
            twice = self._named(again) if len(again) else pl.Series("lead", [], pl.String)
        if len(twice):
            raise FileError(f"{path}: {len(twice)} ids occur more than once: {listed(twice)}. Keep one row per lead.")

    def _named(self, keys: Keys) -> pl.Series:
        """Return the ids with these keys."""
        found = [
            frame["lead"].filter(pl.Series(np.isin(fingerprints(frame.select("lead")), keys)))
            for part in range(self.count)
            for frame in self._spool("leads").take(part)
        ]
        return pl.concat(found).unique(maintain_order=True)

    def _spool(self, what: str) -> Spool:
        if what not in self._folders:
            try:
                folder = TemporaryDirectory(prefix=".leadgauge-", dir=self._beside)
            except OSError as error:
                raise FileError(f"{self._beside}: cannot be written: {error.strerror or error}") from error
            self._folders[what] = Spool(Path(self._stack.enter_context(folder)))
        return self._folders[what]
