"""A lease that is lent to other processes: they write beside each other, and nothing after it has ended."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from store import ChunkClosed, ChunkKey, Lease, LeaseHeld, LeaseLost, Store, Transaction
from tests.databases import Databases, postgresql_server, template  # noqa: F401 - fixtures
from tests.store.pages import DAY, leads, page, results

WHO = {"kind": "buckets"}


@pytest.fixture
def database_url(
    template: Callable[[str], str],  # noqa: F811 - the fixture
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> Iterator[str]:
    with Databases(request, tmp_path) as databases:
        yield databases.create("postgresql", template("postgresql"))


@pytest.fixture
def worker(database_url: str) -> Iterator[Store]:
    with Store.open(database_url, patience=timedelta(seconds=5)) as opened:
        yield opened


def key_of(store: Store, lease: Lease) -> ChunkKey:
    (key,) = store.chunks("main").open(1, "", [WHO], lease)
    return key


def test_a_borrower_writes_while_the_holder_keeps_the_lease(store: Store, worker: Store, lease: Lease) -> None:
    key = key_of(store, lease)
    done = worker.chunks("main").complete(key, worker.borrow(lease.loan), lambda _: {"computed": 3})
    assert (done, store.chunks("main").find(key)) == ({"computed": 3}, (WHO, {"computed": 3}))


def test_a_chunk_is_done_once(store: Store, worker: Store, lease: Lease) -> None:
    key = key_of(store, lease)
    first = worker.chunks("main").complete(key, worker.borrow(lease.loan), lambda _: {"try": 1})
    again = worker.chunks("main").complete(key, worker.borrow(lease.loan), lambda _: pytest.fail("it was done again"))
    assert (first, again) == ({"try": 1}, {"try": 1})


def test_a_chunk_that_was_closed_is_not_done_any_more(store: Store, worker: Store, lease: Lease) -> None:
    key = key_of(store, lease)
    store.chunks("main").close(lease)
    with pytest.raises(ChunkClosed, match="no longer wanted"):
        worker.chunks("main").complete(key, worker.borrow(lease.loan), lambda _: pytest.fail("it was done"))


def test_a_borrower_writes_nothing_after_the_lease_was_released(store: Store, worker: Store, lease: Lease) -> None:
    key, loan = key_of(store, lease), lease.loan
    lease.release()
    with pytest.raises(LeaseLost):
        worker.chunks("main").complete(key, worker.borrow(loan), lambda _: pytest.fail("it was done"))


def test_a_borrower_writes_nothing_after_the_lease_ran_out(store: Store, worker: Store) -> None:
    short = store.lease("main", holder="test", ttl=timedelta(milliseconds=200), purpose="test")
    key = key_of(store, short)
    time.sleep(0.5)
    with pytest.raises(LeaseLost):
        worker.chunks("main").complete(key, worker.borrow(short.loan), lambda _: pytest.fail("it was done"))


def test_a_borrower_writes_nothing_after_another_took_over(store: Store, worker: Store) -> None:
    short = store.lease("main", holder="test", ttl=timedelta(milliseconds=50), purpose="test")
    key = key_of(store, short)
    time.sleep(0.2)
    store.lease("main", holder="another", ttl=timedelta(minutes=1), purpose="test")
    with pytest.raises(LeaseLost):
        worker.chunks("main").complete(key, worker.borrow(short.loan), lambda _: pytest.fail("it was done"))


def test_borrowers_write_side_by_side_and_the_holder_renews_meanwhile(
    store: Store, worker: Store, lease: Lease
) -> None:
    both = threading.Barrier(2, timeout=20)

    def meet(_: Transaction) -> dict[str, int]:
        both.wait()  # both are in their transactions
        lease.renew()
        both.wait()
        return {}

    keys = store.chunks("main").open(1, "", [WHO, WHO], lease)
    threads = [
        threading.Thread(target=worker.chunks("main").complete, args=(key, worker.borrow(lease.loan), meet))
        for key in keys
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [store.chunks("main").find(key)[1] for key in keys] == [{}, {}]


def test_nobody_takes_over_in_the_middle_of_a_borrowers_transaction(store: Store, worker: Store) -> None:
    short = store.lease("main", holder="test", ttl=timedelta(seconds=1), purpose="test")
    key, order = key_of(store, short), []
    inside = threading.Event()

    def slow(_: Transaction) -> dict[str, int]:
        inside.set()
        time.sleep(2)
        order.append("written")
        return {}

    thread = threading.Thread(target=worker.chunks("main").complete, args=(key, worker.borrow(short.loan), slow))
    thread.start()
    inside.wait(20)
    time.sleep(1.2)
    store.lease("main", holder="another", ttl=timedelta(minutes=1), purpose="test")
    order.append("taken")
    thread.join()
    assert order == ["written", "taken"]


def test_whoever_asks_for_a_lent_connection_is_told_at_once(store: Store, worker: Store, lease: Lease) -> None:
    key, inside, told = key_of(store, lease), threading.Event(), threading.Event()

    def slow(_: Transaction) -> dict[str, int]:
        inside.set()
        assert told.wait(20), "the other one was not told while this transaction lasted"
        return {}

    thread = threading.Thread(target=worker.chunks("main").complete, args=(key, worker.borrow(lease.loan), slow))
    thread.start()
    inside.wait(20)
    with pytest.raises(LeaseHeld):
        store.lease("main", holder="another", ttl=timedelta(minutes=1), purpose="test")
    told.set()
    thread.join()
    assert store.chunks("main").find(key)[1] == {}


def test_who_changes_while_a_borrower_stages_stays_marked(store: Store, worker: Store, lease: Lease) -> None:
    store.mirror("main").save(page(leads=leads({"lead": "1", "job_title": "CTO"})), lease)
    outbox = worker.outbox("main", priorities=["P1"])
    read = store.mirror("main").frames(["1"], {}).change
    store.mirror("main").save(page(leads=leads({"lead": "1", "job_title": "CFO"})), lease)
    stage = outbox.staging(results({"lead": "1"}), 1, scored_at=DAY, change=read)
    worker.write("main", worker.borrow(lease.loan), stage)
    assert outbox.dirty() == ["1"]


def test_sqlite_lends_no_lease(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/x.db") as store:
        lease = store.lease("main", holder="test", ttl=timedelta(minutes=1), purpose="test")
        with pytest.raises(ValueError, match="only on PostgreSQL"):
            store.borrow(lease.loan)
