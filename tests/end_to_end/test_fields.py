"""The life of the fields in the CRM: created, changed by admins, removed, created again."""

import json
from collections.abc import Callable

import pytest
import requests

from connectors.base import ConnectorError
from leadgauge_sandbox.salesforce.customs import CustomFields
from pipeline.job import Job, NotReady
from pipeline.lease import leased
from pipeline.passes import BACKFILL, RECONCILE, SYNC, Kind, Pass, Report
from pipeline.provisioning import provision
from tests.stage import HubSpotStage, SalesforceStage, Stage, custom
from vocabulary.outputs import OUTPUTS, SCORED_AT

Open = Callable[..., Stage]
SCORED = ("lead_score", "lead_grade", "lead_score_status", "lead_scored_at")


def filled(stage: Stage) -> int:
    """Return how many leads have a status and a time in the CRM."""
    held = stage.fields(*SCORED).values()
    return sum(bool(values["lead_score_status"] and values["lead_scored_at"]) for values in held)


def delete(stage: Stage, *outputs: str) -> None:
    """Delete fields as an admin does."""
    if isinstance(stage, HubSpotStage):
        headers = {"Authorization": f"Bearer {stage.app.state.portal.tokens.static}"}
        for name in outputs:
            path = f"{stage.url}/crm/v3/properties/contacts/{name}"
            requests.delete(path, headers=headers, timeout=10).raise_for_status()
    if isinstance(stage, SalesforceStage):
        org = stage.app.state.sandbox.org
        for name in outputs:
            for kind in ("Lead", "Contact"):
                CustomFields(org).delete(f"{kind}.{custom(name)}")


def test_fields_that_were_removed_and_made_again_are_filled_again(crm: Open) -> None:
    """The CRM has lost all written values: every lead is written, without rescoring."""
    stage = crm(40)
    stage.provision()
    stage.do(BACKFILL)
    before = stage.fields("lead_score", "lead_grade")
    assert stage.leadgauge("provision", "--remove", "--yes").returncode == 0
    assert not any(values["lead_grade"] for values in stage.fields("lead_grade").values())
    assert stage.leadgauge("provision").returncode == 0
    assert stage.do(SYNC).tally.written == len(before)
    assert stage.fields("lead_score", "lead_grade") == before
    assert filled(stage) == len(before)
    assert stage.do(SYNC).tally.written == 0


def test_a_field_that_an_admin_deleted_and_we_made_again_is_filled_again(crm: Open) -> None:
    stage = crm(40)
    stage.provision()
    stage.do(BACKFILL)
    before = stage.fields("lead_grade")
    delete(stage, "lead_grade")
    assert "lead_grade" in stage.leadgauge("provision").stdout
    assert stage.do(SYNC).tally.written > 0
    assert stage.fields("lead_grade") == before


def test_a_provision_whose_end_is_unknown_counts_its_fields_as_new(crm: Open) -> None:
    """Whether the CRM created them or not: the plan is recorded before the first call that changes something."""
    stage = crm(20)
    if isinstance(stage, HubSpotStage):
        stage.fault("missing-scope", "crm.schemas.contacts.write")
    else:
        stage.trap.set(1, lambda: stage.fault("503", "1", "/tooling/"), "/tooling/")  # the first call only reads
    with stage.job() as job, pytest.raises(ConnectorError):
        provision(job)
    with stage.job() as job:
        assert "lead_grade" in job.crm_fields.new()


def test_remove_asks_first_and_shows_what_would_go(crm: Open) -> None:
    stage = crm(10)
    stage.provision()
    asked = stage.leadgauge("provision", "--remove")
    assert asked.returncode == 1
    assert "removed" in asked.stdout
    assert "fields from main, with their values?" in asked.stdout
    planned = stage.leadgauge("provision", "--remove", "--dry-run", "--json")
    assert {one["action"] for one in json.loads(planned.stdout)} == {"removed"}
    assert stage.leadgauge("provision", "--remove", "--json").returncode == 2
    assert {one["action"] for one in json.loads(stage.leadgauge("provision", "--json").stdout)} == {"unchanged"}
    done = stage.leadgauge("provision", "--remove", "--yes", "--json")
    assert json.loads(done.stdout) == json.loads(planned.stdout)


def test_a_field_of_somebody_else_ends_provision_with_2_and_stops_a_pass(crm: Open) -> None:
    """One sentence names the field and what to do; once adopted, it is written, and it stays when ours are removed."""
    stage = crm(20)
    theirs(stage)
    for lead in stage.people()[::3]:
        stage.meddle(lead, "lead_grade", "Gold")
    before = stage.fields("lead_grade")
    told = stage.leadgauge("provision")
    assert told.returncode == 2
    assert "clash" in told.stdout
    assert "--adopt lead_grade" in " ".join(told.stdout.split())
    stopped = stage.leadgauge("sync")
    assert stopped.returncode == 2
    assert "leadgauge did not make it" in stopped.stderr
    assert stage.leadgauge("provision", "--adopt", "lead_grade").returncode == 0
    assert stage.do(BACKFILL).tally.refused == 0
    assert not any(values["lead_grade"] == "Gold" for values in stage.fields("lead_grade").values())
    removed = stage.leadgauge("provision", "--remove", "--yes", "--json")
    released = [one for one in json.loads(removed.stdout) if one["action"] == "released"]
    assert {one["output"] for one in released} == {"lead_grade"}
    assert all("its value was restored on" in one["message"] for one in released)
    assert stage.fields("lead_grade") == before


def theirs(stage: Stage) -> None:
    """Create a picklist with the name of the grade's field as an admin does."""
    if isinstance(stage, HubSpotStage):
        headers = {"Authorization": f"Bearer {stage.app.state.portal.tokens.static}"}
        wish = {"name": "lead_grade", "label": "Note", "type": "enumeration", "fieldType": "select"}
        options = [{"label": "Gold", "value": "Gold"}]
        body = wish | {"groupName": "contactinformation", "options": options}
        requests.post(
            f"{stage.url}/crm/v3/properties/contacts", json=body, headers=headers, timeout=10
        ).raise_for_status()
    if isinstance(stage, SalesforceStage):
        org = stage.app.state.sandbox.org
        values = {"restricted": "true", "valueSetDefinition": {"value": [{"fullName": "Gold"}]}}
        wish = {"label": "Note", "type": "Picklist", "valueSet": values}
        for kind in ("Lead", "Contact"):
            CustomFields(org).save(f"{kind}.{custom('lead_grade')}", wish, create=True, update=False)


class Daemon:
    """Passes of one process, which keeps its job and its knowledge of the CRM between passes."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def do(self, kind: Kind) -> Report:
        with leased(self.job, kind.name, "test") as lease:
            return Pass(self.job, kind, lease).run()


def test_an_output_field_deleted_under_the_daemon_is_named_in_one_line(crm: Open) -> None:
    """The pass names the field and what to do, counts no row as refused, and continues once the field is back."""
    stage = crm(40)
    stage.provision()
    with stage.job() as job:
        daemon = Daemon(job)
        daemon.do(BACKFILL)
        delete(stage, "lead_score")
        touch(stage)
        with pytest.raises(NotReady) as failed:
            daemon.do(SYNC)
        assert str(failed.value).count("\n") == {"hubspot": 0, "salesforce": 2}[stage.crm]  # one line per object
        assert (custom("lead_score") if stage.crm == "salesforce" else "lead_score") in str(failed.value)
        assert "leadgauge provision" in str(failed.value)
        assert [active.outbox.refused() for active in job.scorecards] == [[]]
        with pytest.raises(NotReady):
            daemon.do(SYNC)
        stage.provision()
        assert daemon.do(SYNC).tally.refused == 0
    assert filled(stage) == 40


def test_a_mapped_field_deleted_under_the_daemon_empties_no_lead(crm: Open) -> None:
    """HubSpot silently omits it and Salesforce refuses the query: for both, the message names the setting."""
    stage = crm(40)
    stage.provision()
    with stage.job() as job:
        daemon = Daemon(job)
        daemon.do(BACKFILL)
        before = stage.fields("lead_score", "lead_grade")
        remove_mapped(stage)
        touch(stage)
        with pytest.raises(NotReady, match=r"fields\.budget"):
            daemon.do(RECONCILE)
    assert stage.fields("lead_score", "lead_grade") == before


def remove_mapped(stage: Stage) -> None:
    """Delete the field mapped to `budget` as an admin does."""
    if isinstance(stage, HubSpotStage):
        table = stage.app.state.portal.table("contacts")
        del table.definitions[stage_mapping(stage)]
    if isinstance(stage, SalesforceStage):
        for kind in ("Lead", "Contact"):
            CustomFields(stage.app.state.sandbox.org).delete(f"{kind}.{stage_mapping(stage)}")


def stage_mapping(stage: Stage) -> str:
    with stage.job() as job:
        return str(job.connection.fields["budget"])


def touch(stage: Stage) -> None:
    """Let every fifth lead act in a way that changes its score."""
    for lead in stage.people()[::5]:
        stage.act(lead, "demo_request")


@pytest.mark.slow
def test_an_output_that_is_switched_off_is_not_made_and_keeps_its_last_value_until_it_is_removed(scene: Open) -> None:
    stage = scene(20)
    stage.provision()
    stage.do(BACKFILL)
    off = ("lead_fit", "lead_score_reasons")
    on = {output.name: output.name not in off for output in OUTPUTS if output.name != SCORED_AT}
    before = stage.fields(*off)
    stage.configure(lambda connection: connection.update(outputs=on))
    planned = json.loads(stage.leadgauge("provision", "--remove", "--orphans", "--dry-run", "--json").stdout)
    assert {one["output"] for one in planned} == set(off)
    scores = stage.fields("lead_score")
    assert stage.do(BACKFILL).tally.written == 0
    assert stage.fields(*off) == before
    assert stage.fields("lead_score") == scores
    assert stage.leadgauge("provision", "--remove", "--orphans", "--yes").returncode == 0
    assert stage.do(BACKFILL).tally.written == 0
    stage.configure()
    stage.provision()
    stage.do(BACKFILL)
    assert all(values["lead_score_reasons"] for values in stage.fields("lead_score_reasons").values())
