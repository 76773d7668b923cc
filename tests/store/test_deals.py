"""Deals in the mirror: whose they are, what they hold, and which leads a change concerns."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from store import Lease, Mirror, Outbox, Store
from store.mirror.removals import Removals, Verdict
from tests.store.pages import DAY, FIELDS, accounts, day, leads, page, results
from vocabulary.fields import KEPT, FieldType
from vocabulary.pages import DEALS_OF, Stream
from vocabulary.rows import DEAL_LEADS, DEALS, OUTCOMES, PRESENT

OF_DEALS: dict[str, FieldType] = {"amount": "number", "open": "flag", "closed_at": "time"}
BIG = {"deal": "7", "account": "a", "amount": 900.0, "open": True, "closed_at": "2026-01-04"}


def deals(*rows: Mapping[str, Any]) -> pl.DataFrame:
    schema = {**DEALS, **{name: KEPT[kind] for name, kind in OF_DEALS.items()}}
    usual = {"for_account": False}
    return pl.DataFrame([{name: {**usual, **row}.get(name) for name in schema} for row in rows], schema=schema)


def of(deal: str, *people: str | None, id_: str | None = None) -> pl.DataFrame:
    return pl.DataFrame([(deal, id_ or f"deal:{deal}", lead) for lead in people], DEAL_LEADS, orient="row")


def held(mirror: Mirror, *ids: str) -> list[tuple[Any, ...]]:
    frame = mirror.frames(ids, FIELDS, OF_DEALS).deals
    return sorted(frame.select("deal", "lead", "account", "amount").rows(), key=str)


def settle(outbox: Outbox, lease: Lease) -> None:
    outbox.stage(results(*({"lead": lead} for lead in outbox.dirty())), 0, lease, scored_at=DAY)


@pytest.fixture
def people(mirror: Mirror, outbox: Outbox, lease: Lease) -> None:
    """Three leads, two of them of the account `a`; none is stale."""
    rows = leads({"lead": "1", "account": "a"}, {"lead": "2", "account": "a"}, {"lead": "3"})
    mirror.save(page(leads=rows, accounts=accounts({"account": "a"})), lease)
    settle(outbox, lease)


def test_a_deal_comes_with_its_leads_and_for_the_others_of_its_account(
    people: None, mirror: Mirror, outbox: Outbox, lease: Lease
) -> None:
    saved = deals(BIG, {"deal": "8", "account": "a", "amount": 5.0}, {"deal": "9", "amount": 1.0})
    told = pl.concat([of("7", "1", "3"), of("8", None), of("9", "3", "stranger")])
    mirror.save(page("deals", deals=saved, deal_leads=told), lease)
    assert "stranger" not in outbox.dirty()
    assert held(mirror, "1", "3") == [
        ("7", "1", "a", 900.0),
        ("7", "3", "a", 900.0),
        ("8", None, "a", 5.0),
        ("9", "3", None, 1.0),
    ]
    assert held(mirror, "2") == [("7", None, "a", 900.0), ("8", None, "a", 5.0)]
    whole = mirror.frames(["1"], FIELDS, OF_DEALS).deals
    assert whole.filter(pl.col("deal") == "7").to_dicts() == [{**BIG, "lead": "1"}]
    assert mirror.frames(["1"], FIELDS).deals.is_empty()


def test_a_deal_marks_its_leads_and_those_of_its_account(
    people: None, mirror: Mirror, outbox: Outbox, lease: Lease
) -> None:
    brought = page("deals", deals=deals(BIG), deal_leads=of("7", "3"))
    mirror.save(brought, lease)
    assert sorted(outbox.dirty()) == ["1", "2", "3"]
    settle(outbox, lease)
    mirror.save(brought, lease)
    assert outbox.dirty() == []
    mirror.save(page("deals", deals=deals({**BIG, "account": None, "open": False}), deal_leads=of("7", "3")), lease)
    assert sorted(outbox.dirty()) == ["1", "2", "3"]
    settle(outbox, lease)
    mirror.save(page("deals", gone_deals=["7", "unknown"]), lease)
    assert outbox.dirty() == ["3"]
    assert held(mirror, "1", "2", "3") == []


def test_a_deal_leaves_who_is_not_named_with_it_any_more(
    people: None, mirror: Mirror, outbox: Outbox, lease: Lease
) -> None:
    mirror.save(page("deals", deals=deals({"deal": "7"}), deal_leads=of("7", "1", "2")), lease)
    settle(outbox, lease)
    mirror.save(page("deals", deals=deals({"deal": "7"}), deal_leads=of("7", "2", "3")), lease)
    assert sorted(outbox.dirty()) == ["1", "3"]
    assert [row[1] for row in held(mirror, "1", "2", "3")] == ["2", "3"]
    mirror.save(page("deals", deal_leads=of("7", None)), lease)
    assert held(mirror, "1", "2", "3") == []


def test_one_record_that_joins_a_lead_says_nothing_of_the_others(people: None, mirror: Mirror, lease: Lease) -> None:
    roles = pl.concat([of("7", "1", id_="role:a"), of("7", "2", id_="role:b"), of("7", "2", id_="role:c")])
    mirror.save(page("deals", deals=deals({"deal": "7"}), deal_leads=roles), lease)
    gone = pl.concat([of("7", "3", id_="role:a"), of("7", None, id_="role:b")])
    mirror.save(page("deals", deal_leads=gone), lease)
    assert [row[1] for row in held(mirror, "1", "2", "3")] == ["2", "3"]


def test_pages_of_one_deal_apply_in_their_order(people: None, mirror: Mirror, lease: Lease) -> None:
    pages = [
        page("deals", deals=deals({"deal": "7"}), deal_leads=of("7", "1")),
        page("deals", gone_deals=["7"]),
        page("deals", deals=deals({"deal": "7", "amount": 2.0}), deal_leads=of("7", "2")),
    ]
    mirror.save_all(pages, lease)
    assert held(mirror, "1", "2") == [("7", "2", None, 2.0)]


def test_who_survives_a_merge_takes_over_the_deals(people: None, mirror: Mirror, lease: Lease) -> None:
    mirror.save(page("deals", deals=deals({"deal": "7"}), deal_leads=of("7", "1", "2")), lease)
    mirror.save(page(merged={"1": "3"}), lease)
    assert [row[1] for row in held(mirror, "1", "2", "3")] == ["2", "3"]
    mirror.save(page("deals", deals=deals({"deal": "7"}), deal_leads=of("7", "1")), lease)
    assert [row[1] for row in held(mirror, "1", "2", "3")] == ["3"]


def test_a_merged_account_takes_over_the_deals(people: None, mirror: Mirror, lease: Lease) -> None:
    mirror.save(page("deals", deals=deals(BIG)), lease)
    mirror.save(page(accounts=accounts({"account": "b"}), merged_accounts={"a": "b"}), lease)
    assert held(mirror, "1") == [("7", None, "b", 900.0)]


def test_a_lead_that_vanished_has_its_deals_again_when_it_returns(people: None, mirror: Mirror, lease: Lease) -> None:
    mirror.save(page("deals", deals=deals({"deal": "7"}), deal_leads=of("7", "3")), lease)
    mirror.save(page(gone=["3"]), lease)
    assert held(mirror, "1", "3") == []
    mirror.save(page(leads=leads({"lead": "3"})), lease)
    assert held(mirror, "3") == [("7", "3", None, None)]


def test_forgetting_a_person_takes_the_deals_from_it_and_exporting_names_them(
    people: None, store: Store, mirror: Mirror, lease: Lease
) -> None:
    both = page("deals", deals=deals(BIG), deal_leads=of("7", "1", "3"))
    mirror.save(both, lease)
    about = store.about("main", ["3"], [])
    assert about["deal_leads"] == [{"lead": "3", "id": "deal:7", "deal": "7"}]
    assert [row["fields"]["amount"] for row in about["deals"]] == [900.0]
    mirror.forget("3", lease, stay_out=True)
    mirror.save(both, lease)
    assert set(store.about("main", ["3"], [])) == {"kept_out"}
    assert [row[1] for row in held(mirror, "1", "3")] == ["1"]


def test_excluded_people_have_no_deals(people: None, store: Store, mirror: Mirror, lease: Lease) -> None:
    both = page("deals", deals=deals({"deal": "7"}), deal_leads=of("7", "1", "3"))
    mirror.save(both, lease)
    store.excluded("main").set(pl.DataFrame({"lead": ["3"], "name": ["staff"]}), [], lease)
    mirror.save(both, lease)
    assert set(store.about("main", ["3"], [])) == {"excluded"}


def test_conversions_follow_from_deals(people: None, mirror: Mirror, lease: Lease) -> None:
    won = deals(
        {"deal": "7", "created_at": day(1), "won_at": day(4)}, {"deal": "8", "created_at": day(2)}, {"deal": "9"}
    )
    mirror.save(page("deals", deals=won, deal_leads=pl.concat([of("7", "1", "2"), of("8", "1"), of("9", "1")])), lease)
    found = mirror.outcomes()
    assert sorted(found.select("lead", "id", "outcome", "occurred_at").rows()) == [
        ("1", "deal:7:opportunity_created", "opportunity_created", day(1)),
        ("1", "deal:7:opportunity_won", "opportunity_won", day(4)),
        ("1", "deal:8:opportunity_created", "opportunity_created", day(2)),
        ("2", "deal:7:opportunity_created", "opportunity_created", day(1)),
        ("2", "deal:7:opportunity_won", "opportunity_won", day(4)),
    ]
    mirror.save(page(gone=["1"]), lease)
    assert set(mirror.outcomes()["lead"]) == {"2"}


def test_conversions_may_be_those_of_all_leads_of_the_account(people: None, mirror: Mirror, lease: Lease) -> None:
    won = deals({"deal": "7", "account": "a", "won_at": day(4), "for_account": True})
    mirror.save(page("deals", deals=won, deal_leads=of("7", "1", "3")), lease)
    assert sorted(mirror.outcomes().select("lead", "id").rows()) == [
        ("1", "deal:7:opportunity_won"),
        ("2", "deal:7:opportunity_won"),
    ]


def test_fields_of_deals_that_no_scorecard_uses_are_erased(people: None, mirror: Mirror, lease: Lease) -> None:
    assert mirror.declare(FIELDS, lease, OF_DEALS).of_deals
    assert not mirror.declare(FIELDS, lease, OF_DEALS).of_deals
    mirror.save(page("deals", deals=deals(BIG), deal_leads=of("7", "1")), lease)
    fewer: dict[str, FieldType] = {"open": "flag"}
    assert not mirror.declare(FIELDS, lease, fewer).of_deals
    assert mirror.frames(["1"], FIELDS, OF_DEALS).deals["amount"].to_list() == [None]
    assert mirror.frames(["1"], FIELDS, fewer).deals["open"].to_list() == [True]
    assert mirror.declare(FIELDS, lease, {"open": "text"}).of_deals


def test_deals_that_are_no_longer_read_are_erased_and_mark_their_leads(
    people: None, mirror: Mirror, outbox: Outbox, lease: Lease
) -> None:
    read = Stream("deals", "deals", plan="1", ids=(DEALS_OF,))
    mirror.replan([read], lease)
    mirror.save(page("deals", deals=deals(BIG), deal_leads=of("7", "3")), lease)
    settle(outbox, lease)
    mirror.replan([], lease)
    assert held(mirror, "1", "3") == []
    assert outbox.dirty() == ["3"]


def present(*rows: tuple[str | None, str]) -> pl.DataFrame:
    return pl.DataFrame([(lead, None, record) for lead, record in rows], PRESENT, orient="row")


def test_comparing_finds_what_either_side_lacks(people: None, mirror: Mirror, removals: Removals, lease: Lease) -> None:
    """A deal that is gone, one of another account, one unknown, and whose they are."""
    saved = deals(BIG, {"deal": "8", "account": "a"}, {"deal": "9"})
    told = pl.concat([of("7", "1"), of("8", "1", "2"), of("9", "3")])
    mirror.save(page("deals", deals=saved, deal_leads=told), lease)
    comparison = mirror.compare("deal", "deals")
    here = present(
        (None, "*deals:8:b"), (None, "*deals:9"), (None, "*deals:10"), ("2", "deal:8"), ("3", "deal:8"), ("3", "deal:9")
    )
    assert comparison.add(here) == ["*deals:8:b", "*deals:10", "deal:8"]
    assert comparison.finish(lease) == 4
    mirror.save(page("deals", deals=deals({"deal": "8", "account": "b"}), deal_leads=of("8", "2", "3")), lease)
    lost = removals.suspects("new").activities
    kinds = sorted(lost.rows())
    assert kinds == [
        ("", "*deals:7:a", "deal"),
        ("", "*deals:8:a", "deal"),
        ("1", "deal:7", "person on a deal"),
        ("1", "deal:8", None),
    ]
    assert removals.activities() | {"deal": 3} == removals.activities()
    removals.settle(Verdict(dropped=lost), day(1), lease)
    assert held(mirror, "1", "2", "3") == [("8", "2", "b", None), ("8", "3", "b", None), ("9", "3", None, None)]


def test_a_deal_that_is_listed_again_is_no_longer_missing(
    people: None, mirror: Mirror, removals: Removals, lease: Lease
) -> None:
    mirror.save(page("deals", deals=deals(BIG), deal_leads=of("7", "1")), lease)
    mirror.compare("deal", "deals").finish(lease)
    assert len(removals.suspects("new").activities) == 2
    again = mirror.compare("deal", "deals")
    again.add(present((None, "*deals:7:a"), ("1", "deal:7")))
    again.finish(lease)
    assert removals.suspects("new").activities.is_empty()


def test_reading_deals_of_a_bucket_takes_only_leads_of_the_bucket(mirror: Mirror, lease: Lease) -> None:
    many = [str(number) for number in range(40)]
    mirror.save(page(leads=leads(*({"lead": lead} for lead in many))), lease)
    mirror.save(page("deals", deals=deals({"deal": "7"}), deal_leads=of("7", *many)), lease)
    found = [
        mirror.frames(range(start, start + 64), FIELDS, OF_DEALS).deals["lead"].to_list() for start in range(0, 256, 64)
    ]
    assert sorted(lead for part in found for lead in part) == sorted(many)


def test_a_deal_of_an_account_converts_it_whoever_of_its_leads_has_it(
    people: None, mirror: Mirror, lease: Lease
) -> None:
    """Other conversions are those of leads, whose accounts follow from the time."""
    saved = deals(
        {**BIG, "won_at": day(5), "created_at": day(2)},
        {"deal": "8", "account": "b", "won_at": day(6), "for_account": True},
        {"deal": "9", "won_at": day(7)},
        {"deal": "10", "account": "a"},
    )
    told = pl.concat([of("7", "3"), of("9", "1", "2"), of("10", "1")])
    mirror.save(page("deals", deals=saved, deal_leads=told), lease)
    met = pl.DataFrame([("2", "met:1", "customer", day(3))], OUTCOMES, orient="row")
    mirror.save(page(outcomes=met), lease)
    assert sorted(mirror.account_outcomes().rows(), key=str) == [
        ("a", None, "opportunity_created", day(2)),
        ("a", None, "opportunity_won", day(5)),
        ("b", None, "opportunity_won", day(6)),
        (None, "1", "opportunity_won", day(7)),
        (None, "2", "customer", day(3)),
        (None, "2", "opportunity_won", day(7)),
    ]
    assert sorted(mirror.deal_moments().rows()) == [
        ("10", None, None),
        ("7", day(2), day(5)),
        ("8", None, day(6)),
        ("9", None, day(7)),
    ]
    mirror.save(page(gone=["2"]), lease)
    assert "2" not in mirror.account_outcomes()["lead"].to_list()
