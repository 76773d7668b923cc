"""A likelihood in one sentence: the chance, its interval, and what speaks for and against it, without points."""

from typing import Final

import numpy as np
import polars as pl

from scoring.card import Scorecard
from scoring.likelihood import HIGH, LOW, Likelihood
from scoring.points import Ledger
from scoring.shares import Shares, heaviest
from scoring.wording import cut, days_said
from vocabulary.arrays import Flags
from vocabulary.outputs import LIKELIHOOD

FOR: Final = 3
"""How many lines that speak for a lead are named."""
AGAINST: Final = 2
QUIET: Final = 14 * 86_400_000_000
"""Microseconds without an activity that counts after which the sentence says so."""
TENTHS: Final = 1001
WHOLE: Final = 100
"""From ten percent on, in tenths, decimals are not said."""


def why_likely(
    card: Scorecard, likelihood: Likelihood, ledger: Ledger, items: Shares, found: pl.DataFrame, before: pl.Series
) -> pl.Series:
    """Return one sentence for each lead; leads with a text in `before` have that text alone.

    `found` has the likelihood and, if it is known, its interval. For example: `12 % within 90 days (8 to 17 %): Pricing
    request, Director; less because nothing happened since 3 Oct`.
    """
    names = _Names(ledger, items)
    said, against = names.of(items.whole > 0, FOR), names.of(items.whole < 0, AGAINST)
    quiet = _quiet(card, likelihood, ledger)
    frame = pl.DataFrame({"chance": _chance(likelihood, found), "for": said, "against": against, "quiet": quiet})
    less = pl.concat_str("against", "quiet", separator=", ", ignore_nulls=True)
    less = pl.when(less != "").then(pl.concat_str(pl.lit("less because "), less))
    why = pl.concat_str("for", less, separator="; ", ignore_nulls=True)
    text = pl.when(why == "").then(pl.col("chance")).otherwise(pl.concat_str("chance", pl.lit(": "), why))
    return cut(before.zip_with(before.is_not_null(), frame.select(text).to_series()))


def _chance(likelihood: Likelihood, found: pl.DataFrame) -> pl.Series:
    """Return `12 % within 90 days (8 to 17 %)`; a table without dates has no horizon, an older file no interval."""
    within = "" if likelihood.horizon is None else f" within {likelihood.horizon:g} days"
    chance = found.select(pl.concat_str(_percent(found[LIKELIHOOD]), pl.lit(f" %{within}"))).to_series()
    if LOW not in found.columns:
        return chance
    low, high = (_percent(found[name]).alias(name) for name in (LOW, HIGH))
    ends = pl.DataFrame([chance.alias("chance"), low, high])
    interval = pl.concat_str(pl.lit(" ("), LOW, pl.lit(" to "), HIGH, pl.lit(" %)"))
    return ends.select(pl.concat_str("chance", interval)).to_series()


def _percent(values: pl.Series) -> pl.Series:
    texts = [f"{tenth / 10:g}" if tenth < WHOLE else str((tenth + 5) // 10) for tenth in range(TENTHS)]
    return pl.Series(texts).gather((values * 10).round().cast(pl.UInt32))


class _Names:
    """The names of the lines that gave each lead points."""

    def __init__(self, ledger: Ledger, items: Shares) -> None:
        self.ledger, self.items = ledger, items
        self.rules = np.isin(items.number, list(ledger.rules))

    def of(self, chosen: Flags, most: int) -> pl.Series:
        """Return the names of the heaviest of the chosen lines of each lead, the first as it is; null for none."""
        at, rank = heaviest(self.items, np.flatnonzero(chosen & self.rules), most)
        lead = self.items.lead[at]
        texts = self.ledger.names(self.items.number[at], lead)
        slots = []
        for slot in range(most):
            mine = np.flatnonzero(rank == slot)
            place = np.full(self.ledger.history.leads, len(mine))
            place[lead[mine]] = np.arange(len(mine))
            slots.append(texts.gather(mine).extend_constant(None, 1).gather(place).alias(str(slot)))
        joined = pl.concat_str(pl.all(), separator=", ", ignore_nulls=True)
        return pl.DataFrame(slots).select(pl.when(joined != "").then(joined)).to_series()


def _quiet(card: Scorecard, likelihood: Likelihood, ledger: Ledger) -> pl.Series:
    """Return since when nothing happened that counts, where that lowers the chance; null else."""
    history, rows = ledger.history, sorted(ledger.counted)
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, history.leads)
    falls = any(count.weight > 0 for count in likelihood.counts) or (likelihood.age and likelihood.age.weight < 0)
    if not rows or not falls:
        return nothing
    never = np.iinfo(np.int64).max
    ages = np.where(ledger.count[rows] > 0, ledger.latest[rows], never).min(axis=0)
    since = days_said(history.as_of - np.where(ages == never, 0, ages), history.as_of, card.zone)
    told = pl.DataFrame({"since": since, "never": ages == never, "quiet": ages >= QUIET})
    words = (
        pl.when("never")
        .then(pl.lit("nothing happened yet"))
        .otherwise(pl.concat_str(pl.lit("nothing happened since "), "since"))
    )
    return told.select(pl.when("quiet").then(words)).to_series()
