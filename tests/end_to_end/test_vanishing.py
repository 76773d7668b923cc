"""A wrong response erases nothing: leads that vanish from the CRM are checked, kept or held, and come back."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select

from connectors.base import ConnectorError
from pipeline.lease import leased
from pipeline.passes import BACKFILL, RECONCILE, SYNC, PassOptions, Report
from store.sql import schema
from tests.stage import Stage

Open = Callable[..., Stage]
LISTING = {"hubspot": "objects/contacts", "salesforce": "queryAll"}
"""Part of the path that lists leads; on HubSpot, of all calls for contacts."""

BEFORE = {"hubspot": 2, "salesforce": 0}
"""Calls to that path before the listing: they check permissions."""


def done(stage: Stage, kind: Any, **options: Any) -> Report:
    """Run a pass at the CRM's time."""
    return stage.do(kind, PassOptions(**options), now=lambda: stage.moment)


def filled(scene: Open, leads: int, **options: Any) -> Stage:
    """Open a stage where all leads are scored."""
    stage = scene(leads, **options)
    done(stage, BACKFILL)
    return stage


def held(stage: Stage) -> dict[str, int]:
    """Count the rows of the tables that a removal clears."""
    url = stage.database or f"sqlite:///{stage.folder / 'leadgauge.db'}"
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    tables = (schema.leads, schema.accounts, schema.activities, schema.results, schema.writes, schema.outcomes)
    with engine.connect() as sql:
        counts = {one.name: sql.execute(select(func.count()).select_from(one)).scalar_one() for one in tables}
    engine.dispose()
    return counts


def status(stage: Stage) -> dict[str, Any]:
    """Return the connection in `leadgauge status --json`."""
    found: dict[str, Any] = json.loads(stage.leadgauge("status", "--json").stdout)[0]
    return found


@pytest.mark.parametrize("fault", ["empty-object", "nothing-there", "no-rows", "early-end"])
@pytest.mark.parametrize("page", [0, 2])
def test_no_answer_to_a_listing_erases_the_mirror(scene: Open, fault: str, page: int) -> None:
    """300 leads, and the first or a later page is empty: it counts as a lost response, or the gap is reported."""
    stage = filled(scene, 300)
    before = held(stage)
    stage.fault(fault, path=LISTING[stage.crm], times=2, skip=BEFORE[stage.crm] + page)
    with suppress(Exception):  # lost responses are tested with the connectors
        done(stage, RECONCILE)
    stage.calm()
    assert held(stage) == before
    assert done(stage, RECONCILE).state == "done"
    assert (held(stage), status(stage)["vanished"]) == (before, 0)


def test_a_hole_in_a_listing_is_said(hubspot: Open) -> None:
    """A lead that the listing always omits is looked up by id, found, and kept."""
    stage = hubspot(60)
    stage.provision()
    done(stage, BACKFILL)
    stage.live(timedelta(hours=1), pace=0)  # else our own writes are read back, and bring the lead
    del stage.app.state.portal.table("contacts").ids[30]
    report = done(stage, RECONCILE)
    assert (report.state, "left out 1 lead that can be found by id: kept" in report.message) == ("done", True)
    assert status(stage)["counts"]["leads"] == 60


@pytest.mark.parametrize("path", ["objects/companies", "associations"])
def test_no_answer_takes_accounts_or_activities_away(hubspot: Open, path: str) -> None:
    """An empty response for companies, or for the contacts of calls, removes nothing."""
    stage = hubspot(300)
    stage.provision()
    done(stage, BACKFILL)
    before = held(stage)
    stage.live(timedelta(hours=1), pace=0)
    touch_calls(stage)
    stage.fault("nothing-there", "1", path=path)
    with suppress(ConnectorError):
        report = done(stage, SYNC)
        assert "associations" not in path or "of the kind call" in report.message
    stage.calm()
    assert (held(stage)["accounts"], held(stage)["activities"]) == (before["accounts"], before["activities"])


def touch_calls(stage: Stage) -> None:
    """Change all calls as a user does, so that the next pass reads them again."""
    portal = stage.app.state.portal
    table = portal.table("calls")
    for record in list(table.records.values()):
        table.change(record, {"hs_call_title": f"again {record.id}"}, portal.clock.now(), "CRM_UI")


def test_too_many_erased_leads_wait_until_somebody_accepts(scene: Open) -> None:
    """Only the removals are held, across passes without a listing, and `sync --accept` applies them."""
    stage = filled(scene, 300)
    gone = sorted(stage.fields())[:30]
    for lead in gone:
        stage.erase(lead)
    stays = min(stage.fields())
    stage.act(stays, "demo_request")
    first = done(stage, RECONCILE)
    assert first.state == "held"
    assert "30 of 300 leads (10%) are missing" in first.message
    assert first.tally.written >= 1, "only the removal is held"
    calls = stage.calls()
    still = stage.leadgauge("sync")
    assert still.returncode == 1
    assert "30 of 300 leads" in still.stderr
    assert stage.calls() - calls < 60
    told = stage.leadgauge("status")
    assert (told.returncode, "30 of 300 leads" in told.stdout.replace("\n", " ")) == (1, True)
    assert (status(stage)["removals_held"], status(stage)["counts"]["leads"]) == ({"leads": 30}, 300)
    accepted = stage.leadgauge("sync", "--accept")
    assert accepted.returncode == 0, accepted.stderr
    assert "30 leads gone from the CRM and its recycle bin" in accepted.stderr
    assert (status(stage)["removals_held"], status(stage)["counts"]["leads"]) == ({}, 270)
    assert "missing leads held" not in status(stage)["notes"]
    assert stage.leadgauge("status").returncode == 0


def test_removals_are_accepted_beside_a_process_at_work(scene: Open) -> None:
    """The lease holder removes them in its next pass, whatever it reads."""
    stage = filled(scene, 120)
    for lead in sorted(stage.fields())[:25]:
        stage.erase(lead)
    assert done(stage, RECONCILE).state == "held"
    with stage.job() as job, leased(job, "run", "daemon"):
        beside = stage.leadgauge("sync", "--accept")
    assert (beside.returncode, "accepted" in beside.stderr) == (0, True)
    assert status(stage)["counts"]["leads"] == 120
    assert done(stage, SYNC).state == "done"
    assert status(stage)["counts"]["leads"] == 95


def test_a_hold_ends_when_the_crm_brings_the_leads_again(scene: Open) -> None:
    """An hour without access to any lead removes none, although reading by id finds none either."""
    stage = filled(scene, 120)
    before = held(stage)
    stage.fault("nothing-there", "1", path=LISTING[stage.crm])
    with suppress(ConnectorError):
        assert "missing" in done(stage, RECONCILE).message
    stage.calm()
    assert held(stage) == before
    again = done(stage, RECONCILE)
    assert (again.state, again.message) == ("done", "")
    assert (held(stage), status(stage)["removals_held"]) == (before, {})


def test_a_deleted_lead_that_is_restored_finds_its_history(scene: Open) -> None:
    """Its activities, results and written values: nothing is written again."""
    stage = filled(scene, 60)
    before, lead = held(stage), min(stage.fields())
    stage.delete(lead)
    left = done(stage, RECONCILE)
    assert (left.state, "1 lead left the CRM" in left.message) == ("done", True)
    assert (status(stage)["counts"]["leads"], status(stage)["vanished"]) == (59, 1)
    explained = stage.leadgauge("explain", lead)
    assert explained.returncode == 1
    assert "was deleted in the CRM" in explained.stderr
    stage.restore(lead)
    back = done(stage, RECONCILE)
    assert "1 lead returned to the CRM" in back.message
    assert (held(stage), back.tally.written) == (before, 0)
    history = json.loads(stage.leadgauge("explain", lead, "--history", "--json").stdout)[0]["history"]
    assert [write["causes"] for write in history] == [["first"]]


def test_after_thirty_days_in_the_bin_a_lead_is_erased(scene: Open) -> None:
    """It needs no listing."""
    stage = filled(scene, 60)
    lead = min(stage.fields())
    stage.delete(lead)
    done(stage, RECONCILE)
    stage.live(timedelta(days=31), pace=0)
    assert "1 lead that left the CRM over 30 days ago" in done(stage, SYNC, accept=True).message
    assert (status(stage)["vanished"], held(stage)["leads"]) == (0, 59)
    assert "was deleted" not in stage.leadgauge("explain", lead).stderr


def test_a_lead_erased_for_privacy_goes_at_once_from_the_bin_too(scene: Open) -> None:
    """A lead that is not listed, not in the recycle bin and not found by id leaves no data."""
    stage = filled(scene, 60)
    one, other = sorted(stage.fields())[:2]
    stage.delete(one)
    done(stage, RECONCILE)
    stage.erase(one)
    stage.erase(other)
    assert "2 leads gone from the CRM and its recycle bin" in done(stage, RECONCILE).message
    assert (status(stage)["vanished"], status(stage)["counts"]["leads"]) == (0, 58)


def test_forget_erases_who_lies_in_the_recycle_bin(scene: Open) -> None:
    """By id or e-mail address, at any time within the thirty days."""
    stage = filled(scene, 60)
    address, lead = min(stage.addresses().items())
    stage.delete(lead)
    done(stage, RECONCILE)
    assert status(stage)["vanished"] == 1
    assert stage.leadgauge("forget", address, "--yes").returncode == 0
    assert status(stage)["vanished"] == 0


def test_a_lead_outside_the_filter_vanishes_and_returns(salesforce: Open) -> None:
    """Two responses show it: the one by id, and the one with the filter."""
    stage = salesforce(60)
    stage.configure(lambda connection: connection.update(objects={"Lead": {"filter": "Status != 'Unqualified'"}}))
    stage.provision()
    done(stage, BACKFILL)
    org = stage.app.state.sandbox.org
    lead = next(row for row in org.rows("Lead") if not row["IsConverted"] and row["Status"] != "Unqualified")
    stage.live(timedelta(hours=1), pace=0)
    change(stage, lead["Id"], "Unqualified")
    assert "1 lead left the CRM" in done(stage, SYNC).message
    assert "outside the filter" in stage.leadgauge("explain", lead["Id"]).stderr
    stage.live(timedelta(hours=1), pace=0)
    change(stage, lead["Id"], lead["Status"])
    assert "1 lead returned to the CRM" in done(stage, SYNC).message


def change(stage: Stage, lead: str, value: str) -> None:
    stage._control("change", {"id": lead, "values": {"Status": value}})
