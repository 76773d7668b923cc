"""Moves of the priority: when leads were given another one, by what, and which of them are news to sellers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import polars as pl

from vocabulary.outputs import PRIORITY
from watch.timeline import FIRST

WAS: Final = "was"
SCORECARD: Final = "scorecard"
"""The cause of writes after the card, or its likelihood, has changed."""
NO_NEWS: Final = ("", SCORECARD, "undo", FIRST)
"""What says nothing about a lead."""


def moves(line: pl.DataFrame) -> pl.DataFrame:
    """Return the writes that changed the priority, with the one before as `was`: null for none."""
    before = line.with_columns(
        pl.col(PRIORITY).shift(1).over("lead").alias(WAS), known=pl.col("at").shift(1).over("lead").is_not_null()
    )
    differs = pl.col(PRIORITY).ne_missing(pl.col(WAS))
    return before.filter(differs & (pl.col("known") | pl.col("new"))).drop("known")


def crossings(
    moved: pl.DataFrame, first: str | None, people: pl.DataFrame, began: datetime, backfills: Sequence[int] = ()
) -> pl.DataFrame:
    """Return `lead` and `at` of leads that reached the first priority because of what they are or did.

    Not those that moved with the card, and not those that were there before the first row was written (`began`):
    nobody promised to call all of them at once. `backfills`: runs whose writes are no news either. `left_at`: when
    the lead lost the priority again. `first`: None where the card has no priorities, so that nobody reaches one.
    """
    moved = moved.clear() if first is None else moved
    lost = moved.filter(pl.col(WAS) == pl.lit(first, pl.String)).select("lead", left_at="at").sort("left_at")
    stirred = ~pl.col("causes").is_in(list(NO_NEWS)) & ~pl.col("new")
    came = pl.col("new") & (pl.col("created_at") > began)
    reached = (
        moved.filter(
            (pl.col(PRIORITY) == pl.lit(first, pl.String))
            & ~pl.col("run").is_in(list(backfills)).fill_null(value=False)
        )
        .join(people.select("lead", "created_at"), on="lead", how="left")
        .filter((stirred | came).fill_null(value=False))
    )
    return (
        reached.select("lead", "at")
        .sort("at")
        .join_asof(lost, left_on="at", right_on="left_at", by="lead", strategy="forward", check_sortedness=False)
    )
