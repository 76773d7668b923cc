"""Amounts of an org with several currencies are read in its corporate currency, by its rates."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.salesforce import Salesforce
from leadgauge_sandbox.salesforce.state import Sandbox
from tests.pauses import Hurried
from tests.salesforce.sandboxed import ACTIVITIES, FIELDS, OUTPUTS, WANTED, connector, joined, pulled, settings, tell
from tests.salesforce.test_following_changes import Follower

Org = tuple[Sandbox, str]
MONEY = FIELDS | {"revenue": {"Lead": "AnnualRevenue", "Contact": "Account.AnnualRevenue"}}
RATES = {"USD": 1.25, "JPY": 160}


def notes(org: Org) -> list[tuple[str, str]]:
    findings = connector(*org, Hurried()).check()
    return [(finding.level, finding.message) for finding in findings if "amounts" in finding.message]


def budgets(found: Any) -> dict[str, float]:
    return dict(found.drop_nulls("budget").select("lead", "budget").rows())


@pytest.fixture
def several(own_org: Org) -> Org:
    tell(own_org[1], "currencies", corporate="EUR", rates=RATES)
    return own_org


def test_an_amount_is_converted_to_the_corporate_currency(several: Org) -> None:
    """Five million yen are converted on leads, contacts and accounts."""
    sandbox, url = several
    lead = next(row["Id"] for row in sandbox.org.rows("Lead") if not row["IsConverted"])
    contact = next(row for row in sandbox.org.rows("Contact") if row["AccountId"])
    tell(url, "change", id=lead, values={"Budget__c": 5_000_000, "CurrencyIsoCode": "JPY"})
    tell(url, "change", id=contact["Id"], values={"Budget__c": 100, "CurrencyIsoCode": "EUR"})
    tell(url, "change", id=contact["AccountId"], values={"AnnualRevenue": 500, "CurrencyIsoCode": "USD"})
    salesforce = Salesforce(settings(*several, fields=MONEY), WANTED | {"revenue": "number"}, OUTPUTS, stop=Hurried())
    found = budgets(joined(pulled(salesforce, "leads"), "leads"))
    assert (found[lead], found[contact["Id"]]) == (31_250, 100)
    accounts = joined(pulled(salesforce, "accounts"), "accounts")
    assert set(accounts.filter(account=contact["AccountId"])["revenue"]) == {400}


@pytest.mark.parametrize(("kind", "value"), [("double", 320), ("currency", 2)])
def test_the_value_of_an_activity_is_converted_if_it_is_money(several: Org, kind: str, value: float) -> None:
    sandbox, url = several
    fields = sandbox.org.objects["Web_Action__c"].fields
    fields["Value__c"] = replace(fields["Value__c"], type=kind)
    source = ACTIVITIES["sources"][1] | {"value": "Value__c"}
    action = next(row["Id"] for row in sandbox.org.rows("Web_Action__c"))
    tell(url, "change", id=action, values={"Value__c": 320, "CurrencyIsoCode": "JPY"})
    salesforce = connector(*several, Hurried(), activities=ACTIVITIES | {"sources": [source]})
    found = joined(pulled(salesforce, "web_actions"), "activities").filter(id=f"web_actions:{action}")
    assert set(found["value"]) == {value}


def test_other_rates_are_noticed_and_everything_is_read_again(several: Org) -> None:
    follower = Follower(*several)
    follower.settle("leads")
    lead = follower.ids("Lead", IsConverted=False)[0]
    follower.tell("change", id=lead, values={"Budget__c": 1600, "CurrencyIsoCode": "JPY"})
    assert budgets(joined(follower.pull("leads"), "leads"))[lead] == 10
    follower.tell("clock", advance=3_600_000)
    follower.pull("leads")
    assert joined(follower.pull("leads"), "leads").is_empty()
    follower.tell("currencies", corporate="EUR", rates=RATES | {"JPY": 200})
    assert budgets(joined(follower.pull("leads"), "leads"))[lead] == 8


def test_check_names_the_currency_of_amounts(own_org: Org) -> None:
    connector(*own_org).provision(OUTPUTS)
    assert notes(own_org) == [("note", "Contact.Budget__c, Lead.Budget__c: amounts are in the org's only currency.")]
    tell(own_org[1], "currencies", corporate="EUR", rates=RATES)
    (found,) = notes(own_org)
    assert found[0] == "note"
    assert "converted to EUR, the corporate currency (1 EUR = 1.25 USD, 160 JPY)" in found[1]


def test_rates_that_cannot_be_read_are_an_error_of_check(several: Org) -> None:
    sandbox, _ = several
    connector(*several).provision(OUTPUTS)
    del sandbox.org.objects["CurrencyType"]
    (found,) = notes(several)
    assert (found[0], "CurrencyType" in found[1]) == ("error", True)
