"""A connection in the daemon survives its failures and reports what failed, since when, and what is next."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apscheduler.triggers.interval import IntervalTrigger

from connectors.base import BudgetSpent, Unavailable
from pipeline.daemon.connection import DaemonConnection
from pipeline.daemon.health import Health
from pipeline.daemon.metrics import Metrics
from pipeline.daemon.scheduler import Lane, Task
from pipeline.daemon.timing import Clocks
from pipeline.job import Job
from pipeline.passes import SYNC
from store import Figures, Store, StoreError

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Desk:
    """A connection on a machine with clocks moved by a test, and a job that fails as configured."""

    def __init__(self, error: Exception, name: str = "main", health: Health | None = None) -> None:
        self.wall, self.steady, self.error = NOON, 0.0, error
        self.gone = False
        self.notes: dict[str, str | None] = {}
        clocks = Clocks(lambda: self.wall, lambda: self.steady)
        self.lane = Lane(name, clocks)
        self.health = health or Health([name], "x", clocks)
        self.connection = DaemonConnection(name, self.job, Metrics(), self.health, self.lane, note=self.note)
        self.lane.add([Task("sync", IntervalTrigger(seconds=300), lambda: self.connection.do(SYNC))])

    def job(self) -> Job:
        raise self.error

    def note(self, subject: str, text: str | None) -> None:
        if self.gone:
            raise self.error
        self.notes[subject] = text

    def live(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += timedelta(seconds=seconds)

    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = self.health.report()[1]["connections"][self.connection.name]
        return told


def test_status_says_what_fails_since_when_and_what_is_tried_next_and_when() -> None:
    desk = Desk(Unavailable("https://api.hubapi.com cannot be reached."))
    desk.connection.do(SYNC)
    assert desk.notes["failing"] == (
        "since 2026-11-25 12:00 UTC, 1 pass. https://api.hubapi.com cannot be reached. Next: sync at 2026-11-25 12:05 UTC."
    )
    desk.live(240)
    desk.connection.do(SYNC)
    assert desk.notes["failing"] == (
        "since 2026-11-25 12:00 UTC, 2 passes in a row. https://api.hubapi.com cannot be reached. "
        "Next: sync at 2026-11-25 12:05 UTC."
    )


def test_a_restart_does_not_forget_since_when_passes_fail(tmp_path: Any) -> None:
    desk = Desk(Unavailable("https://api.hubapi.com cannot be reached."))
    desk.connection.failed_before = lambda: (NOON - timedelta(days=1), 288)
    with Store.open(f"sqlite:///{tmp_path}/x.db") as store:
        desk.connection._leased(Job("main", None, store))  # type: ignore[arg-type]  # it never comes to the CRM
        desk.connection.do(SYNC)
        desk.connection.close()
    assert str(desk.notes["failing"]).startswith("since 2026-11-24 12:00 UTC, 289 passes in a row. https://api.")


def test_a_look_for_requests_that_fails_is_no_failed_pass() -> None:
    """It comes every few seconds, and housekeeping reports a database that is away."""
    desk, lost = Desk(StoreError("The database is gone.")), StoreError("The database is gone.")

    def gone(_lease: object) -> None:
        raise lost

    desk.connection._lease = object()  # type: ignore[assignment]  # it is not used here
    desk.connection.next_request = gone
    desk.connection.serve_requests()
    assert (desk.notes, desk.told()["last_pass"], desk.told()["well"]) == ({}, None, True)


def test_what_waits_for_a_person_is_part_of_health_and_a_figure() -> None:
    found = Figures(7, 2, 1, 30, 0, NOON, frozenset({"settings refused"}))
    desk, metrics = Desk(Unavailable("")), Metrics()
    desk.health.states["main"].figures, desk.health.states["main"].calls_left = found, 12
    metrics.figures("main", found, 12)
    told = desk.told()
    assert (told["pending"], told["refused"], told["calls_left"]) == (7, 2, 12)
    assert told["held"] == {"scorecards": 1, "leads": 30, "activities": 0}
    assert (told["oldest_unwritten"], told["notes"]) == ("2026-11-25T12:00:00+00:00", ["settings refused"])
    values = {
        name: metrics.registry.get_sample_value(f"leadgauge_{name}", {"connection": "main"})
        for name in ("held_leads", "settings_refused", "calls_left", "oldest_unwritten_timestamp_seconds")
    }
    assert list(values.values()) == [30, 1, 12, NOON.timestamp()]


def test_connections_that_fail_in_different_ways_are_told_apart() -> None:
    health = Health(["one", "two"], "x")
    for name, words in (("one", "no network"), ("two", "no token")):
        Desk(Unavailable(words), name, health).connection.do(SYNC)
    told = health.report()[1]["connections"]
    assert (told["one"]["why"], told["two"]["why"]) == ("no network", "no token")


def test_a_database_that_is_gone_makes_the_connection_unwell_and_the_daemon_lives_on() -> None:
    desk = Desk(StoreError("The database is gone."))
    desk.gone = True  # a note is also written to the database
    desk.connection.do(SYNC)
    assert (desk.told()["well"], desk.told()["why"]) == (False, "The database is gone.")


@pytest.mark.parametrize(("resets_in", "resumes"), [(2, "14:00"), (24 * 40, "13:00")], ids=["soon", "by a wrong clock"])
def test_calls_that_are_used_up_are_waited_for_by_a_clock_that_nobody_sets(resets_in: float, resumes: str) -> None:
    """Daily calls resume within a day, whatever this machine's clock said when they ran out."""
    desk = Desk(BudgetSpent("All calls are used up.", NOON + timedelta(hours=resets_in)))
    desk.connection.do(SYNC)
    assert f" {resumes} UTC." in str(desk.notes["failing"]).rpartition("Next:")[2]
    asked: list[int] = []
    desk.connection._leased = lambda job: asked.append(1)  # type: ignore[assignment,method-assign,return-value]
    desk.live(3600)
    desk.wall += timedelta(days=365)
    assert desk.connection._waits()
    desk.live(25 * 3600)
    assert not desk.connection._waits()


def test_a_lease_that_is_another_s_is_stood_by_for(tmp_path: Any) -> None:
    desk = Desk(Unavailable("not asked"))
    with Store.open(f"sqlite:///{tmp_path}/x.db") as store:
        held = store.lease("main", holder="vm:7", ttl=timedelta(minutes=1), purpose="run")
        desk.connection.current = lambda: Job("main", None, store)  # type: ignore[arg-type]  # it never comes to the CRM
        desk.connection.do(SYNC)
        assert (desk.told()["well"], desk.told()["doing"]) == (True, "standing by")
        assert "vm:7 holds the connection" in desk.told()["why"]
        held.release()
