"""What the sandbox's journal tells, what is due for it, and what reading it brings, in how many calls."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as some

from connectors.hubspot import HubSpot
from connectors.hubspot.feed.changes import frame, of_journal
from connectors.hubspot.feed.watched import Records, Watched
from tests.hubspot.conftest import DAY, NOON, OUTPUTS, Account
from tests.hubspot.journals import event
from vocabulary.feeds import DUE, Heard
from vocabulary.pages import Page
from vocabulary.writes import Row

WATCHED = Watched(
    [
        Records("contacts", "contacts", "lead", ("jobtitle",)),
        Records("companies", "companies", "record", ("industry",)),
        Records("calls", "calls", "record", ("hs_call_status",)),
    ],
    [("hs_email_open", "email_events.OPEN")],
)


@dataclass
class Fed:
    """A connector that listens to the sandbox's journal, from before anything happened."""

    account: Account
    connector: HubSpot
    cursor: Any

    def due(self, steps: int = 1) -> pl.DataFrame:
        """Return what is due now, after some files."""
        listening = self.connector.listen(self.cursor)
        found: list[Heard] = list(islice(listening, 1 + steps))
        listening.close()
        self.cursor = found[-1].cursor
        assert not any(one.gap for one in found)
        return pl.concat([one.due for one in found])

    def read(self, due: pl.DataFrame) -> tuple[list[Page], list[tuple[str, str, int]]]:
        """Return what reading brings, and the calls that it made."""
        before = len(self.account.calls())
        pages = list(self.connector.read_due(due))
        assert all(page.aside for page in pages)
        return pages, self.account.calls()[before:]


@pytest.fixture
def fed(account: Account, monkeypatch: pytest.MonkeyPatch) -> Fed:
    client = account.portal.tokens.client
    monkeypatch.setenv("HUBSPOT_TEST_SECRET", client.secret)
    feed = {"client_id": client.client_id, "client_secret": {"env": "HUBSPOT_TEST_SECRET"}}
    connector = account.connect(feed=feed, deals={"amount": "amount"}, of_deals={"amount": "number"})
    listening = connector.listen(None)
    cursor = next(listening).cursor
    listening.close()
    return Fed(account, connector, cursor)


def ids(due: pl.DataFrame, stream: str, by: str) -> set[str]:
    return set(due.filter((pl.col("stream") == stream) & (pl.col("by") == by))["id"])


def leads(pages: list[Page]) -> set[str]:
    return {lead for page in pages for lead in page.leads["lead"]}


def test_fifty_contacts_with_a_changed_property_take_one_call(fed: Fed) -> None:
    people = [fed.account.contact(email=f"p{number}@x.example") for number in range(50)]
    fed.read(fed.due())  # what the portal offers is known from now on
    for lead in people:
        fed.account.change(lead, jobtitle="VP")
    due = fed.due()
    assert ids(due, "contacts", "lead") == set(people)
    pages, calls = fed.read(due)
    assert leads(pages) == set(people)
    assert set(pages[0].leads["job_title"]) == {"VP"}
    assert [path.rpartition("/")[2] for _, path, _ in calls] == ["read"]


def test_our_own_writes_make_nothing_due_in_the_sandbox(fed: Fed) -> None:
    lead = fed.account.contact(email="p@x.example")
    fed.connector.provision(OUTPUTS)
    fed.due()
    answers = [one for batch in fed.connector.push([Row(lead, {"lead_score": 5.0})]) for one in batch]
    assert [one.refusal for one in answers] == [None]
    other = fed.account.contact(email="q@x.example")
    assert ids(fed.due(), "contacts", "lead") == {other}


def test_a_deleted_contact_is_due_and_missing(fed: Fed) -> None:
    gone, stays = fed.account.contact(email="p@x.example"), fed.account.contact(email="q@x.example")
    table = fed.account.portal.table("contacts")
    fed.account.portal.archive(table, table.find(int(gone)))
    due = fed.due()
    assert ids(due, "contacts", "lead") == {gone, stays}
    pages, _ = fed.read(due)
    assert leads(pages) == {stays}
    assert [lead for page in pages for lead in page.missing] == [gone]


def test_a_merge_makes_all_of_its_contacts_due_and_nobody_missing(fed: Fed) -> None:
    one, two = fed.account.contact(email="p@x.example"), fed.account.contact(email="q@x.example")
    fed.due()
    table = fed.account.portal.table("contacts")
    survivor = str(fed.account.portal.merge(table, table.find(int(one)), table.find(int(two))).id)
    due = fed.due()
    assert {one, two, survivor} <= ids(due, "contacts", "lead")
    pages, _ = fed.read(due)
    assert {old: new for page in pages for old, new in page.merged.items()} == {one: survivor, two: survivor}
    assert not [lead for page in pages for lead in page.missing]


def test_a_company_and_a_deal_are_read_by_record(fed: Fed) -> None:
    company = str(fed.account.add("companies", name="Acme", industry="Software").id)
    deal = str(fed.account.add("deals", dealname="Big", amount="500").id)
    due = fed.due()
    assert (ids(due, "companies", "record"), ids(due, "opportunities", "record")) == ({company}, {deal})
    pages, calls = fed.read(due)
    assert {row for page in pages for row in page.accounts["account"]} == {company}
    assert [page.deals["amount"].to_list() for page in pages if page.deals.height] == [[500.0]]
    assert len(calls) == 3


@pytest.mark.parametrize("type_", ["companies", "deals", "calls", "emails"])
def test_a_deleted_record_is_gone_as_the_recycle_bin_says(fed: Fed, type_: str) -> None:
    record = fed.account.add(type_, hs_timestamp="2026-11-22T11:00:00Z")
    fed.due()
    table = fed.account.portal.table(type_)
    fed.account.portal.archive(table, table.find(record.id))
    pages, _ = fed.read(fed.due())
    said = {
        "companies": [one for page in pages for one in page.gone_accounts],
        "deals": [one for page in pages for one in page.gone_deals],
    }.get(type_, [one.partition(":")[2] for page in pages for _, one in page.gone_activities])
    assert said == [str(record.id)]


def test_a_record_that_is_nowhere_is_missing(fed: Fed) -> None:
    due = pl.DataFrame([("calls", "record", "99", None)], DUE, orient="row")
    pages, _ = fed.read(due)
    assert [one for page in pages for one in page.missing_activities] == [(None, "calls:99")]


def test_nothing_due_takes_no_call(fed: Fed) -> None:
    assert fed.read(DUE.to_frame()) == ([], [])


def test_what_is_due_twice_is_read_once(fed: Fed) -> None:
    lead = fed.account.contact(email="p@x.example")
    due = fed.due()
    fed.read(due)
    pages, calls = fed.read(pl.concat([due, due]))
    assert (leads(pages), len(calls)) == ({lead}, 1)


def test_activities_of_a_lead_are_read_by_lead(fed: Fed) -> None:
    lead = fed.account.contact(email="p@x.example", hs_email_open="0")
    fed.due()
    fed.account.change(lead, hs_email_open="1")
    due = fed.due()
    assert ids(due, "email_events.OPEN", "lead") == {lead}
    _, calls = fed.read(due)
    assert any("/email/public/v1/events" in path for _, path, _ in calls)


def _subset(changes: list[dict[str, Any]], chance: Any) -> Iterator[list[dict[str, Any]]]:
    """Cut a journal into files, each delivered once or more, and anything after a cursor again."""
    while changes:
        size = chance.randint(1, len(changes))
        for _ in range(chance.randint(1, 2)):
            yield changes[:size]
        changes = changes[size if chance.random() < 0.8 else max(1, size // 2) :]


EVENTS = some.builds(
    event,
    some.integers(1, 5),
    some.sampled_from(
        ["CREATE", "UPDATE", "DELETE", "MERGE", "RESTORE", "ASSOCIATION_ADDED", "GDPR_DELETE", "SNAPSHOT"]
    ),
    some.sampled_from(["0-1", "0-2", "0-48", "0-5"]),
    portal=some.just(1),
    propertyChanges=some.dictionaries(
        some.sampled_from(["jobtitle", "industry", "hs_call_status", "hs_email_open", "lead_score", "Zoë ☕"]),
        some.none(),
    ),
    mergedObjectIds=some.lists(some.integers(1, 9), max_size=3),
    associatedObjectId=some.integers(1, 5),
    associatedObjectTypeId=some.sampled_from(["0-1", "0-2", "0-48"]),
    occurredAt=some.one_of(some.none(), some.integers(NOON - DAY, NOON)),
)


@given(some.lists(EVENTS, max_size=20), some.randoms())
def test_however_it_is_cut_repeated_and_ordered_everything_that_changed_is_due(
    events: list[dict[str, Any]], chance: Any
) -> None:
    """Nothing that is due of all events at once is lacking, nothing else is due, and since the same times."""

    def due(some_events: list[dict[str, Any]]) -> pl.DataFrame:
        return WATCHED.due(frame(change for one in some_events for change in of_journal(one)))

    whole = due(events)
    shuffled = list(events)
    chance.shuffle(shuffled)
    parts = pl.concat([DUE.to_frame(), *(due(file) for file in _subset(shuffled, chance))])
    keys = ["stream", "by", "id"]
    earliest = parts.group_by(keys).agg(pl.col("changed_at").min())
    assert earliest.sort(keys).equals(whole.sort(keys))
