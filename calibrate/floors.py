"""The number of conversions needed for each kind of result."""

from dataclasses import dataclass
from typing import Final, Literal

from vocabulary.outputs import Of

DECLINE: Final = 40
RANKING: Final = 120
ROUGH: Final = 320
FIT, FIT_WELL = 20, 40
"""The fewest conversions in the training part, and those to have if a shorter horizon gives them."""
TEST: Final = 30
FEW_RULES: Final = 6
MOST_RULES: Final = 35
CONVERSIONS_OF_RULE: Final = 10
"""The conversions that each rule of a card needs."""

Standing = Literal["declined", "ranking only", "rough", "calibrated"]


@dataclass(frozen=True)
class Floor:
    """The results that the number of conversions allows."""

    standing: Standing
    message: str
    most_rules: int

    @property
    def percentages(self) -> bool:
        """Return whether there are enough conversions to write a likelihood."""
        return self.standing in {"rough", "calibrated"}


def floor(conversions: int, others: int, units: Of = "leads") -> Floor:
    """Return the floor for these numbers of converted and unconverted leads."""
    fewer = min(conversions, others)
    what = "conversions" if conversions <= others else f"{units} that did not convert"
    if fewer < DECLINE:
        return Floor("declined", f"{fewer} {what} are too few to learn from: {DECLINE - fewer} more are needed.", 0)
    if fewer < RANKING:
        return Floor(
            "ranking only",
            f"{fewer} {what} are enough for a ranking with few rules, but not for percentages, which need {RANKING}.",
            FEW_RULES,
        )
    if fewer < ROUGH:
        return Floor(
            "rough",
            f"{fewer} {what}: the percentages are rough. {ROUGH} are needed for accurate ones.",
            _most(fewer),
        )
    return Floor("calibrated", f"{fewer:,} {what} are enough for points and percentages.", _most(fewer))


def _most(conversions: int) -> int:
    return min(MOST_RULES, conversions // CONVERSIONS_OF_RULE)
