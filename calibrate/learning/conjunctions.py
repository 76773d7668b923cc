"""Finds conjunctions: pairs of conditions that say more together than the rules that are there."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from calibrate.card.rules import Candidate, LeadRule
from calibrate.learning.refit import fitted
from calibrate.learning.selection import Signs, allowed, hurdle, score_tests
from calibrate.past.panel import Mask, Panel
from calibrate.statistics.fit import Fit, Floats

CONVERSIONS: Final = 300
"""With fewer, no conjunctions are looked for."""
MOST: Final = 12
FEWEST: Final = 30
"""The leads that must meet both conditions of a conjunction, and each condition without the other."""
FEWEST_EXPECTED: Final = 12.0
"""How many of them must be expected to convert, and how many not to: tests of rarer things are less certain."""
ENOUGH: Final = 12.0
CLEAR: Final = 2.0
"""How much more than a single condition a conjunction must reach, and at least `ENOUGH`."""
LOOKED_AT: Final = 100
"""How many pairs, the best at a first glance, are tested exactly in each step."""
GLANCED_ROWS: Final = 12_000

Pairs = NDArray[np.int64]
Narrow = NDArray[np.float32]


def added(
    singles: Sequence[LeadRule], rules: Sequence[Candidate], panel: Panel, signs: Signs, most: int, offset: Floats
) -> list[Candidate]:
    """Return the rules with conjunctions of any two singles, the best first, as long as one improves them enough."""
    longer = list(rules)
    if panel.converted < CONVERSIONS or not singles:
        return longer
    search = _Search(singles, panel, signs, {rule.name for rule in rules})
    while len(longer) < min(most, len(rules) + MOST):
        fit, design = fitted(longer, panel, offset)
        best = search.best(fit, design, longer)
        if best is None:
            break
        longer.append(best)
    return longer


@dataclass(frozen=True)
class _Search:
    """All pairs of conditions, each with the score test that it must reach."""

    singles: Sequence[LeadRule]
    panel: Panel
    signs: Signs
    chosen: set[str]
    """The names of the rules before any conjunction."""

    def best(self, fit: Fit, design: Floats, rules: Sequence[Candidate]) -> LeadRule | None:
        """Return the pair that clears its hurdle by most, given the rules in the model."""
        pairs = self._promising(fit)
        columns = self._columns[:, pairs[:, 0]] * self._columns[:, pairs[:, 1]]
        push, gain = score_tests(columns, columns, design, fit)
        found = sum(rule.name not in self.chosen for rule in rules)
        above = gain - self._hurdles(pairs, found)
        for place in np.argsort(-above):
            pair = self._pair(*pairs[place])
            if above[place] >= 0 and pair not in rules and allowed(pair, push[place], self.signs):
                return pair
        return None

    def _pair(self, one: int, other: int) -> LeadRule:
        return self.singles[one].both(self.singles[other])

    @cached_property
    def _columns(self) -> Narrow:
        return np.column_stack([rule.column(self.panel) for rule in self.singles])

    @cached_property
    def _glanced(self) -> tuple[NDArray[np.int64], Narrow]:
        """Return some rows, and the columns in them."""
        step = max(1, math.ceil(len(self.panel) / GLANCED_ROWS))
        rows = np.arange(0, len(self.panel), step)
        return rows, self._columns[rows]

    @cached_property
    def _sound(self) -> Mask:
        """Return which pairs, the smaller number first, are of two fields, with enough leads in and out of them."""
        _, columns = self._glanced
        both = columns.T @ columns * (self.panel.leads / max(1, len(columns)))
        each = np.diag(both)
        apart = np.array([[one.subjects != other.subjects for other in self.singles] for one in self.singles])
        least = np.minimum(both, np.minimum(each[:, None], each[None, :]) - both)
        rarer = min(self.panel.rate, 1 - self.panel.rate)
        sound: Mask = np.triu(apart & (least >= max(FEWEST, FEWEST_EXPECTED / rarer)), 1)
        return sound

    def _promising(self, fit: Fit) -> Pairs:
        """Return the pairs that explain most of what the rules leave, as far as can be told without each other."""
        rows, columns = self._glanced
        residual, curvature = (part[rows].astype(np.float32) for part in (fit.residual, fit.curvature))
        push, own = _crossed(columns, residual), _crossed(columns, curvature)
        free = own * (1 - own / curvature.sum())
        gain = np.where(self._sound, push**2 / np.maximum(free, 1e-9), 0.0).ravel()
        looked_at = np.argsort(-gain, kind="stable")[:LOOKED_AT]
        return np.column_stack(np.divmod(looked_at[gain[looked_at] > 0], len(self.singles)))

    def _hurdles(self, pairs: Pairs, found: int) -> Floats:
        """Return what chance alone reaches among all pairs of the same sort, by how many of their rules are chosen."""
        inside = np.array([rule.name in self.chosen for rule in self.singles])
        sort = np.add.outer(inside.astype(np.int64), inside)
        of_sort = np.bincount(sort[self._sound], minlength=3)
        among = of_sort[sort[pairs[:, 0], pairs[:, 1]]]
        return np.maximum([hurdle(int(number), found) + CLEAR for number in among], ENOUGH)


def _crossed(columns: Narrow, weight: Narrow) -> Narrow:
    """Return the weighted sum over the rows of each pair of columns."""
    return np.asarray((columns * weight[:, None]).T @ columns, np.float32)
