"""What was left out of a score as machine traffic, or would have been, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import polars as pl

from pipeline.job import ActiveScorecard, Job
from scoring.machine_traffic import REASONS, reasons_in
from store import Frames
from vocabulary.outputs import Of

COLUMNS: Final = ("lead", "id", "kind", "name", "url", "occurred_at", "evidence", "version", "marked_at")


@dataclass(frozen=True, slots=True)
class Machines:
    """The activities of a lead, or of an account's leads, that are marked as a machine's."""

    marked: pl.DataFrame
    """`COLUMNS`, the latest first."""
    counted: bool
    """Whether they count all the same."""

    def as_json(self) -> dict[str, Any]:
        """Return them as JSON."""
        return {"counted": self.counted, "activities": [_as_json(row) for row in self.marked.iter_rows(named=True)]}

    @property
    def sentences(self) -> Iterator[str]:
        """Yield what they are and, for each reason, how many and when the last was."""
        if self.marked.is_empty():
            return
        kinds = self.marked.group_by("kind").len().sort("len", "kind", descending=[True, False])
        said = ", ".join(f"{count:,} {kind}" for kind, count in kinds.iter_rows())
        yield f"Machine traffic, which counts here: {said}" if self.counted else f"Left out as machine traffic: {said}"
        yield "  An activity can have several reasons"
        for reason, number, last in self._by_reason():
            share = f"{number:,} of {self.marked.height:,}"
            yield f"  {share}: {REASONS.get(reason, reason)}; the last on {last:%Y-%m-%d %H:%M} UTC"

    def _by_reason(self) -> Iterator[tuple[str, int, datetime]]:
        reasons = self.marked.select(pl.col("evidence").str.split(" ").alias("reason"), "occurred_at").explode("reason")
        each = reasons.group_by(pl.col("reason").str.split(":").list.first())
        counted = each.agg(pl.len().alias("number"), pl.col("occurred_at").max())
        yield from counted.sort("number", "reason", descending=[True, False]).iter_rows()


def machines_of(
    job: Job,
    active: ActiveScorecard,
    frames: Frames,
    id_: str,
    as_of: datetime,
    of: Of,
    known_at: datetime | None,
) -> Machines:
    """Return what is marked of a lead, or of the leads of an account."""
    leads = [id_] if of == "leads" else frames.leads.filter(account=id_)["lead"].to_list()
    marks = job.mirror.marks(leads, known_at)
    until = frames.activities.filter(pl.col("occurred_at") <= as_of)
    found = until.join(marks, on=["lead", "id"]).join(frames.touchpoints, on="touchpoint")
    return Machines(found.select(COLUMNS).sort("occurred_at", "id", descending=True), active.card.counts_machines)


def _as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "evidence": dict(reasons_in(row["evidence"]))}
