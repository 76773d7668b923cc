"""Deals by quarter, priority and source."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from config.reporting import Reporting
from scoring.card.calendar import Calendar
from watch import amounts

NOW = datetime(2026, 11, 15, tzinfo=UTC)
JANUARY, AUGUST = Calendar(), Calendar(zone="Europe/Berlin", year_starts="August")


def ground(calendar: Calendar = JANUARY, currency: str | None = None, **report: Any) -> Any:
    card = SimpleNamespace(calendar=calendar)
    job = SimpleNamespace(connection=SimpleNamespace(report=Reporting(**report)))
    return SimpleNamespace(
        currency=currency, as_of=NOW, priorities=("P1", "P2"), job=job, active=SimpleNamespace(card=card)
    )


def deal(number: str, created: str | None, won: str | None, amount: float | None, *, is_open: bool = False) -> Any:
    moments = (None if one is None else datetime.fromisoformat(f"{one}T12:00:00+00:00") for one in (created, won))
    return (number, *moments, amount, is_open)


MADE = pl.DataFrame(
    [
        deal("a", "2026-10-03", "2026-11-02", 100),
        deal("b", "2026-10-03", None, 40, is_open=True),
        deal("c", "2026-08-10", "2026-10-05", None),
        deal("d", "2025-01-01", "2026-02-01", 7),
    ],
    amounts.DEALS,
    orient="row",
)
OWNED = pl.DataFrame(
    [
        ("a", "1", "P2", "Web"),
        ("a", "2", "P1", None),
        ("b", "1", "P2", "Web"),
        ("c", "3", None, "Fair"),
        ("d", "1", "P2", "Web"),
    ],
    amounts.OWNERS,
    orient="row",
)
FOUND = amounts.credited(MADE, OWNED, ("P1", "P2"))


def rows(name: str, *, found: pl.DataFrame = FOUND, **report: Any) -> dict[tuple[str, str], tuple[Any, ...]]:
    section = amounts.told(ground(**report), found).section
    table = next(one for one in section.tables if one.name == name)
    return {
        (row["quarter"], row["value"]): tuple(row[one] for one in ("created", "pipeline", "open", "won", "amount"))
        for row in table.rows
    }


def test_a_deal_counts_once_for_its_lead_of_the_best_priority() -> None:
    """In the quarter in which it was made, and in that in which it was won."""
    assert rows("by_priority", amount="amount") == {
        ("Q4 2026", "P1"): (1, 100.0, 0.0, 1, 100.0),
        ("Q4 2026", "P2"): (1, 40.0, 40.0, 0, 0.0),
        ("Q4 2026", "none"): (0, 0.0, 0.0, 1, None),
        ("Q3 2026", "none"): (1, None, 0.0, 0, 0.0),
        ("Q1 2026", "P2"): (0, 0.0, 0.0, 1, 7.0),
    }


def test_by_source_the_same_deals_are_added_up() -> None:
    """Of the lead that the deal counts for."""
    found = rows("by_source", amount="amount", source="source")
    assert found["Q4 2026", "Web"] == (1, 40.0, 40.0, 0, 0.0)
    assert found["Q4 2026", "none"] == (1, 100.0, 0.0, 1, 100.0)
    assert found["Q4 2026", "Fair"] == (0, 0.0, 0.0, 1, None)


def test_deals_without_an_amount_are_said() -> None:
    """They are no zeros."""
    said = amounts.told(ground(amount="amount"), FOUND).section.said
    assert "1 of 4 deals have no amount; they count as deals only." in said


def test_what_is_not_read_is_a_dash_and_not_zero() -> None:
    """Without the moments when deals were made nothing is claimed of them; what is won is known all the same."""
    undated = FOUND.with_columns(created_at=pl.lit(None, amounts.DEALS["created_at"]))
    assert set(rows("by_priority", found=undated, amount="amount").values()) == {
        (None, None, None, 1, 100.0),
        (None, None, None, 1, None),
        (None, None, None, 1, 7.0),
    }
    half = FOUND.with_columns(open=pl.lit(None, pl.Boolean))
    assert rows("by_priority", found=half, amount="amount")["Q4 2026", "P1"] == (1, 100.0, None, 1, 100.0)
    said = amounts.told(ground(amount="amount"), half).section.said
    assert "Which deals are open still is not read: map `open` under `deals` of the connection." in said


def test_the_first_figure_names_the_quarter() -> None:
    """And how many deals it is of; it is there only if some deal is of a lead that had a priority."""
    found = amounts.told(ground(amount="amount"), FOUND)
    (figure,) = found.figures
    assert (figure.label, figure.value, figure.note) == ("won in Q4 2026", "100", "2 deals, in the CRM's currency")
    assert found.section.chart is not None
    new = amounts.told(ground(amount="amount"), FOUND.with_columns(priority=pl.lit("none")))
    assert not new.figures
    assert new.section.chart is None
    assert any("all belong to `none`" in said for said in new.section.said)


def test_amounts_have_their_currency() -> None:
    """In the first figure, in the headings, in the chart and in a sentence; without one it is the CRM's."""
    found = amounts.told(ground(currency="USD", amount="amount"), FOUND)
    assert (found.figures[0].value, found.figures[0].note) == ("100 USD", "2 deals")
    headings = [column.heading for column in found.section.tables[0].columns]
    assert {"Pipeline (USD)", "Of it still open (USD)", "Won (USD)"} < set(headings)
    assert found.section.chart is not None
    assert found.section.chart.axis == "won, USD"
    assert "Amounts are in USD." in found.section.said
    assert "Amounts are in the CRM's currency." in amounts.told(ground(amount="amount"), FOUND).section.said


def test_deals_without_a_lead_are_said() -> None:
    """They are read, and stand behind no figure."""
    said = amounts.told(ground(), FOUND, FOUND.height + 3).section.said
    assert "3 of 7 deals have no lead that was written to: they are not counted." in said


def test_without_deals_the_section_says_what_to_set() -> None:
    """Nothing is read yet."""
    assert "outcomes: {opportunities" in amounts.told(ground(), FOUND.clear()).section.said[0]


@pytest.mark.parametrize(
    ("calendar", "expected"),
    [
        (JANUARY, ["Q1 2026", "Q2 2026", "Q3 2026", "Q4 2026"]),
        (AUGUST, ["quarter from Feb 2026", "quarter from May 2026", "quarter from Aug 2026", "quarter from Nov 2026"]),
    ],
)
def test_quarters_are_those_of_the_calendar(calendar: Calendar, expected: list[str]) -> None:
    """Years may begin in August, and days in Berlin."""
    found = amounts.begun(NOW, calendar)
    assert [amounts.quarter_said(one, calendar) for one in found] == expected
    assert found[-1] <= NOW < found[-1] + timedelta(days=93)
    assert all(one.hour == 0 and str(one.tzinfo) == calendar.zone for one in found)
