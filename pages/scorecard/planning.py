"""The plan of an edited scorecard for everybody: what a run would write, without writing anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pages.scorecard.desk import Count, Desk
from pages.scorecard.sampling import of_leads
from pipeline import clock
from pipeline.job import ActiveScorecard, Job
from pipeline.planning.movement import Matrix
from pipeline.planning.plan import Plan, plans
from scoring import Scorecard


@dataclass(frozen=True, slots=True)
class Planned:
    """What is kept of a plan: its counts."""

    of: str
    leads: int
    known: int
    writes: int
    moved: int
    share_moved: float
    guard: float
    guarded: bool
    matrix: Matrix
    entered: int
    left: int
    first: str
    reach: str
    priorities: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """Return the counts for a log: nothing of single leads."""
        counts = {"leads": self.leads, "total": self.leads, "moved": self.moved, "entered": self.entered}
        told = {"left": self.left, "of": self.of, "first": self.first, "writes": self.writes}
        return counts | told | {"from": "the plan for everybody"}


def key_of(job: Job, box: ActiveScorecard, card: Scorecard, capacity: int | None) -> tuple[Any, ...]:
    """Return what tells one plan from another."""
    return "plan", job.name, box.prefix, card.digest, capacity, job.store.changes(job.name)


def plan(asker: str, desk: Desk, job: Job, box: ActiveScorecard, card: Scorecard, capacity: int | None) -> Count:
    """Return the plan of an edited scorecard, counted in the background; the last one of the same person is stopped."""
    tried = with_card(job, of_leads(job, box), card)

    def work(count: Count) -> Sequence[Planned]:
        count.of = sum(job.mirror.bucket_counts())
        found = plans(tried, clock.now(), capacity, scored_so_far=count.add)
        return [_kept(one, box) for one in found]

    return desk.asked(asker, key_of(job, box, card, capacity), work)


def with_card(job: Job, active: ActiveScorecard, card: Scorecard) -> Job:
    """Return a job like another that has only one scorecard, an edited one, and makes no call to the CRM."""
    use = next(one for one in job.connection.scorecards if one.prefix == active.prefix).model_copy()
    use._card = card  # noqa: SLF001 - the use of the settings, with another card
    connection = job.connection.model_copy(update={"scorecards": (use,)})
    return Job(job.name, connection, job.store, offline=True)


def _kept(plan: Plan, box: ActiveScorecard) -> Planned:
    matrix = plan.movement.priorities()
    first = next(iter(plan.movement.names), "")
    old = next(iter(box.card.priorities), first) if plan.of == box.of else first
    cells = matrix.cells.items()
    return Planned(
        plan.of,
        plan.leads,
        plan.known,
        plan.writes,
        plan.moved,
        plan.share_moved,
        plan.guard,
        plan.guarded,
        matrix,
        sum(leads for (before, after), leads in cells if before != old and after == first),
        sum(leads for (before, after), leads in cells if before == old and after != first),
        first,
        plan.overview.reach.sentence if plan.overview.reach else "",
        plan.overview.priorities,
    )
