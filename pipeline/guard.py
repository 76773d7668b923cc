"""Guard: a pass that would move too many leads at once stops before it writes."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from pipeline.job import Job, Judgement
from store import Held, Lease
from vocabulary.outputs import GUARDED

FEWEST: Final = 20
"""Among fewer leads than this, a share says nothing and the guard is silent."""


@dataclass
class Surprise:
    """How many of the leads scored before change grade or priority by this pass, against what the CRM shows."""

    known: int = 0
    moved: int = 0

    def add(self, compared: pl.DataFrame, computed: pl.DataFrame, *, held: bool) -> None:
        """Take in one chunk: results beside what the CRM was told, and what was computed before this pass.

        A refused row differs from the CRM in every pass; it counts only in the pass that computes something new for
        it. While the outbox is held, nothing was written since, so all that differs counts.
        """
        known = compared.filter(~pl.col("first"))
        moved = known.filter(pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"told_{name}")) for name in GUARDED))
        if not held:
            moved = moved.join(computed, on=["lead", *GUARDED], how="anti", nulls_equal=True)
        self.known += known.height
        self.moved += moved.height

    def exceeds(self, share: float) -> bool:
        """Return whether more than this share of the leads moves."""
        return self.known >= FEWEST and self.moved > share * self.known

    def reason(self, share: float) -> str:
        """Say it in words, with the remedy."""
        return (
            f"{self.moved:,} of {self.known:,} leads ({self.moved / self.known:.0%}) would change their grade or "
            f"priority; the guard allows {share:.0%}. Nothing was written. Look at `leadgauge plan`, then run "
            "`leadgauge sync --accept`, or put the scorecard back."
        )


def settle(job: Job, judgement: Judgement, surprise: Surprise, run: int, lease: Lease, *, accept: bool) -> str | None:
    """Hold the outbox where the pass surprises, let it go where nothing surprising is left; return why it is held."""
    share, outbox, held = job.connection.write.guard, judgement.outbox, judgement.outbox.held()
    if held and not accept and is_undone(job, judgement, held):
        return held.reason
    if surprise.exceeds(share) and not accept:
        reason = surprise.reason(share)
        outbox.hold(run, reason, lease)
        return reason
    if held:
        outbox.release(held.run)
    return None


def is_undone(job: Job, judgement: Judgement, held: Held) -> bool:
    """Return whether a person took back what this very scorecard wrote, so that it must not be written again."""
    run = job.runs.get(held.run)
    return run is not None and run.counts.get("undone") == {judgement.prefix: judgement.label}
