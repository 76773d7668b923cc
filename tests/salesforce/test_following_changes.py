"""Changes in the org after the first read arrive: edits, deletions, merges, conversions, formulas."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from leadgauge_sandbox.salesforce.state import Sandbox
from tests.pauses import Hurried
from tests.salesforce.sandboxed import FIELDS, connector, faulty, joined, pulled, served, tell
from vocabulary.pages import Page

Cursors = dict[str, Mapping[str, Any]]


class Follower:
    """A connector with the cursors of its streams."""

    def __init__(self, sandbox: Sandbox, url: str, **changes: Any) -> None:
        self.sandbox, self.url = sandbox, url
        self.salesforce = connector(sandbox, url, Hurried(), **changes)
        self.cursors: Cursors = {}

    def pull(self, stream: str) -> list[Page]:
        pages = pulled(self.salesforce, stream, self.cursors.get(stream))
        self.cursors[stream] = pages[-1].cursor
        return pages

    def settle(self, *streams: str) -> None:
        """Read everything, then move the clock past the overlap."""
        for stream in streams:
            self.pull(stream)
        tell(self.url, "clock", advance=3_600_000)
        for stream in streams:
            self.pull(stream)
        tell(self.url, "clock", advance=3_600_000)

    def ids(self, name: str, **having: Any) -> list[str]:
        rows = self.sandbox.org.rows(name)
        return [row["Id"] for row in rows if all(row[field] == value for field, value in having.items())]

    def tell(self, what: str, **wish: Any) -> None:
        tell(self.url, what, **wish)


@pytest.fixture
def org(own_org: tuple[Sandbox, str]) -> Follower:
    return Follower(*own_org)


def gone(pages: list[Page]) -> list[str]:
    return [lead for page in pages for lead in page.gone]


def merged(pages: list[Page]) -> dict[str, str]:
    return {loser: survivor for page in pages for loser, survivor in page.merged.items()}


def test_only_what_changed_comes_again(org: Follower) -> None:
    org.settle("leads")
    assert joined(org.pull("leads"), "leads").is_empty()
    lead, contact = org.ids("Lead", IsConverted=False)[0], org.ids("Contact")[0]
    org.tell("change", id=lead, values={"Title": "Chief Z'oë \\ Officer\nEMEA"})
    org.tell("change", id=contact, values={"Title": "Head"})
    found = joined(org.pull("leads"), "leads")
    assert dict(found.select("lead", "job_title").iter_rows()) == {lead: "Chief Z'oë \\ Officer\nEMEA", contact: "Head"}


def test_a_changed_account_comes_alone_and_no_contact_is_read_again(org: Follower) -> None:
    org.settle("leads", "accounts")
    account = org.ids("Account")[0]
    org.tell("change", id=account, values={"Industry": "Finance"})
    found = joined(org.pull("accounts"), "accounts")
    assert found.select("account", "industry").rows() == [(account, "Finance")]
    assert joined(org.pull("leads"), "leads").is_empty()


def test_changes_committed_late_are_caught_by_the_overlap(org: Follower) -> None:
    org.settle("leads")
    lead = org.ids("Lead", IsConverted=False)[0]
    org.tell("change", id=lead, values={"Title": "Late"})
    with faulty(org.url, "late-commits", 300):
        org.pull("leads")
    org.tell("clock", advance=300_000)
    assert lead in joined(org.pull("leads"), "leads")["lead"]


def test_a_deleted_lead_is_gone_in_the_next_pass(org: Follower) -> None:
    org.settle("leads")
    lead = org.ids("Lead", IsConverted=False)[0]
    session = org.salesforce._session
    session.call("DELETE", f"sobjects/Lead/{lead}")
    assert gone(org.pull("leads")) == [lead]


def test_a_record_erased_for_good_is_missing_in_the_next_listing(org: Follower) -> None:
    org.settle("leads")
    contact = org.ids("Contact")[0]
    org.tell("erase", id=contact)
    assert gone(org.pull("leads")) == []
    pages = pulled(org.salesforce, "leads")
    assert contact not in joined(pages, "leads")["lead"]
    assert [page.listed for page in pages if page.listing][-1]
    assert len({page.listing for page in pages if page.listing}) == 1


@pytest.mark.parametrize("name", ["Lead", "Contact"])
def test_a_merge_is_told_with_its_survivor(org: Follower, name: str) -> None:
    org.settle("leads")
    having = {"IsConverted": False} if name == "Lead" else {}
    survivor, loser, *_ = org.ids(name, **having)
    org.tell("merge", survivor=survivor, loser=loser)
    pages = org.pull("leads")
    assert merged(pages) == {loser: survivor}
    assert gone(pages) == []
    assert merged(pulled(org.salesforce, "leads"))[loser] == survivor


def test_a_converted_lead_goes_on_as_its_contact_with_its_history(org: Follower) -> None:
    org.settle("leads", "web_visits")
    visitors = {row["Lead__c"] for row in org.sandbox.org.rows("Web_Visit__c")}
    lead = next(lead for lead in org.ids("Lead", IsConverted=False) if lead in visitors)
    org.tell("convert", lead=lead)
    pages = org.pull("leads")
    contact = merged(pages)[lead]
    assert contact.startswith("003")
    assert contact in joined(pages, "leads")["lead"]
    assert lead not in joined(pages, "leads")["lead"]
    outcome = joined(pages, "outcomes").row(0, named=True)
    assert (outcome["lead"], outcome["outcome"]) == (contact, "lead_converted")
    again = joined(pulled(org.salesforce, "web_visits"), "activities")["lead"]
    assert lead not in again
    assert contact in again


def test_thousands_of_records_with_one_stamp_come_page_by_page() -> None:
    with served(400, faults="small-pages:50") as (sandbox, url):
        org = Follower(sandbox, url)
        org.settle("leads")
        tell(url, "faults", name="ties")
        tell(url, "clock", advance=60_000)
        pages = list(_one_page_at_a_time(org))
        found = joined(pages, "leads")
        assert found["lead"].n_unique() == found.height
        assert set(found["lead"]) == {*org.ids("Lead", IsConverted=False), *org.ids("Contact")}


def _one_page_at_a_time(org: Follower) -> Iterator[Page]:
    """Pull like a process that is killed after each page."""
    leads = next(stream for stream in org.salesforce.streams() if stream.lists)
    cursor = org.cursors["leads"]
    while True:
        page = next(iter(org.salesforce.pull(leads, cursor)))
        yield page
        cursor = page.cursor
        if "until" not in cursor:
            return


def test_a_call_reopened_or_deleted_is_taken_back(org: Follower) -> None:
    org.settle("tasks")
    first, second, *_ = org.ids("Task")
    org.tell("change", id=first, values={"IsClosed": False, "Status": "In Progress"})
    org.salesforce._session.call("DELETE", f"sobjects/Task/{second}")
    pages = org.pull("tasks")
    assert joined(pages, "activities").is_empty()
    assert {id_ for page in pages for _, id_ in page.gone_activities} == {f"task:{first}", f"task:{second}"}


def test_a_lead_that_leaves_the_filter_is_missing_and_comes_back() -> None:
    """Only its absence from a response shows that it no longer meets the filter: it is looked up by id before removal."""
    with served(60) as (sandbox, url):
        org = Follower(sandbox, url, objects={"Lead": {"filter": "Status != 'Unqualified'"}})
        org.settle("leads")
        lead = org.ids("Lead", IsConverted=False)[0]
        org.tell("change", id=lead, values={"Status": "Unqualified"})
        left = org.pull("leads")
        assert (gone(left), [one for page in left for one in page.missing]) == ([], [lead])
        org.tell("clock", advance=3_600_000)
        org.tell("change", id=lead, values={"Status": "Working - Contacted"})
        pages = org.pull("leads")
        assert joined(pages, "leads")["lead"].to_list() == [lead]


def test_formulas_are_read_again_once_a_day() -> None:
    with served(60) as (sandbox, url):
        org = Follower(sandbox, url, fields=FIELDS | {"email_domain": "Email_Domain__c"})
        org.settle("leads")
        everybody = joined(pulled(org.salesforce, "leads"), "leads").height
        assert joined(org.pull("leads"), "leads").is_empty()
        org.tell("clock", advance=int(timedelta(days=1).total_seconds() * 1000))
        pages = org.pull("leads")
        assert joined(pages, "leads").height == everybody
        assert [page.listed for page in pages].count(True) == 1
        assert joined(org.pull("leads"), "leads").is_empty()


def test_new_activities_of_every_kind_arrive(org: Follower) -> None:
    streams = ["tasks", "events", "web_visits", "web_actions", "pardot"]
    org.settle(*streams)
    for kind in ("page_view", "demo_request", "email_click"):
        org.tell("activities", person=3, kind=kind, seconds=61)
    who, session = org.ids("Contact")[0], org.salesforce._session
    call = {"WhoId": who, "Subject": "Hi", "Status": "Completed", "TaskSubtype": "Call", "ActivityDate": "2026-01-01"}
    session.call("POST", "sobjects/Task", body=call)
    meeting = {"WhoId": who, "Subject": "Demo", "StartDateTime": "2026-01-01T10:00:00Z", "DurationInMinutes": 30}
    session.call("POST", "sobjects/Event", body=meeting)
    found = [kind for stream in streams for kind in joined(org.pull(stream), "activities")["kind"]]
    assert sorted(found) == ["call", "demo_request", "email_click", "meeting", "page_view"]
