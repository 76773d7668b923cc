"""Problems are found before a run; our properties are created and removed without touching others."""

import re
from dataclasses import replace
from typing import Any

import pytest
import requests

from connectors.base import ConfigurationError
from connectors.hubspot import HubSpot
from connectors.hubspot.properties import definition
from leadgauge_sandbox.hubspot.properties import Property
from tests.hubspot.conftest import OUTPUTS, WANTED, Account
from vocabulary.outputs import Output
from vocabulary.provisioned import Provisioned


def said(connector: HubSpot, level: str) -> dict[str, str]:
    return {
        finding.subject: f"{finding.message} {finding.remedy}"
        for finding in connector.check()
        if finding.level == level
    }


def test_ready_account_has_no_errors(full_account: Account) -> None:
    connector = full_account.connect()
    connector.provision(OUTPUTS)
    assert said(connector, "error") == {}
    assert said(connector, "warning").keys() == {"activities.email_events"}  # an end that HubSpot announced


def test_currency_of_amounts_is_named(account: Account) -> None:
    assert "Amounts of money are in USD" in said(account.connect(), "note")["account"]


def test_missing_output_properties_are_named(account: Account) -> None:
    errors = said(account.connect(), "error")
    assert "lead_score, lead_grade" in errors["outputs"]
    assert "provision" in errors["outputs"]


def test_mapped_property_that_the_portal_lacks_is_named_with_the_nearest(account: Account) -> None:
    connector = account.connect(
        fields={"job_title": "jobtitel", "industry": "company.industri", "budget": "budget_amount"}
    )
    connector.provision(OUTPUTS)
    errors = said(connector, "error")
    assert "Did you mean jobtitle?" in errors["fields.job_title"]
    assert "Did you mean company.industry?" in errors["fields.industry"]


def test_mapped_property_of_the_wrong_type_is_named(account: Account) -> None:
    connector = account.connect({"budget": "time"}, fields={"budget": "hs_email_optout"})
    connector.provision(OUTPUTS)
    assert "hs_email_optout is of type bool" in said(connector, "error")["fields.budget"]


def test_text_property_on_a_number_is_a_warning_that_says_what_to_write(account: Account) -> None:
    warnings = said(account.connect({"size": "number"}, fields={"size": "jobtitle"}), "warning")
    assert "`range(jobtitle)` for 11-50" in warnings["fields.size"]
    assert "fields.size" not in said(account.connect({"size": "number"}, fields={"size": "range(jobtitle)"}), "warning")


def test_derivation_of_another_type_than_the_field_is_named(account: Account) -> None:
    errors = said(account.connect({"size": "number"}, fields={"size": "seniority(jobtitle)"}), "error")
    assert "seniority(…) gives a text" in errors["fields.size"]
    assert (
        "Did you mean jobtitle"
        in said(account.connect(fields={"job_title": "seniority(jobtitel)"}), "error")["fields.job_title"]
    )


def test_field_without_a_property_is_a_warning(account: Account) -> None:
    connector = account.connect({**WANTED, "is_student": "flag"})
    assert "is_student: PROPERTY" in said(connector, "warning")["is_student"]


def test_missing_scope_names_the_scope(full_account: Account) -> None:
    full_account.portal.faults.set("missing-scope", "crm.objects.companies.read")
    connector = full_account.connect()
    errors = said(connector, "error")
    assert any("crm.objects.companies.read" in message for message in errors.values())


def test_missing_write_scope_is_found_without_writing(full_account: Account) -> None:
    connector = full_account.connect()
    connector.provision(OUTPUTS)
    full_account.portal.faults.set("missing-scope", "crm.objects.contacts.write")
    assert "crm.objects.contacts.write" in said(connector, "error")["contacts"]
    assert [one for one in connector.check(reads_only=True) if one.level == "error"] == []


def test_source_that_the_tier_does_not_give_is_said_once_and_skipped(full_account: Account) -> None:
    full_account.portal.enterprise = False
    connector = full_account.connect()
    connector.provision(OUTPUTS)
    warnings = said(connector, "warning")
    assert list(warnings) == ["events", "activities.email_events", "activities.forms"]  # the last two end in 2027
    assert said(connector, "error") == {}
    for stream in connector.streams():
        if stream.name.startswith("events"):
            assert list(connector.pull(stream, None)) == []


def test_forms_are_listed_with_their_kind_and_number_of_submissions(full_account: Account) -> None:
    connector = full_account.connect(activities={"by_form": [{"match": "contact us", "kind": "hello"}]})
    notes = [finding.message for finding in connector.overview() if finding.subject == "forms"]
    demo, newsletter, contact = (
        next(note for note in notes if f"'{name}'" in note) for name in ("Request a demo", "Newsletter", "Contact us")
    )
    assert re.search("becomes demo_request, with [0-9]+ submissions.*: words of its name say so", demo)
    assert re.search("becomes newsletter_signup, with [0-9]+ submissions.*: words of its name say so", newsletter)
    assert re.search("becomes hello, with [0-9]+ submissions.*: `activities.by_form` says so", contact)


def test_event_types_that_are_not_read_are_listed(full_account: Account) -> None:
    notes = {finding.subject: finding.message for finding in full_account.connect().overview()}
    assert "e_visited_page becomes page_view" in notes["events"]
    assert "not read: e_ad_interaction" in notes["events"]


def test_completed_tasks_are_counted_by_type(full_account: Account) -> None:
    for type_ in ("CALL", "CALL", "TODO"):
        full_account.add("tasks", hs_task_status="COMPLETED", hs_task_type=type_)
    assert (
        "are not read: 2 of type CALL, 1 of type TODO" in [one.message for one in full_account.connect().overview()][-1]
    )


def test_refused_token_stops_the_check_with_the_setting(account: Account) -> None:
    account.portal.faults.set("revoked-token")
    with pytest.raises(ConfigurationError, match="HUBSPOT_TEST_TOKEN"):
        account.connect().check()


def definitions(account: Account) -> dict[str, Property]:
    return account.portal.table("contacts").definitions


def actions(found: list[Provisioned]) -> dict[str, str]:
    return {one.output: one.action for one in found}


def test_provisioning_creates_group_and_properties_then_changes_nothing(account: Account) -> None:
    connector = account.connect()
    assert set(actions(connector.provision(OUTPUTS)).values()) == {"created"}
    assert definitions(account)["lead_score"].body["groupName"] == "leadgauge"
    assert definitions(account)["lead_grade"].options == {"A", "B", "C"}
    assert set(actions(connector.provision(OUTPUTS)).values()) == {"unchanged"}


def test_options_are_added_and_never_removed(account: Account) -> None:
    connector = account.connect()
    connector.provision(OUTPUTS)
    changed = Output("lead_grade", "Lead grade", "choice", "Letter.", choices=("A", "D"))
    assert actions(connector.provision([changed])) == {"lead_grade": "updated"}
    assert definitions(account)["lead_grade"].options == {"A", "B", "C", "D"}


def theirs(account: Account, output: Output, **changes: Any) -> dict[str, Any]:
    """Create a property with the name of an output as a user does, and return it."""
    path = f"{account.url}/crm/v3/properties/contacts"
    headers = {"Authorization": f"Bearer {account.portal.tokens.static}"}
    wish = definition(output) | {"groupName": "contactinformation", "description": "Ours since 2019."} | changes
    requests.post(path, json=wish, headers=headers, timeout=10).raise_for_status()
    return dict(definitions(account)[output.name].body)


def patched(account: Account, name: str, **changes: Any) -> None:
    """Change a property as an admin does."""
    path = f"{account.url}/crm/v3/properties/contacts/{name}"
    headers = {"Authorization": f"Bearer {account.portal.tokens.static}"}
    requests.patch(path, json=changes, headers=headers, timeout=10).raise_for_status()


GRADE = OUTPUTS[1]


def test_property_of_somebody_else_is_a_clash_and_left_alone(account: Account) -> None:
    """Its label, description and options stay; `check` and `provision` suggest a prefix or adopting it."""
    before = theirs(account, GRADE, label="Note", options=definition(GRADE)["options"][:1])
    connector = account.connect()
    (found,) = [one for one in connector.provision(OUTPUTS) if one.action == "clash"]
    assert (found.output, found.origin) == ("lead_grade", None)
    assert "in the group contactinformation" in found.message
    assert "--adopt lead_grade" in found.message
    assert definitions(account)["lead_grade"].body == before
    assert "--adopt lead_grade" in said(connector, "error")["lead_grade"]


NAMED = Output("lead_priority", "Priority", "choice", "", ("Hot", "Cold"), sentences=("Call today", ""))


def test_options_say_what_they_mean_and_follow_the_scorecard(account: Account) -> None:
    """A changed sentence is written again, a new name gets its place, and an option of before stays."""
    connector = account.connect()
    connector.provision([NAMED])
    edited = replace(NAMED, choices=("Now", "Hot"), sentences=("Drop everything", "Call this week"))
    (done,) = connector.provision([edited])
    assert (done.action, done.message) == ("updated", "options added: Now")
    options = definitions(account)["lead_priority"].body["options"]
    assert [(option["value"], option["description"], option["displayOrder"]) for option in options] == [
        ("Now", "Drop everything", 0),
        ("Hot", "Call this week", 1),
        ("Cold", "", 2),
    ]
    (done,) = connector.provision([replace(edited, sentences=("Run", "Call this week"))])
    assert (done.action, done.message) == ("updated", "options described: Now")
    assert definitions(account)["lead_priority"].body["options"][0]["description"] == "Run"
    (done,) = connector.provision([NAMED])
    assert (done.action, done.message) == ("updated", "options described: Hot")


def test_adopting_a_property_only_adds_options(account: Account) -> None:
    """Its label, description and options stay, and removal does not delete it."""
    options = [{"label": "Gut", "value": "A"}, {"label": "Unbekannt", "value": "?"}]
    before = theirs(account, GRADE, label="Note", options=options)
    connector = account.connect()
    done = {one.output: one for one in connector.provision(OUTPUTS, adopt=["lead_grade"])}
    assert (done["lead_grade"].action, done["lead_grade"].message) == ("adopted", "options added: B, C")
    after = definitions(account)["lead_grade"].body
    assert [option["value"] for option in after["options"]] == ["A", "?", "B", "C"]
    assert {**after, "options": 0, "updatedAt": 0} == {**before, "options": 0, "updatedAt": 0}
    known = {one.field: one.origin for one in done.values() if one.origin}
    assert [finding for finding in connector.check(known) if finding.level == "error"] == []
    assert actions(connector.remove(OUTPUTS, known))["lead_grade"] == "released"
    assert not definitions(account)["lead_grade"].archived


def test_options_that_an_answer_lacks_are_not_taken_for_none(account: Account) -> None:
    """HubSpot replaces all options: adding ours to a response without any would erase theirs."""
    options = [{"label": "Gut", "value": "A"}, {"label": "Unbekannt", "value": "?"}]
    theirs(account, GRADE, label="Note", options=options)
    account.app.state.mischief.set("missing-key", "results.options", times=1, path="properties/contacts")
    account.connect().provision(OUTPUTS, adopt=["lead_grade"])
    after = definitions(account)["lead_grade"].body
    assert [option["value"] for option in after["options"]] == ["A", "?", "B", "C"]


def test_adopting_a_name_that_no_output_has_is_refused(account: Account) -> None:
    with pytest.raises(ConfigurationError, match=r"called lead_grad\. `--adopt` takes one of: lead_score, lead_grade"):
        account.connect().provision(OUTPUTS, adopt=["lead_grad"])
    assert "lead_score" not in definitions(account)


@pytest.mark.parametrize(
    ("output", "changes", "wrong"),
    [
        (OUTPUTS[0], {"type": "string", "fieldType": "text"}, "is of type string, but the results need number"),
        (OUTPUTS[0], {"fieldType": "calculation_equation"}, "is calculated or read-only"),
        (OUTPUTS[0], {"hasUniqueValue": True}, "takes each value once only"),
        (GRADE, {"externalOptions": True, "options": []}, "lacks the options A, B, C, and HubSpot lets none be added"),
    ],
)
def test_property_that_cannot_hold_results_is_named_before_rows_are_refused(
    account: Account, output: Output, changes: dict[str, Any], wrong: str
) -> None:
    """Neither adopting nor having created it helps."""
    before = theirs(account, output, **changes)
    connector = account.connect()
    (found,) = connector.provision([output], adopt=[output.name])
    assert found.action == "clash"
    assert wrong in found.message
    assert "Set a `prefix`" in found.message
    (finding,) = [one for one in connector.check({output.name: "made"}) if one.subject == output.name]
    assert wrong in finding.message
    assert definitions(account)[output.name].body == before


def test_property_that_we_made_stays_ours_when_an_admin_changes_it(account: Account) -> None:
    """The store remembers it: an admin may change its group, label or description, and that is kept."""
    connector = account.connect()
    known = {one.field: one.origin for one in connector.provision(OUTPUTS) if one.origin}
    patched(account, "lead_grade", groupName="contactinformation", label="Note", description="Read the wiki.")
    assert set(actions(connector.provision(OUTPUTS, known)).values()) == {"unchanged"}
    assert definitions(account)["lead_grade"].body["label"] == "Note"
    assert [finding for finding in connector.check(known) if finding.level == "error"] == []
    assert set(actions(connector.remove(OUTPUTS, known)).values()) == {"removed"}


def test_removed_property_comes_back_under_its_name(account: Account) -> None:
    """HubSpot archives it; creating the name again restores it."""
    connector = account.connect()
    connector.provision(OUTPUTS)
    (removed, *_) = connector.remove(OUTPUTS)
    assert "for 90 days" in removed.message
    errors = said(connector, "error")
    assert "The property lead_grade was archived on 2026-" in errors["lead_grade"]
    assert "Run `leadgauge provision`, which brings it back" in errors["lead_grade"]
    assert "outputs" not in errors
    done = connector.provision(OUTPUTS)
    assert {one.action for one in done} == {"restored"}
    assert all(one.is_new for one in done)
    assert said(connector, "error") == {}


def test_name_that_hubspot_does_not_give_back_is_a_clash_with_a_way_out(account: Account) -> None:
    connector = account.connect()
    connector.provision(OUTPUTS)
    connector.remove(OUTPUTS)
    account.portal.faults.set("archived-name-taken")
    done = connector.provision(OUTPUTS)
    assert {one.action for one in done} == {"clash"}
    assert all(one.origin is None for one in done)
    assert "Set a `prefix`" in done[0].message
    assert "by hand (Settings > Properties > Archived)" in done[0].message


def test_archived_property_of_somebody_else_is_not_brought_back(account: Account) -> None:
    """Creating the name would restore it with our definition."""
    theirs(account, GRADE)
    path = f"{account.url}/crm/v3/properties/contacts/lead_grade"
    headers = {"Authorization": f"Bearer {account.portal.tokens.static}"}
    requests.delete(path, headers=headers, timeout=10).raise_for_status()
    connector = account.connect()
    done = actions(connector.provision(OUTPUTS))
    assert done.pop("lead_grade") == "clash"
    assert set(done.values()) == {"created"}
    assert definitions(account)["lead_grade"].archived
    assert (
        "The name lead_grade belongs to a property that was archived on 2026-" in said(connector, "error")["lead_grade"]
    )


def test_property_in_use_is_named_and_the_others_are_removed(account: Account) -> None:
    connector = account.connect()
    connector.provision(OUTPUTS)
    account.portal.faults.set("property-in-use", "lead_grade")
    done = {one.output: one for one in connector.remove(OUTPUTS)}
    assert done["lead_grade"].action == "clash"
    assert "used in 2 places" in done["lead_grade"].message
    assert {one.action for name, one in done.items() if name != "lead_grade"} == {"removed"}


def test_dry_run_says_the_same_and_changes_nothing(account: Account) -> None:
    connector = account.connect()
    planned = connector.provision(OUTPUTS, dry_run=True)
    assert "lead_score" not in definitions(account)
    assert connector.provision(OUTPUTS) == planned
    removal = connector.remove(OUTPUTS, dry_run=True)
    assert not definitions(account)["lead_score"].archived
    assert connector.remove(OUTPUTS) == removal


def test_creation_whose_answer_is_lost_is_no_clash(account: Account) -> None:
    """It is sent again, and HubSpot says that the names exist: they are ours."""
    account.portal.faults.set("lost-answer", times=1, path="batch/create")
    assert set(actions(account.connect().provision(OUTPUTS)).values()) == {"created"}


def test_remove_takes_ours_out_and_nothing_else(account: Account) -> None:
    connector = account.connect()
    connector.provision(OUTPUTS)
    before = {name for name, found in definitions(account).items() if not found.archived}
    jobtitle = Output("jobtitle", "Job title", "text", "HubSpot's own.")
    found = actions(connector.remove([*OUTPUTS, jobtitle]))
    assert found.pop("jobtitle") == "unchanged"
    assert set(found.values()) == {"removed"}
    after = {name for name, found in definitions(account).items() if not found.archived}
    assert before - after == {output.name for output in OUTPUTS}
    assert actions(connector.remove(OUTPUTS)) == dict.fromkeys(found, "absent")
