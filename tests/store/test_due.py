"""What is due stays due until it was read as it was marked last, whatever happens in between."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from store import Lease, LeaseLost, Mirror, Store
from store.leads import due as table
from store.leads.due import Due, Waiting
from tests.store.pages import leads, page
from vocabulary.feeds import DUE, Heard

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
Row = tuple[str, str, str, datetime | None]


def of(*rows: Row) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=DUE, orient="row")


def lead(id_: str, changed_at: datetime | None = NOON) -> Row:
    return "contacts", "lead", id_, changed_at


@pytest.fixture
def due(store: Store) -> Due:
    return store.due("main")


def done(due: Due, lease: Lease, taken: pl.DataFrame) -> None:
    lease.write(due._id, lambda tx: table.done(tx, taken))


def ids(frame: pl.DataFrame) -> Sequence[str]:
    return frame["id"].to_list()


def test_what_is_due_and_the_cursor_are_stored_together(due: Due, lease: Lease) -> None:
    assert (due.cursor(), due.waiting()) == (None, Waiting())
    due.hear(Heard({"at": 7}, of(lead("1"), ("visits", "record", "9", None))), lease, NOON)
    assert due.cursor() == {"at": 7}
    assert due.waiting() == Waiting(2, NOON)
    assert due.take(9).select(DUE.names()).rows() == [lead("1"), ("visits", "record", "9", None)]


def test_a_mark_without_a_lease_stores_neither(store: Store, due: Due, lease: Lease) -> None:
    lease.release()
    store.lease("main", holder="other", ttl=timedelta(minutes=1), purpose="test")
    with pytest.raises(LeaseLost):
        due.hear(Heard({"at": 7}, of(lead("1"))), lease, NOON)
    assert (due.cursor(), due.waiting()) == (None, Waiting())


def test_the_oldest_come_first_and_a_change_keeps_its_earliest_times(due: Due, lease: Lease) -> None:
    later = NOON + timedelta(minutes=1)
    due.mark(of(lead("2"), lead("3", None)), lease, NOON)
    due.mark(of(lead("1"), lead("2", later), lead("3", later), lead("1", NOON - timedelta(hours=1))), lease, later)
    found = due.take(9)
    assert ids(found) == ["2", "3", "1"]
    assert found["changed_at"].to_list() == [NOON, later, NOON - timedelta(hours=1)]
    assert found["heard_at"].to_list() == [NOON, NOON, later]
    assert ids(due.take(2)) == ["2", "3"]


def test_what_is_marked_again_while_it_is_read_stays_due(due: Due, lease: Lease) -> None:
    due.mark(of(lead("1"), lead("2")), lease, NOON)
    taken = due.take(9)
    due.mark(of(lead("2")), lease, NOON)
    done(due, lease, taken)
    assert ids(due.take(9)) == ["2"]
    done(due, lease, due.take(9))
    assert due.waiting().rows == 0


def test_a_lead_and_a_record_of_the_same_id_are_two(due: Due, lease: Lease) -> None:
    due.mark(of(lead("1"), ("contacts", "record", "1", None), ("visits", "lead", "1", None)), lease, NOON)
    done(due, lease, due.take(1))
    assert due.waiting().rows == 2


def test_the_survivor_of_a_merge_is_due_instead(due: Due, mirror: Mirror, lease: Lease) -> None:
    mirror.save(page(leads=leads({"lead": "1"}, {"lead": "2"})), lease)
    due.mark(of(lead("1"), ("visits", "record", "1", None)), lease, NOON)
    mirror.save(page(merged={"1": "2"}), lease)
    assert due.take(9).select("by", "id").rows() == [("lead", "2"), ("record", "1")]
    assert due.waiting().oldest == NOON


def test_who_is_forgotten_is_not_due_any_more(due: Due, mirror: Mirror, lease: Lease) -> None:
    mirror.save(page(leads=leads({"lead": "1"}, {"lead": "2"})), lease)
    due.mark(of(lead("1"), lead("2")), lease, NOON)
    mirror.forget("1", lease)
    assert ids(due.take(9)) == ["2"]


def test_what_is_stored_about_a_person_has_what_is_due(store: Store, due: Due, mirror: Mirror, lease: Lease) -> None:
    mirror.save(page(leads=leads({"lead": "1"})), lease)
    due.mark(of(lead("1"), lead("2")), lease, NOON)
    told = store.about("main", ["1"], [])["due"]
    assert [(row["stream"], row["id"], row["heard_at"]) for row in told] == [("contacts", "1", NOON.isoformat())]


def test_dropping_a_connection_drops_what_is_due_and_its_cursor(store: Store, due: Due, lease: Lease) -> None:
    due.hear(Heard({"at": 7}, of(lead("1"))), lease, NOON)
    store.forget_connection("main", lease)
    assert (store.due("main").cursor(), store.due("main").waiting()) == (None, Waiting())


def test_a_feed_that_is_switched_off_leaves_nothing_behind(due: Due, mirror: Mirror, lease: Lease) -> None:
    mirror.save(page(), lease)
    due.hear(Heard({"at": 7}, of(lead("1"))), lease, NOON)
    due.switch_off(lease)
    assert (due.cursor(), due.waiting()) == (None, Waiting())
    assert mirror.cursor(page().stream) is not None


def test_what_the_streams_have_brought_meanwhile_is_not_due_any_more(due: Due, lease: Lease) -> None:
    due.mark(of(lead("1")), lease, NOON)
    due.mark(of(lead("2")), lease, NOON + timedelta(minutes=1))
    assert due.outdate(NOON, lease) == 0
    assert due.outdate(NOON + timedelta(minutes=1), lease) == 1
    assert ids(due.take(9)) == ["2"]
