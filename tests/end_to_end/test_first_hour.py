"""The first hour with leadgauge: a RevOps person drafts and looks, an engineer installs, a sales person reads."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from playwright.sync_api import expect

from tests.browser.conftest import Show, chromium, show
from tests.drafting.test_first_hour import READING, calls, read_only
from tests.stage import Stage
from worker import main

__all__ = ["chromium", "show"]

LEADS = 150
DEFAULT = {"lead_priority", "lead_why_now", "lead_next_step", "lead_grade", "lead_readiness"}


def leadgauge(stage: Stage, *words: str, code: int = 0) -> str:
    """Run a command as a person types it, and return what it prints; it must end with this code."""
    done = CliRunner().invoke(main, list(words), env=stage.environment, catch_exceptions=False)
    assert done.exit_code == code, f"{words}: {done.output}"
    return done.stdout


def listed(stage: Stage, settings: str) -> list[dict[str, Any]]:
    """Return the most urgent leads and their results."""
    found = json.loads(leadgauge(stage, "leads", "--settings", settings, "--top", "5", "--json"))
    return [one["results"] | {"lead": one["lead"]} for one in found]


def revops(stage: Stage, folder: Path) -> str:
    """Draft from rights to read, look, try an edit on one lead, and get a page to forward; return the settings."""
    access, settings = read_only(stage), str(folder / "leadgauge.yaml")
    leadgauge(stage, "init", *access, str(folder))
    assert "ready" in leadgauge(stage, "check", settings, "--read-only").lower()
    assert "no lead was read yet" in CliRunner().invoke(main, ["plan", "--settings", settings]).stderr
    page = folder / "plan.html"
    told = leadgauge(stage, "plan", "--settings", settings, "--read", "--capacity", "20", "--html", str(page))
    assert f"{LEADS} leads" in told
    assert "P1" in page.read_text()
    card = (folder / "scorecard.yaml").read_text()
    edited = folder / "edited.yaml"
    edited.write_text(re.sub(r"(name: Demo request, .*points: )\d+", r"\g<1>39", card))
    leadgauge(stage, "check", str(edited))
    samples = json.loads(leadgauge(stage, "plan", "--settings", settings, "--json"))[0]["samples"]
    lead = next(one["lead"] for one in samples if did(stage, settings, one["lead"], "Demo request"))
    tried = json.loads(leadgauge(stage, "explain", lead, "--settings", settings, "--scorecard", str(edited), "--json"))
    assert "Demo request" in json.dumps(tried)
    assert [call for call in calls(stage) if not any(part in call for part in READING)] == []
    return settings


def did(stage: Stage, settings: str, lead: str, rule: str) -> bool:
    (found,) = json.loads(leadgauge(stage, "explain", lead, "--settings", settings, "--json"))
    return rule in {line["name"] for line in found["lines"]}


def engineer(stage: Stage, settings: str) -> None:
    """Provision, see that nothing is written unasked, allow it, and see that a second backfill writes nothing."""
    stage.environment |= everything(stage)
    leadgauge(stage, "check", settings, code=2)
    leadgauge(stage, "provision", "--settings", settings)
    leadgauge(stage, "check", settings)
    leadgauge(stage, "backfill", "--settings", settings, code=1)
    assert written(stage) == {}
    leadgauge(stage, "backfill", "--settings", settings, "--yes")
    again = json.loads(leadgauge(stage, "backfill", "--settings", settings, "--json"))
    assert again["written"] == 0


def everything(stage: Stage) -> dict[str, str]:
    """Return the secrets of a user with all rights, under the names that the draft uses."""
    if stage.crm == "hubspot":
        return {"HUBSPOT_TOKEN": stage.app.state.portal.tokens.static}
    stage.app.state.sandbox.org.reads_only = False
    return {}


def written(stage: Stage) -> dict[str, dict[str, Any]]:
    """Return the leads that have a priority in the CRM."""
    try:
        found = stage.fields(*sorted(DEFAULT))
    except KeyError:
        return {}
    return {lead: values for lead, values in found.items() if values["lead_readiness"] is not None}


def sales(stage: Stage, show: Show, urgent: dict[str, Any]) -> None:
    """Open the most urgent lead in the CRM, and read what to do, why, and how good it is."""
    place = "contacts" if stage.crm == "hubspot" else "records"
    record = show(f"{stage.url}/{place}/{urgent['lead']}").locator("[data-card]")
    for name in ("lead_priority", "lead_next_step", "lead_why_now"):
        expect(record.get_by_text(str(urgent[name])).first).to_be_visible()
    expect(record.get_by_text("lead_scorecard")).to_have_count(0)


def test_from_a_token_to_a_call_in_one_hour(crm: Callable[..., Stage], tmp_path: Path, show: Show) -> None:
    stage = crm(leads=LEADS)
    settings = revops(stage, tmp_path / "first")
    engineer(stage, settings)
    held = written(stage)
    assert len(held) == LEADS
    top = listed(stage, settings)
    for one in top:
        assert {name: held[one["lead"]][name] for name in DEFAULT} == {name: one[name] for name in DEFAULT}
    sales(stage, show, top[0])
