"""Guard: hold the writes of a pass that would move too many leads at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import polars as pl

from pipeline.job import ActiveScorecard, Job
from store import Held, Lease
from vocabulary.outputs import Of

FEWEST: Final = 20
"""The guard ignores fewer leads than this, since a share of so few means little."""


@dataclass
class Count:
    """How many leads were scored before, and how many of them change grade or priority."""

    known: int = 0
    moved: int = 0
    of: Of = "leads"

    def add(self, known: int, moved: int) -> None:
        """Count some more."""
        self.known += known
        self.moved += moved

    def exceeds(self, share: float) -> bool:
        """Return whether more than this share of the leads moves."""
        return self.known >= FEWEST and self.moved > share * self.known

    def reason(self, share: float) -> str:
        """Return why the writes are held, with the remedy."""
        return (
            f"{self.moved:,} of {self.known:,} {self.of} ({self.moved / self.known:.0%}) would change their grade or "
            f"priority; the guard allows {share:.0%}. Nothing was written. Look at `leadgauge plan`, then run "
            "`leadgauge sync --accept` or revert the scorecard."
        )


class Drifted(Count):
    """How many leads were written before, and how many of them drifted and are about to be written again."""

    def reason(self, share: float) -> str:
        """Return why the writes are held, with the remedy."""
        return (
            f"{self.moved:,} of {self.known:,} {self.of} ({self.moved / self.known:.0%}) hold something else in the CRM"
            f" than leadgauge wrote there; the guard allows {share:.0%} to be written again. Nothing was written. "
            "`leadgauge status` names the fields. Run `leadgauge sync --accept`, or set `write.drift: report`."
        )


class Moved(Count):
    """How many leads were ever written, and how many of them passes by the feed move in a day."""

    def reason(self, share: float) -> str:
        """Return why the writes are held, with the remedy."""
        return (
            f"{self.moved:,} of {self.known:,} {self.of} ({self.moved / self.known:.0%}) would have changed their grade"
            f" or priority within a day by what the feed told; the guard allows {share:.0%}. What came last was not"
            " written. Look at `leadgauge plan`, then run `leadgauge sync --accept` or revert the change in the CRM."
        )


def held_for_feed(
    active: ActiveScorecard, moved: int, share: float, run: int, lease: Lease, at: datetime
) -> str | None:
    """Hold the outbox before a pass by the feed stages this many leads that move, if that is too many in a day.

    Nearly every lead that is due may move, so what passes by the feed move is compared with all leads that were ever
    written. Return why it is held, or None. Leads that move again and again may add up to more than there are, so a
    share of all of them turns this off, as the settings say.
    """
    if not moved or share >= 1:
        return None
    fed = active.outbox.fed(lease, at)
    count = Moved(fed.known, fed.moved + moved, active.of)
    if count.known < FEWEST or count.exceeds(share):  # it may have been counted long ago
        count.known = active.outbox.recount(lease)
    if not count.exceeds(share):
        return None
    reason, most = count.reason(share), max(int(share * count.known) - fed.moved, 0)
    active.outbox.hold(run, reason, lease, most)
    return reason


@dataclass(frozen=True, slots=True)
class ChunkMoved:
    """How many leads of a chunk were scored before, how many of them move, and the same of those that are due."""

    known: int = 0
    moved: int = 0
    due: int = 0
    due_moved: int = 0


def moved(
    compared: pl.DataFrame, computed: pl.DataFrame, guarded: Sequence[str], *, everything: bool = False
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the leads of a chunk that were scored before, and those of them that move, compared with the CRM.

    A lead counts only in the pass that computes something new for it; otherwise a row that the CRM refuses would count
    in every pass. With `everything`, everything that differs counts, whenever it was computed.
    `compared`: the results, and what was last written. `computed`: the results of the previous pass.
    """
    known = compared.filter(~pl.col("first"))
    differs = [pl.col(name).ne_missing(pl.col(f"told_{name}")) for name in guarded]
    found = known.filter(pl.any_horizontal(pl.lit(value=False), *differs))
    if not everything:
        found = found.join(computed, on=["lead", *guarded], how="anti", nulls_equal=True)
    return known, found


def counted(known: pl.DataFrame, moving: pl.DataFrame, due: Collection[str]) -> ChunkMoved:
    """Count leads that were scored before, and those of them that move; `due`: who changed."""
    is_due = pl.col("lead").is_in(list(due))
    return ChunkMoved(known.height, moving.height, known.filter(is_due).height, moving.filter(is_due).height)


@dataclass
class Surprise:
    """Counts how many leads a pass moves, compared with the CRM.

    While the outbox is held, all leads are scored, so the leads that changed are also counted separately: the many that
    did not change would hide them.
    """

    only_due: bool = False
    """Whether the leads that changed are counted separately, since others are scored too."""
    everything: bool = False
    """Count everything that differs, whenever it was computed, so that an undone write cannot slip through."""
    told: int | None = None
    """How many leads were ever written, if only those are scored that may move; None if the scored ones count."""
    begun: bool = False
    drifted: Drifted | None = None
    """The leads that drifted and are about to be written again."""
    of: Of = "leads"
    all: Count = field(init=False)
    changed: Count = field(init=False)

    def __post_init__(self) -> None:
        self.all, self.changed = Count(self.told or 0, of=self.of), Count(of=self.of)

    def add(self, of_chunk: ChunkMoved) -> None:
        """Count one chunk."""
        self.all.add(of_chunk.known if self.told is None else 0, of_chunk.moved)
        if self.only_due:
            self.changed.add(of_chunk.due, of_chunk.due_moved)

    def worst(self, share: float) -> Count | None:
        """Return the count that exceeds the share, if one does."""
        counts = (self.all, self.changed, *([self.drifted] if self.drifted else []))
        return next((count for count in counts if count.exceeds(share)), None)


def settle(
    job: Job, active: ActiveScorecard, surprise: Surprise, run: int, lease: Lease, *, accept: bool
) -> str | None:
    """Hold the outbox if too many leads move, release it once that is over; return why it is held, or None."""
    share, outbox, held = job.connection.write.guard, active.outbox, active.outbox.held()
    if accept:
        _release(active, held, lease)
        return None
    undone = held is not None and is_undone(job, active, held)
    if not undone and (worst := surprise.worst(share)):
        return _hold(active, worst, share, run, None if surprise.everything else held, lease)
    if not held and (reason := _left_over(active, surprise, share, run, lease)):
        return reason
    if surprise.begun or outbox.judging():
        outbox.settle(lease, run)
    return _still(active, held, lease, undone=undone) if held else None


def _release(active: ActiveScorecard, held: Held | None, lease: Lease) -> None:
    if held:
        active.outbox.release(held.run)
    active.outbox.settle(lease)


def _hold(active: ActiveScorecard, count: Count, share: float, run: int, held: Held | None, lease: Lease) -> str:
    """Hold until few enough of these leads differ to pass the guard, or fewer if it was held before."""
    reason, most = count.reason(share), int(share * count.known)
    active.outbox.hold(run, reason, lease, min(most, held.most) if held else most)
    return reason


def _still(active: ActiveScorecard, held: Held, lease: Lease, *, undone: bool) -> str | None:
    """Return why the outbox is still held; release it and return None if few enough leads still differ."""
    if undone or active.outbox.surprises() > held.most:
        return held.reason
    _release(active, held, lease)
    return None


def _left_over(active: ActiveScorecard, surprise: Surprise, share: float, run: int, lease: Lease) -> str | None:
    """Also count the leads of a pass that broke off before the guard judged it."""
    left = active.outbox.surprises(besides=run)
    count = Count(surprise.all.known + left, surprise.all.moved + left, surprise.of)
    if left and count.exceeds(share):
        return _hold(active, count, share, run, None, lease)
    if left:
        _release(active, None, lease)
    return None


def is_undone(job: Job, active: ActiveScorecard, held: Held) -> bool:
    """Return whether a person undid a run of this same scorecard, so that it must not write again."""
    run = job.runs.get(held.run)
    return run is not None and run.counts.get("undone", {}).get(active.key) == active.label


def holds_back(job: Job, held: Held | None) -> bool:
    """Return whether an outbox is held because a person undid a run."""
    run = job.runs.get(held.run) if held else None
    return run is not None and "undone" in run.counts
