"""Tasks, meetings, campaigns, e-mails and declared sources as rows of the vocabulary."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import responses

from connectors.salesforce.activities import campaigns, declared, emails, events, tasks
from connectors.salesforce.describe import Descriptions
from connectors.salesforce.parts import StreamObject
from tests.salesforce.answers import DATA, session, settings, sign_in
from vocabulary.rows import ACTIVITIES, address_digest

LEAD, CONTACT = "00Q000000000001AAA", "003000000000001AAA"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
NOON, DAY = "2026-05-06T12:00:00.000Z", "2026-05-06"


def rows(part: StreamObject, *records: dict[str, str | None]) -> pl.DataFrame:
    alive = {part.deleted: "false"}
    return pl.DataFrame(
        [{name: (alive | record).get(name) for name in part.selected} for record in records],
        schema=dict.fromkeys(part.selected, pl.String),
    )


def read(part: StreamObject, *records: dict[str, str | None]) -> list[tuple[Any, ...]]:
    found = part.contents(rows(part, *records))["activities"]
    assert found.schema == ACTIVITIES
    return found.select("lead", "id", "kind", "occurred_at", "name", "seconds").rows()


def test_a_completed_call_is_a_call_when_it_was_completed() -> None:
    (part,) = tasks(settings(), SINCE)
    call = {
        "Id": "1",
        "WhoId": LEAD,
        "IsClosed": "true",
        "TaskSubtype": "Call",
        "Subject": "Hello",
        "CallDurationInSeconds": "90",
    }
    known, dated = {"CompletedDateTime": NOON, "ActivityDate": "2026-01-01"}, {"ActivityDate": DAY}
    assert read(part, call | known, call | dated | {"Id": "2"}, call | {"Id": "3"}) == [
        (LEAD, "task:1", "call", datetime(2026, 5, 6, 12, tzinfo=UTC), "Hello", 90.0),
        (LEAD, "task:2", "call", datetime(2026, 5, 6, tzinfo=UTC), "Hello", 90.0),
    ]


def test_open_tasks_other_subtypes_and_other_objects_count_not_and_are_taken_back() -> None:
    (part,) = tasks(settings(), SINCE)
    call = {"WhoId": LEAD, "IsClosed": "true", "TaskSubtype": "Call", "CompletedDateTime": NOON}
    odd = [
        call | {"Id": "1", "IsClosed": "false"},
        call | {"Id": "2", "TaskSubtype": "Task"},
        call | {"Id": "3", "WhoId": "001A"},
        call | {"Id": "4", "IsDeleted": "true"},
    ]
    assert read(part, *odd) == []
    assert part.taken_back(rows(part, *odd, call | {"Id": "5"})) == [
        (LEAD, "task:1"),
        (LEAD, "task:2"),
        (None, "task:3"),
        (LEAD, "task:4"),
    ]


def test_a_message_and_its_task_count_once() -> None:
    (part,) = tasks(settings(activities={"emails": True}), SINCE)
    task = {"Id": "1", "WhoId": LEAD, "IsClosed": "true", "TaskSubtype": "Email", "CompletedDateTime": NOON}
    assert read(part, task) == []
    assert read(part, task | {"TaskSubtype": "Call"}) != []


def test_archived_activities_are_asked_for() -> None:
    (part,) = tasks(settings(), SINCE)
    assert part.archived
    assert "IsClosed = true" in part.kept()


def test_what_was_changed_or_happened_since_is_listed_however_old_its_record_is() -> None:
    (task,) = tasks(settings(), SINCE)
    moment, day = "2026-01-01T00:00:00.000Z", "2026-01-01"
    young = f"(SystemModstamp >= {moment}) OR (CompletedDateTime >= {moment}) OR (ActivityDate >= {day})"
    assert young in task.kept()
    (message,) = emails(settings(activities={"emails": True}), SINCE)
    assert f"(CreatedDate >= {moment}) OR (EmailMessage.SystemModstamp >= {moment})" in message.kept()


def test_only_members_who_count_are_listed() -> None:
    (part,) = campaigns(settings(), SINCE)
    assert part.listed == (
        "((HasResponded = true) AND (FirstRespondedDate != null)) OR"
        " ((CreatedDate != null) AND (Campaign.Type IN ('Webinar')))"
    )


def test_a_campaign_whose_type_says_nothing_has_the_kind_of_the_first_pattern_in_its_name_or_type() -> None:
    by_campaign = [
        {"match": "newsletter", "kind": "newsletter_signup"},
        {"match": r"\bexpo\b|roadshow", "kind": "event_attend", "added": "event_register"},
    ]
    section = {"by_campaign": by_campaign, "added": {}, "otherwise": None}
    (part,) = campaigns(settings(activities={"campaigns": section}), SINCE)
    member = {"Id": "1", "LeadId": LEAD, "CreatedDate": NOON, "HasResponded": "true", "FirstRespondedDate": DAY}

    def kinds(name: str, type_: str | None) -> list[str]:
        rows = read(part, member | {"Campaign.Name": name, "Campaign.Type": type_})
        return [str(row[2]) for row in rows]

    assert kinds("Spring_Expo 2026", None) == ["event_attend", "event_register"]
    assert kinds("Berlin", "Roadshow") == ["event_attend", "event_register"]
    assert kinds("Newsletter at the expo", "Email") == ["newsletter_signup"]
    assert kinds("Newsletter about webinars", "Webinar") == ["webinar_attend"]
    assert kinds("Exponential", "Email") == []
    assert part.listed == "((HasResponded = true) AND (FirstRespondedDate != null)) OR ((CreatedDate != null))"


def test_shared_activities_reach_further_people_under_the_same_id() -> None:
    own, shared = tasks(settings(activities={"tasks": {"shared": True}}), SINCE)
    record = {
        "Id": "r",
        "TaskId": "1",
        "RelationId": CONTACT,
        "Task.IsClosed": "true",
        "Task.TaskSubtype": "Call",
        "Task.CompletedDateTime": NOON,
    }
    assert (own.object, shared.object, shared.stamp) == ("Task", "TaskRelation", "Task.SystemModstamp")
    assert read(shared, record)[0][:3] == (CONTACT, "task:1", "call")


def test_a_meeting_counts_once_however_many_colleagues_came() -> None:
    (part,) = events(settings(), SINCE)
    meeting = {
        "Id": "1",
        "WhoId": CONTACT,
        "StartDateTime": NOON,
        "DurationInMinutes": "30",
        "IsChild": "false",
        "Subject": "Demo",
    }
    assert read(part, meeting, meeting | {"Id": "2", "IsChild": "true"}) == [
        (CONTACT, "event:1", "meeting", datetime(2026, 5, 6, 12, tzinfo=UTC), "Demo", 1800.0)
    ]


def test_a_campaign_member_registers_and_responds_by_the_campaigns_type() -> None:
    (part,) = campaigns(settings(), SINCE)
    member = {
        "Id": "1",
        "LeadId": LEAD,
        "CreatedDate": NOON,
        "HasResponded": "true",
        "FirstRespondedDate": DAY,
        "Campaign.Type": "webinar",
        "Campaign.Name": "Live",
    }
    assert read(part, member) == [
        (LEAD, "campaign:1:responded", "webinar_attend", datetime(2026, 5, 6, 12, tzinfo=UTC), "Live", None),
        (LEAD, "campaign:1:added", "webinar_register", datetime(2026, 5, 6, 12, tzinfo=UTC), "Live", None),
    ]
    later = read(part, member | {"FirstRespondedDate": "2026-05-08", "Campaign.Type": None, "ContactId": CONTACT})
    assert later == [
        (CONTACT, "campaign:1:responded", "campaign_response", datetime(2026, 5, 8, tzinfo=UTC), "Live", None)
    ]
    silent = read(part, member | {"HasResponded": "false", "Campaign.Type": "Email"})
    assert silent == []


def test_a_message_is_sent_opened_bounced_and_answered() -> None:
    (part,) = emails(settings(activities={"emails": True}), SINCE)
    message = {
        "Id": "r",
        "RelationId": LEAD,
        "EmailMessageId": "m",
        "EmailMessage.MessageDate": NOON,
        "EmailMessage.Subject": "Offer",
    }
    sent = message | {"RelationType": "ToAddress", "EmailMessage.Incoming": "false"}
    both = sent | {"EmailMessage.FirstOpenedDate": "2026-05-07T00:00:00.000Z", "EmailMessage.IsBounced": "true"}
    answer = message | {"RelationType": "FromAddress", "EmailMessage.Incoming": "true"}
    assert [row[1:3] for row in read(part, both)] == [
        ("email:m", "sales_email"),
        ("email:m:opened", "email_open"),
        ("email:m:bounced", "bounce"),
    ]
    assert [row[1:3] for row in read(part, answer)] == [("email:m:received", "email_reply")]
    assert read(part, sent | {"RelationType": "FromAddress"}) == []


@responses.activate
def test_a_declared_source_follows_a_converted_lead_to_its_contact() -> None:
    sign_in()
    rest = {"type": "reference", "label": "L", "calculated": False, "updateable": True, "custom": True}
    rest |= {
        "groupable": True,
        "picklistValues": [],
        "length": 18,
        "precision": 0,
        "scale": 0,
        "digits": 0,
        "inlineHelpText": None,
    }
    rest |= {"nillable": True, "unique": False, "encrypted": False, "restrictedPicklist": False}
    fields = [
        rest | {"name": "Lead__c", "referenceTo": ["Lead"], "relationshipName": "Lead__r"},
        rest | {"name": "Contact__c", "referenceTo": ["Contact"], "relationshipName": "Contact__r"},
    ]
    responses.add(responses.GET, f"{DATA}sobjects/Web_Visit__c/describe", json={"fields": fields})
    source = {
        "name": "web",
        "object": "Web_Visit__c",
        "time": "At__c",
        "lead": ["Contact__c", "Lead__c"],
        "address": "Email__c",
        "kind": {"field": "Kind__c", "kinds": {"View": "page_view"}},
        "url": "URL__c",
        "title": "Name",
        "filter": "Bot__c = false",
    }
    ours = settings(activities={"sources": [source]})
    (part,) = declared(ours, ours.activities.sources[0], Descriptions(session()), SINCE)
    visit = {"Lead__c": LEAD, "At__c": NOON, "Kind__c": "VIEW", "URL__c": "https://x/pricing", "Name": "Pricing"}
    found = part.contents(
        rows(
            part,
            visit | {"Id": "1"},
            visit | {"Id": "2", "Lead__r.ConvertedContactId": CONTACT},
            visit | {"Id": "3", "Lead__c": None, "Email__c": "A@b.example"},
            visit | {"Id": "4", "Kind__c": "Ping"},
            visit | {"Id": "5", "Lead__c": None},
        )
    )["activities"]
    assert found.select("lead", "id", "kind", "url", "address").rows() == [
        (LEAD, "web:1", "page_view", "https://x/pricing", None),
        (CONTACT, "web:2", "page_view", "https://x/pricing", None),
        (None, "web:3", "page_view", "https://x/pricing", address_digest("a@b.example")),
    ]
    assert part.filter == "Bot__c = false"


def test_task_without_a_known_subtype_is_what_its_type_or_else_its_subject_says() -> None:
    changed = settings(
        activities={"tasks": {"types": {"Demo": "meeting"}, "subjects": {"^call with": "call"}}, "emails": True}
    )
    (part,) = tasks(changed, SINCE)
    done = {"WhoId": LEAD, "IsClosed": "true", "TaskSubtype": "Task", "CompletedDateTime": NOON}
    found = read(
        part,
        done | {"Id": "1", "Type": "demo"},
        done | {"Id": "2", "Subject": "Call with the buyer"},
        done | {"Id": "3", "Subject": "Recall withdrawn"},
        done | {"Id": "4", "TaskSubtype": "Call", "Type": "Demo"},
        done | {"Id": "5", "TaskSubtype": "Email", "Type": "Demo"},
    )
    assert [(identity, kind) for _, identity, kind, *_ in found] == [
        ("task:1", "meeting"),
        ("task:2", "call"),
        ("task:4", "call"),
    ]


def test_a_call_that_reached_nobody_is_an_attempt() -> None:
    """Its result says so, or its subject, if it has neither a result nor a duration."""
    (part,) = tasks(settings(activities={"tasks": {"unreached": ["assistant"]}}), SINCE)
    call = {"WhoId": LEAD, "IsClosed": "true", "TaskSubtype": "Call", "CompletedDateTime": NOON}
    found = read(
        part,
        call | {"Id": "1", "CallDisposition": "Left Voicemail", "CallDurationInSeconds": "35"},
        call | {"Id": "2", "CallDisposition": "Connected", "Subject": "Voicemail product"},
        call | {"Id": "3", "Subject": "LVM"},
        call | {"Id": "4", "Subject": "Busy season", "CallDurationInSeconds": "300"},
        call | {"Id": "5", "CallDisposition": "Talked to the assistant"},
        call | {"Id": "6", "TaskSubtype": "Email", "Subject": "No answer yet"},
    )
    kinds = ["call_attempt", "call", "call_attempt", "call", "call_attempt", "sales_email"]
    assert [kind for _, _, kind, *_ in found] == kinds
    (part,) = tasks(settings(activities={"tasks": {"attempts": None}}), SINCE)
    assert read(part, call | {"Id": "1", "CallDisposition": "Busy"}) == []


def test_what_came_of_an_event_decides_about_its_kind() -> None:
    meeting = {"WhoId": LEAD, "StartDateTime": NOON, "IsChild": "false"}
    (part,) = events(settings(), SINCE)
    found = read(part, meeting | {"Id": "1", "Subject": "No-show: demo"}, meeting | {"Id": "2", "Subject": "Demo"})
    assert [kind for _, _, kind, *_ in found] == ["no_show", "meeting"]
    outcomes = {"outcome": "Outcome__c", "outcomes": {"no.?show": "no_show", "^cancel": None}}
    (part,) = events(settings(activities={"events": outcomes}), SINCE)
    said = [("No Show", "Demo"), ("Canceled", "Demo"), ("Held", "No-show policy"), (None, "Demo")]
    records = [meeting | {"Id": str(n), "Outcome__c": what, "Subject": about} for n, (what, about) in enumerate(said)]
    assert [(id_, kind) for _, id_, kind, *_ in read(part, *records)] == [
        ("event:0", "no_show"),
        ("event:2", "meeting"),
        ("event:3", "meeting"),
    ]


def test_only_tasks_that_may_have_a_kind_are_listed() -> None:
    def listed(**changes: Any) -> str | None:
        return tasks(settings(activities={"tasks": changes}), SINCE)[0].listed

    assert listed(kinds={"Call": "call"}) == "(IsClosed = true) AND (TaskSubtype IN ('Call'))"
    both = "(IsClosed = true) AND (TaskSubtype IN ('Call') OR Type IN ('Demo'))"
    assert listed(kinds={"Call": "call"}, types={"Demo": "meeting"}) == both
    assert listed(kinds={}, types={"Demo": "meeting"}) == "(IsClosed = true) AND (Type IN ('Demo'))"
    assert listed(subjects={"call": "call"}) == "IsClosed = true"


def test_a_series_is_no_meeting_and_its_occurrences_are() -> None:
    """In Classic the series has IsRecurrence, in Lightning it has GroupEventType 3."""
    (part,) = events(settings(), SINCE)
    meeting = {"WhoId": CONTACT, "StartDateTime": NOON, "IsChild": "false", "IsRecurrence": "false"}
    series = [
        meeting | {"Id": "1", "IsRecurrence": "true"},
        meeting | {"Id": "2", "GroupEventType": "3"},
        meeting | {"Id": "3", "GroupEventType": "0"},
    ]
    assert [row[1] for row in read(part, *series)] == ["event:3"]
    assert part.taken_back(rows(part, *series)) == [(CONTACT, "event:1"), (CONTACT, "event:2")]
    assert part.listed == "(IsChild = false) AND (IsRecurrence = false AND GroupEventType != '3')"


def test_an_invitee_who_declined_was_not_there() -> None:
    """With Shared Activities, every person on an event is a relation, and a reply changes only that."""
    listed, changed = events(settings(activities={"events": {"shared": True}}), SINCE)
    assert (listed.object, listed.stamp, changed.stamp) == ("EventRelation", "SystemModstamp", "Event.SystemModstamp")
    person = {"EventId": "1", "Event.StartDateTime": NOON, "Event.IsChild": "false"}
    came, declined = person | {"Id": "r", "RelationId": LEAD}, person | {"Id": "s", "RelationId": CONTACT}
    declined |= {"Status": "Declined"}
    assert [row[:2] for row in read(listed, came, declined)] == [(LEAD, "event:1")]
    assert listed.taken_back(rows(listed, came, declined)) == [(CONTACT, "event:1")]
