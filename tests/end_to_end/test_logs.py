"""Log lines say of which pass they are, carry its counts and the CRM's ids of refused calls, and name nobody."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.stage import HubSpotStage, Stage

Open = Callable[..., Stage]
ID = re.compile(r"[0-9a-f]{8}(-?)([0-9a-f]{4}\1){3}[0-9a-f]{12}")


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_line_of_whole_passes_names_anybody(scene: Open, form: str) -> None:
    """At level debug, a backfill, a pass with refused rows and one that fails log no name, address or number."""
    stage = logging_as(scene(60), form)
    said = stage.leadgauge("backfill").stderr
    said += with_refused_rows(stage)
    revoke(stage)
    failed = stage.leadgauge("sync")
    assert failed.returncode == 2
    people = set(personal(stage))
    assert len(people) > 100
    assert [one for one in people if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", said + failed.stderr)] == []


def test_each_line_of_a_pass_says_which_one_it_is(scene: Open) -> None:
    """Lines of the threads that read and write carry connection, run and kind too."""
    stage = logging_as(scene(40), "json")
    stage.leadgauge("backfill")
    told = lines(with_refused_rows(stage))
    of_connectors = [line for line in told if line["logger"].startswith("connectors.")]
    assert of_connectors
    assert {(line["connection"], line["kind"], type(line["run"])) for line in of_connectors} == {("main", "sync", int)}


def test_the_line_of_a_passs_end_has_its_counts_as_fields(scene: Open) -> None:
    stage = logging_as(scene(40), "json", "info")
    (end,) = [line for line in lines(stage.leadgauge("backfill").stderr) if "state" in line]
    assert (end["connection"], end["kind"], end["state"], end["written"], end["refused"]) == (
        *("main", "backfill", "done"),
        *(40, 0),
    )
    assert end["calls"] > 0


def test_refused_rows_are_logged_with_the_crms_own_id_of_the_call(scene: Open) -> None:
    """Support of either CRM asks for it: HubSpot's correlation id, Salesforce's request id."""
    stage = logging_as(scene(40), "json", "info")
    stage.leadgauge("backfill")
    refused = [line for line in lines(with_refused_rows(stage)) if line["message"].startswith(("HubSpot r", "Salesf"))]
    assert refused
    assert all(ID.fullmatch(line["request"]) and line["code"] for line in refused)


def test_a_refused_call_is_logged_with_the_crms_own_id_of_it(scene: Open) -> None:
    stage = logging_as(scene(20), "json", "info")
    revoke(stage)
    told = [line for line in lines(stage.leadgauge("sync").stderr) if line.get("status") in {400, 401, 403}]
    assert told
    assert all(ID.fullmatch(line["request"]) for line in told)


def test_text_lines_end_with_the_fields(hubspot: Open) -> None:
    stage = logging_as(hubspot(20), "text", "info")
    stage.provision()
    said = stage.leadgauge("backfill").stderr
    assert re.search(r"INFO +main: backfill done, .* \[connection=main run=1 kind=backfill state=done pages=", said)


def logging_as(stage: Stage, form: str, level: str = "debug") -> Stage:
    yaml = YAML()
    settings = yaml.load(stage.settings_file)
    settings["log"] = {"format": form, "level": level}
    yaml.dump(settings, stage.settings_file)
    return stage


def with_refused_rows(stage: Stage) -> str:
    """Return the log of a pass in which the CRM refuses some rows."""
    stage.refuse_some()
    for lead in stage.people()[:20]:
        stage.act(lead, "demo_request")
    done = stage.leadgauge("sync", "--accept")
    stage.calm()
    assert done.returncode == 3
    return done.stderr


def revoke(stage: Stage) -> None:
    if isinstance(stage, HubSpotStage):
        stage.fault("revoked-token")
    else:
        stage.fault("api-disabled")


def lines(said: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def personal(stage: Stage) -> Iterator[str]:
    """Yield the addresses, names and phone numbers of everybody in the CRM."""
    yield from stage.addresses()
    if isinstance(stage, HubSpotStage):
        rows = [record.values for record in stage.app.state.portal.table("contacts").records.values()]
        keys = ("firstname", "lastname", "phone")
    else:
        org = stage.app.state.sandbox.org
        rows = [*org.rows("Lead"), *org.rows("Contact")]
        keys = ("FirstName", "LastName", "Phone")
    yield from (str(row[key]) for row in rows for key in keys if row.get(key))
