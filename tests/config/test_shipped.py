"""The shipped scorecards are complete, free of lint findings, and match their examples and golden files."""

import re
from pathlib import Path

import jsonschema
import pytest

from config import load_settings
from config.checking import check_scorecard
from config.docs import FOLDER, rendered, schema_file, schema_text, sections, shown
from config.documents import read_document
from config.kinds import KINDS
from config.schema import MODELS, Subject, schema
from config.settings import Settings
from scoring import Scorecard
from scoring.card.conditions import Test
from scoring.card.operators import OPERATORS
from tests.config.cards import SCORECARDS, SETTINGS
from tests.config.conftest import Write
from tests.config.golden_files import results

each_card = pytest.mark.parametrize("path", SCORECARDS, ids=lambda path: path.stem)
each_subject = pytest.mark.parametrize("subject", list(MODELS))


def test_seven_scorecards_ship() -> None:
    assert {path.stem for path in SCORECARDS} == {
        "account-based",
        "b2b-saas",
        "b2b-services",
        "b2c-considered",
        "hubspot-combined",
        "pardot-default",
        "product-led",
    }


@each_card
def test_a_shipped_scorecard_is_complete_and_free_of_slips(path: Path) -> None:
    report = check_scorecard(path)
    card = Scorecard.model_validate(read_document(path).data)
    assert not report.mistakes
    assert not report.slips
    assert card.name == path.stem
    assert None not in (card.score, card.grade, card.readiness, card.priority)
    assert len(card.examples) >= 4


@pytest.mark.parametrize("path", [*SCORECARDS, *SETTINGS], ids=lambda path: path.stem)
def test_shipped_files_fit_their_json_schema_and_name_it(path: Path) -> None:
    subject: Subject = "settings" if path in SETTINGS else "scorecard"
    jsonschema.Draft202012Validator(schema(subject)).validate(read_document(path).data)
    assert path.read_text(encoding="utf-8").startswith(f"# yaml-language-server: $schema={subject}.schema.json\n")


@each_subject
def test_the_json_schema_is_one_and_refuses_what_loading_refuses(subject: Subject) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(subject))
    for wrong in ({}, {"scorecard": 7}, {"connections": {}}, {"connections": {"a": {"crm": "x"}}}, {"unknown": 1}):
        assert not jsonschema.Draft202012Validator(schema(subject)).is_valid(wrong)


@pytest.mark.parametrize(
    "short",
    ["country: NO", "country: [DE, AT]", "country: {is_not: DE}", "employees: {at_least: 5, below: 9}", "vip: true"],
)
def test_the_json_schema_accepts_every_form_of_a_test(short: str, tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    path.write_text(
        f"scorecard: x\nfields: {{country: text}}\nreadiness: {{stages: [{{name: a}}, {{name: b, when: {{{short}, unanswered: {{kind: call, by: [chat]}}}}}}]}}\n"
    )
    jsonschema.Draft202012Validator(schema("scorecard")).validate(read_document(path).data)


@each_subject
def test_the_shipped_json_schema_is_up_to_date(subject: Subject) -> None:
    """Otherwise run `python -m config.docs`."""
    assert schema_file(subject).read_text(encoding="utf-8") == schema_text(subject)


@each_subject
def test_the_documentation_is_up_to_date_and_shows_every_option(subject: Subject) -> None:
    """Otherwise run `python -m config.docs`; a new section needs its own place in the page."""
    page = (FOLDER / f"{subject}.md").read_text(encoding="utf-8")
    assert rendered(page, subject) == page
    conditions = shown((FOLDER / "scorecard.md").read_text(encoding="utf-8")) if subject == "settings" else set()
    assert shown(page) == set(sections(subject)) - (conditions - {"top"})


def examples_in(page: Path) -> list[str]:
    """Return the YAML examples in a page that are whole files."""
    blocks = re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [block for block in blocks if re.search(r"^(scorecard|connections):", block, re.MULTILINE)]


def test_whole_scorecards_in_the_documentation_are_right(write: Write) -> None:
    found = examples_in(FOLDER / "scorecard.md")
    assert found
    for text in found:
        report = check_scorecard(write(text))
        assert not report.mistakes
        assert not report.slips


def test_the_examples_in_the_documentation_pass_on_its_scorecard(write: Write) -> None:
    page = FOLDER / "scorecard.md"
    examples = re.search(r"```yaml\n(examples:\n.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert examples
    report = check_scorecard(write(examples_in(page)[0] + examples[1]))
    assert [one.passed for one in report.examples] == [True]


def test_whole_settings_in_the_documentation_are_right(write: Write) -> None:
    found = examples_in(FOLDER / "settings.md")
    assert len(found) == 2
    for text in found:
        fields = "fields: {seniority: text, industry: text}"
        write(f"scorecard: x\n{fields}\n", "b2b-saas.yaml")
        load_settings(write(text, "leadgauge.yaml"))


def test_the_example_of_the_specification_is_right(write: Write) -> None:
    """Its only finding: `maximum: 25` of the group Person equals the sum of its rules."""
    page = Path(__file__).parents[2].parent / "shared" / "scorecard.md"
    if not page.exists():
        pytest.skip("the specification is not next to the project")
    report = check_scorecard(write(examples_in(page)[0]))
    assert not report.mistakes
    assert [one.passed for one in report.examples] == [True] * 5


def test_every_operator_and_kind_is_documented() -> None:
    page = (FOLDER / "scorecard.md").read_text(encoding="utf-8")
    operators = {operator for allowed in OPERATORS.values() for operator in allowed}
    assert operators | {"or_missing"} == {name.rstrip("_") for name in Test.model_fields}
    assert all(f"| `{name}` |" in page for name in {*operators, "or_missing", *KINDS})


def test_every_option_has_a_description() -> None:
    bare = [
        f"{subject}: {name}.{option}"
        for subject, model in (("settings", Settings), ("scorecard", Scorecard))
        for name, section in sections("settings" if model is Settings else "scorecard").items()
        for option, details in section["properties"].items()
        if not details.get("description") and "$ref" not in details
    ]
    assert bare == []


WAY = ("asked", "Being worked", "Open deal", "Customer")
ASKED = {"Ready", "Offer wanted", "Deciding", "Waiting", "Asking"}


@each_card
def test_the_stages_of_a_sale_come_in_its_order(path: Path) -> None:
    """CRMs show the stages before a lead's as passed: none that waits for a call may seem to be worked on already."""
    card = Scorecard.model_validate(read_document(path).data)
    for part in (card.readiness, card.accounts and card.accounts.readiness):
        names = ["asked" if name in ASKED else name for name in (part.names if part else ())]
        assert [name for name in names if name in WAY] == [name for name in WAY if name in names]


@each_card
def test_a_lead_that_waits_for_a_call_is_worth_more_than_one_that_is_worked_on(path: Path) -> None:
    card = Scorecard.model_validate(read_document(path).data)
    for part in (card.readiness, card.accounts and card.accounts.readiness):
        worth = dict(zip(part.names, part.indexes, strict=True)) if part else {}
        for waits in ASKED & worth.keys():
            assert worth[waits] > worth["Being worked"]


@each_card
def test_the_golden_files_come_out_again(path: Path) -> None:
    """Otherwise run `python -m tests.config.golden_files`; every changed line in the diff must be intended."""
    found = results(path)
    assert found == {file: file.read_text(encoding="utf-8") for file in found}
