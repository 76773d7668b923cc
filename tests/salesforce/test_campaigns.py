"""Members of campaigns are read only if they changed, and a campaign that cannot be read keeps those it had."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from leadgauge_sandbox.salesforce.state import Sandbox
from tests.pauses import Hurried
from tests.salesforce.sandboxed import connector, faulty, served
from tests.salesforce.test_following_changes import Follower
from tests.salesforce.test_provisioning import theirs
from vocabulary.pages import Page

Org = tuple[Sandbox, str]
WANTED = {"groups": "member_of"}
NOBODY = "701000000000001"


@pytest.fixture
def small() -> Iterator[Org]:
    with served(12) as found:
        yield found


class Club(Follower):
    """A follower of two campaigns without members, one known by its id and one by its name."""

    def __init__(self, org: Org, **entries: str) -> None:
        super().__init__(*org)
        self.summit, self.dinner = (self.insert("Campaign", Name=name) for name in ("Summit", "Dinner"))
        self.entries = {"summit": self.summit[:15], "dinner": "Dinner", **entries}
        self.salesforce = self.connect(**self.entries)

    def connect(self, **entries: str) -> Any:
        member_of = {"groups": entries}
        return connector(self.sandbox, self.url, Hurried(), wanted=WANTED, fields={}, member_of=member_of)

    def insert(self, name: str, **values: Any) -> str:
        at = self.sandbox.org.clock.second()
        inserted: str = self.sandbox.living.insert(name, {"IsDeleted": False, **values}, at)
        return inserted

    def join(self, campaign: str, lead: str) -> str:
        kind = "ContactId" if lead.startswith("003") else "LeadId"
        return self.insert("CampaignMember", **{"CampaignId": campaign, kind: lead, "Status": "Sent"})

    def read(self) -> list[Page]:
        self.tell("clock", advance=60_000)
        return self.pull("segments")

    def calls(self) -> int:
        return int(self.salesforce.budget().calls)


@pytest.fixture
def club(small: Org) -> Club:
    return Club(small)


def rows(pages: list[Page]) -> set[tuple[str, str]]:
    return {row for page in pages for row in page.memberships.select("segment", "lead").iter_rows()}


def whole(pages: list[Page]) -> set[str]:
    return {segment for page in pages for segment in page.whole_segments}


def unread(pages: list[Page]) -> Mapping[str, str]:
    found = pages[-1].unread_segments
    assert found is not None
    return found


def test_campaigns_whose_members_did_not_change_cost_one_query(club: Club) -> None:
    lead, contact = club.ids("Lead", IsConverted=False)[0], club.ids("Contact")[0]
    members = [club.join(club.summit, lead), club.join(club.summit, contact), club.join(club.dinner, lead)]
    summit = club.entries["summit"]
    pages = club.read()
    assert rows(pages) == {(summit, lead), (summit, contact), ("Dinner", lead)}
    assert whole(pages) == {summit, "Dinner"}
    before = club.calls()
    assert (rows(club.read()), club.calls() - before) == (set(), 1)
    club.tell("delete", id=members[0])
    assert (rows(pages := club.read()), whole(pages)) == ({(summit, contact)}, {summit})
    club.tell("change", id=members[2], values={"LeadId": None, "ContactId": contact})
    assert (rows(pages := club.read()), whole(pages)) == ({("Dinner", contact)}, {"Dinner"})


def test_a_campaign_without_members_is_asked_for_its_own_count(club: Club) -> None:
    assert (whole(pages := club.read()), unread(pages)) == ({club.entries["summit"], "Dinner"}, {})
    club.tell("change", id=club.summit, values={"NumberOfContacts": 3})
    assert unread(club.read()) == {club.entries["summit"]: "it counts 3 members, but lists none"}


def test_a_campaign_that_cannot_be_found_is_told_with_the_reason(club: Club) -> None:
    lead = club.ids("Contact")[0]
    club.join(club.dinner, lead)
    club.insert("Campaign", Name="Dinner")
    club.salesforce = club.connect(twice="Dinner", missing=NOBODY, unnamed="No such campaign")
    missing = "there is no such campaign that the integration user can see"
    twice = "2 campaigns have this name; give its id"
    assert unread(club.read()) == {"Dinner": twice, NOBODY: missing, "No such campaign": missing}


def test_a_campaign_that_is_named_otherwise_now_is_no_longer_the_one_of_that_name(club: Club) -> None:
    club.join(club.dinner, club.ids("Contact")[0])
    assert unread(club.read()) == {}
    club.tell("change", id=club.dinner, values={"Name": "Lunch"})
    assert "no such campaign" in unread(club.read())["Dinner"]


def test_a_failing_answer_leaves_the_members_alone(club: Club) -> None:
    club.join(club.dinner, club.ids("Contact")[0])
    with faulty(club.url, "nothing-there", 1):
        pages = club.read()
    assert (whole(pages), unread(pages).keys()) == (set(), {club.entries["summit"], "Dinner"})
    assert whole(club.read()) == {club.entries["summit"], "Dinner"}


def test_memberships_of_some_leads_are_read_by_lead(club: Club) -> None:
    ann, bob = club.ids("Contact")[:2]
    for lead in (ann, bob):
        club.join(club.dinner, lead)
    stream = next(one for one in club.salesforce.streams() if one.name == "segments")
    assert rows(list(club.salesforce.pull_for(stream, [ann]))) == {("Dinner", ann)}


def test_check_names_the_campaigns_and_what_is_missing(club: Club) -> None:
    club.salesforce = club.connect(dinner="Dinner", missing=NOBODY)
    found = {(one.level, one.subject): f"{one.message} {one.remedy}" for one in club.salesforce.check(reads_only=True)}
    assert "groups lists dinner (0 members)." in found["note", "member_of.groups"]
    told = found["warning", "member_of.groups.missing"]
    assert "no such campaign that the integration user can see. Whoever was in it before stays in it. Correct" in told
    assert not any(level == "error" for level, _ in found)


def test_fields_that_depend_on_our_own_results_are_refused(small: Org) -> None:
    number = {"label": "Number", "type": "Number", "precision": "9", "scale": "0"}
    theirs(
        small,
        "Account.Doubled__c",
        {**number, "formula": 'IF(Name = "Lead_Score__c", 1, Rating_Score__c * 2)'},
        seen=True,
    )
    theirs(small, "Account.Rating_Score__c", {**number, "formula": "LEAD_SCORE__C / 3"}, seen=True)
    theirs(small, "Account.Harmless__c", {**number, "formula": 'LEN("Lead_Score__c")'}, seen=True)
    fields = {"twice": {"Contact": "Account.Doubled__c"}, "length": {"Contact": "Account.Harmless__c"}}
    fields["own"] = {"Lead": "Lead_Score__c"}
    wanted = {"twice": "number", "length": "number", "own": "number"}
    found = connector(*small, Hurried(), wanted=wanted, fields=fields).check(reads_only=True)
    errors = {one.subject: one.message for one in found if one.level == "error" and "swing" in one.message}
    assert errors.keys() == {"fields.twice", "fields.own"}
    assert errors["fields.twice"].startswith("Account.Doubled__c is calculated from LEAD_SCORE__C: the score")
    assert errors["fields.own"].startswith("Lead.Lead_Score__c is one of leadgauge's own results")
