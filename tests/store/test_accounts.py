"""Results of accounts beside those of leads, and which leads belong to an account."""

from typing import Any

import polars as pl
import pytest

from store import Lease, Mirror, Outbox, Recorded, Runs, Store
from store.mirror.cohorts import whole
from tests.store.pages import DAY, accounts, activities, day, leads, page, results
from vocabulary.fields import FieldType
from vocabulary.outputs import SCORED_AT, field_of
from vocabulary.pages import Page
from vocabulary.writes import Pushed, Refusal, Row

ACME, GLOBEX = {"account": "7", "employees": 5}, {"account": "8", "employees": 9}
ANN, BOB, EVE = {"lead": "7", "account": "7"}, {"lead": "2", "account": "8"}, {"lead": "3"}
WRITTEN = ("lead_score", "lead_grade", SCORED_AT)
FIELDS = [field_of(name, "accounts") for name in WRITTEN]


@pytest.fixture
def companies(store: Store) -> Outbox:
    return store.outbox("main", "", WRITTEN, of="accounts")


@pytest.fixture(autouse=True)
def _two_accounts(mirror: Mirror, outbox: Outbox, companies: Outbox, lease: Lease) -> None:
    """Of lead 7, which has the id of its account, of lead 2, and of nobody."""
    mirror.declare_outputs(FIELDS, lease)
    mirror.save(
        page(leads=leads(ANN, BOB, EVE), accounts=accounts(ACME, GLOBEX), account_outputs=held("7", "8")), lease
    )
    clean(outbox, lease)
    clean(companies, lease)


def held(*ids: str, **values: Any) -> pl.DataFrame:
    """What our fields of accounts hold: nothing, unless values are given."""
    columns = {"account_score": pl.Float64(), "account_grade": pl.String()}
    return pl.DataFrame([{"lead": one, **values} for one in ids], {"lead": pl.String(), **columns})


def clean(outbox: Outbox, lease: Lease) -> None:
    outbox.clean(outbox.dirty(), 10_000, lease)


def write(outbox: Outbox, runs: Runs, lease: Lease, *ids: str, **values: Any) -> list[Row]:
    run = runs.start("sync", lease)
    rows = results(*({"lead": one, "lead_score_reasons": None, **values} for one in ids))
    outbox.stage(rows.select("lead", "lead_score", "lead_grade"), run, lease, scored_at=DAY)
    sent = outbox.pending(100, DAY)
    outbox.sending(sent, run, lease)
    outbox.record([Pushed(row.lead) for row in sent], run, lease, now=DAY)
    return sent


def test_results_of_accounts_are_sent_under_names_of_their_own(companies: Outbox, runs: Runs, lease: Lease) -> None:
    (sent,) = write(companies, runs, lease, "7")
    assert sent == Row("7", {"account_score": 50, "account_grade": "B", "account_scored_at": DAY})
    assert companies.last_written(["7"])["lead_grade"].to_list() == ["B"]
    assert write(companies, runs, lease, "7") == []


def test_only_accounts_of_the_mirror_are_staged(companies: Outbox, runs: Runs, lease: Lease) -> None:
    assert [row.lead for row in write(companies, runs, lease, "8", "999")] == ["8"]


def test_a_lead_and_an_account_of_one_id_are_no_relatives(
    mirror: Mirror, store: Store, outbox: Outbox, companies: Outbox, runs: Runs, lease: Lease
) -> None:
    for each in (outbox, companies):
        write(each, runs, lease, "7")
    assert {row["prefix"] for row in store.about("main", ["7"], [])["results"]} == {""}
    assert len(store.about("main", ["7"], [])["results"]) == 1
    mirror.forget("7", lease)
    assert outbox.last_written(["7"]).is_empty()
    assert companies.last_written(["7"]).height == 1


def test_every_account_is_to_be_scored_by_a_new_outbox(store: Store) -> None:
    assert sorted(store.outbox("main", "b2c_", of="accounts").dirty()) == ["7", "8"]


CHANGES: dict[str, tuple[Page, list[str]]] = {
    "acted": (page(activities=activities({"lead": "2", "id": "page:1"})), ["8"]),
    "edited": (page(leads=leads({**ANN, "job_title": "CTO"})), ["7"]),
    "moved": (page(leads=leads({**ANN, "account": "8"})), ["7", "8"]),
    "left": (page(leads=leads({**BOB, "account": None})), ["8"]),
    "of no account": (page(leads=leads({**EVE, "job_title": "CTO"})), []),
    "deleted": (page(gone=["2"]), ["8"]),
    "merged": (page(merged={"2": "7"}), ["7", "8"]),
    "account edited": (page(accounts=accounts({**ACME, "employees": 6})), ["7"]),
    "account as it was": (page(accounts=accounts(ACME)), []),
    "no member any more": (page(members={"8": []}), ["8"]),
    "account deleted": (page(gone_accounts=["7"]), []),
    "account merged": (page(merged_accounts={"7": "8"}), ["8"]),
}


@pytest.mark.parametrize(("change", "marked"), CHANGES.values(), ids=CHANGES)
def test_what_changes_about_a_lead_marks_the_accounts_that_it_is_of(
    mirror: Mirror, companies: Outbox, lease: Lease, change: Page, marked: list[str]
) -> None:
    mirror.save(change, lease)
    assert sorted(companies.dirty()) == marked


def test_a_deleted_account_takes_its_results_along(mirror: Mirror, companies: Outbox, runs: Runs, lease: Lease) -> None:
    write(companies, runs, lease, "7", "8")
    mirror.save(page(gone_accounts=["7"]), lease)
    assert companies.last_written(["7", "8"])["lead"].to_list() == ["8"]
    assert companies.history("7") == []


def test_the_survivor_of_a_merge_is_sent_everything_again(
    mirror: Mirror, companies: Outbox, runs: Runs, lease: Lease
) -> None:
    write(companies, runs, lease, "7", "8")
    mirror.save(page(merged_accounts={"7": "8"}), lease)
    assert companies.pending(10) == [Row("8", {"account_score": 50, "account_grade": "B", "account_scored_at": DAY})]


def test_an_account_that_the_crm_says_is_gone_leaves_the_mirror(
    mirror: Mirror, companies: Outbox, runs: Runs, lease: Lease
) -> None:
    run = runs.start("sync", lease)
    companies.stage(results({"lead": "7"}, {"lead": "8"}), run, lease, scored_at=DAY)
    companies.sending(companies.pending(10, DAY), run, lease)
    answers = [Pushed("7", Refusal("GONE", "deleted", gone=True)), Pushed("8")]
    assert companies.record(answers, run, lease, now=DAY) == Recorded(written=1, gone=1)
    assert mirror.counts().accounts == 1
    assert companies.pending(10) == []


def test_what_a_field_held_before_the_first_write_is_kept_for_undo(
    mirror: Mirror, companies: Outbox, runs: Runs, lease: Lease
) -> None:
    mirror.save(page(accounts=accounts(ACME), account_outputs=held("7", account_grade="C")), lease)
    write(companies, runs, lease, "7", "8")
    before = {write.lead: dict(write.before) for write in companies.writes_of(1)}
    assert before == {"7": {"lead_score": None, "lead_grade": "C", SCORED_AT: None}, "8": dict.fromkeys(WRITTEN)}


def test_what_somebody_changed_since_shows_in_a_full_listing_only(
    mirror: Mirror, companies: Outbox, runs: Runs, lease: Lease
) -> None:
    write(companies, runs, lease, "7", "8")
    other = {"accounts": accounts(ACME), "account_outputs": held("7", account_score=50, account_grade="F")}
    mirror.save(page(**other), lease, day(1))
    assert companies.drift().leads == 0
    mirror.save(page(**other, listing="l1"), lease, day(1))
    assert companies.drift().fields == {"account_grade": 1}
    assert companies.drift().examples == ("7",)


BY_DOMAIN = {"lead": "site", "account": "account.site"}
SITES: dict[str, FieldType] = {"site": "text", "account.site": "text", "job_title": "text"}


def visitors(*sites: str, **more: Any) -> pl.DataFrame:
    """Leads without an account that have these domains, named by them."""
    return leads(*({"lead": site.upper(), "site": site, **more} for site in sites), fields=SITES)


def firms(**sites: str | None) -> pl.DataFrame:
    """Accounts with these domains."""
    return accounts(*({"account": one, "account.site": site} for one, site in sites.items()), fields=SITES)


@pytest.fixture
def by_domain(mirror: Mirror, companies: Outbox, lease: Lease) -> Outbox:
    """Two accounts with a domain; a lead for each, one of another firm, and one of free mail."""
    mirror.declare_domains(BY_DOMAIN, lease)
    mirror.save(page(accounts=firms(a="WWW.a.example", b="b.example", free="gmail.com")), lease)
    mirror.save(page(leads=visitors("a.example", "b.example", "c.example", "gmail.com")), lease)
    clean(companies, lease)
    return companies


def test_a_lead_that_names_no_account_belongs_to_the_only_one_with_its_domain(
    mirror: Mirror, by_domain: Outbox
) -> None:
    assert mirror.leads_of(["a"]) == ["A.EXAMPLE"]
    assert mirror.leads_of(["free"]) == []
    assert mirror.by_account(["A.EXAMPLE", "C.EXAMPLE", "GMAIL.COM", "7"]) == (["7", "a"], ["C.EXAMPLE", "GMAIL.COM"])
    assert set(mirror.without_account(mirror.buckets)) == {"3", "C.EXAMPLE", "GMAIL.COM"}
    sizes = {"7": 1, "8": 1, "a": 1, "b": 1, "free": 0}
    assert dict(mirror.account_sizes().iter_rows()) == sizes


def test_people_come_with_the_account_that_they_belong_to(mirror: Mirror, by_domain: Outbox, lease: Lease) -> None:
    """By name or by domain, with their creation."""
    mirror.save(page(leads=visitors("a.example", created_at=day(2))), lease)
    found = mirror.members()
    nobody = dict.fromkeys(("3", "C.EXAMPLE", "GMAIL.COM"))
    assert dict(found.select("lead", "account").iter_rows()) == {
        "7": "7", "2": "8", "A.EXAMPLE": "a", "B.EXAMPLE": "b", **nobody,
    }  # fmt: skip
    assert found.filter(lead="A.EXAMPLE")["created_at"].to_list() == [day(2)]


MOVES: dict[str, tuple[Page, set[str], dict[str, list[str]]]] = {
    "a second account": (page(accounts=firms(twin="a.example")), {"a", "twin"}, {"a": [], "twin": []}),
    "another's domain": (page(accounts=firms(a="b.example")), {"a", "b"}, {"a": [], "b": []}),
    "a new domain": (page(accounts=firms(a="c.example")), {"a"}, {"a": ["C.EXAMPLE"]}),
    "an account deleted": (page(gone_accounts=["a"]), set(), {"a": []}),
    "a lead that names one": (
        page(leads=visitors("a.example", account="b")),
        {"a", "b"},
        {"a": [], "b": ["A.EXAMPLE", "B.EXAMPLE"]},
    ),
    "a lead with another domain": (
        page(leads=visitors("a.example", site="b.example")),
        {"a", "b"},
        {"a": [], "b": ["A.EXAMPLE", "B.EXAMPLE"]},
    ),
    "a lead that acts": (page(activities=activities({"lead": "A.EXAMPLE", "id": "page:1"})), {"a"}, {}),
    "a lead deleted": (page(gone=["A.EXAMPLE"]), {"a"}, {"a": []}),
}


@pytest.mark.parametrize(("change", "marked", "members"), MOVES.values(), ids=MOVES)
def test_domains_are_followed_wherever_they_change(
    mirror: Mirror, by_domain: Outbox, lease: Lease, change: Page, marked: set[str], members: dict[str, list[str]]
) -> None:
    mirror.save(change, lease)
    assert set(by_domain.dirty()) == marked
    assert {one: sorted(mirror.leads_of([one])) for one in members} == members


def test_a_lead_that_leaves_its_account_joins_one_by_its_domain(
    mirror: Mirror, by_domain: Outbox, lease: Lease
) -> None:
    mirror.save(page(leads=visitors("a.example", account="b")), lease)
    mirror.save(page(members={"b": []}), lease)
    assert mirror.leads_of(["a", "b"]) == ["A.EXAMPLE", "B.EXAMPLE"]


def test_domains_are_taken_from_what_was_read_before_and_forgotten_again(
    mirror: Mirror, by_domain: Outbox, lease: Lease
) -> None:
    mirror.declare_domains(None, lease)
    assert mirror.leads_of(["a"]) == []
    mirror.save(page(gone=["B.EXAMPLE"]), lease)
    mirror.declare_domains(BY_DOMAIN, lease)
    mirror.save(page(leads=visitors("b.example")), lease)
    assert mirror.leads_of(["a", "b"]) == ["A.EXAMPLE", "B.EXAMPLE"]


def test_accounts_are_never_split_and_a_large_one_stays_alone() -> None:
    found = pl.DataFrame({"account": list("abcde"), "leads": [3, 3, 20, 0, 1]})
    assert list(whole(found, 10)) == [["a", "b"], ["c"], ["d", "e"]]


def test_accounts_come_with_the_leads_that_belong_to_them(mirror: Mirror, by_domain: Outbox) -> None:
    """Also an account that has none, if it is asked for; its own fields are not those that leads take from it."""
    fields: dict[str, FieldType] = {"site": "text"}
    found = mirror.frames(["A.EXAMPLE", "C.EXAMPLE"], fields, of_accounts=fields)
    assert dict(found.leads.select("lead", "account").iter_rows()) == {"A.EXAMPLE": "a", "C.EXAMPLE": None}
    assert found.leads["site"].sort().to_list() == ["a.example", "c.example"]
    assert found.accounts is not None
    assert found.accounts.rows() == [("a", "WWW.a.example")]
    alone = mirror.frames([], fields, of_accounts=fields, accounts=["free"]).accounts
    assert alone is not None
    assert alone.to_dicts() == [{"account": "free", "site": "gmail.com"}]
    assert mirror.frames(["A.EXAMPLE"], fields).leads["account"].to_list() == [None]
