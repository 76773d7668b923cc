"""Which activities are a machine's is kept in both databases, with when it was known and why."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from store import Lease, Mirror, Store
from store.mirror.marking import Judged, Marked
from tests.store.pages import activities, day, leads, page

NOBODY = pl.DataFrame(schema={"mail_domain": pl.Int64, "mails": pl.Int64, "scanned": pl.Int64, "leads": pl.Int64})


def judged(*marks: tuple[str, str, str], tallies: Mapping[str, tuple[int, int]] | None = None) -> Judged:
    """Marks as (lead, id, reasons), and the mails of leads at the domain 7 as (mails, scanned)."""
    found = pl.DataFrame(marks, {"lead": pl.String, "id": pl.String, "reasons": pl.String}, orient="row")
    rows = [(lead, 7, *counts) for lead, counts in (tallies or {}).items()]
    columns = {"lead": pl.String, "mail_domain": pl.Int64, "mails": pl.Int64, "scanned": pl.Int64}
    counted = pl.DataFrame(rows, columns, orient="row")
    return Judged(found.with_columns(evidence=pl.col("reasons") + ":1"), counted, version=1)


def mark(mirror: Mirror, lease: Lease, at: datetime, *marks: tuple[str, str, str], **tallies: Any) -> Marked:
    """Mark whoever waits; a domain scans if all of its mails were."""
    given = mirror.to_mark(100)
    assert given is not None, "somebody waits"
    said = judged(*marks, tallies=tallies)
    return mirror.save_marks(given, said, lease, at, lambda sums: sums.filter(pl.col("scanned") == pl.col("mails")))


def machines(mirror: Mirror, known_at: datetime | None = None) -> dict[tuple[str, str], str]:
    found = mirror.frames(range(256), {}, known_at=known_at).activities
    if "machine" not in found.columns:
        return {}
    return {(lead, id_): why for lead, id_, why in found.select("lead", "id", "machine").iter_rows() if why}


@pytest.fixture
def two(mirror: Mirror, lease: Lease) -> Mirror:
    """A mirror with two leads who opened a mail each."""
    opened = [
        {"lead": lead, "id": f"email:{lead}", "kind": "email_open", "mail": 5, "sent_at": day(0), "mail_domain": 7}
        for lead in ("1", "2")
    ]
    mirror.save(page(leads=leads({"lead": "1"}, {"lead": "2"}), activities=activities(*opened)), lease)
    return mirror


def test_whose_activities_change_waits_once_with_all_that_it_did(two: Mirror, lease: Lease) -> None:
    """A page makes its leads wait; marked, they wait no more until something is added."""
    given = two.to_mark(100)
    assert given is not None
    assert sorted(given.activities.select("lead", "id", "mail", "sent_at", "mail_domain").rows()) == [
        ("1", "email:1", 5, day(0), 7),
        ("2", "email:2", 5, day(0), 7),
    ]
    assert mark(two, lease, day(1)) == Marked(leads=2)
    assert two.to_mark(100) is None
    two.save(page(activities=activities({"lead": "2", "id": "email:3", "kind": "email_click"})), lease)
    again = two.to_mark(100)
    assert again is not None
    assert sorted(again.activities["id"]) == ["email:2", "email:3"]


def test_when_a_mail_was_sent_is_kept_if_it_is_not_told_again(two: Mirror, lease: Lease) -> None:
    """A page without the sending, which an overlap brings, changes nothing; another time is taken."""

    def sent_at(told: datetime | None) -> tuple[datetime, int]:
        known = {"lead": "1", "id": "email:1", "kind": "email_open", "mail": 5, "sent_at": told, "mail_domain": 7}
        changed = two.save(page(activities=activities(known)), lease).activities_changed
        given = two.to_mark(100)
        assert given is not None
        return given.activities.filter(lead="1")["sent_at"].item(), changed

    assert sent_at(None) == (day(0), 0)
    assert sent_at(day(0.5)) == (day(0.5), 1)


def test_an_earlier_moment_has_the_marks_that_were_known_then(two: Mirror, lease: Lease) -> None:
    """A mark counts from when it was made until it was taken back; nobody's frames say so without one."""
    mark(two, lease, day(1))
    assert "machine" not in two.frames(range(256), {}).activities.columns
    two.begin_marking(2, lease)
    assert mark(two, lease, day(2), ("1", "email:1", "burst")) == Marked(2, marked=1)
    two.begin_marking(3, lease)
    assert mark(two, lease, day(3), ("2", "email:2", "bulk")) == Marked(2, marked=1, unmarked=1)
    assert machines(two) == {("2", "email:2"): "bulk"}
    assert machines(two, day(2.5)) == {("1", "email:1"): "burst"}
    assert machines(two, day(1.5)) == {}


def test_a_mark_has_its_evidence_its_version_and_its_time(two: Mirror, lease: Lease) -> None:
    """Marking again for the same reasons keeps the mark as it was made."""
    mark(two, lease, day(1), ("1", "email:1", "burst"))
    two.begin_marking(2, lease)
    assert mark(two, lease, day(2), ("1", "email:1", "burst")) == Marked(2)
    assert two.marks(["1"]).rows() == [("1", "email:1", day(1), "burst", "burst:1", 1)]


def test_another_version_looks_at_everybody_once(two: Mirror, lease: Lease) -> None:
    """The first version is none that did it before; a later one is, and the same one looks at nobody."""
    mark(two, lease, day(1))
    assert not two.begin_marking(1, lease)
    mark(two, lease, day(1))
    assert not two.begin_marking(1, lease)
    assert two.to_mark(100) is None
    assert two.begin_marking(2, lease)
    assert mark(two, lease, day(2)).leads == 2


def test_whose_marks_change_is_scored_again(store: Store, two: Mirror, lease: Lease) -> None:
    """A mark is a change of what the lead did; a lead without one is left alone."""
    outbox = store.outbox("main")
    two.save(page(activities=activities({"lead": "1", "id": "email:3", "kind": "email_open"})), lease)
    change = two.frames(["1"], {}).change
    outbox.clean(["1", "2"], change, lease)
    assert outbox.dirty() == []
    two.begin_marking(2, lease)
    mark(two, lease, day(1), ("1", "email:1", "burst"))
    assert outbox.dirty() == ["1"]


def test_a_turned_verdict_on_a_domain_lets_its_leads_wait(two: Mirror, lease: Lease) -> None:
    """Both leads wait when the mails of both were scanned, and once more when one turns out not to be."""
    assert mark(two, lease, day(1), **{"1": (3, 3), "2": (3, 3)}).domains == 1
    given = two.to_mark(100)
    assert given is not None
    assert (given.waiting["lead"].sort().to_list(), given.scanning) == (["1", "2"], {7})
    assert mark(two, lease, day(1), **{"1": (3, 3), "2": (3, 3)}).domains == 0
    assert two.to_mark(100) is None
    two.save(page(activities=activities({"lead": "2", "id": "email:3", "kind": "email_open"})), lease)
    assert mark(two, lease, day(2), **{"2": (4, 3)}).domains == 1
    again = two.to_mark(100)
    assert again is not None
    assert (again.waiting["lead"].sort().to_list(), again.scanning) == (["1", "2"], frozenset())


def test_superseded_marks_are_deleted_with_old_history(store: Store, two: Mirror, lease: Lease) -> None:
    """What held at any time since stays: a mark that still holds, however old, and one that was replaced since."""
    mark(two, lease, day(-9), ("1", "email:1", "burst"), ("2", "email:2", "burst"))
    for version, at, why in ((2, day(-8), "bulk"), (3, day(-1), "views")):
        two.begin_marking(version, lease)
        mark(two, lease, at, ("1", "email:1", why))
    assert store.prune("main", lease, keep=datetime.now(UTC) - day(-2))["machine_marks"] == 3
    assert machines(two, day(-1.5)) == {("1", "email:1"): "bulk"}
    assert machines(two) == {("1", "email:1"): "views"}
    assert store.prune("main", lease, keep=datetime.now(UTC) - day(-2))["machine_marks"] == 0


def test_what_leaves_the_mirror_takes_its_marks_along(store: Store, two: Mirror, lease: Lease) -> None:
    """A deleted activity loses its marks when its lead is looked at again, a forgotten person all of them."""
    mark(two, lease, day(1), ("1", "email:1", "burst"), ("2", "email:2", "burst"), **{"1": (3, 1), "2": (3, 1)})
    two.save(page(gone_activities=[("1", "email:1")]), lease)
    mark(two, lease, day(2))
    assert set(machines(two)) == {("2", "email:2")}
    assert "machine_marks" not in store.about("main", ["1"], [])
    two.forget("2", lease)
    assert store.about("main", ["2"], []) == {}


def test_marks_return_with_a_lead_that_had_vanished(two: Mirror, lease: Lease) -> None:
    """They lie aside with its activities meanwhile, and it is looked at again."""
    mark(two, lease, day(1), ("1", "email:1", "burst"))
    two.save(page(gone=["1"]), lease, day(2))
    assert machines(two) == {}
    two.save(page(leads=leads({"lead": "1"})), lease, day(3))
    assert machines(two) == {("1", "email:1"): "burst"}
    assert two.to_mark(100) is not None
