"""What a person may set about a calibration; everything has a default."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Options:
    """Horizon and look-back in days, the seed, and the user's own wishes about fields and rules."""

    horizon: float | None = None
    """Days within which a conversion counts; None: 90, or fewer where leads convert fast or the history is short."""
    look_back: float = 180.0
    """Days of activity that count, in fitting and in scoring."""
    seed: int = 0
    locked: tuple[str, ...] = ()
    """Names of rules whose points stay."""
    signs: dict[str, Literal["+", "-"]] = field(default_factory=dict)
    """Fields and kinds of activity that may only give (`+`) or only take (`-`) points."""
    include: tuple[str, ...] = ()
    """Fields to use although a guard leaves them out."""
    exclude: tuple[str, ...] = ()
    """Fields never to use."""
    at_creation: tuple[str, ...] = ()
    """Fields without history that are known to be set when the lead is created."""
    group: str | None = None
    """Column whose equal values stay on one side of every split, such as the company."""
    outcome: str = "converted"
    """How the report calls the outcome."""
    max_rows: int = 100_000
    """Snapshots drawn at most, evenly over all leads and weeks."""
    bootstraps: int = 100
