"""Whether a proposal may replace the scorecard: every condition with its figure, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from calibrate.fit import Floats
from calibrate.floors import TEST, Floor

SLOPE: Final = (0.8, 1.25)
MEAN: Final = 0.2
STABLE: Final = 0.9
LOWER: Final = 0.1


@dataclass(frozen=True)
class Condition:
    """One condition of the gate and whether it is met."""

    name: str
    met: bool
    message: str


@dataclass(frozen=True)
class Gate:
    """The conditions for `--apply`; open when all are met."""

    conditions: tuple[Condition, ...]

    @property
    def open(self) -> bool:
        """Return whether the proposal may be applied."""
        return all(condition.met for condition in self.conditions)

    @property
    def reasons(self) -> list[str]:
        """Return why it may not."""
        return [condition.message for condition in self.conditions if not condition.met]


def enough(floor: Floor, test_conversions: int) -> Condition:
    """Ask for percentages and for conversions to test on."""
    if floor.standing == "ranking only":
        return Condition("conversions", False, f"{floor.message} Take it as a suggestion.")
    met = test_conversions >= TEST
    return Condition(
        "conversions", met, f"The test part holds {test_conversions} conversions; {TEST} are needed to apply."
    )


def better(gained: Floats | None, point: float) -> Condition:
    """Ask for an AUC above the current card's, also at the lower 90 % bound."""
    if gained is None:
        return Condition("better than now", True, "There is no current card to beat.")
    low = float(np.nanquantile(gained, LOWER))
    return Condition(
        "better than now",
        low > 0,
        f"AUC against the current card: {point:+.3f}, at least {low:+.3f} with 90 % certainty; it must be above 0.",
    )


def true_slope(slope: float) -> Condition:
    """Ask that the percentages be neither too sure nor too timid."""
    met = SLOPE[0] <= slope <= SLOPE[1]
    return Condition("slope", met, f"Calibration slope {slope:.2f}; it must lie between {SLOPE[0]} and {SLOPE[1]}.")


def true_mean(said: float, came: float) -> Condition:
    """Ask that the mean chance be near the rate."""
    met = abs(said - came) <= MEAN * came
    return Condition(
        "mean", met, f"Mean chance {said:.1%}, rate {came:.1%}; they must lie within {MEAN:.0%} of the rate."
    )


def stable(names: Sequence[str], same_sign: Sequence[float]) -> Condition:
    """Ask that every rule keep its sign in nine of ten refits."""
    shaky = [name for name, share in zip(names, same_sign, strict=True) if share < STABLE]
    told = (
        f"These rules change sign too often: {', '.join(shaky)}."
        if shaky
        else "Every rule keeps its sign in 90 % of the refits."
    )
    return Condition("signs", not shaky, told)
