"""Pairs of conditions are rules where they say more together than each alone, and nowhere else."""

import numpy as np
import pytest

from bench.worlds import OUTCOME, WORLDS, TableWorld
from calibrate import Calibration
from calibrate.floors import floor
from calibrate.learning.selection import hurdle
from calibrate.statistics import metrics
from tests.calibrate.tables_of import learned, scored

PLANTED = "Segment: Enterprise + Asked for: demo"


def world(name: str, leads: int, seed: int = 0) -> TableWorld:
    made = WORLDS[name](leads=leads, seed=seed)
    assert isinstance(made, TableWorld)
    return made


def found(name: str, leads: int) -> Calibration:
    return learned(world(name, leads).table, OUTCOME, bootstraps=10)


def pairs(result: Calibration) -> set[str]:
    return {rule.name for rule in result.rules if " + " in rule.name}


def aucs(result: Calibration, name: str) -> tuple[float, float]:
    """Return the AUC of the proposal and that of the truth, on other leads of the same world."""
    new = world(name, leads=4000, seed=9)
    won = new.won.astype(np.float64)
    return metrics.auc(won, scored(result, new.then)), metrics.auc(won, new.chance)


@pytest.mark.slow
def test_a_pair_that_matters_only_together_is_one_rule() -> None:
    """It has both conditions in its name, gives most points, and ranks nearly as well as the truth."""
    result = found("interaction", 4000)
    assert pairs(result) == {PLANTED}
    assert max(result.rules, key=lambda rule: rule.after).name == PLANTED
    ours, truth = aucs(result, "interaction")
    assert ours > truth - 0.025


@pytest.mark.slow
def test_a_threshold_is_found_near_where_it_is_and_no_pair_is_added() -> None:
    result = found("threshold", 4000)
    assert not pairs(result)
    employees = [rule for rule in result.rules if rule.name.startswith("Employees")]
    most = max(employees, key=lambda rule: rule.after)
    assert abs(int(most.name.split()[1]) - 37) <= 5
    ours, truth = aucs(result, "threshold")
    assert ours > truth - 0.015


def test_no_pair_is_found_in_noise() -> None:
    assert not found("noise", 2000).rules


def test_the_hurdle_falls_with_what_was_found_but_never_below_that_of_a_single_candidate() -> None:
    heights = [hurdle(300, found) for found in range(300)]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] > 11.4  # what the best of 300 reaches by chance
    assert heights[-1] == hurdle(1)


def test_a_card_has_at_most_a_rule_for_ten_conversions_and_thirty_five_in_all() -> None:
    assert [floor(wins, 10_000).most_rules for wins in (60, 130, 310, 320, 5_000)] == [6, 13, 31, 32, 35]
