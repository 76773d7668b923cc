"""The progress of a pass, for a progress bar or the daemon's metrics."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pipeline.removals import Settled
from store import Recorded, Saved, Staged
from vocabulary.pages import Page

CURRENCY: Final = "currency"
"""Where a run that read keeps the currency of the amounts of deals."""


@dataclass
class Tally:
    """Counts what a pass has done so far."""

    pages: int = 0
    leads: int = 0
    activities: int = 0
    gone: int = 0
    """Leads that left the mirror."""
    deleted: int = 0
    """Of these, leads that the CRM reported as deleted."""
    excluded: int = 0
    """Leads that left the mirror because the settings exclude them."""
    emptied: int = 0
    """Leads whose fields were emptied or marked, because they are excluded or left the filter."""
    returned: int = 0
    """Leads that had left the mirror and came back."""
    merged: int = 0
    marked: int = 0
    """Activities that were recognised as a machine's."""
    unmarked: int = 0
    """Activities that turned out not to be."""
    scored: int = 0
    pending: int = 0
    unchanged: int = 0
    ahead: int = 0
    """Leads with a later `lead_scored_at` in the CRM than this database ever wrote."""
    written: int = 0
    refused: int = 0
    calls: int = 0
    total: int | None = None
    """How many leads the CRM says there are."""
    to_score: int = 0
    """How many leads this pass scores, over all scorecards."""
    to_write: int = 0
    """How many rows were pending when writing began, over all scorecards."""
    notes: dict[str, Any] = field(default_factory=dict)
    """Data for the next pass, saved with the run."""

    def saved(self, pages: Sequence[Page], saved: Saved) -> None:
        """Count pages that were stored."""
        self.pages += len(pages)
        self.leads += saved.leads
        self.activities += saved.activities
        self.gone += saved.gone
        self.deleted += saved.gone
        self.returned += saved.returned
        self.merged += saved.merged
        self.ahead += saved.ahead
        self.total = next((page.total for page in reversed(pages) if page.total is not None), self.total)

    def settled(self, settled: Settled) -> None:
        """Count leads that left the mirror because they were missing from the CRM's answers."""
        self.gone += settled.vanished + settled.erased

    def staged(self, staged: Staged) -> None:
        """Count results that were staged."""
        self.scored += staged.computed
        self.pending += staged.pending
        self.unchanged += staged.unchanged

    def recorded(self, recorded: Recorded) -> None:
        """Count answers of the CRM."""
        self.written += recorded.written
        self.refused += recorded.refused

    def figures(self) -> dict[str, int]:
        """Return the counts."""
        return {name: value for name, value in vars(self).items() if isinstance(value, int)}

    def counts(self) -> dict[str, Any]:
        """Return the counts and notes, as saved with the run when it ends."""
        return self.figures() | self.notes


class Observer:
    """Is called as a pass progresses. Does nothing; subclass it."""

    def step(self, name: str, tally: Tally) -> None:
        """Handle progress of a step: `read`, `score` or `write`."""

    def close(self) -> None:
        """Handle the end of the pass."""
