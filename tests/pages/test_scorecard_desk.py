"""What is counted in the background for the pages about scorecards, and how it is stopped."""

from threading import Event
from time import monotonic, sleep

from pages.scorecard.desk import Count, Desk


def endless(begun: Event) -> object:
    """Return work that only ends by being stopped."""

    def work(count: Count) -> str:
        begun.set()
        while True:
            count.add(1)
            sleep(0.005)

    return work


def test_another_plan_of_the_same_person_stops_the_last_one() -> None:
    """The second is counted although only one is at a time."""
    desk, begun = Desk(), Event()
    first = desk.asked("edda", "one", endless(begun))  # type: ignore[arg-type]
    assert begun.wait(10)
    second = desk.asked("edda", "two", lambda _: "done")
    until = monotonic() + 10
    while not second.is_over and monotonic() < until:
        sleep(0.01)
    assert (first.stopped, first.result, first.problem, second.result) == (True, None, "", "done")


def test_a_plan_that_two_people_wait_for_is_stopped_by_both_only() -> None:
    """What was stopped is counted anew when it is asked for again."""
    desk, begun = Desk(), Event()
    count = desk.asked("edda", "one", endless(begun))  # type: ignore[arg-type]
    assert desk.asked("emil", "one", endless(begun)) is count  # type: ignore[arg-type]
    desk.stop("edda")
    assert not count.stopped
    desk.stop("emil")
    assert count.stopped
    again = desk.asked("edda", "one", lambda _: "done")
    assert again is not count
