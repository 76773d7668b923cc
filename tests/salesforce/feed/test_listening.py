"""What a feed makes due, and that it loses nothing."""

import os
import threading
import time
from datetime import UTC, datetime

import grpc
import polars as pl
import pytest

from connectors.base import BudgetSpent, ConfigurationError, Feeds, Interrupted
from connectors.retrying import Lost, Refused
from connectors.salesforce.feed.listening import Listening
from connectors.salesforce.feed.pubsub import Failure, classify
from leadgauge_sandbox.salesforce.state import Sandbox
from tests.pauses import Hurried
from tests.salesforce.feed.bus import AT, OUR_ORIGIN, Failing
from tests.salesforce.feed.conftest import TOPIC, Ear, start
from tests.salesforce.sandboxed import FIELDS, connector, served
from vocabulary.feeds import DUE, Heard


def id_of(prefix: str, number: int) -> str:
    return f"{prefix}000000{number:06d}AAA"


LEAD, CONTACT = id_of("00Q", 1), id_of("003", 1)


def due(found: list[Heard]) -> list[tuple[str, str, str]]:
    return [row[:3] for one in found for row in one.due.rows()]


def test_an_update_of_a_mapped_field_makes_the_lead_due(ear: Ear) -> None:
    ear.bus.publish(TOPIC, "Lead", [LEAD], changedFields=ear.bus.bits("Lead", "Title", "LastModifiedDate"))
    (one,) = ear.ids(start(), 1)
    at = datetime.fromtimestamp(AT / 1000, UTC)
    assert one.due.schema == DUE
    assert one.due.rows() == [("leads", "lead", LEAD, at)]
    assert (one.events, one.gap, one.until) == (1, "", at)


def test_updates_of_other_fields_make_nothing_due(ear: Ear) -> None:
    """`Description` is mapped nowhere; the event counts, and the cursor moves past it."""
    ear.bus.publish(TOPIC, "Lead", [LEAD], changedFields=ear.bus.bits("Lead", "Description", "LastModifiedDate"))
    ear.bus.publish(TOPIC, "Task", [id_of("00T", 1)], changedFields=ear.bus.bits("Task", "Description"))
    found = ear.ids(start(), 2)
    assert due(found) == []
    ear.bus.publish(TOPIC, "Contact", [CONTACT], changedFields=ear.bus.bits("Contact", "Title"))
    assert due(ear.ids(found[-1].cursor, 1)) == [("leads", "lead", CONTACT)]


@pytest.mark.parametrize("origin", [OUR_ORIGIN, ""])
def test_own_writes_make_nothing_due_whether_or_not_their_origin_is_told(ear: Ear, origin: str) -> None:
    written = ear.bus.bits("Lead", "Lead_Score__c", "LastModifiedDate")
    ear.bus.publish(TOPIC, "Lead", [LEAD], changedFields=written, changeOrigin=origin)
    (one,) = ear.ids(start(), 1)
    assert (one.events, one.due.height) == (1, 0)


def test_an_own_write_of_a_mapped_field_makes_nothing_due(org: tuple[Sandbox, str], ear: Ear) -> None:
    """A field may be an output and an input; then only the origin tells who wrote it."""
    ear.salesforce = connector(*org, feed={"endpoint": ear.endpoint}, fields=FIELDS | {"budget": "Lead_Score__c"})
    written = ear.bus.bits("Lead", "Lead_Score__c", "LastModifiedDate")
    ear.bus.publish(TOPIC, "Lead", [LEAD], changedFields=written, changeOrigin=OUR_ORIGIN)
    ear.bus.publish(TOPIC, "Lead", [id_of("00Q", 2)], changedFields=written)
    assert due(ear.ids(start(), 2)) == [("leads", "lead", id_of("00Q", 2))]


def test_what_a_flow_changes_with_our_write_is_due(ear: Ear) -> None:
    """One transaction makes one event, with our origin and the fields of both."""
    both = ear.bus.bits("Lead", "Lead_Score__c", "Title")
    ear.bus.publish(TOPIC, "Lead", [LEAD], changedFields=both, changeOrigin=OUR_ORIGIN)
    assert due(ear.ids(start(), 1)) == [("leads", "lead", LEAD)]


@pytest.mark.parametrize("type_", ["CREATE", "DELETE", "UNDELETE", "GAP_CREATE", "GAP_UPDATE", "GAP_DELETE"])
def test_other_changes_are_due_whatever_fields_they_name(ear: Ear, type_: str) -> None:
    """A gap event has no fields, only the ids of the records to read."""
    ear.bus.publish(TOPIC, "Lead", [LEAD, id_of("00Q", 2)], type_)
    (one,) = ear.ids(start(), 1)
    assert one.due["id"].to_list() == [LEAD, id_of("00Q", 2)]
    assert one.gap == ""


@pytest.mark.parametrize(
    ("name", "field", "stream"),
    [
        ("Lead", "Email", "leads"),
        ("Lead", "IsConverted", "leads"),
        ("Contact", "AccountId", "leads"),
        ("Account", "Industry", "accounts"),
        ("Task", "Status", "tasks"),
        ("Event", "StartDateTime", "events"),
        ("CampaignMember", "Status", "campaigns"),
        ("Web_Visit__c", "URL__c", "web_visits"),
    ],
)
def test_each_object_makes_its_stream_due(ear: Ear, name: str, field: str, stream: str) -> None:
    """`Status` decides `IsClosed` and `HasResponded`, which no event holds."""
    record = id_of({"Lead": "00Q", "Contact": "003"}.get(name, "a0X"), 1)
    ear.bus.publish(TOPIC, name, [record], changedFields=ear.bus.bits(name, field))
    assert due(ear.ids(start(), 1)) == [(stream, "lead" if stream == "leads" else "record", record)]


def test_fields_of_a_filter_matter_too(org: tuple[Sandbox, str], ear: Ear) -> None:
    """A lead that becomes unqualified leaves the settings' filter."""
    objects = {"Lead": {"filter": "Status != 'Description'"}}
    ear.salesforce = connector(*org, feed={"endpoint": ear.endpoint}, objects=objects)
    ear.bus.publish(TOPIC, "Lead", [LEAD], changedFields=ear.bus.bits("Lead", "Status"))
    ear.bus.publish(TOPIC, "Lead", [id_of("00Q", 2)], changedFields=ear.bus.bits("Lead", "Description"))
    assert due(ear.ids(start(), 2)) == [("leads", "lead", LEAD)]


def test_with_a_formula_any_change_of_a_record_is_due_but_our_own(org: tuple[Sandbox, str], ear: Ear) -> None:
    """Events hold no formulas, and nothing says which fields they depend on."""
    ear.salesforce = connector(
        *org, feed={"endpoint": ear.endpoint}, fields=FIELDS | {"email_domain": "Email_Domain__c"}
    )
    ear.bus.publish(TOPIC, "Lead", [LEAD], changedFields=ear.bus.bits("Lead", "Description"))
    ear.bus.publish(TOPIC, "Lead", [id_of("00Q", 2)], changedFields=ear.bus.bits("Lead", "Lead_Score__c"))
    assert due(ear.ids(start(), 2)) == [("leads", "lead", LEAD)]


@pytest.mark.parametrize(
    ("records", "type_", "said"),
    [([], "GAP_OVERFLOW", "So much of Lead changed at once"), (["00Q*"], "GAP_UPDATE", "without naming them")],
)
def test_an_event_that_names_no_records_is_a_gap(ear: Ear, records: list[str], type_: str, said: str) -> None:
    ear.bus.publish(TOPIC, "Lead", records, type_)
    (one,) = ear.ids(start(), 1)
    assert said in one.gap
    assert one.due.is_empty()


def test_an_event_that_cannot_be_read_is_a_gap_and_the_next_one_is_read(ear: Ear) -> None:
    ear.bus.put(TOPIC, "schema-Lead", b"\xff\x00\xfe" * 5)
    ear.bus.publish(TOPIC, "Lead", [LEAD], changedFields=["0xffffff"])
    ear.bus.publish(TOPIC, "Lead", [LEAD], "DELETE")
    found = ear.ids(start(), 3)
    assert due(found) == [("leads", "lead", LEAD)]
    assert "cannot be read" in " ".join(one.gap for one in found)


def test_500_events_cut_in_the_middle_are_all_heard_and_none_is_lost(ear: Ear) -> None:
    """The connection breaks after 203 of them; then listening stops, and goes on at the cursor of its last step."""
    ids = [id_of("00Q", number) for number in range(500)]
    for one in ids:
        ear.bus.publish(TOPIC, "Lead", [one], "CREATE")
    ear.bus.cut_after = 203
    first = ear.ids(start(), 300)
    rest = ear.ids(first[-1].cursor, 500 - sum(one.events for one in first))
    assert [row[2] for row in due(first + rest)] == ids
    assert not [one.gap for one in first + rest if one.gap]
    assert ear.bus.schemas_asked == ["schema-Lead"] * 2  # once for each time of listening


def test_no_more_events_are_under_way_than_salesforce_allows(ear: Ear) -> None:
    for number in range(350):
        ear.bus.publish(TOPIC, "Lead", [id_of("00Q", number)], "CREATE")
    ear.ids(start(), 350)
    assert ear.bus.asked[0].num_requested == 100
    assert all(0 < one.num_requested <= 100 for one in ear.bus.asked)
    assert ear.bus.outstanding <= 100


def test_nothing_more_is_asked_for_before_what_came_is_saved(ear: Ear) -> None:
    """A reader that stays in its first step gets no more than the hundred that were asked for."""
    for number in range(250):
        ear.bus.publish(TOPIC, "Lead", [id_of("00Q", number)], "CREATE")
    feed = iter(ear.salesforce.listen(start()))
    next(feed)
    time.sleep(0.3)
    assert len(ear.bus.asked) == 1
    feed.close()  # type: ignore[attr-defined]


def test_duplicates_and_reversed_order_make_a_record_due_once_from_its_first_change(ear: Ear) -> None:
    for at in (AT + 5_000, AT, AT + 9_000):
        ear.bus.publish(TOPIC, "Lead", [LEAD, LEAD], "CREATE", commitTimestamp=at)
    found = ear.ids(start(), 3)
    rows = pl.concat([one.due for one in found])
    assert rows["changed_at"].min() == datetime.fromtimestamp(AT / 1000, UTC)
    assert all(one.due.height == 1 for one in found)


def test_the_same_cursor_twice_gives_the_same(ear: Ear) -> None:
    for number in range(5):
        ear.bus.publish(TOPIC, "Lead", [id_of("00Q", number)], "CREATE")
    assert due(ear.ids(start(), 5)) == due(ear.ids(start(), 5))


def test_an_expired_place_is_a_gap_after_which_it_goes_on(ear: Ear) -> None:
    place = ear.bus.publish(TOPIC, "Lead", [LEAD], "CREATE")
    (one,) = ear.ids(start(), 1)
    ear.bus.forgotten.add(place)
    ear.once_asked(ear.bus.publish, TOPIC, "Lead", [id_of("00Q", 2)], "CREATE")
    found = ear.ids(one.cursor, 1)
    assert "does not know the place" in found[0].gap
    assert due(found) == [("leads", "lead", id_of("00Q", 2))]
    assert found[-1].cursor != one.cursor


def test_without_a_cursor_it_begins_now(ear: Ear) -> None:
    ear.bus.publish(TOPIC, "Lead", [LEAD], "CREATE")
    ear.once_asked(ear.bus.publish, TOPIC, "Lead", [id_of("00Q", 2)], "CREATE")
    found = ear.ids(None, 1)
    assert due(found) == [("leads", "lead", id_of("00Q", 2))]
    assert not found[0].gap


@pytest.mark.parametrize(
    "cursor", [{}, {"places": {}}, {"places": {TOPIC: None}}, {"places": {TOPIC: "§"}}, {"places": 3}]
)
def test_a_cursor_that_says_no_place_is_a_gap(ear: Ear, cursor: dict[str, object]) -> None:
    """The settings may name another channel by now."""
    (one,) = ear.listen(cursor, bool)
    assert TOPIC in one.gap


def test_a_break_before_any_place_was_told_is_a_gap(ear: Ear) -> None:
    ear.bus.failures = [Failing(grpc.StatusCode.UNAVAILABLE)]
    ear.once_asked(ear.bus.publish, TOPIC, "Lead", [LEAD], "CREATE")
    found = ear.ids(None, 1)
    assert "before" in found[0].gap


def test_an_empty_response_moves_the_cursor_on(ear: Ear) -> None:
    """Salesforce sends one every 270 seconds at the latest, with the newest place."""
    ear.once_asked(ear.bus.live)
    found = ear.listen(None, bool)
    assert found[-1].cursor == start()
    assert (found[-1].events, found[-1].until) == (0, None)


def test_a_silent_connection_is_made_anew_after_the_last_place(ear: Ear) -> None:
    """A half-open connection brings nothing and no error, but Salesforce says something within 270 seconds."""
    ear.bus.publish(TOPIC, "Lead", [LEAD], "CREATE")
    ear.bus.silent = 1
    feed = ear.salesforce._settings.feed
    assert feed is not None
    concerns = ear.salesforce._concerns()
    listening = Listening(ear.salesforce._session, ear.endpoint, feed.channels, concerns, silence=0.5, over=Hurried)
    heard = listening.heard(start())
    assert due([next(heard)]) == [("leads", "lead", LEAD)]
    heard.close()  # type: ignore[attr-defined]
    assert [one.replay_id for one in ear.bus.asked[:2]] == [b"start", b"start"]


def test_a_session_that_cannot_be_had_ends_the_feed(org: tuple[Sandbox, str], ear: Ear) -> None:
    """The sign-in fails in the thread of the subscription, and its error reaches whoever listens."""
    wrong = {"flow": "client_credentials", "consumer_key": {"env": "SF_KEY"}, "consumer_secret": {"env": "SF_NONE"}}
    os.environ["SF_NONE"] = "wrong"
    salesforce = connector(*org, feed={"endpoint": ear.endpoint}, auth=wrong)
    listening = Listening(salesforce._session, ear.endpoint, (TOPIC,), {}, over=Hurried)
    with pytest.raises(ConfigurationError, match="refused the sign-in"):
        next(listening.heard(None))


def test_calls_are_signed_with_the_session_the_instance_and_the_org(org: tuple[Sandbox, str], ear: Ear) -> None:
    ear.bus.publish(TOPIC, "Lead", [LEAD], "CREATE")
    ear.ids(start(), 1)
    client = ear.salesforce._session.client()
    told = {key: ear.bus.signed[0][key] for key in ("accesstoken", "instanceurl", "tenantid")}
    assert told == {
        "accesstoken": client.session_id,
        "instanceurl": ear.salesforce._session.home,
        "tenantid": org[0].organization,
    }
    assert all(one["accesstoken"] == client.session_id for one in ear.bus.signed)


def test_an_expired_session_is_renewed_and_a_useless_one_reported(ear: Ear) -> None:
    session = ear.salesforce._session
    old = session.client().session_id
    ear.bus.publish(TOPIC, "Lead", [LEAD], "CREATE")
    ear.bus.failures = [Failing(grpc.StatusCode.UNAUTHENTICATED, "service.auth.error")]
    assert due(ear.ids(start(), 1)) == [("leads", "lead", LEAD)]
    assert session.client().session_id != old
    ear.bus.valid_token = "another"
    with pytest.raises(ConfigurationError, match="refuses its session"):
        ear.ids(start(), 1)


@pytest.mark.parametrize(
    ("failing", "error", "said"),
    [
        (Failing(grpc.StatusCode.RESOURCE_EXHAUSTED, "subscription.limit.exceeded"), BudgetSpent, "Calls resume at"),
        (Failing(grpc.StatusCode.RESOURCE_EXHAUSTED), BudgetSpent, "used up"),
        (Failing(grpc.StatusCode.NOT_FOUND, "topic.not.found"), ConfigurationError, "leadgauge provision"),
        (
            Failing(grpc.StatusCode.PERMISSION_DENIED, "subscription.topic.cannot.subscribe"),
            ConfigurationError,
            "View All",
        ),
        (Failing(grpc.StatusCode.INVALID_ARGUMENT, "service.tenant.license"), ConfigurationError, "Ask Salesforce"),
    ],
)
def test_a_final_refusal_says_what_to_do(ear: Ear, failing: Failing, error: type[Exception], said: str) -> None:
    ear.bus.failures = [failing]
    with pytest.raises(error, match=said):
        ear.ids(start(), 1)


@pytest.mark.parametrize(
    ("failure", "verdict"),
    [
        (Failure("UNAVAILABLE", "", "RST_STREAM closed stream"), Lost),
        (Failure("INTERNAL", "subscription.internal.error", ""), Lost),
        (Failure("INVALID_ARGUMENT", "subscription.fetch.replay.repeated", ""), Lost),
        (Failure("RESOURCE_EXHAUSTED", "concurrent.client.limit.exceeded", ""), Refused),
        (Failure("OK", "", "the subscription ended"), Lost),
    ],
)
def test_a_passing_failure_is_tried_again(failure: Failure, verdict: type) -> None:
    assert isinstance(classify(failure), verdict)


def test_the_stop_event_ends_it_at_once(ear: Ear) -> None:
    """The contract of connectors: every wait ends by `Interrupted`; and no thread is left behind."""
    ear.once_asked(ear.stop.set)
    with pytest.raises(Interrupted):
        ear.ids(start(), 1)
    assert not [one for one in threading.enumerate() if one.name.startswith("feed ")]


def test_closing_the_iterator_ends_it(ear: Ear) -> None:
    ear.bus.publish(TOPIC, "Lead", [LEAD], "CREATE")
    ear.ids(start(), 1)
    assert not [one for one in threading.enumerate() if one.name.startswith("feed ")]


def test_beginning_to_listen_describes_each_object_once_also_those_that_are_hidden(ear: Ear) -> None:
    """Eleven objects, one of them hidden, besides sign-in, identity and the list of objects for the hidden one."""
    with served(20) as (sandbox, url):
        sandbox.org.unseen |= {"CampaignMember"}
        salesforce = connector(sandbox, url, feed={"endpoint": ear.endpoint})
        concerns = salesforce._concerns()
        assert "CampaignMember" not in concerns
        assert salesforce.budget().calls <= 11 + 3


def test_several_channels_have_a_place_each(org: tuple[Sandbox, str], ear: Ear) -> None:
    topics = ["/data/LeadChangeEvent", "/data/ContactChangeEvent"]
    ear.salesforce = connector(*org, feed={"endpoint": ear.endpoint, "channels": topics})
    begin = {"places": dict.fromkeys(topics, "c3RhcnQ=")}
    ear.bus.publish(topics[0], "Lead", [LEAD], "CREATE")
    first = ear.ids(begin, 1)
    ear.bus.publish(topics[1], "Contact", [CONTACT], "CREATE")
    rest = ear.ids(first[-1].cursor, 1)
    assert due(first + rest) == [("leads", "lead", LEAD), ("leads", "lead", CONTACT)]


def test_a_connector_without_the_section_says_how_to_add_it(org: tuple[Sandbox, str]) -> None:
    salesforce = connector(*org)
    assert isinstance(salesforce, Feeds)
    with pytest.raises(ConfigurationError, match="feed: true"):
        salesforce.listen(None)
