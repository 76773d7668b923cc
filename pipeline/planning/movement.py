"""Movement: how the new results of all leads differ from those last written to the CRM."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from vocabulary.outputs import BANDS

SCORES: Final = ("lead_score", "lead_priority_index")
KEPT: Final = (*BANDS, *SCORES)
LARGEST: Final = 20
NONE: Final = "—"


@dataclass(frozen=True, slots=True)
class Move:
    """How many leads go from one value of a field to another; `before` is None for leads never scored."""

    field: str
    before: str | None
    after: str | None
    leads: int


@dataclass(frozen=True, slots=True)
class Jump:
    """A lead whose score changes a lot, and the reasons of its new score."""

    lead: str
    before: int
    after: int
    priority_before: str | None
    priority_after: str | None
    reasons: str


class Movement:
    """Collects changes chunk by chunk, keeping only a few columns per lead."""

    def __init__(self, grades: Sequence[str]) -> None:
        self._grades = list(grades)
        self._chunks: list[pl.DataFrame] = []
        self._reasons: list[pl.DataFrame] = []

    def add(self, compared: pl.DataFrame) -> None:
        """Add a chunk of results with the values last written (`told_…`); `first` if there are none."""
        known = compared.with_columns(known=~pl.col("first"))
        self._chunks.append(known.select("lead", "known", *(_typed(name) for name in _COMPARED)))
        self._reasons.append(_furthest(known.select("lead", "known", "lead_score_reasons", *map(_typed, _COMPARED))))

    @property
    def frame(self) -> pl.DataFrame:
        """One row per lead: new values, old values (`told_…`), and whether it was scored before (`known`)."""
        return pl.concat(self._chunks)

    @property
    def leads(self) -> int:
        """How many leads were added."""
        return sum(chunk.height for chunk in self._chunks)

    def known(self) -> int:
        """Return how many of them were scored before."""
        return int(self.frame["known"].sum()) if self._chunks else 0

    def moved(self, fields: Sequence[str] = BANDS) -> int:
        """Return how many leads scored before change at least one of these fields."""
        if not self._chunks:
            return 0
        changed = pl.any_horizontal(pl.lit(value=False), *(_changed(name) for name in fields))
        return self.frame.filter(pl.col("known") & changed).height

    def moves(self) -> list[Move]:
        """Return every move from one band to another, by field, largest first."""
        return [move for name in BANDS for move in self._moves_of(name)] if self._chunks else []

    def _moves_of(self, name: str) -> list[Move]:
        counted = (
            self.frame.filter(~pl.col("known") | _changed(name))
            .group_by(pl.when("known").then(f"told_{name}").alias("before"), pl.col(name).alias("after"), "known")
            .len()
            .sort("len", "before", "after", descending=[True, False, False])
        )
        return [
            Move(name, (row["before"] or NONE) if row["known"] else None, row["after"] or NONE, row["len"])
            for row in counted.iter_rows(named=True)
        ]

    def crossings(self) -> dict[str, tuple[int, int]]:
        """Return how many leads go up and how many go down, for grade and priority."""
        if not self._chunks:
            return {}
        orders = {"lead_grade": self._grades, "lead_priority": sorted(self._values("lead_priority"))}
        return {name: self._crossing(name, order) for name, order in orders.items()}

    def _values(self, name: str) -> set[str]:
        return set(self.frame[name].drop_nulls()) | set(self.frame[f"told_{name}"].drop_nulls())

    def _crossing(self, name: str, order: list[str]) -> tuple[int, int]:
        rank = {value: place for place, value in enumerate(order)}
        last = len(order)
        after = pl.col(name).replace_strict(rank, default=last, return_dtype=pl.Int64)
        before = pl.col(f"told_{name}").replace_strict(rank, default=last, return_dtype=pl.Int64)
        known = self.frame.filter("known")
        return known.filter(after < before).height, known.filter(after > before).height

    def jumps(self) -> list[Jump]:
        """Return the leads whose score changes most, largest change first."""
        if not self._reasons:
            return []
        rows = _furthest(pl.concat(self._reasons)).iter_rows(named=True)
        return [_jump(row) for row in rows]

    def distribution(self) -> tuple[list[int], list[int]]:
        """Return the old scores (of leads scored before) and the new ones, for a histogram."""
        if not self._chunks:
            return [], []
        frame = self.frame
        return frame["told_lead_score"].drop_nulls().to_list(), frame["lead_score"].drop_nulls().to_list()

    def matrix(self) -> dict[tuple[str, str], int]:
        """Return how many known leads go from each priority to each other, or stay."""
        if not self._chunks:
            return {}
        counted = self.frame.filter("known").group_by("told_lead_priority", "lead_priority").len()
        return {(before or NONE, after or NONE): leads for before, after, leads in counted.iter_rows()}


_COMPARED: Final = (*KEPT, *(f"told_{name}" for name in KEPT))


def _typed(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int64 if name.removeprefix("told_") in SCORES else pl.String)


def _changed(name: str) -> pl.Expr:
    return pl.col(name).ne_missing(pl.col(f"told_{name}"))


def _furthest(joined: pl.DataFrame) -> pl.DataFrame:
    distance = (pl.col("lead_score") - pl.col("told_lead_score")).abs()
    moved = joined.filter(pl.col("known") & (distance > 0))
    return moved.with_columns(distance=distance).sort("distance", "lead", descending=[True, False]).head(LARGEST)


def _jump(row: dict[str, Any]) -> Jump:
    return Jump(
        row["lead"],
        row["told_lead_score"],
        row["lead_score"],
        row["told_lead_priority"],
        row["lead_priority"],
        row["lead_score_reasons"] or "",
    )
