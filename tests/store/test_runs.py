from datetime import UTC, datetime, timedelta

from store import Lease, Mirror, Outbox, Runs, Store
from tests.store.pages import DAY, activities, day, leads, page, results
from vocabulary.writes import Pushed


def test_a_run_is_kept_with_its_end(runs: Runs, lease: Lease) -> None:
    number = runs.start("sync", lease)
    runs.progress(number, {"leads": 1}, lease)
    running = runs.last()
    assert running
    assert (running.run, running.kind, running.state, running.counts, running.holder) == (
        number,
        "sync",
        "running",
        {"leads": 1},
        "test",
    )
    runs.finish(number, "done", {"leads": 2}, lease, "fine")
    done = runs.get(number)
    assert done
    assert (done.state, done.counts, done.message) == ("done", {"leads": 2}, "fine")
    assert done.finished_at
    assert done.finished_at >= done.started_at


def test_a_run_left_open_was_broken_off(runs: Runs, lease: Lease) -> None:
    runs.start("sync", lease)
    runs.start("sync", lease)
    assert [run.state for run in runs.list()] == ["running", "broken off"]


def test_runs_fail_since_the_first_after_the_last_good_one(runs: Runs, lease: Lease) -> None:
    assert runs.failing() is None
    for state in ("failed", "done", "failed", "stopped", "failed"):
        number = runs.start("sync", lease)
        runs.finish(number, state, {}, lease)  # type: ignore[arg-type]  # a state
    first = runs.get(number - 2)
    assert first
    assert runs.failing() == (first.started_at, 2)
    runs.finish(runs.start("sync", lease), "held", {}, lease)
    assert runs.failing() is None


def test_runs_are_listed_newest_first_and_by_kind(runs: Runs, lease: Lease) -> None:
    numbers = [runs.start(kind, lease) for kind in ("backfill", "sync", "refresh")]
    assert [run.run for run in runs.list(2)] == numbers[:0:-1]
    assert runs.last("backfill").run == numbers[0]  # type: ignore[union-attr]
    assert runs.last("undo") is None
    assert runs.get(numbers[-1] + 1) is None


def test_status_tells_where_a_connection_stands(
    store: Store, mirror: Mirror, outbox: Outbox, runs: Runs, lease: Lease
) -> None:
    mirror.save(
        page(leads=leads({"lead": "1"}, {"lead": "2"}), activities=activities({"lead": "1", "id": "a"}), total=5), lease
    )
    run = runs.start("sync", lease)
    outbox.stage(results({"lead": "1"}), run, lease, scored_at=DAY)
    outbox.hold(run, "too much", lease)
    store.note("main", "settings", "refused")
    status = store.status("main")
    assert (status.counts.leads, status.counts.activities) == (2, 1)
    assert list(status.cursors) == ["contacts"]
    assert status.totals == {"contacts": 5}
    assert status.lease
    assert status.lease.holder == "test"
    assert [run.state for run in status.runs] == ["running"]
    (box,) = status.outboxes
    assert (box.prefix, box.leads, box.dirty, box.pending, box.refused) == ("", 1, 1, 1, 0)
    assert box.held
    assert box.held.reason == "too much"
    assert status.notes == {"settings": "refused"}
    store.note("main", "settings", None)
    assert store.status("main").notes == {}


def test_the_status_of_an_unknown_connection_is_empty(store: Store) -> None:
    status = store.status("new")
    assert (status.counts.leads, status.lease, status.runs, status.outboxes) == (0, None, (), ())


def test_pruning_drops_what_is_old(store: Store, mirror: Mirror, outbox: Outbox, runs: Runs, lease: Lease) -> None:
    mirror.save(
        page(
            leads=leads({"lead": "1"}),
            activities=activities({"lead": "9", "id": "old"}, {"lead": "9", "id": "new", "occurred_at": day(999)}),
        ),
        lease,
    )
    run = runs.start("sync", lease)
    outbox.stage(results({"lead": "1"}), run, lease, scored_at=DAY)
    outbox.sending(outbox.pending(1), run, lease)
    outbox.record([Pushed("1")], run, lease, now=DAY)
    runs.finish(run, "done", {}, lease)
    assert store.prune("main", lease, keep=timedelta(days=100)) == {
        "writes": 1,
        "runs": 0,
        "unclaimed": 1,
        "requests": 0,
        "notices": 0,
        "machine_marks": 0,
    }
    assert outbox.history("1") == []


def test_the_status_says_what_waits_for_unknown_leads(store: Store, lease: Lease) -> None:
    mirror = store.mirror("main")
    did = activities(
        {"address": "a", "id": "email:1", "kind": "email_open"},
        {"address": "b", "id": "email:2", "kind": "email_open"},
        {"lead": "9", "id": "Task-1:2", "kind": "call"},
    )
    began = datetime.now(UTC) - timedelta(seconds=1)
    mirror.save(page("events", activities=did), lease)
    mirror.save(page("events", activities=did), lease)
    opens, calls = store.status("main").waiting
    assert (opens.source, opens.kind, opens.by, opens.activities, opens.leads) == (
        "email",
        "email_open",
        "address",
        2,
        2,
    )
    assert (calls.source, calls.kind, calls.by, calls.activities, calls.leads) == ("Task", "call", "id", 1, 1)
    assert began <= opens.since <= datetime.now(UTC)
    assert opens.sentence.startswith("2 email_open from email, of 2 unknown e-mail addresses, since 20")


def test_the_runs_at_which_a_count_turned_are_read_page_by_page(runs: Runs, lease: Lease) -> None:
    """The first, and each with another value than the one before it that has one; across pages too."""
    values = ["a"] * 510 + ["b"] * 10 + [None] + ["b", "a"]
    numbers = []
    for value in values:
        numbers.append(runs.start("sync", lease))
        runs.finish(numbers[-1], "done", {} if value is None else {"judged_by": {"": value}}, lease)
    turns = runs.turns("judged_by")
    assert [one.run for one in turns] == [numbers[0], numbers[510], numbers[-1]]


def test_a_run_inside_another_one_leaves_it_running_with_its_rows_in_flight(
    runs: Runs, outbox: Outbox, mirror: Mirror, lease: Lease
) -> None:
    """The usual start of a run takes rows in flight for those of a dead process, and would send them twice."""
    mirror.save(page(leads=leads({"lead": "1"})), lease)
    around = runs.start("refresh", lease)
    outbox.stage(results({"lead": "1"}), around, lease, scored_at=DAY)
    outbox.sending(outbox.pending(9), around, lease)
    inside = runs.start_inside("feed", lease)
    assert outbox.pending_count() == 0
    runs.finish(inside, "done", {}, lease)
    assert [run.state for run in runs.list()] == ["running"]
    assert outbox.record([Pushed("1")], around, lease).written == 1
    runs.start("sync", lease)
    assert [run.state for run in runs.list()] == ["running", "broken off"]


def test_a_run_sends_only_what_it_staged_while_another_one_is_judged(
    runs: Runs, outbox: Outbox, mirror: Mirror, lease: Lease
) -> None:
    mirror.save(page(leads=leads({"lead": "1"}, {"lead": "2"}, {"lead": "3"})), lease)
    outbox.allow()
    around = runs.start("refresh", lease)
    outbox.begin(around, lease)
    outbox.stage(results({"lead": "1"}, {"lead": "2"}), around, lease, scored_at=DAY)
    inside = runs.start_inside("feed", lease)
    outbox.stage(results({"lead": "2", "lead_score": 60}, {"lead": "3"}), inside, lease, scored_at=DAY)
    assert outbox.pending(9) == []
    assert sorted(row.lead for row in outbox.pending(9, of_run=inside)) == ["2", "3"]
    outbox.hold(around, "too many", lease)
    assert outbox.pending(9, of_run=inside) == [], "a held outbox is held for everybody"
    outbox.release(around)
    assert sorted(row.lead for row in outbox.pending(9)) == ["1", "2", "3"]


def test_runs_of_the_feed_count_as_ended_only_if_they_wrote(runs: Runs, lease: Lease) -> None:
    numbers = []
    for kind, counts in (("sync", {}), ("feed", {"scored": 1}), ("feed", {"written": 1})):
        numbers.append(runs.start(kind, lease))
        runs.finish(numbers[-1], "done", counts, lease)
    assert runs.finished_since(DAY) == [numbers[2], numbers[0]]
