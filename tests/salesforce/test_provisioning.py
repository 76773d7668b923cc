"""Other people's fields are never taken over, visible to the integration user or not."""

from pathlib import Path
from typing import Any

import pytest

from connectors.base import ConfigurationError
from leadgauge_sandbox.salesforce.customs import CustomFields
from leadgauge_sandbox.salesforce.state import Sandbox
from tests.salesforce.sandboxed import OUTPUTS, connector, tell
from vocabulary.outputs import Output
from vocabulary.provisioned import Provisioned

Org = tuple[Sandbox, str]
GRADES = {
    "label": "Note",
    "type": "Picklist",
    "description": "The assessment of 2019.",
    "valueSet": {
        "restricted": "true",
        "valueSetDefinition": {"value": [{"fullName": "Gold"}, {"fullName": "Silver"}, {"fullName": "A"}]},
    },
}
GRADE = next(output for output in OUTPUTS if output.name == "lead_grade")
SCORE = next(output for output in OUTPUTS if output.name == "lead_score")
REASONS = next(output for output in OUTPUTS if output.name == "lead_score_reasons")
LIKELIHOOD = next(output for output in OUTPUTS if output.name == "lead_likelihood")


def theirs(org: Org, name: str, properties: dict[str, Any], *, seen: bool) -> None:
    """Create a field as an admin does, visible to the integration user or not."""
    CustomFields(org[0].org).save(name, properties, create=True, update=False)
    if seen:
        org[0].org.guarded.discard(name)


def definition(org: Org, name: str) -> dict[str, Any]:
    found = CustomFields(org[0].org).read(name)
    assert found is not None
    return found


def choices(shown: dict[str, Any]) -> list[str]:
    return [value["fullName"] for value in shown["valueSet"]["valueSetDefinition"]["value"]]


def by_field(done: list[Provisioned]) -> dict[str, Provisioned]:
    return {one.field: one for one in done}


def errors(org: Org, known: Any = ()) -> dict[str, str]:
    found = connector(*org).check(dict(known))
    return {each.subject: f"{each.message} {each.remedy}" for each in found if each.level == "error"}


SEEN = pytest.mark.parametrize("seen", [False, True], ids=["hidden", "seen"])


@SEEN
@pytest.mark.parametrize(
    ("output", "properties"),
    [
        ("lead_grade", GRADES),
        ("lead_score", {"label": "Points", "type": "Number", "precision": "18", "scale": "2"}),
        ("lead_score", {"label": "Points", "type": "Number", "precision": "18", "scale": "2", "formula": "Budget__c"}),
    ],
    ids=["picklist", "number", "formula"],
)
def test_a_field_of_somebody_else_is_a_clash_and_stays(
    own_org: Org, output: str, properties: dict[str, Any], seen: bool
) -> None:
    """A restricted picklist lost its values and a Number(18, 2) became (18, 0): now the definition never changes."""
    name = {"lead_grade": "Lead.Lead_Grade__c", "lead_score": "Lead.Lead_Score__c"}[output]
    theirs(own_org, name, properties, seen=seen)
    before = definition(own_org, name)
    done = by_field(connector(*own_org).provision(OUTPUTS))
    assert (done[name].action, done[name].origin) == ("clash", None)
    assert "leadgauge did not make it" in done[name].message
    assert "Set a `prefix`" in done[name].message
    assert ("hidden from the integration user" in done[name].message) is not seen
    assert {one.action for field, one in done.items() if field != name} == {"created"}
    assert definition(own_org, name) == before
    assert "leadgauge did not make it" in errors(own_org)[name]


@SEEN
def test_adopting_a_field_adds_choices_and_rights_and_changes_nothing_else(own_org: Org, seen: bool) -> None:
    theirs(own_org, "Lead.Lead_Grade__c", GRADES, seen=seen)
    before = definition(own_org, "Lead.Lead_Grade__c")
    salesforce = connector(*own_org)
    done = by_field(salesforce.provision(OUTPUTS, adopt=["lead_grade"]))
    assert (done["Lead.Lead_Grade__c"].action, done["Lead.Lead_Grade__c"].origin) == ("adopted", "adopted")
    after = definition(own_org, "Lead.Lead_Grade__c")
    assert choices(after) == ["Gold", "Silver", "A", "A+", "B", "C", "D", "F"]
    assert after["valueSet"]["restricted"] is True
    assert after | {"valueSet": 0} == before | {"valueSet": 0}
    known = {one.field: one.origin for one in done.values()}
    assert errors(own_org, known) == {}
    removed = by_field(salesforce.remove(OUTPUTS, {field: origin for field, origin in known.items() if origin}))
    assert removed["Lead.Lead_Grade__c"].action == "released"
    assert {one.action for field, one in removed.items() if field != "Lead.Lead_Grade__c"} == {"removed"}
    assert definition(own_org, "Lead.Lead_Grade__c") == after


@pytest.mark.parametrize(
    ("output", "properties", "wrong"),
    [
        (
            SCORE,
            {"type": "Number", "precision": "3", "scale": "0"},
            "takes 3 digits before the point, but a result may",
        ),
        (SCORE, {"type": "Text", "length": "9"}, "and cannot hold a number"),
        (SCORE, {"type": "Number", "precision": "9", "scale": "0", "formula": "1 + 1"}, "is a formula"),
        (
            SCORE,
            {"type": "Number", "precision": "9", "scale": "0", "required": "true"},
            "is required, but a result may",
        ),
        (LIKELIHOOD, {"type": "Number", "precision": "9", "scale": "0"}, "keeps 0 decimals, but a result has 1"),
        (REASONS, {"type": "Text", "length": "80"}, "takes 80 characters, but a result may have 255"),
        (REASONS, {"type": "Text", "length": "255", "unique": "true"}, "takes each value once only"),
        (REASONS, {"type": "EncryptedText", "length": "175"}, "and cannot hold a text"),
    ],
    ids=["narrow", "type", "formula", "required", "decimals", "short", "unique", "encrypted"],
)
def test_a_field_that_cannot_hold_results_is_named_before_rows_are_refused(
    own_org: Org, output: Output, properties: dict[str, Any], wrong: str
) -> None:
    """Adopting it does not help, and the message says so."""
    salesforce = connector(*own_org)
    salesforce.provision([each for each in OUTPUTS if each != output])
    own = {"Lead": salesforce, "Contact": salesforce}
    names = {kind: by_field(own[kind].provision([output], dry_run=True)) for kind in own}
    (name,) = [field for field in names["Lead"] if field.startswith("Lead.")]
    theirs(own_org, name, {"label": "Theirs"} | properties, seen=True)
    before = definition(own_org, name)
    done = by_field(salesforce.provision([output], adopt=[output.name]))
    assert done[name].action == "clash"
    assert wrong in done[name].message
    assert "Set a `prefix`" in done[name].message
    assert wrong in errors(own_org, {name: "adopted"})[name]
    assert definition(own_org, name) == before


def test_rights_are_granted_and_fields_are_not_redefined(own_org: Org) -> None:
    """A hidden field of ours is granted; its label and help text stay as an admin wrote them."""
    salesforce = connector(*own_org)
    known = {one.field: one.origin for one in salesforce.provision(OUTPUTS) if one.origin}
    shown = definition(own_org, "Lead.Lead_Grade__c")
    theirs_now = shown | {"label": "Note", "description": "See the wiki.", "inlineHelpText": "See the wiki."}
    CustomFields(own_org[0].org).save("Lead.Lead_Grade__c", theirs_now, create=False, update=True)
    hide(own_org, "Lead.Lead_Grade__c")
    assert "hidden from the integration user. Run `leadgauge provision`" in errors(own_org, known)["Lead.Lead_Grade__c"]
    done = by_field(connector(*own_org).provision(OUTPUTS, known))
    assert done["Lead.Lead_Grade__c"].action == "granted"
    assert definition(own_org, "Lead.Lead_Grade__c") == theirs_now
    assert errors(own_org, known) == {}
    assert {one.action for one in connector(*own_org).remove(OUTPUTS, known)} == {"removed"}


def hide(org: Org, name: str) -> None:
    """Remove a field from every permission set."""
    rights = org[0].org.tables["FieldPermissions"]
    rights.purged.update(rights.find("Field", name))
    org[0].org.changed(rights.sobject)
    tell(org[1], "hidden", fields=[name])


def test_a_field_of_ours_that_is_too_short_now_is_made_longer_and_keeps_the_rest(own_org: Org) -> None:
    salesforce = connector(*own_org)
    salesforce.provision([Output(REASONS.name, "Reasons", "text", "Why.", length=80)])
    before = definition(own_org, "Lead.Lead_Score_Reasons__c")
    assert "takes 80 characters" in errors(own_org)["Lead.Lead_Score_Reasons__c"]
    assert "which widens it" in errors(own_org)["Lead.Lead_Score_Reasons__c"]
    done = by_field(salesforce.provision([REASONS]))
    assert done["Lead.Lead_Score_Reasons__c"].action == "updated"
    assert definition(own_org, "Lead.Lead_Score_Reasons__c") == before | {"length": 255}


def test_fields_of_an_older_version_are_known_by_their_description(own_org: Org) -> None:
    """Their help text lacks the mark, so the definition in Setup is read."""
    salesforce = connector(*own_org)
    salesforce.provision(OUTPUTS)
    for name in [f"{kind}.Lead_Score__c" for kind in ("Lead", "Contact")]:
        old = {key: value for key, value in definition(own_org, name).items() if key != "inlineHelpText"}
        CustomFields(own_org[0].org).save(name, old, create=False, update=True)
    assert errors(own_org) == {}
    assert {one.action for one in salesforce.provision(OUTPUTS)} == {"unchanged"}


def test_a_permission_set_of_somebody_else_keeps_its_name_and_rights(own_org: Org) -> None:
    """Only permissions are added, and it is not deleted with our fields."""
    sandbox, url = own_org
    theirs(own_org, "Lead.Other__c", {"label": "Other", "type": "Text", "length": "9"}, seen=False)
    salesforce = connector(sandbox, url, permission_set="sales_ops")
    body = {"Name": "sales_ops", "Label": "Sales operations", "Description": "Ours."}
    salesforce._session.call("POST", "sobjects/PermissionSet", body=body)
    salesforce.provision(OUTPUTS)
    (found,) = [row for row in sandbox.org.rows("PermissionSet") if row["Name"] == "sales_ops"]
    assert (found["Label"], found["Description"]) == ("Sales operations", "Ours.")
    salesforce.remove(OUTPUTS)
    assert [row["Label"] for row in sandbox.org.rows("PermissionSet") if row["Name"] == "sales_ops"]


def test_a_field_in_use_is_named_and_the_others_are_removed(own_org: Org) -> None:
    salesforce = connector(*own_org)
    salesforce.provision(OUTPUTS)
    tell(own_org[1], "referenced", fields=["Lead.Lead_Grade__c"])
    done = by_field(salesforce.remove(OUTPUTS))
    assert done["Lead.Lead_Grade__c"].action == "clash"
    assert "Flow - Lead Routing" in done["Lead.Lead_Grade__c"].message
    assert {one.action for field, one in done.items() if field != "Lead.Lead_Grade__c"} == {"removed"}
    assert by_field(salesforce.provision(OUTPUTS))["Lead.Lead_Grade__c"].action == "unchanged"


def test_dry_run_says_the_same_and_changes_nothing(own_org: Org) -> None:
    salesforce = connector(*own_org)
    theirs(own_org, "Lead.Lead_Grade__c", GRADES, seen=False)
    planned = salesforce.provision(OUTPUTS, dry_run=True)
    assert CustomFields(own_org[0].org).read("Lead.Lead_Score__c") is None
    assert salesforce.provision(OUTPUTS) == planned
    removal = salesforce.remove(OUTPUTS, dry_run=True)
    assert definition(own_org, "Lead.Lead_Score__c")
    assert salesforce.remove(OUTPUTS) == removal
    assert CustomFields(own_org[0].org).read("Lead.Lead_Score__c") is None


def test_adopting_a_name_that_no_output_has_is_refused(own_org: Org) -> None:
    with pytest.raises(
        ConfigurationError, match=r"called lead_grad\. `--adopt` takes one of: lead_score, Lead_Score__c"
    ):
        connector(*own_org).provision(OUTPUTS, adopt=["lead_grad"])


def test_remove_takes_ours_out_and_leaves_what_others_made(own_org: Org) -> None:
    salesforce = connector(*own_org)
    budget = Output("budget", "Budget", "number", "Made by somebody else.")
    assert {result.action for result in salesforce.provision([budget])} == {"clash"}
    salesforce.provision(OUTPUTS)
    removed = salesforce.remove([*OUTPUTS, budget])
    assert {result.action for result in removed if result.output == "budget"} == {"unchanged"}
    assert {result.action for result in removed if result.output != "budget"} == {"removed"}
    assert not list(own_org[0].org.rows("PermissionSetAssignment"))
    assert "budget__c" in connector(*own_org)._descriptions.fields("Lead")


@pytest.mark.parametrize("flow", ["jwt", "client_credentials"])
def test_provision_needs_no_soap_which_refuses_tokens_that_are_json_web_tokens(
    own_org: Org, flow: str, tmp_path: Path
) -> None:
    own_org[0].faults.set("jwt-tokens")
    salesforce = connector(*own_org, **({"auth": by_jwt(own_org[0], tmp_path)} if flow == "jwt" else {}))
    assert {one.action for one in salesforce.provision(OUTPUTS)} == {"created"}
    assert {one.action for one in salesforce.provision(OUTPUTS)} == {"unchanged"}
    assert not [one.subject for one in salesforce.check() if one.subject == "auth"]
    (lead, *_) = (row["Id"] for row in own_org[0].org.rows("Contact"))
    assert salesforce.read([lead], ["lead_score"]) == {lead: {"lead_score": None}}
    assert {one.action for one in salesforce.remove(OUTPUTS)} == {"removed"}
    assert not [call for call in own_org[0].statistics.calls if "/Soap/" in call]


def by_jwt(sandbox: Sandbox, folder: Path) -> dict[str, Any]:
    """Return the settings of the JWT bearer flow."""
    known = sandbox.credentials
    secrets = {"consumer_key": known.consumer_key, "private_key": known.as_json()["private_key"]}
    for name, secret in secrets.items():
        (folder / name).write_text(secret)
    return {"flow": "jwt", "username": known.username, **{name: {"file": str(folder / name)} for name in secrets}}


def test_provisioning_takes_few_calls(own_org: Org) -> None:
    """Many fields are created, granted and removed together."""
    salesforce = connector(*own_org)
    many = [Output(f"points_{number}", "Points", "number", "Points.") for number in range(12)]
    salesforce.check()
    own_org[0].statistics.calls.clear()
    salesforce.provision(many)
    # Descriptions before and after (4), the list of fields, 24 fields at once, user, set and its three parts.
    assert own_org[0].statistics.calls.total() == 11
    own_org[0].statistics.calls.clear()
    salesforce.remove(many)
    # The list of fields, their definitions, their deletion; the set, what it grants, its assignment, both deleted.
    assert own_org[0].statistics.calls.total() == 8


@pytest.mark.parametrize(
    ("fault", "said"),
    [("no-customize", "`Customize Application`"), ("no-permission-sets", "`Manage Profiles and Permission Sets`")],
)
def test_a_missing_right_is_named(own_org: Org, fault: str, said: str) -> None:
    own_org[0].faults.set(fault)
    with pytest.raises(ConfigurationError) as caught:
        connector(*own_org).provision(OUTPUTS)
    assert said in caught.value.remedy


def test_a_right_that_only_reads_is_raised_and_one_that_is_there_is_kept(own_org: Org) -> None:
    salesforce = connector(*own_org)
    salesforce.provision(OUTPUTS)
    rights = own_org[0].org.tables["FieldPermissions"]
    (row,) = rights.find("Field", "Lead.Lead_Grade__c")
    rights.update(row, {"PermissionsEdit": False})
    own_org[0].org.changed(rights.sobject)
    before = len(list(own_org[0].org.rows("FieldPermissions")))
    done = by_field(connector(*own_org).provision(OUTPUTS))
    assert done["Lead.Lead_Grade__c"].action == "granted"
    assert len(list(own_org[0].org.rows("FieldPermissions"))) == before
    assert rights.value(row, "PermissionsEdit") is True
