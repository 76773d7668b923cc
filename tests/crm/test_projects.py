"""Both projects are rendered from one description of the outputs, for any scorecards and prefixes."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config import load_settings
from config.likelihoods import save_likelihood
from crm.boards import boards_of, default_boards
from crm.for_salesforce import Org
from crm.projects import CRMS, Crm, checked_in, default_files, project
from crm.writing import LISTING
from pipeline.connect import output_fields
from scoring import Likelihood
from scoring.likelihood import points_digest
from tests.crm.conftest import Connected
from vocabulary.outputs import OUTPUTS

ROOT = Path(__file__).parents[2]
PROJECT = pytest.mark.parametrize("crm", CRMS)
FIELDS = "|".join(one.name.removeprefix("lead_") for one in OUTPUTS)
UNPREFIXED = re.compile(rf"(?<![a-z_])(?:lead|account)_(?:{FIELDS})(?:__c)?(?![a-z_])", re.IGNORECASE)
"""A field without a prefix, as HubSpot and as Salesforce write it."""


def test_what_is_checked_in_is_what_the_description_makes() -> None:
    """`python -m crm` rewrites it."""
    made = checked_in()
    assert {file: file.read_text(encoding="utf-8") for file in made} == made


@PROJECT
def test_no_file_is_left_over_that_is_no_longer_made(crm: Crm) -> None:
    is_made = re.compile(r"Written by leadgauge: change nothing here|Copied from crm/card/")
    marked = {
        str(file.relative_to(ROOT / "crm" / crm))
        for file in (ROOT / "crm" / crm).rglob("*")
        if file.is_file() and "node_modules" not in file.parts and is_made.search(file.read_text(errors="replace"))
    }
    assert marked
    assert marked <= set(default_files(crm))


@PROJECT
def test_a_prefix_reaches_every_file_of_a_project(crm: Crm) -> None:
    files = project(crm, default_boards("acme_"), Org())
    assert any("acme_" in path + content.decode(errors="replace").lower() for path, content in files.items())
    assert {
        path: found
        for path, content in files.items()
        if (found := UNPREFIXED.findall(path + content.decode(errors="replace")))
    } == {}


@PROJECT
@pytest.mark.parametrize("prefixes", [("",), ("", "acme_")])
def test_one_field_for_what_sales_says_serves_all_scorecards(
    crm: Crm, prefixes: tuple[str, ...], connected: Connected
) -> None:
    """People edit it, the integration user reads it; without `feedback` in the settings there is none."""
    files = project(crm, boards_of(connected(crm, *prefixes, more=", feedback: true")[1]), Org())
    shown = next(text.decode() for path, text in files.items() if path.endswith("/outputs.js"))
    name = "lead_feedback" if crm == "hubspot" else "Lead_Feedback__c"
    assert shown.count(f'"field": "{name}"' if f'"field": "{name}"' in shown else f'field: "{name}"') == len(prefixes)
    assert "acme_lead_feedback" not in shown.lower()
    if crm == "salesforce":
        assert len([path for path in files if path.endswith("Lead_Feedback__c.field-meta.xml")]) == 2
        assert editable(files, "leadgauge_read") == {"Lead.Lead_Feedback__c", "Contact.Lead_Feedback__c"}
        assert not editable(files, "leadgauge") & {"Lead.Lead_Feedback__c", "Contact.Lead_Feedback__c"}
    plain = project(crm, boards_of(connected(crm, *prefixes)[1]), Org())
    assert not [path for path, text in plain.items() if name in path or name.encode() in text]


def editable(files: dict[str, bytes], name: str) -> set[str]:
    """Return the fields that a permission set lets people edit."""
    text = files[f"force-app/main/default/permissionsets/{name}.permissionset-meta.xml"].decode()
    return set(re.findall(r"<editable>true</editable>\s*<field>([^<]+)</field>", text))


def test_a_field_of_the_company_is_shown_and_not_made(connected: Connected) -> None:
    more = ", feedback: {field: Verdict__c, values: {Bad fit: [No budget]}}"
    files = project("salesforce", boards_of(connected("salesforce", "", more=more)[1]), Org())
    shown = next(text.decode() for path, text in files.items() if path.endswith("/outputs.js"))
    assert 'field": "Verdict__c"' in shown or 'field: "Verdict__c"' in shown
    assert not [path for path, text in files.items() if "Lead_Feedback__c" in path or b"Lead_Feedback__c" in text]


def test_a_project_has_nothing_that_only_its_developers_need() -> None:
    files = project("hubspot", default_boards(), Org())
    assert {path.split("/")[0] for path in files} == {"README.md", "hsproject.json", "src", "workflows"}
    assert "src/app/cards/package.json" in files


def test_what_finds_fields_without_a_prefix_finds_them() -> None:
    """The test above would not see a mistake otherwise."""
    for text in (
        "lead_priority",
        "Lead_Priority__c",
        "<field>Lead.Lead_Score__c<",
        '"account_grade"',
        "objects/Lead/Lead_Fit__c.x",
    ):
        assert UNPREFIXED.search(text), text
    for text in ("acme_lead_priority", "Acme_Lead_Priority__c", "lead_priorityX", "Lead priority"):
        assert not UNPREFIXED.search(text), text


def scorecards(files: dict[str, bytes], crm: Crm) -> Any:
    """Return what `outputs.js` exports."""
    (text,) = (content.decode() for path, content in files.items() if path.endswith("outputs.js"))
    plain = text[text.index("[\n") :].rstrip(";\n")
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", re.sub(r"(?m)([{,]\s*)(\w+):", r'\1"\2":', plain)))


@PROJECT
def test_the_component_knows_names_scales_and_sentences_of_each_scorecard(crm: Crm, connected: Connected) -> None:
    _, connection = connected(
        crm, "", "acme_", more=", outputs: {lead_score: true, lead_fit: true, lead_readiness: false}"
    )
    plain, acme = scorecards(project(crm, boards_of(connection), Org()), crm)
    assert (plain["prefix"], plain["title"], plain["horizonDays"], plain["accounts"]) == ("", "", None, None)
    assert (acme["prefix"], acme["title"]) == ("acme_", "acme")
    named = {"hubspot": "acme_lead_priority", "salesforce": "Acme_Lead_Priority__c"}[crm]
    assert acme["leads"]["priority"] == {
        "field": named,
        "label": "acme: Lead priority",
        "expected": True,
        "choices": ["Hot", "Cold"],
        "sentences": ["Call today.", ""],
    }
    score, fit = plain["leads"]["score"], plain["leads"]["fit"]
    assert (score["minimum"], score["maximum"], score["expected"]) == (None, 150, True)
    assert (fit["minimum"], fit["maximum"]) == (-10, None)
    assert "readiness" not in plain["leads"]  # a field of an earlier time would show what no longer holds


def test_the_likelihood_says_how_far_it_looks_ahead(connected: Connected) -> None:
    """Its horizon is in the file that `calibrate` writes, with which its field comes."""
    path, connection = connected("hubspot", "")
    assert boards_of(connection)[0].horizon is None
    fitted = Likelihood(
        likelihood="plain",
        points=points_digest(connection.scorecards[0].card),
        fitted_at=datetime(2026, 11, 29, tzinfo=UTC),
        horizon=30,
        look_back=180,
        intercept=-3,
        per_point=0.1,
    )
    save_likelihood(fitted, path.parent / "fitted.yaml")
    path.write_text(path.read_text().replace("prefix: ''", "prefix: '', likelihood: fitted.yaml"))
    (board,) = scorecards(project("hubspot", boards_of(load_settings(path).connections["main"]), Org()), "hubspot")
    assert board["horizonDays"] == 30
    assert board["leads"]["likelihood"]["field"] == "lead_likelihood"


@PROJECT
def test_the_project_of_settings_has_the_fields_that_they_write(crm: Crm, connected: Connected) -> None:
    _, connection = connected(crm, "", "acme_", more=", outputs: {lead_score: true, lead_readiness: false}")
    boards = boards_of(connection)
    assert [one for board in boards for one in board.fields("leads")] == output_fields(connection)


@PROJECT
def test_the_command_writes_a_project_and_renews_it(
    crm: Crm, connected: Connected, leadgauge: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    """What the scorecards no longer need is removed, and what an administrator added stays."""
    folder = tmp_path / "project"
    connected(crm, "", "acme_")
    settings, _ = connected(crm, "acme_", "other_")
    code, said = leadgauge("crm", crm, folder, "-s", settings)
    assert code == 0, said
    first = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    (folder / "notes.md").write_text("ours")
    settings, connection = connected(crm, "acme_")
    code, said = leadgauge("crm", crm, folder, "-s", settings)
    assert code == 0, said
    files = project(crm, boards_of(connection), Org())
    there = {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert there.pop("notes.md") == b"ours"
    assert set(there.pop(LISTING).decode().splitlines()[1:]) == set(files)
    assert there == files
    assert "removed" in said
    assert first - set(files) - {LISTING}


def test_a_folder_of_others_is_left_alone(leadgauge: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    """So is a project for the other CRM, and one whose listing leads out of the folder."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "a.txt").write_text("a")
    (tmp_path / "out.txt").write_text("mine")
    refused = leadgauge("crm", "hubspot", tmp_path / "theirs")
    assert refused[0] == 2
    assert "leadgauge did not make it" in refused[1]
    assert leadgauge("crm", "hubspot", tmp_path / "ours")[0] == 0
    other = leadgauge("crm", "salesforce", tmp_path / "ours")
    assert (other[0], "is not that of such a project" in other[1]) == (2, True)
    with (tmp_path / "ours" / LISTING).open("a") as listing:
        listing.write("../out.txt\n")
    escaping = leadgauge("crm", "hubspot", tmp_path / "ours")
    assert (escaping[0], "which is not in it" in escaping[1]) == (2, True)
    assert (tmp_path / "out.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--prefix", "Acme"), "is not a prefix"),
        (("--connection", "main"), "add --settings"),
        (("--prefix", "a_", "-s", "leadgauge.yaml"), "without --settings"),
        (("-s", "missing.yaml"), "missing.yaml"),
    ],
)
def test_wrong_options_are_refused_with_what_to_do(
    leadgauge: Callable[..., tuple[int, str]], tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    code, output = leadgauge("crm", "hubspot", tmp_path / "x", *words)
    assert (code, said in output) == (2, True), output
    assert not (tmp_path / "x").exists()


def test_a_connection_to_the_other_crm_is_named(
    leadgauge: Callable[..., tuple[int, str]], connected: Connected, tmp_path: Path
) -> None:
    settings, _ = connected("salesforce", "")
    code, output = leadgauge("crm", "hubspot", tmp_path / "x", "-s", settings)
    assert (code, "leadgauge crm salesforce DIR" in output) == (2, True), output
