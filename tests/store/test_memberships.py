"""Memberships in the mirror: who belongs to which segment, and which leads a change concerns."""

from datetime import datetime
from typing import Any

import polars as pl
import pytest

from store import Lease, Mirror, Outbox, Store
from tests.store.pages import day, leads, page
from tests.store.test_deals import settle
from vocabulary.fields import FieldType
from vocabulary.rows import MEMBERSHIPS

FIELDS: dict[str, FieldType] = {"segments": "member_of", "title": "text", "circles": "member_of"}
SEGMENTS = {"segments": {"partners": "10", "customers": "Our customers"}, "circles": {"inner": "10"}}


def of(segment: str, *people: str, read_at: datetime) -> pl.DataFrame:
    return pl.DataFrame([(segment, lead, read_at) for lead in people], MEMBERSHIPS, orient="row")


def read(segment: str, *people: str, at: int, whole: bool = True) -> dict[str, Any]:
    """Return the parts of a page with these members, as a reading that began on this day."""
    began = day(at)
    return {"memberships": of(segment, *people, read_at=began), "whole_segments": {segment: began} if whole else {}}


def lists(mirror: Mirror, *ids: str) -> dict[str, list[str] | None]:
    return {row["lead"]: row["segments"] for row in mirror.people(ids, FIELDS).iter_rows(named=True)}


@pytest.fixture
def people(mirror: Mirror, outbox: Outbox, lease: Lease) -> None:
    """Three leads and two segments, one of them with members; no lead is stale."""
    mirror.declare(FIELDS, lease, segments=SEGMENTS)
    mirror.save(page(leads=leads({"lead": "1"}, {"lead": "2"}, {"lead": "3"})), lease)
    mirror.save(page("segments", **read("10", "1", "2", "stranger", at=1)), lease)
    settle(outbox, lease)


def test_a_lead_lists_the_entries_whose_segments_it_is_in(people: None, mirror: Mirror, lease: Lease) -> None:
    mirror.save(page("segments", **read("Our customers", "1", at=1)), lease)
    assert lists(mirror, "1", "2", "3") == {"1": ["customers", "partners"], "2": ["partners"], "3": None}
    row = mirror.frames(["1"], FIELDS).leads.row(0, named=True)
    assert (row["circles"], row["title"]) == (["inner"], None)


def test_whoever_joins_or_leaves_is_scored_again_and_nobody_else(
    people: None, mirror: Mirror, outbox: Outbox, lease: Lease
) -> None:
    mirror.save(page("segments", **read("10", "2", "3", at=2, whole=False)), lease)
    assert outbox.dirty() == ["3"]
    assert lists(mirror, "1") == {"1": ["partners"]}
    settle(outbox, lease)
    mirror.save(page("segments", **read("10", at=2)), lease)
    assert outbox.dirty() == ["1"]
    assert lists(mirror, "1", "2", "3") == {"1": None, "2": ["partners"], "3": ["partners"]}
    settle(outbox, lease)
    mirror.save(page("segments", **read("10", "2", "3", at=3)), lease)
    assert outbox.dirty() == []


def test_readings_that_are_stored_together_apply_in_their_order(people: None, mirror: Mirror, lease: Lease) -> None:
    first, second = page("segments", **read("10", "1", at=2)), page("segments", **read("10", "3", at=3, whole=False))
    mirror.save_all([first, second], lease)
    assert lists(mirror, "1", "2", "3") == {"1": ["partners"], "2": None, "3": ["partners"]}


def test_a_member_may_enter_the_mirror_later(people: None, mirror: Mirror, lease: Lease) -> None:
    mirror.save(page(leads=leads({"lead": "stranger"})), lease)
    assert lists(mirror, "stranger") == {"stranger": ["partners"]}


def test_whoever_survives_a_merge_takes_over_the_memberships(people: None, mirror: Mirror, lease: Lease) -> None:
    mirror.save(page(merged={"1": "3"}), lease)
    assert lists(mirror, "3") == {"3": ["partners"]}
    mirror.save(page("segments", **read("10", "1", at=2)), lease)
    assert lists(mirror, "2", "3") == {"2": None, "3": ["partners"]}


def test_forgotten_and_excluded_people_belong_to_nothing(
    people: None, store: Store, mirror: Mirror, lease: Lease
) -> None:
    assert [row["segment"] for row in store.about("main", ["1"], [])["memberships"]] == ["10"]
    mirror.forget("1", lease, stay_out=True)
    store.excluded("main").set(pl.DataFrame({"lead": ["2"], "name": ["staff"]}), [], lease)
    mirror.save(page("segments", **read("10", "1", "2", at=1)), lease)
    assert mirror.counts().memberships == 1
    assert store.about("main", ["1", "2"], []).get("memberships") is None


def test_an_entry_may_be_renamed_moved_and_removed(people: None, mirror: Mirror, outbox: Outbox, lease: Lease) -> None:
    renamed = {"segments": {"friends": "10"}}
    changed = mirror.declare({"segments": "member_of"}, lease, segments=renamed)
    assert (changed.segments, changed.added) == (False, ())
    assert sorted(outbox.dirty()) == ["1", "2"]
    assert lists(mirror, "1") == {"1": ["friends"]}
    moved = {"segments": {"friends": "11"}}
    assert mirror.declare({"segments": "member_of"}, lease, segments=moved).segments
    assert mirror.declared() == {"segments": "member_of"}
    assert (lists(mirror, "1"), mirror.counts().memberships) == ({"1": None}, 0)
    mirror.declare({}, lease)
    assert mirror.declared() == {}
