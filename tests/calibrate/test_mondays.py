"""Who was open on which Monday: against a loop over leads and days."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from calibrate.notes import Notes
from calibrate.past.outcome import day_of, timeline
from calibrate.past.snapshots import moment_of, mondays
from tests.examples import up_to

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
hours = st.integers(0, 24 * 60)


@settings(max_examples=up_to(40))
@given(st.lists(st.tuples(hours, st.none() | hours, st.none() | hours), min_size=1, max_size=8), hours, hours)
def test_leads_are_open_on_the_mondays_between_creation_and_the_end(
    leads: list[tuple[int, int | None, int | None]], since: int, until: int
) -> None:
    """From the midnight after creation until the day before conversion, or until it is given up."""
    at = [
        (created, None if won is None else created + won, None if lost is None else created + lost)
        for created, won, lost in leads
    ]
    frame = pl.DataFrame(
        {
            "lead": [f"L{place}" for place in range(len(at))],
            "created_at": [FIRST + timedelta(hours=created) for created, _, _ in at],
            "closed_at": [None if lost is None else FIRST + timedelta(hours=lost) for _, _, lost in at],
        },
        schema={"lead": pl.String, "created_at": pl.Datetime("us", "UTC"), "closed_at": pl.Datetime("us", "UTC")},
    )
    outcomes = pl.DataFrame(
        [(f"L{place}", FIRST + timedelta(hours=won)) for place, (_, won, _) in enumerate(at) if won is not None],
        schema={"lead": pl.String, "occurred_at": pl.Datetime("us", "UTC")},
        orient="row",
    )
    now = FIRST + timedelta(days=400)
    line = timeline(frame, outcomes, now, Notes())
    start, end = (day_of(FIRST + timedelta(hours=each)) for each in (since, until))
    found, share = mondays(line, (start, end), 10_000, np.arange(len(at)), 0)
    expected = []
    for day in np.arange(np.floor(day_of(FIRST)), day_of(now)):
        for place, (created, converted, closed) in enumerate(
            zip(line.created, line.converted, line.closed, strict=True)
        ):
            begun = np.ceil(created) <= day
            over = day > np.ceil(converted) - 1 or day > closed
            if moment_of(float(day)).weekday() == 0 and start <= day <= end and begun and not over:
                expected.append((float(day), place))
    assert share == 1
    assert list(zip(found.day.tolist(), found.lead.tolist(), strict=True)) == expected


def test_a_sample_keeps_whole_groups_with_all_of_their_mondays() -> None:
    created = [FIRST + timedelta(days=day % 50) for day in range(400)]
    frame = pl.DataFrame({"lead": [f"L{day}" for day in range(400)], "created_at": created})
    frame = frame.with_columns(pl.col("created_at").cast(pl.Datetime("us", "UTC")))
    none = pl.DataFrame(schema={"lead": pl.String, "occurred_at": pl.Datetime("us", "UTC")})
    line = timeline(frame, none, FIRST + timedelta(days=200), Notes())
    group = np.arange(400) // 4
    everything, _ = mondays(line, (-np.inf, line.now), 10**6, group, 0)
    some, share = mondays(line, (-np.inf, line.now), len(everything.day) // 2, group, 0)
    assert 0.49 < share <= 0.5
    kept = set(group[some.lead].tolist())
    assert 35 < len(kept) < 65
    inside = np.isin(group[everything.lead], list(kept))
    assert np.array_equal(everything.lead[inside], some.lead)
    assert np.array_equal(everything.day[inside], some.day)
