"""What a calibration is made from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from calibrate.bakeoff import comparing
from calibrate.card.current_card import Old
from calibrate.card.rules import LeadRule, NumberRule
from calibrate.guards.feedback import Feedback
from calibrate.judging import dropped
from calibrate.past.panel import Mask, Mondays, Panel
from calibrate.past.splits import Split
from calibrate.result import Heard
from scoring import Scorecard
from vocabulary.fields import FieldType


@dataclass(frozen=True)
class Material:
    """The input of a calibration, from a mirror, from files or from a plain table."""

    panel: Panel
    fields: dict[str, FieldType]
    split: Split
    old: Old | None
    old_rules: tuple[LeadRule | NumberRule, ...]
    scored: Callable[[Panel, Scorecard], pl.DataFrame]
    """Scores snapshots with a scorecard."""
    newest: Panel | None
    """Recent leads, for drift."""
    name: str
    card_text: str | None
    columns: dict[str, str]
    as_of: datetime | None
    """The date of the calibration, if there are dates."""
    fitted_at: datetime
    horizon: float | None
    against: comparing.Asked | None = None
    """The scores to compare with."""
    mondays: Mondays | None = None
    """Returns whom there was to call; None without dates."""
    left_to_fit: Callable[[float], int] | None = None
    """Returns how many leads another horizon would leave to fit on: of those that converted and those that did not,
    the fewer."""
    replay: dropped.Replay | None = None
    """None without dates."""
    tried: Mask | None = None
    """Whom sales contacted, by number; None if that is not known."""
    feedback: Feedback | None = None
    """What sales said of the leads; None if nothing is known."""
    said: Heard | None = None
    """The same, counted."""
    ages_as_of: date | None = None
    """The day as of which a plain table's dates count by their age; None with dates of the leads themselves."""
