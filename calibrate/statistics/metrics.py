"""Metrics for rankings and chances, with intervals over groups of leads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from calibrate.statistics.fit import Floats, logistic, with_intercept

BINS: Final = 10
DRAWS: Final = 200
SMALLEST: Final = 1e-6


def auc(label: Floats, score: Floats, weight: Floats | None = None) -> float:
    """Return the chance that a converted lead scores higher than another. Ties count half; NaN with one class only."""
    order = np.argsort(score, kind="stable")
    return _auc_sorted(label[order], _ties(score[order]), np.ones(len(label)) if weight is None else weight[order])


def _ties(ordered: Floats) -> NDArray[np.int64]:
    """Return the start of each run of equal scores."""
    return np.flatnonzero(np.concatenate([[True], np.diff(ordered) > 0])) if len(ordered) else np.zeros(0, np.int64)


def _auc_sorted(label: Floats, starts: NDArray[np.int64], weight: Floats) -> float:
    if not len(label):
        return float("nan")
    wins = np.add.reduceat(weight * label, starts)
    losses = np.add.reduceat(weight * (1 - label), starts)
    pairs = wins.sum() * losses.sum()
    below = np.cumsum(losses) - losses / 2
    return float(wins @ below / pairs) if pairs > 0 else float("nan")


def auc_draws(label: Floats, scores: Mapping[str, Floats], group: NDArray[np.int64], seed: int) -> dict[str, Floats]:
    """Return the AUC of each score on bootstrap samples of the groups, the same samples for all scores."""
    generator = np.random.default_rng(seed)
    groups, place = np.unique(group, return_inverse=True)
    prepared = {
        name: (order := np.argsort(score, kind="stable"), label[order], _ties(score[order]))
        for name, score in scores.items()
    }
    draws = {name: np.full(DRAWS, np.nan) for name in scores}
    for draw in range(DRAWS):
        times = np.bincount(generator.integers(len(groups), size=len(groups)), minlength=len(groups))[place].astype(
            np.float64
        )
        for name, (order, sorted_label, starts) in prepared.items():
            draws[name][draw] = _auc_sorted(sorted_label, starts, times[order])
    return draws


def interval(draws: Floats, inside: float = 0.95) -> tuple[float, float]:
    """Return the bounds that contain this share of the draws."""
    sound = draws[~np.isnan(draws)]
    if not len(sound):
        return float("nan"), float("nan")
    edge = (1 - inside) / 2
    return float(np.quantile(sound, edge)), float(np.quantile(sound, 1 - edge))


def average_precision(label: Floats, score: Floats) -> float:
    """Return the mean precision over the ranking."""
    return float(average_precision_score(label, score)) if label.any() else float("nan")


def brier(label: Floats, chance: Floats) -> float:
    """Return the mean squared error of the chance."""
    return float(np.mean((chance - label) ** 2))


def slope(label: Floats, chance: Floats) -> float:
    """Return the calibration slope: 1 is right; below 1 the chances are too extreme."""
    clipped = np.clip(chance, SMALLEST, 1 - SMALLEST)
    odds = np.log(clipped / (1 - clipped))
    if odds.std() < SMALLEST or not 0 < label.mean() < 1:
        return float("nan")
    return float(logistic(with_intercept(odds[:, None]), label, np.ones(len(label)), ridge=1e-6).weights[0])


@dataclass(frozen=True)
class Bin:
    """Snapshots with about the same chance: predicted and observed rate."""

    said: float
    came: float
    snapshots: int
    conversions: int


def calibration(label: Floats, chance: Floats) -> tuple[Bin, ...]:
    """Return ten bins of equal size, by chance."""
    order = np.argsort(chance, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    return tuple(Bin(float(chance[p].mean()), float(label[p].mean()), len(p), int(label[p].sum())) for p in parts)


def expected_error(bins: tuple[Bin, ...]) -> float:
    """Return the mean gap between predicted and observed rate (ECE)."""
    total = sum(part.snapshots for part in bins)
    return sum(part.snapshots * abs(part.said - part.came) for part in bins) / total if total else float("nan")


def lift(label: Floats, score: Floats, share: float) -> float:
    """Return the conversion rate of the top share relative to the average; ties are split evenly."""
    rate = label.mean()
    return wins_in_top(label, score, share) / share if rate > 0 else float("nan")


def wins_in_top(label: Floats, score: Floats, share: float) -> float:
    """Return the share of conversions in the top share by score; ties at the edge are split evenly."""
    if not label.any():
        return float("nan")
    wanted = share * len(score)
    edge = np.sort(score)[::-1][max(0, int(np.ceil(wanted)) - 1)]
    above, tied = score > edge, score == edge
    part = (wanted - above.sum()) / tied.sum()
    return float((label[above].sum() + part * label[tied].sum()) / label.sum())


def gains(label: Floats, score: Floats, steps: int = 20) -> list[float]:
    """Return the share of conversions in the top 0 %, 5 %, … 100 %."""
    return [0.0, *(wins_in_top(label, score, step / steps) for step in range(1, steps + 1))]
