"""From how many points up to call with a stated capacity, against a slow count and what really came."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from calibrate import Calibration
from calibrate.judging.cutoffs import Flow, cutoffs
from calibrate.options import Options
from calibrate.past.panel import Panel
from calibrate.report.report import page
from calibrate.statistics.fit import Floats
from commands.calibrate import command
from tests.calibrate.simulator import World, calibrated

CALLS = 6


@pytest.fixture(scope="module")
def capable(small_world: World) -> Calibration:
    return calibrated(small_world, Options(trees=20, folds=2, bootstraps=10, max_rows=6000, capacity=CALLS, horizon=60))


def test_the_line_takes_no_more_calls_than_there_are(capable: Calibration) -> None:
    assert capable.cutoffs is not None
    for cut in capable.cutoffs.line:
        assert cut is not None
        assert 0 < cut.calls <= CALLS
        assert cut.low <= cut.expected <= cut.high
    calls = [cut.calls for cut in capable.cutoffs.by_points]
    assert calls == sorted(calls)
    assert [cut.at for cut in capable.cutoffs.by_points] == sorted(
        (c.at for c in capable.cutoffs.by_points), reverse=True
    )


def test_about_as_many_convert_as_were_expected(capable: Calibration) -> None:
    """Mean over the weeks after the fitting, which nothing was learned from, within a third."""
    assert capable.cutoffs is not None
    wide = capable.cutoffs.by_likelihood[-1]
    assert wide.came == pytest.approx(wide.expected, rel=0.35)


def test_the_report_the_json_and_the_terminal_say_it(capable: Calibration) -> None:
    assert capable.cutoffs is not None
    points, chance = capable.cutoffs.sentences
    assert points.startswith(f"With {CALLS} calls a week, call from ")
    assert " points up: about " in points
    assert "% up: about " in chance
    html = page(capable)
    assert "From where to call" in html
    assert points in html
    assert json.loads(capable.json())["cutoffs"]["capacity"] == CALLS


def test_a_plain_table_has_no_weeks_to_call_in(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("source,won\nads,yes\n")
    words = ["--leads", str(tmp_path / "leads.csv"), "--outcome", "won", "--capacity", "5"]
    found = CliRunner().invoke(command, words)
    assert found.exit_code == 2
    assert "has no weeks: --capacity needs --outcomes" in " ".join(found.output.replace("│", " ").split())


def test_without_a_capacity_there_is_no_table(learned: Calibration) -> None:
    assert learned.cutoffs is None


def flow(weeks: list[int], leads: list[int], points: list[int], won: list[bool]) -> Flow:
    order = np.argsort(weeks, kind="stable")
    lead, moment = np.array(leads)[order], np.array(weeks, np.float64)[order]
    panel = Panel(pl.DataFrame(), np.array(won, np.float64)[order], lead, lead, moment)
    score = np.array(points, np.float64)[order]
    return Flow(panel, 1.0, score, None, np.ones((len(score), 1)), None)


def slowly(made: Flow, score: Floats, at: float) -> tuple[float, float]:
    """Return calls and conversions a week, lead by lead."""
    mondays = sorted({float(moment) for moment in made.panel.moment})
    calls = came = 0
    for lead in {int(one) for one in made.panel.lead}:
        mine = [row for row in range(len(score)) if made.panel.lead[row] == lead and score[row] >= at]
        if mine and made.panel.moment[min(mine)] > mondays[0]:
            calls += 1
            came += int(made.panel.label[min(mine)])
    return calls / (len(mondays) - 1), came / (len(mondays) - 1)


ROWS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 8), st.integers(-3, 9), st.booleans()),
    min_size=1, max_size=40, unique_by=lambda row: row[:2],
)  # fmt: skip


@given(rows=ROWS, capacity=st.integers(1, 4))
def test_cuts_are_those_of_a_slow_count(rows: list[tuple[int, int, int, bool]], capacity: int) -> None:
    """The line is the lowest whole number of points from which up no cut takes more calls than there are."""
    made = flow(*(list(column) for column in zip(*rows, strict=True)))
    found = cutoffs(made, capacity, 30, "leads")
    if made.weeks < 3:
        assert found.message
        assert not found.sentences
        return
    for cut in found.by_points:
        assert (cut.calls, cut.came) == pytest.approx(slowly(made, made.points, cut.at))
    values = sorted({float(np.floor(one)) for one in made.points})
    fitting = [
        value for value in values
        if all(slowly(made, made.points, higher)[0] <= capacity for higher in values if higher >= value)
    ]  # fmt: skip
    line = found.line[0]
    assert line is not None
    assert line.at == (min(fitting) if fitting else values[-1])
    assert found.line[1] is None
    assert np.isnan(line.expected)
