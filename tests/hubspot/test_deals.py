"""Deals: read once for figures and for `calibrate`, with what they hold and whose they are."""

from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from connectors.base import ConfigurationError
from leadgauge_sandbox.hubspot.answers import iso
from leadgauge_sandbox.hubspot.portal import derived
from tests.hubspot.conftest import DAY, HOUR, MINUTE, NOON, Account, Pull, stream
from tests.pauses import Hurried
from vocabulary.pages import Page
from vocabulary.rows import DEALS

OF_DEALS = {"amount": "number", "open": "flag", "won": "flag", "stage": "text", "closed_at": "time"}
MAPPING = {
    "amount": "amount",
    "open": "not(hs_is_closed)",
    "won": "hs_is_closed_won",
    "stage": "dealstage",
    "closed_at": "closedate",
}
CONTACTS, COMPANIES = ("0-3", "0-1"), ("0-3", "0-2")


class Sales:
    """An account with deals, and what a connector reads of them."""

    def __init__(self, account: Account, pull: Pull, **changes: Any) -> None:
        self.account, self.pull = account, pull
        self.table = account.portal.tables["0-3"]
        self.connector = account.connect(of_deals=OF_DEALS, **{"deals": MAPPING, **changes})

    def deal(self, *contacts: str, company: int | None = None, at: int = NOON - DAY, **values: str) -> str:
        given = {"dealstage": "contractsent", **values}
        record = self.account.add("deals", at, **given, **derived(self.table, given))
        for contact in contacts:
            self.account.portal.associate(CONTACTS, record.id, int(contact))
        if company is not None:
            self.account.portal.associate(COMPANIES, record.id, company)
        return str(record.id)

    def read(self, cursor: Any = None) -> list[Page]:
        return self.pull(self.connector, "opportunities", cursor)

    def calls(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path, _ in self.account.calls()]


@pytest.fixture
def sales(account: Account, pull: Pull) -> Sales:
    return Sales(account, pull)


def rows(pages: Sequence[Page]) -> list[dict[str, Any]]:
    return pl.concat([page.deals for page in pages]).sort("deal").to_dicts()


def leads(pages: Sequence[Page]) -> list[tuple[str, str | None]]:
    return sorted(pl.concat([page.deal_leads for page in pages]).select("deal", "lead").rows(), key=str)


def test_a_deal_brings_its_fields_its_company_and_its_contacts(sales: Sales) -> None:
    ann, bob = sales.account.contact(email="a@x.example"), sales.account.contact(email="b@x.example")
    company = sales.account.add("companies", name="Acme").id
    lone = sales.deal(amount="12.5", company=company)
    sold = sales.deal(ann, bob, dealstage="closedwon", closedate=iso(NOON))
    pages = sales.read()
    first, second = rows(pages)
    assert first == {
        "deal": lone,
        "account": str(company),
        "created_at": None,
        "won_at": None,
        "for_account": False,
        "amount": 12.5,
        "open": True,
        "won": False,
        "stage": "contractsent",
        "closed_at": None,
    }
    assert (second["open"], second["won"], second["stage"], second["account"]) == (False, True, "closedwon", None)
    assert leads(pages) == [(lone, None), (sold, ann), (sold, bob)]


def test_a_listing_of_deals_takes_no_call_for_their_contacts_and_companies(sales: Sales) -> None:
    company = sales.account.add("companies", name="Acme").id
    for _ in range(3):
        sales.deal(sales.account.contact(), company=company)
    sales.read()
    assert {path.partition("?")[0] for _, path in sales.calls()} <= {
        "/account-info/2026-09/details",
        "/crm/v3/properties/contacts",
        "/crm/objects/2026-09/deals",
        "/crm/objects/2026-09/deals/search",
    }


def test_conversions_are_told_only_if_the_settings_count_them(account: Account, pull: Pull) -> None:
    figures, both = Sales(account, pull), Sales(account, pull, outcomes={"opportunities": True})
    figures.deal(at=NOON - 9 * DAY, dealstage="closedwon", closedate=iso(NOON - DAY))
    figures.deal(at=NOON - 5 * DAY, dealstage="closedlost", closedate=iso(NOON - DAY))
    assert {(row["created_at"], row["won_at"]) for row in rows(figures.read())} == {(None, None)}
    told = [(row["created_at"], row["won_at"]) for row in rows(both.read())]
    assert [(a and a.day, b and b.day) for a, b in told] == [(13, 21), (17, None)]
    without = account.connect(outcomes={"opportunities": True})
    assert pull(without, "opportunities")[0].deals.columns == list(DEALS)


def test_a_change_of_a_deal_brings_all_of_it_again(sales: Sales) -> None:
    ann = sales.account.contact(email="a@x.example")
    deal = sales.deal(ann, amount="10")
    cursor = sales.read()[-1].cursor
    sales.account.clock.advance(MINUTE)
    sales.account.change(deal, "deals", dealstage="closedlost", amount="11")
    sales.account.clock.advance(MINUTE)
    later = sales.read(cursor)
    assert [(row["amount"], row["open"], row["won"]) for row in rows(later)] == [(11.0, False, False)]
    assert leads(later) == [(deal, ann)]
    sales.account.change(deal, "deals", dealstage="qualifiedtobuy")
    sales.account.clock.advance(MINUTE)
    assert [row["open"] for row in rows(sales.read(later[-1].cursor))] == [True]


def test_a_contact_that_joins_a_recent_deal_is_seen_within_six_hours(sales: Sales) -> None:
    """The deal is not modified by it."""
    ann, bob = sales.account.contact(email="a@x.example"), sales.account.contact(email="b@x.example")
    deal = sales.deal(ann)
    cursor = sales.read()[-1].cursor
    sales.account.portal.associate(CONTACTS, int(deal), int(bob))
    sales.account.portal.part(CONTACTS, int(deal), int(ann))
    sales.account.clock.advance(6 * HOUR)
    sales.connector.find("nobody@x.example")  # the first answer tells the time
    assert leads(sales.read(cursor)) == [(deal, bob)]


def test_a_merged_deal_is_gone_and_a_deleted_one_is_in_the_bin(sales: Sales) -> None:
    kept, lost, deleted = (sales.deal() for _ in range(3))
    cursor, deletions = sales.read()[-1].cursor, sales.pull(sales.connector, "deletions")[-1].cursor
    portal = sales.account.portal
    portal.merge(sales.table, sales.table.find(int(kept)), sales.table.find(int(lost)))
    portal.archive(sales.table, sales.table.find(int(deleted)))
    sales.account.clock.advance(2 * HOUR)
    assert [page.gone_deals for page in sales.read(cursor) if page.gone_deals] == [[kept, lost]]
    gone = [one for page in sales.pull(sales.connector, "deletions", deletions) for one in page.gone_deals]
    assert gone == [deleted]


def test_deals_of_new_leads_come_with_all_their_contacts(sales: Sales) -> None:
    """A lead that enters later must not take the deal from the others."""
    ann, bob = sales.account.contact(email="a@x.example"), sales.account.contact(email="b@x.example")
    deal, _ = sales.deal(ann, bob), sales.deal(bob)
    (found,) = sales.connector.pull_for(stream(sales.connector, "opportunities"), [ann])
    assert found.aside
    assert leads([found]) == [(deal, ann), (deal, bob)]


def test_an_inventory_names_deals_their_companies_and_their_contacts(sales: Sales) -> None:
    ann = sales.account.contact(email="a@x.example")
    company = sales.account.add("companies", name="Acme").id
    one, other = sales.deal(ann, company=company), sales.deal()
    opportunities = stream(sales.connector, "opportunities")
    pages = list(sales.connector.present(opportunities, None))
    assert pages[-1].listed
    assert sorted(pl.concat([page.present for page in pages]).select("lead", "record").rows(), key=str) == sorted(
        [(None, f"*deals:{one}:{company}"), (None, f"*deals:{other}"), (ann, f"deal:{one}")], key=str
    )
    (again,) = sales.connector.read_again(opportunities, [f"*deals:{one}:{company}", f"deal:{one}"], None)
    assert leads([again]) == [(one, ann)]
    assert rows([again])[0]["account"] == str(company)


def test_deals_are_not_read_where_nothing_needs_them(account: Account) -> None:
    connector = account.connect(deals=MAPPING)
    assert "opportunities" not in [one.name for one in connector.streams()]


def test_a_pass_stops_where_the_token_may_not_read_the_deals_that_figures_use(
    account: Account, pull: Pull, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.portal.tokens.add("narrow", frozenset({"crm.objects.contacts.read"}))
    monkeypatch.setenv("HUBSPOT_TEST_TOKEN", "narrow")
    with pytest.raises(ConfigurationError, match=r"crm\.objects\.deals\.read"):
        Sales(account, pull).read()
    only_conversions = account.connect(outcomes={"opportunities": True})
    assert pull(only_conversions, "opportunities") == []


def test_check_says_what_is_wrong_with_the_mapping_of_deals(account: Account) -> None:
    mapping = {"amount": "amuont", "stage": "not(hs_is_closed)", "old": "amount", "created": "dealtype"}
    of_deals = {"amount": "number", "open": "flag", "stage": "text", "created": "time"}
    found = account.connect(of_deals=of_deals, deals=mapping).check(reads_only=True)
    told = {(one.level, one.subject): f"{one.message} {one.remedy}" for one in found}
    assert "Did you mean amount?" in told["error", "deals.amount"]
    assert "deals: {open: not(hs_is_closed)}" in told["warning", "open"]
    assert "gives a flag" in told["error", "deals.stage"]
    assert "no scorecard declares it" in told["note", "old"]
    assert "holds text" in told["warning", "deals.created"]


def test_check_names_the_scope_that_deals_need(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    account.portal.tokens.add("narrow", frozenset({"crm.objects.contacts.read", "crm.schemas.contacts.read"}))
    monkeypatch.setenv("HUBSPOT_TEST_TOKEN", "narrow")
    found = account.connect(of_deals=OF_DEALS, deals=MAPPING, stop=Hurried()).check(reads_only=True)
    told = [one for one in found if one.subject == "deals" and one.level == "error"]
    assert any("crm.objects.deals.read" in one.remedy for one in told)


def test_check_warns_of_amounts_in_several_currencies(account: Account) -> None:
    account.portal.currencies = ["EUR"]
    found = account.connect(of_deals=OF_DEALS, deals=MAPPING).check(reads_only=True)
    (warning,) = [one for one in found if one.subject == "deals.amount"]
    assert "amount_in_home_currency" in warning.remedy
    mapping = {**MAPPING, "amount": "amount_in_home_currency"}
    calm = account.connect(of_deals=OF_DEALS, deals=mapping).check(reads_only=True)
    assert not [one for one in calm if one.subject == "deals.amount"]


def test_amounts_are_in_the_currency_of_the_account_unless_deals_have_their_own(account: Account) -> None:
    """`amount` is in the currency of the deal, and there may be several."""
    assert account.connect(of_deals=OF_DEALS, deals=MAPPING).currency() == "USD"
    account.portal.currencies = ["EUR"]
    assert account.connect(of_deals=OF_DEALS, deals=MAPPING).currency() is None
    mapping = {**MAPPING, "amount": "amount_in_home_currency"}
    assert account.connect(of_deals=OF_DEALS, deals=mapping).currency() == "USD"


def test_the_overview_names_the_stages_of_deals(account: Account) -> None:
    found = account.connect(of_deals=OF_DEALS, deals=MAPPING).overview()
    assert any("contractsent (Contract Sent)" in one.message for one in found)
    assert any(one.subject == "deals.open" and "as not(…)" in one.message for one in found)
