"""The scoring time: checked against the CRM's clock, and never going back while the clocks are right."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.clock import LEEWAY, ClockError, confirm, in_words, moment

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
FAR = LEEWAY + timedelta(seconds=1)


def test_without_a_pass_before_it_is_now() -> None:
    assert moment(NOON, None, confirmed=False) == NOON


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_clock_that_was_corrected_a_little_does_not_run_backwards(confirmed: bool) -> None:
    assert moment(NOON, NOON + LEEWAY, confirmed=confirmed) == NOON + LEEWAY


def test_a_clock_that_jumped_back_a_little_is_waited_for_where_the_crm_tells_no_time() -> None:
    assert moment(NOON, NOON + timedelta(hours=1), confirmed=False) == NOON + timedelta(hours=1)


def test_a_clock_that_jumped_back_far_is_refused_with_the_remedy_where_the_crm_tells_no_time() -> None:
    with pytest.raises(ClockError, match="Set this machine's clock"):
        moment(NOON, NOON + timedelta(days=2), confirmed=False)


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(days=30)])
def test_a_pass_that_a_wrong_clock_dated_in_the_future_locks_nothing(ahead: timedelta) -> None:
    assert moment(NOON, NOON + ahead, confirmed=True) == NOON


@pytest.mark.parametrize(("apart", "way"), [(FAR, "behind"), (-FAR, "ahead of")])
def test_clocks_more_than_five_minutes_apart_are_refused_either_way(apart: timedelta, way: str) -> None:
    with pytest.raises(ClockError, match=rf"says 2026-11-01 12:00 UTC, salesforce says .* {way} the CRM's") as told:
        confirm(NOON, NOON + apart, "salesforce")
    assert f"{NOON + apart:%Y-%m-%d %H:%M} UTC" in str(told.value)


@pytest.mark.parametrize("apart", [timedelta(), LEEWAY, -LEEWAY])
def test_clocks_that_are_nearly_alike_agree(apart: timedelta) -> None:
    confirm(NOON, NOON + apart, "hubspot")


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(days=30), "30 days"),
    ],
)
def test_a_span_is_said_in_words(span: timedelta, words: str) -> None:
    assert in_words(span) == words
