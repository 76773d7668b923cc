"""Provisioning fields and writing results over HTTP, with the obstacles of an org."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from leadgauge_sandbox.salesforce.state import Sandbox
from tests.pauses import Hurried
from tests.salesforce.sandboxed import (
    OUTPUTS,
    WANTED,
    connector,
    faulty,
    joined,
    pulled,
    served,
    settings,
    tell,
)
from vocabulary.outputs import Output
from vocabulary.writes import Pushed, Row

Org = tuple[Sandbox, str]
NAMES = [output.name for output in OUTPUTS]


BASES = count(0, 1000)


def results(leads: Sequence[str]) -> list[Row]:
    """Values that no test has written before."""
    score = next(BASES)
    values = {
        "lead_likelihood": 12.5,
        "lead_score_reasons": 'Zoë: +20 "x"\nnext',
        "lead_scored_at": datetime(2026, 1, 2, tzinfo=UTC),
    }
    return [
        Row(lead, {"lead_score": score + n, "lead_grade": "A+" if n % 2 else None, **values})
        for n, lead in enumerate(leads)
    ]


def answers(org: Org, rows: Sequence[Row], **changes: Any) -> list[Pushed]:
    return [answer for batch in connector(*org, Hurried(), **changes).push(rows) for answer in batch]


@pytest.fixture(scope="module")
def ready() -> Iterator[Org]:
    """An org with our fields, for read-only tests."""
    with served(60) as org:
        connector(*org).provision(OUTPUTS)
        yield org


@pytest.fixture
def own_ready(own_org: Org) -> Org:
    """An org with our fields, for a single test."""
    connector(*own_org).provision(OUTPUTS)
    return own_org


@pytest.fixture
def leads(ready: Org) -> list[str]:
    found: list[str] = joined(pulled(connector(*ready), "leads"), "leads")["lead"].unique(maintain_order=True).to_list()
    return found


WAYS = pytest.mark.parametrize("way", [{}, {"bulk_writes_above": 0}], ids=["collections", "bulk"])


@WAYS
def test_what_was_written_is_read_back(ready: Org, leads: list[str], way: dict[str, Any]) -> None:
    rows = results(leads)
    assert {answer.lead: answer.refusal for answer in answers(ready, rows, **way)} == dict.fromkeys(leads)
    assert connector(*ready).read(leads, NAMES) == {row.lead: row.values for row in rows}
    emptied = [Row(lead, dict.fromkeys(NAMES)) for lead in leads]
    answers(ready, emptied, **way)
    assert connector(*ready).read(leads, NAMES) == {row.lead: row.values for row in emptied}


@WAYS
def test_no_write_runs_the_assignment_rules_also_after_the_session_was_renewed(
    ready: Org, leads: list[str], way: dict[str, Any]
) -> None:
    with faulty(ready[1], "session-expired", 1.0, times=2):
        assert not any(answer.refusal for answer in answers(ready, results(leads), **way))
    assert ready[0].statistics.reassigned == 0


@WAYS
def test_each_refused_row_says_why_and_the_others_are_written(
    ready: Org, leads: list[str], way: dict[str, Any]
) -> None:
    sandbox, url = ready
    open_leads = [lead for lead in leads if lead.startswith("00Q")]
    converted, deleted, loser = open_leads[:3]
    tell(url, "convert", lead=converted)
    connector(*ready)._session.call("DELETE", f"sobjects/Lead/{deleted}")
    tell(url, "merge", survivor=open_leads[3], loser=loser)
    written = sandbox.statistics.rows_written
    told = {answer.lead: answer.refusal for answer in answers(ready, results(leads), **way)}
    refused = {lead: said for lead, said in told.items() if said}
    assert set(told) == set(leads)
    assert set(refused) == {converted, deleted, loser}
    assert refused[converted].code == "CANNOT_UPDATE_CONVERTED_LEAD"
    assert (refused[deleted].gone, refused[deleted].retry) == (True, False)
    assert (refused[loser].gone, refused[loser].retry) == (False, True)
    assert sandbox.statistics.rows_written - written == len(leads) - 3


@WAYS
def test_a_validation_rule_refuses_its_rows_only(ready: Org, leads: list[str], way: dict[str, Any]) -> None:
    with faulty(ready[1], "validation"):
        told = answers(ready, results(leads), **way)
    codes = {answer.refusal.code for answer in told if answer.refusal}
    assert codes == {"FIELD_CUSTOM_VALIDATION_EXCEPTION"}
    assert 0 < sum(answer.refusal is None for answer in told) < len(leads)


@WAYS
@pytest.mark.parametrize(
    ("fault", "chance"),
    [("row-lock", 0.2), ("503", 0.2), ("concurrent-limit", 0.2), ("no-charset", None)],
)
def test_what_passes_is_overcome(
    ready: Org, leads: list[str], way: dict[str, Any], fault: str, chance: float | None
) -> None:
    rows = results(leads)
    with faulty(ready[1], fault, chance):
        told = answers(ready, rows, **way)
    taken = {answer.lead for answer in told if answer.refusal is None}
    held = connector(*ready).read(leads, ["lead_score"])
    assert len(told) == len(leads)
    assert all(answer.refusal is None or answer.refusal.retry for answer in told)
    assert taken == {row.lead for row in rows if held[row.lead]["lead_score"] == row.values["lead_score"]}


@pytest.mark.parametrize("fault", ["bulk-failed", "bulk-unprocessed", "bulk-stalled"])
def test_whatever_becomes_of_a_job_every_row_has_a_true_answer(ready: Org, leads: list[str], fault: str) -> None:
    rows = results(leads)
    with faulty(ready[1], fault, 5 if fault == "bulk-stalled" else 1.0):
        told = answers(ready, rows, bulk_writes_above=0)
    held = connector(*ready).read(leads, ["lead_score"])
    assert sorted(answer.lead for answer in told) == sorted(leads)
    for answer, row in zip(
        sorted(told, key=lambda answer: answer.lead), sorted(rows, key=lambda row: row.lead), strict=True
    ):
        assert (answer.refusal is None) == (held[row.lead]["lead_score"] == row.values["lead_score"])


def test_provisioning_again_changes_nothing_and_costs_two_calls(ready: Org) -> None:
    before = ready[0].statistics.calls.total()
    done = connector(*ready).provision(OUTPUTS)
    assert {result.action for result in done} == {"unchanged"}
    assert ready[0].statistics.calls.total() - before == 3  # sign-in, and one describe per object


def test_a_second_scorecard_keeps_the_first_ones_rights(own_ready: Org) -> None:
    second = [
        Output(f"crm_{output.name}", output.label, output.type, output.description, output.choices)
        for output in OUTPUTS
    ]
    connector(*own_ready).provision(second)
    assert [finding for finding in connector(*own_ready).check() if finding.level == "error"] == []
    connector(*own_ready).remove(second)
    assert [finding for finding in connector(*own_ready).check() if finding.level == "error"] == []


def test_choices_are_added_and_none_taken_out(own_ready: Org) -> None:
    grade = next(output for output in OUTPUTS if output.type == "choice")
    renamed = Output(grade.name, grade.label, "choice", grade.description, ("A++", "A"))
    done = connector(*own_ready).provision([renamed])
    assert {(result.action, result.message) for result in done} == {("updated", "choices added: A++")}
    choices = connector(*own_ready)._descriptions.fields("Lead")["lead_grade__c"].choices
    assert set(choices) == {"A++", *grade.choices}


def test_choices_say_what_they_mean_and_follow_the_scorecard(own_ready: Org) -> None:
    """A changed sentence is written again, a new name gets its place, and a choice of before stays."""
    named = Output("lead_mood", "Mood", "choice", "", ("Hot", "Cold"), sentences=("Call today", ""))
    connector(*own_ready).provision([named])
    edited = replace(named, choices=("Now", "Hot"), sentences=("Drop everything", "Call this week"))
    done = connector(*own_ready).provision([edited])
    assert {(result.action, result.message) for result in done} == {("updated", "choices added: Now")}
    field = own_ready[0].org.objects["Lead"].fields["Lead_Mood__c"]
    assert field.values == ("Now", "Hot", "Cold")
    assert field.meanings == {"Now": "Drop everything", "Hot": "Call this week"}
    assert {one.action for one in connector(*own_ready).provision([edited])} == {"unchanged"}
    done = connector(*own_ready).provision([replace(edited, sentences=("Run", "Call this week"))])
    assert {(result.action, result.message) for result in done} == {("updated", "choices described: Now")}


def test_a_field_hidden_from_the_user_is_named_with_the_permission_set(own_ready: Org) -> None:
    tell(own_ready[1], "hidden", fields=["Lead.Title"])
    (finding,) = [finding for finding in connector(*own_ready).check() if finding.level == "error"]
    assert finding.subject == "fields.job_title"
    assert "Lead has no field 'Title'" in finding.message
    assert finding.remedy.endswith("Check the name, and that the permission set leadgauge grants the field.")


def test_an_object_that_is_not_there_is_said_once(ready: Org) -> None:
    visits = {
        "name": "v",
        "object": "Web_Visits__c",
        "time": "T__c",
        "lead": "L__c",
        "kind": "page_view",
        "url": "U__c",
    }
    (problem,) = problems(ready, activities={"sources": [visits]})
    assert "There is no object 'Web_Visits__c'" in problem
    assert (
        "Did you mean Web_Visit__c? Check the name, and that the permission set leadgauge grants the object" in problem
    )


def test_a_lead_is_found_by_its_address_and_linked(ready: Org) -> None:
    record = next(row for row in ready[0].org.rows("Contact") if row["Email"])
    salesforce = connector(*ready)
    assert salesforce.find(record["Email"].upper()) == record["Id"]
    assert salesforce.find("o'nobody\\@x.example") is None
    assert salesforce.links().of(record["Id"]) == f"{ready[1]}/lightning/r/Contact/{record['Id']}/view"
    assert salesforce.links().of("006") is None


def problems(org: Org, **changes: Any) -> list[str]:
    found = connector(*org, **changes).check()
    return [f"{finding.subject}: {finding.message} {finding.remedy}" for finding in found if finding.level == "error"]


def test_check_names_a_missing_output_field_and_the_permission_set(own_org: Org) -> None:
    found = problems(own_org)
    assert [one.split(" Lead_Score__c, ")[0] for one in found] == [
        "outputs: Contact lacks the output fields",
        "outputs: Lead lacks the output fields",
    ]
    assert "leadgauge provision" in found[0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"fields": {"job_title": "Titel"}},
            "fields.job_title: Contact has no field 'Titel' that the integration user can see. Did you mean Title",
        ),
        (
            {"fields": {"industry": {"Contact": "Acount.Industry"}}},
            "Contact has no parent 'Acount' that the integration user can see. Did you mean Account",
        ),
        (
            {"fields": {"industry": {"Contact": "Account.Industri"}}},
            "Account has no field 'Industri' that the integration user can see. Did you mean Industry",
        ),
        (
            {"fields": {"budget": "Title"}},
            "fields.budget: Contact.Title is of type string, but the scorecard declares number",
        ),
        ({"fields": {"country": "MailingAddress"}}, "made of several fields"),
        ({"objects": {"Lead": {"filter": "Nonsense = 'x'"}}}, "objects.Lead.filter: Salesforce refused a call."),
        ({"objects": {"Lead": {"filter": "Status = ("}}}, "objects.Lead.filter: Salesforce refused a call."),
        (
            {
                "activities": {
                    "sources": [
                        {"name": "v", "object": "Web_Visits__c", "time": "T__c", "lead": "L__c", "kind": "page_view"}
                    ]
                }
            },
            "Did you mean Web_Visit__c",
        ),
        (
            {
                "activities": {
                    "sources": [
                        {
                            "name": "v",
                            "object": "Web_Visit__c",
                            "time": "Occured_At__c",
                            "lead": "Lead__c",
                            "kind": "page_view",
                        }
                    ]
                }
            },
            "Did you mean Occurred_At__c",
        ),
    ],
)
def test_check_says_what_is_wrong_and_what_was_meant(ready: Org, changes: dict[str, Any], said: str) -> None:
    assert any(said in problem for problem in problems(ready, **changes)), problems(ready, **changes)


def test_check_of_a_revoked_user_says_so_alone(ready: Org) -> None:
    with faulty(ready[1], "revoked"):
        (problem,) = problems(ready)
    assert problem.startswith("auth: Salesforce refused the sign-in.")


@pytest.mark.parametrize("flow", ["jwt", "password"])
def test_every_flow_signs_in(ready: Org, flow: str, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = ready[0].credentials
    monkeypatch.setenv("SF_PEM", credentials.private_key or "")
    monkeypatch.setenv("SF_PASSWORD", credentials.password)
    monkeypatch.setenv("SF_TOKEN", credentials.security_token)
    settings(*ready)
    by_jwt = {"consumer_key": {"env": "SF_KEY"}, "private_key": {"env": "SF_PEM"}}
    by_password = {"password": {"env": "SF_PASSWORD"}, "security_token": {"env": "SF_TOKEN"}}
    auth = {"flow": flow, "username": credentials.username, **(by_jwt if flow == "jwt" else by_password)}
    found = connector(*ready, auth=auth).check()
    assert not [finding for finding in found if finding.level == "error"]
    assert any(finding.subject == "auth" for finding in found) == (flow == "password")


def test_a_wrong_password_is_tried_once(own_ready: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SF_PASSWORD", "wrong")
    auth = {
        "flow": "password",
        "username": own_ready[0].credentials.username,
        "password": {"env": "SF_PASSWORD"},
        "security_token": {"env": "SF_PASSWORD"},
    }
    (problem,) = problems(own_ready, auth=auth)
    assert "INVALID_LOGIN" in problem
    assert own_ready[0].sessions.refused == 1


def test_every_wanted_field_of_the_shipped_mapping_is_there(ready: Org) -> None:
    found = connector(*ready).check()
    assert not [
        finding for finding in found if finding.subject.removeprefix("fields.") in WANTED and finding.level != "note"
    ]


def test_a_person_account_that_is_refused_by_its_contact_is_written_through_its_account(own_ready: Org) -> None:
    """Its contact gets the values either way, and other people need no extra calls."""
    sandbox, url = own_ready
    persons, others = [], []
    for row in sandbox.org.rows("Contact"):
        if row["AccountId"] not in {known["AccountId"] for known in persons} and len(persons) < 2:
            persons.append(row)
        else:
            others.append(row)
    for row in persons:
        tell(url, "person", contact=row["Id"])
    rows = results([row["Id"] for row in [*persons, *others[:2]]])
    assert [answer.refusal for answer in answers(own_ready, rows)] == [None] * 4
    held = {row["Id"]: row["Lead_Score__c"] for row in sandbox.org.rows("Contact")}
    assert [held[row.lead] for row in rows] == [row.values["lead_score"] for row in rows]
