"""Chooses how far back activities count: 180 days, 365 or all, by what comes later in the training part."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from calibrate.card.halflife import GRID
from calibrate.options import USUAL_LOOK_BACK as USUAL
from calibrate.past.panel import Panel, some_of
from calibrate.past.signals import Events
from calibrate.past.snapshots import Moments
from calibrate.statistics.fit import log_likelihood, logistic, with_intercept

LONGER: Final = (365.0, np.inf)
DECAYS: Final = (None, 120.0)
"""The half-lives at which it matters what lies far back."""
CLEARLY: Final = 3.84
"""The gain in log-likelihood of what comes later that counts as clear."""
DAYS, ROWS = 60, 12_000
"""The most days, and snapshots on them, that it is tried on."""
FITTED: Final = 0.6
"""The share of them, the earlier ones, that is fitted on."""
FEWEST: Final = 20
"""Conversions among the earlier and among the later ones."""

Counts = tuple[NDArray[np.float32], ...]


@dataclass(frozen=True)
class Found:
    """The look-back in days, infinite for all, and how much better than the usual one it says what comes later."""

    days: float = USUAL
    gain: float = 0.0

    @property
    def why(self) -> str:
        """Return why it is not the usual one."""
        if self.days == USUAL:
            return ""
        which = "All known activities count" if np.isinf(self.days) else f"Activities of {self.days:g} days count"
        return f"{which}, because they tell conversions better than those of {USUAL:g} days. --look-back sets another."


def sampled(moments: Moments, generator: np.random.Generator) -> Moments:
    """Return some of the moments, on few days."""
    days = np.unique(moments.day)
    if len(days) > DAYS:
        days = generator.choice(days, DAYS, replace=False)
    return moments.take(some_of(np.flatnonzero(np.isin(moments.day, days)), ROWS, generator))


def of_those(events: Events, lead: NDArray[np.int64]) -> Events:
    """Return what these leads did."""
    theirs = np.isin(events.lead, lead)
    return Events(events.lead[theirs], events.signal[theirs], events.moment[theirs])


def longer(moments: Moments, events: Events) -> list[float]:
    """Return the look-backs that count more at some of the moments than the one before."""
    if not len(events.moment) or not len(moments.day):
        return []
    reach = float(moments.day.max() - events.moment.min())
    return [days for days, least in zip(LONGER, (USUAL, LONGER[0]), strict=True) if reach > least]


def chosen(panel: Panel, tried: list[float], counted: Callable[[float], Counts]) -> Found:
    """Return the look-back whose counts say best what comes later; a longer one only if it is clearly better.

    `panel` has the counts of the usual one; `counted` returns those of another.
    """
    begin = np.quantile(panel.moment, FITTED)
    early = panel.moment <= begin
    if min(panel.take(early).converted, panel.take(~early).converted) < FEWEST:
        return Found()
    usual = _later(panel, panel.counts, early)
    best = Found()
    for days in tried:
        gain = _later(panel, counted(days), early) - usual
        if gain > best.gain + CLEARLY:
            best = Found(days, gain)
    return best


def _later(panel: Panel, counts: Counts, early: NDArray[np.bool_]) -> float:
    """Return the log-likelihood of the later snapshots under a fit on the earlier ones."""
    blocks = [np.log1p(counts[GRID.index(decay)]).astype(np.float64) for decay in DECAYS]
    aged = [] if panel.age is None else [np.log2(1 + np.maximum(panel.age, 0) / 90.0)[:, None]]
    columns = np.hstack([*blocks, *aged])
    design = with_intercept(columns / np.maximum(columns.std(axis=0), 1e-6))
    weight = panel.weight
    fit = logistic(design[early], panel.label[early], weight[early])
    return log_likelihood(design[~early] @ fit.linear, panel.label[~early], weight[~early])
