"""The input of a calibration: leads, what they did and what became of them, and their accounts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from calibrate.errors import CalibrationError
from scoring.card.accounts import ACCOUNT_ID
from vocabulary.fields import TIME

HISTORY: Final = pl.Schema(
    {"lead": pl.String(), "field": pl.String(), "since": TIME, "value": pl.String(), "before": pl.String()}
)
OF_ACCOUNTS: Final = pl.Schema({ACCOUNT_ID: pl.String(), **{name: HISTORY[name] for name in HISTORY if name != "lead"}})
"""The history of accounts' fields."""


@dataclass(frozen=True)
class Frames:
    """What a calibration is made from."""

    leads: pl.DataFrame
    """`lead`, `created_at`, a column per field, perhaps `account` and `closed_at`."""
    activities: pl.DataFrame
    touchpoints: pl.DataFrame
    """Both as for `scoring.score`."""
    outcomes: pl.DataFrame
    """`lead`, `occurred_at`; for accounts `account` too, which goes before the account of the lead."""
    history: pl.DataFrame
    """`HISTORY`; the field `account` has the accounts that a lead belonged to."""
    accounts: pl.DataFrame | None = None
    """`account`, a column per field, perhaps `closed_at`."""
    account_history: pl.DataFrame | None = None
    """`OF_ACCOUNTS`."""
    deals: pl.DataFrame | None = None
    """`deal`, `lead`, `account`, the declared fields of deals, and `created_at` and `won_at` if these are known."""

    feedback: pl.DataFrame | None = None
    """What sales said about leads and when (`vocabulary.feedback.SAID`); None if it is not read."""

    @property
    def latest(self) -> datetime:
        """Return the last date in any file, the default date of the calibration."""
        columns = [self.leads["created_at"], self.activities["occurred_at"], self.outcomes["occurred_at"]]
        moments = [moment for moment in (column.max() for column in columns) if isinstance(moment, datetime)]
        if not moments:
            raise CalibrationError("These files have no valid date. Write ISO dates, such as 2026-03-31T12:00:00Z.")
        return max(moments)
