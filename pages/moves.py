"""What moved, and why: leads that went up or down by priority, grade or stage."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from pages.columns import Columns
from scoring import Scorecard
from scoring.card.letters import LETTERS
from store.outbox.choosing import MOVING, TOLD

LARGEST: Final = 8
PAIRS: Final = 12
"""How many moves from one value to another are shown of an output."""
CAUSES: Final = {
    "activity": "what they did",
    "data": "their data changed",
    "account": "their account changed",
    "time": "time passed",
    "scorecard": "the scorecard was edited",
    "undo": "a run was undone",
    "first": "written for the first time",
}
"""What caused a write, in words."""
_DIRECTED: Final = ("lead_priority", "lead_grade", "lead_readiness")
"""The outputs that go up and down, the one that counts most first."""


@dataclass(frozen=True, slots=True)
class Cause:
    """How many leads one cause, or several together, moved."""

    words: str
    up: int
    down: int
    other: int

    @property
    def leads(self) -> int:
        """All of them."""
        return self.up + self.down + self.other


@dataclass(frozen=True, slots=True)
class Crossing:
    """How many leads an output moved, and the most frequent moves: before, after, leads."""

    output: str
    up: int
    down: int
    other: int
    pairs: Sequence[tuple[str | None, str | None, int]]


@dataclass(frozen=True, slots=True)
class Leap:
    """A lead that moved far."""

    lead: str
    why: str
    up: bool
    priority: tuple[str | None, str | None] | None
    grade: tuple[str | None, str | None] | None
    stage: tuple[str | None, str | None] | None
    score: tuple[int | None, int | None] | None


@dataclass(frozen=True, slots=True)
class Moves:
    """What moved in some time."""

    leads: int
    up: int
    down: int
    causes: Sequence[Cause]
    crossings: Sequence[Crossing]
    largest: Sequence[Leap]

    @property
    def other(self) -> int:
        """The leads that changed only their status, or are back where they were."""
        return self.leads - self.up - self.down


def words(causes: str) -> str:
    """Return the causes of a write, such as `activity,data`, in words."""
    return " and ".join(CAUSES.get(cause, cause) for cause in sorted(set(causes.split(","))))


def of_present(moved: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Return the moves of leads that are still there: a person who was erased is shown nowhere."""
    return moved.join(columns.frame.select("lead"), on="lead", how="semi", maintain_order="left")


def summed(moved: pl.DataFrame, card: Scorecard) -> Moves:
    """Return what the rows of `Told.moved` come to, by lead: from the first value to the last one."""
    directed = _directed(_net(moved), card)
    counted = dict(directed.group_by("way").len().iter_rows())
    return Moves(
        leads=directed.height,
        up=counted.get(1, 0),
        down=counted.get(-1, 0),
        causes=_causes(directed),
        crossings=[crossing for name in MOVING if (crossing := _crossing(directed, name))],
        largest=_largest(directed),
    )


def _net(moved: pl.DataFrame) -> pl.DataFrame:
    """Return one row per lead, with the value before its first move and the one after its last, by output."""
    if moved["lead"].is_unique().all():
        return moved
    ordered = moved.sort("written_at", maintain_order=True)
    flags = {name: pl.col(f"moved_{name}") for name in TOLD}
    return ordered.group_by("lead", maintain_order=True).agg(
        pl.col("written_at").last(),
        pl.col("causes").cast(pl.String).unique(maintain_order=True).str.join(","),
        *(pl.col(f"b_{name}").filter(flag).first() for name, flag in flags.items()),
        *(pl.col(f"a_{name}").filter(flag).last() for name, flag in flags.items()),
        *(flag.any() for flag in flags.values()),
    )


def _directed(net: pl.DataFrame, card: Scorecard) -> pl.DataFrame:
    """Add `by_…`, how many places each output went up, and `way`: 1 up, -1 down, 0 neither."""
    orders = {
        "lead_priority": tuple(card.priorities),
        "lead_grade": LETTERS,
        "lead_readiness": tuple(reversed(card.readiness.names)) if card.readiness else (),
    }
    steps = [_steps(name, order).alias(f"by_{name}") for name, order in orders.items()]
    ways = [pl.col(f"by_{name}").replace(0, None).sign() for name in _DIRECTED]
    return net.with_columns(steps).with_columns(way=pl.coalesce(*ways, 0).cast(pl.Int8))


def _steps(name: str, order: Sequence[str]) -> pl.Expr:
    """Return how many places an output went up; 0 if it did not move or its place is unknown."""
    places = {value: place for place, value in enumerate(order)}

    def place(side: str) -> pl.Expr:
        column = pl.col(f"{side}_{name}").cast(pl.String)
        known = column.replace_strict(places, default=None, return_dtype=pl.Int32)
        return pl.when(column.is_null()).then(len(order)).otherwise(known)

    went = (place("b") - place("a")).fill_null(0)
    return pl.when(pl.col(f"moved_{name}")).then(went).otherwise(0)


def _causes(directed: pl.DataFrame) -> list[Cause]:
    counted: dict[str, Counter[int]] = {}
    for causes, way, leads in directed.group_by("causes", "way").len().iter_rows():
        counted.setdefault(words(causes), Counter())[way] += leads
    found = [Cause(said, ways[1], ways[-1], ways[0]) for said, ways in counted.items()]
    return sorted(found, key=lambda cause: (-cause.leads, cause.words))


def _crossing(directed: pl.DataFrame, name: str) -> Crossing | None:
    rows = directed.filter(f"moved_{name}")
    if rows.is_empty():
        return None
    way = rows[f"by_{name}"].sign() if name in _DIRECTED else pl.Series([0]).new_from_index(0, rows.height)
    pairs = rows.group_by(pl.col(f"b_{name}").cast(pl.String), pl.col(f"a_{name}").cast(pl.String)).len()
    changed = pairs.filter(pl.col(f"b_{name}").ne_missing(pl.col(f"a_{name}"))).sort(
        "len", f"b_{name}", f"a_{name}", descending=[True, False, False]
    )
    up, down = int((way > 0).sum()), int((way < 0).sum())
    return Crossing(name, up, down, rows.height - up - down, list(changed.head(PAIRS).iter_rows()))


def _largest(directed: pl.DataFrame) -> list[Leap]:
    """Return the leads whose priority moved most places, then those whose score moved most points."""
    distance = (pl.col("a_lead_score") - pl.col("b_lead_score")).abs().fill_null(0)
    far = directed.filter(pl.col("way") != 0).with_columns(points=distance, places=pl.col("by_lead_priority").abs())
    first = far.sort("places", "points", "lead", descending=[True, True, False]).head(LARGEST)
    return [_leap(row) for row in first.with_columns(pl.col(pl.Categorical).cast(pl.String)).iter_rows(named=True)]


def _leap(row: dict[str, object]) -> Leap:
    def pair(name: str) -> tuple[str | None, str | None] | None:
        before, after = row[f"b_{name}"], row[f"a_{name}"]
        return (before, after) if row[f"moved_{name}"] else None  # type: ignore[return-value]  # texts of a frame

    score = row["b_lead_score"], row["a_lead_score"]
    points = tuple(None if each is None else round(each) for each in score)  # type: ignore[call-overload]  # numbers
    return Leap(
        lead=str(row["lead"]),
        why=words(str(row["causes"])),
        up=row["way"] == 1,
        priority=pair("lead_priority"),
        grade=pair("lead_grade"),
        stage=pair("lead_readiness"),
        score=(points[0], points[1]) if row["moved_lead_score"] else None,
    )
