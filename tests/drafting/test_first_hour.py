"""The first hour with rights to read alone: a token, a draft, `check --read-only`; nothing is written in the CRM."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result

from tests.stage import Stage
from worker import main

READ = (
    "crm.objects.contacts.read",
    "crm.schemas.contacts.read",
    "crm.objects.companies.read",
    "crm.schemas.companies.read",
    "crm.objects.deals.read",
    "crm.objects.marketing_events.read",
    "forms",
    "content",
    "business-intelligence",
)
"""The scopes of docs/hubspot.md that only read."""
READING = ("GET", "batch/read", "/search", "/oauth2/token", "/query")
"""What the calls that only read have in their method or path."""


def read_only(stage: Stage, *left_out: str) -> list[str]:
    """Grant rights to read alone, without some scopes or objects, and return the words that reach the CRM."""
    if stage.crm == "hubspot":
        scopes = frozenset(READ) - set(left_out)
        stage.app.state.portal.tokens.add("pat-reads-only", scopes)
        stage.environment["HUBSPOT_TOKEN"] = "pat-reads-only"
    else:
        org, known = stage.app.state.sandbox.org, stage.app.state.sandbox.credentials
        org.reads_only, org.unseen = True, set(left_out)
        stage.environment["SALESFORCE_CONSUMER_KEY"] = known.consumer_key
        stage.environment["SALESFORCE_CONSUMER_SECRET"] = known.consumer_secret
    return ["--crm", stage.crm, "--from-crm", "--base-url", stage.url]


def leadgauge(stage: Stage, *words: str) -> Result:
    return CliRunner().invoke(main, list(words), env=stage.environment, catch_exceptions=False)


def drafted(stage: Stage, folder: Path, *left_out: str) -> tuple[Result, str, str]:
    """Draft both files, and return the result, the settings and the scorecard."""
    done = leadgauge(stage, "init", *read_only(stage, *left_out), str(folder))
    assert done.exit_code == 0, done.output
    return done, (folder / "leadgauge.yaml").read_text(), (folder / "scorecard.yaml").read_text()


def calls(stage: Stage) -> list[str]:
    """Return the method and path of each call in the log of the CRM."""
    log = requests.get(f"{stage.url}/_sandbox/log", timeout=10).json()["log"]
    return [f"{call['method']} {call['path']}" if isinstance(call, dict) else f"{call[0]} {call[1]}" for call in log]


def test_a_draft_is_planned_with_rights_to_read_alone_and_nothing_is_written(
    crm: Callable[..., Stage], tmp_path: Path
) -> None:
    """Token, draft, check, and one page to forward: the CRM has got no call that writes, and no lead has changed."""
    stage = crm(leads=150)
    settings = str(tmp_path / "draft/leadgauge.yaml")
    drafted(stage, tmp_path / "draft")
    checked = leadgauge(stage, "check", settings, "--read-only")
    assert checked.exit_code == 0, checked.stdout
    page = tmp_path / "plan.html"
    planned = leadgauge(stage, "plan", "--settings", settings, "--read", "--html", str(page))
    assert planned.exit_code == 0, planned.output
    assert "<html" in page.read_text()
    assert [call for call in calls(stage) if not any(part in call for part in READING)] == []
    assert {value for values in stage.fields("lead_score", "lead_priority").values() for value in values.values()} == {
        None
    }


def test_a_draft_has_the_companys_own_values_with_their_counts(crm: Callable[..., Stage], tmp_path: Path) -> None:
    stage = crm(leads=400)
    done, settings, card = drafted(stage, tmp_path / "draft")
    assert re.search(r"Software: \d+ +# \d+ of \d+ leads \(\d+%\)", card)
    assert re.search(r"US: \d+ of \d+ leads", card)
    assert re.search(r"Company size 51 to 200", card)
    assert re.search(r"# /pricing \(\d+ views by \d+ leads\)\n.*\{name: Pricing page", card)
    assert re.search(r"most frequent job titles: .*\(\d+\)", card)
    assert re.search(r"industry: .*# Industry: filled for \d+ of \d+ leads \(\d+%\)", settings)
    said = re.search(r"Looked at: .*, ([\d,]+) of ([\d,]+) leads \(.*\), by (\d+) calls", settings.replace("\n# ", " "))
    assert said, settings
    assert f"in {said[3]} calls" in done.stderr
    assert int(said[3]) == stage.calls()


def test_a_draft_holds_nothing_about_single_people(crm: Callable[..., Stage], tmp_path: Path) -> None:
    """Names, addresses and numbers are written into custom fields too, as people do."""
    stage = crm(leads=300)
    _, settings, card = drafted(stage, tmp_path / "draft")
    held = stage.fields("firstname", "lastname", "email", "phone") if stage.crm == "hubspot" else {}
    rows = [*held.values()] or [
        {name: row.get(name) for name in ("FirstName", "LastName", "Email", "Phone")}
        for row in stage.app.state.sandbox.org.rows("Lead")
    ]
    words = set(re.findall(r"\w[\w.@+-]*\w", f"{settings} {card}"))
    personal = {value for row in rows for value in row.values() if value and len(value) > 4}
    assert personal
    assert personal & words == set()


@pytest.mark.parametrize(
    ("left_out", "missing", "remedy"),
    [
        (
            "crm.objects.companies.read",
            "the fields of companies, such as industry and size",
            "crm.objects.companies.read",
        ),
        ("crm.objects.deals.read", "won deals", "crm.objects.deals.read"),
        ("forms", "forms", "Grant the scopes forms to the token."),
    ],
)
def test_a_missing_scope_costs_a_named_part_of_the_draft(
    hubspot: Callable[..., Stage], tmp_path: Path, left_out: str, missing: str, remedy: str
) -> None:
    done, settings, card = drafted(hubspot(leads=60), tmp_path / "draft", left_out)
    for text in (done.stderr, settings, card):
        flat = " ".join(text.replace("\n#", " ").split())
        assert f"Missing: {missing}." in flat
        assert remedy in flat


@pytest.mark.parametrize(
    ("left_out", "missing"), [("CampaignMember", "campaigns"), ("Task", "completed tasks"), ("Contact", "contacts")]
)
def test_an_object_that_the_user_may_not_read_costs_a_named_part_of_the_draft(
    salesforce: Callable[..., Stage], tmp_path: Path, left_out: str, missing: str
) -> None:
    done, settings, _ = drafted(salesforce(leads=60), tmp_path / "draft", left_out)
    assert f"Missing: {missing}." in done.stderr
    assert f"# Missing: {missing}." in settings


def test_without_the_right_to_read_leads_nothing_is_drafted(crm: Callable[..., Stage], tmp_path: Path) -> None:
    stage = crm(leads=20)
    lacking = ("crm.objects.contacts.read",) if stage.crm == "hubspot" else ("Lead", "Contact")
    done = CliRunner().invoke(
        main, ["init", *read_only(stage, *lacking), str(tmp_path / "draft")], env=stage.environment
    )
    assert done.exit_code == 2, done.output
    assert not (tmp_path / "draft").exists()


def test_a_draft_overwrites_nothing_and_asks_for_nothing_then(crm: Callable[..., Stage], tmp_path: Path) -> None:
    stage = crm(leads=20)
    (tmp_path / "scorecard.yaml").write_text("mine")
    before = stage.calls()
    done = leadgauge(stage, "init", *read_only(stage), str(tmp_path))
    assert done.exit_code == 2
    assert "scorecard.yaml: this file exists already." in done.stderr
    assert (tmp_path / "scorecard.yaml").read_text() == "mine"
    assert stage.calls() == before


@pytest.mark.slow
def test_a_large_portal_with_many_properties_takes_no_more_calls(hubspot: Callable[..., Stage], tmp_path: Path) -> None:
    stage = hubspot(leads=4_500)
    for number in range(600):
        wish = {"name": f"own_{number}", "label": f"Own {number}", "type": "string", "fieldType": "text"}
        stage.app.state.portal.table("contacts")
        made = requests.post(
            f"{stage.url}/crm/v3/properties/contacts",
            json={**wish, "groupName": "contactinformation"},
            headers={"Authorization": f"Bearer {stage.app.state.portal.tokens.static}"},
            timeout=10,
        )
        made.raise_for_status()
    before = stage.calls()
    done, _, card = drafted(stage, tmp_path / "draft")
    assert stage.calls() - before <= 130
    assert "Missing: some custom properties." in done.stderr
    assert len(card.splitlines()) < 400


def test_an_org_without_leads_is_drafted_from_contacts_their_accounts_and_won_opportunities(
    salesforce: Callable[..., Stage], tmp_path: Path
) -> None:
    stage = salesforce(leads=400)
    _, settings, card = drafted(stage, tmp_path / "draft", "Lead")
    assert re.search(r"industry: \{Contact: Account.Industry\}|industry: Account.Industry", settings)
    assert "contacts of won opportunities" in card
    checked = leadgauge(stage, "check", str(tmp_path / "draft/leadgauge.yaml"), "--read-only", "--json")
    errors = [one for one in json.loads(checked.stdout)["connections"]["main"] if one["level"] == "error"]
    assert (errors, checked.exit_code) == ([], 0)
