"""Points of a draft: from clear differences among won leads, modest, with their numbers; else marked as a guess."""

from dataclasses import replace
from datetime import date

import pytest

from config.drafting import Access, drafted
from config.drafting.evidence import Evidence
from vocabulary.survey import Band, Count, Looked, Outcome, Survey, SurveyedField

ACCESS = Access({"crm": "hubspot", "token": {"env": "HUBSPOT_TOKEN"}})
INDUSTRY = SurveyedField(
    "industry",
    {"": "company.industry"},
    "Industry",
    "text",
    Looked(2000, 1000),
    Looked(400, 200),
    role="industry",
    values=(Count("Software", 250, 100), Count("Retail", 250, 10), Count("Finance", 250, 52)),
)
SIZE = SurveyedField(
    "employees",
    {"": "company.numberofemployees"},
    "Size",
    "number",
    Looked(2000, 1000),
    Looked(400, 200),
    role="employees",
    bands=(Band(1, 10, 500, 20), Band(11, 50, 400, 160), Band(51, None, 100, 20)),
)
SURVEY = Survey(
    "hubspot", "a portal", 5000, 2000, "the newest", 40, (INDUSTRY, SIZE), outcome=Outcome("customers", 400, 400)
)


def card(*fields: SurveyedField, **others: object) -> str:
    """Return the drafted scorecard."""
    return drafted(replace(SURVEY, fields=fields, **others), ACCESS, date(2026, 11, 29))["scorecard.yaml"]  # type: ignore[arg-type]


def flat(text: str) -> str:
    """Return a text with its comments on one line."""
    return " ".join(text.replace("#", " ").split())


@pytest.mark.parametrize(("won", "points"), [(100, 6), (50, 0), (56, 0), (200, 12), (10, -6), (0, -6)])
def test_points_follow_from_how_much_more_often_won_leads_have_a_value(won: int, points: int) -> None:
    """A quarter of all leads have it: 6 for twice as often, none for what may be chance, 12 and -6 at most."""
    assert Evidence(250, 1000, won, 200).points == points


def test_few_won_leads_suggest_nothing() -> None:
    assert Evidence(250, 1000, 20, 25).points == 0


def test_of_many_values_a_larger_difference_is_needed_than_of_one() -> None:
    assert Evidence(250, 1000, 63, 200).is_clear
    assert not Evidence(250, 1000, 63, 200, compared=12).is_clear


def test_values_have_their_counts_and_their_points() -> None:
    text = card(INDUSTRY, SIZE)
    assert "Software: 6  # 250 of 1,000 leads (25%); 100 of 200 won (50%): 2.0 times as often" in text
    assert "Retail: -6   # 250 of 1,000 leads (25%); 10 of 200 won (5%): 0.2 times as often" in text
    assert "Finance: 0   # 250 of 1,000 leads (25%); 52 of 200 won (26%): 1.0 times as often (may be chance)" in text
    assert "{name: Company size 11 to 50, lead: {employees: {at_least: 11, below: 51}}, points: 6}" in text
    assert "{name: Industry, weight: 3, match: {industry: [Software]}, partial: {industry: [Finance]}}" in text


def test_without_won_leads_everything_is_marked_as_a_guess() -> None:
    nobody = Looked(0, 0)
    values = tuple(replace(one, won=0) for one in INDUSTRY.values)
    text = flat(card(replace(INDUSTRY, won=nobody, values=values), outcome=None))
    assert "Guessed: all points, because no won leads were found." in text
    assert "The points are a guess: the most frequent values among your leads get some." in text


def test_a_field_that_is_filled_because_a_lead_was_won_gives_no_points() -> None:
    own = replace(INDUSTRY, name="contract", role=None, label="Contract", leads=Looked(2000, 400), won=Looked(400, 390))
    text = card(own)
    assert "table: contract" not in text
    assert "perhaps since they were won" in flat(text)


def test_a_field_of_the_name_of_a_standard_one_gives_no_second_points() -> None:
    """The portal's own field `industry` beside the standard one is a comment, and a rule where that is hardly filled."""
    own = replace(
        INDUSTRY,
        name="industry_2",
        sources={"": "industry_own"},
        role=None,
        values=(Count("IT", 250, 100), Count("Shops", 250, 10)),
    )
    text = card(INDUSTRY, own)
    assert text.count("table: industry") == 1
    assert "industry_2:" not in text
    assert "Industry (industry_own, text), filled for" in flat(text)
    assert "table: industry_2" in card(replace(INDUSTRY, leads=Looked(2000, 60)), own)


def test_a_field_that_is_hardly_filled_is_left_out_and_named() -> None:
    text = flat(card(replace(INDUSTRY, leads=Looked(2000, 60))))
    assert "Industry is left out: filled for 60 of 2,000 leads (3%)." in text
