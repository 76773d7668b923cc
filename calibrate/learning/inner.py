"""Inner validation: ways to choose rules are compared on groups that are held out of what is learned from."""

from typing import Final

import numpy as np

from calibrate.card.rules import design, ridges
from calibrate.learning.selection import Candidates, Signs, folds, forward
from calibrate.past.panel import Panel
from calibrate.statistics.fit import Floats, log_likelihood, logistic

FOLDS: Final = 3
ROWS: Final = 12_000
SEED: Final = 0


def per_unit_pays(found: Candidates, panel: Panel, signs: Signs, most: int, offset: Floats) -> bool:
    """Return whether rules with points per unit among them predict others better than rules without any."""
    without = found.without_amounts
    if len(without.lead) == len(found.lead):
        return True
    rows = panel.some_rows(ROWS, np.random.default_rng(SEED))
    part, beside = panel.take(rows), offset[rows]
    foretold = [_held_out(pool, part, signs, most, beside) for pool in (found, without)]
    return foretold[0] > foretold[1]


def _held_out(pool: Candidates, panel: Panel, signs: Signs, most: int, offset: Floats) -> float:
    """Return the log-likelihood of each part of the groups under the rules chosen and fitted on the others."""
    fold, total = folds(panel, FOLDS, SEED), 0.0
    for number in range(FOLDS):
        seen, held = panel.take(fold != number), panel.take(fold == number)
        given = offset[fold != number]
        rules = forward(pool, seen, signs, most, given)
        fit = logistic(design(rules, seen), seen.label, seen.weight, ridge=ridges(rules), offset=given)
        odds = design(rules, held) @ fit.linear + offset[fold == number]
        total += log_likelihood(odds, held.label, held.weight)
    return total
