"""Values of our fields in the CRM are compared with those written: drift is reported and repaired."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from commands.single_pass import accept
from pipeline.passes import BACKFILL, RECONCILE, SYNC
from tests.end_to_end.test_surprises import done, loosen
from tests.stage import Stage

Open = Callable[..., Stage]
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
BANDS = ("lead_grade", "lead_priority")
SHOWN = ("lead_score", "lead_grade", "lead_priority", "lead_score_reasons")


def mends(connection: dict[str, Any]) -> None:
    connection["write"] = {"drift": "mend"}


def settled(scene: Open, leads: int = 40, change: Callable[[dict[str, Any]], None] | None = None) -> Stage:
    """Open a stage where all leads were written a while ago."""
    stage = scene(leads, at=START)
    if change:
        stage.configure(change)
    done(stage, BACKFILL)
    stage.live(QUARTER, pace=0)
    return stage


def somebody_writes(stage: Stage, count: int = 3, **values: str) -> list[str]:
    leads = sorted(stage.fields())[:count]
    for lead in leads:
        for name, value in (values or {"lead_score": "999", "lead_score_reasons": "by hand"}).items():
            stage.meddle(lead, name, value)
    return leads


def told(stage: Stage) -> dict[str, str]:
    notes: dict[str, str] = json.loads(stage.leadgauge("status", "--json").stdout)[0]["notes"]
    return notes


def test_a_reconcile_finds_no_drift_where_nobody_else_wrote(scene: Open) -> None:
    """Also if the CRM reformats texts, numbers and times."""
    stage = settled(scene, 60)
    report = done(stage, RECONCILE)
    assert (report.tally.notes["drift"], report.message, report.tally.written) == ({}, "", 0)


def test_a_reconcile_reports_what_somebody_else_wrote_and_writes_nothing(scene: Open) -> None:
    stage = settled(scene)
    calls = done(stage, RECONCILE).tally.calls
    stage.live(QUARTER, pace=0)
    leads = somebody_writes(stage)
    before = stage.fields(*SHOWN)
    report = done(stage, RECONCILE)
    found = report.tally.notes["drift"][""]
    assert (found["leads"], found["fields"], found["again"]) == (3, {"lead_score": 3, "lead_score_reasons": 3}, 0)
    assert found["examples"] == tuple(leads)
    assert told(stage)["drift"].startswith("3 leads hold something else in the CRM than leadgauge wrote there")
    assert report.tally.calls == calls
    assert (report.tally.written, stage.fields(*SHOWN)) == (0, before)


def test_what_drifted_is_mended_once_and_then_left_to_whoever_writes_it(scene: Open) -> None:
    stage = settled(scene, change=mends)
    before = stage.fields(*SHOWN)
    somebody_writes(stage)
    assert done(stage, RECONCILE).tally.written == 3
    assert stage.fields(*SHOWN) == before
    assert "drift" not in told(stage)
    stage.live(QUARTER, pace=0)
    somebody_writes(stage, lead_score="998")
    assert done(stage, RECONCILE).tally.written == 0
    assert "3 of them have a field that was corrected once and changed again" in told(stage)["drift"]
    stage.live(QUARTER, pace=0)
    somebody_writes(stage, lead_grade="F")
    done(stage, RECONCILE)
    after = stage.fields("lead_grade", "lead_score")
    for lead in sorted(stage.fields())[:3]:
        assert after[lead] == {"lead_grade": before[lead]["lead_grade"], "lead_score": "998"}


def test_mending_more_than_the_guard_allows_waits_for_a_person(scene: Open) -> None:
    stage = settled(scene, change=mends)
    before = stage.fields(*SHOWN)
    somebody_writes(stage, 20)
    held = done(stage, RECONCILE)
    assert (held.state, held.tally.written) == ("held", 0)
    assert "20 of 40 leads (50%) hold something else in the CRM" in held.message
    assert done(stage, SYNC).state == "held"
    with stage.job(now=lambda: stage.moment) as job:
        assert accept(job), "as with a daemon running, which writes it in its next pass"
    assert done(stage, SYNC).tally.written == 20
    assert stage.fields(*SHOWN) == before


def test_what_was_just_written_may_read_back_older_and_is_no_drift(scene: Open) -> None:
    """The CRM's replicas lag: a value read soon after our last write proves nothing yet."""
    stage = scene(40, at=START)
    done(stage, BACKFILL)
    somebody_writes(stage)
    assert done(stage, RECONCILE).tally.notes["drift"] == {}
    stage.live(QUARTER, pace=0)
    assert done(stage, RECONCILE).tally.notes["drift"][""]["leads"] == 3


def test_a_rewrite_sends_everything_whatever_was_told(scene: Open) -> None:
    stage = settled(scene)
    before = stage.fields(*SHOWN)
    somebody_writes(stage, 15)
    assert done(stage, BACKFILL, rewrite=True).tally.written == 40
    assert stage.fields(*SHOWN) == before
    assert "drift" not in told(stage)
    assert done(stage, BACKFILL).tally.written == 0


def test_an_undo_gives_back_what_somebody_had_written_over_ours(scene: Open) -> None:
    stage = settled(scene)
    somebody_writes(stage, lead_grade="F")
    done(stage, RECONCILE)
    before = stage.fields("lead_grade")
    run = done(stage, BACKFILL, rewrite=True).run
    assert stage.fields("lead_grade") != before
    assert stage.leadgauge("undo", str(run)).returncode == 0
    assert stage.fields("lead_grade") == before


def test_a_database_restored_from_a_backup_is_recognised_and_put_right(crm: Open) -> None:
    stage = crm(60, at=START)
    database, backup = stage.folder / "here.db", stage.folder / "backup.db"
    stage.configure(database=f"sqlite:///{database}")
    stage.provision()
    done(stage, BACKFILL)
    right, card = stage.fields(*BANDS), (stage.folder / "b2b-saas.yaml").read_text()
    shutil.copy(database, backup)
    loosen(stage)
    stage.live(timedelta(hours=2), pace=0)
    assert done(stage, SYNC, accept=True).tally.written > 20
    (stage.folder / "b2b-saas.yaml").write_text(card)
    for file in stage.folder.glob("here.db*"):
        file.unlink()
    shutil.copy(backup, database)
    stage.live(QUARTER, pace=0)
    report = done(stage, SYNC)
    assert "have a later `lead_scored_at` in the CRM than this database ever wrote" in report.message
    assert "backfill --rewrite" in told(stage)["older database"]
    checked = json.loads(stage.leadgauge("check", "--json").stdout)
    assert any("backfill --rewrite" in one["message"] + one["remedy"] for one in checked["database"])
    assert stage.fields(*BANDS) != right
    assert done(stage, BACKFILL, rewrite=True, accept=True).tally.written == 60
    assert stage.fields(*BANDS) == right
    assert "older database" not in told(stage)
