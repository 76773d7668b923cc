"""What sales says about a lead, in a field of the CRM that sales fills and leadgauge only reads."""

from typing import Final, Literal

import polars as pl

from vocabulary.fields import TIME
from vocabulary.outputs import Output

FEEDBACK: Final = "feedback"
"""The field that holds it in scorecards and in the mirror: one of the meanings, or what the CRM says if it is none."""

Meaning = Literal["Good", "Bad fit", "Bad timing", "Bot"]
MEANINGS: Final[tuple[Meaning, ...]] = ("Good", "Bad fit", "Bad timing", "Bot")

SAID: Final = pl.Schema({"lead": pl.String(), "said": pl.String(), "at": TIME})
"""What sales said about leads and when, one row each; null if it took back what it had said."""

FIELD: Final = Output(
    "lead_feedback",
    "Lead feedback",
    "choice",
    "What sales found: it helps to correct the score. People fill it; leadgauge reads it and never changes it.",
    MEANINGS,
    (
        "The score was right: worth the call.",
        "Not our customer, whatever the score says.",
        "Our customer, but not now.",
        "No person, or nobody who can be reached.",
    ),
    order="none",
    by_sales=True,
)
"""The field that `provision` creates where the settings name none. No output: nothing is ever written to it."""
