"""What the counts say about a value: how much more often won leads have it, and the points that suggests."""

from dataclasses import dataclass
from math import log2, sqrt
from statistics import NormalDist
from typing import Final

from vocabulary.survey import Band, Count, SurveyedField

_MOST: Final = 12
_LEAST: Final = -6
_PER_DOUBLING: Final = 6
_BY_CHANCE: Final = 0.1
"""How many values of a field may seem to differ although none does."""
ENOUGH: Final = 30
"""Won leads needed before anything is suggested from them."""
_LATE: Final = 1.5
"""A field that won leads have filled this much more often is probably filled because they were won."""
RARE: Final = 0.05
"""A field that is filled more rarely is left out."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How many leads, and how many won leads, have a value, of those whose field is filled."""

    leads: int
    of: int
    won: int
    of_won: int
    compared: int = 1
    """How many values of the field are compared: of many, some differ by chance."""

    @classmethod
    def of_value(cls, found: SurveyedField, one: Count | Band) -> "Evidence":
        """Return the counts of one value or band of a field."""
        compared = max(len(found.values), len(found.bands), 1)
        return cls(one.leads, found.leads.filled, one.won, found.won.filled, compared)

    @property
    def expected(self) -> float:
        """How many won leads would have the value if they were like all leads."""
        return self.of_won * self.leads / self.of if self.of else 0.0

    @property
    def times(self) -> float:
        """How many times as often won leads have the value, drawn towards 1 where the numbers are small."""
        return (self.won + 1) / (self.expected + 1)

    @property
    def is_clear(self) -> bool:
        """Whether the difference is larger than chance easily makes it."""
        deviations = NormalDist().inv_cdf(1 - _BY_CHANCE / self.compared / 2)
        return self.of_won >= ENOUGH and abs(self.won - self.expected) >= deviations * sqrt(max(self.expected, 1.0))

    @property
    def points(self) -> int:
        """The points that a clear difference suggests: 6 for twice as often, 12 at most, -6 at least."""
        if not self.is_clear:
            return 0
        return max(min(round(_PER_DOUBLING * log2(self.times)), _MOST), _LEAST)

    def __str__(self) -> str:
        """Return the counts in words."""
        said = f"{self.leads:,} of {self.of:,} leads{_share(self.leads, self.of)}"
        if self.of_won < ENOUGH:
            return said
        chance = "" if self.is_clear else " (may be chance)"
        won = f"{self.won:,} of {self.of_won:,} won{_share(self.won, self.of_won)}"
        return f"{said}; {won}: {self.times:.1f} times as often{chance}"


def filled(found: SurveyedField) -> str:
    """Return how full a field is, in words."""
    looked = found.leads
    return f"filled for {looked.filled:,} of {looked.records:,} leads{_share(looked.filled, looked.records)}"


def is_late(found: SurveyedField) -> bool:
    """Return whether a field seems to be filled because a lead was won, so that it foretells nothing."""
    return found.won.filled >= ENOUGH and found.won.share > _LATE * found.leads.share


def _share(part: int, whole: int) -> str:
    return f" ({part / whole:.0%})" if whole else ""
