"""Who moves if a scorecard is edited: priorities before and after, who enters and leaves the first one, and why."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from pages.scorecard import words
from pages.scorecard.sampling import Sample
from pipeline.job import ActiveScorecard
from pipeline.planning.movement import KEPT, Jump, Matrix, Movement
from pipeline.trial import FINEST
from scoring import Scorecard
from scoring.card.letters import UNKNOWN
from vocabulary.outputs import Of

SHOWN: Final = 8
"""How many leads are shown that enter, and that leave."""
CAUSES: Final = 3
OUTSIDE: Final = ("lead_grade", "lead_readiness", "lead_urgency", "lead_score_status")
OTHER_CELL: Final = "the card gives their stage and grade another priority"
OTHERWISE: Final = "the cases that come before stage and grade are others"
CALLED: Final = {
    "lead_grade": "the grade",
    "lead_readiness": "the stage",
    "lead_urgency": "the urgency",
    "lead_score_status": "the status",
}


@dataclass(frozen=True, slots=True)
class Mover:
    """A lead that enters or leaves the first priority."""

    lead: str
    before: str
    after: str
    score_before: int | None
    score_after: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Crossing:
    """Those who enter, or leave, the first priority."""

    leads: int
    movers: Sequence[Mover]
    causes: Sequence[tuple[str, int]]
    """What changed for them, and for how many, most frequent first."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Before and after, over the leads of a sample."""

    of: Of
    first: str
    leads: int
    total: int
    moved: int
    rescored: int
    matrix: Matrix
    entered: Crossing
    left: Crossing
    jumps: Sequence[Jump]

    @property
    def everybody(self) -> bool:
        """Whether the sample holds all leads."""
        return self.leads == self.total


def compared(sample: Sample, before: ActiveScorecard, after: ActiveScorecard, of: Of) -> Comparison:
    """Compare two scorecards over a sample."""
    one, other = sample.scored(before), sample.scored(after)
    card = after.card
    if of == "accounts":
        assert one.accounts is not None, "the scorecard in use scores accounts"
        assert other.accounts is not None, "the edited scorecard scores accounts"
        assert card.company is not None, "it has a card of accounts"
        one, other, card = one.accounts, other.accounts, card.company
    old = before.card if of == "leads" else before.card.company
    joined = _joined(one.results, other.results).with_columns(cell=_other_cell(old, card))
    movement = Movement(priorities=card.priorities)
    movement.add(joined)
    firsts = next(iter(old.priorities if old else ()), ""), next(iter(card.priorities), "")
    changes = _telling(_line_changes(one.lines, other.lines), joined)
    was, is_ = (pl.col("told_lead_priority") == firsts[0]), (pl.col("lead_priority") == firsts[1])
    entered = joined.filter(is_ & ~was.fill_null(value=False))
    left = joined.filter(was & ~is_.fill_null(value=False))
    total = sample.total if of == "leads" else joined.height
    return Comparison(
        of,
        firsts[1],
        joined.height,
        total,
        movement.moved(("lead_priority",)),
        joined.filter(pl.col("lead_score").ne_missing(pl.col("told_lead_score"))).height,
        movement.priorities(),
        _crossing(entered, changes),
        _crossing(left, changes),
        movement.jumps(),
    )


def _joined(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return the new results beside the old ones, in the form that plans compare."""
    names = list(dict.fromkeys([*KEPT, *OUTSIDE]))
    told = before.select("lead", *(pl.col(name).alias(f"told_{name}") for name in names))
    wanted = after.select("lead", "lead_score_reasons", *names)
    return wanted.join(told, on="lead").with_columns(first=pl.lit(value=False), why=pl.lit(None, pl.String))


def _line_changes(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return `lead`, `name` of a rule, and its points before and after, where they differ."""
    one, other = (_points(lines) for lines in (before, after))
    both = one.join(other, on=["lead", "name"], how="full", coalesce=True, suffix="_after")
    filled = both.with_columns(pl.col("points", "points_after").fill_null(0.0))
    return filled.filter((pl.col("points") - pl.col("points_after")).abs() > FINEST)


def _telling(changes: pl.DataFrame, joined: pl.DataFrame) -> pl.DataFrame:
    """Return the changes that go the way of the score: the others were cut by a limit, or outweighed."""
    delta = pl.col("lead_score") - pl.col("told_lead_score")
    moved = joined.select("lead", way=delta.sign()).filter(pl.col("way") != 0)
    way = (pl.col("points_after") - pl.col("points")).sign()
    return changes.join(moved, on="lead").filter(way == pl.col("way")).drop("way")


def _other_cell(before: Scorecard | None, after: Scorecard) -> pl.Expr:
    """Return whether both cards give the stage and the grade of a lead, if these stay, different priorities."""
    old, new = (_cells(card) for card in (before, after))
    moved = [pair for pair in new if pair in old and old[pair] != new[pair]]
    stage, letter = pl.col("lead_readiness").cast(pl.String), pl.col("lead_grade").cast(pl.String)
    here = pl.concat_str(stage, pl.lit("\n"), letter.str.slice(0, 1).fill_null(UNKNOWN))
    stays = pl.all_horizontal(
        pl.col(name).eq_missing(pl.col(f"told_{name}")) for name in ("lead_readiness", "lead_grade")
    )
    return (stays & here.is_in([f"{stage}\n{letter}" for stage, letter in moved])).fill_null(value=False)


def _cells(card: Scorecard | None) -> dict[tuple[str, str], str]:
    """Return the priority of each stage and letter."""
    matrix = card.priority.matrix if card is not None and card.priority is not None else {}
    return {(stage, letter): level for stage, cells in matrix.items() for letter, level in cells.items()}


def _points(lines: pl.DataFrame) -> pl.DataFrame:
    kind, name = pl.col("type").cast(pl.String), pl.col("name").cast(pl.String)
    rules = lines.filter(kind.is_in(["rule", "person", "coverage", "limit"]))
    named = rules.with_columns(
        pl.when(kind == "person")
        .then(pl.lit("its people"))  # its line is named by the person
        .when(kind == "limit")
        .then(pl.format("the limit of {}", name))
        .otherwise(name)
        .alias("name")
    )
    return named.group_by("lead", "name").agg(pl.col("points").sum())


def _crossing(joined: pl.DataFrame, changes: pl.DataFrame) -> Crossing:
    theirs = changes.join(joined.select("lead"), on="lead", how="semi")
    by_lead = {lead: rows for (lead,), rows in theirs.group_by("lead")}
    top = joined.sort("lead_score", "lead", descending=[True, False], nulls_last=True).head(SHOWN)
    movers = [_mover(row, by_lead.get(row["lead"])) for row in top.iter_rows(named=True)]
    return Crossing(joined.height, movers, _causes(joined, theirs))


def _causes(joined: pl.DataFrame, changes: pl.DataFrame) -> list[tuple[str, int]]:
    """Return what changed for how many: rules that give more or less, or what a rule does not give."""
    counted: Counter[str] = Counter()
    if not joined.height:
        return []
    for row in (
        changes.with_columns(more=pl.col("points_after") > pl.col("points"))
        .group_by("name", "more")
        .len()
        .iter_rows(named=True)
    ):
        counted[f"{row['name']} gives {'more' if row['more'] else 'less'}"] = row["len"]
    if others := int(joined["cell"].sum()):
        counted[OTHER_CELL] = others
    for name in OUTSIDE:
        differs = joined.filter(pl.col(name).ne_missing(pl.col(f"told_{name}"))).height
        if differs:
            counted[f"{CALLED[name]} changes"] = differs
    if not counted:
        counted[OTHERWISE] = joined.height
    return counted.most_common(CAUSES)


def _mover(row: Mapping[str, Any], changes: pl.DataFrame | None) -> Mover:
    return Mover(
        row["lead"],
        row["told_lead_priority"] or "none",
        row["lead_priority"] or "none",
        row["told_lead_score"],
        row["lead_score"],
        "; ".join(_why(row, changes)) or OTHERWISE,
    )


def _why(row: Mapping[str, Any], changes: pl.DataFrame | None) -> Iterator[str]:
    if row["cell"]:
        yield OTHER_CELL
    if changes is not None:
        ranked = changes.with_columns(by=(pl.col("points_after") - pl.col("points")).abs()).sort("by", descending=True)
        for name, before, after in ranked.head(CAUSES).select("name", "points", "points_after").iter_rows():
            yield f"{name} gives {words.points_said(round(after, 1))} instead of {words.points_said(round(before, 1))}"
    for name in OUTSIDE:
        if row[name] != row[f"told_{name}"]:
            yield f"{CALLED[name].removeprefix('the ')} {row[f'told_{name}'] or 'none'} → {row[name] or 'none'}"


def counts(found: Comparison) -> dict[str, Any]:
    """Return the counts for a log: nothing of single leads."""
    moves = {"moved": found.moved, "rescored": found.rescored, "entered": found.entered.leads, "left": found.left.leads}
    told = {"of": found.of, "first": found.first, "leads": found.leads, "total": found.total}
    return told | moves | {"from": "everybody" if found.everybody else "a sample"}


def note_for_sales(found: Comparison) -> str:
    """Return in plain words what changes on the list of sales; empty if nothing does."""
    parts = [*_told(found, found.left, "left"), *_told(found, found.entered, "came onto")]
    if not parts:
        return ""
    of = f"all {found.total:,}" if found.everybody else f"a sample of {found.leads:,} of {found.total:,}"
    return " ".join(parts) + f" Counted over {of} {found.of}."


def _told(found: Comparison, crossing: Crossing, verb: str) -> Iterator[str]:
    if not crossing.leads:
        return
    things = found.of if crossing.leads > 1 else found.of.removesuffix("s")
    causes = ", ".join(cause if leads == crossing.leads else f"{cause} ({leads:,})" for cause, leads in crossing.causes)
    yield f"{crossing.leads:,} {things} {verb} the list of {found.first} because {causes}."
