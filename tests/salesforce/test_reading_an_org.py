"""Pulling a whole org over HTTP: every row comes once, by REST or Bulk, whatever fails on the way."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import polars as pl
import pytest

from connectors.base import Unavailable
from connectors.salesforce import Salesforce
from leadgauge_sandbox.catalogue import SHORT
from leadgauge_sandbox.records import Activity
from leadgauge_sandbox.salesforce.state import Sandbox
from tests.pauses import Hurried
from tests.salesforce import sandboxed
from tests.salesforce.sandboxed import WANTED, connector, faulty, joined, pulled, tell
from vocabulary.pages import Page
from vocabulary.rows import ACCOUNTS, ACTIVITIES, LEADS, OUTCOMES

Org = tuple[Sandbox, str]
KINDS_IN_PARDOT = {"email_open", "email_click", "unsubscribe", "bounce"}


def everything(salesforce: Salesforce) -> dict[str, pl.DataFrame]:
    """All rows of all streams, sorted."""
    pages = [page for stream in salesforce.streams() for page in pulled(salesforce, stream.name)]
    rows = {what: joined(pages, what) for what in ("leads", "accounts", "activities", "outcomes")}
    return {
        what: frame.unique().sort(*sorted(set(frame.columns) & {"id", "lead", "account"}))
        for what, frame in rows.items()
    }


def same(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> bool:
    return all(one[what].equals(other[what]) for what in one)


@pytest.fixture(scope="module")
def calm(org: Org) -> dict[str, pl.DataFrame]:
    return everything(connector(*org))


def test_every_open_lead_and_every_contact_comes_once(org: Org) -> None:
    sandbox, _ = org
    leads = joined(pulled(connector(*org), "leads"), "leads")
    open_leads = {row["Id"] for row in sandbox.org.rows("Lead") if not row["IsConverted"]}
    contacts = {row["Id"] for row in sandbox.org.rows("Contact")}
    assert leads["lead"].n_unique() == leads.height
    assert set(leads["lead"]) == open_leads | contacts
    assert list(leads.schema.items())[:4] == list(LEADS.items())
    assert set(leads.columns[4:]) <= set(WANTED)


def test_rows_have_exactly_the_neutral_schema(calm: dict[str, pl.DataFrame]) -> None:
    assert calm["activities"].schema == ACTIVITIES
    assert calm["outcomes"].schema == OUTCOMES
    assert calm["accounts"].schema == ACCOUNTS | {"industry": pl.String(), "employees": pl.Float64()}


def kind_of(activity: Activity) -> str:
    """Calls and meetings that are too short did not take place."""
    kind, seconds = activity.where.kind, activity.seconds
    is_short = seconds is not None and seconds < SHORT
    return {"call": "call_attempt", "meeting": "no_show"}.get(kind, kind) if is_short else kind


def test_every_activity_of_the_population_comes_with_its_kind(org: Org, calm: dict[str, pl.DataFrame]) -> None:
    population = org[0].population
    happened = [population.activity(row) for row in range(len(population.activities))]
    told = Counter(kind_of(activity) for activity in happened if not activity.bot)
    registered = {
        (activity.person, activity.place) for activity in happened if activity.where.kind == "webinar_register"
    }
    told["webinar_register"] = len(registered)  # a person is a member of a campaign once
    assert Counter(calm["activities"]["kind"].to_list()) == told
    assert calm["activities"].select("lead", "id").is_duplicated().sum() == 0
    assert calm["activities"]["lead"].null_count() == 0


def test_what_converted_leads_did_belongs_to_their_contacts(org: Org, calm: dict[str, pl.DataFrame]) -> None:
    converted = {row["Id"] for row in org[0].org.rows("Lead") if row["IsConverted"]}
    pages = pulled(connector(*org), "leads")
    merged = {loser: survivor for page in pages for loser, survivor in page.merged.items()}
    assert set(merged) == converted
    assert not set(calm["activities"]["lead"]) & converted
    assert set(merged.values()) <= set(calm["leads"]["lead"])


def test_bulk_and_rest_bring_the_same_rows(org: Org, calm: dict[str, pl.DataFrame]) -> None:
    assert same(everything(connector(*org, Hurried(), bulk_reads_above=0)), calm)


FAULTS = {
    "small-pages": 20,
    "unordered": None,
    "expired-locator": 0.3,
    "session-expired": 0.01,
    "503-html": 0.3,
    "500": 0.2,
    "concurrent-limit": 0.3,
    "query-timeout": 0.2,
    "cut-connection": 0.1,
    "lost-answer": 0.1,
    "no-charset": None,
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("bulk", [False, True], ids=["rest", "bulk"])
def test_faults_on_the_way_change_nothing(fault: str, bulk: bool, org: Org, calm: dict[str, pl.DataFrame]) -> None:
    with faulty(org[1], fault, FAULTS[fault]):
        assert same(everything(connector(*org, Hurried(), **({"bulk_reads_above": 0} if bulk else {}))), calm)


def interrupted(salesforce: Salesforce, name: str, pages_at_a_time: int) -> Iterator[Page]:
    """Pull a stream like a process that is killed every few pages."""
    cursor: Any = None
    stream = next(stream for stream in salesforce.streams() if stream.name == name)
    while pages := list(islice(salesforce.pull(stream, cursor), pages_at_a_time)):
        yield from pages
        cursor = pages[-1].cursor
        if not pages[-1].cursor["listing"]:
            return


@pytest.mark.parametrize("stream", ["leads", "web_visits", "campaigns"])
@pytest.mark.parametrize("bulk", [False, True], ids=["rest", "bulk"])
def test_a_backfill_killed_after_every_page_reads_no_page_twice(stream: str, bulk: bool, org: Org) -> None:
    with faulty(org[1], "small-pages", 50):
        salesforce = connector(*org, Hurried(), **({"bulk_reads_above": 0} if bulk else {}))
        whole = joined(pulled(salesforce, stream), "leads" if stream == "leads" else "activities")
        pages = list(interrupted(salesforce, stream, 1))
        parts = joined(pages, "leads" if stream == "leads" else "activities")
        assert parts.height == whole.height
        assert parts.sort(parts.columns[0], parts.columns[2]).equals(whole.sort(parts.columns[0], parts.columns[2]))
        assert len({page.listing for page in pages}) == 1


def test_streams_read_side_by_side_renew_an_ended_session_once(org: Org, calm: dict[str, pl.DataFrame]) -> None:
    sandbox, url = org
    salesforce = connector(*org)
    salesforce.check()
    before = sandbox.sessions.started
    tell(url, "sessions", end=True)
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda stream: pulled(salesforce, stream.name), salesforce.streams()))
    assert sandbox.sessions.started - before == 1
    activities = joined([page for of_stream in pages for page in of_stream], "activities").unique()
    assert activities.height == calm["activities"].height


def test_a_small_org_is_read_with_one_call_a_query(own_org: Org) -> None:
    sandbox, url = own_org
    salesforce = connector(sandbox, url)
    cursors = {stream.name: pulled(salesforce, stream.name)[-1].cursor for stream in salesforce.streams()}
    before = salesforce.budget().calls
    for name, cursor in cursors.items():
        pulled(salesforce, name, cursor)
    queries = len(salesforce.streams()) + 2  # leads are two objects, so are opportunities
    assert salesforce.budget().calls - before == queries


def test_a_damaged_page_of_a_job_is_not_used(own_org: Org) -> None:
    sandbox, url = own_org
    salesforce = connector(sandbox, url, Hurried(), bulk_reads_above=0)
    tell(url, "faults", name="cut-connection", argument=1.0, path="results")
    with pytest.raises(Unavailable):
        pulled(salesforce, "leads")


def test_check_lists_by_name_the_campaigns_whose_type_says_nothing(own_org: Org) -> None:
    sandbox, url = own_org
    members = list(sandbox.org.rows("CampaignMember"))
    ids = list(dict.fromkeys(str(row["CampaignId"]) for row in members))
    for campaign, values in zip(ids, ({"Type": None, "Name": "Road trip"}, {"Type": "Email"}), strict=False):
        tell(url, "change", id=campaign, values=values)
    count = sum(row["CampaignId"] == ids[0] for row in members)
    responses = sum(row["CampaignId"] == ids[0] and row["HasResponded"] for row in members)
    pattern = {"match": "road trip", "kind": "event_attend", "added": "event_register"}
    section = {"by_campaign": [pattern], **sandboxed.ACTIVITIES["campaigns"]}
    found = connector(sandbox, url, activities={"campaigns": section}).overview()
    notes = [finding.message for finding in found]
    assert (
        f"The campaign 'Road trip': {count} members, {responses} responses."
        " A response becomes event_attend, being added event_register."
    ) in notes
    assert any(" of type Email: " in note and "becomes campaign_response." in note for note in notes)
    assert "2 campaigns have a type without a kind." in notes


def test_check_lists_what_campaigns_and_tasks_become_with_their_numbers(org: tuple[Sandbox, str]) -> None:
    notes = [finding.message for finding in connector(*org).overview()]
    campaigns = [note for note in notes if note.startswith("Campaigns of type Webinar: ")]
    assert len(campaigns) == 1
    assert campaigns[0].endswith("A response becomes webinar_attend, being added webinar_register.")
    assert any("completed tasks of subtype Call, type Call become call." in note for note in notes)
    assert any("records of Web_Action__c whose Kind__c is demo_request become demo_request." in note for note in notes)
