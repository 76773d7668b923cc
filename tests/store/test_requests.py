"""Requests to the daemon are done once, or again if it died, and can be withdrawn before it begins."""

from datetime import timedelta

from store import Answer, Store


def test_a_request_is_taken_once_by_a_daemon_and_again_by_the_next_one(store: Store) -> None:
    requests = store.requests("main")
    first, second = requests.ask("undo", {"run": 7}, "vm:1"), requests.ask("forget", {"lead": "a"}, "vm:2")
    with store.lease("main", holder="one", ttl=timedelta(minutes=1), purpose="run") as lease:
        taken = requests.take(lease)
        assert taken is not None
        assert (taken.number, taken.kind, taken.options, taken.asked_by) == (first, "undo", {"run": 7}, "vm:1")
        early = lease.fence
    with store.lease("main", holder="two", ttl=timedelta(minutes=1), purpose="run") as lease:
        numbers = [request.number for request in iter(lambda: requests.take(lease), None)]
        assert numbers == [first, second]
        requests.answer(first, Answer({"restored": 1}), early)
        assert (found := requests.get(first)) is not None
        assert found.state == "running", "a daemon that lost the lease answers nothing"
        requests.answer(first, Answer({"restored": 2}), lease.fence)
        requests.answer(second, Answer({}, "No.", 2), lease.fence)
    answers = [found.answer for number in (first, second) if (found := requests.get(number))]
    assert answers == [Answer({"restored": 2}), Answer({}, "No.", 2)]
    requests.collect(first)
    assert requests.get(first) is None


def test_a_request_is_withdrawn_only_before_a_daemon_takes_it(store: Store) -> None:
    requests = store.requests("main")
    early, late = requests.ask("sync", {}, "vm:1"), requests.ask("sync", {}, "vm:1")
    assert requests.withdraw(early)
    with store.lease("main", holder="one", ttl=timedelta(minutes=1), purpose="run") as lease:
        assert requests.take(lease) is not None
    assert not requests.withdraw(late)
    assert requests.waiting() == 1


def test_answers_that_were_never_collected_are_pruned(store: Store) -> None:
    requests = store.requests("main")
    number = requests.ask("sync", {}, "vm:1")
    with store.lease("main", holder="one", ttl=timedelta(minutes=1), purpose="run") as lease:
        requests.take(lease)
        requests.answer(number, Answer({}), lease.fence)
        store.prune("main", lease, keep=timedelta(days=-1))
    assert requests.get(number) is None
