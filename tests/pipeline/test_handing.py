"""A command hands its work to the daemon that has the connection, and does it itself once the connection is free."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest

from pipeline import handing
from pipeline.handing import StoppedWaiting, Work
from store import Answer, Lease, LeaseHeld, Store


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with Store.open(database_url) as opened:
        yield opened


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def work(store: Store, told: list[str], monkeypatch: pytest.MonkeyPatch) -> Work:
    monkeypatch.setattr(handing, "PAUSE", 0.01)

    def here(lease: Lease) -> Mapping[str, Any]:
        return {"by": lease.purpose}

    return Work(store, "main", "undo", {"run": 1}, here, told.append)


def taken(store: Store, purpose: str) -> Lease:
    return store.lease("main", holder="vm:1", ttl=timedelta(minutes=5), purpose=purpose)


def test_a_free_connection_is_worked_on_at_once(work: Work, told: list[str]) -> None:
    assert (work.do(Event()), told) == ({"by": "undo"}, [])


def test_another_command_is_not_waited_for(work: Work, store: Store) -> None:
    with taken(store, "backfill"), pytest.raises(LeaseHeld, match=r"vm:1 holds the connection \(backfill\)"):
        work.do(Event())
    assert store.requests("main").waiting() == 0


def test_the_daemons_answer_is_the_result_or_the_error(work: Work, store: Store, told: list[str]) -> None:
    with taken(store, "run") as lease:
        for answer in (Answer({"restored": 3}), Answer({}, "Run 1 wrote nothing.", 2)):
            Thread(target=answer_next, args=(store, lease, answer)).start()
            if answer.error:
                with pytest.raises(handing.Refused, match=r"Run 1 wrote nothing\.") as refused:
                    work.do(Event())
                assert refused.value.exit_code == 2
            else:
                assert work.do(Event()) == {"restored": 3}
    assert told[0] == "main: the daemon (vm:1) has the connection and does it between its passes; waiting."


def answer_next(store: Store, lease: Lease, answer: Answer) -> None:
    requests = store.requests("main")
    while (request := requests.take(lease)) is None:
        pass
    requests.answer(request.number, answer, lease.fence)


def test_if_the_daemon_ends_the_command_does_the_work_itself(work: Work, store: Store) -> None:
    lease = taken(store, "run")
    ended = Thread(target=end_once_asked, args=(store, lease))
    ended.start()
    assert work.do(Event()) == {"by": "undo"}
    assert store.requests("main").waiting() == 0
    ended.join()


def end_once_asked(store: Store, lease: Lease) -> None:
    while not store.requests("main").waiting():
        pass
    lease.release()


def test_a_person_who_stops_waiting_withdraws_what_the_daemon_has_not_begun(work: Work, store: Store) -> None:
    stop = Event()
    stop.set()
    with taken(store, "run"), pytest.raises(StoppedWaiting, match="it was withdrawn"):
        work.do(stop)
    assert store.requests("main").waiting() == 0
