"""Why a lead has its score: the lines that add up to it, and the strongest of them as text."""

from typing import Final

import numpy as np
import polars as pl

from scoring.frames import TIME
from scoring.history import DAY, Floats, Ints
from scoring.points import Column, Ledger

STRONGEST: Final = 5
LONGEST: Final = 255
HALF: Final = 0.5
MINUS: Final = "\u2212"
SEPARATOR: Final = " \u00b7 "
LINES: Final = pl.Schema(
    {
        "lead": pl.String(),
        "part": pl.String(),
        "type": pl.String(),
        "name": pl.String(),
        "points": pl.Float64(),
        "count": pl.Int64(),
        "latest": TIME,
        "undecayed": pl.Float64(),
        "decayed": pl.Float64(),
    }
)
"""The explanation. `undecayed` is an activity rule's points before decay, `decayed` after it and before its maximum."""


def lines(ledger: Ledger, leads: pl.Series, as_of: int) -> pl.DataFrame:
    """Return one line for each column that gave a lead points, in the order of leads and of the scorecard."""
    columns = ledger.columns
    if not columns:
        return LINES.to_frame()
    points = np.column_stack([column.points for column in columns])
    lead, number = np.nonzero(points)
    described = pl.DataFrame({name: [getattr(column, name) for column in columns] for name in ("part", "type", "name")})
    frame = described[number].insert_column(0, leads.gather(lead).alias("lead"))
    return frame.with_columns(points=points[lead, number], **_counted(columns, lead, number, as_of)).cast(LINES)


def _counted(columns: list[Column], lead: Ints, number: Ints, as_of: int) -> dict[str, pl.Series]:
    """Return the details of activity rules for chosen cells; null elsewhere."""
    rules = [place for place, column in enumerate(columns) if column.counted]
    where = np.full(len(columns), len(rules))
    where[rules] = np.arange(len(rules))
    place = where[number]
    counted = [column.counted for column in columns if column.counted]
    nothing = np.zeros(len(columns[0].points))
    other = pl.Series(place == len(rules))

    def cells(arrays: list[np.ndarray]) -> pl.Series:
        return pl.Series(np.column_stack([*arrays, nothing])[lead, place]).set(other, None)

    return {
        "count": cells([one.count for one in counted]),
        "latest": cells([as_of - one.latest for one in counted]),
        "undecayed": cells([one.undecayed for one in counted]),
        "decayed": cells([one.decayed for one in counted]),
    }


def reasons(ledger: Ledger, leads: int) -> pl.Series:
    """Return each lead's strongest rules of both signs as one readable text, empty where none gave points."""
    columns = [column for column in ledger.columns if column.type == "rule"]
    if not columns:
        return pl.Series([""]).new_from_index(0, leads)
    points = np.vstack([column.points for column in columns])
    chosen, strength = _strongest(points)
    cells = (chosen.ravel(), np.tile(np.arange(leads), len(chosen)))
    given = np.where(strength.ravel() > 0, points[cells], 0.0)
    texts = _texts([column.name for column in columns], cells[0], given, *_behind(columns, cells, leads))
    return _joined([texts.slice(slot * leads, leads) for slot in range(len(chosen))])


def _strongest(points: Floats) -> tuple[Ints, Floats]:
    """Return for each lead (columns) the strongest rules (rows), with their strengths: 0 where none is left."""
    with np.errstate(
        over="ignore"
    ):  # half the width is twice the speed, and an infinite strength is still the strongest
        left = np.ascontiguousarray(np.abs(points).T, dtype=np.float32)
    everyone = np.arange(len(left))
    chosen, strength = [], []
    for _ in range(min(STRONGEST, len(points))):
        chosen.append(left.argmax(axis=1))
        strength.append(left[everyone, chosen[-1]])
        left[everyone, chosen[-1]] = 0
    return np.vstack(chosen), np.vstack(strength)


def _behind(columns: list[Column], cells: tuple[Ints, Ints], leads: int) -> tuple[Ints, Ints]:
    """Return of each cell how many activities counted, and how many days ago the latest was."""
    nothing = np.zeros(leads, np.int64)
    counts = np.vstack([column.counted.count if column.counted else nothing for column in columns])
    ages = np.vstack([column.counted.latest if column.counted else nothing for column in columns])
    return counts[cells], ages[cells] // DAY


def _texts(names: list[str], number: Ints, points: Floats, count: Ints, days: Ints) -> pl.Series:
    """Return one line for each cell, such as `+17 Pricing page (3x, last 2 d ago)`; null where there are no points.

    Each distinct line is written once.
    """
    shown = np.where(np.abs(points) < HALF, np.round(points, 2), np.copysign(np.floor(np.abs(points) + HALF), points))
    cells = pl.DataFrame({"number": number, "points": shown, "count": count, "days": days})
    named = pl.lit(pl.Series(names)).gather(pl.col("number"))
    text = pl.concat_str(_signed(pl.col("points")), pl.lit(" "), named, _history())
    distinct = cells.unique().with_columns(pl.when(pl.col("points") != 0).then(text).alias("text"))
    return cells.join(distinct, on=cells.columns, how="left", maintain_order="left")["text"]


def _signed(points: pl.Expr) -> pl.Expr:
    """Return points with their sign, whole unless they are less than a half."""
    sign = pl.when(points < 0).then(pl.lit(MINUS)).otherwise(pl.lit("+"))
    size = points.abs()
    text = pl.when(size < HALF).then(size.cast(pl.String)).otherwise(size.cast(pl.Int64, strict=False).cast(pl.String))
    return pl.concat_str(sign, text)


def _history() -> pl.Expr:
    """Return how many activities counted and how long ago the latest was; nothing for rules on the lead."""
    ago = pl.when(pl.col("days") < 1).then(pl.lit("today")).otherwise(pl.concat_str("days", pl.lit(" d ago")))
    several = pl.concat_str(pl.lit(" ("), pl.col("count"), pl.lit("\u00d7, last "), ago, pl.lit(")"))
    once = pl.concat_str(pl.lit(" ("), ago, pl.lit(")"))
    return pl.when(pl.col("count") > 1).then(several).when(pl.col("count") == 1).then(once).otherwise(pl.lit(""))


def _joined(texts: list[pl.Series]) -> pl.Series:
    """Join as many lines as fit into the field of a CRM; one that does not fit by itself is cut."""
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
