"""What sales says, by the priority that leads had then."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import polars as pl

from config.reporting import Reporting
from watch import verdicts

NOW = datetime(2026, 11, 15, tzinfo=UTC)


def ground(*, reads: bool = True, **report: Any) -> Any:
    connection = SimpleNamespace(report=Reporting(**report), feedback=object() if reads else None)
    return SimpleNamespace(as_of=NOW, priorities=("P1", "P2"), job=SimpleNamespace(connection=connection))


def found(**counts: int) -> pl.DataFrame:
    """Return verdicts: how many leads by priority and reason, such as `P1_Bot=3`."""
    rows = [
        (
            f"{name}{number}",
            name[3:].replace("_", " "),
            NOW - timedelta(days=1),
            name[:2],
            "north" if number % 2 else None,
        )
        for name, many in counts.items()
        for number in range(many)
    ]
    return pl.DataFrame(rows, verdicts.SCHEMA, orient="row")


def test_reasons_stand_beside_the_priority_that_leads_had() -> None:
    """The good ones first, then the most frequent reason, each with its list."""
    told = verdicts.told(ground(), found(P2_Bot=1, P1_Bad_fit=2, P1_Good=3, P1_Bot=5))
    rows = [(row["priority"], row["said"], row["leads"]) for row in told.section.tables[0].rows]
    assert rows == [("P1", "Good", 3), ("P1", "Bot", 5), ("P1", "Bad fit", 2), ("P2", "Bot", 1)]
    assert told.section.tables[0].rows[2]["records"] == "verdicts/priority/P1/Bad fit"
    assert told.findings == []


def test_a_first_priority_that_sales_mostly_rejects_is_a_finding() -> None:
    """It names the reason that is named most, and what to do about that one."""
    (finding,) = verdicts.told(ground(), found(P1_Good=10, P1_Bad_fit=25, P1_Bot=5)).findings
    assert finding.says == "Sales rejected 75.0 % of the 40 leads with P1 that it judged, most of them as Bad fit (25)."
    assert finding.do == "For Bad fit: ask more of the grade before a lead gets it."


def test_by_team_the_same_leads_are_counted() -> None:
    """Where the settings name the team."""
    tables = verdicts.told(ground(team="team"), found(P1_Good=4, P1_Bot=3)).section.tables
    assert [(row["team"], row["said"], row["leads"]) for row in tables[1].rows] == [
        ("none", "Good", 2),
        ("none", "Bot", 2),
        ("north", "Good", 2),
        ("north", "Bot", 1),
    ]


def test_where_feedback_is_not_read_the_section_says_how_to() -> None:
    """And where nothing was said, that."""
    assert "`feedback: true`" in verdicts.told(ground(reads=False), found()).section.said[0]
    assert "has said nothing" in verdicts.told(ground(), found()).section.said[0]
