"""When tasks are due: intervals stay even and times of day occur once, whatever the wall clock is set to."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from config.schedules import Timing
from pipeline.daemon.timing import Clocks, due

HOUR = 3600.0
START = datetime(2026, 11, 25, 12, tzinfo=UTC)


@dataclass
class Machine:
    """A machine with clocks moved by a test."""

    steady: float = 1000.0
    wall: datetime = START
    ran: list[datetime] = field(default_factory=list)

    @property
    def clocks(self) -> Clocks:
        return Clocks(lambda: self.wall, lambda: self.steady)

    def live(self, seconds: float, *, step: float = 60.0) -> None:
        """Let time pass, running the task whenever it is due."""
        for _ in range(round(seconds / step)):
            self.steady += step
            self.wall += timedelta(seconds=step)
            self.look()

    def set(self, hours: float) -> None:
        """Set the wall clock forward, or back."""
        self.wall += timedelta(hours=hours)
        self.look()

    def task(self, text: str, *, at_once: bool = False, zone: str = "UTC") -> None:
        self.due = due(Timing(text).trigger(ZoneInfo(zone)), self.clocks, at_once=at_once)

    def look(self) -> None:
        if self.due.left() <= 0:
            self.due.begin()
            self.ran.append(self.wall)


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.mark.parametrize("hours", [-24 * 30, -1, 1, 24 * 30])
def test_a_span_goes_on_evenly_whatever_the_clock_is_set_to(machine: Machine, hours: float) -> None:
    machine.task("5m", at_once=True)
    machine.look()
    machine.live(HOUR / 2)
    machine.set(hours)
    machine.live(HOUR / 2)
    assert len(machine.ran) == 13


def test_what_was_missed_is_made_up_for_once(machine: Machine) -> None:
    machine.task("5m")
    machine.live(4 * HOUR, step=4 * HOUR)
    machine.live(5 * 60)
    assert len(machine.ran) == 2


def test_a_time_of_day_comes_once_a_day(machine: Machine) -> None:
    machine.task("02:30")
    machine.live(72 * HOUR)
    assert [f"{moment:%d %H:%M}" for moment in machine.ran] == ["26 02:30", "27 02:30", "28 02:30"]


def test_a_time_of_day_that_comes_again_does_not_count_twice(machine: Machine) -> None:
    machine.task("02:30")
    machine.live(15 * HOUR)
    machine.set(-1)
    machine.live(2 * HOUR)
    assert len(machine.ran) == 1
    machine.live(24 * HOUR)
    assert len(machine.ran) == 2


def test_a_time_of_day_that_was_leapt_over_is_made_up_for(machine: Machine) -> None:
    machine.task("02:30")
    machine.live(8 * HOUR)
    machine.set(10)
    assert len(machine.ran) == 1


@pytest.mark.parametrize("days", [-30, -3, 3, 30])
def test_after_a_leap_of_days_a_time_of_day_comes_within_a_day_and_a_half(machine: Machine, days: int) -> None:
    machine.task("02:30")
    machine.live(24 * HOUR)
    before = len(machine.ran)
    machine.set(24 * days)
    machine.live(36 * HOUR)
    assert len(machine.ran) - before in {1, 2}
    machine.live(72 * HOUR)
    assert len(machine.ran) - before in {4, 5}


def test_a_clock_that_leapt_ahead_and_was_put_right_costs_and_doubles_nothing(machine: Machine) -> None:
    machine.task("02:30")
    machine.live(24 * HOUR)
    machine.set(24 * 365)
    machine.live(HOUR)
    machine.set(-24 * 365)
    machine.live(24 * HOUR)
    assert len(machine.ran) == 2


@pytest.mark.parametrize("start", [datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 3, 28, 12, tzinfo=UTC)])
def test_the_change_to_and_from_summer_time_neither_doubles_nor_drops_a_night(start: datetime) -> None:
    machine = Machine(wall=start)
    machine.task("02:30", zone="Europe/Berlin")
    machine.live(72 * HOUR)
    assert len(machine.ran) == 3


def test_a_crontab_line_goes_on_through_the_hour_that_comes_twice() -> None:
    machine = Machine(wall=datetime(2026, 10, 24, 23, 55, tzinfo=UTC))
    machine.task("*/10 * * * *", zone="Europe/Berlin")
    machine.live(3 * HOUR)
    assert len(machine.ran) == 18


def test_a_crontab_line_keeps_its_own_gaps(machine: Machine) -> None:
    machine.task("*/10 6-20 * * mon-fri")
    machine.live(24 * HOUR)
    assert len(machine.ran) == 90
