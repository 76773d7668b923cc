"""Leads whose account was deleted or merged in the CRM, and conversions that no longer hold."""

from typing import Any

import pytest

from store import Lease, Mirror, Outbox
from tests.store.pages import FIELDS, accounts, day, leads, outcomes, page

ANN, BOB = {"lead": "1", "account": "a"}, {"lead": "2", "account": "b", "job_title": "CEO"}


@pytest.fixture(autouse=True)
def told(mirror: Mirror, lease: Lease) -> None:
    mirror.declare(FIELDS, lease)
    companies = accounts({"account": "a", "employees": 5.0}, {"account": "b", "employees": 900.0})
    won = outcomes({"lead": "1", "id": "d1"}, {"lead": "1", "id": "o1"})
    mirror.save(page(leads=leads(ANN, BOB), accounts=companies, outcomes=won), lease)


def size(mirror: Mirror) -> dict[str, Any]:
    return dict(mirror.frames(range(256), FIELDS).leads.select("lead", "employees").sort("lead").rows())


def test_a_deleted_account_takes_its_fields_along(mirror: Mirror, outbox: Outbox, lease: Lease) -> None:
    mirror.save(page(gone_accounts=["a"]), lease)
    assert size(mirror) == {"1": None, "2": 900.0}
    assert "1" in outbox.dirty()
    assert mirror.counts().accounts == 1


def test_people_of_a_merged_account_take_the_fields_of_its_survivor(mirror: Mirror, lease: Lease) -> None:
    mirror.save(page(merged_accounts={"a": "b"}), lease)
    assert size(mirror) == {"1": 900.0, "2": 900.0}
    assert mirror.counts().accounts == 1


def test_a_conversion_that_no_longer_holds_is_forgotten(mirror: Mirror, lease: Lease) -> None:
    mirror.save(page(gone_outcomes=[("1", "d1"), ("7", "unknown")]), lease)
    assert mirror.outcomes().select("lead", "id").rows() == [("1", "o1")]


def test_a_conversion_of_a_merged_lead_is_forgotten_of_its_survivor(mirror: Mirror, lease: Lease) -> None:
    mirror.save(page(merged={"1": "2"}), lease)
    mirror.save(page(gone_outcomes=[("1", "d1")]), lease)
    assert "d1" not in mirror.outcomes()["id"]


def test_a_conversion_that_holds_again_comes_back(mirror: Mirror, lease: Lease) -> None:
    """The order of pages decides, even if they are stored together."""
    again = outcomes({"lead": "1", "id": "d1", "occurred_at": day(9)})
    mirror.save_all([page(gone_outcomes=[("1", "d1")]), page(outcomes=again)], lease)
    assert mirror.outcomes().filter(id="d1")["occurred_at"].to_list() == [day(9)]


def test_a_conversion_taken_back_by_a_later_page_is_forgotten(mirror: Mirror, lease: Lease) -> None:
    new = outcomes({"lead": "2", "id": "d2"}, {"lead": "2", "id": "d3"})
    mirror.save_all([page(outcomes=new), page(gone_outcomes=[("2", "d2"), ("1", "d1")])], lease)
    assert {"d1", "d2", "d3"} & set(mirror.outcomes()["id"]) == {"d3"}
