"""Only fields in the scorecard are kept, and secrets are not written anywhere."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from leadgauge_sandbox.population import Population
from pipeline.passes import BACKFILL
from tests.stage import HubSpotStage, Stage

Open = Callable[..., Stage]


def test_names_and_addresses_never_reach_the_database(hubspot: Open) -> None:
    stage = hubspot(population=Population.generate(60, 3))
    stage.provision()
    stage.do(BACKFILL)
    kept = everything_in(stage.folder)
    people = stage.fields("email", "firstname", "lastname", "phone")
    looked_for = [value for values in people.values() for value in values.values() if value and len(value) > 5]
    assert len(looked_for) > 100
    assert [value for value in looked_for if value.encode() in kept] == []


def test_a_secret_is_in_no_file_log_error_or_report(hubspot: Open, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    stage = hubspot(40)
    assert isinstance(stage, HubSpotStage)
    token = stage.app.state.portal.tokens.static
    stage.provision()
    said = [
        stage.leadgauge(*words)
        for words in (("backfill", "--json"), ("status",), ("plan", "--html", str(stage.folder / "p.html")))
    ]
    stage.fault("revoked-token")
    said.append(stage.leadgauge("sync"))
    with stage.job() as job:
        shown = repr(job) + repr(job.connection) + str(job.connection) + repr(job.store)
    told = "".join(one.stdout + one.stderr for one in said) + shown + caplog.text
    assert token not in told
    assert token.encode() not in everything_in(stage.folder)
    assert said[-1].returncode == 2
    assert "token" in said[-1].stderr


def test_a_forgotten_lead_is_in_no_file_of_ours(salesforce: Open) -> None:
    stage = salesforce(40)
    stage.provision()
    stage.do(BACKFILL)
    lead = next(iter(stage.fields()))
    assert lead.encode() in everything_in(stage.folder)
    assert stage.leadgauge("forget", lead, "--yes").returncode == 0
    assert lead.encode() not in everything_in(stage.folder)


def everything_in(folder: Path) -> bytes:
    """Return the bytes of all files, including the database's side files."""
    return b"\0".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())
