"""Plan: what a run would change, computed from the mirror without reading leads from the CRM or writing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from connectors.base import Cost
from pipeline.entrants import filled
from pipeline.guard import FEWEST
from pipeline.job import ActiveScorecard, Job
from pipeline.planning.expecting import expected_of
from pipeline.planning.movement import Jump, Move, Movement
from pipeline.planning.overview import Overview
from pipeline.planning.surveying import Question, Surveyed, surveys
from pipeline.replanning import replanned
from vocabulary.outputs import Of

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run of one scorecard on one connection would change, and what it would cost."""

    connection: str
    scorecard: str
    leads: int
    """How many leads or accounts."""
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
    of: Of = "leads"
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
            "of": self.of,
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


def plans(
    job: Job,
    as_of: datetime,
    capacity: int | None = None,
    *,
    scored_so_far: Callable[[int], None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[Plan]:
    """Yield the plan of each scorecard of a connection, for leads and for accounts.

    `capacity`: how many leads are called in a week. `scored_so_far` is told how many leads more were scored, and `say`
    what the cluster of the settings did not do, and why.
    """
    asked = Question(as_of, own=filled(job) is not None, dead_band=job.connection.write.dead_band)
    stated, links = capacity or job.connection.capacity, job.mirror.links()
    for active in job.scorecards:
        found = {box.key: Surveyed(box, links.to(box.of)) for box in active.boxes}
        for chunk in surveys(job, active, asked, say):
            for key, of_box in chunk.boxes.items():
                found[key].merge(of_box)
            scored_so_far(chunk.leads)
        for box in active.boxes:
            yield _plan(job, box, found[box.key], as_of, stated if box.of == "leads" else None)


def _plan(job: Job, box: ActiveScorecard, found: Surveyed, as_of: datetime, capacity: int | None) -> Plan:
    movement = found.movement
    reasons = movement.writes()
    writes = sum(reasons.values())
    return Plan(
        connection=job.name,
        scorecard=box.name,
        of=box.of,
        leads=movement.leads,
        known=movement.known(),
        writes=writes,
        moved=movement.moved(box.guarded),
        guard=job.connection.write.guard,
        cost=job.connector.cost_of_push(writes),
        calls_left=_calls_left(job, as_of),
        moves=movement.moves(),
        crossings=movement.crossings(),
        jumps=movement.jumps(),
        movement=movement,
        overview=found.overlooking.overview(
            box.card, movement.frame, capacity, lambda leads: expected_of(job, box, leads, as_of=as_of)
        ),
        reasons=reasons,
        asks=job.connection.write.first == "ask" and not box.outbox.allowed(),
        settings_changed=_settings_changed(job),
    )


def _settings_changed(job: Job) -> str:
    streams = job.sources.streams()
    return replanned(job.mirror.replanned(streams), {stream.name: stream.label for stream in streams})


def _calls_left(job: Job, as_of: datetime) -> int | None:
    latest = (run for run in job.runs.list() if run.started_at > as_of - DAY)
    return next((run.counts["calls_left"] for run in latest if run.counts.get("calls_left") is not None), None)
