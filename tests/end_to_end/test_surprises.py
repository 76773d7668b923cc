"""No surprise in the CRM: plan, guard, accept, undo, explain, forget."""

import json
import re
from collections.abc import Callable

from pipeline.passes import BACKFILL, REFRESH, SYNC, Orders
from tests.stage import Stage

Open = Callable[..., Stage]
SHOWN = ("lead_score", "lead_grade", "lead_priority", "lead_readiness")


def edit(stage: Stage, old: str, new: str) -> None:
    """Change the scorecard in place."""
    card = stage.folder / "b2b-saas.yaml"
    text = card.read_text()
    assert old in text
    card.write_text(text.replace(old, new))


def loosen(stage: Stage) -> None:
    """Change the grade of most leads: the country alone decides."""
    edit(stage, "minimum_known: 50%", "minimum_known: 1%")
    bands = "A+: 95, A: 85, A-: 80, B+: 75, B: 65, B-: 60, C+: 55, C: 45, C-: 40, D+: 35, D: 25, D-: 20, F: 0"
    edit(stage, bands, "A+: 1, F: 0")


def test_the_plan_tells_a_changed_scorecard_s_moves_without_a_write(hubspot: Open) -> None:
    stage = hubspot(80)
    stage.provision()
    stage.do(BACKFILL)
    before = stage.fields(*SHOWN)
    loosen(stage)
    page = stage.folder / "plan.html"
    told = stage.leadgauge("plan", "--json", "--html", str(page))
    plan = json.loads(told.stdout)[0]
    assert (plan["leads"], plan["scored_before"]) == (80, 80)
    assert plan["guarded"]
    assert plan["writes"] >= plan["moved"] > 20
    assert page.read_text().startswith("<!doctype html>")
    assert not re.search(r'(src|href)="http', page.read_text())
    assert stage.fields(*SHOWN) == before


def test_a_surprising_pass_writes_nothing_until_it_is_accepted(hubspot: Open) -> None:
    stage = hubspot(80)
    stage.provision()
    stage.do(BACKFILL)
    before = stage.fields(*SHOWN)
    loosen(stage)
    held = stage.do(SYNC)
    assert (held.state, held.tally.written) == ("held", 0)
    assert "--accept" in held.message
    assert stage.do(SYNC).state == "held"
    assert stage.fields(*SHOWN) == before
    accepted = stage.do(SYNC, Orders(accept=True))
    assert accepted.state == "done"
    assert accepted.tally.written > 20
    assert {values["lead_grade"] for values in stage.fields("lead_grade").values()} <= {"A+", "F", None, ""}


def test_a_scorecard_put_back_ends_the_hold_without_a_write(hubspot: Open) -> None:
    stage = hubspot(80)
    stage.provision()
    stage.do(BACKFILL)
    before, card = stage.fields(*SHOWN), (stage.folder / "b2b-saas.yaml").read_text()
    loosen(stage)
    stage.do(SYNC)
    (stage.folder / "b2b-saas.yaml").write_text(card)
    assert stage.do(SYNC).state == "done"
    assert stage.fields(*SHOWN) == before


def test_undo_writes_back_what_a_run_replaced_but_not_what_somebody_changed_since(hubspot: Open) -> None:
    stage = hubspot(80)
    stage.provision()
    stage.do(BACKFILL)
    before = stage.fields(*SHOWN)
    loosen(stage)
    run = stage.do(SYNC, Orders(accept=True)).run
    moved = [
        lead for lead, values in stage.fields(*SHOWN).items() if values["lead_grade"] != before[lead]["lead_grade"]
    ]
    meddled = moved[0]
    table = stage.app.state.portal.table("contacts")
    record = table.records[int(meddled)]
    record.values = record.values | {"lead_grade": "B"}
    undone = stage.leadgauge("undo", str(run), "--json")
    assert undone.returncode == 0, undone.stderr
    after = stage.fields(*SHOWN)
    assert after[meddled]["lead_grade"] == "B"
    assert {lead: after[lead] for lead in moved[1:]} == {lead: before[lead] for lead in moved[1:]}
    assert stage.do(SYNC).tally.written == 0
    assert {lead: stage.fields(*SHOWN)[lead] for lead in moved[1:]} == {lead: before[lead] for lead in moved[1:]}


def test_time_alone_writes_only_what_changed_its_band_or_drifted(hubspot: Open) -> None:
    stage = hubspot(80)
    stage.provision()
    stage.do(BACKFILL)
    assert stage.do(REFRESH).tally.written == 0


def test_explain_tells_lines_that_add_up_to_the_score_in_the_crm(hubspot: Open) -> None:
    stage = hubspot(40)
    stage.provision()
    stage.do(BACKFILL)
    lead, values = max(stage.fields("lead_score", "email").items(), key=lambda item: float(item[1]["lead_score"] or 0))
    explained = json.loads(stage.leadgauge("explain", lead, "--history", "--json").stdout)[0]
    total = sum(line["points"] for line in explained["lines"])
    assert round(total, 9) == explained["results"]["lead_score"] == float(values["lead_score"] or 0)
    assert explained["history"][0]["causes"] == ["first"]
    by_mail = json.loads(stage.leadgauge("explain", str(values["email"]), "--json").stdout)[0]
    assert by_mail["lead"] == lead
    assert "first" in (shown := stage.leadgauge("explain", lead, "--history").stdout)
    assert f"score — → {values['lead_score']}" in shown


def test_forget_erases_a_person_from_the_database(hubspot: Open) -> None:
    stage = hubspot(40)
    stage.provision()
    stage.do(BACKFILL)
    lead = min(stage.fields())
    assert stage.leadgauge("forget", lead, "--yes").returncode == 0
    unknown = stage.leadgauge("explain", lead)
    assert unknown.returncode == 1
    assert f"no lead '{lead}'" in unknown.stderr


def test_a_row_that_the_crm_refuses_is_kept_with_its_reason_and_blocks_nobody(hubspot: Open) -> None:
    stage = hubspot(60)
    stage.provision()
    stage.app.state.mischief.set("bad-row", None)
    done = stage.leadgauge("backfill")
    assert done.returncode == 3, done.stderr
    assert "refused=1" in done.stdout
    status = stage.leadgauge("status")
    assert status.returncode == 3
    assert "1 refused" in status.stdout
