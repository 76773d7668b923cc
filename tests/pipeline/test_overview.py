"""The plan's report of how the leads would stand."""

from typing import Any

import polars as pl
import pytest

from pipeline.planning.movement import Movement, why
from pipeline.planning.overview import (
    Bin,
    Cell,
    Lacking,
    Samples,
    distribution,
    grades_by_stage,
    priorities,
    reach,
)
from vocabulary.links import ID, Links
from vocabulary.outputs import BANDS, INSUFFICIENT

NAMES = ("P1", "P2", "P3", "P4")
LINKS = Links({"": f"https://crm.example/{ID}"})
PEOPLE = {
    "a": ("P1", 90, 100, "A", "Ready"),
    "b": ("P1", 80, 91, None, "Aware"),
    "c": ("P2", None, 42, "B", "Aware"),
    "d": (None, None, -5, "A", None),
    "e": ("P1", 70, 40, "A", "Aware"),
    "f": ("P1", 60, None, "B", "Ready"),
}


def frame(**more: Any) -> pl.DataFrame:
    columns = ["lead_priority", "lead_priority_index", "lead_score", "lead_grade", "lead_readiness"]
    rows = [dict(zip(columns, values, strict=True), lead=lead, **more) for lead, values in PEOPLE.items()]
    return pl.DataFrame(rows)


def test_scores_are_counted_in_bins_of_ten_whose_last_one_holds_100() -> None:
    told = pl.Series("told_lead_score", [100, 91, 42, -5, None, 7], dtype=pl.Int64)
    known = pl.Series("known", [True, True, True, True, True, False])
    bins = distribution(frame().with_columns(told, known))
    assert (bins[0], bins[-1]) == (Bin(-10, 0, 1, 1), Bin(90, 100, 2, 2))
    assert [one.after for one in bins] == [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2]
    assert (bins[0].last, bins[-1].last) == (-1, 100)
    assert sum(one.before for one in bins) == 4, "a lead that was never written was not there before"


def test_grades_and_stages_come_in_the_order_of_the_scorecard_and_unknown_ones_last() -> None:
    cells = grades_by_stage(frame(), ("A", "B"), ("Aware", "Ready"))
    assert cells == [
        Cell("A", "Aware", 1),
        Cell("A", "Ready", 1),
        Cell("A", "—", 1),
        Cell("B", "Aware", 1),
        Cell("B", "Ready", 1),
        Cell("?", "Aware", 1),
    ]
    assert priorities(frame(), NAMES) == {"P1": 4, "P2": 1, "—": 1}


@pytest.mark.parametrize(
    ("capacity", "said"),
    [
        (1, "P1 has 4 leads; 1 call a week reaches P1 to priority index 90."),
        (3, "P1 has 4 leads; 3 calls a week reach P1 to priority index 70."),
        (5, "5 calls a week reach all 5 leads with a priority."),
    ],
)
def test_a_capacity_reaches_down_to_a_priority_index(capacity: int, said: str) -> None:
    assert reach(frame(), capacity, NAMES).sentence == said


def test_a_capacity_without_any_priority_reaches_nobody() -> None:
    assert reach(frame().clear(), 10, NAMES).sentence == "No lead has a priority, so 10 calls a week reach nobody."


def test_samples_are_the_most_urgent_leads_of_each_priority_over_all_chunks() -> None:
    samples, rows = Samples(LINKS, NAMES), frame(lead_score_reasons="+1 rule", why="first")
    for start in range(0, rows.height, 2):
        samples.add(rows[start : start + 2])
    assert [(one.priority, one.lead) for one in samples.list()] == [("P1", "a"), ("P1", "b"), ("P1", "e"), ("P2", "c")]
    first = samples.list()[0]
    assert (first.link, first.reasons, first.why) == ("https://crm.example/a", "+1 rule", "first")


def test_missing_fields_are_counted_over_the_leads_with_insufficient_data() -> None:
    lacking = Lacking(LINKS, ("country", "industry", "size"))
    status = [INSUFFICIENT, INSUFFICIENT, "scored", "scored", INSUFFICIENT, "disqualified"]
    leads = pl.DataFrame(
        {
            "lead": list(PEOPLE),
            "country": [None, None, None, None, None, None],
            "industry": ["x", None, None, "x", "x", None],
            "size": [1, 2, 3, 4, 5, 6],
        }
    )
    lacking.add(frame().with_columns(pl.Series("lead_score_status", status)), leads)
    missing = lacking.missing()
    assert (missing.leads, missing.fields) == (3, {"country": 3, "industry": 1})
    assert missing.examples[0] == ("a", "https://crm.example/a")


@pytest.mark.parametrize(
    ("flags", "card", "reason"),
    [
        ({"first": True, "band_changed": True, "write": True}, "v1", "first"),
        ({"band_changed": True, "write": True}, "v1", "card"),
        ({"band_changed": True, "write": True}, "v2", "moved"),
        ({"drifted": True, "write": True}, "v2", "drifted"),
        ({"reworded": True, "write": True}, "v2", "reworded"),
        ({"write": True}, "v1", "fields"),
        ({}, "v1", None),
    ],
)
def test_a_row_says_why_it_is_written(flags: dict[str, bool], card: str, reason: str | None) -> None:
    none = dict.fromkeys(("first", "band_changed", "drifted", "reworded", "write"), False)
    compared = pl.DataFrame([{"lead": "a", "lead_scorecard": "v2", **none, **flags}])
    computed = pl.DataFrame([{"lead": "a", "lead_scorecard": card}])
    found = why(compared, computed, [])
    assert (found["why"].item(), found["write"].item()) == (reason, flags.get("write", False))
    assert why(compared, computed, ["a"])["why"].item() == (reason or "again")


def test_the_matrix_of_grades_shows_unknown_ones_by_a_question_mark_at_its_end() -> None:
    moved = Movement()
    rows = [("a", "A-", None), ("b", None, "A+"), ("c", "B", "B"), ("d", "A-", "B")]
    told = dict.fromkeys(name for name in BANDS if name != "lead_grade")
    numbers = {"lead_score": 1, "lead_priority_index": 1}
    same = {name: value for one, value in {**told, **numbers}.items() for name in (one, f"told_{one}")}
    more = {**same, "first": False, "why": None, "lead_score_reasons": ""}
    moved.add(pl.DataFrame([{"lead": a, "told_lead_grade": b, "lead_grade": c, **more} for a, b, c in rows]))
    matrix = moved.grades()
    assert (matrix.order, matrix.moves) == (["A+", "A-", "B", "?"], True)
    assert matrix.rows() == [("A+", [0] * 4), ("A-", [0, 0, 1, 1]), ("B", [0, 0, 1, 0]), ("?", [1, 0, 0, 0])]
    assert moved.crossings()["lead_grade"] == (1, 2)
    assert moved.jumps() == [], "no score moved"
