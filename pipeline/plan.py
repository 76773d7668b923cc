"""Plan: what a run would change, computed from the mirror without a call that reads leads and without a write."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from connectors.base import Budget, Cost
from pipeline.movement import Jump, Move, Movement


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run of one scorecard on one connection would change, and what that would take."""

    connection: str
    scorecard: str
    leads: int
    known: int
    writes: int
    moved: int
    guard: float
    cost: Cost
    budget: Budget
    moves: Sequence[Move]
    crossings: dict[str, tuple[int, int]]
    jumps: Sequence[Jump]
    movement: Movement

    @property
    def share_moved(self) -> float:
        """The share of the leads scored before that change their grade or priority."""
        return self.moved / self.known if self.known else 0.0

    @property
    def guarded(self) -> bool:
        """Whether the guard would stop the run."""
        return self.share_moved > self.guard

    def as_json(self) -> dict[str, Any]:
        """Return the plan for programs."""
        return {
            "connection": self.connection,
            "scorecard": self.scorecard,
            "leads": self.leads,
            "scored_before": self.known,
            "writes": self.writes,
            "moved": self.moved,
            "share_moved": round(self.share_moved, 4),
            "guard": self.guard,
            "guarded": self.guarded,
            "calls": self.cost.calls,
            "seconds": round(self.cost.seconds, 1),
            "calls_left_today": self.budget.left_today,
            "moves": [asdict(move) for move in self.moves],
            "crossings": {name: {"up": up, "down": down} for name, (up, down) in self.crossings.items()},
            "jumps": [asdict(jump) for jump in self.jumps],
        }
