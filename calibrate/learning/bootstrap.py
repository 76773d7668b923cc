"""Bootstraps each rule's points: refits on resampled groups."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibrate.card.rules import Candidate, design, ridges
from calibrate.past.panel import Panel
from calibrate.statistics.fit import Floats, logistic
from calibrate.statistics.metrics import interval

ROWS = 25_000


@dataclass(frozen=True)
class Firmness:
    """The 90 % interval of a rule's log-odds, and the share of refits that agree on its sign."""

    low: float
    high: float
    same_sign: float


def firmness(
    rules: Sequence[Candidate], weights: Floats, panel: Panel, offset: Floats, draws: int, seed: int
) -> list[Firmness]:
    """Refit the rules on bootstrap samples of the groups."""
    if not rules:
        return []
    generator = np.random.default_rng(seed)
    rows = panel.some_rows(ROWS, generator)
    drawn = _refits(design(rules, panel)[rows], panel.take(rows), offset[rows], ridges(rules), draws, generator)
    return [
        Firmness(*interval(column, 0.9), float(np.mean(np.sign(column) == np.sign(weight))))
        for column, weight in zip(drawn.T, weights, strict=True)
    ]


def _refits(
    design: Floats, panel: Panel, offset: Floats, ridge: Floats, draws: int, generator: np.random.Generator
) -> Floats:
    groups, place = np.unique(panel.group, return_inverse=True)
    start = logistic(design, panel.label, panel.weight, ridge=ridge, offset=offset).linear
    refits = np.zeros((draws, len(ridge)))
    for draw in range(draws):
        times = np.bincount(generator.integers(len(groups), size=len(groups)), minlength=len(groups))[place]
        fit = logistic(design, panel.label, panel.weight * times, ridge=ridge, offset=offset, start=start)
        refits[draw] = fit.weights[: len(ridge)]
    return refits
