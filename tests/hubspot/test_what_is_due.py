"""What the sandbox's journal tells, what is due for it, and what reading it brings, in how many calls."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as some

from connectors.hubspot import HubSpot, events
from connectors.hubspot.feed.changes import frame, of_journal
from connectors.hubspot.feed.watched import Records, Watched
from tests.hubspot.conftest import DAY, NOON, OUTPUTS, Account, Fed, ids
from tests.hubspot.journals import event
from vocabulary.feeds import DUE
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


def mails_asked_for(calls: list[tuple[str, str, int]]) -> int:
    return sum("/email/public/v1/events" in path for _, path, _ in calls)


def test_what_a_lead_did_since_it_was_read_last_is_asked_for_again(fed: Fed) -> None:
    """The events of an address are kept for the streams of one reading, not for the next one."""
    lead = fed.account.contact(email="p@x.example")
    due = pl.DataFrame([(f"email_events.{one}", "lead", lead, None) for one in ("OPEN", "CLICK")], DUE, orient="row")
    assert mails_asked_for(fed.read(due)[1]) == 1
    assert mails_asked_for(fed.read(due)[1]) == 1


def test_streams_of_emails_share_their_calls_whoever_is_due_of_each(fed: Fed) -> None:
    people = [fed.account.contact(email=f"p{number}@x.example") for number in range(4)]
    rows = [("email_events.OPEN", people[:3]), ("email_events.CLICK", people[1:]), ("email_events.BOUNCE", people[:1])]
    due = pl.DataFrame([(name, "lead", lead, None) for name, some in rows for lead in some], DUE, orient="row")
    assert mails_asked_for(fed.read(due)[1]) == 4


def test_of_very_many_leads_what_happened_lately_is_read(fed: Fed) -> None:
    """A mailing that hundreds open takes no call for each of them."""
    noon = datetime.fromtimestamp(NOON / 1000, UTC)
    due = pl.DataFrame([("email_events.OPEN", "lead", str(one), noon) for one in range(1, 400)], DUE, orient="row")
    fed.read(due)
    _, calls = fed.read(due)
    assert mails_asked_for(calls) == len(calls) == 1


VISITS = "events.e_visited_page"


def visits(connector: HubSpot, leads: list[str], since: int) -> tuple[set[str], int]:
    """Return the visits of these leads that a reading brings, and how many calls it makes for visits."""
    at = datetime.fromtimestamp(since / 1000, UTC)
    pages = list(connector.read_due(pl.DataFrame([(VISITS, "lead", lead, at) for lead in leads], DUE, orient="row")))
    return {id_ for page in pages for lead, id_ in page.activities["lead", "id"].iter_rows() if lead in leads}, len(
        pages
    )


def test_of_some_leads_what_happened_lately_takes_one_call(full_account: Account) -> None:
    connector = full_account.connect()
    people = [str(record) for record in islice(full_account.portal.table("contacts").records, 40)]
    since = NOON - 30 * DAY
    lately, pages = visits(connector, people, since)
    each = {id_ for lead in people for id_ in visits(connector, [lead], since)[0]}
    assert (pages, bool(lately)) == (1, True)
    assert lately <= each, "asked for each, a lead tells of all that it ever did"


def test_where_much_happened_each_lead_is_asked_for_and_so_it_is_the_next_time(
    full_account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_EVENT_PAGES", (5,))
    connector = full_account.connect()
    people = [str(record) for record in islice(full_account.portal.table("contacts").records, 8)]
    connector.read_due(DUE.to_frame())
    calls, found = [], []
    for _ in range(2):
        before = len(full_account.calls())
        found.append(visits(connector, people, NOON - 300 * DAY)[0])
        calls.append(sum("/events/" in path for _, path, _ in full_account.calls()[before:]))
    assert found[0] == found[1] != set()
    assert calls[1] < calls[0] <= calls[1] + len(people) + 8, "and those that are read ahead"


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
