"""Intervals and distances, against published or simulated values."""

import numpy as np
import pytest

from watch.statistics import deviations, difference, noise, psi, wilson


def test_wilson_gives_the_published_interval() -> None:
    """Newcombe (1998), table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    for case, expected in {(81, 263): (0.2553, 0.3662), (15, 148): (0.0624, 0.1605), (0, 20): (0.0, 0.1611)}.items():
        assert wilson(*case) == pytest.approx(expected, abs=1e-4)


def test_the_difference_of_two_rates_has_the_published_interval() -> None:
    """Newcombe (1998), paper on differences, method 10: 56/70 and 48/80; 9/10 and 3/10."""
    assert difference((56, 70), (48, 80)) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    assert difference((9, 10), (3, 10)) == pytest.approx((0.1705, 0.8090), abs=1e-4)


def test_nothing_is_known_without_a_case() -> None:
    """No lead says nothing: the interval holds everything."""
    assert wilson(0, 0) == (0.0, 1.0)
    assert difference((0, 0), (3, 10)) == (-1.0, 1.0)


def test_more_comparisons_need_wider_intervals() -> None:
    """Twenty looks at a chance of 5 % each would find something in most reports."""
    assert deviations(1) == pytest.approx(1.96, abs=1e-3)
    assert deviations(20) == pytest.approx(3.023, abs=1e-3)


def test_samples_of_one_distribution_are_as_far_apart_as_the_noise_says() -> None:
    """The index of two samples of the same ten bins is about `noise`, and rarely more than with two deviations."""
    rng = np.random.default_rng(3)
    found = [
        psi(np.bincount(rng.integers(0, 10, 400), minlength=10), np.bincount(rng.integers(0, 10, 900), minlength=10))
        for _ in range(300)
    ]
    assert float(np.median(found)) == pytest.approx(noise(400, 900, 10), rel=0.1)
    assert float(np.quantile(found, 0.975)) == pytest.approx(noise(400, 900, 10, 1.96), rel=0.15)
