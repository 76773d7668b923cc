"""People who are excluded or kept out, in both databases."""

import polars as pl
import pytest

from store import Lease, Mirror, Outbox, Store
from store.leads.excluding import Excluded
from tests.store.pages import FIELDS, accounts, activities, leads, page
from vocabulary.rows import ADDRESSES

ANN = {"lead": "1", "account": "a", "address": "ann"}
BOB = {"lead": "2", "account": "a", "address": "bob"}


def companies(employees: float, title: str = "one") -> pl.DataFrame:
    return accounts({"account": "a", "employees": employees, "job_title": title})


def further(*pairs: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(list(pairs), ADDRESSES, orient="row")


@pytest.fixture
def excluded(store: Store, mirror: Mirror, lease: Lease) -> Excluded:
    mirror.declare(FIELDS, lease)
    mirror.save(page(leads=leads(ANN, BOB), addresses=further(("1", "ann2")), accounts=companies(5.0)), lease)
    found = store.excluded("main")
    found.set(pl.DataFrame({"lead": ["1", "2"], "name": ["left", "left"]}), [], lease)
    return found


def test_only_a_change_of_an_asked_field_of_the_account_is_due(
    excluded: Excluded, mirror: Mirror, lease: Lease
) -> None:
    mirror.save(page(accounts=companies(5.0, "two")), lease)
    assert excluded.due(["employees"]) == []
    mirror.save(page(accounts=companies(6.0, "two")), lease)
    assert excluded.due(["employees"]) == ["1", "2"]
    assert excluded.due(["tags"]) == []
    excluded.settle(lease)
    assert excluded.due(["employees", "job_title"]) == []


def test_who_is_no_member_of_the_account_any_more_is_due(excluded: Excluded, mirror: Mirror, lease: Lease) -> None:
    mirror.save(page(members={"a": ["2", *map(str, range(100, 40_000))]}), lease)
    assert excluded.due([]) == ["1"]
    mirror.save(page(gone_accounts=["a"]), lease)
    assert excluded.due([]) == ["1", "2"]


def test_all_addresses_of_an_excluded_lead_are_known_and_nothing_waits_for_them(
    excluded: Excluded, mirror: Mirror, lease: Lease
) -> None:
    assert [excluded.lead_of(one) for one in ("1", "ann", "ann2", "bob", "x")] == ["1", "1", "1", "2", None]
    did = [{"lead": None, "address": one, "id": f"email:{one}"} for one in ("ann", "ann2", "bob", "other")]
    mirror.save(page(activities=activities(*did)), lease)
    assert mirror.counts().unclaimed == 1


def test_who_is_kept_out_takes_along_whom_the_crm_merges_with_them(
    store: Store, mirror: Mirror, outbox: Outbox, lease: Lease
) -> None:
    mirror.declare(FIELDS, lease)
    mirror.save(page(leads=leads(ANN, BOB), addresses=further(("1", "ann2"), ("2", "bob2"))), lease)
    mirror.forget("1", lease, stay_out=True)
    mirror.save(page(merged={"1": "2"}), lease)
    assert mirror.counts().leads == 0
    did = activities(*({"lead": None, "address": one, "id": f"email:{one}"} for one in ("ann2", "bob", "bob2")))
    mirror.save(page(leads=leads({**BOB, "lead": "3", "address": "bob2"}), activities=did), lease)
    assert (mirror.counts().leads, mirror.counts().unclaimed) == (0, 0)
    assert store.about("main", ["2", "3"], ["bob"]).keys() == {"kept_out"}
    assert outbox.dirty() == []
