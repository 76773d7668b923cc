"""Plan: what a run would change, computed from the mirror without reading leads from the CRM or writing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from connectors.base import Cost
from pipeline.compute import everyone, scored
from pipeline.entrants import filled
from pipeline.guard import FEWEST
from pipeline.job import ActiveScorecard, Job
from pipeline.planning.movement import Jump, Move, Movement, why
from pipeline.planning.overview import Overlooking, Overview
from pipeline.replanning import replanned
from store import Tolerances

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run of one scorecard on one connection would change, and what it would cost."""

    connection: str
    scorecard: str
    leads: int
    known: int
    writes: int
    moved: int
    guard: float
    cost: Cost
    calls_left: int | None
    """How many calls the CRM last reported as left, if that was within a day."""
    moves: Sequence[Move]
    crossings: dict[str, tuple[int, int]]
    jumps: Sequence[Jump]
    movement: Movement
    overview: Overview
    reasons: Mapping[str, int]
    """How many leads are written, by why (see `REASONS`)."""
    asks: bool = False
    """Whether the scorecard has never written, so that a person is asked before it does."""
    settings_changed: str = ""
    """What the next pass reads again because the settings changed; the figures do not include it."""

    @property
    def share_moved(self) -> float:
        """The share of the leads scored before that change their grade or priority."""
        return self.moved / self.known if self.known else 0.0

    @property
    def guarded(self) -> bool:
        """Whether the guard would stop the run."""
        return self.known >= FEWEST and self.share_moved > self.guard

    def as_json(self) -> dict[str, Any]:
        """Return the plan as JSON."""
        return {
            "connection": self.connection,
            "scorecard": self.scorecard,
            "leads": self.leads,
            "scored_before": self.known,
            "writes": self.writes,
            "writes_by_reason": dict(self.reasons),
            "asks": self.asks,
            "moved": self.moved,
            "share_moved": round(self.share_moved, 4),
            "guard": self.guard,
            "guarded": self.guarded,
            "calls": self.cost.calls,
            "seconds": round(self.cost.seconds, 1),
            "calls_left": self.calls_left,
            "moves": [asdict(move) for move in self.moves],
            "crossings": {name: {"up": up, "down": down} for name, (up, down) in self.crossings.items()},
            "jumps": [asdict(jump) for jump in self.jumps],
            "grade_matrix": self.movement.grades().as_json(),
            "settings_changed": self.settings_changed,
        } | self.overview.as_json()


def plans(job: Job, as_of: datetime, capacity: int | None = None) -> Iterator[Plan]:
    """Yield the plan of each scorecard of a connection. `capacity`: how many leads are called in a week."""
    stated = capacity or job.connection.capacity
    return (_plan(job, active, as_of, stated) for active in job.scorecards)


def _plan(job: Job, active: ActiveScorecard, as_of: datetime, capacity: int | None) -> Plan:
    tolerances = Tolerances(dead_band=job.connection.write.dead_band)
    links, again = job.mirror.links(), active.outbox.resent()
    movement = Movement(links, active.card.priorities)
    overlooking, own = Overlooking(links, active.card), filled(job) is not None
    for chunk in everyone(job):
        found = scored(job, active, chunk, as_of, own=own)
        compared = why(active.outbox.compare(found.results, tolerances), active.outbox.scorecards(chunk), again)
        movement.add(compared)
        overlooking.add(compared, found.frames.leads)
    reasons = movement.writes()
    writes = sum(reasons.values())
    return Plan(
        connection=job.name,
        scorecard=active.name,
        leads=movement.leads,
        known=movement.known(),
        writes=writes,
        moved=movement.moved(active.guarded),
        guard=job.connection.write.guard,
        cost=job.connector.cost_of_push(writes),
        calls_left=_calls_left(job, as_of),
        moves=movement.moves(),
        crossings=movement.crossings(),
        jumps=movement.jumps(),
        movement=movement,
        overview=overlooking.overview(movement.frame, capacity),
        reasons=reasons,
        asks=job.connection.write.first == "ask" and not active.outbox.allowed(),
        settings_changed=_settings_changed(job),
    )


def _settings_changed(job: Job) -> str:
    streams = job.connector.streams()
    return replanned(job.mirror.replanned(streams), {stream.name: stream.label for stream in streams})


def _calls_left(job: Job, as_of: datetime) -> int | None:
    latest = (run for run in job.runs.list() if run.started_at > as_of - DAY)
    return next((run.counts["calls_left"] for run in latest if run.counts.get("calls_left") is not None), None)
