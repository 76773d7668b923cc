"""No surprises in the CRM: plan, guard, accept, undo, explain, forget, refused rows; on both CRMs and databases."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.passes import BACKFILL, REFRESH, SYNC, PassOptions, Report
from tests.stage import Stage

Open = Callable[..., Stage]
SHOWN = ("lead_score", "lead_grade", "lead_priority", "lead_readiness")
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def edit(stage: Stage, old: str, new: str) -> None:
    """Edit the scorecard in place."""
    card = stage.folder / "b2b-saas.yaml"
    text = card.read_text()
    assert old in text
    card.write_text(text.replace(old, new))


def loosen(stage: Stage) -> None:
    """Change the grade of most leads: the country alone decides."""
    edit(stage, "minimum_known: 50%", "minimum_known: 1%")
    bands = "A+: 95, A: 85, A-: 80, B+: 75, B: 65, B-: 60, C+: 55, C: 45, C-: 40, D+: 35, D: 25, D-: 20, F: 0"
    edit(stage, bands, "A+: 1, F: 0")


def scored(scene: Open, leads: int = 60, **options: Any) -> Stage:
    """Open a stage where all leads are scored."""
    stage = scene(leads, **options)
    done(stage, BACKFILL)
    return stage


def test_a_plan_before_anything_was_read_says_so(hubspot: Open) -> None:
    stage = hubspot(5)
    stage.provision()
    told = stage.leadgauge("plan")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.endswith("main: no lead was read yet. `leadgauge plan --read` reads them and writes nothing.\n")


def done(stage: Stage, kind: Any, **options: Any) -> Report:
    """Run a pass at the CRM's time."""
    return stage.do(kind, PassOptions(**options), now=lambda: stage.moment)


def test_the_plan_tells_a_changed_scorecard_s_moves_without_a_call_or_a_write(scene: Open) -> None:
    stage = scored(scene)
    before, calls = stage.fields(*SHOWN), stage.calls()
    loosen(stage)
    page = stage.folder / "plan.html"
    told = stage.leadgauge("plan", "--json", "--html", str(page))
    plan = json.loads(told.stdout)[0]
    assert (plan["leads"], plan["scored_before"]) == (60, 60)
    assert (plan["guarded"], told.returncode) == (True, 4)
    assert plan["writes"] >= plan["moved"] > 20
    assert plan["calls_left"] > plan["calls"] > 0
    assert {move["field"] for move in plan["moves"]} >= {"lead_grade", "lead_priority"}
    assert all(jump["reasons"] and jump["link"] for jump in plan["jumps"])
    assert plan["writes_by_reason"] == {"card": plan["writes"]}
    assert sum(cell["leads"] for cell in plan["grade_matrix"]) == 60
    assert {"?", "A+"} <= {cell["before"] for cell in plan["grade_matrix"]} | {
        cell["after"] for cell in plan["grade_matrix"]
    }
    assert page.read_text().startswith("<!doctype html>")
    assert page.read_text().count("<svg") == 2
    assert not re.search(r'src="http|<link', page.read_text()), "it needs nothing from elsewhere"
    assert (stage.fields(*SHOWN), stage.calls()) == (before, calls)


def test_a_surprising_pass_writes_nothing_until_it_is_accepted(scene: Open) -> None:
    stage = scored(scene)
    before = stage.fields(*SHOWN)
    loosen(stage)
    held = done(stage, SYNC)
    assert (held.state, held.tally.written) == ("held", 0)
    assert "--accept" in held.message
    assert stage.leadgauge("sync").returncode == 1
    assert stage.leadgauge("status").returncode == 1
    assert stage.fields(*SHOWN) == before
    accepted = done(stage, SYNC, accept=True)
    assert accepted.state == "done"
    assert accepted.tally.written > 20
    assert {values["lead_grade"] for values in stage.fields("lead_grade").values()} <= {"A+", "F", None, ""}


def test_a_scorecard_put_back_ends_the_hold_without_a_write(scene: Open) -> None:
    stage = scored(scene)
    before, card = stage.fields(*SHOWN), (stage.folder / "b2b-saas.yaml").read_text()
    loosen(stage)
    done(stage, SYNC)
    (stage.folder / "b2b-saas.yaml").write_text(card)
    assert done(stage, SYNC).state == "done"
    assert stage.fields(*SHOWN) == before


def test_an_edited_rule_that_matches_no_lead_writes_nothing_and_the_run_says_which_card_was_in_force(
    scene: Open,
) -> None:
    stage = scored(scene)
    versions = {lead: values["lead_scorecard"] for lead, values in stage.fields("lead_scorecard").items()}
    edit(stage, "{seniority: student}", "{seniority: [student, nobody]}")
    report = done(stage, SYNC)
    assert (report.tally.scored, report.tally.pending, report.tally.written) == (60, 0, 0)
    (label,) = report.as_json()["judged_by"].values()
    assert label not in versions.values()
    assert {lead: values["lead_scorecard"] for lead, values in stage.fields("lead_scorecard").items()} == versions
    assert f"scorecard={label}" in stage.leadgauge("sync").stdout


def test_undo_writes_back_what_a_run_replaced_but_not_what_somebody_changed_since(scene: Open) -> None:
    stage = scored(scene)
    before = stage.fields(*SHOWN)
    loosen(stage)
    run = done(stage, SYNC, accept=True).run
    moved = [
        lead for lead, values in stage.fields(*SHOWN).items() if values["lead_grade"] != before[lead]["lead_grade"]
    ]
    meddled, others = moved[0], moved[1:]
    stage.meddle(meddled, "lead_grade", "B")
    undone = stage.leadgauge("undo", str(run), "--json")
    assert undone.returncode == 0, undone.stderr
    assert json.loads(undone.stdout)["kept"] == 1
    after = stage.fields(*SHOWN)
    assert after[meddled]["lead_grade"] == "B"
    assert {lead: after[lead] for lead in others} == {lead: before[lead] for lead in others}
    assert done(stage, SYNC).tally.written == 0
    assert {lead: stage.fields(*SHOWN)[lead] for lead in others} == {lead: before[lead] for lead in others}


def test_time_alone_writes_only_what_changed_its_band_or_drifted(scene: Open) -> None:
    stage = scored(scene, at=START)
    assert done(stage, REFRESH).tally.written == 0
    before = stage.fields("lead_score", "lead_grade", "lead_readiness", "lead_urgency", "lead_priority")
    stage.live(timedelta(days=1), pace=0)
    report = done(stage, REFRESH)
    after = stage.fields("lead_score", "lead_grade", "lead_readiness", "lead_urgency", "lead_priority")
    assert 0 < report.tally.written < 30
    changed = [lead for lead in after if after[lead] != before[lead]]
    assert len(changed) <= report.tally.written


def test_explain_tells_lines_that_add_up_to_the_score_in_the_crm(scene: Open) -> None:
    stage = scored(scene, 40)
    addresses = {lead: address for address, lead in stage.addresses().items()}
    scores = {lead: float(values["lead_score"] or 0) for lead, values in stage.fields("lead_score").items()}
    lead = max(addresses, key=lambda lead: scores[lead])
    explained = json.loads(stage.leadgauge("explain", lead, "--history", "--json").stdout)[0]
    total = sum(line["points"] for line in explained["lines"])
    assert round(total, 9) == explained["results"]["lead_score"] == scores[lead]
    assert explained["history"][0]["causes"] == ["first"]
    by_mail = json.loads(stage.leadgauge("explain", addresses[lead], "--json").stdout)[0]
    assert by_mail["lead"] == lead
    assert "first" in (shown := stage.leadgauge("explain", lead, "--history").stdout)
    assert f"score — → {scores[lead]:g}" in shown


def test_the_history_tells_activity_time_and_scorecard_apart(scene: Open) -> None:
    stage = scored(scene, 30, at=START)
    lead = max(stage.fields("lead_score").items(), key=lambda item: float(item[1]["lead_score"] or 0))[0]
    stage.live(timedelta(minutes=20), pace=0)
    stage.act(lead, "demo_request")
    done(stage, SYNC)
    stage.live(timedelta(days=90), pace=0)
    done(stage, REFRESH, accept=True)
    edit(stage, "minimum: 0\n  maximum: 100", "minimum: 99\n  maximum: 100")
    done(stage, SYNC, accept=True)
    history = json.loads(stage.leadgauge("explain", lead, "--history", "--json").stdout)[0]["history"]
    assert [write["causes"] for write in history] == [["first"], ["activity"], ["time"], ["scorecard"]]


def test_forget_erases_a_person_from_the_database(scene: Open) -> None:
    stage = scored(scene, 40)
    lead = min(stage.fields())
    assert stage.leadgauge("forget", lead, "--yes").returncode == 0
    unknown = stage.leadgauge("explain", lead)
    assert unknown.returncode == 1
    assert unknown.stderr == f"Error: main has no lead '{lead}'. If it is new in the CRM, the next pass will read it.\n"


def test_a_row_that_the_crm_refuses_is_kept_with_its_reason_and_blocks_nobody(scene: Open) -> None:
    stage = scene(60)
    stage.refuse_some()
    ended = stage.leadgauge("backfill")
    empty = [lead for lead, values in stage.fields("lead_score_status").items() if not values["lead_score_status"]]
    assert ended.returncode == 3, ended.stderr
    assert f"written={60 - len(empty)} refused={len(empty)}" in ended.stdout
    status = stage.leadgauge("status", "--json")
    assert status.returncode == 3
    refused = json.loads(status.stdout)[0]["refused"]
    assert sorted(row["lead"] for row in refused) == sorted(empty) != []
    assert all(row["message"] and "lead_score" in row["payload"] and row["attempts"] == 1 for row in refused)


def test_a_refused_row_is_tried_again_with_growing_pauses_until_the_crm_takes_it(scene: Open) -> None:
    stage = scene(60, at=START)
    stage.refuse_some()
    refused = [done(stage, BACKFILL).tally.refused]
    for _ in range(4):
        stage.live(QUARTER, pace=0)
        refused.append(done(stage, SYNC).tally.refused)
    some = refused[0]
    assert some > 0
    assert refused == [some, some, 0, some, 0], "after a quarter of an hour, then after half an hour"
    stage.calm()
    stage.live(4 * QUARTER, pace=0)
    assert done(stage, SYNC).tally.written >= some
    assert json.loads(stage.leadgauge("status", "--json").stdout)[0]["refused"] == []
