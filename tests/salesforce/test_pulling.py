"""Listings and changes, page by page, through REST and Bulk, resumed after any page."""

import threading
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest
import requests
import responses

from connectors.base import ConfigurationError, Unavailable
from connectors.salesforce.parts import Contents, StreamObject
from connectors.salesforce.pulling import Pull
from tests.salesforce.answers import DATA, HOST, session, sign_in
from vocabulary.pages import Cursor, Page, Stream

QUERY, QUERY_ALL, JOBS = f"{DATA}query/", f"{DATA}queryAll/", f"{DATA}jobs/query"
MORE = "/services/data/v67.0/query/01g-2"
NOON = {"Date": "Sun, 22 Nov 2026 12:00:00 GMT"}
STAMP = "2026-11-22T11:00:00.000+0000"
PEOPLE = Stream("leads", "Leads", lists=True)
THINGS = Stream("things", "Things")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Event, "wait", lambda self, timeout=None: self.is_set())


def contents(rows: pl.DataFrame) -> Contents:
    return Contents(
        gone=[f"{row['Id'][12:15]}{'!' if row['IsDeleted'] == 'true' else ''}" for row in rows.iter_rows(named=True)]
    )


def part(**more: object) -> StreamObject:
    return StreamObject("Thing", ("Name",), contents, **more)


def full(number: int) -> str:
    return f"a00{number:012}AAA"


def records(*ids: int, **more: object) -> list[dict[str, object]]:
    return [{"Id": full(id_), "SystemModstamp": STAMP, "IsDeleted": False, "Name": "n", **more} for id_ in ids]


def page(ids: list[int], total: int | None = None, then: str | None = None) -> dict[str, object]:
    answer = {"totalSize": len(ids) if total is None else total, "done": then is None, "records": records(*ids)}
    return answer | ({"nextRecordsUrl": then} if then else {})


def counts(total: int) -> None:
    """Answer one count query with a number of records."""

    def is_count(request: requests.PreparedRequest) -> tuple[bool, str]:
        return "q=SELECT+COUNT" in (request.url or ""), "no count"

    responses.add(responses.GET, QUERY, json={"totalSize": total, "done": True, "records": []}, match=[is_count])


def pull(
    stream: Stream = THINGS, cursor: Cursor | None = None, parts: list[StreamObject] | None = None, **changes: object
) -> list[Page]:
    return list(Pull(session(**changes), stream, parts or [part()]).pages(cursor))


def asked() -> list[str]:
    return [
        parse_qs(urlsplit(call.request.url).query)["q"][0]
        for call in responses.calls
        if "q=" in (call.request.url or "") and "q=SELECT+COUNT" not in (call.request.url or "")
    ]


def ids(pages: list[Page]) -> list[str]:
    return [id_ for page in pages for id_ in page.gone]


@responses.activate
def test_a_full_read_is_a_listing_and_then_the_changes_since_it_began() -> None:
    sign_in(), counts(3)
    responses.add(responses.GET, QUERY, json=page([1, 2], 3, "/services/data/v67.0/query/01g-2"))
    responses.add(responses.GET, f"{HOST}/services/data/v67.0/query/01g-2", json=page([3], 3))
    responses.add(responses.GET, QUERY_ALL, json=page([]), headers=NOON)
    pages = pull()
    assert ids(pages) == ["001", "002", "003"]
    assert asked() == [
        "SELECT Id, SystemModstamp, IsDeleted, Name FROM Thing ORDER BY Id",
        "SELECT Id, SystemModstamp, IsDeleted, Name FROM Thing WHERE (SystemModstamp >= 2026-11-22T11:50:00.000Z) ORDER BY SystemModstamp, Id",
    ]
    assert pages[-1].cursor["since"] == "2026-11-22T12:00:00Z"


@responses.activate
def test_a_killed_listing_goes_on_behind_the_last_page() -> None:
    sign_in(), counts(3)
    responses.add(responses.GET, QUERY, json=page([1, 2], 3, "/services/data/v67.0/query/01g-2"))
    first = next(iter(Pull(session(), THINGS, [part()]).pages(None)))
    counts(3)
    responses.add(responses.GET, QUERY, json=page([3]))
    responses.add(responses.GET, QUERY_ALL, json=page([]), headers=NOON)
    assert ids(pull(cursor=first.cursor)) == ["003"]
    assert (
        asked()[1]
        == "SELECT Id, SystemModstamp, IsDeleted, Name FROM Thing WHERE (Id > 'a00000000000002AAA') ORDER BY Id"
    )


@responses.activate
def test_changes_with_the_same_stamp_are_split_by_id() -> None:
    sign_in()
    cursor = pull_listing()
    responses.replace(responses.GET, QUERY_ALL, json=page([1, 2], 3, "/services/data/v67.0/query/01g-2"))
    here = next(iter(Pull(session(), THINGS, [part()]).pages(cursor)))
    pages = Pull(session(), THINGS, [part()]).pages(here.cursor)
    responses.replace(responses.GET, QUERY_ALL, json=page([3]))
    assert ids(list(pages)) == ["003"]
    assert (
        "((SystemModstamp = 2026-11-22T11:00:00.000Z AND Id > 'a00000000000002AAA') OR SystemModstamp > 2026-11-22T11:00:00.000Z)"
        in asked()[-1]
    )


def pull_listing(stream: Stream = THINGS, **changes: Any) -> dict[str, Any]:
    responses.add(responses.GET, QUERY, json=page([]), headers=NOON)
    responses.add(responses.GET, QUERY_ALL, json=page([]), headers=NOON)
    return pull(stream, **changes)[-1].cursor


@responses.activate
def test_a_place_that_salesforce_forgot_is_found_again_by_id() -> None:
    sign_in(), counts(3)
    lost = [{"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}]
    responses.add(responses.GET, QUERY, json=page([1, 2], 3, "/services/data/v67.0/query/01g-2"))
    responses.add(responses.GET, f"{HOST}/services/data/v67.0/query/01g-2", json=lost, status=400)
    responses.add(responses.GET, QUERY, json=page([3]))
    responses.add(responses.GET, QUERY_ALL, json=page([]), headers=NOON)
    assert ids(pull()) == ["001", "002", "003"]


@responses.activate
def test_fewer_records_than_announced_end_the_pass_before_the_cursor_moves() -> None:
    sign_in()
    responses.add(responses.GET, QUERY, json=page([1], 2))
    with pytest.raises(Unavailable, match="announced 2 records of Thing but returned 1"):
        pull()


@responses.activate
def test_a_listing_of_leads_has_one_name_and_an_end() -> None:
    sign_in()
    responses.add(responses.GET, QUERY, json={"totalSize": 2, "done": True, "records": []})
    responses.replace(responses.GET, QUERY, json={"totalSize": 2, "done": True, "records": records(1, 2)})
    responses.add(responses.GET, QUERY_ALL, json=page([]), headers=NOON)
    pages = pull(PEOPLE)
    assert {page.listing for page in pages[:-1]} == {pages[0].listing}
    assert [page.listed for page in pages] == [False, True, False]
    assert pages[0].total == 2


@responses.activate
def test_changed_settings_read_everything_anew() -> None:
    sign_in()
    cursor = pull_listing()
    responses.calls.reset()
    pull(cursor=cursor, parts=[StreamObject("Thing", ("Name", "Other"), contents)])
    assert "ORDER BY Id" in asked()[0]


@responses.activate
@pytest.mark.parametrize("date", ["Sun, 22 Nov 2099 12:00:00 GMT", "today", "Sun, 99 Nov 2026 12:00:00 GMT", ""])
def test_a_wrong_or_missing_date_never_moves_a_cursor_past_our_own_clock(date: str) -> None:
    sign_in()
    responses.add(responses.GET, QUERY, json=page([]), headers={"Date": date})
    responses.add(responses.GET, QUERY_ALL, json=page([]), headers={"Date": date})
    assert datetime.fromisoformat(pull()[-1].cursor["since"]) <= datetime.now(UTC)


@responses.activate
def test_a_clock_set_back_takes_nothing_back_that_was_read() -> None:
    sign_in()
    cursor = pull_listing()
    responses.replace(responses.GET, QUERY_ALL, json=page([]), headers={"Date": "Thu, 01 Jan 1970 00:00:00 GMT"})
    assert pull(cursor=cursor)[-1].cursor["since"] == cursor["since"]


@responses.activate
def test_formulas_are_read_again_on_schedule_and_changes_are_not_forgotten() -> None:
    sign_in()
    cursor = pull_listing()
    responses.calls.reset()
    silent = Pull(session(formulas_every="1d"), THINGS, [part()], lambda: True)
    list(silent.pages(cursor | {"listed_at": "2026-11-21T11:00:00Z"}))
    assert [query.rpartition("ORDER BY ")[2] for query in asked()] == ["SystemModstamp, Id", "Id", "SystemModstamp, Id"]
    responses.calls.reset()
    list(silent.pages(cursor | {"listed_at": "2026-11-21T13:00:00Z"}))
    assert len(asked()) == 1


@responses.activate
def test_changed_records_outside_the_filter_count_as_deleted() -> None:
    sign_in()
    cursor = pull_listing(parts=[part(filter="Name != 'x'")])
    responses.replace(responses.GET, QUERY_ALL, json=page([1, 2]))
    responses.replace(responses.GET, QUERY, json={"totalSize": 1, "done": True, "records": [{"Id": full(2)}]})
    assert ids(pull(cursor=cursor, parts=[part(filter="Name != 'x'")])) == ["001!", "002"]
    assert "Name != 'x'" not in asked()[-2]


def csv(*numbers: int) -> bytes:
    head = '"Id","SystemModstamp","IsDeleted","Name"\n'
    return (head + "".join(f'"{full(number)}","{STAMP}","false","n"\n' for number in numbers)).encode()


def add_job(*pages: tuple[bytes, str], found: int, state: str = "JobComplete") -> None:
    responses.add(responses.POST, JOBS, json={"id": "750", "state": "UploadComplete"})
    responses.add(responses.GET, f"{JOBS}/750", json={"id": "750", "state": "InProgress"})
    responses.add(responses.GET, f"{JOBS}/750", json={"id": "750", "state": state, "numberRecordsProcessed": found})
    for body, locator in pages:
        headers = {"Sforce-Locator": locator, "Sforce-NumberOfRecords": str(max(body.count(b"\n") - 1, 0))}
        responses.add(responses.GET, f"{JOBS}/750/results", body=body, headers=headers, content_type="text/csv")


@responses.activate
def test_a_large_result_is_read_through_a_job() -> None:
    sign_in(), counts(3)
    responses.add(responses.GET, QUERY_ALL, json=page([]), headers=NOON)
    add_job((csv(1, 2), "MQ"), (csv(3), "null"), found=3)
    pages = pull(bulk_reads_above=1)
    assert ids(pages) == ["001", "002", "003"]
    assert [page.cursor.get("job") for page in pages] == ["750", "750", None, None, None]
    assert b"ORDER BY" not in responses.calls[2].request.body


@responses.activate
def test_a_first_page_tells_that_a_job_is_worth_it_where_salesforce_does_not_count() -> None:
    sign_in()
    slow = [{"errorCode": "QUERY_TIMEOUT", "message": "running for too long"}]
    responses.add(responses.GET, QUERY, json=slow, status=400)
    responses.add(responses.GET, QUERY, json=page([1], 5, MORE))
    responses.add(responses.GET, QUERY_ALL, json=page([]), headers=NOON)
    add_job((csv(1, 2, 3), "null"), found=3)
    assert ids(pull(bulk_reads_above=1)) == ["001", "002", "003"]


@responses.activate
def test_a_killed_job_is_taken_up_at_its_page() -> None:
    sign_in(), counts(3)
    add_job((csv(1, 2), "MQ"), found=3)
    pages = Pull(session(bulk_reads_above=1), THINGS, [part()]).pages(None)
    cursor = [next(pages), next(pages)][-1].cursor
    responses.reset(), sign_in(), counts(3)
    add_job((csv(3), "null"), found=3)
    responses.add(responses.GET, QUERY_ALL, json=page([]), headers=NOON)
    assert ids(pull(cursor=cursor, bulk_reads_above=1)) == ["003"]
    assert not [call for call in responses.calls if call.request.method == "POST" and call.request.url == JOBS]


@responses.activate
def test_a_job_that_salesforce_forgot_is_started_again() -> None:
    sign_in(), counts(2)
    add_job((csv(1), "MQ"), found=2)
    cursor = next(iter(Pull(session(bulk_reads_above=1), THINGS, [part()]).pages(None))).cursor
    responses.reset(), sign_in(), counts(2)
    responses.add(responses.GET, f"{JOBS}/750", json=[{"errorCode": "NOT_FOUND", "message": "gone"}], status=404)
    responses.add(responses.GET, QUERY, json=page([1, 2]))
    responses.add(responses.GET, QUERY_ALL, json=page([]), headers=NOON)
    assert ids(pull(cursor=cursor)) == ["001", "002"]


@responses.activate
def test_rows_missing_from_a_job_end_the_pass() -> None:
    sign_in(), counts(3)
    add_job((csv(1, 2), "null"), found=3)
    with pytest.raises(Unavailable, match="announced 3 records of Thing but returned 2"):
        pull(bulk_reads_above=1)


@responses.activate
def test_a_page_shorter_than_its_header_ends_the_pass() -> None:
    sign_in(), counts(3)
    responses.add(responses.POST, JOBS, json={"id": "750", "state": "UploadComplete"})
    responses.add(responses.GET, f"{JOBS}/750", json={"id": "750", "state": "JobComplete", "numberRecordsProcessed": 2})
    responses.add(
        responses.GET,
        f"{JOBS}/750/results",
        body=csv(1),
        headers={"Sforce-Locator": "null", "Sforce-NumberOfRecords": "2"},
    )
    with pytest.raises(Unavailable, match="announced 2 records of Thing but returned 1"):
        pull(bulk_reads_above=1)


@responses.activate
def test_a_job_that_failed_says_why() -> None:
    sign_in(), counts(3)
    responses.add(responses.POST, JOBS, json={"id": "750", "state": "UploadComplete"})
    failed = {"id": "750", "state": "Failed", "errorMessage": "INVALID_FIELD: No such column 'Nam'"}
    responses.add(responses.GET, f"{JOBS}/750", json=failed)
    with pytest.raises(ConfigurationError, match="No such column 'Nam'"):
        pull(bulk_reads_above=1)


@responses.activate
def test_a_query_too_slow_for_rest_goes_through_a_job() -> None:
    sign_in()
    responses.add(
        responses.GET, QUERY, json=[{"errorCode": "QUERY_TIMEOUT", "message": "running for too long"}], status=400
    )
    responses.add(responses.GET, QUERY_ALL, json=page([]), headers=NOON)
    add_job((csv(1), "null"), found=1)
    assert ids(pull()) == ["001"]


@responses.activate
def test_a_query_too_long_for_an_address_goes_through_a_job() -> None:
    sign_in(), counts(0)
    responses.add(responses.GET, QUERY_ALL, json=page([]), headers=NOON)
    columns = tuple(f"A_very_long_name_of_a_field_number_{number}__c" for number in range(400))
    add_job((b"", "null"), found=0)
    add_job((b"", "null"), found=0)
    assert ids(pull(parts=[StreamObject("Thing", columns, contents)])) == []
    assert not asked()
