"""How soon sales reaches out, against a slow way that anybody can read."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from config.reporting import Reporting
from vocabulary.fields import TIME
from watch import touches

NOW = datetime(2026, 11, 15, tzinfo=UTC)


def at(hours: float) -> datetime:
    """Return a time so many hours before now."""
    return NOW - timedelta(hours=hours)


def ground(kinds: frozenset[str] = frozenset({"call"}), **report: Any) -> Any:
    connection = SimpleNamespace(report=Reporting(**report))
    job = SimpleNamespace(mirror=SimpleNamespace(kinds=lambda: kinds), connection=connection)
    return SimpleNamespace(as_of=NOW, priorities=("P1", "P2"), job=job)


def crossed(*rows: tuple[str, float]) -> pl.DataFrame:
    made = [(lead, at(hours), None) for lead, hours in rows]
    return pl.DataFrame(made, {"lead": pl.String(), "at": TIME, "left_at": TIME}, orient="row")


def done(*rows: tuple[str, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [(lead, at(hours)) for lead, hours in rows], {"lead": pl.String(), "occurred_at": TIME}, orient="row"
    )


HOURS = st.integers(0, 60)
ROWS = st.lists(st.tuples(st.sampled_from(["1", "2"]), HOURS), max_size=6, unique=True)


@given(ROWS, ROWS)
def test_the_first_touch_is_the_one_after_the_crossing_and_before_the_next(reached: Any, touched: Any) -> None:
    """A touch before it does not count, and one after the lead came back counts for that."""
    found = touches.first_touches(crossed(*reached), done(*touched))
    slow = []
    for lead, hours in reached:
        later = [other for name, other in reached if name == lead and other < hours]
        ends = max(later, default=-1)
        fits = [one for name, one in touched if name == lead and ends < one <= hours]
        slow.append((lead, at(hours), at(max(fits)) if fits else None))
    assert sorted(found.select("lead", "at", "touched_at").rows(), key=str) == sorted(slow, key=str)


@given(st.lists(st.tuples(st.floats(0.1, 100), st.booleans()), min_size=1, max_size=30))
def test_half_are_touched_when_the_curve_says_so(rows: Any) -> None:
    """Kaplan and Meier's estimate, step by step: each touch takes its share of those who still waited."""
    hours, touched = np.array([one for one, _ in rows]), np.array([one for _, one in rows])
    share, expected = 1.0, None
    for time in sorted(set(hours[touched])):
        waiting = int((hours >= time).sum())
        share *= 1 - int((touched & (hours == time)).sum()) / waiting
        if share <= 0.5 + 1e-12:
            expected = time
            break
    found = touches.median(hours, touched)
    assert found == expected or (found is not None and expected is not None and abs(share - 0.5) < 1e-9)


def found(*rows: tuple[str, float, float | None]) -> pl.DataFrame:
    """Return crossings: lead, hours ago, hours until the touch."""
    made = [(lead, at(ago), None, None if took is None else at(ago - took), "north", None) for lead, ago, took in rows]
    return pl.DataFrame(made, touches.SCHEMA, orient="row")


LEADS = [*((f"k{number}", 100.0, 2.0) for number in range(6)), *((f"l{number}", 100.0, 30.0) for number in range(10))]


def test_a_promise_that_is_not_kept_is_a_finding() -> None:
    """Six of sixteen within four hours; what to do stands beside it."""
    told = touches.told(ground(promise="4h"), found(*LEADS))
    (finding,) = told.findings
    assert finding.says == "The promise of 4 h was kept for 37.5 % of the leads that reached P1."
    assert told.measures == {
        "untouched_leads": {"": 0.0},
        "first_touch_median_seconds": {"": 30 * 3600.0},
        "promise_kept_ratio": {"": 0.375},
    }


def test_who_was_never_touched_is_a_finding_with_the_list_behind_it() -> None:
    """Younger crossings may still be touched in time, and count for nothing."""
    told = touches.told(ground(promise="4h"), found(("1", 50.0, None), ("2", 1.0, None), ("3", 60.0, 1.0)))
    (finding,) = told.findings
    assert finding.says.startswith("1 of 3 leads that reached P1 were not touched within 4 h")
    assert finding.records == "touches/all//untouched"


def test_without_a_promise_no_share_is_shown_and_the_section_asks_for_one() -> None:
    """A share of an unknown promise would be made up."""
    told = touches.told(ground(), found(*LEADS))
    assert [column.name for column in told.section.tables[0].columns] == ["group", "leads", "hours", "untouched"]
    assert any("set `promise`" in said for said in told.section.said)
    assert "promise_kept_ratio" not in told.measures


def test_by_person_is_shown_only_when_it_is_asked_for() -> None:
    """By team where the settings name one."""
    tables = touches.told(ground(team="team", person="owner"), found(*LEADS)).section.tables
    assert [table.name for table in tables] == ["touches", "by_team"]
    tables = touches.told(ground(person="owner"), found(*LEADS), by_person=True).section.tables
    assert [table.name for table in tables] == ["touches", "by_person"]


def test_where_no_touch_is_read_nothing_is_claimed() -> None:
    """No call in the mirror does not mean that nobody called."""
    told = touches.told(ground(frozenset({"page_view"})), found(*LEADS))
    assert (told.findings, told.measures) == ((), {})
    assert "is not known whom sales has reached" in told.section.said[0]
