"""Activities from each source, with the right kind."""

from typing import Any

import polars as pl
import pytest
from starlette.responses import JSONResponse

from connectors.hubspot import frames
from connectors.hubspot.events import Web, stretches
from connectors.hubspot.kinds import page_kinds as kinds_of
from leadgauge_sandbox.hubspot.table import Record
from leadgauge_sandbox.server import serve
from meaning.becoming import Becomes
from tests.hubspot.conftest import DAY, HOUR, MINUTE, NOON, Account, Pull, stream
from vocabulary.pages import Page
from vocabulary.rows import ACTIVITIES

A_YEAR_AGO = NOON - 365 * DAY
"""Where the first pull begins."""


def rows(pages: list[Page]) -> pl.DataFrame:
    return pl.concat([page.activities for page in pages])


def kinds(pages: list[Page]) -> dict[str, int]:
    return dict(rows(pages)["kind"].value_counts().iter_rows())


def engagement(account: Account, type_: Any, contacts: list[str], at: int | None = None, **values: Any) -> Record:
    record = account.add(type_, at, **values)
    pair = (account.portal.table(type_).kind.id, "0-1")
    for contact in contacts:
        account.portal.associate(pair, record.id, int(contact))
    return record


def test_all_sources_together_give_valid_frames_with_unique_ids(full_account: Account, pull: Pull) -> None:
    connector = full_account.connect()
    found = pl.concat([rows(pull(connector, one.name)) for one in connector.streams()])
    assert found.schema == ACTIVITIES
    keys = found.select(pl.coalesce("lead", "address"), "id")
    assert keys.n_unique() == keys.height
    assert {"page_view", "newsletter_signup", "demo_request", "email_open", "email_click", "call", "meeting"} <= set(
        found["kind"]
    )
    assert {"webinar_register", "webinar_attend", "sales_email", "unsubscribe"} <= set(found["kind"])


def test_page_views_keep_their_url_and_title(full_account: Account, pull: Pull) -> None:
    found = rows(pull(full_account.connect(), "events.e_visited_page"))
    assert found.filter(pl.col("url").str.contains("/pricing"))["kind"].unique().to_list() == ["page_view"]
    assert found["name"].null_count() == 0


def test_pages_become_kinds_by_pattern(full_account: Account, pull: Pull) -> None:
    patterns = [{"match": "/pricing", "kind": "pricing_request"}]
    found = rows(pull(full_account.connect(activities={"by_page": patterns}), "events.e_visited_page"))
    assert found.filter(pl.col("url").str.contains("/pricing"))["kind"].unique().to_list() == ["pricing_request"]


def test_forms_become_kinds_by_name(full_account: Account, pull: Pull) -> None:
    found = rows(pull(full_account.connect(), "events.e_form_submission_v2"))
    demo = found.filter(pl.col("name").str.to_lowercase().str.contains("demo"))
    assert demo.height
    assert set(demo["kind"]) == {"demo_request"}


def test_events_are_read_from_where_the_last_pull_began(full_account: Account, pull: Pull) -> None:
    connector = full_account.connect()
    name = "events.e_visited_page"
    first = pull(connector, name)
    full_account.clock.advance(5 * MINUTE)
    again = pull(connector, name, first[-1].cursor)
    assert rows(again).height < rows(first).height / 10
    assert set(rows(again)["id"]) <= set(rows(first)["id"])


def test_long_stretch_of_events_is_read_in_slices_without_loss(full_account: Account, pull: Pull) -> None:
    connector = full_account.connect()
    name = "events.e_visited_page"
    transport = connector._transport
    web = Web(transport, "e_visited_page", kinds_of((), "page_view"), str, [10])
    take = stretches(web, lambda: NOON)
    left, found, widest = [{"low": A_YEAR_AGO, "latest": True}], set(), 0
    while left:
        step = take(left.pop(0))
        left += step.rest
        widest = max(widest, len(left))
        found |= set(step.parts["activities"]["id"])
    assert widest == 4
    assert found == set(rows(pull(connector, name))["id"])


def test_expired_token_of_a_page_begins_its_stretch_anew(full_account: Account, pull: Pull) -> None:
    connector = full_account.connect()
    name = "events.e_visited_page"
    cursor = {"until": NOON, "looked": NOON, "spans": [{"low": A_YEAR_AGO, "latest": True, "after": "not-a-token"}]}
    assert rows(pull(connector, name, cursor)).height == rows(pull(connector, name)).height


def test_events_page_is_only_as_large_as_hubspot_lets(full_account: Account, pull: Pull) -> None:
    """HubSpot does not document whether it allows 1000 events per page; if not, 100 are requested."""

    async def strict(scope: Any, receive: Any, send: Any) -> None:
        if scope.get("path", "").startswith("/events") and b"limit=1000" in scope["query_string"]:
            return await JSONResponse({"status": "error", "message": "limit"}, 400)(scope, receive, send)
        return await full_account.app(scope, receive, send)

    ever = {"activities": {"since": "3650d"}}
    with serve(strict) as url:
        found = rows(pull(full_account.connect(base_url=url, **ever), "events.e_visited_page"))
    assert found.height == rows(pull(full_account.connect(**ever), "events.e_visited_page")).height


def test_bot_opens_are_left_out_and_people_known_by_address(full_account: Account, pull: Pull) -> None:
    found = rows(pull(full_account.connect(), "email_events.OPEN"))
    stream_ = full_account.portal.streams["OPEN"]
    bots = sum(stream_[position].bot for position in range(len(stream_)))
    assert 0 < found.height <= len(stream_) - bots
    assert found["lead"].null_count() == found.height
    assert found["address"].str.len_chars().unique().to_list() == [32]


def test_submissions_are_read_form_by_form_where_events_are_missing(full_account: Account, pull: Pull) -> None:
    full_account.portal.enterprise = False
    connector = full_account.connect()
    assert pull(connector, "events.e_visited_page") == []
    found = rows(pull(connector, "forms"))
    assert found.height
    assert found["address"].null_count() == 0
    assert "demo_request" in set(found["kind"])


def test_submissions_are_not_read_twice_where_events_tell_them(full_account: Account, pull: Pull) -> None:
    connector = full_account.connect()
    assert rows(pull(connector, "forms")).height == 0


def test_submissions_go_back_to_the_last_pull_only(full_account: Account, pull: Pull) -> None:
    full_account.portal.enterprise = False
    connector = full_account.connect(full_reads_every="1s")
    pages = pull(connector, "forms")
    full_account.clock.advance(HOUR)
    connector.find("nobody@x.example")
    assert rows(pull(connector, "forms", pages[-1].cursor)).height < rows(pages).height / 10


def test_derived_properties_stand_in_for_page_views(full_account: Account, pull: Pull) -> None:
    full_account.portal.enterprise = False
    found = rows(pull(full_account.connect(), "contacts"))
    assert {"page_view"} <= set(found["kind"])
    assert found.select("lead", "id").n_unique() == found.height


def test_derived_properties_are_not_read_where_the_source_itself_is(full_account: Account, pull: Pull) -> None:
    assert rows(pull(full_account.connect(), "contacts")).height == 0


def test_derived_activity_counts_once_however_often_it_is_read(account: Account, pull: Pull) -> None:
    account.portal.enterprise = False
    lead = account.contact(
        email="p@x.example", hs_analytics_num_page_views="12", hs_analytics_last_timestamp=str(NOON - HOUR)
    )
    connector = account.connect()
    first = rows(pull(connector, "contacts"))
    again = rows(pull(connector, "contacts"))
    assert (
        first["id"].unique().to_list() == again["id"].unique().to_list() == ["derived:hs_analytics_last_timestamp:12"]
    )
    account.change(lead, hs_analytics_num_page_views="13", hs_analytics_last_timestamp=str(NOON))
    assert "derived:hs_analytics_last_timestamp:13" in set(rows(pull(connector, "contacts"))["id"])


def test_engagement_counts_for_each_contact_that_took_part(account: Account, pull: Pull) -> None:
    leads = [account.contact(email=f"p{n}@x.example") for n in range(3)]
    engagement(
        account,
        "calls",
        leads[:2],
        NOON - DAY,
        hs_timestamp=str(NOON - DAY),
        hs_call_title="Intro",
        hs_call_duration="90000",
    )
    (page,) = [page for page in pull(account.connect(), "calls") if page.activities.height]
    assert sorted(page.activities["lead"]) == sorted(leads[:2])
    assert page.activities["seconds"].to_list() == [90.0, 90.0]
    assert page.activities["name"].to_list() == ["Intro", "Intro"]


def test_engagement_changed_later_comes_with_its_contacts(account: Account, pull: Pull) -> None:
    """Search does not return associations: they are read separately, and having none is not an error."""
    lead = account.contact(email="p@x.example")
    connector = account.connect()
    cursor = pull(connector, "calls")[-1].cursor
    account.clock.advance(MINUTE)
    engagement(account, "calls", [lead], hs_timestamp=str(NOON), hs_call_title="Intro")
    engagement(account, "calls", [], hs_timestamp=str(NOON), hs_call_title="Nobody's")
    account.clock.advance(MINUTE)
    found = rows(pull(connector, "calls", cursor))
    assert found.select("lead", "name").rows() == [(lead, "Intro")]


def test_meeting_that_was_cancelled_is_taken_back(account: Account, pull: Pull) -> None:
    lead = account.contact(email="p@x.example")
    record = engagement(account, "meetings", [lead], NOON - DAY, hs_timestamp=str(NOON), hs_meeting_outcome="SCHEDULED")
    connector = account.connect()
    pages = pull(connector, "meetings")
    assert kinds(pages) == {"meeting": 1}
    account.clock.advance(MINUTE)
    account.change(str(record.id), "meetings", hs_meeting_outcome="CANCELED")
    account.clock.advance(MINUTE)
    (page,) = pull(connector, "meetings", pages[-1].cursor)
    assert page.activities.height == 0
    assert list(page.gone_activities) == [(None, f"meetings:{record.id}")]


def test_a_call_that_reached_nobody_is_an_attempt(account: Account, pull: Pull) -> None:
    """HubSpot calls it completed; its outcome tells, by its id or, for a portal's own ones, by its name."""
    lead, own = account.contact(email="p@x.example"), "8764b9cd-1d7b-4ee3-a75d-5bf72c2165af"
    definition = account.portal.table("calls").definitions["hs_call_disposition"]
    definition.body["options"].append({"label": "Voicemail drop", "value": own, "displayOrder": 9, "hidden": False})
    outcomes = ["f240bbac-87c9-4f6e-bf70-924b57d47db7", "b2cf5968-551e-4856-9783-52b3da59a7d0", own, None]
    for number, outcome in enumerate(outcomes):
        said = {"hs_call_disposition": outcome} if outcome else {}
        engagement(
            account, "calls", [lead], NOON - DAY, hs_timestamp=str(NOON + number), hs_call_status="COMPLETED", **said
        )
    engagement(account, "calls", [lead], NOON - DAY, hs_timestamp=str(NOON + 9), hs_call_status="NO_ANSWER")
    found = rows(pull(account.connect(), "calls")).sort("occurred_at")
    assert found["kind"].to_list() == ["call", "call_attempt", "call_attempt", "call", "call_attempt"]
    assert kinds(pull(account.connect(activities={"call_attempts": None}), "calls")) == {"call": 2}


def test_a_meeting_to_which_nobody_came_is_a_no_show(account: Account, pull: Pull) -> None:
    lead = account.contact(email="p@x.example")
    for outcome in ("COMPLETED", "NO_SHOW", "RESCHEDULED"):
        engagement(account, "meetings", [lead], NOON - DAY, hs_timestamp=str(NOON), hs_meeting_outcome=outcome)
    assert kinds(pull(account.connect(), "meetings")) == {"meeting": 1, "no_show": 1}


def test_engagement_that_changed_lately_is_listed_however_old_it_is(account: Account, pull: Pull) -> None:
    lead = account.contact(email="p@x.example")
    then = NOON - 60 * DAY
    for name in ("Old", "Changed"):
        call = engagement(account, "calls", [lead], then, hs_timestamp=str(then), hs_call_title=name)
    account.change(str(call.id), "calls", hs_call_body="Noted later")
    account.clock.advance(DAY)
    found = rows(pull(account.connect(activities={"calls": "call", "since": "30d"}), "calls"))
    assert found["name"].to_list() == ["Changed"]


def test_emails_are_told_apart_by_direction(account: Account, pull: Pull) -> None:
    lead = account.contact(email="p@x.example")
    for direction in ("EMAIL", "INCOMING_EMAIL", "FORWARDED_EMAIL"):
        engagement(account, "emails", [lead], NOON - DAY, hs_timestamp=str(NOON), hs_email_direction=direction)
    assert kinds(pull(account.connect(), "emails")) == {"sales_email": 2, "email_reply": 1}


def test_source_that_is_off_has_no_stream(account: Account) -> None:
    connector = account.connect(activities={"calls": None, "events": {}, "webinars": {}, "forms": False})
    names = {one.name for one in connector.streams()}
    assert not names & {"calls", "forms", "webinars", "events.e_visited_page"}
    assert "meetings" in names


def test_deleted_call_leaves_while_meetings_cannot_be_asked_for(account: Account, pull: Pull) -> None:
    """HubSpot refuses to list deleted meetings and communications."""
    lead = account.contact(email="p@x.example")
    record = engagement(account, "calls", [lead], hs_timestamp=str(NOON))
    connector = account.connect()
    cursor = pull(connector, "deletions")[-1].cursor
    table = account.portal.table("calls")
    account.portal.archive(table, record)
    account.clock.advance(2 * HOUR)
    connector.find("nobody@x.example")
    gone = [one for page in pull(connector, "deletions", cursor) for one in page.gone_activities]
    assert gone == [(None, f"calls:{record.id}")]


def test_webinars_tell_who_registered_and_who_came(full_account: Account, pull: Pull) -> None:
    found = rows(pull(full_account.connect(), "webinars"))
    assert set(found["kind"]) == {"webinar_register", "webinar_attend"}
    attended = found.filter(pl.col("kind") == "webinar_attend")
    assert attended["seconds"].min() > 0
    assert attended["lead"].null_count() == 0


def test_address_in_an_activity_is_the_digest_of_the_contacts(full_account: Account, pull: Pull) -> None:
    connector = full_account.connect()
    leads = pl.concat([page.leads for page in pull(connector, "contacts")])
    clicks = rows(pull(connector, "email_events.CLICK"))
    assert set(clicks["address"]) <= set(leads["address"])


def test_activities_older_than_the_horizon_are_not_read(full_account: Account, pull: Pull) -> None:
    connector = full_account.connect(activities={"since": "30d"})
    found = rows(pull(connector, "events.e_visited_page"))
    assert found["occurred_at"].dt.epoch("ms").min() >= NOON - 30 * DAY - 1


@pytest.mark.parametrize("name", ["calls", "events.e_visited_page", "email_events.OPEN", "webinars", "contacts"])
def test_streams_resume_after_any_page(full_account: Account, pull: Pull, name: str) -> None:
    """Resuming at the cursor of any page loses nothing."""
    whole = pull(full_account.connect(), name)
    everything = {row for page in whole for row in page.activities.select("lead", "address", "id").rows()}
    everything |= {lead for page in whole for lead in page.leads["lead"]}
    for stop in range(1, len(whole), max(len(whole) // 3, 1)):
        connector = full_account.connect()
        pulling = connector.pull(stream(connector, name), None)
        kept = [next(pulling) for _ in range(stop)]
        pulling.close()
        pages = [*kept, *pull(full_account.connect(), name, kept[-1].cursor)]
        found = {row for page in pages for row in page.activities.select("lead", "address", "id").rows()}
        assert found | {lead for page in pages for lead in page.leads["lead"]} == everything


def test_customer_dates_are_outcomes(full_account: Account, pull: Pull) -> None:
    connector = full_account.connect()
    customers = pl.concat([page.outcomes for page in pull(connector, "contacts")])
    assert set(customers["outcome"]) == {"customer"}
    assert customers["lead"].n_unique() == customers.height


def test_customer_date_that_is_cleared_is_taken_back(account: Account, pull: Pull) -> None:
    lead = account.contact(email="p@x.example", hs_lifecyclestage_customer_date="2026-11-01T00:00:00Z")
    connector = account.connect()
    pages = pull(connector, "contacts")
    assert {one for page in pages for one in page.gone_outcomes} == set()
    account.clock.advance(MINUTE)
    account.change(lead, "contacts", hs_lifecyclestage_customer_date="")
    account.clock.advance(MINUTE)
    gone = {one for page in pull(connector, "contacts", pages[-1].cursor) for one in page.gone_outcomes}
    assert gone == {(lead, f"customer:{lead}")}


def test_property_history_tells_what_a_field_held_since_when(account: Account, pull: Pull) -> None:
    lead = account.contact(NOON - DAY, email="p@x.example", jobtitle="Clerk")
    account.change(lead, jobtitle="Owner")
    connector = account.connect(history=True)
    pages = pull(connector, "history")
    found = pl.concat([page.history for page in pages]).filter(pl.col("field") == "job_title").unique().sort("since")
    assert found["value"].to_list() == ["Clerk", "Owner"]
    account.clock.advance(MINUTE)
    account.change(lead, jobtitle="Retired")
    account.clock.advance(MINUTE)
    later = pl.concat([page.history for page in pull(connector, "history", pages[-1].cursor)])
    assert "Retired" in later["value"].to_list()


def test_submission_without_an_address_belongs_to_nobody_and_is_left_out(account: Account, pull: Pull) -> None:
    assert frames.activities([(None, None, "form:1", "form_submit", NOON, None, None, None, None)]).height == 0


def test_patterns_take_time_in_proportion_to_the_text() -> None:
    """A visitor chooses the URL: a backtracking regex engine would try 2 to the power of 50,000 ways."""
    kind = kinds_of(
        [Becomes(match=r"(a+)+$", kind="a"), Becomes(match=r"(x|x)*y$", kind="xy"), Becomes(match="demo", kind="demo")],
        "page_view",
    )
    named = [("a" * 50_000 + "!", "x" * 50_000), ("Aaa", None), (None, "/request_DEMO"), (None, None)]
    assert kind(named) == ["page_view", "a", "demo", "page_view"]
