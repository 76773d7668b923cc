"""Ridge logistic regression, and its conversion to whole points."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MAX_POINTS: Final = 20
"""The maximum points of a single rule, positive or negative."""
DOUBLINGS: Final = (20, 15, 12, 10, 8, 7, 6, 5, 4, 3, 2)
"""Choices for the points that double the odds. The largest one that keeps all rules within `MAX_POINTS` is used."""
MOST_DOUBLINGS: Final = 4
"""How often the points of a single rule may double the odds, where locked rules or people set the scale."""
RIDGE: Final = 2.0
STEPS: Final = 25
TOLERANCE: Final = 1e-6
SMALLEST_PART: Final = 1e-3
"""A Newton step is not halved below this part."""
ROUNDING: Final = 1e-12
"""Likelihoods that differ by less count as equal."""


@dataclass(frozen=True)
class Fit:
    """Coefficients in log-odds, with a separate intercept, and residuals and curvature for the score tests."""

    intercept: float
    weights: Floats
    residual: Floats
    curvature: Floats
    information: Floats

    @property
    def linear(self) -> Floats:
        """Return intercept and weights as one vector."""
        return np.concatenate([[self.intercept], self.weights])


def sigmoid(x: Floats) -> Floats:
    """Return 1 / (1 + e^-x) without overflow."""
    return np.exp(-np.logaddexp(0.0, -x))


def with_intercept(columns: Floats) -> Floats:
    """Prepend a column of ones."""
    return np.column_stack([np.ones(len(columns)), columns])


def logistic(
    design: Floats,
    label: Floats,
    weight: Floats,
    *,
    ridge: float | Floats = RIDGE,
    offset: Floats | None = None,
    start: Floats | None = None,
) -> Fit:
    """Fit by Newton's method. The first column of `design` must be ones; the ridge does not apply to it.

    `ridge`: one for all, or one for each of the first columns after the ones; the others have the usual one.
    """
    penalty = np.full(design.shape[1], RIDGE)
    penalty[1 : None if isinstance(ridge, float) else 1 + len(ridge)] = ridge
    penalty[0] = 1e-9
    base = np.zeros(len(label)) if offset is None else offset
    problem = _Problem(design, label, weight, base, penalty)
    beta = _start(design, label, weight) if start is None else start.copy()
    for _ in range(STEPS):
        fit = problem.at(beta)
        step = np.asarray(np.linalg.solve(fit.information, design.T @ fit.residual - penalty * beta), np.float64)
        beta = problem.climbed(beta, step)
        if np.abs(step).max() < TOLERANCE:
            break
    return problem.at(beta)


@dataclass(frozen=True)
class _Problem:
    """A penalised likelihood to maximise."""

    design: Floats
    label: Floats
    weight: Floats
    base: Floats
    penalty: Floats

    def at(self, beta: Floats) -> Fit:
        """Return the fit at these coefficients."""
        chance = sigmoid(self.design @ beta + self.base)
        curvature = self.weight * chance * (1 - chance)
        information = (self.design * curvature[:, None]).T @ self.design + np.diag(self.penalty)
        return Fit(float(beta[0]), beta[1:], self.weight * (self.label - chance), curvature, information)

    def climbed(self, beta: Floats, step: Floats) -> Floats:
        """Return the coefficients after the step, shortened until the likelihood does not get worse."""
        height, size = self._height(beta), 1.0
        while size > SMALLEST_PART and self._height(beta + size * step) < height - abs(height) * ROUNDING:
            size /= 2
        return beta + size * step

    def _height(self, beta: Floats) -> float:
        linear = self.design @ beta + self.base
        return log_likelihood(linear, self.label, self.weight) - float(self.penalty @ beta**2) / 2


def _start(design: Floats, label: Floats, weight: Floats) -> Floats:
    beta = np.zeros(design.shape[1])
    rate = np.clip((weight @ label) / weight.sum(), 1e-6, 1 - 1e-6)
    beta[0] = np.log(rate / (1 - rate))
    return beta


def log_likelihood(linear: Floats, label: Floats, weight: Floats) -> float:
    """Return the weighted log-likelihood of labels under log-odds."""
    return float(weight @ log_likelihoods(linear, label))


def log_likelihoods(linear: Floats, label: Floats) -> Floats:
    """Return the log-likelihood of each label under its log-odds."""
    return label * linear - np.logaddexp(0.0, linear)


def doubling(weights: Sequence[float] | Floats) -> int:
    """Return how many points double the odds so that the strongest rule stays within the limit.

    Give the weight of a rule that may have a multiple of the limit as that part of it.
    """
    largest = max((abs(float(weight)) for weight in weights), default=0.0)
    fitting = [points for points in DOUBLINGS if largest * points / np.log(2) <= MAX_POINTS + 0.5]
    return fitting[0] if fitting else DOUBLINGS[-1]


def whole_points(weights: Floats, points_per_doubling: int, limits: Floats | float = 1.0) -> NDArray[np.int64]:
    """Return log-odds as whole points, cut to the limit, or to some doublings where given points set the scale.

    `limits`: the multiple of the limit that each rule may have.
    """
    exact = weights * points_per_doubling / np.log(2)
    most = max(MAX_POINTS, MOST_DOUBLINGS * points_per_doubling) * np.asarray(limits)
    points: NDArray[np.int64] = np.clip(np.rint(exact), -most, most).astype(np.int64)
    return points
