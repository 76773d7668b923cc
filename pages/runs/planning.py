"""The plan of what is held: what would be written, from the results that wait in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import polars as pl

from connectors.base import Cost
from pages.keeping import Kept
from pages.site import Site
from pages.viewing import View
from pipeline import clock
from pipeline.planning.movement import Jump, Matrix, Movement, why
from store import Tolerances
from vocabulary.outputs import SCORECARD, SCORED_AT

STEP: Final = 8
"""How many buckets are compared at a time."""


@dataclass(frozen=True, slots=True)
class HeldPlan:
    """What would be written if a held outbox were released now."""

    leads: int
    known: int
    moved: int
    reasons: Mapping[str, int]
    priorities: Matrix
    grades: Matrix
    crossings: Mapping[str, tuple[int, int]]
    jumps: Sequence[Jump]
    cost: Cost
    made_at: datetime

    @property
    def writes(self) -> int:
        """How many leads, or accounts, are written."""
        return sum(self.reasons.values())


@dataclass
class Planning:
    """A plan that is being made, or was."""

    kept: Kept[HeldPlan] = field(default_factory=Kept)
    done: float = 0.0
    """The share of the results that was compared so far."""


class Plans:
    """The plans of all scorecards that are held."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._plans: dict[tuple[str, str], Planning] = {}

    def of(self, view: View) -> tuple[HeldPlan | None, float]:
        """Return the plan, or None and how much of it is done. It is made in the background."""
        planning = self._plans.setdefault((view.job.name, view.box.key), Planning())
        version = (self._site.store.changes(view.job.name), view.box.label)
        return planning.kept.soon(version, lambda: _made(view, planning)), planning.done


def _made(view: View, planning: Planning) -> HeldPlan:
    job, box = view.job, view.box
    outbox, again, at = box.outbox, box.outbox.resent(), clock.now()
    tolerances = Tolerances(dead_band=job.connection.write.dead_band)
    movement = Movement(job.mirror.links().to(box.of), box.card.priorities)
    last = job.mirror.buckets.stop
    for start in range(0, last, STEP):
        results = outbox.computed(range(start, min(start + STEP, last))).drop(SCORED_AT)
        if not results.is_empty():
            compared = outbox.compare(results, tolerances)
            by = compared.select("lead", pl.col(f"told_{SCORECARD}").alias(SCORECARD))
            movement.add(why(compared, by, again))
        planning.done = (start + STEP) / last
    reasons = movement.writes()
    return HeldPlan(
        leads=movement.leads,
        known=movement.known(),
        moved=movement.moved(box.guarded),
        reasons=reasons,
        priorities=movement.priorities(),
        grades=movement.grades(),
        crossings=movement.crossings(),
        jumps=movement.jumps(),
        cost=job.connector.cost_of_push(sum(reasons.values())),
        made_at=at,
    )
