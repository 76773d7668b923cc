"""Whatever a CRM answers or pushes is read, or is called unreadable; nothing else comes of it."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.hubspot import readings as of_hubspot
from connectors.hubspot.answers import Answer, Complaint
from connectors.hubspot.feed import journal
from connectors.hubspot.pushed import due_of, verified
from connectors.hubspot.readings import Asked, Doubtful, Misshapen
from connectors.salesforce import readings as of_salesforce
from connectors.salesforce.errors import Problem, Unreadable, classify
from connectors.salesforce.wire import Answer as SalesforceAnswer
from tests.examples import up_to
from tests.hubspot.test_pushed import WATCHED

few = settings(max_examples=up_to(60))
NOW = datetime(2026, 11, 30, tzinfo=UTC)
KEYS = [
    *(
        "results",
        "id",
        "properties",
        "paging",
        "next",
        "after",
        "errors",
        "context",
        "ids",
        "message",
        "category",
        "total",
    ),
    *(
        "records",
        "done",
        "totalSize",
        "nextRecordsUrl",
        "errorCode",
        "success",
        "fields",
        "name",
        "status",
        "journalEvents",
    ),
    *("portalId", "objectId", "objectTypeId", "subscriptionType", "occurredAt", "action", "propertyChanges", "eventId"),
    *(
        "associationType",
        "fromObjectId",
        "toObjectId",
        "propertyName",
        "propertyValue",
        "propertyUpdates",
        "correlationId",
    ),
]
VALUES = [
    "",
    "contact.creation",
    "contact.propertyChange",
    "object.merge",
    "CREATE",
    "0-1",
    "2026-11-30T00:00:00Z",
    "\ud800".encode("utf-8", "replace").decode(),
    "é\0",
]
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=8), st.sampled_from(VALUES)
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)),
    max_leaves=20,
)
ASKED = [
    Asked(),
    Asked([("limit", "100"), ("after", "5")]),
    Asked(body={"inputs": [{"id": "1"}], "limit": 100}, sure=True),
]


@pytest.mark.parametrize("path", sorted(of_hubspot._READINGS))
@settings(max_examples=25)
@given(st.dictionaries(st.sampled_from(KEYS), anything, max_size=6))
def test_each_reading_of_hubspot_takes_or_refuses_any_json(path: tuple[str, str], found: Mapping[str, Any]) -> None:
    for asked in ASKED[2:] if path[0] == "POST" else ASKED[:2]:
        with suppress(Misshapen, Doubtful):
            of_hubspot.reading(*path)(dict(found), asked)


SHAPED = ["COUNTED", "QUERY_PAGE", "STARTED_JOB", "QUERY_JOB", "INGEST_JOB", "DEFINITIONS", "DESCRIBED", "OBJECTS"]
SHAPED += ["LIMITS", "IDENTITY", "CREATED", "COMPOSITE", "TOKEN", "ACTIVITIES"]


@pytest.mark.parametrize("name", SHAPED)
@settings(max_examples=25)
@given(st.one_of(st.binary(max_size=80), anything.map(lambda found: json.dumps(found).encode())))
def test_each_reading_of_salesforce_takes_or_refuses_any_bytes(name: str, content: bytes) -> None:
    with suppress(Unreadable):
        getattr(of_salesforce, name)(SalesforceAnswer(200, {}, content, NOW))


@few
@example(400, b'{"errors": true}')
@example(400, b'{"errors": [{"context": 3}], "context": {"requiredGranularScopes": 7}}')
@given(st.integers(300, 599), st.one_of(st.binary(max_size=80), anything.map(lambda said: json.dumps(said).encode())))
def test_any_refusal_is_told_in_words(status: int, content: bytes) -> None:
    complaint = Complaint.of(answer := Answer(status, {}, content))
    assert complaint.message
    assert (complaint.code, complaint.properties, complaint.scopes) is not None
    assert answer.request is None or answer.request
    assert classify(Problem.of(status, {}, content))


@few
@given(st.one_of(st.binary(max_size=200), st.lists(anything, max_size=4).map(lambda said: json.dumps(said).encode())))
def test_any_webhook_is_taken_or_refused_whole(body: bytes) -> None:
    """Refused whole, HubSpot sends it again: nothing of it is lost."""
    told = due_of(body, WATCHED)
    assert told.is_accepted or told.reason
    assert told.is_accepted or not len(told.due)


@few
@given(
    st.dictionaries(st.sampled_from(["X-HubSpot-Signature-v3", "x-hubspot-request-timestamp"]), st.text(max_size=20))
)
def test_no_headers_make_a_request_hubspots(headers: Mapping[str, str]) -> None:
    assert not verified("secret", "POST", "https://x.example/main", b"[]", headers, NOW).is_accepted


GOOD = {
    "portalId": 1, "objectTypeId": "0-1", "objectId": 7, "action": "CREATE", "occurredAt": 1_790_000_000_000,
}  # fmt: skip


@few
@given(st.lists(anything, max_size=4), st.integers(0, 4))
def test_a_good_event_of_a_journal_file_is_not_lost_among_others(others: list[Any], place: int) -> None:
    events = [*others[:place], GOOD, *others[place:]]
    with suppress(Misshapen):
        file = journal._said(journal._events(json.dumps({"journalEvents": events}).encode()), 1)
        assert any(str(change).count("7") for change in file.changes)


@few
@given(st.one_of(st.binary(max_size=120), st.binary(max_size=60).map(lambda rest: b"\x1f\x8b" + rest)))
def test_any_bytes_are_a_journal_file_or_misshapen(content: bytes) -> None:
    with suppress(Misshapen):
        journal._said(journal._events(content), 1)
