"""Movement: how the new results of all leads differ from those last written to the CRM."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from scoring.card.letters import LETTERS, UNKNOWN
from vocabulary.links import Links
from vocabulary.outputs import BANDS, PRIORITY, SCORECARD

SCORES: Final = ("lead_score", "lead_priority_index")
KEPT: Final = (*BANDS, *SCORES)
LARGEST: Final = 20
NONE: Final = "—"
"""How a value that a lead does not have is shown, except an unknown grade."""

REASONS: Final = {
    "first": "written for the first time",
    "card": "moved by the edited scorecard",
    "moved": "a grade, stage, urgency, priority or status changed",
    "drifted": "a number changed by `dead_band` or more",
    "reworded": "a text changed that is kept up to date, such as the next step",
    "fields": "an output was switched on or off",
    "again": "sent again: an answer was lost, a field is new, or someone else wrote there",
}
"""Why a row is written, by a short name; the first one that holds counts."""


def shown(name: str, value: str | None) -> str:
    """Return the value of an output as a plan shows it."""
    return value or (UNKNOWN if name == "lead_grade" else NONE)


def why(compared: pl.DataFrame, scorecards: pl.DataFrame, again: Collection[str]) -> pl.DataFrame:
    """Add the columns `write` and `why`.

    `scorecards`: which version computed the last results. `again`: leads that are sent again.
    """
    had = scorecards.select("lead", had=SCORECARD)
    resent = pl.col("lead").is_in(list(again))
    edited = pl.col("had").ne(pl.col(SCORECARD)).fill_null(value=False)
    changed = pl.any_horizontal("band_changed", "drifted", "reworded")
    reason = (
        pl.when("first").then(pl.lit("first"))
        .when(edited & changed).then(pl.lit("card"))
        .when("band_changed").then(pl.lit("moved"))
        .when("drifted").then(pl.lit("drifted"))
        .when("reworded").then(pl.lit("reworded"))
        .when("write").then(pl.lit("fields"))
        .when(resent).then(pl.lit("again"))
    )  # fmt: skip
    joined = compared.join(had, on="lead", how="left", maintain_order="left")
    return joined.with_columns(why=reason, write=pl.col("write") | resent).drop("had")


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
    link: str | None = None
    why: str | None = None
    """Why it is written; None if it is not."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """How many leads go from each value of a field to each."""

    order: Sequence[str]
    cells: Mapping[tuple[str, str], int]

    @property
    def moves(self) -> bool:
        """Whether any lead changes its value."""
        return any(before != after for before, after in self.cells)

    def rows(self) -> list[tuple[str, list[int]]]:
        """Return a row per value before, with the counts by value after."""
        return [(before, [self.cells.get((before, after), 0) for after in self.order]) for before in self.order]

    def as_json(self) -> list[dict[str, Any]]:
        """Return the cells as JSON."""
        return [{"before": before, "after": after, "leads": leads} for (before, after), leads in self.cells.items()]


class Movement:
    """Collects changes chunk by chunk, keeping only a few columns per lead."""

    def __init__(self, links: Links | None = None, priorities: Sequence[str] = ()) -> None:
        """`priorities`: their names in the scorecard, best first."""
        self._links, self.names = links or Links(), tuple(priorities)
        self.chunks: list[pl.DataFrame] = []
        self.furthest: list[pl.DataFrame] = []

    def add(self, compared: pl.DataFrame) -> None:
        """Add a chunk of results with the values last written (`told_…`), `first` if there are none, and `why`."""
        known = compared.with_columns(known=~pl.col("first"))
        self.chunks.append(known.select("lead", "known", "why", *(_typed(name) for name in _COMPARED)))
        self.furthest.append(
            _furthest(known.select("lead", "known", "why", "lead_score_reasons", *map(_typed, _COMPARED)))
        )

    def merge(self, other: "Movement") -> None:
        """Add the chunks of another."""
        self.chunks += other.chunks
        self.furthest += other.furthest

    @property
    def frame(self) -> pl.DataFrame:
        """One row per lead: new values, old values (`told_…`), and whether it was scored before (`known`)."""
        return pl.concat(self.chunks)

    @property
    def leads(self) -> int:
        """How many leads were added."""
        return sum(chunk.height for chunk in self.chunks)

    def writes(self) -> dict[str, int]:
        """Return how many leads are written, by why, in the order of `REASONS`."""
        if not self.chunks:
            return {}
        counted = dict(self.frame.drop_nulls("why").group_by("why").len().iter_rows())
        return {name: counted[name] for name in REASONS if name in counted}

    def known(self) -> int:
        """Return how many of them were scored before."""
        return int(self.frame["known"].sum()) if self.chunks else 0

    def moved(self, fields: Sequence[str] = BANDS) -> int:
        """Return how many leads scored before change at least one of these fields."""
        if not self.chunks:
            return 0
        changed = pl.any_horizontal(pl.lit(value=False), *(_changed(name) for name in fields))
        return self.frame.filter(pl.col("known") & changed).height

    def moves(self) -> list[Move]:
        """Return every move from one band to another, by field, largest first."""
        return [move for name in BANDS for move in self._moves_of(name)] if self.chunks else []

    def _moves_of(self, name: str) -> list[Move]:
        counted = (
            self.frame.filter(~pl.col("known") | _changed(name))
            .group_by(pl.when("known").then(f"told_{name}").alias("before"), pl.col(name).alias("after"), "known")
            .len()
            .sort("len", "before", "after", "known", descending=[True, False, False, False])
        )
        return [
            Move(name, shown(name, row["before"]) if row["known"] else None, shown(name, row["after"]), row["len"])
            for row in counted.iter_rows(named=True)
        ]

    def crossings(self) -> dict[str, tuple[int, int]]:
        """Return how many leads go up and how many go down, for grade and priority.

        A priority that the scorecard no longer names is neither above nor below the others.
        """
        if not self.chunks:
            return {}
        orders = {"lead_grade": LETTERS, PRIORITY: self.names}
        return {name: self._crossing(name, order) for name, order in orders.items()}

    def _crossing(self, name: str, order: Sequence[str]) -> tuple[int, int]:
        after, before = (_place(pl.col(one), order) for one in (name, f"told_{name}"))
        known = self.frame.filter("known")
        return known.filter(after < before).height, known.filter(after > before).height

    def jumps(self) -> list[Jump]:
        """Return the leads whose score changes most, largest change first."""
        if not self.furthest:
            return []
        rows = _furthest(pl.concat(self.furthest)).iter_rows(named=True)
        return [self._jump(row) for row in rows]

    def _jump(self, row: dict[str, Any]) -> Jump:
        return Jump(
            row["lead"],
            row["told_lead_score"],
            row["lead_score"],
            row["told_lead_priority"],
            row["lead_priority"],
            row["lead_score_reasons"] or "",
            self._links.of(row["lead"]),
            row["why"],
        )

    def distribution(self) -> tuple[list[int], list[int]]:
        """Return the old scores (of leads scored before) and the new ones, for a histogram."""
        if not self.chunks:
            return [], []
        frame = self.frame
        before = frame.filter("known")["told_lead_score"]
        return before.drop_nulls().to_list(), frame["lead_score"].drop_nulls().to_list()

    def matrix(self, name: str = "lead_priority") -> dict[tuple[str, str], int]:
        """Return how many known leads go from each value of a field, by default the priority, to each, or stay."""
        if not self.chunks:
            return {}
        counted = self.frame.filter("known").group_by(f"told_{name}", name).len()
        pairs = {(shown(name, before), shown(name, after)): leads for before, after, leads in counted.iter_rows()}
        return dict(sorted(pairs.items()))

    def priorities(self) -> Matrix:
        """Return how many known leads go from each priority to each, best first; then names of before, then none."""
        cells = self.matrix()
        there = {one for pair in cells for one in pair}
        former = sorted(there.difference(self.names, [NONE]))
        return Matrix([one for one in (*self.names, *former, NONE) if one in there], cells)

    def grades(self) -> Matrix:
        """Return how many known leads go from each grade to each, best first; `?` is an unknown grade."""
        cells = self.matrix("lead_grade")
        there = {grade for pair in cells for grade in pair}
        return Matrix([grade for grade in (*LETTERS, UNKNOWN) if grade in there], cells)


_COMPARED: Final = (*KEPT, *(f"told_{name}" for name in KEPT))


def _place(values: pl.Expr, order: Sequence[str]) -> pl.Expr:
    """Return the place of each value; no value is behind the last one, and a value without a place has none."""
    places = dict(zip(order, range(len(order)), strict=True))
    found = values.replace_strict(places, default=None, return_dtype=pl.Int64)
    return pl.when(values.is_null()).then(len(order)).otherwise(found)


def _typed(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int64 if name.removeprefix("told_") in SCORES else pl.String)


def _changed(name: str) -> pl.Expr:
    return pl.col(name).ne_missing(pl.col(f"told_{name}"))


def _furthest(joined: pl.DataFrame) -> pl.DataFrame:
    distance = (pl.col("lead_score") - pl.col("told_lead_score")).abs()
    moved = joined.filter(pl.col("known") & (distance > 0))
    return moved.with_columns(distance=distance).sort("distance", "lead", descending=[True, False]).head(LARGEST)
