"""Why a lead has its score: the lines that add up to it, and the strongest of them as text."""

from typing import Final

import numpy as np
import polars as pl

from scoring.frames import TIME
from scoring.history import DAY, Ints
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
    strength = np.abs(np.vstack([np.zeros(leads), *(column.points for column in columns)]))
    everyone = np.arange(leads)
    texts = []
    for _ in columns[:STRONGEST]:
        strongest = strength.argmax(axis=0)
        strength[strongest, everyone] = 0
        texts.append(_texts(columns, strongest - 1))
    return _joined(texts, leads)


def _texts(columns: list[Column], chosen: Ints) -> pl.Series:
    """Return one line for each lead, such as `+17 Pricing page (3x, last 2 d ago)`; null where none is chosen."""
    everyone = np.arange(len(chosen))
    names = pl.Series([*(column.name for column in columns), None], dtype=pl.String)
    nothing = np.zeros(len(chosen))
    points = np.vstack([*(column.points for column in columns), nothing])[chosen, everyone]
    counted = [column.counted for column in columns]
    count = np.vstack([*(one.count if one else nothing for one in counted), nothing])[chosen, everyone]
    latest = np.vstack([*(one.latest if one else nothing for one in counted), nothing])[chosen, everyone]
    frame = pl.DataFrame(
        {
            "points": points,
            "name": names.gather(np.where(chosen < 0, len(columns), chosen)),
            "count": count,
            "age": latest,
        }
    )
    text = pl.concat_str(_signed(pl.col("points")), pl.lit(" "), pl.col("name"), _history())
    return frame.select(text.alias("#"))["#"]


def _signed(points: pl.Expr) -> pl.Expr:
    """Return points with their sign, whole unless they would read as 0."""
    sign = pl.when(points < 0).then(pl.lit(MINUS)).otherwise(pl.lit("+"))
    size = points.abs()
    whole = (size + HALF).floor().cast(pl.Int64).cast(pl.String)
    return pl.concat_str(sign, pl.when(size < HALF).then(size.round(2).cast(pl.String)).otherwise(whole))


def _history() -> pl.Expr:
    """Return how many activities counted and how long ago the latest was; nothing for rules on the lead."""
    days = (pl.col("age") // DAY).cast(pl.Int64)
    ago = pl.when(days < 1).then(pl.lit("today")).otherwise(pl.concat_str(days, pl.lit(" d ago")))
    several = pl.concat_str(pl.lit(" ("), pl.col("count").cast(pl.Int64), pl.lit("\u00d7, last "), ago, pl.lit(")"))
    once = pl.concat_str(pl.lit(" ("), ago, pl.lit(")"))
    return pl.when(pl.col("count") > 1).then(several).when(pl.col("count") == 1).then(once).otherwise(pl.lit(""))


def _joined(texts: list[pl.Series], leads: int) -> pl.Series:
    """Join as many lines as fit into the field of a CRM."""
    if not texts:
        return pl.Series([""] * leads, dtype=pl.String)
    frame = pl.DataFrame({str(number): text for number, text in enumerate(texts)})
    joined = pl.lit("")
    for size in range(1, len(texts) + 1):
        longer = pl.concat_str([str(number) for number in range(size)], separator=SEPARATOR, ignore_nulls=True)
        joined = pl.when(longer.str.len_chars() <= LONGEST).then(longer).otherwise(joined)
    return frame.select(joined.alias("#"))["#"]
