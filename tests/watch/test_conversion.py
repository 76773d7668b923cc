"""The section on conversions: what it claims, and what it does not."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import polars as pl

from watch import conversion
from watch.cohorts import SCALES
from watch.timeline import NUMBERS

NOW = datetime(2026, 11, 15, tzinfo=UTC)
MONTHS = [datetime(2025 + (number // 12), number % 12 + 1, 1, tzinfo=UTC) for number in range(10, 23)]
SCHEMA = {
    "month": pl.Datetime("us", "UTC"),
    "value": pl.String(),
    "leads": pl.Int64(),
    "matured": pl.Int64(),
    "converted": pl.Int64(),
    "so_far": pl.Int64(),
}


def ground(**changed: Any) -> Any:
    given = {"months": MONTHS, "horizon": timedelta(days=90), "as_of": NOW, "conversions": 10}
    given["job"] = SimpleNamespace(connection=SimpleNamespace(keep=timedelta(days=400)))
    given["active"] = SimpleNamespace(card=SimpleNamespace(zone=UTC))
    return SimpleNamespace(**given | changed)


def counts(priorities: dict[str, tuple[int, int]]) -> dict[str, pl.DataFrame]:
    """Return the same counts for each month: `(matured, converted)` by priority."""
    rows = [(month, value, of, of, came, 0) for month in MONTHS for value, (of, came) in priorities.items()]
    made = pl.DataFrame(rows, SCHEMA, orient="row")
    empty = made.clear()
    return {
        **dict.fromkeys(SCALES, empty),
        "priority": made,
        **dict.fromkeys(NUMBERS, empty.cast({"value": pl.Float64})),
    }


def told(priorities: dict[str, tuple[int, int]], **changed: Any) -> Any:
    return conversion.told(ground(**changed), counts(priorities), {"priority": ("P1", "P2", "P3")})


def test_a_priority_that_converts_clearly_less_than_the_next_is_a_finding() -> None:
    """It says by how much, and what to do."""
    (found,) = told({"P1": (200, 10), "P2": (300, 90), "P3": (1000, 20)}).findings
    assert found.says.startswith("Priority P1 converts less often than P2: 5.0 % against 30.0 %")
    assert "leadgauge calibrate" in found.do
    assert found.records == "conversion/priority/2025-11+2026-03+2026-07/P1"


def test_what_chance_explains_is_no_finding() -> None:
    """Ten leads of which one converted say nothing about the order."""
    assert told({"P1": (10, 1), "P2": (12, 4), "P3": (1000, 20)}).findings == []


def test_pooled_rates_are_those_of_months_that_do_not_overlap() -> None:
    """Three of thirteen months are added up, so that no conversion counts twice."""
    table = told({"P1": (200, 20), "P2": (300, 10)}).section.tables[0]
    assert [(row["value"], row["matured"], row["converted"]) for row in table.rows] == [
        ("P1", 600, 60),
        ("P2", 900, 30),
    ]


def test_without_a_mature_month_the_section_says_when_there_is_one() -> None:
    """A new installation has no rates yet, and says so."""
    section = told({"P1": (200, 20)}, months=MONTHS[-2:], horizon=timedelta(days=90)).section
    assert any("so nothing is claimed. The first rates are there by 30 Jan 2027" in said for said in section.said)
    assert section.chart is None


def test_a_history_that_is_too_short_for_the_horizon_is_said_with_what_to_set() -> None:
    """Waiting would not help."""
    section = told({"P1": (200, 20)}, horizon=timedelta(days=365)).section
    assert any("set `keep` to 458d or more" in said for said in section.said)


def test_without_conversions_the_section_says_what_to_set() -> None:
    """Nothing converted: the settings may name no outcome."""
    assert any("`outcomes`" in said for said in told({"P1": (200, 0)}, conversions=0).section.said)


def test_the_report_never_calls_an_association_an_effect() -> None:
    """Sellers call the first priority first, and the section says what follows from that."""
    assert conversion.ASSOCIATION in told({"P1": (200, 20)}).section.said


def test_without_the_score_the_section_says_which_output_brings_it_and_from_when() -> None:
    """Leads have it from the next beginning of a month on, and their horizon is over 90 days later."""
    said = " ".join(told({"P1": (200, 20)}).section.said)
    assert "With `outputs: {lead_score: true}` in the connection" in said
    assert "known for the month that begins on 1 Dec 2026, and its conversion from 1 Mar 2027 on." in said
