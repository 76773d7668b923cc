import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from store import Lease, LeaseHeld, LeaseLost, Store
from tests.store.pages import DAY, leads, page, results

MINUTE = timedelta(minutes=1)


@pytest.fixture
def second(database_url: str) -> Iterator[Store]:
    """The same database, opened as another daemon would."""
    with Store.open(database_url) as opened:
        yield opened


def take(store: Store, holder: str, ttl: timedelta = MINUTE) -> Lease:
    return store.lease("main", holder=holder, ttl=ttl, purpose="sync")


def take_when_free(store: Store, holder: str) -> Lease:
    """Take the connection as soon as its lease expires, long before an hour has passed."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(LeaseHeld):
            return take(store, holder)
        time.sleep(0.1)
    raise AssertionError("the lease never ran out")


def test_a_connection_has_one_holder(store: Store, second: Store) -> None:
    first = take(store, "alpha")
    with pytest.raises(LeaseHeld, match=r"main: alpha holds the connection \(sync\) until") as raised:
        take(second, "beta")
    assert (raised.value.holder, raised.value.purpose, raised.value.until) == ("alpha", "sync", first.until)


def test_a_released_connection_is_free_at_once(store: Store, second: Store) -> None:
    first = take(store, "alpha")
    first.release()
    assert take(second, "beta").fence == first.fence + 1


def test_a_lease_that_ran_out_is_taken_over(store: Store, second: Store) -> None:
    take(store, "alpha", timedelta(milliseconds=20))
    time.sleep(0.05)
    take(second, "beta")


def test_other_connections_are_free(store: Store) -> None:
    take(store, "alpha")
    store.lease("other", holder="beta", ttl=MINUTE, purpose="sync")


def test_the_same_holder_may_take_it_again(store: Store) -> None:
    first = take(store, "alpha")
    assert take(store, "alpha").fence == first.fence + 1
    with pytest.raises(LeaseLost):
        first.renew()


def test_renewing_moves_the_end(store: Store) -> None:
    lease = take(store, "alpha")
    before = lease.until
    lease.renew(timedelta(minutes=5))
    assert lease.until > before + timedelta(minutes=3)


def test_whoever_wakes_up_too_late_writes_nothing(store: Store, second: Store) -> None:
    late = take(store, "alpha", timedelta(milliseconds=20))
    run = store.runs("main").start("sync", late)
    time.sleep(0.05)
    take(second, "beta")
    mirror, outbox, runs = store.mirror("main"), store.outbox("main"), store.runs("main")
    calls = [
        lambda: mirror.save(page(leads=leads({"lead": "1"})), late),
        lambda: mirror.reset(["contacts"], late),
        lambda: mirror.declare({"x": "text"}, late),
        lambda: mirror.forget("1", late),
        lambda: outbox.stage(results({"lead": "1"}), run, late, scored_at=DAY),
        lambda: outbox.sending([], run, late),
        lambda: outbox.record([], run, late),
        lambda: outbox.hold(run, "why", late),
        lambda: runs.start("sync", late),
        lambda: runs.progress(run, {}, late),
        lambda: runs.finish(run, "done", {}, late),
        lambda: store.prune("main", late),
        late.renew,
    ]
    for call in calls:
        with pytest.raises(LeaseLost, match="another process took over"):
            call()
    assert mirror.counts().leads == 0
    assert runs.get(run).state == "running"  # type: ignore[union-attr]
    late.release()
    assert store.status("main").lease.holder == "beta"  # type: ignore[union-attr]


def test_a_released_lease_writes_nothing(store: Store, lease: Lease) -> None:
    lease.release()
    with pytest.raises(LeaseLost):
        store.mirror("main").save(page(), lease)


def test_a_lease_of_another_connection_is_a_mistake(store: Store, lease: Lease) -> None:
    with pytest.raises(ValueError, match="this lease is for main"):
        store.mirror("other").save(page(), lease)


def test_reading_needs_no_lease(store: Store, second: Store) -> None:
    take(store, "alpha")
    assert second.status("main").lease.holder == "alpha"  # type: ignore[union-attr]
    assert second.mirror("main").counts().leads == 0
    assert second.outbox("main").pending(10) == []


def test_a_clock_set_back_keeps_nobody_out_for_longer_than_the_ttl(
    store: Store, second: Store, database_url: str
) -> None:
    take(store, "alpha", timedelta(seconds=3))
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE connections SET until = until + 3600000000"))
    engine.dispose()
    with pytest.raises(LeaseHeld):
        take(second, "beta")
    take_when_free(second, "beta")


KILLED = """
import sys, time
from datetime import timedelta
from store import Store
store = Store.open(sys.argv[1])
store.lease("main", holder="dead", ttl=timedelta(seconds=4), purpose="run")
print("held", flush=True)
time.sleep(60)
"""


def test_a_killed_daemon_is_replaced_when_its_lease_runs_out(store: Store, database_url: str) -> None:
    root = Path(__file__).parents[2]
    dead = subprocess.Popen([sys.executable, "-c", KILLED, database_url], cwd=root, stdout=subprocess.PIPE, text=True)
    assert dead.stdout
    with dead.stdout:
        assert dead.stdout.readline() == "held\n"
        with pytest.raises(LeaseHeld):
            take(store, "heir")
        dead.kill()
        dead.wait()
    take_when_free(store, "heir")
