"""Scales: every value has a place, and the ticks are round, in order and inside."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from drawing.scales import Names, Numbers, Times

NUMBERS = st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 6))


@given(NUMBERS, NUMBERS, st.booleans())
def test_ends_and_ticks_of_numbers_are_inside_and_in_order(one: float, other: float, exact: bool) -> None:
    """Between the lowest and the highest value there are a few ticks in order, each with a text of its own."""
    scale = Numbers(min(one, other), max(one, other), exact=exact)
    places = [place for place, _ in scale.ticks()]
    assert places == sorted(places)
    assert all(-1e-6 <= place <= 1 + 1e-6 for place in [*places, scale.place(one), scale.place(other)])
    assert len(places) <= scale.most + 2


def test_ticks_are_round() -> None:
    """Ticks are 1, 2 or 5 times a power of ten apart."""
    assert [text for _, text in Numbers(0, 1730).ticks()] == ["0", "500", "1,000", "1,500", "2,000"]
    assert [text for _, text in Numbers(0, 0.3).ticks()] == ["0", "0.05", "0.1", "0.15", "0.2", "0.25", "0.3"]
    assert next(text for _, text in Numbers(0, 0).ticks()) == "0"


def test_only_each_such_name_is_written() -> None:
    """Of many names some are written, each in the middle of its room."""
    assert Names(["a", "b", "c"], every=2).ticks() == [(0.5 / 3, "a"), (2.5 / 3, "c")]


def test_times_are_as_precise_as_their_distance() -> None:
    """Hours are written within days, days within weeks, months and years beyond; in the zone that was asked for."""
    begin, berlin = datetime(2026, 10, 24, 22, tzinfo=UTC), ZoneInfo("Europe/Berlin")
    said = {
        span.days: [text for _, text in Times(begin, begin + span, berlin).ticks()]
        for span in (timedelta(0), timedelta(1), timedelta(20), timedelta(300), timedelta(3000))
    }
    assert said[0] == ["25 Oct 00:00"]
    assert said[1][:2] == ["25 Oct 00:00", "25 Oct 03:48"]  # the clocks went back at 03:00
    assert said[20] == ["25 Oct", "28 Oct", "1 Nov", "5 Nov", "9 Nov", "13 Nov"]  # an hour before midnight
    assert said[300][0] == "Oct 2026"
    assert said[3000][0] == "2026"
