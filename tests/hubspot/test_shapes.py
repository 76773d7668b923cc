"""Real responses of HubSpot, and values as people type them."""

import json
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.hubspot import frames
from connectors.hubspot.answers import Answer, Complaint
from connectors.hubspot.contacts import merges
from connectors.hubspot.kinds import form_kinds
from connectors.hubspot.mapping import Fields
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.writing import _complaints
from connectors.odd import OddValues
from meaning.becoming import Becomes
from tests.recordings import reading
from vocabulary.fields import KEPT
from vocabulary.rows import ACCOUNTS, ACTIVITIES, LEADS, OUTCOMES


@pytest.fixture
def recorded() -> dict[str, Any]:
    """Bodies of real responses, by recording file."""
    return {row["source"].split("/test/")[-1]: row["response"] for row in reading.recorded("hubspot")}


def complaint(body: Any, status: int = 400) -> Complaint:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Complaint.of(Answer(status, {}, content))


def test_recorded_refusal_of_properties_names_each_once(recorded: dict[str, Any]) -> None:
    found = complaint(recorded["batch/update/contacts/err-many-invalid-properties.json"])
    assert found.code == "PROPERTY_DOESNT_EXIST"
    assert found.properties == ("first000name", "last000name")


def test_recorded_duplicate_ids_have_a_category_and_no_details(recorded: dict[str, Any]) -> None:
    assert complaint(recorded["batch/update/contacts/err-duplicate-ids.json"]).code == "VALIDATION_ERROR"


def test_recorded_partial_success_tells_the_unknown_id(recorded: dict[str, Any]) -> None:
    found = _complaints(recorded["batch/update/contacts/err-partial-success.json"])
    assert list(found) == ["unknownIdentifier888"]
    assert found["unknownIdentifier888"].gone


def test_recorded_missing_scope_is_in_the_context(recorded: dict[str, Any]) -> None:
    assert complaint(recorded["metadata-err-schemas-scope.json"], 403).scopes == ("custom-object-read",)


def test_recorded_error_without_category_still_has_a_message(recorded: dict[str, Any]) -> None:
    found = complaint(recorded["search/error-invalid-object.json"])
    assert found.message == "Unable to infer object type from: butterflies"
    assert found.code == "400"


def test_recorded_contacts_become_leads(recorded: dict[str, Any]) -> None:
    rows = recorded["read/objects-api/contacts-response.json"]["results"]
    found = frames.leads(rows, mapped({}, {}), OddValues())
    assert found.height == len(rows)
    assert found.null_count().row(0, named=True)["created_at"] == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>502</html>",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"errors": null}',
        b'{"context": []}',
        b'{"errors": [1, {}]}',
    ],
)
def test_error_body_of_any_shape_is_a_complaint(body: Any) -> None:
    found = complaint(body, 502)
    assert found.message
    assert found.code == "502"


def mapped(mapping: dict[str, str], types: dict[str, Any]) -> Fields:
    token = {"env": "X"}
    return Fields.of(HubSpotSettings.model_validate({"crm": "hubspot", "token": token, "fields": mapping}), types)


def converted(values: list[Any], type_: Any, source: str = "p") -> tuple[list[Any], int]:
    odd = OddValues()
    rows = [{"id": str(n), "properties": {"p": value}} for n, value in enumerate(values)]
    frame = frames.leads(rows, mapped({"f": source}, {"f": type_}), odd)
    assert frame.schema["f"] == KEPT[type_]
    return frame["f"].to_list(), odd.counts["f"]


def test_numbers_that_are_none_are_counted_and_missing() -> None:
    values, odd = converted(["12.5", " 7 ", "", None, "1,200", "1e400", "nan", "-3"], "number")
    assert values == [12.5, 7.0, None, None, None, None, None, -3.0]
    assert odd == 3


def test_flags_are_read_in_any_case() -> None:
    values, odd = converted(["true", "FALSE", "Yes", "0", "", "maybe"], "flag")
    assert values == [True, False, True, False, None, None]
    assert odd == 1


def test_times_come_as_iso_date_or_milliseconds() -> None:
    values, odd = converted(["2026-01-02T03:04:05.678Z", "2026-01-02", "1767323045678", "1/2/26", ""], "time")
    assert values == ["2026-01-02T03:04:05.678000Z", "2026-01-02", "2026-01-02T03:04:05.678000Z", None, None]
    assert odd == 1


def test_milliseconds_of_midnight_are_the_day_of_a_date_property() -> None:
    values, _ = converted(["1767312000000", "1767312000001", "2026-01-02T00:00:00Z", "2026-02-30"], "time")
    assert values == ["2026-01-02", "2026-01-02T00:00:00.001000Z", "2026-01-02T00:00:00Z", None]


def test_dates_stay_dates() -> None:
    values, odd = converted(["2026-01-02", "1767312000000", "2026-01-02T23:30:00Z", "soon", ""], "date")
    assert values == [date(2026, 1, 2)] * 3 + [None, None]
    assert odd == 1


def test_lists_are_cut_at_semicolons() -> None:
    assert converted(["a;b", " a ; ; b;", ";", ""], "list") == ([["a", "b"], ["a", "b"], None, None], 0)


def test_derived_values_are_typed_and_what_tells_nothing_is_counted_where_it_should_not_be_there() -> None:
    assert converted(["1,001", "10k", "many", None], "number", "number(p)") == ([1001.0, 10_000.0, None, None], 1)
    assert converted(["11-50", "50+"], "number", "range(p)") == ([30.5, 50.0], 0)
    assert converted(["VP Sales", "", "n/a"], "text", "seniority(p)") == (["vp", None, None], 0)
    assert converted(["Deutschland", "Atlantis"], "text", "country(p)") == (["DE", None], 1)
    assert converted(["a@gmail.com", "a@x.example"], "flag", "free_mailbox(p)") == ([True, False], 0)
    assert converted(["VP Sales"], "number", "seniority(p)") == ([None], 0)


def test_first_property_that_tells_counts() -> None:
    rows = [
        {"id": "1", "properties": {"hs_seniority": "director", "jobtitle": "CEO"}},
        {"id": "2", "properties": {"hs_seniority": None, "jobtitle": "CEO"}},
        {"id": "3", "properties": {"hs_seniority": None, "jobtitle": None}},
    ]
    fields = mapped({"seniority": "seniority(hs_seniority, jobtitle)"}, {"seniority": "text"})
    assert frames.leads(rows, fields, OddValues())["seniority"].to_list() == ["director", "c-level", None]


@given(
    st.lists(st.one_of(st.none(), st.text(max_size=30), st.integers(), st.floats(), st.booleans()), max_size=20),
    st.sampled_from(sorted(KEPT)),
)
@example(["-62135596800001"], "date")
def test_no_value_raises(values: list[Any], type_: Any) -> None:
    found, _ = converted(values, type_)
    assert len(found) == len(values)


def test_empty_frames_have_the_schema() -> None:
    nothing = OddValues()
    assert frames.leads([], mapped({}, {}), nothing).schema == LEADS
    assert frames.accounts([], mapped({}, {}), nothing).schema == ACCOUNTS
    assert frames.activities([]).schema == ACTIVITIES
    assert pl.DataFrame([], OUTCOMES).schema == OUTCOMES


def test_merged_ids_are_read_from_both_properties_without_the_survivor() -> None:
    row = {
        "id": "3",
        "properties": {"hs_merged_object_ids": "1;2", "hs_calculated_merged_vids": "2:1690000000000;3:1690000000000"},
    }
    assert merges([row]) == {"1": "3", "2": "3"}


@pytest.mark.parametrize(
    ("name", "url", "kind"),
    [
        ("Book a Demo", None, "demo_request"),
        ("Book a Demo", "https://x.example/pricing", "demo_request"),
        ("Newsletter", "https://x.example/pricing", "newsletter_signup"),
        ("Form 12", "https://x.example/pricing", "pricing_request"),
        (None, "https://x.example/free-trial", "trial_start"),
        ("Form 12", "https://x.example/", "form_submit"),
        (None, None, "form_submit"),
    ],
)
def test_name_of_a_form_decides_and_its_page_only_where_the_name_says_nothing(
    name: str, url: str | None, kind: str
) -> None:
    assert form_kinds((), "form_submit")([(name, url)]) == [kind]


@pytest.mark.parametrize(
    ("name", "url", "kind"),
    [
        ("Newsletter for partners", None, "partner"),
        ("Newsletter", "https://x.example/partners", "newsletter_signup"),
        ("Form 12", "https://x.example/partners", "partner"),
    ],
)
def test_patterns_of_the_settings_go_before_the_shipped_words(name: str, url: str | None, kind: str) -> None:
    assert form_kinds([Becomes(match="partner", kind="partner")], "form_submit")([(name, url)]) == [kind]


def test_seconds_since_1970_in_a_time_field_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    values, _ = converted(["1767323045", "1767323045678"], "time")
    assert [value[:4] for value in values] == ["1970", "2026"]
    assert "1 values of the time field f lie in early 1970" in caplog.text
