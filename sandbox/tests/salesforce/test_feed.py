"""Change data capture over the Pub/Sub API, as a subscriber sees it."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

grpc = pytest.importorskip("grpc", reason="the feed needs the extra `feeds`")

from leadgauge_sandbox.salesforce.feeds import messages  # noqa: E402 - needs the packages above
from sandbox.tests.salesforce.conftest import NOW, Api  # noqa: E402 - as above
from sandbox.tests.salesforce.feeding import Feed, Stream, code_of  # noqa: E402 - as above

LEADS = "/data/LeadChangeEvent"
ALL = "/data/ChangeEvents"
STAMP = int(NOW.timestamp() * 1000)


@pytest.fixture
def feed(api: Api) -> Iterator[Feed]:
    """A client of an org that captures leads, contacts, accounts and opportunities."""
    api.control("feed", select=["Lead", "Contact", "Account", "Opportunity"])
    address = api.control("feed", "GET")["address"]
    with grpc.insecure_channel(address) as channel:
        client = Feed(api, channel)
        yield client
        for stream in client.streams:
            stream.close()


def refused(stream: Stream) -> Any:
    """Return the error that ends a stream."""
    with pytest.raises(grpc.RpcError) as caught:
        list(stream.call)
    return caught.value


def lead(api: Api, place: int = 0) -> str:
    return str(api.query("SELECT Id FROM Lead WHERE IsConverted = false ORDER BY Id LIMIT 20")[place]["Id"])


def write(api: Api, identifier: str, client: str = "", **values: Any) -> None:
    kind = {"00Q": "Lead", "003": "Contact", "001": "Account"}[identifier[:3]]
    headers = {"Sforce-Auto-Assign": "FALSE"} | ({"Sforce-Call-Options": f"client={client}"} if client else {})
    answer = api.call("PATCH", f"sobjects/{kind}/{identifier}", json=values, headers=headers)
    assert answer.status_code == 204, answer.text


def test_an_update_tells_its_changed_fields_client_user_and_time(api: Api, feed: Feed) -> None:
    stream = feed.subscribe(LEADS)
    identifier = lead(api)
    write(api, identifier, "ourname", Title="Duke", Phone=None)
    (event,) = stream.events(1)
    header = event["ChangeEventHeader"]
    assert header["entityName"] == "Lead"
    assert header["recordIds"] == [identifier]
    assert header["changeType"] == "UPDATE"
    assert header["changeOrigin"] == "com/salesforce/api/rest/60.0;client=ourname"
    assert header["commitTimestamp"] == STAMP
    assert header["commitUser"] == api.sandbox.integration_user
    assert {"Title", "LastModifiedDate"} <= set(header["changedFields"])
    assert event["Title"] == "Duke"
    assert event["Company"] is None, "an unchanged field is empty"
    assert event["LastModifiedDate"] == STAMP


def test_a_call_without_client_names_none(api: Api, feed: Feed) -> None:
    stream = feed.subscribe(LEADS)
    write(api, lead(api), Title="Duke")
    assert stream.events(1)[0]["ChangeEventHeader"]["changeOrigin"] == "com/salesforce/api/rest/60.0"


def test_emptied_fields_are_nulled_and_changed(api: Api, feed: Feed) -> None:
    identifier = lead(api)
    write(api, identifier, Title="Duke", City="Bonn")
    stream = feed.subscribe(LEADS)
    write(api, identifier, Title=None, City=None)
    header = stream.events(1)[0]["ChangeEventHeader"]
    assert header["nulledFields"] == ["Address.City", "Title"]
    assert set(header["nulledFields"]) < set(header["changedFields"])


def test_names_and_addresses_are_nested(api: Api, feed: Feed) -> None:
    stream = feed.subscribe(LEADS)
    write(api, lead(api), FirstName="Zoë", City="Köln")
    event = stream.events(1)[0]
    assert event["Name"] == {"Salutation": None, "FirstName": "Zoë", "LastName": None}
    assert event["Address"]["City"] == "Köln"
    assert {"Name.FirstName", "Address.City"} <= set(event["ChangeEventHeader"]["changedFields"])


def test_an_update_with_equal_values_changes_the_time_only(api: Api, feed: Feed) -> None:
    identifier = lead(api)
    write(api, identifier, Title="Duke")
    stream = feed.subscribe(LEADS)
    write(api, identifier, Title="Duke")
    assert stream.events(1)[0]["ChangeEventHeader"]["changedFields"] == ["LastModifiedDate"]


def test_creating_deleting_and_restoring_tell_what_is_documented(api: Api, feed: Feed) -> None:
    stream = feed.subscribe(LEADS)
    made = api.call("POST", "sobjects/Lead", json={"LastName": "Doe", "Company": "Acme"}).json()["id"]
    api.call("DELETE", f"sobjects/Lead/{made}")
    api.control("restore", id=made)
    created, deleted, restored = stream.events(3)
    kinds = [each["ChangeEventHeader"]["changeType"] for each in (created, deleted, restored)]
    assert kinds == ["CREATE", "DELETE", "UNDELETE"]
    assert created["Name"]["LastName"] == restored["Name"]["LastName"] == "Doe"
    assert created["ChangeEventHeader"]["changedFields"] == []
    assert created["CreatedDate"] == STAMP
    assert {name for name, value in deleted.items() if value is not None} == {"ChangeEventHeader", "replay", "id"}


def test_emptying_the_recycle_bin_makes_no_event(api: Api, feed: Feed) -> None:
    identifier = lead(api)
    api.call("DELETE", f"sobjects/Lead/{identifier}")
    stream = feed.subscribe(LEADS)
    api.control("erase", id=identifier)
    write(api, lead(api, 1), Title="Duke")
    assert stream.events(1)[0]["ChangeEventHeader"]["changeType"] == "UPDATE"


def test_a_conversion_is_one_transaction_in_order(api: Api, feed: Feed) -> None:
    stream = feed.subscribe(ALL)
    made = api.control("convert", lead=lead(api))
    events = stream.events(4)
    headers = [each["ChangeEventHeader"] for each in events]
    assert [each["entityName"] for each in headers] == ["Account", "Contact", "Opportunity", "Lead"]
    assert [each["sequenceNumber"] for each in headers] == [1, 2, 3, 4]
    assert len({each["transactionKey"] for each in headers}) == len({each["commitNumber"] for each in headers}) == 1
    assert events[3]["IsConverted"] is True
    assert events[3]["ConvertedContactId"] == made["Contact"]
    assert "LastModifiedDate" not in headers[3]["changedFields"]


def test_a_merge_deletes_the_loser_and_updates_the_survivor(api: Api, feed: Feed) -> None:
    kept, lost = lead(api), lead(api, 1)
    stream = feed.subscribe(LEADS)
    api.control("merge", survivor=kept, loser=lost)
    headers = [each["ChangeEventHeader"] for each in stream.events(2)]
    assert [(each["changeType"], each["recordIds"]) for each in headers] == [("DELETE", [lost]), ("UPDATE", [kept])]
    assert headers[0]["changeOrigin"].endswith(";client=SfdcInternalAPI/"), "people do it in Lightning Experience"


def test_equal_changes_of_one_call_are_one_event(api: Api, feed: Feed) -> None:
    stream = feed.subscribe(LEADS)
    rows = [{"attributes": {"type": "Lead"}, "id": lead(api, place), "Rating": "Hot"} for place in range(3)]
    rows[2]["Rating"] = "Cold"
    api.call("PATCH", "composite/sobjects", json={"records": rows}, headers={"Sforce-Auto-Assign": "FALSE"})
    first, second = stream.events(2)
    assert len(first["ChangeEventHeader"]["recordIds"]) == 2
    assert (first["Rating"], second["Rating"]) == ("Hot", "Cold")


def test_what_is_rolled_back_makes_no_event(api: Api, feed: Feed) -> None:
    stream = feed.subscribe(LEADS)
    rows: list[dict[str, Any]] = [
        {"attributes": {"type": "Lead"}, "id": lead(api), "Title": "Duke"},
        {"attributes": {"type": "Lead"}, "id": lead(api, 1), "LastName": None},
    ]
    api.call("PATCH", "composite/sobjects", json={"allOrNone": True, "records": rows})
    write(api, lead(api, 2), Title="Earl")
    assert stream.events(1)[0]["Title"] == "Earl"


def test_bulk_jobs_tell_their_own_api_and_every_chunk_is_a_transaction(api: Api, feed: Feed) -> None:
    stream = feed.subscribe(LEADS)
    rows = "".join(f"Doe {number},Acme\n" for number in range(250))
    api.ingest("Lead", f"LastName,Company\n{rows}", "insert")
    headers = []
    while len(headers) < 250:
        headers += [each["ChangeEventHeader"] for each in stream.events(min(100, 250 - len(headers)))]
        stream.ask(100)
    assert {each["changeOrigin"] for each in headers} == {"com/salesforce/api/bulkapi/60.0"}
    assert len({each["transactionKey"] for each in headers}) == 2


def test_formulas_and_system_fields_are_no_part_of_the_schema(api: Api, feed: Feed) -> None:
    topic = feed.topic(LEADS)
    schema = json.loads(feed.schema(topic.schema_id).schema_json)
    names = {each["name"] for each in schema["fields"]}
    assert not names & {"Id", "IsDeleted", "SystemModstamp", "Email_Domain__c", "LastActivityDate", "FirstName", "City"}
    assert (schema["namespace"], schema["name"]) == ("com.sforce.eventbus", "LeadChangeEvent")
    assert schema["fields"][0]["name"] == "ChangeEventHeader"
    assert len(topic.schema_id) == 22
    assert (topic.can_publish, topic.can_subscribe) == (False, True)


def test_a_new_field_makes_a_new_schema_and_the_old_id_still_answers(api: Api, feed: Feed) -> None:
    old = feed.topic(LEADS).schema_id
    field = {"FullName": "Lead.Extra__c", "Metadata": {"type": "Text", "label": "Extra", "length": 20}}
    assert api.call("POST", "tooling/sobjects/CustomField", json=field).status_code == 201
    new = feed.topic(LEADS).schema_id
    assert new != old
    assert "Extra__c" in feed.schema(new).schema_json
    assert "Extra__c" not in feed.schema(old).schema_json


def test_fields_hidden_from_the_user_are_not_told(api: Api, feed: Feed) -> None:
    identifier = lead(api)
    api.control("hidden", fields=["Lead.Budget__c"])
    stream = feed.subscribe(LEADS)
    api.control("change", id=identifier, values={"Budget__c": 77.0, "Title": "Duke"})
    event = stream.events(1)[0]
    assert event["Budget__c"] is None
    assert "Budget__c" not in event["ChangeEventHeader"]["changedFields"]


def test_objects_that_are_not_selected_have_no_topic_and_no_events(api: Api, feed: Feed) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        feed.topic("/data/TaskChangeEvent")
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
    assert code_of(caught.value) == "topic.not.found"
    stream = feed.subscribe(ALL)
    api.call("POST", "sobjects/Task", json={"Subject": "Call", "WhoId": lead(api)})
    write(api, lead(api), Title="Duke")
    assert stream.events(1)[0]["ChangeEventHeader"]["entityName"] == "Lead"


def test_a_channel_of_several_objects_has_no_schema_of_its_own(feed: Feed) -> None:
    assert feed.topic(ALL).schema_id == ""


@pytest.mark.parametrize(("number", "good"), [(0, False), (-1, False), (1, True), (1000, True)])
def test_as_many_events_as_asked_but_a_hundred_at_most(api: Api, feed: Feed, number: int, good: bool) -> None:
    stream = feed.subscribe(LEADS, number, preset=messages.EARLIEST)
    if not good:
        error = refused(stream)
        assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert code_of(error) == "subscription.fetch.requested.events.invalid"
        return
    for place in range(3):
        write(api, lead(api, place), Title=f"Duke {place}")
    assert stream.next().pending_num_requested == min(number, 100) - 1


def test_no_more_events_than_asked(api: Api, feed: Feed) -> None:
    for place in range(3):
        write(api, lead(api, place), Title=f"Duke {place}")
    stream = feed.subscribe(LEADS, 2, preset=messages.EARLIEST)
    assert [each["Title"] for each in stream.events(2)] == ["Duke 0", "Duke 1"]
    stream.ask(5)
    assert stream.events(1)[0]["Title"] == "Duke 2"


def test_a_replay_id_continues_after_its_event(api: Api, feed: Feed) -> None:
    for place in range(3):
        write(api, lead(api, place), Title=f"Duke {place}")
    events = feed.subscribe(LEADS, preset=messages.EARLIEST).events(3)
    numbers = [int.from_bytes(each["replay"][:8], "big") for each in events]
    assert all(len(each["replay"]) == 10 for each in events)
    assert numbers == sorted(numbers)
    later = feed.subscribe(LEADS, preset=messages.CUSTOM, replay=events[0]["replay"])
    assert [each["Title"] for each in later.events(2)] == ["Duke 1", "Duke 2"]


def test_latest_tells_only_what_comes_later(api: Api, feed: Feed) -> None:
    write(api, lead(api), Title="Before")
    stream = feed.subscribe(LEADS)
    write(api, lead(api), Title="After")
    assert stream.events(1)[0]["Title"] == "After"


@pytest.mark.parametrize(
    ("replay", "code"),
    [(b"", "validation.failed"), (b"nonsense", "corrupted"), ((99).to_bytes(8, "big") + b"\0\0", "corrupted")],
)
def test_bad_replay_ids_are_refused(feed: Feed, replay: bytes, code: str) -> None:
    error = refused(feed.subscribe(LEADS, preset=messages.CUSTOM, replay=replay))
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert code_of(error) == f"subscription.fetch.replayid.{code}"
    assert "rpcId: " in error.details()


def test_events_expire_after_72_hours(api: Api, feed: Feed) -> None:
    write(api, lead(api), Title="Old")
    old = feed.subscribe(LEADS, preset=messages.EARLIEST).events(1)[0]["replay"]
    api.control("clock", advance=int(timedelta(hours=73).total_seconds() * 1000))
    api.sign_in()
    write(api, lead(api), Title="New")
    assert code_of(refused(feed.subscribe(LEADS, preset=messages.CUSTOM, replay=old))).endswith("replayid.corrupted")
    assert feed.subscribe(LEADS, preset=messages.EARLIEST).events(1)[0]["Title"] == "New"


def test_an_empty_response_keeps_the_stream_and_its_place_can_be_replayed(api: Api, feed: Feed) -> None:
    api.control("feed", keepalive=0.1)
    stream = feed.subscribe(LEADS)
    first, second = stream.next(), stream.next()
    assert (len(first.events), first.pending_num_requested) == (0, 100)
    assert second.latest_replay_id > first.latest_replay_id
    write(api, lead(api), Title="Duke")
    again = feed.subscribe(LEADS, preset=messages.CUSTOM, replay=first.latest_replay_id)
    assert again.events(1)[0]["Title"] == "Duke"


def test_a_client_that_asks_for_nothing_more_is_left(api: Api, feed: Feed) -> None:
    api.control("feed", idle=0.2)
    stream = feed.subscribe(LEADS, 1)
    write(api, lead(api), Title="Duke")
    assert stream.next().pending_num_requested == 0
    with pytest.raises(StopIteration):
        stream.next()


def test_a_deadline_ends_the_stream(feed: Feed) -> None:
    error = refused(feed.subscribe(LEADS, seconds=0.3))
    assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED


def test_another_topic_in_a_later_request_is_refused(feed: Feed) -> None:
    stream = feed.subscribe(LEADS)
    stream.ask(1, ALL)
    assert code_of(refused(stream)) == "subscription.fetch.topic.mismatch"


def test_connections_that_are_closed_open_again_on_the_same_address(api: Api, feed: Feed) -> None:
    stream = feed.subscribe(LEADS)
    address = api.control("feed", restart=True)["address"]
    assert refused(stream).code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
    with grpc.insecure_channel(address) as channel:
        assert Feed(api, channel).topic(LEADS).topic_name == LEADS


@pytest.mark.parametrize("token", ["nonsense", " "])
def test_a_bad_session_is_unauthenticated(feed: Feed, token: str) -> None:
    feed.token = token
    for call in (lambda: feed.topic(LEADS), lambda: feed.subscribe(LEADS).next()):
        with pytest.raises(grpc.RpcError) as caught:
            call()
        assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED
        expected = "service.auth.error" if token.strip() else "service.auth.headers.invalid"
        assert code_of(caught.value) == expected


def test_a_session_that_ends_does_not_end_its_stream(api: Api, feed: Feed) -> None:
    stream = feed.subscribe(LEADS)
    api.control("sessions", end=True)
    api.sign_in()
    write(api, lead(api), Title="Duke")
    assert stream.events(1)[0]["Title"] == "Duke"


def test_publishing_and_managed_subscriptions_are_not_served(feed: Feed) -> None:
    request = messages.PublishRequest(topic_name=LEADS)
    with pytest.raises(grpc.RpcError) as caught:
        feed._single("Publish", request, messages.PublishResponse)
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_five_objects_can_be_selected_unless_more_are_bought(api: Api, feed: Feed) -> None:
    def select(name: str) -> Any:
        member = {"eventChannel": "ChangeEvents", "selectedEntity": f"{name}ChangeEvent"}
        full = f"ChangeEvents_{name}ChangeEvent"
        body = {"FullName": full, "Metadata": member}
        return api.call("POST", "tooling/sobjects/PlatformEventChannelMember", json=body)

    assert select("Task").status_code == 201
    assert select("Event").json()[0]["errorCode"] == "LIMIT_EXCEEDED"
    api.control("feed", entities=None)
    assert select("Event").status_code == 201
    rows = api.get(
        "tooling/query", q="SELECT SelectedEntity FROM PlatformEventChannelMember WHERE EventChannel = 'ChangeEvents'"
    )
    assert {"TaskChangeEvent", "EventChangeEvent"} < {row["SelectedEntity"] for row in rows["records"]}


def channel(api: Api, **metadata: Any) -> str:
    body = {"FullName": "Own__chn", "Metadata": {"channelType": "data", "label": "Own"}}
    assert api.call("POST", "tooling/sobjects/PlatformEventChannel", json=body).status_code == 201
    member = {"eventChannel": "Own__chn", "selectedEntity": "LeadChangeEvent", **metadata}
    body = {"FullName": "Own_chn_LeadChangeEvent", "Metadata": member}
    answer = api.call("POST", "tooling/sobjects/PlatformEventChannelMember", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_a_channel_of_ones_own_enriches_its_events(api: Api, feed: Feed) -> None:
    identifier = lead(api)
    write(api, identifier, Email="doe@sandbox.example")
    member = channel(api, enrichedFields=[{"name": "Email"}])
    stream = feed.subscribe("/data/Own__chn")
    write(api, identifier, Title="Duke")
    event = stream.events(1)[0]
    assert event["Email"] == "doe@sandbox.example"
    assert "Email" not in event["ChangeEventHeader"]["changedFields"]
    told = api.get(f"tooling/sobjects/PlatformEventChannelMember/{member}")["Metadata"]
    assert told["enrichedFields"] == [{"name": "Email"}]
    assert api.call("DELETE", f"tooling/sobjects/PlatformEventChannelMember/{member}").status_code == 204


def test_a_filter_lets_through_what_it_describes(api: Api, feed: Feed) -> None:
    channel(api, filterExpression="Rating = 'Hot' AND ChangeEventHeader.changeType = 'UPDATE'")
    stream = feed.subscribe("/data/Own__chn")
    for place, rating in enumerate(("Cold", "Hot", "Warm")):
        write(api, lead(api, place), Rating=rating)
    write(api, lead(api, 1), Title="Duke")
    first, second = stream.events(2)
    assert (first["Rating"], second["Rating"], second["Title"]) == ("Hot", "Hot", "Duke")


def test_a_bad_filter_is_refused(api: Api, feed: Feed) -> None:
    metadata = {"eventChannel": "ChangeEvents", "selectedEntity": "TaskChangeEvent", "filterExpression": "Nothing = 1"}
    body = {"FullName": "ChangeEvents_TaskChangeEvent", "Metadata": metadata}
    answer = api.call("POST", "tooling/sobjects/PlatformEventChannelMember", json=body)
    assert answer.status_code == 400


def test_deliveries_are_counted_for_all_clients_and_end_with_the_allocation(api: Api, feed: Feed) -> None:
    api.control("feed", allocation=3)
    first, second = feed.subscribe(LEADS), feed.subscribe(ALL)
    write(api, lead(api), Title="Duke")
    first.events(1)
    second.events(1)
    assert api.control("feed", "GET")["delivered"] == 2
    assert api.get("limits")["DailyDeliveredPlatformEvents"] == {"Max": 3, "Remaining": 1}
    write(api, lead(api), Title="Earl")
    errors = []
    for stream in (first, second):
        try:
            stream.events(1)
        except grpc.RpcError as error:
            errors.append(error)
    assert {code_of(error) for error in errors} == {"subscription.limit.exceeded"}
    assert {error.code() for error in errors} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    api.control("clock", advance=25 * 3_600_000)
    assert api.control("feed", "GET")["delivered"] == 0


def test_an_event_is_told_twice(api: Api, feed: Feed) -> None:
    api.fault("feed-duplicates", times=1)
    stream = feed.subscribe(LEADS)
    write(api, lead(api), Title="Duke")
    first, second = stream.events(2)
    assert first["replay"] == second["replay"]


def test_events_come_in_reverse_order(api: Api, feed: Feed) -> None:
    for place in range(3):
        write(api, lead(api, place), Title=f"Duke {place}")
    api.fault("feed-reversed", times=1)
    stream = feed.subscribe(LEADS, preset=messages.EARLIEST)
    answer = stream.next()
    numbers = [each.replay_id for each in answer.events]
    assert numbers == sorted(numbers, reverse=True)
    assert answer.latest_replay_id == numbers[0]


def test_a_stream_breaks_in_the_middle_and_continues_from_the_replay_id(api: Api, feed: Feed) -> None:
    for place in range(4):
        write(api, lead(api, place), Title=f"Duke {place}")
    api.fault("feed-broken", times=1)
    stream = feed.subscribe(LEADS, preset=messages.EARLIEST)
    events = stream.events(2)
    assert refused(stream).code() == grpc.StatusCode.UNAVAILABLE
    again = feed.subscribe(LEADS, preset=messages.CUSTOM, replay=events[-1]["replay"])
    assert [each["Title"] for each in again.events(2)] == ["Duke 2", "Duke 3"]


def test_gap_events_have_a_header_only(api: Api, feed: Feed) -> None:
    api.fault("gaps", times=1)
    stream = feed.subscribe(LEADS)
    write(api, lead(api), Title="Duke")
    event = stream.events(1)[0]
    assert event["ChangeEventHeader"]["changeType"] == "GAP_UPDATE"
    assert event["ChangeEventHeader"]["recordIds"] == [lead(api)]
    assert event["Title"] is None


def test_changes_beyond_the_threshold_make_one_overflow_event(api: Api, feed: Feed) -> None:
    api.fault("overflow", 2)
    stream = feed.subscribe(LEADS)
    rows = [{"attributes": {"type": "Lead"}, "LastName": f"Doe {number}", "Company": "Acme"} for number in range(5)]
    api.call("POST", "composite/sobjects", json={"records": rows})
    headers = [each["ChangeEventHeader"] for each in stream.events(3)]
    assert [each["changeType"] for each in headers] == ["CREATE", "CREATE", "GAP_OVERFLOW"]
    assert headers[2]["recordIds"] == ["000000000000000AAA"]


@pytest.mark.parametrize("seconds", [None, 0.6])
def test_silence_ends_with_its_fault_or_its_time_and_nothing_is_lost(
    api: Api, feed: Feed, seconds: float | None
) -> None:
    api.control("feed", keepalive=0.1)
    api.fault("feed-silence", seconds)
    stream = feed.subscribe(LEADS)
    write(api, lead(api), Title="Duke")
    if seconds is None:
        time.sleep(0.6)
        api.control("faults", "DELETE", name="feed-silence")
    assert [each["Title"] for each in stream.events(1)] == ["Duke"]


def test_without_the_right_an_objects_topic_is_refused_and_a_channel_is_empty(api: Api, feed: Feed) -> None:
    api.control("feed", keepalive=0.2)
    api.fault("no-feed-right")
    error = refused(feed.subscribe(LEADS))
    assert (error.code(), code_of(error)) == (
        grpc.StatusCode.PERMISSION_DENIED,
        "subscription.topic.cannot.subscribe",
    )
    stream = feed.subscribe(ALL)
    write(api, lead(api), Title="Duke")
    assert not stream.next().events


def test_the_clock_of_commits_can_differ(api: Api, feed: Feed) -> None:
    api.fault("feed-clock", -120)
    stream = feed.subscribe(LEADS)
    write(api, lead(api), Title="Duke")
    assert stream.events(1)[0]["ChangeEventHeader"]["commitTimestamp"] == STAMP - 120_000


def test_a_replay_id_expires_by_fault(api: Api, feed: Feed) -> None:
    write(api, lead(api), Title="Duke")
    replay = feed.subscribe(LEADS, preset=messages.EARLIEST).events(1)[0]["replay"]
    api.fault("expired-replay", times=1)
    assert code_of(refused(feed.subscribe(LEADS, preset=messages.CUSTOM, replay=replay))).endswith("corrupted")


def test_what_people_do_meanwhile_is_told(api: Api, feed: Feed) -> None:
    stream = feed.subscribe(ALL, preset=messages.EARLIEST)
    for seed in range(5):
        api.control("deeds", kind="edit_person", seed=seed)
    api.control("step", by=3_600_000)
    event = stream.events(1)[0]
    assert event["ChangeEventHeader"]["changeOrigin"].endswith("client=SfdcInternalAPI/")


def test_the_description_is_that_of_the_proto_file(tmp_path: Path) -> None:
    protoc = pytest.importorskip("grpc_tools.protoc", reason="the compiler comes with the tools of developers")
    made, source = tmp_path / "made.binpb", messages.DESCRIPTION.with_name("pubsub_api.proto")
    assert protoc.main(["", f"-I{source.parent}", f"--descriptor_set_out={made}", source.name]) == 0
    assert made.read_bytes() == messages.DESCRIPTION.read_bytes()


def test_the_page_tells_where_the_feed_is(api: Api, feed: Feed) -> None:
    address = api.control("feed", "GET")["address"]
    assert address in api.call("GET", "/").text


def test_parts_of_a_composite_call_are_transactions_unless_all_or_none(api: Api, feed: Feed) -> None:
    def keys(*, all_or_none: bool) -> set[str]:
        stream = feed.subscribe(LEADS)
        parts = [
            {
                "method": "PATCH",
                "url": f"/services/data/v60.0/sobjects/Lead/{lead(api, place)}",
                "referenceId": f"r{place}",
            }
            | {"body": {"Title": f"{all_or_none} {place}"}}
            for place in range(2)
        ]
        answer = api.call("POST", "composite", json={"allOrNone": all_or_none, "compositeRequest": parts})
        assert [each["httpStatusCode"] for each in answer.json()["compositeResponse"]] == [204, 204]
        return {each["ChangeEventHeader"]["transactionKey"] for each in stream.events(2)}

    assert len(keys(all_or_none=False)) == 2
    assert len(keys(all_or_none=True)) == 1


def test_records_without_a_recycle_bin_are_deleted_and_come_back_with_their_person(api: Api, feed: Feed) -> None:
    api.control("feed", select=["CampaignMember"])
    rows = api.query("SELECT Id, LeadId FROM CampaignMember WHERE LeadId != null AND Lead.IsConverted = false LIMIT 1")
    stream = feed.subscribe("/data/CampaignMemberChangeEvent")
    api.call("DELETE", f"sobjects/Lead/{rows[0]['LeadId']}")
    api.control("restore", id=rows[0]["LeadId"])
    headers = []
    while not headers or headers[-1]["changeType"] != "UNDELETE":
        headers += [each["ChangeEventHeader"] for each in stream.events(1)]
    assert headers[0]["changeType"] == "DELETE"
    assert rows[0]["Id"] in headers[0]["recordIds"]


def test_custom_objects_have_their_own_topic(api: Api, feed: Feed) -> None:
    api.control("feed", select=["Web_Visit__c"])
    stream = feed.subscribe("/data/Web_Visit__ChangeEvent")
    made = api.call("POST", "sobjects/Web_Visit__c", json={"URL__c": "https://a.example/", "Seconds__c": 5}).json()
    assert made["success"], made
    event = stream.events(1)[0]
    assert (event["ChangeEventHeader"]["entityName"], event["URL__c"]) == ("Web_Visit__c", "https://a.example/")


def test_two_changes_of_a_record_in_a_transaction_are_one_event_of_the_first_kind(api: Api, feed: Feed) -> None:
    stream = feed.subscribe(LEADS)
    base = "/services/data/v60.0/sobjects/Lead"
    new = {"LastName": "Doe", "Company": "Acme"}
    parts = [
        {"method": "POST", "url": base, "referenceId": "made", "body": new},
        {"method": "PATCH", "url": f"{base}/@{{made.id}}", "referenceId": "changed", "body": {"Title": "Duke"}},
    ]
    api.call("POST", "composite", json={"allOrNone": True, "compositeRequest": parts})
    write(api, lead(api), Title="Earl")
    first, second = stream.events(2)
    assert (first["ChangeEventHeader"]["changeType"], first["Title"]) == ("CREATE", "Duke")
    assert second["Title"] == "Earl"


def test_old_bulk_jobs_and_tree_calls_are_told_too(api: Api, feed: Feed) -> None:
    stream = feed.subscribe(LEADS)
    row = {"attributes": {"type": "Lead", "referenceId": "r"}, "LastName": "Tree", "Company": "Acme"}
    assert api.call("POST", "composite/tree/Lead", json={"records": [row]}).status_code == 201
    assert stream.events(1)[0]["Name"]["LastName"] == "Tree"
    headers = {"X-SFDC-Session": str(api.session.headers["Authorization"]).removeprefix("Bearer ")}
    headers["Sforce-Call-Options"] = "client=ourname"
    job = {"operation": "insert", "object": "Lead", "contentType": "JSON"}
    key = api.call("POST", "/services/async/60.0/job", json=job, headers=headers).json()["id"]
    batch = f"/services/async/60.0/job/{key}/batch"
    made = api.call("POST", batch, json=[{"LastName": "Old", "Company": "Acme"}], headers=headers).json()
    api.call("GET", f"{batch}/{made['id']}", headers=headers)
    event = stream.events(1)[0]
    assert event["Name"]["LastName"] == "Old"
    assert event["ChangeEventHeader"]["changeOrigin"] == "com/salesforce/api/bulkapi/60.0;client=ourname"


def test_fifty_changes_at_once_reach_two_subscribers_in_the_same_order(api: Api, feed: Feed) -> None:
    streams = [feed.subscribe(LEADS), feed.subscribe(ALL)]
    for number in range(50):
        write(api, lead(api, number % 20), Title=f"Duke {number}")
    first, second = ([each["Title"] for each in stream.events(50)] for stream in streams)
    assert first == second == [f"Duke {number}" for number in range(50)]


def test_the_allocation_ends_after_some_events_and_the_rest_can_be_replayed(api: Api, feed: Feed) -> None:
    for place in range(3):
        write(api, lead(api, place), Title=f"Duke {place}")
    api.fault("feed-allocation", 2)
    stream = feed.subscribe(LEADS, preset=messages.EARLIEST)
    events = stream.events(2)
    assert code_of(refused(stream)) == "subscription.limit.exceeded"
    api.control("faults", "DELETE", name="feed-allocation")
    again = feed.subscribe(LEADS, preset=messages.CUSTOM, replay=events[-1]["replay"])
    assert again.events(1)[0]["Title"] == "Duke 2"


def test_a_failure_in_salesforce_ends_the_stream_and_loses_nothing(api: Api, feed: Feed) -> None:
    api.fault("feed-error", times=1)
    write(api, lead(api), Title="Duke")
    error = refused(feed.subscribe(LEADS, preset=messages.EARLIEST))
    assert (error.code(), code_of(error)) == (grpc.StatusCode.INTERNAL, "subscription.internal.error")
    assert feed.subscribe(LEADS, preset=messages.EARLIEST).events(1)[0]["Title"] == "Duke"


def test_events_keep_their_order_when_the_clock_is_set_back(api: Api, feed: Feed) -> None:
    write(api, lead(api), Title="First")
    api.control("clock", hold=STAMP - 3_600_000)
    write(api, lead(api), Title="Second")
    events = feed.subscribe(LEADS, preset=messages.EARLIEST).events(2)
    assert [each["Title"] for each in events] == ["First", "Second"]
    assert events[1]["ChangeEventHeader"]["commitTimestamp"] == STAMP - 3_600_000


@pytest.mark.slow
def test_the_command_tells_the_address_of_the_feed() -> None:
    words = ["from leadgauge_sandbox.command import command", "command(['salesforce', '--port', '0', '--leads', '5'])"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", "\n".join(words)], stdout=subprocess.PIPE, text=True, env=environment
    ) as running:
        assert running.stdout is not None
        told = dict(
            line.strip().split(" ", 1) for line in iter(running.stdout.readline, "") if not _last(line, running)
        )
        running.wait(timeout=30)
    assert re.fullmatch(r"127\.0\.0\.1:\d+", told["feed"])


def _last(line: str, running: "subprocess.Popen[str]") -> bool:
    """Stop the command at its last line."""
    if line.startswith("page "):
        running.terminate()
    return line.startswith("page ")


def test_a_write_to_a_person_account_makes_two_events(api: Api, feed: Feed) -> None:
    contact = api.query("SELECT Id FROM Contact WHERE AccountId != null LIMIT 1")[0]["Id"]
    account = api.control("person", contact=contact)["account"]
    stream = feed.subscribe(ALL)
    write(api, account, Industry="Banking")
    first, second = stream.events(2)
    headers = {each["ChangeEventHeader"]["entityName"]: each["ChangeEventHeader"] for each in (first, second)}
    assert set(headers["Account"]["changedFields"]) >= {"Industry", "LastModifiedDate"}
    assert headers["Contact"]["changedFields"] == ["LastModifiedDate"]
    assert headers["Contact"]["recordIds"] == [contact]
