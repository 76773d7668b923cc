"""Turns points into a chance: Platt scaling on out-of-fold points, with age and decayed counts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.optimize import brentq, minimize

from calibrate.card.halflife import GRID
from calibrate.card.rules import ActivityRule, Candidate, matrix, reaches, ridges
from calibrate.card.rules import design as design_of
from calibrate.learning.selection import folds
from calibrate.past.panel import Mask, Panel
from calibrate.statistics.fit import Floats, logistic, sigmoid, whole_points
from scoring.likelihood import Age, DecayedCount

FOLDS: Final = 5
AGE_UNITS: Final = (7.0, 30.0, 90.0, 365.0)
"""Days; the longer, the more evenly the chance falls with age."""
USUAL_HALF_LIFE: Final = 30.0
SMALLEST_WEIGHT: Final = 0.01
RIDGE: Final = 5.0
ROWS: Final = 60_000
SHRINK: Final = 20.0
"""The conversions, as observed as expected, that hold the base rate back."""
FURTHEST: Final = 20.0
"""The log-odds that it moves by at most."""
UPDATE_SHARE, UPDATE_CONVERSIONS = 1 / 3, 200
"""The newest snapshots are this share of them, or more until they hold this many conversions."""


@dataclass(frozen=True)
class Chance:
    """The fitted likelihood, evaluated on panels. `Likelihood` has the same numbers for scoring."""

    intercept: float
    per_point: float
    age: Age | None
    counts: tuple[DecayedCount, ...]

    @property
    def weights(self) -> Floats:
        """Return the weight of each term: intercept, points, age if it counts, counts."""
        aged = [] if self.age is None else [self.age.weight]
        return np.array([self.intercept, self.per_point, *aged, *(count.weight for count in self.counts)])

    def terms(self, points: Floats, panel: Panel) -> Floats:
        """Return what each weight is multiplied with, one row per snapshot."""
        aged = [] if self.age is None else [_aged(panel, self.age.unit)]
        return np.column_stack([np.ones(len(panel)), points, *aged, *(_counted(panel, one) for one in self.counts)])

    def log_odds(self, points: Floats, panel: Panel) -> Floats:
        """Return the log-odds of each snapshot."""
        return np.asarray(self.terms(points, panel) @ self.weights)

    def of(self, points: Floats, panel: Panel) -> Floats:
        """Return the chance of each snapshot."""
        return sigmoid(self.log_odds(points, panel))

    def levelled(self, points: Floats, panel: Panel) -> "Chance":
        """Return the chance that is right on average, after what was fitted beside it is thrown away."""
        odds = self.log_odds(points, panel)
        ones = np.ones((len(panel), 1))
        shift = logistic(ones, panel.label, panel.weight, offset=odds, start=np.zeros(1)).intercept
        return replace(self, intercept=self.intercept + shift)

    def moved(self, points: Floats, panel: Panel) -> "Chance":
        """Move the base rate towards that of the newest snapshots, further the more conversions they have.

        Their chances then add up to (observed + 20) / (expected + 20) of what they were.
        """
        late = _late(panel)
        part, odds = panel.take(late), self.log_odds(points, panel)[late]
        expected, observed = part.weight @ sigmoid(odds), part.weight @ part.label
        wanted = expected * (observed + SHRINK) / (expected + SHRINK)
        shift = brentq(lambda by: float(part.weight @ sigmoid(odds + by) - wanted), -FURTHEST, FURTHEST)
        return replace(self, intercept=self.intercept + float(shift))


def newest(panel: Panel) -> Panel:
    """Return the snapshots that the base rate is moved towards."""
    return panel.take(_late(panel))


def _late(panel: Panel) -> Mask:
    """Return which snapshots are the newest third, or as many as hold enough conversions."""
    since = float(np.quantile(panel.moment, 1 - UPDATE_SHARE))
    order = np.argsort(-panel.moment, kind="stable")
    held = np.cumsum((panel.label * panel.weight)[order])
    enough = min(int(np.searchsorted(held, UPDATE_CONVERSIONS)), len(order) - 1)
    return panel.moment >= min(since, float(panel.moment[order[enough]]))


def out_of_fold(rules: Sequence[Candidate], panel: Panel, offset: Floats, doubling: int, seed: int) -> Floats:
    """Return the points of each snapshot from fits without its group, including locked rules."""
    columns, fold = matrix(rules, panel), folds(panel, FOLDS, seed)
    design, weight = design_of(rules, panel), panel.weight
    points = np.zeros(len(panel))
    for number in range(FOLDS):
        seen, held = fold != number, fold == number
        fit = logistic(design[seen], panel.label[seen], weight[seen], ridge=ridges(rules), offset=offset[seen])
        points[held] = columns[held] @ whole_points(fit.weights[: len(rules)], doubling, reaches(rules))
    return points if panel.locked is None else points + panel.locked


def fitted(points: Floats, panel: Panel, rules: Sequence[Candidate], seed: int) -> Chance:
    """Fit the chance on out-of-fold points, with bounds that keep it from rising while nothing happens."""
    rows = panel.some_rows(ROWS, np.random.default_rng(seed))
    part, part_points = panel.take(rows), points[rows]
    counts = _counts(part, rules)
    beta, unit = _best(part, [part_points / 10, *(_counted(part, count) for count in counts)])
    age = None if part.age is None else Age(weight=beta[-1], unit=unit, unknown=max(1.0, float(part.age.mean())))
    kept = [count.model_copy(update={"weight": float(weight)}) for count, weight in zip(counts, beta[2:], strict=False)]
    chance = Chance(
        float(beta[0]), float(beta[1]) / 10, age, tuple(count for count in kept if count.weight >= SMALLEST_WEIGHT)
    )
    return chance if part.filled_in is None else chance.levelled(part_points, part)


def _best(panel: Panel, columns: Sequence[Floats]) -> tuple[Floats, float]:
    """Return the weights of one, the columns and at the end the age, with the unit of age that fits best."""
    known = np.zeros((len(panel), 0)) if panel.filled_in is None else panel.filled_in
    free: tuple[float | None, float | None] = (None, None)
    bounds = [free, *([(0.0, None)] * len(columns)), *([free] * known.shape[1])]
    design = np.column_stack([np.ones(len(panel)), *columns, known])
    if panel.age is None:
        return _bounded(design, panel.label, panel.weight, bounds)[0], AGE_UNITS[0]
    tried = []
    for unit in AGE_UNITS:
        aged = _aged(panel, unit)
        scale = max(float(aged.std()), SMALLEST_WEIGHT)
        with_age = np.column_stack([design, aged / scale])
        beta, loss = _bounded(with_age, panel.label, panel.weight, [*bounds, (None, 0.0)])
        beta[-1] = min(0.0, beta[-1] / scale)
        tried.append((loss, unit, beta))
    _, unit, beta = min(tried, key=lambda one: one[:2])
    return beta, unit


def _bounded(
    design: Floats, label: Floats, weight: Floats, bounds: list[tuple[float | None, float | None]]
) -> tuple[Floats, float]:
    """Return the weights and their loss."""
    penalty = np.full(design.shape[1], RIDGE)
    penalty[:2] = 0.0
    start = np.zeros(design.shape[1])
    rate = np.clip(np.average(label, weights=weight), 1e-4, 1 - 1e-4)
    start[0] = np.log(rate / (1 - rate))

    def loss(beta: Floats) -> tuple[float, Floats]:
        odds = design @ beta
        value = weight @ (np.logaddexp(0.0, odds) - label * odds) + penalty @ beta**2 / 2
        return float(value), design.T @ (weight * (sigmoid(odds) - label)) + penalty * beta

    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500})
    return np.asarray(found.x), float(found.fun)


def _counts(panel: Panel, rules: Sequence[Candidate]) -> list[DecayedCount]:
    """Return one count for each kind, with its rule's half-life or a default."""
    found = {rule.signal: rule.days for rule in rules if isinstance(rule, ActivityRule) and not rule.ever}
    kinds = [
        (number, signal.kinds[0])
        for number, signal in enumerate(panel.signals)
        if set(signal.condition) == {"kind"} and len(signal.kinds) == 1
    ]
    return [DecayedCount(kind=kind, half_life=found.get(number, USUAL_HALF_LIFE), weight=0.0) for number, kind in kinds]


def _aged(panel: Panel, unit: float) -> Floats:
    assert panel.age is not None
    return np.log2(1 + np.maximum(panel.age, 0) / unit)


def _counted(panel: Panel, count: DecayedCount) -> Floats:
    place = next(number for number, signal in enumerate(panel.signals) if signal.condition == {"kind": count.kind})
    return np.log1p(panel.counts[GRID.index(count.half_life)][:, place]).astype(np.float64)
