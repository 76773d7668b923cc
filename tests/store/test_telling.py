"""What a run wrote is told in figures, without reading its texts again."""

import polars as pl
import pytest

from store import Lease, Mirror, Outbox, Runs, Store
from tests.store.pages import day, leads, page, results
from vocabulary.writes import Pushed, Value

FIRST = {"1": {"lead_grade": "B", "lead_priority": "P3"}, "2": {"lead_grade": "C", "lead_priority": None}}


@pytest.fixture
def run(store: Store, mirror: Mirror, outbox: Outbox, runs: Runs, lease: Lease) -> int:
    """Return a run that wrote two leads for the first time."""
    mirror.save(page(leads=leads({"lead": "1"}, {"lead": "2"})), lease)
    number = runs.start("backfill", lease)
    write(outbox, number, lease, FIRST)
    runs.finish(number, "done", {"written": 2}, lease)
    return number


def write(outbox: Outbox, run: int, lease: Lease, found: dict[str, dict[str, Value]]) -> None:
    rows = [{"lead": lead} | values for lead, values in found.items()]
    outbox.stage(results(*rows), run, lease, scored_at=day(run))
    sent = outbox.pending(10)
    outbox.sending(sent, run, lease)
    outbox.record([Pushed(row.lead) for row in sent], run, lease)


def test_first_writes_are_counted_and_are_no_moves(outbox: Outbox, run: int) -> None:
    told = outbox.wrote(run)
    assert (told.writes, dict(told.causes), told.moved.height) == (2, {"first": 2}, 0)
    assert told.unknown == 2, "what the fields held before was never read"


def test_a_later_run_tells_which_leads_it_moved_from_what_to_what(
    outbox: Outbox, runs: Runs, lease: Lease, run: int
) -> None:
    later = runs.start("sync", lease)
    texts = {"lead_score_reasons": 'They said "lead_grade": "A", {odd}', "lead_score": 71}
    write(
        outbox,
        later,
        lease,
        {"1": {**FIRST["1"], "lead_priority": "P1", **texts}, "2": {**FIRST["2"], "lead_score": 90}},
    )
    told = outbox.wrote(later)
    assert (told.writes, dict(told.causes), told.unknown) == (2, {"time": 2}, 0)
    (moved,) = told.moved.with_columns(pl.col(pl.Categorical).cast(pl.String)).to_dicts()
    assert (moved["lead"], moved["b_lead_priority"], moved["a_lead_priority"]) == ("1", "P3", "P1")
    assert (moved["b_lead_score"], moved["a_lead_score"]) == (50, 71)
    assert [name for name, value in moved.items() if value is True] == ["moved_lead_priority", "moved_lead_score"]
    assert (outbox.since(run).later, outbox.since(later).later) == (2, 0)


def test_who_accepted_a_held_run_is_kept_with_it(outbox: Outbox, runs: Runs, lease: Lease, run: int) -> None:
    outbox.hold(run, "too many", lease)
    assert outbox.accept(run, "Ann")
    assert not outbox.accept(run, "Bob"), "of two who accept, one does"
    accepted = runs.get(run)
    assert accepted is not None
    assert (accepted.counts["accepted"]["by"], accepted.counts["written"]) == ("Ann", 2)


def test_runs_are_paged_by_their_number_and_chosen_by_kind_and_state(runs: Runs, lease: Lease) -> None:
    kinds = ["sync", "refresh", "sync", "sync"]
    numbers = [runs.start(kind, lease) for kind in kinds]
    runs.finish(numbers[-1], "failed", {}, lease)
    assert [run.run for run in runs.page(2)] == numbers[:1:-1]
    assert [run.run for run in runs.page(2, before=numbers[2])] == numbers[1::-1]
    assert [run.run for run in runs.page(9, kinds=["sync"], states=["broken off"])] == [numbers[2], numbers[0]]
    assert runs.finished_since(day(0)) == numbers[::-1]


def test_the_same_request_is_open_only_once(store: Store, lease: Lease) -> None:
    requests = store.requests("main")
    first = requests.ask_once("undo", {"run": 7}, "Ann")
    assert requests.ask_once("undo", {"run": 7}, "Bob") == first
    other = requests.ask_once("undo", {"run": 8}, "Bob")
    assert [one.number for one in requests.open()] == [first, other]
    asked = requests.asked("undo", {"run": 7})
    assert asked is not None
    assert asked.asked_by == "Ann"
    assert requests.take(lease) is not None
    assert requests.ask_once("undo", {"run": 7}, "Eve") == first, "one that runs is open too"


def test_what_waits_is_counted_by_the_place_of_its_priority(outbox: Outbox, runs: Runs, lease: Lease, run: int) -> None:
    later = {"1": {**FIRST["1"], "lead_priority": "P1"}, "2": {**FIRST["2"], "lead_grade": "A"}}
    rows = [{"lead": lead} | values for lead, values in later.items()]
    outbox.stage(results(*rows), runs.start("sync", lease), lease, scored_at=day(9))
    assert outbox.waiting_levels() == {1: 1, None: 1}


def test_the_state_of_a_connection_is_told_without_counting_its_leads(
    store: Store, outbox: Outbox, lease: Lease, run: int
) -> None:
    outbox.hold(run, "too many", lease)
    store.note("main", "settings", "refused")
    state = store.state("main")
    (box,) = state.boxes
    assert (box.prefix, box.of, box.refused, box.held and box.held.run) == ("", "leads", 0, run)
    assert (state.notes, state.lease and state.lease.holder) == ({"settings": "refused"}, "test")
