"""Opportunities: read once for figures and for `calibrate`; contact roles say whose they are."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from leadgauge_sandbox.salesforce.state import Sandbox
from tests.pauses import Hurried
from tests.salesforce.sandboxed import connector, joined, pulled, tell
from tests.salesforce.test_following_changes import Follower
from vocabulary.fields import FieldType
from vocabulary.pages import Page

Org = tuple[Sandbox, str]
OF_DEALS: Mapping[str, FieldType] = {
    "amount": "number",
    "open": "flag",
    "won": "flag",
    "stage": "text",
    "closed_at": "time",
    "industry": "text",
}
MAPPING = {
    "amount": "Amount",
    "open": "not(IsClosed)",
    "won": "IsWon",
    "stage": "StageName",
    "closed_at": "CloseDate",
    "industry": "Account.Industry",
}
ONLY_FIGURES = {"deals": MAPPING, "outcomes": {"opportunities": "off"}}


class Sales(Follower):
    """A follower of the opportunities of an org."""

    def __init__(self, sandbox: Sandbox, url: str, **changes: Any) -> None:
        super().__init__(sandbox, url, **changes)
        self.salesforce = connector(sandbox, url, Hurried(), of_deals=OF_DEALS, **{"deals": MAPPING, **changes})

    def row(self, name: str, **having: Any) -> dict[str, Any]:
        rows = self.sandbox.org.rows(name)
        return next(row for row in rows if all(row[one] == value for one, value in having.items()))

    @property
    def opportunity(self) -> dict[str, Any]:
        """An opportunity of an account."""
        return next(row for row in self.sandbox.org.rows("Opportunity") if row["AccountId"])

    @property
    def role(self) -> dict[str, Any]:
        """Its contact role."""
        return self.row("OpportunityContactRole", OpportunityId=self.opportunity["Id"])

    def read(self) -> list[Page]:
        return self.pull("opportunities")

    def later(self) -> None:
        self.tell("clock", advance=3_600_000)


@pytest.fixture
def sales(own_org: Org) -> Sales:
    return Sales(*own_org)


def deals(pages: list[Page]) -> dict[str, dict[str, Any]]:
    return {row["deal"]: row for row in joined(pages, "deals").iter_rows(named=True)}


def leads(pages: list[Page]) -> list[tuple[Any, ...]]:
    return joined(pages, "deal_leads").select("deal", "id", "lead").rows()


def test_an_opportunity_brings_its_fields_its_account_and_the_contacts_in_its_roles(sales: Sales) -> None:
    role = sales.role
    opportunity = role["OpportunityId"]
    values = {"Amount": 1250.5, "StageName": "Closed Won", "CloseDate": "2026-11-03", "Type": "New Customer"}
    sales.tell("change", id=opportunity, values=values)
    pages = sales.read()
    row = sales.row("Opportunity", Id=opportunity)
    found = deals(pages)[opportunity]
    assert found["account"] == row["AccountId"]
    assert (found["amount"], found["open"], found["won"], found["stage"]) == (1250.5, False, True, "Closed Won")
    assert (found["closed_at"], found["won_at"].date()) == ("2026-11-03", date(2026, 11, 3))
    assert found["created_at"] == row["CreatedDate"]
    assert found["industry"] == sales.row("Account", Id=row["AccountId"])["Industry"]
    assert not found["for_account"]
    assert (opportunity, f"opportunity:{role['Id']}", role["ContactId"]) in leads(pages)
    assert len(deals(pages)) == sum(not one["IsDeleted"] for one in sales.sandbox.org.rows("Opportunity"))


def test_conversions_are_told_as_the_settings_count_them(own_org: Org) -> None:
    def told(**changes: Any) -> set[tuple[bool, bool]]:
        found = deals(Sales(*own_org, **changes).read()).values()
        return {(row["created_at"] is not None, row["for_account"]) for row in found}

    assert told(**ONLY_FIGURES) == {(False, False)}
    assert told() == {(True, False)}
    assert told(outcomes={"opportunities": "accounts"}) == {(True, True)}


def test_what_is_read_is_what_is_needed(own_org: Org) -> None:
    """Figures need the roles, conversions of whole accounts do not; without either, nothing is read."""

    def objects(salesforce: Any) -> list[str]:
        stream = next((one for one in salesforce.streams() if one.name == "opportunities"), None)
        return [part.object for part in salesforce._parts(stream)] if stream else []

    both = ["Opportunity", "OpportunityContactRole"]
    assert objects(connector(*own_org)) == both
    assert objects(connector(*own_org, of_deals=OF_DEALS, **ONLY_FIGURES)) == both
    assert objects(connector(*own_org, outcomes={"opportunities": "accounts"})) == ["Opportunity"]
    assert objects(connector(*own_org, outcomes={"opportunities": "off"}, deals=MAPPING)) == []


def test_only_an_opportunity_that_changed_comes_again(sales: Sales) -> None:
    sales.settle("opportunities")
    opportunity = sales.ids("Opportunity")[0]
    sales.tell("change", id=opportunity, values={"StageName": "Closed Lost"})
    lost = sales.read()
    assert {deal: (row["open"], row["won"], row["won_at"]) for deal, row in deals(lost).items()} == {
        opportunity: (False, False, None)
    }
    assert leads(lost) == []
    sales.later()
    sales.tell("change", id=opportunity, values={"StageName": "Prospecting"})
    assert [row["open"] for row in deals(sales.read()).values()] == [True]


def test_a_deleted_opportunity_is_gone_and_a_restored_one_returns_with_its_roles(sales: Sales) -> None:
    role = sales.role
    sales.settle("opportunities")
    sales.tell("delete", id=role["OpportunityId"])
    pages = sales.read()
    assert [deal for page in pages for deal in page.gone_deals] == [role["OpportunityId"]]
    assert leads(pages) == [(role["OpportunityId"], f"opportunity:{role['Id']}", None)]
    sales.later()
    sales.tell("restore", id=role["OpportunityId"])
    again = sales.read()
    assert list(deals(again)) == [role["OpportunityId"]]
    assert leads(again) == [(role["OpportunityId"], f"opportunity:{role['Id']}", role["ContactId"])]


def test_a_role_that_is_added_removed_or_given_to_another_contact_comes_alone(sales: Sales) -> None:
    sales.settle("opportunities")
    role = sales.role
    other = next(one for one in sales.ids("Contact") if one != role["ContactId"])
    sales.tell("change", id=role["Id"], values={"ContactId": other})
    moved = sales.read()
    assert leads(moved) == [(role["OpportunityId"], f"opportunity:{role['Id']}", other)]
    assert deals(moved) == {}
    sales.later()
    sales.tell("delete", id=role["Id"])
    assert leads(sales.read()) == [(role["OpportunityId"], f"opportunity:{role['Id']}", None)]


def test_a_quiet_pull_makes_two_calls(sales: Sales) -> None:
    sales.settle("opportunities")
    before = sales.salesforce.budget().calls
    sales.read()
    assert sales.salesforce.budget().calls - before == 2


def test_fields_of_parents_are_read_again_at_intervals(own_org: Org) -> None:
    sales = Sales(*own_org, formulas_every="4h")
    account = sales.opportunity["AccountId"]
    sales.settle("opportunities")
    sales.tell("change", id=account, values={"Industry": "Mining"})
    assert deals(sales.read()) == {}
    sales.later()
    sales.later()
    assert "Mining" in {row["industry"] for row in deals(sales.read()).values()}


def test_new_leads_bring_their_roles(sales: Sales) -> None:
    role = sales.role
    stream = next(one for one in sales.salesforce.streams() if one.name == "opportunities")
    pages = list(sales.salesforce.pull_for(stream, [role["ContactId"]]))
    assert (role["OpportunityId"], f"opportunity:{role['Id']}", role["ContactId"]) in leads(pages)


def test_an_inventory_names_opportunities_their_accounts_and_their_roles(sales: Sales) -> None:
    stream = next(one for one in sales.salesforce.streams() if one.name == "opportunities")
    pages = list(sales.salesforce.present(stream, None))
    assert pages[-1].listed
    found = set(pl.concat([page.present for page in pages]).select("lead", "record").rows())
    row, role = sales.opportunity, sales.role
    records = {f"*deals:{row['Id']}:{row['AccountId']}", f"opportunity:{role['Id']}"}
    assert {(None, f"*deals:{row['Id']}:{row['AccountId']}"), (role["ContactId"], f"opportunity:{role['Id']}")} <= found
    again = list(sales.salesforce.read_again(stream, sorted(records), None))
    assert list(deals(again)) == [row["Id"]]
    assert leads(again) == [(role["OpportunityId"], f"opportunity:{role['Id']}", role["ContactId"])]


def test_amounts_of_deals_are_converted_to_the_corporate_currency(own_org: Org) -> None:
    tell(own_org[1], "currencies", corporate="EUR", rates={"JPY": 160})
    sales = Sales(*own_org)
    opportunity = sales.ids("Opportunity")[0]
    sales.tell("change", id=opportunity, values={"Amount": 8000, "CurrencyIsoCode": "JPY"})
    assert sales.salesforce.currency() is None
    assert deals(sales.read())[opportunity]["amount"] == 50
    assert sales.salesforce.currency() == "EUR"
    assert any("Opportunity.Amount" in one.message for one in sales.salesforce.check(reads_only=True))


def test_check_says_what_is_wrong_with_the_mapping_of_deals(own_org: Org) -> None:
    mapping = {"amount": "Amuont", "stage": "not(IsClosed)", "old": "Amount", "created": "StageName"}
    of_deals: Mapping[str, FieldType] = {"amount": "number", "open": "flag", "stage": "text", "created": "time"}
    found = connector(*own_org, Hurried(), of_deals=of_deals, deals=mapping).check(reads_only=True)
    told = {(one.level, one.subject): f"{one.message} {one.remedy}" for one in found}
    assert "Did you mean Amount?" in told["error", "deals.amount"]
    assert "deals: {open: not(IsClosed)}" in told["warning", "deals.open"]
    assert "gives a flag" in told["error", "deals.stage"]
    assert "no scorecard declares it" in told["note", "deals.old"]
    assert "is of type picklist" in told["error", "deals.created"]


def test_check_names_objects_that_the_user_may_not_see(own_org: Org) -> None:
    sandbox, _ = own_org
    for name in ("Opportunity", "OpportunityContactRole"):
        del sandbox.org.objects[name]
    found = connector(*own_org, Hurried(), of_deals=OF_DEALS, deals=MAPPING).check(reads_only=True)
    errors = [one for one in found if one.level == "error" and one.subject.startswith("deals")]
    assert any("no object 'Opportunity'" in one.message for one in errors)
    assert any("OpportunityContactRole" in one.message for one in errors)


def test_the_overview_names_what_feeds_the_fields_of_deals(own_org: Org) -> None:
    found = connector(*own_org, Hurried(), of_deals=OF_DEALS, deals=MAPPING).overview()
    assert any(one.subject == "deals.open" and "as not(…)" in one.message for one in found)


def test_opportunities_that_the_user_may_not_see_are_no_conversions(own_org: Org) -> None:
    sandbox, _ = own_org
    for name in ("Opportunity", "OpportunityContactRole"):
        del sandbox.org.objects[name]
    assert deals(pulled(connector(*own_org, Hurried()), "opportunities")) == {}
