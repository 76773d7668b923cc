"""Fits of rules, and refits of one rule while the others stay as they are, to choose among its variants."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from calibrate.card.rules import Candidate, design, ridges
from calibrate.past.panel import Panel
from calibrate.statistics.fit import Fit, Floats, log_likelihood, logistic, with_intercept

CLEARLY: Final = 1.92
"""The gain in log-likelihood that counts as clear: half the 95 % quantile of chi-square with one degree."""


def fitted(rules: Sequence[Candidate], panel: Panel, offset: Floats) -> tuple[Fit, Floats]:
    """Return the fit of the rules beside the offset, and its design, ones first."""
    columns = design(rules, panel)
    return logistic(columns, panel.label, panel.weight, ridge=ridges(rules), offset=offset), columns


def without(place: int, rules: Sequence[Candidate], panel: Panel, offset: Floats) -> tuple[Floats, float]:
    """Return the log-odds of all rules but one where all are fitted together, and the weight of that one."""
    fit, columns = fitted(rules, panel, offset)
    others = np.delete(columns, place + 1, axis=1) @ np.delete(fit.linear, place + 1) + offset
    return others, float(fit.weights[place])


def alone(rule: Candidate, panel: Panel, beside: Floats) -> tuple[float, float]:
    """Return the weight of a rule that is fitted beside the log-odds of others, and the log-likelihood then."""
    columns = with_intercept(rule.column(panel)[:, None].astype(np.float64))
    fit = logistic(columns, panel.label, panel.weight, ridge=ridges([rule]), offset=beside, start=np.zeros(2))
    return float(fit.weights[0]), log_likelihood(columns @ fit.linear + beside, panel.label, panel.weight)
