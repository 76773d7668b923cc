"""When a task is due: intervals by a monotonic clock, times of day by the wall clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Final, Protocol

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from pipeline.clock import steady

JUMP: Final = timedelta(minutes=1)
"""If the wall clock moves by more than this against the steady one, it was set. NTP slews it by less."""
NEVER: Final = float("inf")
FEW: Final = 4
"""How many fire times are compared to find a schedule's gap."""


def wall() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clocks:
    """The two clocks of a machine."""

    wall: Callable[[], datetime] = wall
    steady: Callable[[], float] = steady

    def lead(self) -> float:
        """Return the wall clock minus the steady one, in seconds. It is constant until the wall clock is set."""
        return self.wall().timestamp() - self.steady()


class Due(Protocol):
    """When a task is due next."""

    def left(self) -> float:
        """Return the seconds until the task is due; less than 0 for one that is overdue."""

    def begin(self) -> None:
        """Record that the task starts, and plan its next time. Missed times are made up for only once."""


@dataclass
class Interval:
    """At a fixed interval."""

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
        """Plan the next time, in phase with the first."""
        missed = int(-self.left() // self.span)
        self._next += (missed + 1) * self.span


@dataclass
class Calendar:
    """At times of day, by the wall clock.

    If a clock is set or daylight saving time ends, a time of day can occur twice or be skipped. So a time counts only
    if at least half of the schedule's gap has really passed since the task last ran.
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
        """Return whether the planned time is still valid: the clock was not set, or the time has come anyway."""
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
        """Return whether enough real time lies between the last run and this time."""
        if self._ran is None:
            return True
        ahead = max((time - self.clocks.wall()).total_seconds(), 0.0)
        return self.clocks.steady() + ahead - self._ran >= self._gap(time) / 2

    def _gap(self, time: datetime) -> float:
        """Return the shortest of the next few gaps in the schedule, in seconds, so that nights do not count."""
        times = [time]
        while len(times) < FEW and (after := self._after(times[-1])):
            times.append(after)
        return min(((after - before).total_seconds() for before, after in pairwise(times)), default=0.0)

    def _after(self, time: datetime) -> datetime | None:
        # The previous time is not passed: in the repeated hour of a DST change, APScheduler 3.11 returns it forever.
        found = self.trigger.get_next_fire_time(None, time + timedelta(seconds=1))
        assert found is None or isinstance(found, datetime)
        return found and found.astimezone(UTC)


def due(trigger: BaseTrigger, clocks: Clocks, *, at_once: bool) -> Due:
    """Return the schedule of a task with this trigger, starting now."""
    if isinstance(trigger, IntervalTrigger):
        return Interval(trigger.interval.total_seconds(), clocks, at_once)
    return Calendar(trigger, clocks, at_once)


def as_text(moment: datetime, zone: tzinfo = UTC) -> str:
    """Return a time as `status` and the log show it."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M} {zone.tzname(moment)}"
