"""The moment to score for never runs backwards."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.clock import ClockError, moment

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_without_a_pass_before_it_is_now() -> None:
    assert moment(NOON, None) == NOON


def test_a_clock_that_jumped_back_a_little_is_waited_for() -> None:
    assert moment(NOON, NOON + timedelta(hours=1)) == NOON + timedelta(hours=1)


def test_a_clock_that_jumped_back_far_is_refused_with_the_remedy() -> None:
    with pytest.raises(ClockError, match="Set this machine's clock"):
        moment(NOON, NOON + timedelta(days=2))
