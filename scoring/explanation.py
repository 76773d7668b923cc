"""Explains a score: the lines that add up to it, and the strongest of them as text."""

from typing import Final

import numpy as np
import polars as pl

from scoring.card.values import DAY
from scoring.points import Ledger
from vocabulary.arrays import Floats, Ints
from vocabulary.fields import TIME
from vocabulary.outputs import BY_NAME

STRONGEST: Final = 5
LONGEST: Final = BY_NAME["lead_score_reasons"].length
HALF: Final = 0.5
TAKEN: Final = -1
"""A strength lower than any other."""
MINUS: Final = "\u2212"
SEPARATOR: Final = " \u00b7 "
LINES: Final = pl.Schema(
    {
        "lead": pl.String(),
        "part": pl.Categorical(),
        "type": pl.Categorical(),
        "name": pl.Categorical(),
        "points": pl.Float64(),
        "count": pl.Int64(),
        "latest": TIME,
        "undecayed": pl.Float64(),
        "decayed": pl.Float64(),
    }
)
"""The explanation. `undecayed` is an activity rule's points before decay, `decayed` after it but before its maximum."""


def lines(ledger: Ledger, leads: pl.Series) -> pl.DataFrame:
    """Return one line for each row that gave a lead points, ordered by lead and by the scorecard."""
    number, lead = _given(ledger)
    cells = number * len(leads) + lead
    count = ledger.count.take(cells)
    told = {
        "points": ledger.points.take(cells),
        "count": count,
        "latest": ledger.history.as_of[lead] - ledger.latest.take(cells),
        "undecayed": np.array([row.each for row in ledger.rows])[number] * count,
        "decayed": ledger.decayed.take(cells),
    }
    by_activities = pl.col("count") > 0
    return pl.DataFrame({"lead": lead, "number": number, **told}).select(
        pl.lit(leads).gather(pl.col("lead")).alias("lead"),
        *(pl.lit(column).gather(pl.col("number")).alias(column.name) for column in _described(ledger)),
        pl.col("points"),
        *(pl.when(by_activities).then(pl.col(name).cast(LINES[name])).alias(name) for name in list(told)[1:]),
    )


def _given(ledger: Ledger) -> tuple[Ints, Ints]:
    """Return the rows and leads of all non-zero cells, lead by lead."""
    rows = len(ledger.rows)
    given = np.ascontiguousarray((ledger.points[:rows] != 0).T)
    lead, number = np.divmod(np.flatnonzero(given), max(1, rows))
    return number, lead


def _described(ledger: Ledger) -> list[pl.Series]:
    names = ("part", "type", "name")
    return [pl.Series(name, [getattr(row, name) for row in ledger.rows], LINES[name]) for name in names]


def reasons(ledger: Ledger) -> pl.Series:
    """Return each lead's strongest rules of both signs as text, empty if none gave points."""
    leads = ledger.history.leads
    chosen = _strongest(ledger)
    if not chosen:
        return pl.Series([""]).new_from_index(0, leads)
    texts = _texts(ledger, np.concatenate(chosen), np.tile(np.arange(leads), len(chosen)))
    return _joined([texts.slice(start, leads) for start in range(0, len(texts), leads)])


def _strongest(ledger: Ledger) -> list[Ints]:
    """Return the strongest rule of each lead, then the second strongest, and so on."""
    others = [number for number, row in enumerate(ledger.rows) if row.type != "rule"]
    with np.errstate(over="ignore"):  # float32 is twice as fast, and an overflow to infinity still sorts first
        left = ledger.points[: len(ledger.rows)].T.astype(np.float32, order="C")
    np.abs(left, out=left)
    left[:, others] = TAKEN
    everyone, chosen = np.arange(len(left)), []
    for _ in range(min(STRONGEST, len(ledger.rows) - len(others))):
        chosen.append(left.argmax(axis=1))
        left[everyone, chosen[-1]] = TAKEN
    return chosen


def _texts(ledger: Ledger, number: Ints, lead: Ints) -> pl.Series:
    """Return one line for each cell, such as `+17 Pricing page (3x, last 2 d ago)`; null without points."""
    cells = number * ledger.history.leads + lead
    points = ledger.points.take(cells)
    shown = np.where(np.abs(points) < HALF, np.round(points, 2), np.copysign(np.floor(np.abs(points) + HALF), points))
    names = pl.lit(pl.Series([row.name for row in ledger.rows]))
    named = pl.concat_str(_signed(pl.col("points")), pl.lit(" "), names.gather(pl.col("number")))
    what = _written_once(pl.when(pl.col("points") != 0).then(named), number=number, points=shown)
    return what + _written_once(_history(), count=ledger.count.take(cells), days=ledger.latest.take(cells) // DAY)


def _written_once(text: pl.Expr, **cells: Ints | Floats) -> pl.Series:
    """Return a text for each cell, building each distinct text once."""
    frame = pl.DataFrame(cells)
    distinct = frame.unique().with_columns(text.alias("text"))
    return frame.join(distinct, on=frame.columns, how="left", maintain_order="left")["text"]


def _signed(points: pl.Expr) -> pl.Expr:
    """Return points with their sign, rounded to whole numbers unless they are below a half."""
    sign = pl.when(points < 0).then(pl.lit(MINUS)).otherwise(pl.lit("+"))
    size = points.abs()
    text = pl.when(size < HALF).then(size.cast(pl.String)).otherwise(size.cast(pl.Int64, strict=False).cast(pl.String))
    return pl.concat_str(sign, text)


def _history() -> pl.Expr:
    """Return how many activities counted and how long ago the latest was; empty for lead rules."""
    ago = pl.when(pl.col("days") < 1).then(pl.lit("today")).otherwise(pl.concat_str("days", pl.lit(" d ago")))
    several = pl.concat_str(pl.lit(" ("), pl.col("count"), pl.lit("\u00d7, last "), ago, pl.lit(")"))
    once = pl.concat_str(pl.lit(" ("), ago, pl.lit(")"))
    return pl.when(pl.col("count") > 1).then(several).when(pl.col("count") == 1).then(once).otherwise(pl.lit(""))


def _joined(texts: list[pl.Series]) -> pl.Series:
    """Join as many lines as fit into a CRM field. The first line is cut if it does not fit."""
    frame = pl.DataFrame({str(slot): text for slot, text in enumerate(texts)})
    joined = _first_lines(frame, len(texts))
    for size in reversed(range(1, len(texts))):
        too_long = joined.str.len_chars() > LONGEST
        if not too_long.any():
            return joined
        joined = joined.zip_with(~too_long, _first_lines(frame, size))
    cut = joined.str.slice(0, LONGEST - 1) + "\u2026"
    return joined.zip_with(joined.str.len_chars() <= LONGEST, cut)


def _first_lines(frame: pl.DataFrame, size: int) -> pl.Series:
    line = pl.concat_str([str(slot) for slot in range(size)], separator=SEPARATOR, ignore_nulls=True)
    return frame.with_columns(line.alias("#"))["#"]
