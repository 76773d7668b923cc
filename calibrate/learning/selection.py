"""Selects rules one by one with score tests, inside the snapshots that are learned from."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix

from calibrate.card.halflife import CAPS, GRID
from calibrate.card.rules import ActivityRule, Candidate, LeadRule, NumberRule, matrix
from calibrate.learning import shapes, thresholds
from calibrate.learning.amounts import AmountRule
from calibrate.learning.refit import CLEARLY, alone, fitted, without
from calibrate.past.panel import Mask, Panel
from calibrate.statistics.fit import Fit, Floats

ENOUGH: Final = 6.0
"""A rule is added if its score test (chi-square, one degree of freedom) reaches at least this; see `hurdle`."""
CLEAR: Final = 2.0
"""How much the best candidate must exceed what the best of as many reaches by chance."""
SELECTION_ROWS: Final = 40_000
ROWS_OF_CORRELATIONS: Final = 2_000
ROUNDING: Final = 1e-9
GAIN_OF_CAP: Final = 4.0
"""A cap is added if it raises the score test by this much over counting without a cap."""
GAIN_OF_CUT: Final = 4.0
"""A finer threshold is used if it raises the score test by this much."""

Signs = Mapping[str, str]


def hurdle(candidates: float, found: int = 0) -> float:
    """Return the score test that the best of this many independent candidates must reach to be better than chance.

    It falls with what was found before, so that about a tenth of all that is found in the end may be there by chance
    (Abramovich, Benjamini, Donoho and Johnstone 2006); of noise alone nothing is found.
    """
    return max(ENOUGH, 2 * math.log(max(1.0, candidates / (1 + found))) + CLEAR)


def independent(columns: csc_matrix) -> float:
    """Return how many independent columns would be as many as these, from their correlations (Li and Ji 2005).

    The thresholds of a number, or a condition and its opposite, are nearly the same candidate.
    """
    rows = columns[:: max(1, columns.shape[0] // ROWS_OF_CORRELATIONS)].toarray().astype(np.float64)
    spread = rows.std(axis=0)
    standard = (rows - rows.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    roots = np.linalg.eigvalsh(standard.T @ standard / max(1, len(rows))) + ROUNDING
    return float(((roots >= 1) + roots - np.floor(roots))[roots > 0].sum())


@dataclass(frozen=True)
class Candidates:
    """The candidates for rules: conditions on lead fields, and signals."""

    lead: tuple[LeadRule | NumberRule, ...]
    activity: tuple[ActivityRule, ...]
    """One per signal; half-life and cap are found during selection."""

    @property
    def only_activity(self) -> "Candidates":
        """Return only the signals."""
        return Candidates((), self.activity)

    @property
    def without_amounts(self) -> "Candidates":
        """Return them without points per unit, but for those of the current card."""
        return Candidates(tuple(rule for rule in self.lead if not isinstance(rule, AmountRule)), self.activity)


@dataclass(frozen=True)
class Pool:
    """The candidates on lead fields with their columns, which stay the same from step to step."""

    rules: Sequence[LeadRule | NumberRule]
    columns: csc_matrix
    squares: csc_matrix
    independent: float


@dataclass(frozen=True)
class Pick:
    """The best candidate of a step, with its score test."""

    rule: Candidate
    gain: float


def forward(
    candidates: Candidates, panel: Panel, signs: Signs, most: int, offset: Floats, given: Sequence[Candidate] = ()
) -> list[Candidate]:
    """Add the candidate that improves the given rules most, as long as one improves them enough."""
    rules = list(given)
    sparse = csc_matrix(matrix(candidates.lead, panel).astype(np.float32)) if candidates.lead else None
    pool = None if sparse is None else Pool(candidates.lead, sparse, sparse.power(2), independent(sparse))
    while len(rules) < most:
        fit, design = fitted(rules, panel, offset)
        picks = [_best_lead(pool, design, fit, signs, rules)]
        free = [rule for rule in candidates.activity if not _taken(rule, rules)]
        picks += [_best_activity(rule, panel, design, fit, signs, hurdle(len(candidates.activity))) for rule in free]
        best = max((pick for pick in picks if pick), key=lambda pick: pick.gain, default=None)
        if best is None:
            break
        rules.append(_sharpened(best, candidates.lead, panel, (fit, design)))
    return shapes.best(rules, candidates.lead, panel, offset)


def _sharpened(
    pick: Pick, known: Sequence[LeadRule | NumberRule], panel: Panel, model: tuple[Fit, Floats]
) -> Candidate:
    """Return the rule with a threshold near by that is clearly better, if there is one."""
    variants = thresholds.finer(pick.rule, known, panel)
    if not variants:
        return pick.rule
    columns, (fit, design) = matrix(variants, panel), model
    _, gain = score_tests(columns, columns, design, fit)
    best = int(gain.argmax())
    return variants[best] if gain[best] > pick.gain + GAIN_OF_CUT else pick.rule


def _taken(rule: ActivityRule, rules: Sequence[Candidate]) -> bool:
    return any(isinstance(other, ActivityRule) and other.signal == rule.signal for other in rules)


def _best_lead(pool: Pool | None, design: Floats, fit: Fit, signs: Signs, taken: Sequence[Candidate]) -> Pick | None:
    if pool is None:
        return None
    push, gain = score_tests(pool.columns, pool.squares, design, fit)
    gain[[rule in taken or not allowed(rule, push[number], signs) for number, rule in enumerate(pool.rules)]] = 0
    measured = shapes.numbers(taken)
    gain[[isinstance(rule, NumberRule) and rule.measured in measured for rule in pool.rules]] = 0
    gain[_opposite(pool, design[:, 1 : len(taken) + 1])] = 0
    found = sum(not isinstance(rule, ActivityRule) for rule in taken)
    return _pick(pool.rules, gain, hurdle(pool.independent, found))


def _opposite(pool: Pool, taken: Floats) -> Mask:
    """Return which candidates are met by exactly those that do not meet one of the taken rules.

    The ridge draws points towards zero, so the rest would seem to be something new.
    """
    apart = pool.columns.T @ taken == 0
    in_all = pool.columns.sum(axis=0).A1[:, None] + taken.sum(axis=0) == len(taken)
    opposite: Mask = (apart & in_all).any(axis=1)
    return opposite


def _pick(rules: Sequence[Candidate], gain: Floats, wanted: float) -> Pick | None:
    best = int(gain.argmax())
    return Pick(rules[best], float(gain[best])) if gain[best] >= wanted else None


def _best_activity(
    rule: ActivityRule, panel: Panel, design: Floats, fit: Fit, signs: Signs, wanted: float
) -> Pick | None:
    """Find the half-life of a signal, and a cap if one helps clearly. Only `ever` may take points."""
    variants = [
        *(replace(rule, half_life=place, cap=cap) for cap in CAPS for place in range(len(GRID))),
        replace(rule, ever=True),
    ]
    columns = matrix(variants, panel)
    push, gain = score_tests(columns, columns**2, design, fit)
    price = np.array([GAIN_OF_CAP * (variant.cap is not None) for variant in variants])
    fits = [
        (push[number] < 0) == variant.ever and allowed(variant, push[number], signs)
        for number, variant in enumerate(variants)
    ]
    net = np.where(fits, gain - price, 0.0)
    return _pick(variants, net, wanted)


def score_tests(
    columns: csc_matrix | Floats, squares: csc_matrix | Floats, design: Floats, fit: Fit
) -> tuple[Floats, Floats]:
    """Return the direction and the score statistic of each column, given the rules in the model."""
    push = np.asarray(columns.T @ fit.residual).ravel()
    shared = np.asarray(columns.T @ (design * fit.curvature[:, None]))
    explained = (shared @ np.linalg.inv(fit.information) * shared).sum(axis=1)
    own = np.asarray(squares.T @ fit.curvature).ravel()
    free = own - explained
    usable = free > 1e-6 * np.maximum(own, 1e-12)
    return push, np.where(usable, push**2 / np.where(usable, free, 1.0), 0.0)


def allowed(rule: Candidate, push: float, signs: Signs) -> bool:
    """Return whether the user's signs allow a rule in this direction."""
    wanted = {signs[subject] for subject in rule.subjects if subject in signs}
    return not wanted or wanted == {"+" if push > 0 else "-"}


def best_decay(rules: Sequence[Candidate], panel: Panel, offset: Floats, sweeps: int = 2) -> list[Candidate]:
    """Find the half-life of each activity rule with all others in the model; none unless decay helps clearly."""
    current = list(rules)
    for _ in range(sweeps):
        for number, rule in enumerate(current):
            if isinstance(rule, ActivityRule) and not rule.ever:
                current[number] = _decay_of(number, rule, current, panel, offset)
    return current


def _decay_of(
    number: int, rule: ActivityRule, rules: Sequence[Candidate], panel: Panel, offset: Floats
) -> ActivityRule:
    others, _ = without(number, rules, panel, offset)
    variants = [
        replace(rule, half_life=place, cap=cap)
        for place in range(len(GRID))
        for cap in ({rule.cap, None} if rule.cap else {None})
    ]
    gains = [_gain(variant, panel, others) - CLEARLY * (variant.half_life > 0) for variant in variants]
    return variants[int(np.argmax(gains))]


def _gain(rule: ActivityRule, panel: Panel, others: Floats) -> float:
    """Return the log-likelihood with this rule refitted, if it does not take points, and the others fixed."""
    weight, likelihood = alone(rule, panel, others)
    return -np.inf if weight < 0 else likelihood


def folds(panel: Panel, number: int, seed: int) -> NDArray[np.int64]:
    """Return a fold for each row; a group stays together."""
    groups, place = np.unique(panel.group, return_inverse=True)
    shuffled = np.random.default_rng(seed).permutation(len(groups)) % number
    return shuffled[place]
