"""The published models in docs/models give the points that docs/published-models.md works out."""

import re
from pathlib import Path

import pytest

from config.checking import check_scorecard
from config.importing.hubspot import from_hubspot
from config.loading import load_scorecard

FOLDER = Path(__file__).parents[2] / "docs"
MODELS = sorted((FOLDER / "models").glob("*.yaml"))
MEANT = ("also counted by", "fires for every lead")
"""Slips of cards that carry over what others decided."""


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_published_model_is_valid_and_its_worked_leads_come_out(path: Path) -> None:
    report = check_scorecard(path)
    assert not report.mistakes
    assert len(report.examples) >= 4
    assert all(any(one in slip.message for one in MEANT) for slip in report.slips)


def test_every_worked_lead_is_in_the_page() -> None:
    page = (FOLDER / "published-models.md").read_text(encoding="utf-8")
    told = {" ".join(cell.split()) for line in page.splitlines() for cell in re.split(r"(?<!\\)\|", line)}
    names = {example.name for path in MODELS for example in load_scorecard(path).examples}
    assert not names - told


def test_the_scorecard_of_hubspots_score_is_what_the_import_makes_of_it() -> None:
    made = from_hubspot(FOLDER / "models" / "hubspot-score.json", {"5f8b1b7e-demo": "Demo request", "101": "Partners"})
    card, _ = (FOLDER / "models" / "hubspot.yaml").read_text(encoding="utf-8").split("\nexamples:\n")
    assert made.card == card
