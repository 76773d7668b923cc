"""The next step: what to do about a lead, by when, and what to ask for first, in one line."""

from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from scoring.card import Priority
from scoring.history import History
from scoring.picked import NEVER
from scoring.standing import levels
from scoring.wording import SEPARATOR, cut, days_said, lowered
from vocabulary.arrays import Ints

DAY: Final = 86_400_000_000
WAIT: Final = 3 * DAY
"""How long sales waits for an answer before it follows up."""
ASKED: Final = 2
"""How many missing criteria are named."""
LEAVE: Final = "Leave to marketing"


def next_steps(
    history: History,
    section: Priority,
    priority: pl.Series,
    expires: pl.Series,
    missing: pl.Series | None,
    zone: ZoneInfo,
) -> pl.Series:
    """Return the next step of each lead, null without a priority. `missing`: names of criteria, heaviest first."""
    level = levels(priority, section.levels)
    said = pl.Series([text or None for text in section.sentences], dtype=pl.String).gather(level - 1)
    ours, theirs = history.youngest_of("ours"), history.youngest_of("theirs")
    answered = (ours < NEVER) & (ours <= theirs)
    waits = answered & (ours < WAIT)
    by = _said(expires.cast(pl.Int64) - 1, history.as_of, zone)
    until = _said(pl.Series(history.as_of - np.where(waits, ours, 0) + WAIT), history.as_of, zone)
    act = pl.concat_str(
        pl.when("answered").then(pl.lit("Follow up")).otherwise(pl.lit("Call")),
        pl.when(pl.col("by").is_not_null()).then(pl.concat_str(pl.lit(" by "), "by")).otherwise(pl.lit("")),
    )
    act = pl.when("waits").then(pl.concat_str(pl.lit("Wait for an answer until "), "until")).otherwise(act)
    act = pl.when(pl.col("said").is_not_null()).then("said").otherwise(act)
    both = pl.concat_str(act, pl.col("ask"), separator=SEPARATOR, ignore_nulls=True)
    asks = _asks(missing, by)
    frame = pl.DataFrame({"answered": answered, "waits": waits, "by": by, "until": until, "ask": asks, "said": said})
    steps = cut(frame.select(both).to_series())
    last = pl.Series(level == len(section.levels))
    return steps.set(last, section.sentences[-1] or LEAVE).set(priority.is_null(), None)


def _said(moments: pl.Series, as_of: Ints, zone: ZoneInfo) -> pl.Series:
    """Return the day of each moment, null where there is none."""
    there = moments.is_not_null()
    return days_said(moments.fill_null(0).to_numpy(), as_of, zone).set(~there, None)


def _asks(missing: pl.Series | None, like: pl.Series) -> pl.Series:
    """Return what to ask for: `ask for company size and budget`; null if nothing is missing."""
    if missing is None:
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(like))
    names = missing.list.head(ASKED)
    distinct = names.explode().unique().drop_nulls()
    words = {name: lowered(name) for name in distinct}
    shown = names.list.eval(pl.element().replace(words)).list.join(" and ")
    return ("ask for " + shown).set(shown == "", None)
