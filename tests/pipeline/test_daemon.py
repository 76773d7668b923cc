"""The daemon's lanes: a hung or failed lane does not block others, and none is forgotten."""

import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from apscheduler.triggers.interval import IntervalTrigger

from commands.common import stop_on_signal
from pipeline.daemon.health import SLACK, STILL, Health
from pipeline.daemon.housekeeping import ClockMonitor, DatabaseMonitor
from pipeline.daemon.scheduler import Lane, Task, run
from pipeline.daemon.timing import Clocks
from store import StoreError

OFTEN = IntervalTrigger(seconds=0.02)


def lane(name: str, work: Callable[[], None]) -> Lane:
    made = Lane(name)
    made.add([Task("sync", OFTEN, work, at_once=True)])
    return made


def test_a_lane_that_hangs_holds_up_no_other_and_not_the_end() -> None:
    stop, hangs, done = Event(), Event(), []

    def often() -> None:
        done.append(1)
        if len(done) == 20:
            stop.set()

    ended = run([lane("hangs", hangs.wait), lane("well", often)], stop, grace=timedelta())  # type: ignore[arg-type]  # returns a flag
    hangs.set()
    assert len(done) >= 20
    assert not ended


def test_a_task_that_fails_runs_again() -> None:
    stop, tried = Event(), []

    def fails() -> None:
        tried.append(1)
        if len(tried) == 5:
            stop.set()
        raise RuntimeError("no")

    assert run([lane("main", fails)], stop)
    assert len(tried) == 5


def test_tasks_of_a_lane_never_run_at_the_same_time() -> None:
    stop, at_work, most, done = Event(), [], [], []

    def work() -> None:
        at_work.append(1)
        most.append(len(at_work))
        time.sleep(0.01)
        at_work.pop()
        done.append(1)
        if len(done) > 20:
            stop.set()

    busy = Lane("main")
    busy.add(Task(name, OFTEN, work, at_once=True) for name in ("sync", "refresh"))
    assert run([busy], stop)
    assert set(most) == {1}


def test_a_signal_that_another_thread_gets_stops_the_lanes() -> None:
    busy = Event()
    other = threading.Thread(target=busy.wait, daemon=True)
    other.start()

    def ask() -> None:
        assert other.ident is not None
        time.sleep(0.2)  # the main thread waits by then
        signal.pthread_kill(other.ident, signal.SIGTERM)

    with stop_on_signal() as stop:
        too_late = threading.Timer(20, lambda: [busy.set(), stop.set()])
        for thread in (too_late, threading.Thread(target=ask)):
            thread.daemon = True
            thread.start()
        assert run([lane("main", lambda: None)], stop)
    assert not busy.is_set()
    too_late.cancel()
    busy.set()


def test_the_end_waits_for_what_is_in_hand() -> None:
    stop, done = Event(), []

    def work() -> None:
        stop.set()
        time.sleep(0.2)
        done.append(1)

    assert run([lane("main", work)], stop)
    assert done == [1]


class Machine:
    """A machine with clocks moved by a test."""

    def __init__(self) -> None:
        self.wall, self.steady = datetime(2026, 11, 25, 12, tzinfo=UTC), 0.0
        self.clocks = Clocks(lambda: self.wall, lambda: self.steady)

    def live(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += timedelta(seconds=seconds)


def test_a_clock_that_was_set_is_told_once_and_for_a_day() -> None:
    machine, notes = Machine(), dict[str, str | None]()
    watch = ClockMonitor(notes.__setitem__, machine.clocks)
    machine.live(5)
    watch.look()
    assert notes == {"clock": None}, "notes of an earlier daemon are removed"
    machine.wall -= timedelta(hours=1)
    machine.live(5)
    watch.look()
    said = notes["clock"]
    assert said
    assert "was set back by 60 minutes, from 2026-11-25 12:00 UTC to 2026-11-25 11:00 UTC" in said
    machine.live(5)
    watch.look()
    assert notes["clock"] == said
    machine.live(90_000)
    watch.look()
    assert notes["clock"] is None


def test_health_says_whether_the_database_is_there() -> None:
    health, there = Health(["main"], "x"), [False]

    def verify() -> None:
        if not there[0]:
            raise StoreError("The database is gone.")

    watch = DatabaseMonitor(verify, health)
    watch.look()
    assert health.report()[0] is False
    assert health.report()[1]["trouble"] == {"database": "The database is gone."}
    there[0] = True
    watch.look()
    assert health.report()[0] is True


@pytest.fixture
def machine() -> Machine:
    return Machine()


def stands(machine: Machine) -> Health:
    return Health(["main", "other"], "x", machine.clocks)


def well(health: Health) -> bool:
    right, told = health.report()
    assert told["connections"]["other"]["well"] or not right
    return right


def test_a_connection_is_not_well_after_a_failed_pass_until_a_good_one(machine: Machine) -> None:
    health = stands(machine)
    health.ended("main", "failed", "no", 300)
    assert not well(health)
    assert health.report()[1]["connections"]["main"]["why"] == "no"
    health.ended("main", "done", "", 300)
    assert well(health)


def test_held_and_refused_are_well_since_a_person_acts_on_them(machine: Machine) -> None:
    health = stands(machine)
    for state in ("held", "refused"):
        health.ended("main", state, "why", 300)
        assert well(health)
        assert health.report()[1]["connections"]["main"]["last_pass"] == state


def test_a_connection_is_not_well_when_its_next_pass_is_overdue(machine: Machine) -> None:
    health = stands(machine)
    health.ended("main", "done", "", 300)
    health.ended("other", "done", "", 10**6)
    machine.live(300 + SLACK)
    assert well(health)
    machine.live(1)
    assert not well(health)
    assert health.report()[1]["connections"]["main"]["overdue"]


def test_a_pass_that_is_at_work_for_days_is_well(machine: Machine) -> None:
    health = stands(machine)
    health.ended("other", "done", "", 10**6)
    health.begun("main")
    machine.live(5 * 86_400)
    assert well(health)


def test_standing_by_is_well(machine: Machine) -> None:
    health = stands(machine)
    health.ended("other", "done", "", 10**9)
    health.ended("main", "failed", "no", 300)
    health.rests("main", "standing by", "vm:1 is at work", 300)
    machine.live(10**7)
    assert well(health)


def test_a_process_is_alive_while_its_lanes_move_whatever_comes_of_their_work(machine: Machine) -> None:
    health, moving = stands(machine), Lane("main", machine.clocks)
    health.lanes = [moving]
    health.ended("main", "failed", "no", 300)
    machine.live(STILL)
    assert health.live()[0]
    machine.live(1)
    assert health.live() == (False, {"live": False, "hung": ["main"], "program": "leadgauge", "database": "x"})
    moving.pulse()
    assert health.live()[0]
    moving.hangs = True
    assert not health.live()[0]


def test_lanes_are_daemon_threads_so_that_one_that_hangs_does_not_keep_the_process() -> None:
    stop, hangs, seen = Event(), Event(), []

    def look() -> None:
        seen.append(threading.current_thread().daemon)
        stop.set()
        hangs.wait(1)

    run([lane("main", look)], stop, grace=timedelta())
    hangs.set()
    assert seen == [True]
