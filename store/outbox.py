"""The outbox: what was computed against what the CRM was last told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import polars as pl

from connectors.base import Pushed, Row, Value
from store.leases import Lease


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How far a number may drift from what the CRM shows before it is written without a band change."""

    dead_band: float = 3.0
    """For `lead_score`, `lead_fit`, `lead_engagement` and `lead_priority_index`: points."""
    likelihood: float = 1.0
    """For `lead_likelihood`: percent points."""


@dataclass(frozen=True, slots=True)
class Staged:
    """What became of staged results."""

    computed: int = 0
    pending: int = 0
    """Rows of these that wait to be written now."""
    band_changed: int = 0
    """Rows of these whose grade, readiness, urgency, priority or status differs from what the CRM shows."""
    first: int = 0
    """Rows of these that the CRM was never told anything about (counted in `band_changed` too)."""
    unchanged: int = 0
    """Rows of these that need no write."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the CRM's answers came to."""

    written: int = 0
    refused: int = 0
    gone: int = 0
    merged: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that the CRM did not take: why, what was sent, and when it is tried again."""

    lead: str
    code: str
    message: str
    payload: Mapping[str, Value]
    attempts: int
    first_at: datetime
    last_at: datetime
    next_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """Why nothing is written at present: the run whose results wait to be accepted."""

    run: int
    reason: str


@dataclass(frozen=True, slots=True)
class Write:
    """One write onto one lead: what its fields held before and after, and what moved them."""

    run: int
    lead: str
    at: datetime
    causes: tuple[Literal["first", "activity", "data", "scorecard", "time", "undo"], ...]
    before: Mapping[str, Value]
    after: Mapping[str, Value]


class Outbox:
    """The results of one scorecard (by its prefix) on one connection.

    The way of a row: `stage` → `pending` → `sending` → (push) → `record`. A row that was being sent when a run broke
    off may or may not have reached the CRM: the next `Runs.start` makes it pending again with all its values.
    """

    def dirty(self, limit: int | None = None) -> list[str]:
        """Return leads that changed since they were last staged (their own data, their account's, their activities)."""
        raise NotImplementedError

    def dirty_count(self) -> int:
        """Count the leads that changed since they were last staged."""
        raise NotImplementedError

    def previous(self, of: int | Sequence[str]) -> pl.DataFrame:
        """Return `lead`, `lead_readiness` as last computed, for a bucket or the named leads."""
        raise NotImplementedError

    def computed(self, of: int | Sequence[str]) -> pl.DataFrame:
        """Return the last computed outputs of a bucket or of the named leads."""
        raise NotImplementedError

    def told(self, of: int | Sequence[str]) -> pl.DataFrame:
        """Return the outputs that the CRM was last told, for a bucket or the named leads; untold leads are absent."""
        raise NotImplementedError

    def compare(self, results: pl.DataFrame, tolerances: Tolerances = Tolerances()) -> pl.DataFrame:  # noqa: B008 - frozen
        """Set results beside what the CRM was last told, writing nothing: for `plan` and the guard.

        Returns `lead`, the outputs, the same as `told_…`, and flags `first`, `band_changed`, `write`.
        """
        raise NotImplementedError

    def stage(
        self,
        results: pl.DataFrame,
        run: int,
        lease: Lease,
        *,
        scored_at: datetime,
        change: int | None = None,
        tolerances: Tolerances = Tolerances(),  # noqa: B008 - frozen
    ) -> Staged:
        """Keep results as last computed and make those pending that the CRM must hear of, in one transaction.

        A row becomes pending when a band field differs from what the CRM was told, or a number drifted by its
        tolerance. The leads are clean afterwards, but for changes later than `change` (of `Frames`).
        """
        raise NotImplementedError

    def pending(self, limit: int, now: datetime | None = None) -> list[Row]:
        """Return the next rows to write, each with the values that differ and `lead_scored_at`.

        Rows of a broken-off run come first, then band changes, most urgent priority first. Refused rows wait for
        their pause. A held outbox has no pending rows.
        """
        raise NotImplementedError

    def pending_count(self, now: datetime | None = None) -> int:
        """Count the rows that `pending` would return in all."""
        raise NotImplementedError

    def sending(self, rows: Sequence[Row], run: int, lease: Lease) -> None:
        """Note durably, before the push, that these rows are on their way with these values."""
        raise NotImplementedError

    def record(self, pushed: Iterable[Pushed], run: int, lease: Lease) -> Recorded:
        """Take the CRM's answers for rows that were `sending`.

        Accepted values become what the CRM was told, refused rows are kept to be retried, gone leads leave the
        mirror, and a survivor takes the place of the lead it absorbed.
        """
        raise NotImplementedError

    def refused(self) -> list[Refused]:
        """Return the rows that the CRM did not take."""
        raise NotImplementedError

    def hold(self, run: int, reason: str, lease: Lease) -> None:
        """Keep everything back until `release`."""
        raise NotImplementedError

    def release(self, run: int, lease: Lease) -> bool:
        """Let the results of a held run go; False when the outbox is not held by that run."""
        raise NotImplementedError

    def held(self) -> Held | None:
        """Return what keeps the outbox back, if anything."""
        raise NotImplementedError

    def writes_of(self, run: int) -> list[Write]:
        """Return what a run wrote, one a lead: from the value before its first to the value after its last write."""
        raise NotImplementedError

    def history(self, lead: str) -> list[Write]:
        """Return all writes onto a lead, oldest first."""
        raise NotImplementedError
