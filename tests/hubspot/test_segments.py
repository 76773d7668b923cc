"""Members of lists are read only if they changed, and a list that cannot be read keeps those it had."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from connectors.hubspot import HubSpot
from leadgauge_sandbox.hubspot.branches import having, joined
from tests.hubspot.conftest import MINUTE, OUTPUTS, Account, Pull, stream
from tests.hubspot.test_check_and_provision import said
from vocabulary.pages import Page

WANTED = {"groups": "member_of"}
PAGE = 250


@dataclass
class Club:
    """An account with two static lists, one known by its id and one by its name, and the cursor of their stream."""

    account: Account
    pull: Pull
    vips: str
    guests: str
    cursor: Any = None

    def connect(self, **more: Any) -> HubSpot:
        entries = {"vips": self.vips, "guests": "Our guests", **more.pop("entries", {})}
        return self.account.connect(WANTED, fields={}, member_of={"groups": entries}, **more)

    def read(self, connector: HubSpot, after: int = MINUTE) -> list[Page]:
        self.account.clock.advance(after)
        self.account.gate.log.clear()
        pages = self.pull(connector, "segments", self.cursor)
        self.cursor = pages[-1].cursor
        return pages

    def calls(self) -> list[str]:
        return [path.partition("?")[0].rpartition("/")[2] for _, path, _ in self.account.calls() if "/lists" in path]

    def add(self, number: str, *leads: str) -> None:
        self.account.portal.lists.add(number, map(int, leads))

    def remove(self, number: str, *leads: str) -> None:
        self.account.portal.lists.remove(number, map(int, leads))


@pytest.fixture
def club(account: Account, pull: Pull) -> Club:
    lists = account.portal.lists
    return Club(account, pull, lists.create("VIPs").number, lists.create("Our guests").number)


def rows(pages: list[Page]) -> set[tuple[str, str]]:
    return {row for page in pages for row in page.memberships.select("segment", "lead").iter_rows()}


def whole(pages: list[Page]) -> set[str]:
    return {segment for page in pages for segment in page.whole_segments}


def unread(pages: list[Page]) -> Mapping[str, str]:
    found = pages[-1].unread_segments
    assert found is not None
    return found


@pytest.mark.parametrize("api", ["2026-09", "v3"])
def test_lists_whose_members_did_not_change_cost_one_call(club: Club, api: str) -> None:
    ann, bob = club.account.contact(email="a@x.example"), club.account.contact(email="b@x.example")
    club.add(club.vips, ann, bob)
    connector = club.connect(api=api)
    pages = club.read(connector)
    assert rows(pages) == {(club.vips, ann), (club.vips, bob)}
    assert whole(pages) == {club.vips, "Our guests"}
    assert (rows(club.read(connector)), len(club.calls())) == (set(), 1)
    club.remove(club.vips, ann)
    pages = club.read(connector)
    assert (rows(pages), whole(pages)) == ({(club.vips, bob)}, {club.vips})
    assert club.calls() == ["search", "memberships"]


def test_a_large_list_is_read_the_less_often_and_goes_on_where_it_stopped(club: Club) -> None:
    people = [club.account.contact() for _ in range(2 * PAGE + 1)]
    club.add(club.vips, *people[1:])
    connector = club.connect()
    first = next(connector.pull(stream(connector, "segments"), None))
    club.cursor = first.cursor
    pages = club.read(connector, after=0)
    assert (len(first.memberships), len(rows(pages))) == (PAGE, PAGE)
    assert rows([first, *pages]) == {(club.vips, lead) for lead in people[1:]}
    club.add(club.vips, people[0])
    pages = club.read(connector, after=MINUTE // 2)
    assert (rows(pages), unread(pages)) == (set(), {})
    assert len(rows(club.read(connector))) == len(people)


@pytest.mark.parametrize(("fault", "lists"), [("nothing-there", 0), ("early-end", PAGE)])
def test_an_answer_that_contradicts_the_size_of_the_list_is_none(club: Club, fault: str, lists: int) -> None:
    club.add(club.vips, *(club.account.contact() for _ in range(PAGE + 50)))
    connector = club.connect()
    club.account.app.state.mischief.set(fault, 1, path="memberships")
    pages = club.read(connector)
    assert whole(pages) == {"Our guests"}
    assert unread(pages) == {club.vips: f"it counts 300 members, but lists {lists}"}
    club.account.app.state.mischief.clear()
    pages = club.read(connector)
    assert (len(rows(pages)), whole(pages), unread(pages)) == (PAGE + 50, {club.vips}, {})


def dropped(club: Club) -> None:
    club.account.portal.lists.delete(club.vips)


def filling(club: Club) -> None:
    club.account.portal.lists.find(club.vips).status = "PROCESSING"


def of_companies(club: Club) -> None:
    club.account.portal.lists.find(club.vips).kind = "0-2"


def denied(club: Club) -> None:
    club.account.app.state.mischief.set("missing-scope", "crm.lists.read")


def failing(club: Club) -> None:
    club.add(club.vips, club.account.contact())
    club.account.app.state.mischief.set("500", 1, path=f"{club.vips}/memberships")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (dropped, "HubSpot has no list of contacts with the id"),
        (filling, "HubSpot is still filling it (PROCESSING)"),
        (of_companies, "the list 'VIPs' has records of the type 0-2, not contacts (0-1)"),
        (denied, "Grant the scopes crm.lists.read to the token"),
        (failing, "HubSpot"),
    ],
)
def test_a_list_that_cannot_be_read_is_told_with_the_reason(
    club: Club, spoil: Callable[[Club], None], why: str
) -> None:
    spoil(club)
    pages = club.read(club.connect())
    assert club.vips not in whole(pages)
    assert why in unread(pages)[club.vips]


def test_a_list_that_is_named_otherwise_now_is_no_longer_the_one_of_that_name(club: Club) -> None:
    connector = club.connect()
    assert unread(club.read(connector)) == {}
    club.account.portal.lists.find(club.guests).name = "Our hosts"
    assert unread(club.read(connector)) == {"Our guests": "HubSpot has no list of contacts with this name"}
    other = club.account.portal.lists.create("our GUESTS").number
    ann = club.account.contact()
    club.add(other, ann)
    assert rows(club.read(connector)) == {("Our guests", ann)}


def test_memberships_of_some_leads_are_read_by_lead(club: Club) -> None:
    ann, bob = club.account.contact(), club.account.contact()
    club.add(club.guests, ann)
    connector = club.connect()
    pages = list(connector.pull_for(stream(connector, "segments"), [ann, bob]))
    assert rows(pages) == {("Our guests", ann)}
    denied(club)
    assert list(connector.pull_for(stream(connector, "segments"), [ann])) == []


def test_lists_and_properties_that_depend_on_our_own_results_are_refused(club: Club) -> None:
    definitions, lists = club.account.portal.table("contacts").definitions, club.account.portal.lists
    connector = club.connect()
    connector.provision(OUTPUTS)
    inner = lists.create("Hot leads", "DYNAMIC", having("lead_grade", "A")).number
    nested = lists.create("Hot and rich", "DYNAMIC", joined({"filterType": "IN_LIST", "listId": inner})).number
    frozen = lists.create("Once hot", "SNAPSHOT", having("lead_grade", "A")).number
    entries = {"hot": inner, "rich": nested, "once": frozen, "customers": "Customers"}
    errors = said(club.connect(entries=entries), "error")
    assert errors.keys() == {"member_of.groups.hot", "member_of.groups.rich"}
    assert "'Hot leads' filters by lead_grade: leads would swing" in errors["member_of.groups.hot"]
    assert f"filters by lead_grade, by the list 'Hot leads' ({inner})" in errors["member_of.groups.rich"]
    definitions["jobtitle"].body["calculationFormula"] = "if budget_amount > 3 then 1 else lead_score / 2"
    fields = {"title": "jobtitle", "score": "number(lead_score)"}
    errors = said(club.account.connect({"title": "text", "score": "number"}, fields=fields), "error")
    assert "jobtitle is calculated from lead_score" in errors["fields.title"]
    assert "lead_score is one of leadgauge's own results" in errors["fields.score"]


def test_check_names_the_lists_and_what_is_missing(club: Club) -> None:
    connector = club.connect(entries={"nobody": "No such list"})
    connector.provision(OUTPUTS)
    assert "vips (0 members), guests (0 members)" in said(connector, "note")["member_of.groups"]
    warning = said(connector, "warning")["member_of.groups.nobody"]
    assert "HubSpot has no list of contacts with this name. Whoever was in it before stays in it. Correct" in warning
    denied(club)
    assert "Grant the scopes crm.lists.read" in said(connector, "warning")["member_of"]
