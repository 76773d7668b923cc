"""Wrong settings or a refusing CRM give one message that says what to change; nothing is written."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from pipeline.lease import leased
from store import FAILING
from tests.stage import Stage

Open = Callable[..., Stage]


def test_several_mistakes_are_told_together_with_their_lines(hubspot: Open) -> None:
    stage = hubspot(20)
    text = stage.settings_file.read_text().replace("crm: hubspot", "crm: hubspot\n    tokn: 3")
    stage.settings_file.write_text(text.replace("dead_band: 3", "dead_band: lots"))
    done = stage.leadgauge("backfill")
    assert done.returncode == 2
    assert "tokn" in done.stderr
    assert "dead_band" in done.stderr
    assert "leadgauge.yaml:" in done.stderr


def test_a_missing_token_names_the_variable(hubspot: Open) -> None:
    stage = hubspot(20)
    stage.environment["LEADGAUGE_TEST_TOKEN"] = ""
    done = stage.leadgauge("backfill")
    assert done.returncode == 2
    assert "LEADGAUGE_TEST_TOKEN" in done.stderr


def test_a_refused_token_names_the_setting(hubspot: Open) -> None:
    stage = hubspot(20)
    stage.environment["LEADGAUGE_TEST_TOKEN"] = "pat-na1-wrong"
    done = stage.leadgauge("backfill")
    assert done.returncode == 2
    assert "token" in done.stderr
    assert "leadgauge.yaml:" in done.stderr.splitlines()[-1]
    assert "pat-na1-wrong" not in done.stderr + done.stdout


def test_a_crm_that_cannot_be_reached_is_said_in_one_message(hubspot: Open) -> None:
    stage = hubspot(20)
    stage.configure(lambda connection: connection.update(base_url="http://127.0.0.1:9"))
    done = stage.leadgauge("backfill")
    assert done.returncode == 1
    assert "127.0.0.1:9" in done.stderr
    assert "leadgauge.yaml:" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_status_says_if_no_daemon_will_do_what_its_note_announces(hubspot: Open) -> None:
    stage = hubspot(1)
    with stage.job() as job:
        job.store.note(job.name, FAILING, "since yesterday, 1 pass. It fails. Next: sync at noon.")
        assert "noon. No daemon has the connection now" in stage.leadgauge("status").stdout
        with leased(job, "test"):
            assert "No daemon" not in stage.leadgauge("status").stdout


def test_a_property_that_the_portal_lacks_is_named_before_anything_is_pulled(hubspot: Open) -> None:
    stage = hubspot(20)
    stage.configure(lambda connection: connection["fields"].update(seniority="seniority(jobtitel)"))
    done = stage.leadgauge("backfill")
    assert done.returncode == 2
    assert "connections.main.fields.seniority: The portal has no contacts property jobtitel" in done.stderr
    assert "leadgauge.yaml:" in done.stderr
    assert not any("limit=100" in path for _, path, _ in stage.app.state.gate.log)
    assert stage.fields("lead_score") == {lead: {"lead_score": None} for lead in stage.fields()}


def test_outputs_that_were_never_provisioned_are_named_with_the_remedy(hubspot: Open) -> None:
    stage = hubspot(20)
    done = stage.leadgauge("backfill")
    assert done.returncode == 2
    assert "leadgauge provision" in done.stderr


def test_a_connection_that_does_not_exist_is_answered_with_those_that_do(hubspot: Open) -> None:
    stage = hubspot(20)
    done = stage.leadgauge("sync", "--connection", "other")
    assert done.returncode == 2
    assert "main" in done.stderr


@pytest.mark.parametrize("command", ["status", "sync", "plan", "run"])
def test_a_damaged_database_is_told_in_one_line(hubspot: Open, command: str) -> None:
    stage = hubspot(20)
    (stage.folder / "leadgauge.db").write_bytes(b"no database at all, " * 500)
    done = stage.leadgauge(command)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: The database sqlite:///{stage.folder}/leadgauge.db is not an SQLite")
    assert done.stderr.count("\n") == 1


def test_a_database_of_a_newer_leadgauge_is_refused_and_left_as_it_is(hubspot: Open) -> None:
    stage = hubspot(20)
    file = stage.folder / "leadgauge.db"
    assert stage.leadgauge("status").returncode == 0
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("UPDATE leadgauge_schema SET version_num = '9999'")
    done = stage.leadgauge("sync")
    assert done.returncode == 1
    assert "was written by a newer leadgauge (schema 9999" in done.stderr
    assert done.stderr.count("\n") == 1
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT version_num FROM leadgauge_schema").fetchall() == [("9999",)]
