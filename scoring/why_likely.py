"""A likelihood in one sentence: the chance, its interval, and what speaks for and against it, without points."""

from typing import Final

import numpy as np
import polars as pl

from scoring.card import BaseRule, Scorecard
from scoring.likelihood import HIGH, LOW, Likelihood
from scoring.points import Ledger
from scoring.shares import Shares, heaviest
from scoring.wording import LONGEST, cut, days_said
from vocabulary.arrays import Flags, Ints
from vocabulary.outputs import LIKELIHOOD

SIZES: Final = ((3, 2), (3, 1), (2, 1), (1, 1), (1, 0))
"""How many lines that speak for and against a lead are named: the first of these that fits into a CRM field."""
SURE, UNLIKELY = 99.0, 1.0
QUIET: Final = 14 * 86_400_000_000
"""Microseconds without an activity that counts after which the sentence says so."""
TENTHS: Final = 1001
WHOLE: Final = 100
"""From ten percent on, in tenths, decimals are not said."""


def why_likely(
    likelihood: Likelihood, ledger: Ledger, items: Shares, found: pl.DataFrame, quiet: pl.Series, before: pl.Series
) -> pl.Series:
    """Return one sentence for each lead; leads with a text in `before` have that text alone.

    `found` has the likelihood and, if it is known, its interval; `quiet` what is said of silence. For example: `12 %
    within 90 days (8 to 17 %): Pricing request, Director; less because nothing happened since 3 Oct`.
    """
    names = _Names(ledger, items)
    most_for, most_against = SIZES[0]
    frame = pl.DataFrame(
        [
            _chance(likelihood, found).alias("chance"),
            *names.of(items.whole > 0, most_for, "for"),
            *names.of(items.whole < 0, most_against, "against"),
            quiet.alias("quiet"),
        ]
    )
    return cut(before.zip_with(before.is_not_null(), _fitting(frame)))


def _fitting(frame: pl.DataFrame) -> pl.Series:
    """Return the sentences with as many whole reasons as fit into a CRM field."""
    text = frame.select(_sentence(*SIZES[0])).to_series()
    for size in SIZES[1:]:
        long = text.str.len_chars() > LONGEST
        if not long.any():
            break
        text = text.zip_with(~long, frame.select(_sentence(*size)).to_series())
    return text


def _sentence(most_for: int, most_against: int) -> pl.Expr:
    said = _listed([f"for{slot}" for slot in range(most_for)])
    less = _listed([*(f"against{slot}" for slot in range(most_against)), "quiet"])
    less = pl.when(less != "").then(pl.concat_str(pl.lit("less because "), less))
    why = pl.concat_str(pl.when(said != "").then(said), less, separator="; ", ignore_nulls=True)
    return pl.when(why == "").then(pl.col("chance")).otherwise(pl.concat_str("chance", pl.lit(": "), why))


def _listed(columns: list[str]) -> pl.Expr:
    return pl.concat_str(columns, separator=", ", ignore_nulls=True)


def _chance(likelihood: Likelihood, found: pl.DataFrame) -> pl.Series:
    """Return `12 % within 90 days (8 to 17 %)`; a table without dates has no horizon, an older file no interval.

    Where the ends would read the same, all three have a decimal, or the sentence says `>99 %` or `<1 %` alone.
    """
    within = pl.lit(" %" if likelihood.horizon is None else f" % within {likelihood.horizon:g} days")
    if LOW not in found.columns:
        return found.select(pl.concat_str(_percent(found[LIKELIHOOD]), within)).to_series()
    values = {"chance": found[LIKELIHOOD], "low": found[LOW], "high": found[HIGH]}
    frame = pl.DataFrame(
        [
            *(series.alias(f"{name} value") for name, series in values.items()),
            *(_percent(series).alias(name) for name, series in values.items()),
            *(_tenths(series).alias(f"{name} fine") for name, series in values.items()),
        ]
    )
    rough, fine = (
        _with_ends("chance", "low", "high", within),
        _with_ends("chance fine", "low fine", "high fine", within),
    )
    text = (
        pl.when((pl.col("low") != pl.col("high")).fill_null(value=True))
        .then(rough)
        .when(pl.col("low value") > SURE)
        .then(pl.concat_str(pl.lit(">99"), within))
        .when(pl.col("high value") < UNLIKELY)
        .then(pl.concat_str(pl.lit("<1"), within))
        .when(pl.col("low fine") == pl.col("high fine"))
        .then(pl.concat_str("chance fine", within))
        .otherwise(fine)
    )
    return frame.select(text).to_series()


def _with_ends(chance: str, low: str, high: str, within: pl.Expr) -> pl.Expr:
    return pl.concat_str(chance, within, pl.lit(" ("), low, pl.lit(" to "), high, pl.lit(" %)"))


def _percent(values: pl.Series) -> pl.Series:
    texts = [f"{tenth / 10:g}" if tenth < WHOLE else str((tenth + 5) // 10) for tenth in range(TENTHS)]
    return _gathered(texts, values)


def _tenths(values: pl.Series) -> pl.Series:
    return _gathered([f"{tenth / 10:g}" for tenth in range(TENTHS)], values)


def _gathered(texts: list[str], values: pl.Series) -> pl.Series:
    return pl.Series(texts).gather((values * 10).round().cast(pl.UInt32))


class _Names:
    """The names of the lines that gave each lead points."""

    def __init__(self, ledger: Ledger, items: Shares) -> None:
        self.ledger, self.items = ledger, items
        self.rules = np.isin(items.number, list(ledger.rules))

    def of(self, chosen: Flags, most: int, name: str) -> list[pl.Series]:
        """Return the heaviest of the chosen lines of each lead, as columns `name0` …; null where there are fewer."""
        at, rank = heaviest(self.items, np.flatnonzero(chosen & self.rules), most, np.abs(self.items.whole))
        lead = self.items.lead[at]
        texts = self._texts(self.items.number[at], lead)
        slots = []
        for slot in range(most):
            mine = np.flatnonzero(rank == slot)
            place = np.full(self.ledger.history.leads, len(mine))
            place[lead[mine]] = np.arange(len(mine))
            slots.append(texts.gather(mine).extend_constant(None, 1).gather(place).alias(f"{name}{slot}"))
        return slots

    def _texts(self, number: Ints, lead: Ints) -> pl.Series:
        """Return what reasons call each line; the value of a table stands after the name of its rule."""
        rows, tables = self.ledger.rows, [rule is not None and rule.called_by_value for rule in self._by_row]
        frame = pl.DataFrame(
            {
                "text": self.ledger.names(number, lead),
                "rule": pl.Series([row.name for row in rows], dtype=pl.String).gather(number),
                "table": pl.Series(tables, dtype=pl.Boolean).gather(number),
            }
        )
        bare = pl.col("table") & ~pl.col("text").str.starts_with(pl.col("rule"))
        named = pl.concat_str("rule", pl.lit(": "), "text")
        return frame.select(pl.when(bare).then(named).otherwise("text")).to_series()

    @property
    def _by_row(self) -> list[BaseRule | None]:
        return [self.ledger.rules.get(number) for number in range(len(self.ledger.rows))]


def quiet_since(card: Scorecard, likelihood: Likelihood, ledger: Ledger) -> pl.Series:
    """Return since when nothing happened that counts, where that lowers the chance; null else."""
    history, rows = ledger.history, sorted(ledger.counted)
    falls = any(count.weight > 0 for count in likelihood.counts) or (likelihood.age and likelihood.age.weight < 0)
    if not rows or not falls:
        return nothing_said(ledger)
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


def nothing_said(ledger: Ledger) -> pl.Series:
    """Return that nothing is said of silence for any lead."""
    return pl.Series([None], dtype=pl.String).new_from_index(0, ledger.history.leads)
