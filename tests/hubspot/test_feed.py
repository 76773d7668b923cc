"""The feed: HubSpot's webhooks journal, subscribed to, read forward, and what is due read by id."""

import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest
from starlette.responses import Response

from connectors.base import ConfigurationError, Feeds, Interrupted, Unavailable
from connectors.hubspot import HubSpot
from leadgauge_sandbox.hubspot.account import PORTAL_ID
from leadgauge_sandbox.hubspot.app import create_app
from leadgauge_sandbox.hubspot.clock import Clock
from leadgauge_sandbox.server import serve
from tests.hubspot.conftest import NOON, OUTPUTS, Account, opened
from tests.hubspot.journals import Journal, error, event
from tests.pauses import Hurried
from vocabulary.feeds import DUE, Heard

FEED = {"client_id": "app", "client_secret": {"env": "HUBSPOT_TEST_SECRET"}}
NEXT, FILES, TOKEN = "/webhooks-journal/journal-local/", "/files/", "/oauth/"


@pytest.fixture
def journal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    """The journal of an empty account; its `inner` is the account."""
    monkeypatch.setenv("HUBSPOT_TEST_SECRET", "s3cret")
    app = create_app(clock=Clock(NOON), rate_limit=False)
    front = Journal(app, PORTAL_ID, lambda: app.state.portal.clock.now() / 1000)
    front.state = app.state  # type: ignore[attr-defined]  # as an account has
    with serve(front) as url:
        for account in opened(app, monkeypatch):
            front.account = replace(account, url=url, opened=account.opened)  # type: ignore[attr-defined]
            yield front


def connect(journal: Journal, **changes: Any) -> HubSpot:
    account: Account = journal.account  # type: ignore[attr-defined]
    return account.connect(**{"feed": FEED, **changes})


def heard(connector: HubSpot, cursor: Any, count: int) -> list[Heard]:
    """Return the first step of a feed, and the next ones that say something."""
    with closing(connector.listen(cursor)) as listening:
        telling = (one for at, one in enumerate(listening) if at == 0 or one.events or one.gap)
        return list(islice(telling, count))


def due(steps: list[Heard]) -> set[tuple[str, str, str]]:
    return {row for one in steps for row in one.due.select("stream", "by", "id").iter_rows()}


def begun(journal: Journal, connector: HubSpot) -> Any:
    """Begin to listen, and return the cursor."""
    return heard(connector, None, 1)[0].cursor


def test_a_connector_feeds(journal: Journal) -> None:
    assert isinstance(connect(journal), Feeds)


def test_without_an_app_the_error_says_what_to_add(account: Account) -> None:
    with pytest.raises(ConfigurationError, match=r"client_id.*client_secret.*feed: off"):
        next(account.connect().listen(None))


def test_a_wrong_secret_names_its_setting(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUBSPOT_TEST_SECRET", "wrong")
    with pytest.raises(ConfigurationError, match=r"feed.client_id.*HUBSPOT_TEST_SECRET.*webhooks_journal.read"):
        next(connect(journal).listen(None))


def test_without_a_cursor_it_begins_with_what_comes_from_now_on(journal: Journal) -> None:
    journal.tell(event(1, "CREATE"))
    connector = connect(journal)
    cursor = begun(journal, connector)
    journal.tell(event(2, "CREATE"))
    steps = heard(connector, cursor, 2)
    assert due(steps) == {("contacts", "lead", "2")}
    assert not any(one.gap for one in steps)


def test_the_first_event_of_an_empty_journal_is_heard(journal: Journal) -> None:
    connector = connect(journal)
    cursor = begun(journal, connector)
    assert cursor["offset"] is None
    journal.tell(event(1, "CREATE"))
    journal.tell(event(2, "CREATE"))
    assert due(heard(connector, cursor, 3)) == {("contacts", "lead", "1"), ("contacts", "lead", "2")}


def test_each_file_is_a_step_that_resumes_after_it(journal: Journal) -> None:
    connector = connect(journal)
    journal.tell(event(1, "CREATE"))
    cursor = begun(journal, connector)
    offsets = [journal.tell(event(number, "CREATE"), event(number, "DELETE")) for number in range(2, 52)]
    steps = heard(connector, cursor, 51)
    assert [one.cursor["offset"] for one in steps[1:]] == offsets
    assert [one.events for one in steps[1:]] == [2] * 50
    assert [one.due["id"].to_list() for one in steps[1:]] == [[str(number)] for number in range(2, 52)]
    assert all(one.due.schema == DUE for one in steps)
    resumed = heard(connector, steps[30].cursor, 2)[1]
    assert resumed.cursor["offset"] == offsets[30]
    assert journal.called("/next/") <= 6


def test_when_it_happened_is_told_by_hubspots_clock(journal: Journal) -> None:
    connector = connect(journal)
    cursor = begun(journal, connector)
    journal.tell(
        event(1, "CREATE", occurredAt="2026-11-22T11:30:00.500Z"),
        event(1, "DELETE", occurredAt="2026-11-22T11:00:00Z"),
        event(2, "CREATE", occurredAt=NOON),
        event(3, "CREATE", occurredAt=None),
    )
    step = heard(connector, cursor, 2)[1]
    assert [str(at) for at in step.due["changed_at"]] == [
        "2026-11-22 11:00:00+00:00",
        "2026-11-22 12:00:00+00:00",
        "None",
    ]
    assert str(step.until) == "2026-11-22 12:00:00+00:00"


def test_our_own_writes_make_nothing_due(journal: Journal) -> None:
    """They are not subscribed to; where somebody else of the same app subscribed, they count as events alone."""
    connector = connect(journal)
    cursor = begun(journal, connector)
    subscribed = {name for one in journal.subscriptions for name in one.get("properties") or ()}
    assert not subscribed & {output.name for output in OUTPUTS}
    journal.tell(event(1, propertyChanges={"lead_score": "9", "lead_grade": "A"}))
    step = heard(connector, cursor, 2)[1]
    assert (step.events, step.due.height) == (1, 0)
    assert not connector.floods(10_000_000)


def test_events_of_other_accounts_and_kinds_make_nothing_due(journal: Journal) -> None:
    connector = connect(journal)
    cursor = begun(journal, connector)
    installed = {"type": "app_lifecycle_event", "action": "APP_INSTALL", "portalId": journal.portal, "properties": {}}
    journal.tell(event(1, "CREATE", portal=journal.portal + 1), installed, event(2, "SNAPSHOT"))
    step = heard(connector, cursor, 2)[1]
    assert (step.events, step.due.height) == (2, 0)


def test_only_what_is_read_is_subscribed(journal: Journal) -> None:
    begun(journal, connect(journal, activities={"calls": None, "call_attempts": None, "events": {}}))
    by_type = {(one["subscriptionType"], one["objectTypeId"]): one for one in journal.subscriptions}
    people = by_type["OBJECT", "0-1"]
    assert {"jobtitle", "budget_amount", "email", "hs_email_open"} <= set(people["properties"])
    assert {"CREATE", "UPDATE", "DELETE", "MERGE", "RESTORE"} == set(people["actions"])
    assert by_type["OBJECT", "0-2"]["properties"] == ["industry"]
    assert by_type["GDPR_PRIVACY_DELETION", "0-1"]["actions"] == ["GDPR_DELETE"]
    assert "0-47" in by_type["ASSOCIATION", "0-1"]["associatedObjectTypeIds"]
    assert not {("OBJECT", "0-48"), ("OBJECT", "0-3"), ("OBJECT", "0-46")} & by_type.keys()
    assert "hs_analytics_last_timestamp" not in people["properties"]


def test_subscriptions_are_made_once_and_those_of_others_stay(journal: Journal) -> None:
    theirs = {"id": 1, "subscriptionType": "OBJECT", "objectTypeId": "0-1", "portalId": 1, "actions": ["CREATE"]}
    tickets = {**theirs, "objectTypeId": "0-5", "portalId": journal.portal}
    more = {**theirs, "portalId": journal.portal, "properties": ["favourite_color"], "objectIds": [4]}
    journal.subscriptions = [theirs, tickets, more]
    begun(journal, connect(journal))
    assert theirs in journal.subscriptions
    assert tickets in journal.subscriptions
    (ours,) = (
        one
        for one in journal.subscriptions
        if (one["portalId"], one["objectTypeId"], one["subscriptionType"]) == (journal.portal, "0-1", "OBJECT")
    )
    assert "favourite_color" in ours["properties"]
    assert ours["objectIds"] == []
    posts = journal.log.count(("POST", "/webhooks-journal/subscriptions/2026-09"))
    begun(journal, connect(journal))
    assert journal.log.count(("POST", "/webhooks-journal/subscriptions/2026-09")) == posts


def test_a_subscription_that_was_removed_is_made_again_and_said(journal: Journal) -> None:
    connector = connect(journal)
    cursor = begun(journal, connector)
    journal.subscriptions = [one for one in journal.subscriptions if one["objectTypeId"] != "0-2"]
    assert "companies" in heard(connector, cursor, 1)[0].gap
    assert any(one["objectTypeId"] == "0-2" for one in journal.subscriptions)


def test_where_a_type_is_refused_properties_of_contacts_hint_at_it(journal: Journal) -> None:
    journal.refuses = {"0-48"}
    connector = connect(journal)
    cursor = begun(journal, connector)
    journal.tell(event(1, propertyChanges={"notes_last_contacted": "2026-11-22"}))
    assert ("calls", "lead", "1") in due(heard(connector, cursor, 2))


def test_an_expired_offset_is_a_gap_after_which_it_goes_on(journal: Journal) -> None:
    journal.tell(event(1, "CREATE"))
    connector = connect(journal)
    begun(journal, connector)
    steps = heard(connector, {"offset": "gone", "at": NOON}, 2)
    assert "does not go back" in steps[1].gap
    journal.tell(event(2, "CREATE"))
    assert due(heard(connector, steps[1].cursor, 2)) == {("contacts", "lead", "2")}


def test_a_journal_that_was_empty_longer_than_it_is_kept_is_a_gap(journal: Journal) -> None:
    connector = connect(journal)
    cursor = begun(journal, connector)
    journal.account.clock.advance(4 * 86_400_000)  # type: ignore[attr-defined]
    journal.tell(event(1, "CREATE"))
    steps = heard(connect(journal), cursor, 3)
    assert "longer than" in steps[1].gap
    assert due(steps) == {("contacts", "lead", "1")}


def test_an_expired_url_is_asked_for_again(journal: Journal) -> None:
    connector = connect(journal)
    cursor = begun(journal, connector)
    journal.tell(event(1, "CREATE"))
    journal.instead[FILES] = [lambda: Response("<Error/>", 403), lambda: Response("<Error/>", 404)]
    steps = heard(connector, cursor, 2)
    assert due(steps) == {("contacts", "lead", "1")}
    assert not any(one.gap for one in steps)


BROKEN = (
    b"",
    b"<html>",
    b"[]",
    b'{"offset": "1"}',
    b'{"journalEvents": {}}',
    b'{"journalEvents": [1]}',
    b'{"journalEvents": [{"action": "CREATE"}]}',
    gzip.compress(b'{"journalEvents": []}', mtime=0)[:-6],
)


@pytest.mark.parametrize("file", BROKEN, ids=range(len(BROKEN)))
def test_a_file_that_stays_broken_is_left_out_with_a_gap(journal: Journal, file: bytes) -> None:
    connector = connect(journal)
    cursor = begun(journal, connector)
    offset = journal.put(file)
    journal.tell(event(2, "CREATE"))
    first, second, third = heard(connector, cursor, 3)
    assert not first.gap
    assert (second.cursor["offset"], "could not be read" in second.gap) == (offset, True)
    assert due([third]) == {("contacts", "lead", "2")}


@pytest.mark.parametrize(
    "broken",
    [
        event(1, "CREATE", objectId=None),
        event(1, "CREATE", objectTypeId=None),
        event(1, None),  # type: ignore[arg-type]  # as a broken file may have
        event(1, "MERGE", objectId=None),
        event(1, "ASSOCIATION_ADDED"),
    ],
)
def test_of_a_file_with_a_broken_event_the_others_count(journal: Journal, broken: dict[str, Any]) -> None:
    connector = connect(journal)
    cursor = begun(journal, connector)
    journal.tell(event(2, "CREATE"), broken, event(3, "CREATE"))
    step = heard(connector, cursor, 2)[1]
    assert "could not be read" in step.gap
    assert due([step]) == {("contacts", "lead", "2"), ("contacts", "lead", "3")}
    assert journal.called(FILES) == 3


@pytest.mark.parametrize("file", BROKEN[:4], ids=range(4))
def test_a_file_that_is_broken_once_is_read_at_last(journal: Journal, file: bytes) -> None:
    connector = connect(journal)
    cursor = begun(journal, connector)
    journal.tell(event(1, "CREATE"))
    journal.instead[FILES] = [lambda: Response(file), lambda: Response(b"", 500)]
    assert due(heard(connector, cursor, 2)) == {("contacts", "lead", "1")}


def test_a_compressed_file_is_read(journal: Journal) -> None:
    connector = connect(journal)
    cursor = begun(journal, connector)
    told = {"journalEvents": [event(1, "CREATE", portal=journal.portal)]}
    journal.put(gzip.compress(json.dumps(told).encode()))
    assert due(heard(connector, cursor, 2)) == {("contacts", "lead", "1")}


@pytest.mark.parametrize(
    "answers",
    [
        [error(429, "RATE_LIMITS", **{"Retry-After": "1"})] * 2,
        [error(500), error(503)],
        [lambda: Response("{}"), lambda: Response("<html>")],
        [lambda: Response('{"results": [{}]}'), lambda: Response('{"results": null}')],
        [lambda: Response(status_code=204)] * 3,
        [lambda: Response('{"results": []}')] * 3,
    ],
)
def test_refusals_and_answers_that_are_none_lose_nothing(journal: Journal, answers: list[Any]) -> None:
    journal.tell(event(1, "CREATE"))
    connector = connect(journal)
    cursor = begun(journal, connector)
    journal.tell(event(2, "CREATE"))
    journal.instead[NEXT] = list(answers)
    assert due(heard(connector, cursor, 2)) == {("contacts", "lead", "2")}
    assert not journal.instead[NEXT]


def test_hubspot_that_keeps_failing_is_unavailable(journal: Journal) -> None:
    connector = connect(journal)
    cursor = begun(journal, connector)
    journal.instead[NEXT] = [error(503)] * 50
    with pytest.raises(Unavailable):
        heard(connector, cursor, 2)


def test_the_token_is_kept_and_renewed_when_refused(journal: Journal) -> None:
    journal.tell(event(1, "CREATE"))
    connector = connect(journal)
    cursor = begun(journal, connector)
    journal.tokens = 0
    for number in range(2, 30):
        journal.tell(event(number, "CREATE"))
    assert len(heard(connector, cursor, 20)) == 20
    assert journal.tokens == 1
    journal.expires_in = 0
    assert len(heard(connector, cursor, 25)) == 25


def test_a_stop_ends_it_at_once(journal: Journal) -> None:
    stop = Hurried()
    listening = connect(journal, stop=stop).listen(None)
    next(listening)
    stop.set()
    with pytest.raises(Interrupted):
        next(listening)


def feed_findings(connector: HubSpot) -> list[tuple[str, str, str]]:
    return [(one.level, one.message, one.remedy) for one in connector.check() if one.subject == "feed"]


def test_check_says_what_is_to_be_subscribed_and_then_nothing(journal: Journal) -> None:
    connector = connect(journal)
    ((severity, message, _),) = feed_findings(connector)
    assert (severity, "contacts" in message, "companies" in message) == ("note", True, True)
    begun(journal, connector)
    assert feed_findings(connector) == []


def test_check_names_the_scope_that_the_app_lacks(journal: Journal) -> None:
    scope = "developer.webhooks_journal.read"
    lacking = {
        "message": "no",
        "category": "MISSING_SCOPES",
        "errors": [{"context": {"requiredGranularScopes": [scope]}}],
    }
    journal.instead[NEXT] = [lambda: Response(json.dumps(lacking), 403)]
    ((severity, message, remedy),) = feed_findings(connect(journal))
    assert severity == "warning"
    assert "wait for the next pass" in message
    assert remedy == f"Grant the scopes {scope} to the app of `feed.client_id`."


def test_check_without_an_app_says_nothing_of_the_feed(account: Account) -> None:
    assert feed_findings(account.connect()) == []


def test_the_overview_says_what_is_told_and_what_passes_bring(journal: Journal) -> None:
    (message,) = (one.message for one in connect(journal).overview() if one.subject == "feed")
    told, _, brought = message.partition(" as they change; ")
    assert ("contacts" in told, "email opens" in told, "calls" in told) == (True, True, True)
    assert ("spam reports" in brought, "deleted records" in brought, "calls" in brought) == (True, True, False)


def test_what_the_portal_does_not_offer_is_not_hinted_at(journal: Journal) -> None:
    """Without the events API, page views are derived from the contact, which is due itself."""
    journal.account.portal.enterprise = False  # type: ignore[attr-defined]
    connector = connect(journal)
    cursor = begun(journal, connector)
    journal.tell(event(1, propertyChanges={"hs_analytics_last_timestamp": "2026-11-22"}))
    assert due(heard(connector, cursor, 2)) == {("contacts", "lead", "1")}


def test_it_is_heard_every_second_although_there_is_nothing(journal: Journal) -> None:
    """Whoever listens sees that it is alive, and can end it; nothing new is to be stored."""
    connector = connect(journal)
    with closing(connector.listen(None)) as listening:
        steps = list(islice(listening, 5))
    assert [(one.cursor, one.events, one.gap) for one in steps[1:]] == [(steps[0].cursor, 0, "")] * 4


def test_a_long_wait_that_hubspot_asks_for_is_left_to_whoever_listens(journal: Journal) -> None:
    """The feed must not be silent for minutes."""
    connector = connect(journal)
    cursor = begun(journal, connector)
    journal.instead[NEXT] = [error(429, "RATE_LIMITS", **{"Retry-After": "60"})]
    with pytest.raises(Unavailable, match="60 seconds"):
        heard(connector, cursor, 2)


def test_where_a_property_that_hints_is_refused_contacts_are_still_told(journal: Journal) -> None:
    journal.lacks = {"hs_email_open"}
    connector = connect(journal)
    cursor = begun(journal, connector)
    journal.tell(event(1, propertyChanges={"jobtitle": "VP", "hs_email_open": "2"}))
    assert due(heard(connector, cursor, 2)) == {("contacts", "lead", "1")}


def test_where_contacts_are_refused_the_error_says_so(journal: Journal) -> None:
    journal.refuses = {"0-1"}
    with pytest.raises(ConfigurationError, match="subscriptions"):
        next(connect(journal).listen(None))


def test_a_cursor_of_another_crm_is_a_gap(journal: Journal) -> None:
    """A connection may have been another CRM's under the same name."""
    connector = connect(journal)
    (first,) = heard(connector, {"replay": "AAAA"}, 1)
    assert "not a place" in first.gap
    journal.tell(event(1, "CREATE"))
    assert due(heard(connector, first.cursor, 2)) == {("contacts", "lead", "1")}
