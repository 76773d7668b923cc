"""The listener stores what a feed says while this process has the lease, and says what became of the feed."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from apscheduler.triggers.interval import IntervalTrigger

from connectors.base import BudgetSpent, ConfigurationError, Unavailable
from pipeline.daemon.health import Health
from pipeline.daemon.listening import GAP_NOTE, MOST_HUNG, NOTE, Listener, pause_after_mistakes
from pipeline.daemon.metrics import Metrics
from pipeline.daemon.scheduler import Lane, Task
from pipeline.daemon.timing import Clocks
from pipeline.job import Job
from store import Lease, Store
from tests.radio import Radio, Tuned
from vocabulary.feeds import ALIVE

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
TTL = timedelta(minutes=1)


class Station:
    """A listener with a feed that a test speaks into, on a machine whose clocks a test moves."""

    def __init__(self, store: Store, feed: str = "always") -> None:
        self.store, self.steady, self.radio = store, 0.0, Radio()
        self.notes: dict[str, str | None] = {}
        clocks = Clocks(lambda: NOON + timedelta(seconds=self.steady), lambda: self.steady)
        self.lane, self.metrics = Lane("main", clocks), Metrics()
        self.lane.add([Task("sync", IntervalTrigger(seconds=300), lambda: None)])
        self.health = Health(["main"], "x", clocks)
        self.listener = Listener("main", self.lane, self.metrics, self.health, self.notes.__setitem__)
        self.feed = feed
        self.job, self.lease = self.new_job(), self.new_lease()

    def new_job(self) -> Job:
        connection: Any = SimpleNamespace(schedule=SimpleNamespace(feed=self.feed))
        job = Job("main", connection, self.store)
        inner: Any = SimpleNamespace(crm="sandbox", close=lambda: None)
        job.connector = Tuned(inner, self.radio, job)  # type: ignore[assignment]  # only its feed is asked for
        return job

    def new_lease(self) -> Lease:
        return self.store.lease("main", holder="test", ttl=TTL, purpose="test")

    def follow(self) -> None:
        self.listener.follow(self.job, self.lease)

    def due(self) -> list[str]:
        return [str(one) for one in self.job.due.take(99)["id"]]

    @property
    def state(self) -> str:
        feed = self.health.states["main"].feed
        return feed.state if feed else "none"

    @property
    def why(self) -> str:
        feed = self.health.states["main"].feed
        return feed.why if feed else ""

    def figure(self, name: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"leadgauge_{name}", {"connection": "main"})


@pytest.fixture
def station(database_url: str) -> Iterator[Station]:
    with Store.open(database_url) as store:
        station = Station(store)
        yield station
        station.listener.stop()
        station.job.permit.revoke()
        for thread in threading.enumerate():  # those of turns that are over, too: they must not outlive the database
            if thread.name.startswith("feed "):
                thread.join(10)


def until(holds: Callable[[], bool]) -> None:
    """Wait for another thread."""
    for _ in range(1500):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it never came")


def lead(id_: str) -> tuple[str, str, str, datetime | None]:
    return "contacts", "lead", id_, None


def test_what_is_said_is_stored_with_its_cursor_and_wakes_the_lane(station: Station) -> None:
    station.follow()
    assert not station.lane.woken.is_set()
    station.radio.say(lead("1"), lead("2"), events=5)
    until(station.lane.woken.is_set)
    assert (station.due(), station.state) == (["1", "2"], "listening")
    assert station.job.due.cursor() is not None
    until(lambda: station.figure("due_leads") == 2)
    assert (station.figure("feed_up"), station.figure("feed_events_total")) == (1, 5)
    assert station.listener.wants()


def test_after_a_restart_the_feed_goes_on_after_its_cursor_and_what_was_due_is_not_forgotten(station: Station) -> None:
    station.follow()
    station.radio.say(lead("1"))
    until(lambda: station.due() == ["1"])
    station.listener.stop()
    again = Station(station.store)
    again.lease, again.radio = station.lease, station.radio
    again.job = again.new_job()
    again.follow()
    until(lambda: len(station.radio.listened) == 2)
    again.listener.stop()
    assert station.radio.listened == [None, station.job.due.cursor()]
    assert again.listener.wants()


def test_without_the_lease_nothing_is_stored_and_nobody_listens(station: Station) -> None:
    station.follow()
    until(lambda: station.radio.open == 1)
    station.lease.release()
    station.store.lease("main", holder="other", ttl=TTL, purpose="run")
    station.radio.say(lead("1"))
    until(lambda: station.radio.open == 0)
    assert (station.due(), station.job.due.cursor()) == ([], None)


def test_a_pass_and_the_listener_share_one_permit(station: Station) -> None:
    """The end of a pass takes nothing from the listener, and a lost lease stops both."""
    permit = station.job.permit
    with permit.under(station.lease):
        with permit.under(station.lease):
            assert not permit.is_set()
        assert not permit.is_set()
        station.lease.release()
        station.store.lease("main", holder="other", ttl=TTL, purpose="run")
        station.lease._proven_at -= 100
        assert permit.is_set()


def test_a_gap_is_told_and_counted_and_a_sync_is_due_at_once(station: Station) -> None:
    station.follow()
    assert station.lane.upcoming()[1] > 0
    station.radio.say(gap="The cursor is older than three days.")
    until(lambda: station.lane.upcoming() == ("sync", 0.0))
    assert "The cursor is older than three days. A sync brings" in str(station.notes[GAP_NOTE])
    assert station.figure("feed_gaps_total") == 1
    assert station.health.report()[1]["connections"]["main"]["feed"]["gaps"] == 1
    station.listener.caught_up()
    assert station.notes[GAP_NOTE] is None


def test_a_mistake_of_the_settings_is_told_and_tried_again_with_other_settings(station: Station) -> None:
    station.radio.said.put(ConfigurationError("The app may not read the journal.", remedy="Add the scope."))
    station.follow()
    until(lambda: station.state == "off")
    assert station.why == "The app may not read the journal. Add the scope."
    assert "off since 2026-11-30 12:00 UTC. The app may not" in str(station.notes[NOTE])
    assert station.health.report()[0], "passes go on"
    station.job.close()
    station.job = station.new_job()
    station.follow()
    station.radio.say(lead("1"))
    until(lambda: station.state == "listening")
    assert station.notes[NOTE] is None


def test_a_feed_that_cannot_be_reached_is_lost_and_begun_anew_after_a_pause(
    station: Station,
) -> None:
    station.listener.pause = lambda _: 0.05
    station.radio.said.put(Unavailable("https://api.example cannot be reached."))
    station.follow()
    until(lambda: len(station.radio.listened) == 2)
    assert station.figure("feed_up") == 0
    station.radio.say(lead("1"))
    until(lambda: station.state == "listening")
    assert station.due() == ["1"]


def test_a_spent_allocation_pauses_the_feed_until_it_resets(station: Station) -> None:
    station.radio.said.put(BudgetSpent("The events of the day are used up.", NOON + timedelta(hours=2)))
    station.follow()
    until(lambda: station.state == "paused")
    assert "14:00 UTC" in station.why
    assert len(station.radio.listened) == 1


def test_a_feed_that_falls_silent_is_told_and_made_anew(station: Station) -> None:
    station.follow()
    station.radio.say()
    until(lambda: station.state == "listening")
    station.steady = 2 * ALIVE.total_seconds()
    station.listener.watch()
    assert station.state == "listening"
    station.steady += 1
    station.listener.watch()
    assert (station.state, "said nothing for 60 seconds" in station.why) == ("lost", True)
    until(lambda: len(station.radio.listened) == 2)
    for _ in range(2):  # the old thread may take one more, which counts for nothing
        station.radio.say(lead("1"))
    until(lambda: station.state == "listening")
    assert station.due() == ["1"]


def test_a_feed_that_is_silent_for_an_hour_takes_no_more_threads_and_is_heard_when_it_speaks(station: Station) -> None:
    before = set(threading.enumerate())  # those of other tests end when they will
    station.follow()
    station.radio.say()
    until(lambda: station.state == "listening")
    for minute in range(1, 61):
        station.steady = minute * 61.0
        station.listener.watch()
    own = [thread for thread in threading.enumerate() if thread.name == "feed main" and thread not in before]
    assert len(own) == 1 + MOST_HUNG, "no thread more"
    assert station.state == "lost"
    assert "Restart" in station.why
    for _ in range(1 + MOST_HUNG):  # the old threads may take one each, which counts for nothing
        station.radio.say(lead("1"))
    until(lambda: station.state == "listening" and station.due() == ["1"])


def test_a_mistake_is_looked_at_again_after_a_minute_and_after_an_hour_at_the_latest() -> None:
    assert [pause_after_mistakes(one) for one in (1, 2, 7, 8, 99)] == [60, 120, 3600, 3600, 3600]


def test_while_a_flood_is_written_nobody_listens_and_a_sync_catches_up(station: Station) -> None:
    station.follow()
    station.radio.say(lead("1"))
    until(lambda: station.due() == ["1"])
    station.radio.flood = 1000
    with station.listener.deaf(station.job, 999):
        assert station.state == "listening"
    with station.listener.deaf(station.job, 1000):
        assert station.state == "paused"
        station.radio.say(lead("2"))
        until(lambda: station.radio.open == 0)
        station.steady = 3600
        station.listener.watch()
        assert station.radio.open == 0
    until(lambda: len(station.radio.listened) == 2)
    assert station.radio.listened[-1] is None, "it begins with what happens from now on"
    assert station.lane.upcoming() == ("sync", 0.0)
    assert station.due() == ["1"]


def test_a_feed_that_is_off_says_nothing_anywhere(database_url: str) -> None:
    with Store.open(database_url) as store:
        station = Station(store, feed="off")
        station.follow()
        assert (station.radio.listened, station.state, station.figure("feed_up")) == ([], "none", None)
        assert "feed" not in station.health.report()[1]["connections"]["main"]


def test_a_crm_without_a_feed_is_told_with_what_to_change(station: Station) -> None:
    station.job.connector = SimpleNamespace(crm="sandbox")  # type: ignore[assignment]  # it has no feed
    station.follow()
    assert (station.state, station.why) == ("off", "sandbox has no feed. Remove `schedule.feed`.")


def test_passes_rest_longer_after_each_one_that_failed(station: Station) -> None:
    station.follow()
    station.radio.say(lead("1"))
    until(station.listener.wants)
    station.listener.failed()
    assert not station.listener.wants()
    station.steady += 16
    assert station.listener.wants()
    station.listener.failed()
    station.steady += 16
    assert not station.listener.wants()
    station.steady += 16
    assert station.listener.wants()
