"""Webhooks that HubSpot pushes: what is accepted as HubSpot's, and what their events make due."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hubspot.utils.signature import Signature
from hypothesis import given
from hypothesis import strategies as some

from connectors.hubspot.feed.watched import Records, Watched
from connectors.hubspot.pushed import due_of, verified
from vocabulary.feeds import DUE

SECRET, URI = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy", "https://www.example.com/webhook_uri"
BODY = b"{'example_field':'example_value'}"
AT = 1_693_657_560_000
PUBLISHED = "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="
"""The signature of the above in the tests of the vendor's client."""
NOW = datetime.fromtimestamp(AT / 1000, UTC)
WATCHED = Watched(
    [
        Records("contacts", "contacts", "lead", ("jobtitle",)),
        Records("companies", "companies", "record", ("industry",)),
        Records("deals", "opportunities", "record", ("amount",)),
        Records("calls", "calls", "record", ("hs_call_status",)),
    ],
    [("hs_email_open", "email_events.OPEN")],
)


def headers(signature: str = PUBLISHED, at: object = AT) -> dict[str, str]:
    return {"X-HubSpot-Signature-V3": signature, "X-HubSpot-Request-Timestamp": str(at)}


def signed(body: bytes, uri: str, at: int = AT, method: str = "POST") -> dict[str, str]:
    return headers(Signature.get_signature(SECRET, body.decode(), "v3", uri, method, str(at)), at)


def test_the_published_signature_is_accepted() -> None:
    assert verified(SECRET, "POST", URI, BODY, headers(), NOW).is_accepted


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"secret": "another"}, "client secret"),
        ({"method": "GET"}, "does not fit"),
        ({"uri": URI + "/"}, "does not fit"),
        ({"uri": URI.replace("https", "http")}, "does not fit"),
        ({"body": BODY + b" "}, "does not fit"),
        ({"headers": headers(at=AT + 1)}, "does not fit"),
        ({"headers": headers(PUBLISHED.lower())}, "does not fit"),
        ({"headers": headers("Zoë ☕")}, "does not fit"),
        ({"headers": {"X-HubSpot-Request-Timestamp": str(AT)}}, "lacks the header"),
        ({"headers": {"X-HubSpot-Signature-V3": PUBLISHED}}, "lacks the header"),
        ({"headers": headers(at="nan")}, "milliseconds"),
        ({"headers": headers(at="١٦٩٣٦٥٧٥٦٠٠٠٠")}, "milliseconds"),
        ({"now": NOW + timedelta(minutes=5, milliseconds=1)}, "five minutes"),
        ({"now": NOW - timedelta(hours=1)}, "future"),
    ],
)
def test_whatever_differs_is_refused_with_the_reason(change: dict[str, Any], reason: str) -> None:
    given_: dict[str, Any] = {"secret": SECRET, "method": "POST", "uri": URI, "body": BODY, "headers": headers()}
    found = verified(**{**given_, "now": NOW, **change})
    assert not found.is_accepted
    assert reason in found.reason


def test_a_request_of_exactly_five_minutes_is_accepted() -> None:
    assert verified(SECRET, "POST", URI, BODY, headers(), NOW + timedelta(minutes=5)).is_accepted


def test_only_the_listed_characters_of_the_uri_are_decoded_before_it_is_signed() -> None:
    """`%20` and `%C3%AB` stay as they are, `%3A` and `%2f` do not."""
    called = "https://x.example/a%20b?src=hs%3Aapp%2fv3&x=%28a%29&n=Zo%C3%AB"
    meant = "https://x.example/a%20b?src=hs:app/v3&x=(a)&n=Zo%C3%AB"
    assert verified(SECRET, "POST", called, b"[]", signed(b"[]", meant), NOW).is_accepted
    assert not verified(SECRET, "POST", called, b"[]", signed(b"[]", called), NOW).is_accepted


@given(some.text(), some.text(alphabet="abc/?=&é☕", max_size=30), some.integers(0, 300_000))
def test_what_the_client_of_the_vendor_signs_is_accepted(body: str, path: str, age: int) -> None:
    uri, now = f"https://x.example/{path}", NOW + timedelta(milliseconds=age)
    assert verified(SECRET, "POST", uri, body.encode(), signed(body.encode(), uri), now).is_accepted


def webhook(kind: str, id_: int | None = 1, **more: Any) -> dict[str, Any]:
    named = {} if id_ is None else {"objectId": id_}
    return {
        "eventId": 1,
        "portalId": 7,
        "occurredAt": AT,
        "subscriptionType": kind,
        "attemptNumber": 0,
        **named,
        **more,
    }


def told(*events: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    found = due_of(json.dumps(events).encode(), WATCHED)
    assert found.is_accepted, found.reason
    return set(found.due.select("stream", "by", "id").iter_rows())


LEAD = ("contacts", "lead", "1")


@pytest.mark.parametrize(
    ("event", "due"),
    [
        (webhook("contact.creation"), {LEAD}),
        (webhook("contact.deletion"), {LEAD}),
        (webhook("contact.privacyDeletion"), {LEAD}),
        (webhook("contact.restore"), {LEAD}),
        (webhook("contact.propertyChange", propertyName="jobtitle", propertyValue="VP"), {LEAD}),
        (webhook("contact.propertyChange", propertyName="lead_score", propertyValue="9"), set()),
        (webhook("contact.propertyChange", propertyName="hs_email_open"), {("email_events.OPEN", "lead", "1")}),
        (
            webhook("contact.merge", None, primaryObjectId=1, mergedObjectIds=[1, 2], newObjectId=3),
            {LEAD, ("contacts", "lead", "2"), ("contacts", "lead", "3")},
        ),
        (webhook("company.propertyChange", propertyName="industry"), {("companies", "record", "1")}),
        (webhook("deal.deletion"), {("opportunities", "record", "1")}),
        (webhook("object.creation", objectTypeId="0-48"), {("calls", "record", "1")}),
        (
            webhook("contact.associationChange", None, fromObjectId=1, toObjectId=5, associationType="CONTACT_TO_DEAL"),
            {("opportunities", "record", "5")},
        ),
        (
            webhook(
                "object.associationChange",
                None,
                objectTypeId="0-48",
                fromObjectTypeId="0-48",
                fromObjectId=9,
                toObjectTypeId="0-1",
                toObjectId=1,
            ),
            {("calls", "record", "9")},
        ),
        (
            webhook(
                "company.associationChange", None, fromObjectId=5, toObjectId=1, associationType="COMPANY_TO_CONTACT"
            ),
            {LEAD},
        ),
    ],
)
def test_each_event_makes_due_what_changed(event: dict[str, Any], due: set[tuple[str, str, str]]) -> None:
    assert told(event) == due


def test_what_is_not_read_is_ignored_and_counted() -> None:
    unknown = [webhook("conversation.newMessage"), webhook("ticket.creation"), webhook("contact.sneezed")]
    found = due_of(json.dumps([*unknown, webhook("contact.creation")]).encode(), WATCHED)
    assert (found.events, found.ignored, found.due.height) == (4, 3, 1)


def test_events_of_another_account_are_ignored() -> None:
    found = due_of(json.dumps([webhook("contact.creation")]).encode(), WATCHED, portal=8)
    assert (found.is_accepted, found.events, found.ignored, found.due.height) == (True, 1, 1, 0)


def test_an_account_is_the_same_as_a_number_and_as_text() -> None:
    found = due_of(json.dumps([webhook("contact.creation", portalId="7")]).encode(), WATCHED, portal=7)
    assert found.due.height == 1


def test_an_event_that_names_no_account_is_refused() -> None:
    found = due_of(json.dumps([webhook("contact.creation", portalId=None)]).encode(), WATCHED, portal=7)
    assert (found.is_accepted, "account" in found.reason) == (False, True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{}",
        b"[1]",
        json.dumps([webhook("contact.creation", None)]).encode(),
        json.dumps([webhook("contact.creation", objectId="abc")]).encode(),
        json.dumps([webhook("object.creation")]).encode(),
        json.dumps([webhook("contact.merge", None)]).encode(),
        json.dumps([webhook("contact.associationChange", None, fromObjectId=1)]).encode(),
    ],
)
def test_a_body_that_is_not_hubspots_is_refused_and_makes_nothing_due(body: bytes) -> None:
    found = due_of(body, WATCHED)
    assert (found.is_accepted, found.due.height) == (False, 0)
    assert "cannot be read" in found.reason


@given(
    some.lists(some.tuples(some.integers(1, 4), some.sampled_from(("jobtitle", "lead_score")), some.integers(0, 9))),
    some.randoms(),
)
def test_order_and_repetition_make_no_difference(changes: list[tuple[int, str, int]], chance: Any) -> None:
    """The due records are those that changed, since the earliest change of each."""
    events = [
        webhook("contact.propertyChange", id_, propertyName=name, occurredAt=AT + second)
        for id_, name, second in changes
    ]
    sent = [{**one, "attemptNumber": attempt} for one in events for attempt in range(chance.randint(1, 3))]
    chance.shuffle(sent)
    found = due_of(json.dumps(sent).encode(), WATCHED)
    earliest: dict[str, int] = {}
    for id_, name, second in changes:
        if name == "jobtitle":
            earliest[str(id_)] = min(second, earliest.get(str(id_), 9))
    assert found.due.schema == DUE
    assert dict(found.due.select("id", pl.col("changed_at").dt.epoch("ms") - AT).iter_rows()) == earliest
    assert found.events == len({(id_, name, second) for id_, name, second in changes})
