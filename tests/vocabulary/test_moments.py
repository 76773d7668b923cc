"""Moments and days as texts."""

from datetime import UTC, datetime, timedelta

import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import up_to
from vocabulary.fields import TIME
from vocabulary.moments import moment, written

MOMENTS = st.integers(-2_200_000_000_000_000, 7_200_000_000_000_000).map(
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)


@settings(max_examples=up_to(50), deadline=None)
@given(st.lists(MOMENTS | MOMENTS.map(lambda found: found.replace(microsecond=0)), min_size=1, max_size=5))
def test_a_moment_is_written_as_the_mirror_has_always_kept_it_and_reads_back(moments: list[datetime]) -> None:
    frame = pl.DataFrame({"at": pl.Series(moments, dtype=TIME)})
    texts = frame.select(written(pl.col("at")))["at"]
    assert texts.to_list() == [orjson.loads(orjson.dumps(one, option=orjson.OPT_UTC_Z)) for one in moments]
    assert texts.to_frame().select(moment(pl.col("at"), "Asia/Tokyo"))["at"].to_list() == moments


@pytest.mark.parametrize(
    ("day", "zone", "begins"),
    [
        ("2026-07-01", "UTC", datetime(2026, 7, 1, tzinfo=UTC)),
        ("2026-07-01", "Europe/Berlin", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ("2025-04-25", "Africa/Cairo", datetime(2025, 4, 24, 22, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_its_first_moment_in_the_zone(day: str, zone: str, begins: datetime) -> None:
    """Cairo's clocks skipped the midnight of the 25th of April 2025."""
    found = pl.DataFrame({"at": [day]}).select(moment(pl.col("at"), zone)).item()
    assert found == begins
