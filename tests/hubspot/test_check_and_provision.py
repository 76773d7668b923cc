"""What would stop a run is found before it; our properties come and go without touching anybody else's."""

import pytest

from connectors.base import ConfigurationError, Output, Provisioned
from connectors.hubspot import HubSpot
from sandbox.hubspot.properties import Property
from tests.hubspot.conftest import OUTPUTS, WANTED, Account


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
    assert said(connector, "warning") == {}


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


def test_source_that_the_tier_does_not_give_is_said_once_and_skipped(full_account: Account) -> None:
    full_account.portal.enterprise = False
    connector = full_account.connect()
    connector.provision(OUTPUTS)
    warnings = said(connector, "warning")
    assert list(warnings) == ["events"]
    assert said(connector, "error") == {}
    for stream in connector.streams():
        if stream.name.startswith("events"):
            assert list(connector.pull(stream, None)) == []


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


def test_property_of_another_type_is_a_clash_and_left_alone(account: Account) -> None:
    connector = account.connect()
    connector.provision([Output("lead_score", "Theirs", "text", "Text of somebody else.")])
    (found,) = connector.provision(OUTPUTS[:1])
    assert found.action == "clash"
    assert "type string" in found.message
    assert definitions(account)["lead_score"].type == "string"
    assert any("type string" in message for message in said(connector, "error").values())


def test_remove_takes_ours_out_and_nothing_else(account: Account) -> None:
    connector = account.connect()
    connector.provision(OUTPUTS)
    before = {name for name, found in definitions(account).items() if not found.archived}
    theirs = Output("jobtitle", "Job title", "text", "HubSpot's own.")
    found = actions(connector.provision([*OUTPUTS, theirs], remove=True))
    assert found.pop("jobtitle") == "clash"
    assert set(found.values()) == {"removed"}
    after = {name for name, found in definitions(account).items() if not found.archived}
    assert before - after == {output.name for output in OUTPUTS}
    assert actions(connector.provision(OUTPUTS, remove=True)) == dict.fromkeys(found, "unchanged")
