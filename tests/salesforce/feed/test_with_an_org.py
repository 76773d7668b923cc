"""A feed of the sandbox's org: its channel, what it tells of real changes, and what goes wrong on the way."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import polars as pl
import pytest

from connectors.base import BudgetSpent, ConfigurationError, Unavailable
from connectors.salesforce import Salesforce
from connectors.salesforce.feed.listening import Listening
from leadgauge_sandbox.salesforce.state import Sandbox
from tests.pauses import Hurried
from tests.salesforce.sandboxed import OUTPUTS, connector, faulty, joined, pulled, served, tell
from vocabulary.feeds import Heard
from vocabulary.provisioned import Provisioned
from vocabulary.writes import Row


@dataclass
class Org:
    """An org with a feed, and a connector to it."""

    sandbox: Sandbox
    url: str
    salesforce: Salesforce

    def tell(self, what: str, **wish: Any) -> Any:
        return tell(self.url, what, **wish)

    def provision(self, **how: Any) -> dict[str, Provisioned]:
        """Provision, and return what was done about the feed."""
        done = self.salesforce.provision(OUTPUTS, **how)
        return {one.field.removeprefix("leadgauge__chn."): one for one in done if one.output == "feed"}

    def leads(self) -> list[str]:
        found = joined(pulled(self.salesforce, "leads"), "leads")["lead"]
        return sorted(one for one in found if one.startswith("00Q"))

    def place(self) -> Any:
        """Return a cursor at the newest event."""
        self.tell("feed", keepalive=0.2)
        feed = self.salesforce.listen(None)
        one = next(one for one in feed if all(one.cursor["places"].values()))
        feed.close()  # type: ignore[attr-defined]
        return one.cursor

    def heard(self, cursor: Any, due: int = 1, *, most: int = 400) -> list[Heard]:
        """Return what is heard until so many records are due."""
        found: list[Heard] = []
        feed = self.salesforce.listen(cursor)
        for one in feed:
            found.append(one)
            if len(ids(found)) >= due or len(found) >= most:
                break
        feed.close()  # type: ignore[attr-defined]
        return found

    def delivered(self) -> int:
        return int(self.sandbox.feed.deliveries.used)


def ids(found: list[Heard]) -> set[str]:
    return {id_ for one in found for id_ in one.due["id"]}


@pytest.fixture
def org() -> Iterator[Org]:
    with served(80) as (sandbox, url):
        sandbox.feed.start()
        tell(url, "feed", select=[])
        stop = Hurried()
        salesforce = connector(sandbox, url, stop=stop, feed={"endpoint": sandbox.feed.address})
        yield Org(sandbox, url, salesforce)
        stop.set()
        salesforce.close()
        sandbox.feed.stop()


MEMBERS = ["CampaignMemberChangeEvent", "ContactChangeEvent", "EventChangeEvent", "LeadChangeEvent", "TaskChangeEvent"]


def test_provision_makes_the_channel_once_with_those_that_matter_first(org: Org) -> None:
    """People, campaign members, tasks and events; a second run changes nothing, and a dry run neither."""
    planned = org.provision(dry_run=True)
    assert org.sandbox.feed.channels.selected() == {}
    done = org.provision()
    assert planned == done
    assert sorted(done) == [*MEMBERS, "leadgauge__chn"]
    assert {one.action for one in done.values()} == {"created"}
    assert {one.origin for one in done.values()} == {None}  # no field: the store records none of it
    assert {one.action for one in org.provision().values()} == {"unchanged"}


def test_members_of_written_objects_leave_our_writes_out_and_follow_the_version(org: Org) -> None:
    org.provision()
    selected = org.sandbox.feed.channels.selected()
    assert [name for name, (member,) in selected.items() if member.condition] == ["Contact", "Lead"]
    later = connector(org.sandbox, org.url, feed={"endpoint": org.sandbox.feed.address}, api_version="66.0")
    done = {one.field: one.action for one in later.provision(OUTPUTS) if one.output == "feed"}
    assert [name.rpartition(".")[2] for name, action in done.items() if action == "updated"] == [
        "ContactChangeEvent",
        "LeadChangeEvent",
    ]


def test_objects_that_are_not_followed_any_more_leave_the_channel_and_make_room(org: Org) -> None:
    org.provision()
    feed = {"endpoint": org.sandbox.feed.address, "most_objects": 2}
    fewer = connector(org.sandbox, org.url, feed=feed)
    done = {one.field: one.action for one in fewer.provision(OUTPUTS) if one.output == "feed"}
    assert sorted(action for action in done.values()) == ["removed"] * 3 + ["unchanged"] * 3
    assert sorted(org.sandbox.feed.channels.selected()) == ["Contact", "Lead"]


def test_more_objects_than_the_org_may_select_are_a_clash_that_says_what_to_do(org: Org) -> None:
    org.tell("feed", select=["Campaign", "User", "Opportunity"])
    done = org.provision()
    clashes = {name: one.message for name, one in done.items() if one.action == "clash"}
    assert sorted(clashes) == ["CampaignMemberChangeEvent", "EventChangeEvent", "TaskChangeEvent"]
    assert all("feed.most_objects" in one for one in clashes.values())


def test_without_the_rights_for_setup_it_says_who_may_provision(org: Org) -> None:
    org.salesforce.provision(OUTPUTS)
    org.salesforce.remove(OUTPUTS)
    org.salesforce.provision([])  # the fields are not what is refused
    org.salesforce.remove(OUTPUTS)
    with faulty(org.url, "no-customize"), pytest.raises(ConfigurationError, match="Customize Application"):
        org.salesforce.provision([])


def test_remove_takes_the_channel_away_but_not_with_orphans_only(org: Org) -> None:
    org.provision()
    orphan = [one for one in org.salesforce.remove([]) if one.output == "feed"]
    assert orphan == []
    planned = [one for one in org.salesforce.remove(OUTPUTS, dry_run=True) if one.output == "feed"]
    assert len(org.sandbox.feed.channels.selected()) == 5
    done = [one for one in org.salesforce.remove(OUTPUTS) if one.output == "feed"]
    assert planned == done
    assert {one.action for one in done} == {"removed"}
    assert org.sandbox.feed.channels.topic("/data/leadgauge__chn") is None
    assert [one for one in org.salesforce.remove(OUTPUTS) if one.output == "feed"] == []


def findings(org: Org, **feed: Any) -> str:
    salesforce = connector(org.sandbox, org.url, feed={"endpoint": org.sandbox.feed.address} | feed)
    return "\n".join(f"{one.level}: {one.message}" for one in salesforce.check() if one.subject == "feed")


def test_check_names_what_is_missing_and_which_streams_are_left_to_passes(org: Org) -> None:
    assert "error: The org has no channel leadgauge__chn." in findings(org)
    org.provision()
    said = findings(org)
    assert "error:" not in said
    assert "accounts, emails, web_visits, web_actions, pardot, opportunities: left to passes" in said
    assert "events may still be delivered" in said
    org.tell("feed", entities=None)
    assert "lacks Web_Visit__ChangeEvent" in findings(org, most_objects=6)


def test_check_tries_the_endpoint_and_the_channel(org: Org) -> None:
    org.provision()
    assert "may not subscribe" not in findings(org)
    assert "127.0.0.1:1 does not answer" in findings(org, endpoint="127.0.0.1:1")
    said = findings(org, channels=["/data/ChangeEvents", "/data/Nothing__chn"])
    assert "error: /data/Nothing__chn: Salesforce refuses the feed." in said
    assert "/data/ChangeEvents" not in said


def test_check_names_objects_of_which_the_user_gets_no_events(org: Org) -> None:
    """Salesforce leaves them out without an error. Without the profile's rights, nothing is concluded."""
    org.provision()
    assert "gets no change events" not in findings(org)
    tables, user = org.sandbox.org.tables, org.salesforce._session.call("GET", "/services/oauth2/userinfo")
    sets = tables["PermissionSet"]
    owned = sets.insert({"Name": "X0", "Label": "X0", "IsOwnedByProfile": True, "PermissionsViewAllData": False})
    parent = sets.identifier(owned)
    assigned = {"PermissionSetId": parent, "AssigneeId": orjson.loads(user.content)["user_id"]}
    tables["PermissionSetAssignment"].insert(assigned)
    for name in ("Lead", "Contact"):
        granted = {"ParentId": parent, "SobjectType": name, "PermissionsViewAllRecords": True}
        tables["ObjectPermissions"].insert(granted)
    said = findings(org)
    assert "warning: The integration user gets no change events of CampaignMember, Task, Event" in said
    sets.update(owned, {"PermissionsViewAllData": True})
    assert "gets no change events" not in findings(org)


def test_a_change_is_due_and_read_as_it_is_now(org: Org) -> None:
    org.provision()
    lead, cursor = org.leads()[0], org.place()
    org.tell("change", id=lead, values={"Title": "Duke"})
    (*_, one) = org.heard(cursor)
    assert one.due.select("stream", "by", "id").rows() == [("leads", "lead", lead)]
    pages = list(org.salesforce.read_due(one.due))
    assert joined(pages, "leads")["job_title"].to_list() == ["Duke"]


def test_what_a_record_is_converted_merged_and_deleted_into_is_told(org: Org) -> None:
    org.provision()
    converted, loser, survivor, deleted = org.leads()[:4]
    cursor = org.place()
    org.tell("convert", lead=converted)
    org.tell("merge", survivor=survivor, loser=loser)
    org.tell("delete", id=deleted)
    due = pl.concat([one.due for one in org.heard(cursor, 4)])
    assert {converted, loser, deleted} < set(due["id"])
    pages = list(org.salesforce.read_due(due))
    assert {converted, loser} == {lead for page in pages for lead in page.merged}
    assert [lead for page in pages for lead in page.gone] == [deleted]


def test_own_writes_are_neither_due_nor_delivered(org: Org) -> None:
    """The channel's filter leaves them out, so they use up nothing of the day's events."""
    org.provision()
    leads, cursor = org.leads()[:20], org.place()
    before = org.delivered()
    rows = [Row(lead, {"lead_score": 41.0}) for lead in leads]
    assert sum(len(answers) for answers in org.salesforce.push(rows)) == 20
    org.tell("change", id=leads[0], values={"Title": "Earl"})
    found = org.heard(cursor)
    assert ids(found) == {leads[0]}
    assert sum(one.events for one in found) == org.delivered() - before == 1


@pytest.mark.parametrize("fault", ["feed-broken", "feed-error", "feed-duplicates", "feed-reversed"])
def test_whatever_happens_on_the_way_no_change_is_lost(org: Org, fault: str) -> None:
    org.provision()
    leads, cursor = org.leads()[:25], org.place()
    for lead in leads:
        org.tell("change", id=lead, values={"Title": "Duchess"})
    with faulty(org.url, fault, 0.5):
        assert ids(org.heard(cursor, 25)) == set(leads)


def test_a_closed_connection_and_an_ended_session_are_made_anew(org: Org) -> None:
    org.provision()
    leads, cursor = org.leads(), org.place()

    def trouble() -> None:
        org.tell("feed", restart=True)
        org.tell("sessions", end=True)
        org.tell("change", id=leads[1], values={"Title": "Baron"})

    timer = threading.Timer(0.5, trouble)
    timer.start()
    assert ids(org.heard(cursor)) == {leads[1]}
    timer.join()


def test_an_endpoint_that_stays_away_ends_the_feed_as_unavailable(org: Org) -> None:
    session = org.salesforce._session
    listening = Listening(session, "127.0.0.1:1", ("/data/ChangeEvents",), {}, over=Hurried)
    with pytest.raises(Unavailable, match="feed failed 8 times in a row"):
        list(listening.heard(None))


def test_when_all_events_have_expired_it_is_a_gap(org: Org) -> None:
    org.provision()
    lead, cursor = org.leads()[0], org.place()
    org.tell("change", id=lead, values={"Title": "Count"})
    org.tell("feed", forget=True)
    feed = org.salesforce.listen(cursor)
    assert next(one.gap for one in feed if one.gap)
    feed.close()  # type: ignore[attr-defined]


def test_the_end_of_the_days_events_is_the_end_of_the_budget(org: Org) -> None:
    org.provision()
    lead, cursor = org.leads()[0], org.place()
    org.tell("change", id=lead, values={"Title": "Count"})
    with faulty(org.url, "feed-allocation", 0), pytest.raises(BudgetSpent, match="delivers in 24 hours"):
        org.heard(cursor)


def test_writes_flood_the_feed_where_they_would_use_much_of_what_is_left(org: Org) -> None:
    """Those of REST are filtered on our own channel; of another one, and by Bulk, they count."""
    other = {"endpoint": org.sandbox.feed.address, "channels": "/data/ChangeEvents"}
    salesforce = connector(org.sandbox, org.url, feed=other)
    org.tell("feed", allocation=10_000)
    assert [salesforce.floods(rows) for rows in (10, 2_000, 3_000)] == [False, False, True]
    org.tell("feed", allocation=1_000)
    assert [salesforce.floods(rows) for rows in (250, 251)] == [False, True]
    assert [org.salesforce.floods(rows) for rows in (2_000, 2_001)] == [False, True]
    assert not connector(org.sandbox, org.url).floods(1_000_000)
