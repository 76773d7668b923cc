"""Before a scorecard writes for the first time, a person is asked; on both CRMs and both databases."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.passes import BACKFILL, SYNC
from tests.end_to_end.test_daemon import often, wait_until
from tests.end_to_end.test_surprises import done, edit
from tests.stage import Stage

Open = Callable[..., Stage]
LEADS = 20


def asking(connection: dict[str, Any]) -> None:
    connection["write"] = {"first": "ask"}


def asked(crm: Open) -> Stage:
    """Open a stage whose first write is asked for, as by default."""
    stage = crm(LEADS)
    stage.configure(asking)
    stage.provision()
    return stage


def written(stage: Stage, output: str = "lead_score_status") -> int:
    return sum(values[output] is not None for values in stage.fields(output).values())


def test_the_first_backfill_reads_and_scores_and_writes_once_it_is_allowed(crm: Open) -> None:
    stage = asked(crm)
    held = stage.leadgauge("backfill", "--json")
    told = json.loads(held.stdout)
    (first,) = told["first_write"]
    assert (held.returncode, told["state"], told["leads"], told["written"], written(stage)) == (1, "held", LEADS, 0, 0)
    assert (first["leads"], sum(first["priorities"].values())) == (LEADS, LEADS)
    assert first["cost"]["calls"] > 0
    assert told["message"].startswith(f"b2b-saas would write {LEADS} leads for the first time (P")
    assert "Look at `leadgauge plan`; then run `leadgauge backfill --yes`" in told["message"]
    calls = stage.calls()
    assert stage.leadgauge("backfill", "--yes").returncode == 0
    assert (written(stage), stage.calls() - calls < calls) == (LEADS, True), "what was read is kept"
    assert done(stage, BACKFILL).state == "done", "it never asks again"


@pytest.mark.parametrize(("answer", "ended"), [("y", 0), pytest.param("n", 1, marks=pytest.mark.slow)])
def test_on_a_terminal_the_first_backfill_asks(hubspot: Open, answer: str, ended: int) -> None:
    stage = asked(hubspot)
    terminal, theirs = os.openpty()
    command = [sys.executable, "-m", "worker", *stage.command("backfill", "--json")]
    environment = os.environ | stage.environment
    with subprocess.Popen(command, env=environment, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE) as process:
        os.close(theirs)
        shown = b""
        while b"[y/N]" not in shown:
            shown += os.read(terminal, 1000)
        os.write(terminal, f"{answer}\n".encode())
        told, _ = process.communicate(timeout=60)
    os.close(terminal)
    assert f"would write {LEADS} leads for the first time" in shown.decode()
    assert f"Write {LEADS} leads to the CRM? [y/N]" in shown.decode()
    assert (process.returncode, json.loads(told)["exit_code"]) == (ended, ended)
    assert written(stage) == (LEADS if answer == "y" else 0)


def test_a_daemon_holds_the_first_write_until_it_is_accepted(scene: Open) -> None:
    stage = scene(LEADS)
    stage.configure(lambda connection: (asking(connection), often(connection))[0])
    with stage.start("run") as daemon:
        wait_until(lambda: "would write" in stage.leadgauge("status").stdout, daemon)
        plan = stage.leadgauge("plan", "--read")
        assert written(stage) == 0
        accepted = stage.leadgauge("sync", "--accept")
        assert (accepted.returncode, "accepted" in accepted.stderr) == (0, True)
        wait_until(lambda: written(stage) == LEADS, daemon)
        daemon.terminate()
        daemon.communicate(timeout=60)
    assert "has the connection and does it between its passes" in plan.stderr
    assert re.search(r"main: read \d+ done: leads=", plan.stderr)
    assert f"{LEADS} to write" in plan.stdout


def test_a_scorecard_added_later_asks_for_its_own_fields_only(crm: Open) -> None:
    stage = asked(crm)
    done(stage, BACKFILL, yes=True)

    def both(connection: dict[str, Any]) -> None:
        card = connection.pop("scorecard")
        connection["scorecards"] = [{"file": card}, {"file": card, "prefix": "b_"}]
        asking(connection)

    stage.configure(both)
    stage.provision()
    report = done(stage, SYNC)
    assert (report.state, written(stage, "b_lead_score_status")) == ("held", 0)
    assert report.message.startswith(f"b_b2b-saas would write {LEADS} leads for the first time")
    assert done(stage, SYNC, yes=True).tally.written == LEADS
    assert done(stage, SYNC).state == "done"


def test_once_the_first_write_was_undone_an_edited_scorecard_asks_again(crm: Open) -> None:
    stage = asked(crm)
    run = done(stage, BACKFILL, yes=True).run
    assert stage.leadgauge("undo", str(run)).returncode == 0
    assert "was undone" in done(stage, SYNC, yes=True).message, "a yes does not take an undo back"
    edit(stage, "Decision maker", "Decision makers")
    report = done(stage, SYNC)
    assert (report.state, report.tally.written, written(stage)) == ("held", 0, 0)
    assert "for the first time" in report.message
    assert done(stage, SYNC, accept=True).tally.written == LEADS


def test_fields_that_were_removed_and_made_again_are_asked_for_again(crm: Open) -> None:
    stage = asked(crm)
    done(stage, BACKFILL, yes=True)
    assert stage.leadgauge("provision", "--remove", "--yes").returncode == 0
    stage.provision()
    assert (done(stage, SYNC).state, written(stage)) == ("held", 0)
    assert done(stage, SYNC, yes=True).state == "done"
    assert written(stage) == LEADS


def test_what_an_older_version_left_pending_is_asked_for_until_the_settings_let_it_go(crm: Open) -> None:
    """Its results are staged and not held, so that a pass would send them before it reads."""
    stage = asked(crm)
    done(stage, BACKFILL)
    with stage.job() as job:
        (active,) = job.scorecards
        held = active.outbox.held()
        assert held
        active.outbox.release(held.run)
    assert (done(stage, SYNC).state, written(stage)) == ("held", 0)
    stage.configure()
    assert done(stage, SYNC).tally.written == LEADS
    stage.configure(asking)
    assert done(stage, SYNC).state == "done", "it was allowed once"


def test_a_plan_reads_first_with_rights_to_read_and_no_field_of_ours(crm: Open) -> None:
    stage = crm(LEADS)
    stage.configure(asking)
    if stage.crm == "hubspot":
        stage.fault("missing-scope", "crm.objects.contacts.write")
    page = stage.folder / "plan.html"
    told = stage.leadgauge("plan", "--read", "--capacity", "5", "--json", "--html", str(page))
    (plan,) = json.loads(told.stdout)
    assert told.returncode == 0, told.stderr
    assert (plan["writes_by_reason"], plan["asks"]) == ({"first": LEADS}, True)
    assert sum(plan["priorities"].values()) == sum(cell["leads"] for cell in plan["grades"]) == LEADS
    assert plan["reach"]["sentence"].split("; ")[-1].startswith("5 calls a week reach P")
    assert {sample["why"] for sample in plan["samples"]} == {"first"}
    assert f'<a href="{plan["samples"][0]["link"]}">' in page.read_text()
    assert "5 calls a week reach P" in page.read_text()
    assert (plan["leads"], plan["writes"]) == (LEADS, LEADS)
    assert f"main: read 1 done: leads={LEADS} " in told.stderr
    tokens = {name: os.environ.pop(name) for name in stage.environment}
    stage.environment.clear()
    shown = stage.leadgauge("plan", "--capacity", "5")
    assert (shown.returncode, shown.stderr) == (0, ""), "without a token"
    assert f"  {LEADS} written for the first time\n" in shown.stdout
    assert all(title in shown.stdout for title in ("Priorities: P", "Scores ", "Grades and stages "))
    os.environ.update(tokens)
    stage.calm()
    calls = stage.calls()
    stage.provision()
    assert done(stage, BACKFILL, yes=True).tally.written == LEADS
    assert stage.calls() - calls < 2 * calls, "what was read is kept"


def test_values_that_somebody_wrote_before_a_plan_read_come_back_with_an_undo(crm: Open) -> None:
    stage = crm(LEADS)
    stage.provision()
    with stage.job() as job:
        job.crm_fields.drop(list(job.crm_fields.known()))
    lead = min(stage.fields())
    stage.meddle(lead, "lead_score", "412")
    assert stage.leadgauge("plan", "--read").returncode == 0
    assert stage.leadgauge("provision", "--adopt", "lead_score").returncode == 0
    run = done(stage, BACKFILL, yes=True).run
    assert stage.leadgauge("undo", str(run)).returncode == 0
    assert stage.fields("lead_score")[lead]["lead_score"] == "412"
