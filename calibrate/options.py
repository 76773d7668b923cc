"""The options of a calibration; all have defaults."""

from dataclasses import dataclass, field
from typing import Final, Literal

USUAL_LOOK_BACK: Final = 180.0


@dataclass(frozen=True)
class Options:
    """Horizon and look-back in days, the seed, and choices about fields and rules."""

    horizon: float | None = None
    """Days within which a conversion counts. None means 90, or fewer if leads convert fast or the history is short."""
    look_back: float | None = None
    """Days of past activity that count, in fitting and scoring alike. None means 180, or more if clearly better."""
    seed: int = 0
    locked: tuple[str, ...] = ()
    """Names of rules whose points do not change."""
    signs: dict[str, Literal["+", "-"]] = field(default_factory=dict)
    """Fields and activity kinds that may only give (`+`) or only take (`-`) points."""
    heed_feedback: bool = False
    """Whether rules of fit give no points for what sales clearly rejects."""
    include: tuple[str, ...] = ()
    """Fields to use even if a guard would leave them out."""
    exclude: tuple[str, ...] = ()
    """Fields not to use."""
    at_creation: tuple[str, ...] = ()
    """Fields without history that are set when the lead is created."""
    segment: str | None = None
    """The field to learn points by segment for; None tries those that have a few large values."""
    group: str | None = None
    """A column, such as the company, whose equal values stay on one side of every split."""
    outcome: str = "converted"
    """The name of the outcome in the report."""
    against: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The scores to compare with, each with its values, the best first, if these are no numbers and known."""
    capacity: int | None = None
    """How many leads are called in a week, for the comparison."""
    max_rows: int = 100_000
    """The most snapshots to use, sampled evenly over all leads and weeks."""
    bootstraps: int = 100
    trees: int = 150
    """How many trees gradient boosting has, which the proposal is compared with."""
    folds: int = 5
    """In how many parts random cross-validation leaves out each in turn."""

    @property
    def days_back(self) -> float:
        """Return the look-back in days; infinite for all activities."""
        return USUAL_LOOK_BACK if self.look_back is None else self.look_back
