"""How many of some leads are expected to convert, with an interval."""

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from scoring.likelihood import HIGH, LOW, Likelihood
from scoring.uncertainty import SPREAD
from vocabulary.arrays import Floats
from vocabulary.outputs import LIKELIHOOD

PERCENT = 100.0
LEAST = 1e-4


@dataclass(frozen=True, slots=True)
class Expected:
    """The conversions that are expected of some leads within a horizon, and the bounds of nine cases in ten."""

    leads: int
    conversions: float
    low: int
    high: int
    days: float | None
    """The horizon; None if the likelihood was fitted on a table without dates."""

    @property
    def sentence(self) -> str:
        """Return it in words."""
        within = "" if self.days is None else f" within {self.days:g} days"
        bounds = f"({self.low:,} to {self.high:,})"
        return f"Of these {self.leads:,}, {count_said(self.conversions)} are expected to convert{within} {bounds}."


def count_said(conversions: float) -> str:
    """Return a number of conversions, with a decimal if there are few."""
    return f"{conversions:,.0f}" if conversions >= 10 else f"{conversions:.1f}"  # noqa: PLR2004 - as read


def expected(likelihood: Likelihood, found: pl.DataFrame) -> Expected:
    """Return what is expected of leads with these likelihoods and, where they are known, their intervals.

    Two things are uncertain: who of them converts, and the likelihoods themselves. What the weights of the likelihood
    get wrong counts as wrong for all of them in the same direction, since those who are called have much in common;
    what single rules get wrong evens out.
    """
    known = found.drop_nulls(LIKELIHOOD)
    chance = known[LIKELIHOOD].to_numpy() / PERCENT
    by_chance, shared = chance * (1 - chance), np.zeros(len(chance))
    variance = float(by_chance.sum())
    if likelihood.uncertainty is not None and {LOW, HIGH} <= set(known.columns):
        rest = likelihood.uncertainty.rest
        whole = ((_odds(known[HIGH]) - _odds(known[LOW])) / (2 * SPREAD)) ** 2
        shared = by_chance * np.sqrt(np.maximum(0.0, whole - rest))
        variance += float(shared.sum()) ** 2 + rest * float((by_chance**2).sum())
    conversions, margin = float(chance.sum()), SPREAD * math.sqrt(variance)
    low, high = math.floor(max(0.0, conversions - margin)), math.ceil(min(len(chance), conversions + margin))
    return Expected(len(chance), round(conversions, 2), low, high, likelihood.horizon)


def _odds(percent: pl.Series) -> Floats:
    share = np.clip(percent.to_numpy() / PERCENT, LEAST, 1 - LEAST)
    odds: Floats = np.log(share / (1 - share))
    return odds
