"""In simulated worlds calibrate finds what is planted, judged on leads that it has not seen."""

import pytest

from bench.quality import Judged, judged
from bench.trials import of_world
from bench.worlds import WORLDS


def found(name: str, leads: int) -> Judged:
    return judged(name, of_world(WORLDS[name], leads=leads, seed=1))


def is_true(one: Judged) -> bool:
    """Whether the percentages are neither too bold nor too timid, and near what came."""
    return 0.75 < one.slope < 1.25 and one.error < 0.035


def test_numbers_that_matter_in_proportion_rank_better_than_by_gradient_boosting() -> None:
    one = found("per_unit", 2240)
    assert one.points > max(one.boosted, one.truth - 0.02)
    assert is_true(one)


def test_a_field_that_sales_fills_in_still_tells_what_its_values_tell() -> None:
    """That it is filled in, which was true of most conversions only afterwards, tells nothing of new leads."""
    one = found("leaking_emptiness", 2500)
    assert one.points > one.boosted
    assert one.points > one.truth - 0.035


def test_days_since_a_date_rank_as_well_as_the_truth() -> None:
    one = found("ages", 2240)
    assert one.points > max(one.boosted, one.truth - 0.02)
    assert 0.85 < one.ratio < 1.15


def test_emptiness_that_truly_tells_is_learned() -> None:
    one = found("honest_emptiness", 3000)
    assert one.points > one.truth - 0.035
    assert is_true(one)


def test_a_threshold_and_a_span_are_found_where_they_are() -> None:
    one = found("threshold", 3000)
    assert one.points > one.truth - 0.025
    assert is_true(one)


@pytest.mark.slow
def test_a_pair_of_conditions_is_found_that_matters_only_together() -> None:
    one = found("interaction", 5000)
    assert one.points > max(one.truth - 0.03, one.boosted - 0.01)
    assert is_true(one)


def test_nothing_is_found_where_nothing_tells() -> None:
    one = found("noise", 1500)
    assert one.rules == 0
    assert "applied" not in one.standing


@pytest.mark.slow
def test_the_likelihood_ranks_all_open_leads_by_their_age_too() -> None:
    """Half of the leads are older than a year, and hardly convert any more, whatever their fields say."""
    one = found("old_leads", 3000)
    assert one.likelihood > max(one.truth - 0.03, one.points + 0.1)
    assert is_true(one)


@pytest.mark.slow
def test_percentages_follow_a_rate_that_falls() -> None:
    """A third in two years; the newest leads, of which conversions are still to come, are the ones that are scored."""
    one = found("falling_rate", 8000)
    assert 0.8 < one.ratio < 1.2
    assert is_true(one)


def test_a_funnel_that_grows_fast_is_learned_from() -> None:
    """Most of its 200 conversions are of the last weeks, and its leads double every two weeks."""
    one = found("growing_funnel", 6000)
    assert one.likelihood > one.boosted
    assert is_true(one)


@pytest.mark.slow
def test_purchases_of_a_year_ago_count() -> None:
    one = judged("long_memory", of_world(WORLDS["long_memory"]))
    assert one.likelihood > max(one.boosted, one.truth - 0.025)
    assert is_true(one)
