"""Gives the points of a number another shape once all rules are there, where that says clearly more."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from calibrate.card.rules import Candidate, LeadRule, NumberRule, design, ridges
from calibrate.past.panel import Panel
from calibrate.statistics.fit import Floats, log_likelihood, logistic, with_intercept

GAIN: Final = 1.92
"""The gain in log-likelihood that counts as clear: half the 95 % quantile of chi-square with one degree."""


def numbers(rules: Sequence[Candidate]) -> set[str]:
    """Return the numbers that rules give points per unit of."""
    return {rule.measured for rule in rules if isinstance(rule, NumberRule)}


def best(
    rules: Sequence[Candidate], known: Sequence[LeadRule | NumberRule], panel: Panel, offset: Floats
) -> list[Candidate]:
    """Return the rules with points per unit in the shape that is best beside all others; the sign stays."""
    current = list(rules)
    for place, rule in enumerate(current):
        if isinstance(rule, NumberRule):
            others = [one for one in known if isinstance(one, NumberRule) and one.measured == rule.measured]
            current[place] = _best(place, [rule, *(one for one in others if one != rule)], current, panel, offset)
    return current


def _best(
    place: int, variants: Sequence[Candidate], rules: Sequence[Candidate], panel: Panel, offset: Floats
) -> Candidate:
    columns = design(rules, panel)
    fit = logistic(columns, panel.label, panel.weight, ridge=ridges(rules), offset=offset)
    beside = np.delete(columns, place + 1, axis=1) @ np.delete(fit.linear, place + 1) + offset
    upwards = bool(fit.weights[place] > 0)
    alone = [_alone(one, panel, beside, upwards=upwards) - GAIN * (number > 0) for number, one in enumerate(variants)]
    return variants[int(np.argmax(alone))]


def _alone(rule: Candidate, panel: Panel, beside: Floats, *, upwards: bool) -> float:
    """Return the log-likelihood with this rule refitted, and the others fixed."""
    columns = with_intercept(rule.column(panel)[:, None].astype(np.float64))
    fit = logistic(columns, panel.label, panel.weight, ridge=ridges([rule]), offset=beside, start=np.zeros(2))
    same_sign = bool(fit.weights[0] > 0) == upwards
    return log_likelihood(columns @ fit.linear + beside, panel.label, panel.weight) if same_sign else -np.inf
