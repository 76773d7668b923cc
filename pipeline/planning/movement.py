"""Movement: how the results of a pass differ from what the CRM was last told, over all leads."""

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
    """So many leads go from one value of a field to another; `before` is None for leads that were never scored."""

    field: str
    before: str | None
    after: str | None
    leads: int


@dataclass(frozen=True, slots=True)
class Jump:
    """One lead whose score moves far, and why it stands where it will."""

    lead: str
    before: int
    after: int
    priority_before: str | None
    priority_after: str | None
    reasons: str


class Movement:
    """Collects chunk by chunk what would change; keeps a few columns of each lead and nothing else."""

    def __init__(self, grades: Sequence[str]) -> None:
        self._grades = list(grades)
        self._chunks: list[pl.DataFrame] = []
        self._reasons: list[pl.DataFrame] = []

    def add(self, compared: pl.DataFrame) -> None:
        """Take in one chunk of results, each beside what the CRM was last told (`told_…`, and `first` if nothing)."""
        known = compared.with_columns(known=~pl.col("first"))
        self._chunks.append(known.select("lead", "known", *(_typed(name) for name in _COMPARED)))
        self._reasons.append(_furthest(known.select("lead", "known", "lead_score_reasons", *map(_typed, _COMPARED))))

    @property
    def frame(self) -> pl.DataFrame:
        """One row a lead: the kept fields after, the same with `told_`, and `known` where it was scored before."""
        return pl.concat(self._chunks)

    @property
    def leads(self) -> int:
        """How many leads were looked at."""
        return sum(chunk.height for chunk in self._chunks)

    def known(self) -> int:
        """Return how many of them were scored before."""
        return int(self.frame["known"].sum()) if self._chunks else 0

    def moved(self, fields: Sequence[str] = BANDS) -> int:
        """Return how many leads that were scored before change at least one of these fields."""
        if not self._chunks:
            return 0
        changed = pl.any_horizontal(_changed(name) for name in fields)
        return self.frame.filter(pl.col("known") & changed).height

    def moves(self) -> list[Move]:
        """Return every change of a band with its number of leads, the largest first within a field."""
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
        """Return for grade and priority how many leads go up and how many down."""
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
        """Return the leads whose score moves furthest, the furthest first."""
        if not self._reasons:
            return []
        rows = _furthest(pl.concat(self._reasons)).iter_rows(named=True)
        return [_jump(row) for row in rows]

    def distribution(self) -> tuple[list[int], list[int]]:
        """Return the scores before (of leads scored before) and after, for a picture."""
        if not self._chunks:
            return [], []
        frame = self.frame
        return frame["told_lead_score"].drop_nulls().to_list(), frame["lead_score"].drop_nulls().to_list()

    def matrix(self) -> dict[tuple[str, str], int]:
        """Return how many known leads go from which priority to which, staying ones included."""
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
