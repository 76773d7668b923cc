"""Contacts and companies are read completely, whatever HubSpot's search does."""

import pytest

from connectors.base import ConfigurationError, Unavailable
from leadgauge_sandbox.hubspot.properties import Property
from tests.hubspot.conftest import DAY, HOUR, MINUTE, NOON, OUTPUTS, Account, Pull, kept, stream
from vocabulary.pages import Page
from vocabulary.rows import ACCOUNTS, LEADS, address_digest


def ids(pages: list[Page]) -> list[str]:
    return [lead for page in pages for lead in page.leads["lead"].to_list()]


def test_full_read_lists_every_contact_once_in_pages_of_a_hundred(account: Account, pull: Pull) -> None:
    leads = [account.contact(NOON - DAY, email=f"p{n}@x.example") for n in range(250)]
    connector = account.connect()
    pages = pull(connector, "contacts")
    assert ids(pages) == leads
    listing = [page for page in pages if page.listing]
    assert [page.leads.height for page in listing] == [100, 100, 50]
    assert [page.listed for page in listing] == [False, False, True]
    assert len({page.listing for page in listing}) == 1


def test_every_page_has_the_schema_even_an_empty_one(account: Account, pull: Pull) -> None:
    connector = account.connect()
    for page in pull(connector, "contacts"):
        assert dict(list(page.leads.schema.items())[:4]) == dict(LEADS)
        assert set(page.leads.columns) == {*LEADS, "job_title", "budget"}
    for page in pull(connector, "companies"):
        assert set(page.accounts.columns) == {*ACCOUNTS, "industry"}


def test_lead_carries_company_address_digest_creation_and_typed_fields(account: Account, pull: Pull) -> None:
    company = account.add("companies", name="Initech", industry="COMPUTER_SOFTWARE")
    lead = account.contact(
        email="Bill@X.example", jobtitle="Head of Sales", budget_amount="12500", associatedcompanyid=str(company.id)
    )
    connector = account.connect()
    row = pull(connector, "contacts")[0].leads.row(0, named=True)
    assert (row["lead"], row["account"]) == (lead, str(company.id))
    assert row["address"] == address_digest("bill@x.example")
    assert row["created_at"].timestamp() * 1000 == NOON
    assert (row["job_title"], row["budget"]) == ("Head of Sales", 12500.0)
    assert pull(connector, "companies")[0].accounts.rows() == [(str(company.id), "COMPUTER_SOFTWARE")]


def test_pull_resumes_at_the_page_where_it_was_left(account: Account, pull: Pull) -> None:
    leads = [account.contact(NOON - DAY, email=f"p{n}@x.example") for n in range(450)]
    connector = account.connect(limits={"parallel": 1})
    contacts = next(stream for stream in connector.streams() if stream.name == "contacts")
    pulling = connector.pull(contacts, None)
    first, second = next(pulling), next(pulling)
    pulling.close()
    resumed = pull(account.connect(), "contacts", second.cursor)
    assert ids([first, second]) + ids(resumed) == leads
    assert resumed[0].listing == first.listing


def test_incremental_read_brings_changed_contacts_only(account: Account, pull: Pull) -> None:
    leads = [account.contact(NOON - DAY, email=f"p{n}@x.example") for n in range(30)]
    connector = account.connect()
    cursor = pull(connector, "contacts")[-1].cursor
    account.clock.advance(5 * MINUTE)
    account.change(leads[3], jobtitle="Owner")
    account.clock.advance(MINUTE)
    assert ids(pull(connector, "contacts", cursor)) == [leads[3]]


def test_index_lag_is_bridged_by_the_overlap(account: Account, pull: Pull) -> None:
    """A change that search does not show yet comes with the next pull, although the window is past it."""
    lead = account.contact(NOON - DAY, email="p@x.example")
    connector = account.connect()
    cursor = pull(connector, "contacts")[-1].cursor
    account.portal.table("contacts").lag = 40_000
    account.change(lead, jobtitle="Owner")
    account.clock.advance(10_000)
    missed = pull(connector, "contacts", cursor)
    assert "Owner" not in [job for page in missed for job in page.leads["job_title"]]
    account.clock.advance(5 * MINUTE)
    found = pull(connector, "contacts", missed[-1].cursor)
    assert [job for page in found for job in page.leads["job_title"]] == ["Owner"]


def test_what_was_written_before_a_listing_is_not_read_again_after_it(account: Account, pull: Pull) -> None:
    account.contact(NOON - MINUTE, email="p@x.example")
    pages = pull(account.connect(), "contacts")
    assert sum(page.leads.height for page in pages) == 1


def test_second_look_an_hour_later_brings_what_the_overlap_missed(account: Account, pull: Pull) -> None:
    lead = account.contact(NOON - DAY, email="p@x.example")
    connector = account.connect()
    cursor = pull(connector, "contacts")[-1].cursor
    account.portal.table("contacts").lag = 50 * MINUTE
    account.clock.advance(MINUTE)
    account.change(lead, jobtitle="Owner")
    seen: list[str] = []
    for _ in range(30):
        account.clock.advance(5 * MINUTE)
        pages = pull(connector, "contacts", cursor)
        seen += [job for page in pages for job in page.leads["job_title"]]
        cursor = pages[-1].cursor
    assert "Owner" in seen


def test_ties_more_than_ten_thousand_in_one_millisecond(account: Account, pull: Pull) -> None:
    """HubSpot's batch jobs give thousands of records one time: the cursor must pass them without a loop."""
    account.portal.search_window = 200
    connector = account.connect()
    account.contact(NOON - DAY, email="first@x.example")
    cursor = pull(connector, "contacts")[-1].cursor
    account.clock.advance(MINUTE)
    leads = [account.contact(email=f"p{n}@x.example") for n in range(950)]
    account.clock.advance(MINUTE)
    before = len(account.calls())
    assert ids(pull(connector, "contacts", cursor)) == leads
    searches = [call for call in account.calls()[before:] if "/search" in call[1]]
    assert len(searches) <= 6


def test_unordered_search_results_lose_nothing(account: Account, pull: Pull) -> None:
    connector = account.connect()
    account.contact(NOON - DAY, email="first@x.example")
    cursor = pull(connector, "contacts")[-1].cursor
    account.clock.advance(MINUTE)
    leads = [account.contact(email=f"p{n}@x.example") for n in range(900)]
    account.clock.advance(MINUTE)
    account.portal.faults.set("unordered-search")
    assert set(ids(pull(connector, "contacts", cursor))) == set(leads)


def test_record_modified_while_its_window_is_read_shifts_nobody_out(account: Account, pull: Pull) -> None:
    """With offset paging, a record that leaves the window would move the next page by one."""
    connector = account.connect(limits={"parallel": 1})
    account.contact(NOON - DAY, email="first@x.example")
    cursor = pull(connector, "contacts")[-1].cursor
    account.clock.advance(MINUTE)
    leads = [account.contact(email=f"p{n}@x.example") for n in range(600)]
    account.clock.advance(MINUTE)
    contacts = next(stream for stream in connector.streams() if stream.name == "contacts")
    seen: set[str] = set()
    for page in connector.pull(contacts, cursor):
        seen |= set(page.leads["lead"])
        account.clock.advance(1)
        account.change(leads[0], jobtitle=f"moved {account.clock.now()}")
    assert seen == set(leads)


def test_window_ends_by_the_servers_clock_not_ours(account: Account, pull: Pull) -> None:
    connector = account.connect()
    assert pull(connector, "contacts")[-1].cursor["until"] == NOON


def test_pages_that_repeat_a_row_bring_it_at_least_once(account: Account, pull: Pull) -> None:
    leads = [account.contact(email=f"p{n}@x.example") for n in range(350)]
    account.portal.faults.set("duplicate-rows", "1")
    assert set(ids(pull(account.connect(), "contacts"))) == set(leads)


def test_contacts_created_during_a_listing_come_with_it_or_after_it(account: Account, pull: Pull) -> None:
    for n in range(250):
        account.contact(email=f"p{n}@x.example")
    connector = account.connect()
    contacts = next(stream for stream in connector.streams() if stream.name == "contacts")
    seen: list[str] = []
    late = ""
    for page in connector.pull(contacts, None):
        seen += page.leads["lead"].to_list()
        late = late or account.contact(email="late@x.example")
    assert late in seen


def test_long_listing_is_read_in_ranges_of_ids_with_hardly_a_call_more(account: Account, pull: Pull) -> None:
    table = account.portal.table("contacts")
    leads = []
    for n in range(8_000):
        table.next_id += (n % 7) * 50
        leads.append(account.contact(NOON - DAY, email=f"p{n}@x.example"))
    connector = account.connect()
    pages = pull(connector, "contacts")
    listed = [page for page in pages if page.listing]
    assert sorted(ids(listed)) == sorted(leads)
    assert listed[-1].listed
    assert next(page.total for page in listed if page.total) == 8_000
    assert connector.budget().calls <= 80 * 1.05 + 3


def test_listing_that_search_counts_higher_declares_nobody_gone(account: Account) -> None:
    """Search still counts recently deleted records; once it catches up, the next pull lists them again."""
    table = account.portal.table("contacts")
    for n in range(800):
        account.contact(NOON - DAY, email=f"p{n}@x.example")
    connector = account.connect()
    contacts = next(stream for stream in connector.streams() if stream.name == "contacts")
    account.portal.table("contacts").lag = 40_000
    for record in list(table.live())[400:500]:
        account.portal.archive(table, record)
    pages: list[Page] = []
    with pytest.raises(Unavailable, match="returned 700 records, but its search counts 800"):
        list(kept(pages, connector.pull(contacts, None)))
    assert not any(page.listed for page in pages)
    account.clock.advance(40_000)
    assert [page.listed for page in connector.pull(contacts, pages[-1].cursor)][-2]


def test_company_changes_come_without_a_word_from_its_contacts(account: Account, pull: Pull) -> None:
    company = account.add("companies", NOON - DAY, name="Initech", industry="COMPUTER_SOFTWARE")
    account.contact(NOON - DAY, email="p@x.example", associatedcompanyid=str(company.id))
    connector = account.connect()
    cursors = {name: pull(connector, name)[-1].cursor for name in ("companies", "contacts")}
    account.clock.advance(MINUTE)
    account.change(str(company.id), "companies", industry="BANKING")
    account.clock.advance(MINUTE)
    (page,) = pull(connector, "companies", cursors["companies"])
    assert page.accounts.rows() == [(str(company.id), "BANKING")]
    assert ids(pull(connector, "contacts", cursors["contacts"])) == []


def test_a_merged_contact_is_read_as_its_survivor_at_once(account: Account) -> None:
    """An answer that names only the survivor is believed, whatever properties were asked for."""
    connector = account.connect(history=True)
    connector.provision(OUTPUTS)
    primary, loser = account.contact(email="p@x.example"), account.contact(email="q@x.example")
    table = account.portal.table("contacts")
    survivor = str(account.portal.merge(table, table.find(int(primary)), table.find(int(loser))).id)
    began = len(account.calls())
    assert set(connector.read([primary, loser], ["lead_score"])) == {survivor}
    for name in ("history", "email_events.OPEN"):
        list(connector.pull_for(stream(connector, name), [primary, loser]))
    reads = [path for _, path, _ in account.calls()[began:] if path.endswith("contacts/batch/read")]
    assert len(reads) == 3, "none is repeated"


def test_merged_contact_points_at_its_survivor(account: Account, pull: Pull) -> None:
    primary, loser = account.contact(email="a@x.example"), account.contact(email="b@x.example")
    connector = account.connect()
    cursor = pull(connector, "contacts")[-1].cursor
    account.clock.advance(MINUTE)
    table = account.portal.table("contacts")
    survivor = str(account.portal.merge(table, table.find(int(primary)), table.find(int(loser))).id)
    account.clock.advance(MINUTE)
    (page,) = pull(connector, "contacts", cursor)
    assert page.merged == {primary: survivor, loser: survivor}
    assert ids([page]) == [survivor]


def test_archived_contact_leaves_with_the_next_look_into_the_recycle_bin(account: Account, pull: Pull) -> None:
    stays, goes = account.contact(email="a@x.example"), account.contact(email="b@x.example")
    connector = account.connect()
    cursor = pull(connector, "deletions")[-1].cursor
    account.clock.advance(HOUR)
    table = account.portal.table("contacts")
    account.portal.archive(table, table.find(int(goes)))
    account.clock.advance(HOUR)
    assert connector.find("nobody@x.example") is None  # a response, which has the time
    gone = [lead for page in pull(connector, "deletions", cursor) for lead in page.gone]
    assert gone == [goes]
    assert stays not in gone


def test_privacy_deleted_contact_is_absent_from_the_next_listing(account: Account, pull: Pull) -> None:
    """HubSpot erases without a trace, so only a full listing shows it."""
    stays = account.contact(NOON - DAY, email="a@x.example")
    goes = account.contact(NOON - DAY, email="b@x.example")
    connector = account.connect()
    table = account.portal.table("contacts")
    account.portal.erase(table, table.find(int(goes)))
    pages = pull(connector, "contacts")
    assert ids(pages) == [stays]
    assert any(page.listed for page in pages)


def test_property_that_hubspot_leaves_out_is_gone_and_not_empty(account: Account, pull: Pull) -> None:
    """HubSpot omits a property that does not exist; an empty one is null."""
    account.contact(email="a@x.example")
    connector = account.connect(fields={"job_title": "no_such_property"})
    with pytest.raises(ConfigurationError, match="lack the properties no_such_property"):
        pull(connector, "contacts")


def test_many_properties_are_read_by_post_as_the_url_would_be_too_long(account: Account, pull: Pull) -> None:
    definitions = account.portal.table("contacts").definitions
    model = definitions["jobtitle"]
    names = [f"a_rather_long_property_name_number_{n}" for n in range(200)]
    for name in names:
        definitions[name] = Property({**model.body, "name": name})
    account.contact(email="a@x.example", **{names[7]: "seven"})
    connector = account.connect(dict.fromkeys(names, "text"), fields={name: name for name in names})
    assert pull(connector, "contacts")[0].leads[names[7]].to_list() == ["seven"]


def test_find_asks_by_address_and_link_leads_to_the_record(account: Account) -> None:
    lead = account.contact(email="ann@x.example")
    connector = account.connect()
    assert connector.find("ann@x.example") == lead
    assert connector.find("nobody@x.example") is None
    assert connector.find("../../a b/?#+@x.example") is None
    assert connector.links().of(lead).endswith(f"/record/0-1/{lead}")


def test_missing_scope_for_contacts_stops_with_the_scope_named(account: Account, pull: Pull) -> None:
    account.contact(email="a@x.example")
    account.portal.faults.set("missing-scope", "crm.objects.contacts.read")
    with pytest.raises(ConfigurationError, match=r"crm\.objects\.contacts\.read"):
        pull(account.connect(), "contacts")


def test_association_change_comes_with_the_second_look_at_companies(account: Account, pull: Pull) -> None:
    """HubSpot does not count a change of company as a modification of the contact, but updates the company's count."""
    one, other = (account.add("companies", NOON - DAY, name=name, industry=name) for name in ("One", "Other"))
    lead = account.contact(NOON - DAY, email="p@x.example")
    pair = ("0-1", "0-2")
    account.portal.associate(pair, int(lead), one.id)
    account.clock.advance(HOUR)
    connector = account.connect()
    cursors = {name: pull(connector, name)[-1].cursor for name in ("companies", "contacts")}
    account.clock.advance(MINUTE)
    account.portal.part(pair, int(lead), one.id)
    account.portal.associate(pair, int(lead), other.id)
    found: list[str] = []
    for _ in range(30):
        account.clock.advance(5 * MINUTE)
        for name, cursor in cursors.items():
            pages = pull(connector, name, cursor)
            found += [company for page in pages for company in page.leads["account"]]
            cursors[name] = pages[-1].cursor
    assert str(other.id) in found


def test_reconciliation_lists_everybody_with_the_company_of_now(account: Account, pull: Pull) -> None:
    company = account.add("companies", NOON - DAY, name="One", industry="One")
    lead = account.contact(NOON - DAY, email="p@x.example")
    connector = account.connect()
    assert pull(connector, "contacts")[0].leads["account"].to_list() == [None]
    account.portal.associate(("0-1", "0-2"), int(lead), company.id)
    assert pull(connector, "contacts")[0].leads["account"].to_list() == [str(company.id)]


def test_every_address_of_a_contact_comes_as_a_digest(account: Account, pull: Pull) -> None:
    lead = account.contact(email="a@x.example", hs_additional_emails="b@x.example; C@x.example ;")
    account.contact(email="d@x.example")
    page = pull(account.connect(), "contacts")[0]
    assert page.addresses.rows() == [(lead, address_digest("b@x.example")), (lead, address_digest("c@x.example"))]
