"""Floors and gate: each trips on its case and stays quiet otherwise."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from calibrate import from_table
from calibrate.floors import floor
from calibrate.inputs.tables import Table
from calibrate.judging import gate
from calibrate.options import Options
from tests.calibrate.tables_of import table

ASK = from_table.Ask("won", None, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("conversions", "others", "standing", "says"),
    [
        (39, 1000, "declined", "1 more"),
        (1000, 10, "declined", "30 more"),
        (40, 1000, "ranking only", "120"),
        (119, 1000, "ranking only", "ranking"),
        (120, 1000, "rough", "rough"),
        (1000, 319, "rough", "rough"),
        (320, 1000, "calibrated", "enough"),
    ],
)
def test_what_so_many_conversions_allow(conversions: int, others: int, standing: str, says: str) -> None:
    found = floor(conversions, others)
    assert found.standing == standing
    assert says in found.message
    assert found.percentages == (standing in {"rough", "calibrated"})


def test_few_conversions_get_few_rules() -> None:
    assert floor(60, 500).most_rules < floor(200, 500).most_rules < floor(500, 500).most_rules


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        (gate.enough(floor(500, 500), 29), False),
        (gate.enough(floor(500, 500), 30), True),
        (gate.enough(floor(100, 500), 50), False),
        (gate.better(np.linspace(-0.01, 0.05, 200), 0.02), False),
        (gate.better(np.linspace(0.001, 0.05, 200), 0.02), True),
        (gate.better(None, 0.0), True),
        (gate.better(np.full(200, np.nan), 0.0), False),
        (gate.tells_apart(0.53, 0.5), False),
        (gate.tells_apart(0.53, 0.501), True),
        (gate.tells_apart(float("nan"), float("nan")), False),
        (gate.true_slope(0.79), False),
        (gate.true_slope(1.26), False),
        (gate.true_slope(float("nan")), False),
        (gate.true_slope(1.0), True),
        (gate.true_mean(0.121, 0.1), False),
        (gate.true_mean(0.119, 0.1), True),
        (gate.stable(["A", "B"], [1.0, 0.89]), False),
        (gate.stable(["A", "B"], [1.0, 0.9]), True),
    ],
)
def test_each_condition_of_the_gate(condition: gate.Condition, met: bool) -> None:
    assert condition.met is met
    assert condition.message
    assert "nan" not in condition.message


def test_the_gate_is_open_only_when_every_condition_is_met() -> None:
    good, bad = gate.true_slope(1.0), gate.true_slope(0.5)
    assert gate.Gate((good,)).open
    assert not gate.Gate((good, bad)).open
    assert gate.Gate((good, bad)).reasons == [bad.message]


def test_the_gate_asks_for_an_auc_above_chance_also_without_a_current_card() -> None:
    """A proposal from a table without a card has the condition among those of its gate."""
    result = from_table.run(Table(Path("t.csv"), table(900)), ASK, Options(trees=20, folds=2, bootstraps=20))
    assert result.gate is not None
    assert [one.met for one in result.gate.conditions if one.name == "better than chance"] == [True]
