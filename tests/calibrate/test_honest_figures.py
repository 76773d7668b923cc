"""The report shows no figure that rests on next to nothing, and hides no rival that people can read."""

from dataclasses import replace

import numpy as np
import pytest

from calibrate import Calibration
from calibrate.judging.beside import Weight
from calibrate.judging.verdict import gap
from calibrate.options import Options
from calibrate.report import report
from commands.calibrate_shown import show
from tests.calibrate.simulator import calibrated, world

pytestmark = pytest.mark.xdist_group("honest")  # one worker calibrates once for all of them


@pytest.fixture(scope="module")
def few() -> Calibration:
    """So few leads that hardly any created after the cut converts."""
    return calibrated(world(900, seed=4), Options(trees=20, folds=2, bootstraps=10, max_rows=12_000, horizon=90))


def test_fewer_than_thirty_newer_conversions_are_said_and_not_measured(
    few: Calibration, capsys: pytest.CaptureFixture[str]
) -> None:
    """Otherwise an AUC of one conversion would stand in a table of its own."""
    assert few.performance
    assert few.newer_conversions < 30
    assert not few.performance_newer
    counted = "1 conversion," if few.newer_conversions == 1 else f"{few.newer_conversions} conversions,"
    assert f"Leads created after the fitting have {counted} too few" in few.newer_told
    show(few)
    for told in (report.page(few), " ".join(capsys.readouterr().out.split())):
        assert few.newer_told in told
        assert "Only leads created after the fitting" not in told


def test_one_conversion_is_singular(few: Calibration) -> None:
    assert "The test part has 1 conversion." in report.page(replace(few, test_conversions=1))


def test_leads_of_rules_are_those_that_they_were_learned_from(few: Calibration) -> None:
    """The proposal is learned again from everything, so its figures are not of the training part."""
    told = report.page(few)
    assert "conversions among all leads that rules were learned from." in told
    assert "conversions in the training part. Lift" not in told


def test_a_readable_rival_that_ranks_clearly_better_is_said(few: Calibration) -> None:
    """Then what gradient boosting has ahead is not the price of being readable."""
    odoo = few.performance_of("Odoo's method")
    assert odoo is not None
    said = gap(replace(few, odoo_above=True))
    assert f"Odoo's method, whose points people can read too, ranks clearly better, at {odoo.auc:.3f}" in said
    assert "costs" not in said
    assert "costs" in gap(replace(few, odoo_above=False))


@pytest.mark.parametrize(("value", "error", "sure"), [(1.0, 0.2, True), (-1.0, 0.2, True), (0.1, 0.2, False)])
def test_only_a_rule_with_a_clear_effect_is_worth_locking(value: float, error: float, sure: bool) -> None:
    assert Weight(value, error).sure == sure
    assert np.sign(Weight(value, error).ends[0]) == (np.sign(value) if sure else -1)


@pytest.mark.parametrize("jargon", ["log-likelihood", "matured snapshots", "PSI"])
def test_the_report_is_without_the_words_of_statisticians(few: Calibration, jargon: str) -> None:
    """Its readers are marketers."""
    assert few.drift.message
    assert jargon not in report.page(few)
    assert jargon not in str(few.notes)


def test_the_test_part_is_explained_where_it_is_first_named(few: Calibration) -> None:
    told = report.page(few)
    assert told.index("test part") == told.index("test part, kept aside to check the proposal,")
