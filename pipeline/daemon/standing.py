"""How the daemon's connections stand: what `/health` and `/live` answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pipeline.daemon.scheduler import Lane
from pipeline.daemon.timing import Clocks

SLACK: Final = 900.0
"""Seconds by which a pass may begin later than the schedule has it before its connection is not well."""

STILL: Final = 300.0
"""Seconds after which a lane without a sign of life hangs."""


@dataclass
class Stand:
    """How one connection stands."""

    due_by: float
    """By the steady clock: when the next pass must have begun."""
    ended: str = ""
    """How the last pass ended: done, refused, held or failed; empty before the first."""
    doing: str = "starting"
    """What is going on: starting, at work, resting, standing by, or waiting for the CRM's calls."""
    why: str = ""
    """Why the last pass failed or is held, or who else is at work."""
    last_good: datetime | None = None
    """When a pass last came to its end."""

    def is_well(self, now: float) -> bool:
        """Return whether the last pass did not fail and the next one is not overdue, or both are another's task."""
        if self.doing == "standing by":
            return True
        return self.ended != "failed" and (self.doing == "at work" or now <= self.due_by)

    def told(self, now: float) -> dict[str, Any]:
        """Return it as `/health` shows it."""
        good = self.last_good.isoformat(timespec="seconds") if self.last_good else None
        return {
            "well": self.is_well(now),
            "doing": self.doing,
            "last_pass": self.ended or None,
            "last_good": good,
            "overdue": now > self.due_by and self.doing == "resting",
            "why": self.why or None,
        }


@dataclass
class Standing:
    """How all connections stand, their lanes and the database."""

    connections: Sequence[str]
    database: str
    """What tells the database from every other one."""
    clocks: Clocks = field(default_factory=Clocks)
    lanes: list[Lane] = field(default_factory=list)
    trouble: dict[str, str] = field(default_factory=dict)
    """What is wrong with the database or this machine, by subject."""

    def __post_init__(self) -> None:
        self.stands = {name: Stand(self.clocks.steady() + SLACK) for name in self.connections}

    def begun(self, name: str) -> None:
        """Take note that a pass begins."""
        self.stands[name].doing = "at work"

    def ended(self, name: str, how: str, why: str, next_in: float) -> None:
        """Take note that a pass ended, and that the next one begins in so many seconds."""
        stand = self.stands[name]
        stand.ended, stand.why, stand.doing = how, why, "resting"
        stand.due_by = self.clocks.steady() + next_in + SLACK
        if how != "failed":
            stand.last_good = self.clocks.wall()

    def rests(self, name: str, doing: str, why: str, next_in: float) -> None:
        """Take note why there is no pass now, and when the next one begins."""
        stand = self.stands[name]
        stand.doing, stand.why = doing, why
        stand.due_by = self.clocks.steady() + next_in + SLACK

    def health(self) -> tuple[bool, Mapping[str, Any]]:
        """Return whether all is well with the work, and how each connection stands."""
        now = self.clocks.steady()
        told = {name: stand.told(now) for name, stand in self.stands.items()}
        well = not self.trouble and all(one["well"] for one in told.values())
        return well, {"well": well, "connections": told, "trouble": self.trouble}

    def live(self) -> tuple[bool, Mapping[str, Any]]:
        """Return whether the process moves, whatever comes of its work."""
        now = self.clocks.steady()
        hung = [lane.name for lane in self.lanes if lane.hangs or now - lane.beat > STILL]
        return not hung, {"live": not hung, "hung": hung, "program": "leadgauge", "database": self.database}
