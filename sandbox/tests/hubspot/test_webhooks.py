"""Webhooks are posted, signed and repeated as HubSpot's pages say."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hubspot.utils.signature import Signature

from leadgauge_sandbox.hubspot.clock import Clock
from leadgauge_sandbox.hubspot.pushing import RETRIES, WITHIN, signatures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import Message

    from sandbox.tests.hubspot.conftest import Sandbox

CONTACTS = "/crm/v3/objects/contacts"


class Receiver:
    """An address that keeps what it is sent, and answers with the next of its statuses, or 200."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[tuple[Message, bytes]] = []
        self.statuses: list[int] = []

    def events(self, expected: int) -> list[dict[str, Any]]:
        """Wait for some events, and return all in the order in which they happened."""
        found: list[dict[str, Any]] = []
        for _ in range(500):
            found = [event for _, body in list(self.requests) for event in json.loads(body)]
            if len(found) >= expected:
                break
            time.sleep(0.02)
        return sorted(found, key=lambda event: (event["eventId"], event["attemptNumber"]))


@contextmanager
def receiving() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.requests.append((self.headers, body))
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}/hook?of=a%3Ab")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def receiver(empty: Sandbox) -> Iterator[Receiver]:
    """An address to which the empty sandbox posts everything."""
    with receiving() as found:
        aim(empty, found.url)
        yield found
        aim(empty, None)


def aim(sandbox: Sandbox, target: str | None, **more: Any) -> requests.Response:
    return requests.post(f"{sandbox.url}/_sandbox/webhooks", json={"target": target, **more}, timeout=20)


def contact(sandbox: Sandbox, **values: str) -> int:
    return int(sandbox.post(CONTACTS, {"properties": values})["id"])


def state(sandbox: Sandbox, name: str, wanted: int) -> int:
    """Wait until a figure of the webhooks is as wanted, and return it."""
    found = -1
    for _ in range(500):
        found = int(requests.get(f"{sandbox.url}/_sandbox/webhooks", timeout=20).json()[name])
        if found == wanted:
            break
        time.sleep(0.02)
    return found


def test_a_creation_is_posted_with_the_fields_of_a_notification(empty: Sandbox, receiver: Receiver) -> None:
    record = contact(empty, email="a@x.example")
    (event,) = receiver.events(1)
    assert event == {
        "eventId": event["eventId"],
        "subscriptionId": 1,
        "portalId": 20_858_235,
        "appId": 19_083_857,
        "occurredAt": empty.portal.clock.now(),
        "subscriptionType": "object.creation",
        "attemptNumber": 0,
        "objectId": record,
        "objectTypeId": "0-1",
        "changeSource": "INTEGRATION",
        "changeFlag": "NEW",
    }


def test_each_changed_property_is_a_notification(empty: Sandbox, receiver: Receiver) -> None:
    record = contact(empty, email="a@x.example")
    assert empty.call("PATCH", f"{CONTACTS}/{record}", json={"properties": {"phone": "1", "city": "Rome"}}).ok
    events = receiver.events(3)[1:]
    assert {event["subscriptionType"] for event in events} == {"object.propertyChange"}
    assert {event["propertyName"]: event["propertyValue"] for event in events} == {"phone": "1", "city": "Rome"}


def test_a_merge_names_all_the_records(empty: Sandbox, receiver: Receiver) -> None:
    one, other = contact(empty, email="a@x.example"), contact(empty, email="b@x.example")
    made = empty.post(f"{CONTACTS}/merge", {"primaryObjectId": str(one), "objectIdToMerge": str(other)})
    merge, deletion = receiver.events(4)[2:]
    assert (merge["primaryObjectId"], merge["mergedObjectIds"], merge["newObjectId"]) == (one, [other], int(made["id"]))
    assert (merge["objectId"], type(merge["numberOfPropertiesMoved"])) == (one, int)
    assert (deletion["subscriptionType"], deletion["objectId"]) == ("object.deletion", other)


def test_an_association_is_told_from_each_end(empty: Sandbox, receiver: Receiver) -> None:
    one, other = contact(empty, email="a@x.example"), contact(empty, email="b@x.example")
    empty.portal.associate(("0-1", "0-1"), one, other)
    ends = [event for event in receiver.events(4) if event["subscriptionType"] == "object.associationChange"]
    assert sorted((event["fromObjectId"], event["toObjectId"]) for event in ends) == [(one, other), (other, one)]
    wanted = {"associationTypeId": 449, "associationCategory": "HUBSPOT_DEFINED", "toObjectTypeId": "0-1"}
    for event in ends:
        assert wanted.items() <= event.items()
        assert (event["associationRemoved"], event["isPrimaryAssociation"]) == (False, False)


def test_only_some_types_can_be_posted(empty: Sandbox, receiver: Receiver) -> None:
    aim(empty, receiver.url, types=["companies"])
    contact(empty, email="a@x.example")
    empty.post("/crm/v3/objects/companies", {"properties": {"name": "X"}})
    assert [event["objectTypeId"] for event in receiver.events(1)] == ["0-2"]


def test_an_address_that_is_none_is_refused(empty: Sandbox) -> None:
    assert aim(empty, "file:///etc/passwd").status_code == 400


def test_hubspots_own_client_takes_the_signatures(start: Callable[..., Sandbox]) -> None:
    """Version 3 signs the address with its encoded signs decoded; version 1 is sent with it."""
    sandbox = start(clock=Clock())
    with receiving() as receiver:
        aim(sandbox, receiver.url)
        contact(sandbox, email="zoë@x.example", firstname="Zoë")
        receiver.events(1)
        aim(sandbox, None)
    secret = sandbox.portal.tokens.client.secret
    headers, body = receiver.requests[0]
    assert Signature.is_valid(
        signature=headers["X-HubSpot-Signature-v3"],
        client_secret=secret,
        request_body=body.decode(),
        http_uri=receiver.url.replace("%3A", ":"),
        http_method="POST",
        signature_version="v3",
        timestamp=headers["X-HubSpot-Request-Timestamp"],
    )
    assert headers["X-HubSpot-Signature-Version"] == "v1"
    assert headers["X-HubSpot-Signature"] == hashlib.sha256(secret.encode() + body).hexdigest()


def test_a_signature_is_the_one_that_hubspot_published() -> None:
    """The vector of hubspot-api-python, tests/spec/utils/test_signature.py (2026-11)."""
    secret, address = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy", "https://www.example.com/webhook_uri"
    signed = signatures(secret, address, b"{'example_field':'example_value'}", 1_693_657_560_000)
    assert signed["X-HubSpot-Signature-v3"] == "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="


def test_a_request_has_at_most_a_hundred_events(empty: Sandbox, receiver: Receiver) -> None:
    requests.post(f"{empty.url}/_sandbox/faults", json={"name": "silent-feed", "argument": 60}, timeout=20)
    rows = [{"properties": {"email": f"a{number}@x.example"}} for number in range(100)]
    for kind in ("contacts", "companies"):
        empty.post(
            f"/crm/v3/objects/{kind}/batch/create",
            {
                "inputs": rows
                if kind == "contacts"
                else [{"properties": {"name": f"X{number}"}} for number in range(30)]
            },
        )
    assert receiver.requests == []
    empty.portal.clock.advance(60_000)
    receiver.events(130)
    assert sorted(len(json.loads(body)) for _, body in receiver.requests) == [30, 100]


def test_a_refused_request_is_repeated_within_a_day(empty: Sandbox, receiver: Receiver) -> None:
    receiver.statuses = [500, 404]
    contact(empty, email="a@x.example")
    receiver.events(1)
    for attempt in (1, 2):
        assert state(empty, "waiting", 1) == 1
        empty.portal.clock.advance(WITHIN // RETRIES)
        assert receiver.events(attempt + 1)[-1]["attemptNumber"] == attempt
    assert state(empty, "sent", 1) == 1
    assert len({event["eventId"] for event in receiver.events(3)}) == 1
    assert len({headers["X-HubSpot-Request-Timestamp"] for headers, _ in receiver.requests}) == 3


def test_after_ten_repetitions_it_is_given_up(empty: Sandbox, receiver: Receiver) -> None:
    receiver.statuses = [503] * (RETRIES + 1)
    contact(empty, email="a@x.example")
    for attempt in range(RETRIES + 1):
        receiver.events(attempt + 1)
        assert state(empty, "waiting", 1 if attempt < RETRIES else 0) in {0, 1}
        empty.portal.clock.advance(WITHIN // RETRIES)
    assert state(empty, "given_up", 1) == 1
    assert len(receiver.requests) == RETRIES + 1


def test_a_gap_a_repetition_and_a_forgery(empty: Sandbox, receiver: Receiver) -> None:
    empty.mischief.set("feed-gap", 1)
    contact(empty, email="a@x.example")
    empty.mischief.set("duplicate-events", times=1)
    empty.mischief.set("forged-webhooks", times=1)
    record = contact(empty, email="b@x.example")
    assert [event["objectId"] for event in receiver.events(2)] == [record, record]
    secret = empty.portal.tokens.client.secret
    valid = [
        headers["X-HubSpot-Signature"] == hashlib.sha256(secret.encode() + body).hexdigest()
        for headers, body in receiver.requests
    ]
    assert valid == [False, True]


def test_requests_may_come_in_reversed_order_and_by_another_clock(empty: Sandbox, receiver: Receiver) -> None:
    for name, argument in (("silent-feed", 60), ("reversed-events", None), ("event-clock", -90)):
        empty.mischief.set(name, argument)
    begun = empty.portal.clock.now()
    ids = [contact(empty, email=f"{name}@x.example") for name in "abc"]
    empty.portal.clock.advance(60_000)
    receiver.events(3)
    events = json.loads(receiver.requests[0][1])
    assert [event["objectId"] for event in events] == ids[::-1]
    assert {event["occurredAt"] for event in events} == {begun - 90_000}


def test_without_a_connection_it_waits(empty: Sandbox) -> None:
    aim(empty, "http://127.0.0.1:9/hook")
    contact(empty, email="a@x.example")
    assert state(empty, "waiting", 1) == 1
    aim(empty, None)
    assert state(empty, "waiting", 0) == 0
