"""What a survey names of the values it sees: only what several leads share and what tells about no single person."""

import pytest

from connectors.sampling import Column, Row, Sample, pages_seen, slug, surveyed
from vocabulary.survey import Count

IDENTITY = ("firstname", "lastname", "email", "phone")


def values(texts: list[str | None], label: str = "Team", path: str = "team", **others: str) -> list[str]:
    """Return the named values of a text field of leads with these values."""
    rows: list[Row] = [
        {path: text, **{name: f"{value}{n}" for name, value in others.items()}} for n, text in enumerate(texts)
    ]
    column = Column(path, {"": path}, label, "text")
    return [one.value for one in surveyed(column, Sample(rows, IDENTITY), Sample([], IDENTITY)).values]


def test_values_that_several_leads_share_are_named_with_their_counts() -> None:
    rows: list[Row] = [{"team": team} for team in ["north"] * 5 + ["south"] * 4 + ["west", None, " "]]
    won: list[Row] = [{"team": "south"}] * 2
    found = surveyed(Column("team", {"": "team"}, "Team", "text"), Sample(rows, IDENTITY), Sample(won, IDENTITY))
    assert found.values == (Count("north", 5), Count("south", 4, 2))
    assert (found.leads.records, found.leads.filled, found.distinct) == (12, 10, 3)


def test_a_value_that_few_leads_have_is_not_named() -> None:
    assert values(["north"] * 9 + ["only here"]) == ["north"]


def test_a_field_whose_values_identify_records_is_not_named() -> None:
    assert values([*(f"C-{number}" for number in range(90)), *["C-1"] * 3]) == []


def test_a_field_that_repeats_the_leads_own_name_is_not_named() -> None:
    """Whatever it is called: somebody has copied last names, and several leads have the same one."""
    rows: list[Row] = [{"lastname": name, "team": f"Frau {name}"} for name in ["Meyer"] * 20 + ["Schulz"] * 20]
    found = surveyed(Column("team", {"": "team"}, "Team", "text"), Sample(rows, IDENTITY), Sample([], IDENTITY))
    assert found.values == ()


@pytest.mark.parametrize("value", ["ann@example.com", "https://example.com/ann", "+49 30 1234567", "x" * 61])
def test_addresses_numbers_and_long_texts_are_not_named(value: str) -> None:
    assert values(["north"] * 20 + [value] * 5) == ["north"]


@pytest.mark.parametrize(
    "label", ["Ansprechpartner", "Direct phone", "E-Mail (private)", "Last name", "Geburtsdatum", "Home address"]
)
def test_fields_named_for_what_is_personal_are_not_named(label: str) -> None:
    assert values(["same"] * 20, label=label) == []


@pytest.mark.parametrize(
    ("path", "name"), [("Product_Line__c", "product_line"), ("company.kundenTyp", "kunden_typ"), ("1st", "field_1st")]
)
def test_a_field_is_named_for_its_path(path: str, name: str) -> None:
    assert slug(path) == name


def test_pages_are_named_without_queries_and_only_if_several_leads_saw_them() -> None:
    seen = [
        (str(lead), f"https://x.example/pricing/{'team' if lead < 3 else lead}?email=a@b.example") for lead in range(6)
    ]
    assert [(page.path, page.leads) for page in pages_seen(seen)] == [("/pricing", 6), ("/pricing/team", 3)]
