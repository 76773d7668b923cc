"""The conditions under which a proposal may replace the scorecard, each with its figure, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Final

import numpy as np

from calibrate.floors import TEST, Floor
from calibrate.statistics.fit import Floats
from vocabulary.units import counted

SLOPE: Final = (0.8, 1.25)
MEAN: Final = 0.2
STABLE: Final = 0.9
LOWER: Final = 0.1
BY_CHANCE: Final = 0.5
"""The AUC of a score that tells nothing."""


@dataclass(frozen=True)
class Condition:
    """A condition of the gate, and whether it is met."""

    name: str
    met: bool
    message: str


@dataclass(frozen=True)
class Gate:
    """The conditions for `--apply`. It is open if all are met."""

    conditions: tuple[Condition, ...]

    @property
    def open(self) -> bool:
        """Return whether the proposal may be applied."""
        return all(condition.met for condition in self.conditions)

    @property
    def reasons(self) -> list[str]:
        """Return the messages of the conditions that are not met."""
        return [condition.message for condition in self.conditions if not condition.met]


def enough(floor: Floor, test_conversions: int) -> Condition:
    """Require percentages and enough conversions to test on."""
    if floor.standing == "ranking only":
        return Condition("conversions", False, f"{floor.message} Treat the proposal as a suggestion.")
    met, found = test_conversions >= TEST, counted(test_conversions, "conversions")
    return Condition(
        "conversions", met, f"The test part, kept aside to check the proposal, has {found}; {TEST} are needed."
    )


def tells_apart(area: float, low: float) -> Condition:
    """Require an AUC on the test part that is clearly above chance: its 95 % interval must begin above .5."""
    if isnan(area) or isnan(low):
        return Condition("better than chance", False, "The test part is too small to measure an AUC on.")
    met = low > BY_CHANCE
    told = f"AUC {area:.3f} on the test part, 95 % interval from {low:.3f}"
    return Condition("better than chance", met, f"{told}; it must begin above {BY_CHANCE}, which is chance.")


def better(gained: Floats | None, point: float) -> Condition:
    """Require an AUC above the current card's, even at the lower 90 % bound."""
    if gained is None:
        return Condition("better than now", True, "There is no current card to beat.")
    if np.isnan(gained).all():
        return Condition("better than now", False, "The test part is too small to compare with the current card.")
    low = float(np.nanquantile(gained, LOWER))
    return Condition(
        "better than now",
        low > 0,
        f"AUC compared with the current card: {point:+.3f}, lower 90 % bound {low:+.3f}; the bound must be above 0.",
    )


def true_slope(slope: float) -> Condition:
    """Require percentages that are neither too extreme nor too moderate."""
    if isnan(slope):
        same = (
            "The percentages of the test part are all the same, so it cannot be measured how far apart they should be."
        )
        return Condition("slope", False, same)
    met = SLOPE[0] <= slope <= SLOPE[1]
    return Condition("slope", met, f"Calibration slope {slope:.2f}; it must be between {SLOPE[0]} and {SLOPE[1]}.")


def true_mean(said: float, came: float) -> Condition:
    """Require a mean chance close to the conversion rate."""
    met = abs(said - came) <= MEAN * came
    return Condition(
        "mean",
        met,
        f"Mean chance {said:.1%}, conversion rate {came:.1%}; the chance must be within {MEAN:.0%} of the rate.",
    )


def stable(names: Sequence[str], same_sign: Sequence[float]) -> Condition:
    """Require every rule to keep its sign in nine of ten refits."""
    shaky = [name for name, share in zip(names, same_sign, strict=True) if share < STABLE]
    told = (
        f"These rules change sign too often: {', '.join(shaky)}."
        if shaky
        else "Every rule keeps its sign in 90 % of the refits."
    )
    return Condition("signs", not shaky, told)
