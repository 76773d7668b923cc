"""How many conversions what needs: below a floor, less is said."""

from dataclasses import dataclass
from typing import Final, Literal

DECLINE: Final = 40
RANKING: Final = 120
ROUGH: Final = 320
TEST: Final = 30
MOST_RULES: Final = 24
FEW_RULES: Final = 6

Standing = Literal["declined", "ranking only", "rough", "calibrated"]


@dataclass(frozen=True)
class Floor:
    """What the number of conversions allows."""

    standing: Standing
    message: str
    most_rules: int

    @property
    def percentages(self) -> bool:
        """Return whether a likelihood may be written."""
        return self.standing in {"rough", "calibrated"}


def floor(conversions: int, others: int) -> Floor:
    """Return what these numbers of converted and unconverted leads allow."""
    fewer = min(conversions, others)
    what = "conversions" if conversions <= others else "leads that did not convert"
    if fewer < DECLINE:
        return Floor("declined", f"{fewer} {what} are too few to learn from: {DECLINE - fewer} more are needed.", 0)
    if fewer < RANKING:
        return Floor(
            "ranking only",
            f"{fewer} {what} allow a ranking with few rules, but no percentages: those need {RANKING}.",
            FEW_RULES,
        )
    if fewer < ROUGH:
        return Floor("rough", f"{fewer} {what}: the percentages are rough until there are {ROUGH}.", MOST_RULES // 2)
    return Floor("calibrated", f"{fewer:,} {what} are enough for points and percentages.", MOST_RULES)
