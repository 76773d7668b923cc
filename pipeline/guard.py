"""Guard: a pass that would move too many leads at once stops before it writes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from pipeline.job import ActiveScorecard, Job
from store import Held, Lease
from vocabulary.outputs import GUARDED

FEWEST: Final = 20
"""Among fewer leads than this, a share says nothing and the guard is silent."""


@dataclass
class Count:
    """Leads scored before, and how many of them change grade or priority."""

    known: int = 0
    moved: int = 0

    def add(self, known: pl.DataFrame, moved: pl.DataFrame) -> None:
        """Count the rows of two frames."""
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


class Drifted(Count):
    """Leads that were told something, and how many of them are to be written again since their fields drifted."""

    def reason(self, share: float) -> str:
        """Say it in words, with the remedy."""
        return (
            f"{self.moved:,} of {self.known:,} leads ({self.moved / self.known:.0%}) hold something else in the CRM "
            f"than leadgauge wrote there; the guard lets {share:.0%} be written again. Nothing was written. `leadgauge "
            "status` names the fields. Run `leadgauge sync --accept`, or set `write.drift: report`."
        )


@dataclass
class Surprise:
    """What a pass moves, against what the CRM shows.

    A lead counts only in the pass that computes something new for it: a row that the CRM refuses differs in every one.
    While the outbox is held, everybody is scored; what changed is measured by itself too, or many leads that stay would
    hide it.
    """

    due: Collection[str] | None = None
    """The leads that changed, where others are scored besides; None where all that are scored count alike."""
    everything: bool = False
    """Whether all that differs counts, whenever it was computed: what a person took back must not slip through."""
    begun: bool = False
    drifted: Drifted | None = None
    """The leads that are to be written again since their fields drifted."""
    all: Count = field(default_factory=Count)
    changed: Count = field(default_factory=Count)

    def add(self, compared: pl.DataFrame, computed: pl.DataFrame) -> Sequence[str]:
        """Take in one chunk: results beside what the CRM was told, and what was computed before; return who moves."""
        known = compared.filter(~pl.col("first"))
        moved = known.filter(pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"told_{name}")) for name in GUARDED))
        if not self.everything:
            moved = moved.join(computed, on=["lead", *GUARDED], how="anti", nulls_equal=True)
        self.all.add(known, moved)
        if self.due is not None:
            is_due = pl.col("lead").is_in(list(self.due))
            self.changed.add(known.filter(is_due), moved.filter(is_due))
        return moved["lead"].to_list()

    def worst(self, share: float) -> Count | None:
        """Return the count that exceeds the share, if one does."""
        counts = (self.all, self.changed, *([self.drifted] if self.drifted else []))
        return next((count for count in counts if count.exceeds(share)), None)


def settle(
    job: Job, active: ActiveScorecard, surprise: Surprise, run: int, lease: Lease, *, accept: bool
) -> str | None:
    """Hold the outbox where the pass surprises, let it go where what surprised is gone; return why it is held."""
    share, outbox, held = job.connection.write.guard, active.outbox, active.outbox.held()
    if accept:
        _let_go(active, held, lease)
        return None
    undone = held is not None and is_undone(job, active, held)
    if not undone and (worst := surprise.worst(share)):
        return _hold(active, worst, share, run, None if surprise.everything else held, lease)
    if not held and (reason := _left_over(active, surprise, share, run, lease)):
        return reason
    if surprise.begun or outbox.judging():
        outbox.settle(lease, run)
    return _still(active, held, lease, undone=undone) if held else None


def _let_go(active: ActiveScorecard, held: Held | None, lease: Lease) -> None:
    if held:
        active.outbox.release(held.run)
    active.outbox.settle(lease)


def _hold(active: ActiveScorecard, count: Count, share: float, run: int, held: Held | None, lease: Lease) -> str:
    """Hold until as few of these leads differ as would not have surprised, or fewer where it was held already."""
    reason, most = count.reason(share), int(share * count.known)
    active.outbox.hold(run, reason, lease, min(most, held.most) if held else most)
    return reason


def _still(active: ActiveScorecard, held: Held, lease: Lease, *, undone: bool) -> str | None:
    """Return why the outbox is held yet; None, and let it go, where few of the leads that surprised differ any more."""
    if undone or active.outbox.surprises() > held.most:
        return held.reason
    _let_go(active, held, lease)
    return None


def _left_over(active: ActiveScorecard, surprise: Surprise, share: float, run: int, lease: Lease) -> str | None:
    """Judge along with this pass of one that broke off before it was judged: of the leads that it moved."""
    left = active.outbox.surprises(besides=run)
    count = Count(surprise.all.known + left, surprise.all.moved + left)
    if left and count.exceeds(share):
        return _hold(active, count, share, run, None, lease)
    if left:
        _let_go(active, None, lease)
    return None


def is_undone(job: Job, active: ActiveScorecard, held: Held) -> bool:
    """Return whether a person took back what this very scorecard wrote, so that it must not be written again."""
    run = job.runs.get(held.run)
    return run is not None and run.counts.get("undone") == {active.prefix: active.label}


def holds_back(job: Job, held: Held | None) -> bool:
    """Return whether an outbox is held since a person took back what was written."""
    run = job.runs.get(held.run) if held else None
    return run is not None and "undone" in run.counts
