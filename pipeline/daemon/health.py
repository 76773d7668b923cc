"""The health of the daemon: what `/health` and `/live` answer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from pipeline.daemon.scheduler import Lane
from pipeline.daemon.timing import Clocks
from store import Figures, SinkState
from store.leads.due import Waiting

SLACK: Final = 900.0
"""How many seconds late a pass may start before its connection is unhealthy."""

STILL: Final = 300.0
"""Seconds without progress after which a lane hangs."""


FeedWord = Literal["listening", "paused", "lost", "off"]


@dataclass
class FeedState:
    """What became of a connection's feed: passes go on without it, so it says nothing about their health."""

    state: FeedWord
    since: datetime
    why: str = ""
    """Why it is not heard, and what to do."""
    heard_at: datetime | None = None
    """When something was heard last, if only that there was nothing."""
    gaps: int = 0
    """How often it lost changes, since this process started."""
    waiting: Waiting = field(default_factory=Waiting)
    """What it said that was not read yet."""

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON for `/health`."""
        oldest = self.waiting.oldest
        return {
            "state": self.state,
            "since": self.since.isoformat(timespec="seconds"),
            "why": self.why or None,
            "heard_at": self.heard_at.isoformat(timespec="seconds") if self.heard_at else None,
            "gaps": self.gaps,
            "due": self.waiting.rows,
            "oldest_due": oldest.isoformat(timespec="seconds") if oldest else None,
        }


@dataclass
class ConnectionHealth:
    """The state of one connection."""

    due_by: float
    """When the next pass must have started, by the steady clock."""
    ended: str = ""
    """The state of the last pass: done, refused, held or failed; empty before the first."""
    doing: str = "starting"
    """What it is doing: starting, at work, resting or standing by."""
    why: str = ""
    """Why the last pass failed or is held, or which process has the lease."""
    last_good: datetime | None = None
    """When a pass last completed."""
    figures: Figures | None = None
    """What waits for the CRM or for a person, as of the last pass."""
    calls_left: int | None = None
    unheld_since: float | None = None
    """Since when no process has the lease, by the steady clock; None while one has."""
    alerts: Sequence[SinkState] = ()
    """What waits for each sink of `notify`: it says nothing about the health of passes."""
    feed: FeedState | None = None
    """What became of the feed, if the settings want one."""

    def is_healthy(self, now: float) -> bool:
        """Return whether the last pass did not fail and the next is not overdue, or another process does them."""
        if self.doing == "standing by":
            return self.unheld_since is None or now - self.unheld_since <= SLACK
        return self.ended != "failed" and (self.doing == "at work" or now <= self.due_by)

    def as_json(self, now: float) -> dict[str, Any]:
        """Return the state as JSON for `/health`."""
        good = self.last_good.isoformat(timespec="seconds") if self.last_good else None
        return {
            "well": self.is_healthy(now),
            "doing": self.doing,
            "last_pass": self.ended or None,
            "last_good": good,
            "overdue": now > self.due_by and self.doing == "resting",
            "unheld": self.unheld_since is not None and now - self.unheld_since > SLACK,
            "why": self.why or None,
            **self._waiting(),
            **self._alerts(),
            **({"feed": self.feed.as_json()} if self.feed else {}),
        }

    def _alerts(self) -> dict[str, Any]:
        told = {one.sink: _of_sink(one) for one in self.alerts}
        return {"alerts": told} if told else {}

    def _waiting(self) -> dict[str, Any]:
        found = self.figures
        if found is None:
            return {}
        oldest = found.oldest_unwritten
        return {
            "pending": found.pending,
            "refused": found.refused,
            "held": {"scorecards": found.held, "leads": found.leads_held, "activities": found.activities_held},
            "oldest_unwritten": oldest.isoformat(timespec="seconds") if oldest else None,
            "calls_left": self.calls_left,
            "notes": sorted(found.notes),
        }


def _of_sink(state: SinkState) -> dict[str, Any]:
    oldest = state.oldest.isoformat(timespec="seconds") if state.oldest else None
    return {"waiting": state.waiting, "oldest": oldest, "dropped": state.dropped, "error": state.error or None}


@dataclass
class Health:
    """The state of all connections, the lanes and the database."""

    connections: Sequence[str]
    database: str
    """The identity of the database."""
    clocks: Clocks = field(default_factory=Clocks)
    lanes: list[Lane] = field(default_factory=list)
    trouble: dict[str, str] = field(default_factory=dict)
    """What is wrong with the database or this machine, by subject."""

    def __post_init__(self) -> None:
        self.states = {name: ConnectionHealth(self.clocks.steady() + SLACK) for name in self.connections}

    def begun(self, name: str) -> None:
        """Record that a pass started."""
        self.states[name].doing = "at work"

    def ended(self, name: str, how: str, why: str, next_in: float) -> None:
        """Record that a pass ended, and that the next one starts in `next_in` seconds."""
        state = self.states[name]
        state.ended, state.why, state.doing = how, why, "resting"
        state.due_by = self.clocks.steady() + next_in + SLACK
        if how != "failed":
            state.last_good = self.clocks.wall()

    def rests(self, name: str, doing: str, why: str, next_in: float) -> None:
        """Record why there is no pass now, and that the next one starts in `next_in` seconds."""
        state = self.states[name]
        state.doing, state.why = doing, why
        state.due_by = self.clocks.steady() + next_in + SLACK

    def unheld(self, free: Collection[str]) -> None:
        """Record which connections no process holds now: standing by is well only while another does the passes."""
        now = self.clocks.steady()
        for name, state in self.states.items():
            since = now if state.unheld_since is None else state.unheld_since
            state.unheld_since = since if name in free else None

    def report(self) -> tuple[bool, Mapping[str, Any]]:
        """Return whether everything is healthy, and the state of each connection."""
        now = self.clocks.steady()
        found = {name: state.as_json(now) for name, state in self.states.items()}
        well = not self.trouble and all(one["well"] for one in found.values())
        return well, {"well": well, "connections": found, "trouble": self.trouble}

    def live(self) -> tuple[bool, Mapping[str, Any]]:
        """Return whether all lanes make progress, even if their passes fail."""
        now = self.clocks.steady()
        hung = [lane.name for lane in self.lanes if lane.hangs or now - lane.beat > STILL]
        return not hung, {"live": not hung, "hung": hung, "program": "leadgauge", "database": self.database}
