"""The plan's report of how leads move."""

from datetime import UTC, datetime

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Cost
from pipeline.planning.charts import flows
from pipeline.planning.html import render
from pipeline.planning.movement import BANDS, Movement, shown
from pipeline.planning.overview import Cell, Missing, Overview, Sample, distribution
from pipeline.planning.plan import Plan
from tests.examples import up_to

Rows = dict[str, dict[str, object]]

GRADES = ["A", "B", "C", None]
PRIORITIES = ["P1", "P2", "P3", "P4", None]
state = st.fixed_dictionaries(
    {
        "lead_grade": st.sampled_from(GRADES),
        "lead_readiness": st.sampled_from(["Aware", "Ready"]),
        "lead_urgency": st.sampled_from(["now", "none"]),
        "lead_priority": st.sampled_from(PRIORITIES),
        "lead_score_status": st.sampled_from(["scored", "disqualified"]),
        "lead_score_trend": st.sampled_from(["rising", "falling", None]),
        "lead_score": st.integers(-50, 100),
        "lead_priority_index": st.integers(0, 100),
    }
)
SCHEMA = {"lead": pl.String, **dict.fromkeys(BANDS, pl.String), "lead_score": pl.Int64, "lead_priority_index": pl.Int64}


def frame(rows: Rows) -> pl.DataFrame:
    return pl.DataFrame([{"lead": lead, **values} for lead, values in rows.items()], schema=SCHEMA)


def movement(before: Rows, after: Rows) -> Movement:
    told = frame(before).rename({name: f"told_{name}" for name in SCHEMA if name != "lead"}).with_columns(first=False)
    compared = frame(after).join(told, on="lead", how="left").with_columns(pl.col("first").fill_null(value=True))
    moved = Movement(priorities=("P1", "P2", "P3", "P4"))
    moved.add(compared.with_columns(lead_score_reasons=pl.lit("+1 <b>rule</b>"), why=pl.lit("moved")))
    return moved


leads = st.dictionaries(st.sampled_from("abcdefgh"), state)


@settings(deadline=None, max_examples=up_to(40))
@given(before=leads, after=leads)
def test_moves_are_counted_as_one_would_by_hand(before: Rows, after: Rows) -> None:
    moved = movement(before, after)
    expected = sum(
        1 for lead in after if lead in before and any(after[lead][name] != before[lead][name] for name in BANDS)
    )
    assert moved.moved() == expected
    assert moved.known() == len(after.keys() & before.keys())
    for name in BANDS:
        seen = {(move.before, move.after): move.leads for move in moved.moves() if move.field == name}
        for (was, became), count in seen.items():
            assert count == sum(
                shown(name, values[name]) == became
                and (shown(name, before[lead][name]) if lead in before else None) == was
                for lead, values in after.items()
            )


@settings(deadline=None, max_examples=up_to(40))
@given(before=leads, after=leads)
def test_up_and_down_add_up_to_all_changes(before: Rows, after: Rows) -> None:
    for name, (up, down) in movement(before, after).crossings().items():
        assert up + down == sum(1 for lead in after if lead in before and after[lead][name] != before[lead][name])


def test_the_furthest_score_comes_first() -> None:
    base = {"lead_grade": "A", "lead_readiness": "Aware", "lead_priority": "P1", "lead_score_status": "scored"}
    before = {lead: {**base, "lead_score": 0, "lead_priority_index": 0} for lead in "abc"}
    after = {
        lead: {**base, "lead_score": by, "lead_priority_index": 0} for lead, by in zip("abc", (1, -40, 0), strict=True)
    }
    assert [jump.lead for jump in movement(before, after).jumps()] == ["b", "a"]


def test_priorities_are_ordered_by_the_scorecard_and_former_names_are_neither_up_nor_down() -> None:
    same = {"lead_grade": "A", "lead_readiness": "Aware", "lead_score": 0, "lead_priority_index": 0}
    before, after = (
        frame({lead: {**same, "lead_priority": name} for lead, name in zip("abcd", names, strict=True)})
        for names in (["Warm", "P1", "Cold", None], ["Cold", "Warm", "Warm", "Cold"])
    )
    told = before.rename({name: f"told_{name}" for name in SCHEMA if name != "lead"})
    moved = Movement(priorities=("Warm", "Cold"))
    both = after.join(told, on="lead").with_columns(first=pl.lit(value=False), why=pl.lit("moved"))
    moved.add(both.with_columns(lead_score_reasons=pl.lit("")))
    assert moved.crossings()["lead_priority"] == (2, 1)
    assert moved.priorities().order == ["Warm", "Cold", "P1", "—"]


def test_a_mirror_without_leads_moves_nothing() -> None:
    empty = Movement()
    assert (empty.moved(), empty.moves(), empty.crossings(), empty.jumps(), empty.matrix()) == (0, [], {}, [], {})


def test_the_flow_picture_is_svg() -> None:
    assert flows({("P1", "P2"): 3}, ["P1", "P2"]).startswith("<svg")


def test_text_from_a_crm_is_escaped_on_the_page() -> None:
    base = {
        "lead_grade": "A",
        "lead_readiness": "Aware",
        "lead_priority": "P1",
        "lead_score_status": "scored",
        "lead_priority_index": 0,
    }
    moved = movement({"<i>": {**base, "lead_score": 0}}, {"<i>": {**base, "lead_score": 9}})
    sample = Sample("<i>", "https://crm.example/?a=1&b=<i>", "P1", 90, 9, "A", "Aware", "+1 <b>rule</b>", None)
    cells, missing = [Cell("<i>", "<i>", 1)], Missing(1, {"<i>": 1}, [("<i>", None)])
    overview = Overview(distribution(moved.frame), cells, ["<i>"], {"P1": 1}, None, [sample], missing)
    found = (moved.moves(), moved.crossings(), moved.jumps(), moved, overview)
    plan = Plan("main", "b2b", 1, 1, 1, 0, 0.25, Cost(1, 0.1), 5, *found, moved.writes())
    page = render(plan, datetime(2026, 11, 1, tzinfo=UTC))
    assert "<i>" not in page
    assert 'href="https://crm.example/?a=1&amp;b=&lt;i&gt;"' in page
    assert "&lt;b&gt;rule" in page
