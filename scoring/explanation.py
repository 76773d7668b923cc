"""Explains a score: the lines that add up to it."""

from typing import Final

import numpy as np
import polars as pl

from scoring.points import Ledger
from vocabulary.arrays import Flags, Ints
from vocabulary.fields import TIME

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
"""The explanation. `undecayed` is an activity rule's points before decay, `decayed` after it but before its maximum.

Names of people are plain text: a category for each of a million people would help nobody.
"""


def lines(ledger: Ledger, leads: pl.Series, empty: Flags) -> pl.DataFrame:
    """Return one line for each row that gave a lead points, ordered by lead and by the scorecard.

    Leads of which nothing is known, `empty`, have none.
    """
    number, lead = _given(ledger, empty)
    cells = number * len(leads) + lead
    count = ledger.count.take(cells)
    undecayed = np.array([row.each for row in ledger.rows])[number] * count
    for row, points in ledger.undecayed.items():
        undecayed[number == row] = points[lead[number == row]]
    told = {
        "points": ledger.points.take(cells),
        "count": count,
        "latest": ledger.history.as_of[lead] - ledger.latest.take(cells),
        "undecayed": undecayed,
        "decayed": ledger.decayed.take(cells),
    }
    by_activities = pl.col("count") > 0
    found = pl.DataFrame({"lead": lead, "number": number, **told}).select(
        pl.lit(leads).gather(pl.col("lead")).alias("lead"),
        *(pl.lit(column).gather(pl.col("number")).alias(column.name) for column in _described(ledger)),
        pl.col("points"),
        *(pl.when(by_activities).then(pl.col(name).cast(LINES[name])).alias(name) for name in list(told)[1:]),
    )
    names = ledger.line_names(number, lead)
    return found if names is None else found.with_columns(names.alias("name"))


def _given(ledger: Ledger, empty: Flags) -> tuple[Ints, Ints]:
    """Return the rows and leads of all non-zero cells, lead by lead."""
    rows = len(ledger.rows)
    given = np.ascontiguousarray((ledger.points[:rows] != 0).T)
    given[empty] = False
    lead, number = np.divmod(np.flatnonzero(given), max(1, rows))
    return number, lead


def _described(ledger: Ledger) -> list[pl.Series]:
    names = ("part", "type", "name")
    return [pl.Series(name, [getattr(row, name) for row in ledger.rows], LINES[name]) for name in names]
