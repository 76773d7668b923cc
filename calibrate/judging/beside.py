"""What a rule of the current card would get beside the learned ones, and so why it is dropped."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from scipy.stats import norm

from calibrate.card.rules import matrix
from calibrate.judging.gate import STABLE
from calibrate.learning.learn import Learned
from calibrate.learning.selection import hurdle
from calibrate.past.panel import Codes, Panel
from calibrate.statistics.fit import Floats, logistic, with_intercept

ROWS: Final = 20_000
HALF_OF_INSIDE: Final = 1.645
"""The standard errors from the middle to the end of a 90 % interval, which learned rules have too."""
REPEATED: Final = 0.05
"""The share of a rule's spread that the learned ones may leave open if they say the same."""
SAYS_THE_SAME: Final = 0.3
"""The correlation from which a learned rule is named as the one that says the same."""


@dataclass(frozen=True)
class Weight:
    """Log-odds with their standard error, which allows for groups of leads."""

    value: float
    error: float

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of the 90 % interval."""
        return self.value - HALF_OF_INSIDE * self.error, self.value + HALF_OF_INSIDE * self.error

    @property
    def same_sign(self) -> float:
        """The share of samples that would agree on the sign."""
        return float(norm.cdf(abs(self.value) / self.error)) if self.error > 0 else 1.0

    @property
    def clear(self) -> bool:
        """Whether the interval is on one side of 0."""
        low, high = self.ends
        return low > 0 or high < 0

    @property
    def sure(self) -> bool:
        """Whether the interval is on one side of 0, and nearly all samples would agree on the sign."""
        return self.clear and self.same_sign >= STABLE


@dataclass(frozen=True)
class Beside:
    """The learned rules, to fit one more rule beside them."""

    learned: Learned
    train: Panel
    candidates: int
    most: int
    """The most rules that the card may have."""
    seed: int

    @cached_property
    def _rows(self) -> Codes:
        return self.train.some_rows(ROWS, np.random.default_rng(self.seed))

    @cached_property
    def _part(self) -> Panel:
        return self.train.take(self._rows)

    @cached_property
    def _columns(self) -> Floats:
        return matrix(self.learned.rules, self._part)

    @cached_property
    def _given(self) -> Floats:
        """What is in every fit: the intercept, and whether fields with telling emptiness are known."""
        known = self._part.filled_in
        return with_intercept(np.zeros((len(self._rows), 0)) if known is None else known)

    @cached_property
    def _offset(self) -> Floats:
        return self.learned.offset(self._part)

    def weight(self, column: Floats) -> Weight:
        """Return what the rule would get beside the learned ones. `column` is that of all snapshots."""
        return self._fitted(np.column_stack([self._columns, column[self._rows]]))

    def _alone(self, column: Floats) -> Weight:
        """Return what the rule would get by itself."""
        return self._fitted(column[self._rows][:, None])

    def _fitted(self, columns: Floats) -> Weight:
        part, design = self._part, np.column_stack([self._given, columns])
        fit = logistic(design, part.label, part.weight, offset=self._offset)
        _, place = np.unique(part.group, return_inverse=True)
        pushes = np.column_stack([np.bincount(place, one) for one in (design * fit.residual[:, None]).T])
        bread = np.linalg.inv(fit.information)
        spread = bread @ (pushes.T @ pushes) @ bread
        return Weight(float(fit.weights[-1]), float(np.sqrt(max(0.0, spread[-1, -1]))))

    def repeats(self, column: Floats) -> bool:
        """Return whether the learned rules together say what this one says, as opposites do."""
        design, asked = np.column_stack([self._given, self._columns]), column[self._rows]
        rest = asked - design @ np.linalg.lstsq(design, asked, rcond=None)[0]
        return bool(asked.var() > 0 and rest.var() <= REPEATED * asked.var())

    def closest(self, column: Floats) -> str:
        """Return the learned rule that goes most with this one, if one does."""
        alike = [_correlation(one, column[self._rows]) for one in self._columns.T]
        best = int(np.argmax(alike)) if alike else 0
        return self.learned.rules[best].name if alike and alike[best] >= SAYS_THE_SAME else "the rules above"

    def reason(self, column: Floats, beside: Weight) -> str:
        """Return why a rule that could be learned was not."""
        if not beside.clear and self._alone(column).clear:
            return f"Adds nothing beside {self.closest(column)}."
        if not beside.sure:
            return f"No clear difference: its sign would be the same in {beside.same_sign:.0%} of samples."
        if abs(beside.value) * self.learned.doubling / np.log(2) < 0.5:  # noqa: PLR2004 - rounds to no point
            return "Worth less than half a point."
        if (beside.value / beside.error) ** 2 < hurdle(self.candidates):
            return f"Not clearer than the best of {self.candidates:,} candidates may be by chance."
        if len(self.learned.rules) >= self.most:
            return f"The card has its most rules already ({self.most}), and they say more."
        return "Not chosen: at each step another rule said more."


def _correlation(one: Floats, other: Floats) -> float:
    spread = one.std() * other.std()
    return abs(float(np.mean((one - one.mean()) * (other - other.mean())) / spread)) if spread > 0 else 0.0
