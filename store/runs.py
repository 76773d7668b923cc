"""Runs: what was done when, by whom, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from store.leases import Lease

State = Literal["running", "done", "refused", "held", "stopped", "failed", "broken off"]


@dataclass(frozen=True, slots=True)
class Run:
    """One pass: its kind, its counts and how it ended."""

    run: int
    kind: str
    holder: str
    state: State
    started_at: datetime
    finished_at: datetime | None
    counts: Mapping[str, Any]
    message: str


class Runs:
    """The runs of one connection."""

    def start(self, kind: str, lease: Lease) -> int:
        """Open a run and return its number; a run left open by a dead process is marked as broken off."""
        raise NotImplementedError

    def progress(self, run: int, counts: Mapping[str, Any], lease: Lease) -> None:
        """Note how far the run has come."""
        raise NotImplementedError

    def finish(self, run: int, state: State, counts: Mapping[str, Any], lease: Lease, message: str = "") -> None:
        """Close the run."""
        raise NotImplementedError

    def get(self, run: int) -> Run | None:
        """Return a run of this connection by its number."""
        raise NotImplementedError

    def last(self, kind: str | None = None) -> Run | None:
        """Return the latest run, or the latest of a kind."""
        raise NotImplementedError

    def list(self, limit: int = 20) -> list[Run]:
        """Return the latest runs, newest first."""
        raise NotImplementedError
