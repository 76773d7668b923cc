"""When a task is due: spans by a clock that nobody sets, times of day by the wall clock, neither twice nor never."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Final, Protocol

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from pipeline.clock import steady

JUMP: Final = timedelta(minutes=1)
"""A wall clock that moves by more than this against the steady one was set; NTP slews it by less."""
NEVER: Final = float("inf")
FEW: Final = 4
"""How many times are looked at to tell a schedule's gap."""


def wall() -> datetime:
    """Return the time of day, as this machine has it."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The two clocks of a machine."""

    wall: Callable[[], datetime] = wall
    steady: Callable[[], float] = steady

    def lead(self) -> float:
        """Return how far the wall clock is from the steady one, in seconds: the same, until it is set."""
        return self.wall().timestamp() - self.steady()


class Due(Protocol):
    """When a task is due next."""

    def left(self) -> float:
        """Return the seconds until the task is due; less than 0 for one that is overdue."""

    def begin(self) -> None:
        """Take note that the task begins, and plan the next time; what was missed is not made up for more than once."""


@dataclass
class Rhythm:
    """Every so often."""

    span: float
    clocks: Clocks
    at_once: bool
    _next: float = field(init=False)

    def __post_init__(self) -> None:
        self._next = self.clocks.steady() + (0 if self.at_once else self.span)

    def left(self) -> float:
        """Return the seconds until the task is due."""
        return self._next - self.clocks.steady()

    def begin(self) -> None:
        """Plan the next time, in the rhythm that was begun with."""
        missed = int(-self.left() // self.span)
        self._next += (missed + 1) * self.span


@dataclass
class Calendar:
    """At times of day, by the wall clock.

    After a clock was set, or summer time ended, the same time may come again, and times may be leapt over. So a time
    counts only where at least half of the schedule's gap has really passed since the task last ran.
    """

    trigger: BaseTrigger
    clocks: Clocks
    at_once: bool
    _ran: float | None = None
    _next: datetime | None = None
    _lead: float = 0.0

    def __post_init__(self) -> None:
        self._plan()

    def left(self) -> float:
        """Return the seconds until the task is due."""
        if self.at_once:
            return 0.0
        if not self._holds():
            self._plan()
        return NEVER if self._next is None else (self._next - self.clocks.wall()).total_seconds()

    def begin(self) -> None:
        """Plan the next time."""
        self.at_once = False
        self._ran = self.clocks.steady()
        self._plan()

    def _holds(self) -> bool:
        """Return whether the plan still does: no clock was set, or the time that was planned has come all the same."""
        if self._next is not None and self._next <= self.clocks.wall():
            return self._counts(self._next)
        return abs(self.clocks.lead() - self._lead) <= JUMP.total_seconds()

    def _plan(self) -> None:
        self._lead = self.clocks.lead()
        found = self._after(self.clocks.wall())
        while found is not None and not self._counts(found):
            found = self._after(found)
        self._next = found

    def _counts(self, time: datetime) -> bool:
        """Return whether enough will really have passed by then, or has passed by now, since the task last ran."""
        if self._ran is None:
            return True
        ahead = max((time - self.clocks.wall()).total_seconds(), 0.0)
        return self.clocks.steady() + ahead - self._ran >= self._gap(time) / 2

    def _gap(self, time: datetime) -> float:
        """Return the seconds between two times from this one on: the least of a few, so that nights do not count."""
        times = [time]
        while len(times) < FEW and (after := self._after(times[-1])):
            times.append(after)
        return min(((after - before).total_seconds() for before, after in pairwise(times)), default=0.0)

    def _after(self, time: datetime) -> datetime | None:
        # Not told of the time before: in the hour that comes twice, APScheduler 3.11 would return that time for ever.
        found = self.trigger.get_next_fire_time(None, time + timedelta(seconds=1))
        assert found is None or isinstance(found, datetime)
        return found and found.astimezone(UTC)


def due(trigger: BaseTrigger, clocks: Clocks, *, at_once: bool) -> Due:
    """Return when a task with this trigger is due, from now on."""
    if isinstance(trigger, IntervalTrigger):
        return Rhythm(trigger.interval.total_seconds(), clocks, at_once)
    return Calendar(trigger, clocks, at_once)


def said(moment: datetime, zone: tzinfo = UTC) -> str:
    """Return a moment as `status` and the log say it."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M} {zone.tzname(moment)}"
