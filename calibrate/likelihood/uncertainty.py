"""How far the likelihood may be off: the uncertainty of its weights, of the points, and of what the card leaves out."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_matrix

from calibrate.card.rules import Candidate, matrix
from calibrate.likelihood import chances
from calibrate.likelihood.chances import Chance
from calibrate.past.panel import Panel
from calibrate.statistics.fit import RIDGE, Floats, sigmoid
from scoring.uncertainty import Uncertainty

DIGITS: Final = 4
TINY: Final = 1e-9
ROWS: Final = 20_000
"""The most snapshots that are looked through for what the card leaves out."""
BOUND: Final = 2.0
"""Standard errors by which the variance that the card leaves out may be larger than its estimate."""
SMALLEST: Final = 1e-3
"""A rule that differs less than this from what the chosen ones say, in standard deviations, is no other rule."""


def uncertainty(
    chance: Chance,
    points: Floats,
    panel: Panel,
    rules: Sequence[Candidate],
    others: Iterable[Sequence[Candidate]],
    recent: int,
) -> Uncertainty:
    """Return how far a chance may be off that was fitted on `panel`, where the rules give these points.

    `others`: what else might matter, in groups of which each says as much as the data allow beside the rules: the
    candidates, and finer thresholds of numbers; `recent`: the conversions that the base rate was moved to.
    """
    fit = _Refit.of(chance, points, panel, rules)
    projected, rest = fit.projected()
    projected[0, 0] += 1 / (recent + chances.SHRINK)
    triangle = [[_short(value) for value in row[:place]] for place, row in enumerate(projected, 1)]
    return Uncertainty(
        covariance=tuple(tuple(row) for row in triangle),
        rest=_short(rest + sum(_left_out(chance, points, panel, rules, group) for group in others)),
    )


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


@dataclass(frozen=True)
class _Refit:
    """All that a refit of rules, age and counts together has, at the fitted chances."""

    terms: Floats
    """What the weights of the likelihood are multiplied with."""
    design: Floats
    """The same with a column for each rule instead of the sum of the points."""
    ridge: Floats
    curvature: Floats
    residuals: csr_matrix
    """One row per group, one column per snapshot."""

    @classmethod
    def of(cls, chance: Chance, points: Floats, panel: Panel, rules: Sequence[Candidate]) -> "_Refit":
        terms = chance.terms(points, panel)
        said = sigmoid(terms @ chance.weights)
        locked = [] if panel.locked is None else [panel.locked]
        given, others = np.column_stack([matrix(rules, panel), *locked]), terms[:, 2:]
        sizes = ((0.0, 1), (RIDGE, len(rules)), (0.0, len(locked)), (chances.RIDGE, others.shape[1]))
        groups, place = np.unique(panel.group, return_inverse=True)
        residual = panel.weight * (panel.label - said)
        return cls(
            terms,
            np.hstack([terms[:, :1], given, others]),
            np.concatenate([np.full(columns, size) for size, columns in sizes]),
            panel.weight * said * (1 - said),
            csr_matrix((residual, (place, np.arange(len(panel)))), (len(groups), len(panel))),
        )

    def covariance(self) -> Floats:
        """Return the covariance of the weights under other samples of groups, with the squared bias of the ridge.

        The sandwich estimator over groups; the bias is that of weights drawn as the ridge assumes.
        """
        pushes = self.residuals @ self.design
        few = len(pushes) / max(1, len(pushes) - self.design.shape[1])
        information = (self.design * self.curvature[:, None]).T @ self.design + np.diag(self.ridge)
        inverse = np.linalg.pinv(information, rcond=TINY, hermitian=True)
        return np.asarray(inverse @ (few * pushes.T @ pushes + np.diag(self.ridge)) @ inverse)

    def projected(self) -> tuple[Floats, float]:
        """Return the covariance of the likelihood's weights, and the mean variance that they do not explain.

        Scoring knows the sum of the points and not each rule.
        """
        spread = self.covariance()
        way = np.linalg.lstsq(self.terms, self.design, rcond=TINY)[0]
        left = self.design - self.terms @ way
        return way @ spread @ way.T, max(0.0, float(np.trace(spread @ (left.T @ left)) / len(left)))


def _left_out(
    chance: Chance, points: Floats, panel: Panel, rules: Sequence[Candidate], others: Sequence[Candidate]
) -> float:
    """Return the variance of the log-odds that other candidates would explain, were their weights known.

    Their weights count as drawn around 0 with one variance, found by the method of moments: where a rule says
    something, leads of different groups push it in the same direction. The upper bound of the estimate is taken, since
    those that showed most of it were chosen.
    """
    rows = panel.some_rows(ROWS, np.random.default_rng(0))
    part = panel.take(rows)
    fit, columns = _Refit.of(chance, points[rows], part, rules), matrix(others, part)
    root = np.sqrt(fit.curvature)[:, None]
    columns -= fit.design @ np.linalg.lstsq(fit.design * root, columns * root, rcond=TINY)[0]
    size = np.sqrt((columns**2).mean(axis=0)) if len(part) else np.zeros(columns.shape[1])
    columns = columns[:, size > SMALLEST] / size[size > SMALLEST]
    if not columns.shape[1]:
        return 0.0
    pushes = fit.residuals @ columns
    agree = (pushes.sum(axis=0) ** 2 - (pushes**2).sum(axis=0)).sum()
    inner = float((((columns * fit.curvature[:, None]).T @ columns) ** 2).sum())
    variance = max(0.0, float(agree) / inner) + BOUND * math.sqrt(2 / inner)
    return float(variance * columns.shape[1])
