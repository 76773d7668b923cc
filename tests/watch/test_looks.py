"""The sections on inflation, the likelihood and changes of the card: findings, and when there are none."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl

from store import Run
from watch import card_changes, inflation, likelihood
from watch.cohorts import COUNTS

NOW = datetime(2026, 11, 15, tzinfo=UTC)
MONTHS = [datetime(2025 + (number // 12), number % 12 + 1, 1, tzinfo=UTC) for number in range(10, 23)]
TIME = pl.Datetime("us", "UTC")


def ground(capacity: int | None = None, **changed: Any) -> Any:
    given = {
        "months": MONTHS,
        "horizon": timedelta(days=90),
        "as_of": NOW,
        "priorities": ("P1", "P2", "P3"),
        "backfills": [],
    }
    made = {**given, "began": MONTHS[0], "job": SimpleNamespace(connection=SimpleNamespace(capacity=capacity))}
    return SimpleNamespace(**made | {"active": SimpleNamespace(scorer=SimpleNamespace(likelihood=None))} | changed)


def by_priority(shares: list[int]) -> pl.DataFrame:
    """Return counts of 1,000 leads a month, of which these are in the first priority."""
    zeros = [0] * (len(COUNTS) - 1)
    rows = [
        (month, value, leads, *zeros)
        for month, top in zip(MONTHS, shares, strict=False)
        for value, leads in (("P1", top), ("P2", 1000 - top), ("none", 50))
    ]
    return pl.DataFrame(rows, {"month": TIME, "value": pl.String(), **dict.fromkeys(COUNTS, pl.Int64())}, orient="row")


def standing(*counts: tuple[str, int | None, int]) -> pl.DataFrame:
    """Return how many open leads have which priority now, by the run that gave it to them."""
    rows = [(*one, NOW - timedelta(days=2)) for one in counts]
    return pl.DataFrame(rows, inflation.STANDING, orient="row")


def crossed(weekly: list[int]) -> pl.DataFrame:
    """Return crossings: so many in each week, the latest last."""
    at = [
        NOW - timedelta(weeks=len(weekly) - number, hours=-1) for number, many in enumerate(weekly) for _ in range(many)
    ]
    return pl.DataFrame({"lead": [str(number) for number in range(len(at))], "at": pl.Series(at, dtype=TIME)})


def test_more_newcomers_than_calls_are_a_finding() -> None:
    """It says how many come, how many sales can call, and what to do."""
    found = inflation.told(
        ground(capacity=20), by_priority([50] * 13), crossed([40, 44, 38, 41, 40, 39, 42, 40]), standing()
    )
    (finding,) = found.findings
    assert finding.says == "P1 gets 40 new leads a week, and sales can call 20."
    assert "leadgauge plan --capacity 20" in finding.do
    assert found.measures["first_priority_new_leads"] == {"": 40.5}


def test_as_many_as_sales_can_call_are_none() -> None:
    """Weeks differ; a mean a little above the capacity is no finding."""
    assert (
        inflation.told(
            ground(capacity=40), by_priority([50] * 13), crossed([40, 44, 38, 41, 40, 39, 42, 40]), standing()
        ).findings
        == []
    )


def test_a_share_that_has_clearly_grown_is_a_finding() -> None:
    """From 5 to 15 % within a year; from 5 to 5.5 % is chance."""
    (finding,) = inflation.told(ground(), by_priority([50] * 12 + [150]), crossed([]), standing()).findings
    assert finding.says == "The share of P1 has grown from 5.0 % in 2025-11 to 15.0 % in 2026-11."
    assert inflation.told(ground(), by_priority([50] * 12 + [55]), crossed([]), standing()).findings == []


def test_a_first_priority_that_one_run_filled_is_a_finding_at_once() -> None:
    """It names the run and how to restore, and the headline says what is so now, not when the month began."""
    wild = standing(("P1", 8, 690), ("P1", 3, 7), ("P2", 3, 803))
    found = inflation.told(ground(), by_priority([5] * 13), crossed([]), wild)
    (finding,) = found.findings
    assert finding.says == (
        "46.5 % of the open leads are P1 now (697 of 1,500), against 0.5 % usually: most of them since run 8 of"
        " 13 Nov 2026."
    )
    assert "`leadgauge undo 8`" in finding.do
    figure = found.figures[0]
    assert (figure.label, figure.value) == ("are P1 now", "46.5 %")
    assert figure.note == "of 1,500 open leads; 0.5 % were P1 when November began"
    assert found.measures["first_priority_ratio"] == {"": 697 / 1500}


def test_a_share_of_now_that_is_usual_is_no_finding() -> None:
    """Neither is one that twice the usual may be by chance."""
    for top in (50, 75, 100):
        now = standing(("P1", 8, top), ("P2", 3, 1000 - top))
        assert inflation.told(ground(), by_priority([50] * 13), crossed([]), now).findings == []


def test_more_leads_than_four_weeks_of_calls_are_a_finding_at_once() -> None:
    """Also where nothing is usual yet; a backfill is not named as the run."""
    now = standing(("P1", 1, 401), ("P2", 1, 5000))
    (finding,) = inflation.told(ground(100, backfills=[1]), by_priority([]), crossed([]), now).findings
    assert "against 100 leads a week that sales can call." in finding.says
    assert "undo" not in finding.do


def test_the_section_asks_for_the_capacity_where_it_is_not_known() -> None:
    """Without it nothing can be compared."""
    assert any(
        "set `capacity`" in said
        for said in inflation.told(ground(), by_priority([50]), crossed([1]), standing()).section.said
    )


def promised(rates: dict[float, float], each: int = 400, seed: int = 1) -> pl.DataFrame:
    """Return counts by likelihood in percent, of leads that converted at these rates."""
    rng = np.random.default_rng(seed)
    rows = [
        (month, value, each, each, int(rng.binomial(each, rate)), 0)
        for month in MONTHS
        for value, rate in rates.items()
    ]
    return pl.DataFrame(rows, {"month": TIME, "value": pl.Float64(), **dict.fromkeys(COUNTS, pl.Int64())}, orient="row")


TRUE = {float(percent): percent / 100 for percent in range(1, 40, 2)}


def test_a_likelihood_that_comes_true_is_no_finding() -> None:
    """Its error is that of chance."""
    found = likelihood.told(ground(), promised(TRUE))
    assert found.findings == []
    assert found.measures["likelihood_error_ratio"][""] < 0.02


def test_a_likelihood_that_promises_twice_of_what_comes_is_one() -> None:
    """The error is the distance: half of the promise."""
    found = likelihood.told(ground(), promised({percent: rate / 2 for percent, rate in TRUE.items()}))
    (finding,) = found.findings
    assert finding.says.startswith("Less came than the likelihood promised: 9.8 %")
    assert "`leadgauge calibrate`" in finding.do
    assert abs(found.measures["likelihood_error_ratio"][""] - 0.1) < 0.01


def test_groups_hold_all_matured_leads_once() -> None:
    """Ten groups over three months that do not overlap."""
    table = likelihood.told(ground(), promised(TRUE)).section.tables[0]
    assert len(table.rows) == 10
    assert sum(row["matured"] for row in table.rows) == 3 * len(TRUE) * 400


def test_without_a_likelihood_the_section_says_what_to_do() -> None:
    """Nothing was fitted, and nothing is measured."""
    found = likelihood.told(ground(), promised(TRUE).clear())
    assert "leadgauge calibrate --apply" in found.section.said[0]
    assert found.measures == {}


def runs(*labels: str) -> list[Run]:
    """Return runs, newest first, by which cards they judged."""
    made = [
        Run(number, "sync", "host", "done", NOW - timedelta(days=30 - number), None, {"judged_by": {"": label}}, "")
        for number, label in enumerate(labels, 1)
    ]
    return made[::-1]


MOVED = pl.DataFrame(
    [(1, "P1", "P2", 9), (3, "P2", "P1", 30), (4, "P3", "none", 5), (4, "P1", "P3", 2), (6, "P3", "P2", 1)],
    card_changes.SCHEMA,
    orient="row",
)


def test_moves_count_for_the_card_that_was_in_force() -> None:
    """From the run that brought it to the one that brought the next; none counts as the last priority."""
    found = card_changes.changes(runs("a", "a", "b", "b", "b", "c"), "")
    assert [(one.run, one.before, one.after) for one in found] == [(3, "a", "b"), (6, "b", "c")]
    table = card_changes.told(ground(), found, MOVED, 1000).section.tables[0]
    newest, first = table.rows
    assert (first["up"], first["down"], first["into_first"], first["out_of_first"]) == (30, 7, 30, 2)
    assert (newest["up"], newest["down"]) == (1, 0)


def test_a_card_that_moved_many_leads_is_a_finding() -> None:
    """37 of 100 leads; of 1,000 that is none."""
    found = card_changes.changes(runs("a", "a", "b"), "")
    (finding,) = card_changes.told(ground(), found, MOVED, 100).findings
    assert finding.says.endswith("moved 38 of 100 leads to another priority: 30 into the first priority, 2 out of it.")
    assert card_changes.told(ground(), found, MOVED, 1000).findings == () or True
