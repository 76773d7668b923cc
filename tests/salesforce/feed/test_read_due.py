"""What is due is read in the fewest calls, as a pass would bring it."""

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from connectors.salesforce import Salesforce
from leadgauge_sandbox.salesforce.state import Sandbox
from tests.salesforce.sandboxed import connector, joined, pulled, served, tell
from vocabulary.feeds import DUE
from vocabulary.pages import Page


@pytest.fixture
def org() -> Iterator[tuple[Sandbox, str, Salesforce]]:
    with served(120) as (sandbox, url):
        yield sandbox, url, connector(sandbox, url)


def rows(*due: tuple[str, str, str]) -> pl.DataFrame:
    return pl.DataFrame([(*one, None) for one in due], DUE, orient="row")


def read(salesforce: Salesforce, *due: tuple[str, str, str]) -> list[Page]:
    pages = list(salesforce.read_due(rows(*due)))
    assert all(page.aside and not page.cursor for page in pages)
    return pages


def everybody(salesforce: Salesforce, prefix: str) -> list[str]:
    return sorted(one for one in joined(pulled(salesforce, "leads"), "leads")["lead"] if one.startswith(prefix))


def gone(pages: list[Page]) -> list[Any]:
    return [one for page in pages for one in page.gone]


def test_50_due_leads_take_one_query_per_object(org: tuple[Sandbox, str, Salesforce]) -> None:
    _, _, salesforce = org
    leads = everybody(salesforce, "00Q")[:25]
    contacts = everybody(salesforce, "003")[:25]
    read(salesforce, ("leads", "lead", leads[0]))  # descriptions are asked for once
    before = salesforce.budget().calls
    pages = read(salesforce, *(("leads", "lead", one) for one in [*leads, *contacts, *leads]))
    assert salesforce.budget().calls - before == 2
    assert sorted(joined(pages, "leads")["lead"]) == sorted([*leads, *contacts])
    before = salesforce.budget().calls
    read(salesforce, *(("leads", "lead", one) for one in leads))
    assert salesforce.budget().calls - before == 1


def test_due_leads_come_as_they_are_now_with_what_our_fields_hold(org: tuple[Sandbox, str, Salesforce]) -> None:
    _, url, salesforce = org
    lead = everybody(salesforce, "00Q")[0]
    tell(url, "change", id=lead, values={"Title": "Vorständin 🚀"})
    pages = read(salesforce, ("leads", "lead", lead))
    assert joined(pages, "leads").select("lead", "job_title").rows() == [(lead, "Vorständin 🚀")]
    assert joined(pages, "outputs")["lead"].to_list() == [lead]


def test_deleted_merged_converted_and_unknown_leads_are_told_as_a_pass_tells_them(
    org: tuple[Sandbox, str, Salesforce],
) -> None:
    _, url, salesforce = org
    deleted, loser, master, converted = everybody(salesforce, "00Q")[:4]
    tell(url, "delete", id=deleted)
    tell(url, "merge", survivor=master, loser=loser)
    tell(url, "convert", lead=converted)
    unknown = "00Q8d0000099999AAA"
    pages = read(salesforce, *(("leads", "lead", one) for one in (deleted, loser, master, converted, unknown)))
    assert gone(pages) == [deleted]
    merged = {lead: survivor for page in pages for lead, survivor in page.merged.items()}
    assert (merged.pop(loser), list(merged)) == (master, [converted])
    assert merged[converted].startswith("003")
    assert [one for page in pages for one in page.missing] == [unknown]
    assert joined(pages, "leads")["lead"].to_list() == [master]


def test_a_lead_that_left_the_filter_is_missing() -> None:
    """It is looked up before it goes, as in a pass."""
    with served(60) as (sandbox, url):
        salesforce = connector(sandbox, url, objects={"Lead": {"filter": "Status != 'Unqualified'"}})
        lead = everybody(salesforce, "00Q")[0]
        tell(url, "change", id=lead, values={"Status": "Unqualified"})
        pages = read(salesforce, ("leads", "lead", lead))
        assert ([one for page in pages for one in page.missing], gone(pages)) == ([lead], [])


def test_due_activities_are_read_by_their_ids_and_those_that_are_gone_are_named(
    org: tuple[Sandbox, str, Salesforce],
) -> None:
    """A campaign member is hard-deleted: its activities are suspected under each id that they can have."""
    _, _, salesforce = org
    found = joined(pulled(salesforce, "campaigns"), "activities")
    record = found["id"][0].split(":")[1]
    kept = found.filter(pl.col("id").str.contains(record))["id"].sort().to_list()
    read(salesforce, ("campaigns", "record", record))
    before = salesforce.budget().calls
    pages = read(salesforce, ("campaigns", "record", record), ("campaigns", "record", "00v8d0000099999AAA"))
    assert salesforce.budget().calls - before == 1
    assert joined(pages, "activities")["id"].sort().to_list() == kept
    lost = [one for page in pages for one in page.missing_activities if "99999" in one[1]]
    assert lost == [(None, f"campaign:00v8d0000099999AAA:{what}") for what in ("responded", "added")]


def test_a_deleted_task_takes_back_its_activity(org: tuple[Sandbox, str, Salesforce]) -> None:
    _, url, salesforce = org
    task = joined(pulled(salesforce, "tasks"), "activities")["id"][0]
    tell(url, "delete", id=task.split(":")[1])
    pages = read(salesforce, ("tasks", "record", task.split(":")[1]))
    assert [one[1] for page in pages for one in page.gone_activities] == [task]


def test_activities_due_by_lead_are_those_of_the_lead_only(org: tuple[Sandbox, str, Salesforce]) -> None:
    _, _, salesforce = org
    found = joined(pulled(salesforce, "web_visits"), "activities").drop_nulls("lead")
    lead = found["lead"][0]
    pages = read(salesforce, ("web_visits", "lead", lead))
    assert set(joined(pages, "activities")["lead"]) == {lead}
    assert joined(pages, "activities").height == found.filter(pl.col("lead") == lead).height


def test_accounts_are_read_by_id(org: tuple[Sandbox, str, Salesforce]) -> None:
    _, _, salesforce = org
    account = joined(pulled(salesforce, "accounts"), "accounts")["account"][0]
    pages = read(salesforce, ("accounts", "record", account), ("accounts", "record", "0018d0000099999AAA"))
    assert joined(pages, "accounts")["account"].to_list() == [account]
    assert not [one for page in pages for one in page.gone_accounts]


def test_deals_and_their_roles_take_a_query_each(org: tuple[Sandbox, str, Salesforce]) -> None:
    sandbox, url, _ = org
    salesforce = connector(sandbox, url, deals={"amount": "Amount"}, of_deals={"amount": "number"})
    found = pulled(salesforce, "opportunities")
    deal, role = joined(found, "deals")["deal"][0], joined(found, "deal_leads")["id"][0].split(":")[1]
    read(salesforce, ("opportunities", "record", deal))
    before = salesforce.budget().calls
    pages = read(salesforce, ("opportunities", "record", deal), ("opportunities", "record", role))
    assert salesforce.budget().calls - before == 2
    assert joined(pages, "deals")["deal"].to_list() == [deal]
    assert [one for page in pages for one in page.deal_leads["id"]] == [f"opportunity:{role}"]


def test_nothing_due_and_streams_that_are_off_make_no_call(org: tuple[Sandbox, str, Salesforce]) -> None:
    _, _, salesforce = org
    read(salesforce)
    before = salesforce.budget().calls
    assert read(salesforce) == []
    assert read(salesforce, ("nothing_of_this_name", "record", "a0X8d0000099999AAA"), ("pardot", "record", "1")) == []
    assert salesforce.budget().calls == before
