"""Snapshots of CRM, database and log, for the invariants."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.chaos.kept import Kept, past
from tests.chaos.schedule import START
from tests.stage import Fields, Stage
from vocabulary.outputs import BY_NAME, in_crm

OUTPUTS = (
    *("lead_score", "lead_fit", "lead_engagement", "lead_grade", "lead_readiness", "lead_urgency"),
    *("lead_priority", "lead_priority_index", "lead_score_status", "lead_scorecard"),
)
"""The fields by which results are compared."""


def held_by_crm(stage: Stage) -> Fields:
    """Return what the CRM holds of every lead, and of every account under the names of leads."""
    of_accounts = {in_crm(BY_NAME[name], "accounts").name: name for name in OUTPUTS}
    held = stage.accounts(*of_accounts)
    return stage.fields(*OUTPUTS) | {
        one: {of_accounts[name]: value for name, value in values.items()} for one, values in held.items()
    }


@dataclass(frozen=True)
class Seen:
    """A snapshot of CRM and database."""

    at: datetime
    """The CRM's time."""
    fields: Fields
    """The values of our fields, by lead in the CRM."""
    past: Kept
    """Leads, activities, results and writes in the database, by key."""
    altered: frozenset[str] = frozenset()
    """Records of activities that people have changed or removed so far."""


def look(stage: Stage, database: str) -> Seen:
    """Take a snapshot."""
    fields = stage.fields(*OUTPUTS, "lead_scored_at")
    return Seen(stage.moment, fields, past(database), frozenset(stage.altered(START)))


@dataclass(frozen=True)
class Passed:
    """One attempt: snapshots before and after it, and what happened in between."""

    before: Seen
    after: Seen
    touched: frozenset[str]
    """Leads that a person changed, deleted, restored or merged."""
    names: frozenset[str]
    """Fields written by our calls."""
    log: str
    secrets: tuple[str, ...]
    """Tokens and addresses that must not appear anywhere."""
    strangers: tuple[Any, ...] = ()
    """Credentials sent to a host other than the CRM."""
    told: Mapping[str, str | None] = field(default_factory=dict)
    """Leads that were due after their last edit, with what the CRM says they are since."""
    due: frozenset[str] = frozenset()
    """Leads that are due still."""
    read: Mapping[str, str | None] = field(default_factory=dict)
    """What the database says that leads are."""


@dataclass(frozen=True)
class Ended:
    """The end of a schedule without faults, and a clean run for comparison."""

    fields: Fields
    """The values in the CRM."""
    kept: Kept
    clean_fields: Fields
    """The values written by a clean run."""
    clean: Kept
    put_right: Fields = field(default_factory=dict)
    """The values in the CRM after everything was resent."""
    rewritten: int = 0
    """How many leads were written after all faults ended."""
    labels: frozenset[str | None] = frozenset()
    """All scorecards that were fully saved; empty if they never changed."""
    meddled: frozenset[tuple[str, str]] = frozenset()
    """Leads and the field that a person wrote."""
    reported: frozenset[str] = frozenset()
    """Leads reported as drifted after the database was restored from a backup: it does not know what they hold."""
