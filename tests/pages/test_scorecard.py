"""The page of a scorecard: rules in words, lint beside the rule, and files that are not as they should be."""

import re
from pathlib import Path
from time import monotonic, sleep

import pytest

from pages.scorecard import card_file
from pages.scorecard.reading import in_words
from tests.pages.conftest import Served

SHIPPED = sorted(path for path in Path("config").glob("*.yaml") if "\nscorecard:" in path.read_text(encoding="utf-8"))
PAGE = "/crm/main/scorecard"
SHORT = """
scorecard: short
fields: {is_customer: flag, employees: number, country: text, since: time}
score:
  fit:
    groups:
      - name: Company
        rules:
          - {name: Customer, lead: {is_customer: true, any: [{country: [DE, AT]}, {employees: {at_least: 1000}}]}, points: 1500}
          - {name: Never, lead: {employees: {above: 5, below: 3}}, points: -5, since: since, lifespan: 1d}
          - {name: <script>alert(1)</script>, table: country, points: {DE: 3, US: -2}, otherwise: 1}
          - {name: Size, number: employees, points: {give: 2, per: 100, shape: log}, maximum: 12}
"""


def test_every_rule_is_on_the_page_with_an_anchor_and_its_points(served: Served) -> None:
    text = served.get(PAGE).text
    card = served.stage.settings().connections["main"].scorecards[0].card
    names = [rule.name for section in card.sections.values() for rule in section.rules]
    anchors = re.findall(r'<tr id="(score-[a-z]+-groups-\d+-rules-\d+)">', text)
    assert len(set(anchors)) == len(anchors) == len(names) == 30
    assert "page view (url contains /pricing)" in text
    assert "half is left after 14 days" in text


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_card_can_be_said_in_words(path: Path) -> None:
    reading = card_file.read(path.read_text(encoding="utf-8"), path)
    assert reading.card is not None
    for card in filter(None, (reading.card, reading.card.company)):
        said = in_words(card, reading.slips)
        assert [rule for rule in said.rules.values() if not rule.what or not rule.gives] == []
        assert len(said.rules) == sum(len(group.rules) for one in card.sections.values() for group in one.groups)


def test_conditions_points_and_fading_are_said_as_people_say_them(tmp_path: Path) -> None:
    reading = card_file.read(SHORT, tmp_path / "card.yaml")
    assert reading.card is not None
    customer, never, table, size = in_words(reading.card, reading.slips).rules.values()
    assert customer.what == "is customer and (country is DE or AT or employees is at least 1,000)"
    assert customer.gives == "+1,500"
    assert never.notes == ["fades evenly to nothing in 1 day", "fades from since on"]
    assert table.table == [("DE", "+3"), ("US", "\u22122")]
    assert size.gives == "+2 per 100, like a logarithm"


def test_a_finding_of_the_lint_stands_beside_the_rule_that_it_concerns(tmp_path: Path) -> None:
    reading = card_file.read(SHORT, tmp_path / "card.yaml")
    assert reading.card is not None
    rules = in_words(reading.card, reading.slips).rules
    assert [key for key, rule in rules.items() if rule.slips] == ["score.fit.groups.0.rules.1"]


def test_hostile_names_are_text(served: Served) -> None:
    file = served.stage.folder / "b2b-saas.yaml"
    before = file.read_text(encoding="utf-8")
    hostile = "<script>alert(1)</script>{{ 7 * 7 }}"
    file.write_text(before.replace("name: Decision maker", f"name: '{hostile}'"), encoding="utf-8")
    try:
        text = _until(served, "alert(1)")
    finally:
        file.write_text(before, encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}" in text
    assert "<script>alert" not in text


def _until(served: Served, words: str) -> str:
    """Return the page once the changed file is in use."""
    text, until = "", monotonic() + 30
    while words not in text and monotonic() < until:
        sleep(0.1)
        text = served.get(PAGE).text
    return text
