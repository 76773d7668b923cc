"""What CRM, database and log hold at one moment, for the invariants to compare."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.chaos.kept import Kept, past
from tests.stage import Fields, Stage

OUTPUTS = (
    *("lead_score", "lead_fit", "lead_engagement", "lead_grade", "lead_readiness", "lead_urgency"),
    *("lead_priority", "lead_priority_index", "lead_score_status", "lead_scorecard"),
)
"""The fields that a result is compared by."""


@dataclass(frozen=True)
class Seen:
    """CRM and database beside each other."""

    at: datetime
    """What the CRM's clock says."""
    fields: Fields
    """What our fields hold, by each lead that the CRM has."""
    past: Kept
    """The leads, activities, results and writes in the database, by their keys."""


def look(stage: Stage, database: str) -> Seen:
    """Take both down."""
    return Seen(stage.moment, stage.fields(*OUTPUTS, "lead_scored_at"), past(database))


@dataclass(frozen=True)
class Passed:
    """One attempt: before it and after it, and what is known of the time between."""

    before: Seen
    after: Seen
    touched: frozenset[str]
    """Leads that a person wrote to, deleted, restored or merged."""
    names: frozenset[str]
    """Fields that our calls wrote."""
    log: str
    secrets: tuple[str, ...]
    """What must stand nowhere: tokens and addresses."""
    strangers: tuple[Any, ...] = ()
    """The credentials that a host which is no CRM was sent."""


@dataclass(frozen=True)
class Ended:
    """The calm end of a schedule, beside a run that knows nothing of the past."""

    fields: Fields
    """What the CRM shows."""
    kept: Kept
    clean_fields: Fields
    """What a clean run writes."""
    clean: Kept
    put_right: Fields = field(default_factory=dict)
    """What the CRM shows once everything was sent anew."""
    rewritten: int = 0
    """How many leads were written once all was calm."""
    labels: frozenset[str | None] = frozenset()
    """The scorecards that were ever whole; empty where they never changed."""
    meddled: frozenset[tuple[str, str]] = frozenset()
    """Leads with the field that a person wrote into."""
