"""A date is a day on the calendar of the card's zone."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from scoring import Scorecard, score, touchpoints

EMPTY = {"lead": pl.String, "id": pl.String, "kind": pl.String, "occurred_at": pl.Datetime("us", "UTC")}


def points(test: dict[str, Any], day: date | None, as_of: datetime, zone: str | None = None, **rule: Any) -> int:
    rules = [{"name": "R", "lead": {"buys": test}, "points": 10, **rule}]
    card = Scorecard.model_validate(
        {
            "scorecard": "x",
            "fields": {"buys": "date"},
            **({"calendar": zone} if zone else {}),
            "score": {"fit": {"groups": [{"name": "G", "rules": rules}]}},
        }
    )
    leads = pl.DataFrame({"lead": ["a"], "buys": [day]}, {"lead": pl.String, "buys": pl.Date})
    found = score(leads, *touchpoints(pl.DataFrame(schema=EMPTY)), card, as_of).results
    return int(found["lead_fit"].item())


MIDNIGHT = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
"""Already the 1st of April in Berlin, still the 31st of March in New York."""


@pytest.mark.parametrize(
    ("test", "zone", "holds"),
    [
        ({"within_next": "1d"}, None, True),
        ({"within_next": "1d"}, "Europe/Berlin", False),
        ({"within": "1d"}, "Europe/Berlin", True),
        ({"within": "1d"}, "America/New_York", False),
        ({"is": "2026-04-01"}, "Europe/Berlin", True),
        ({"at_least": "2026-04-01"}, "Asia/Tokyo", True),
        ({"below": "2026-04-01"}, "America/New_York", False),
        ({"in": ["2026-04-01", "2026-04-02"]}, "America/New_York", True),
        ({"between": ["2026-03-01", "2026-04-01"]}, None, True),
        ({"known": True}, None, True),
    ],
)
def test_days_begin_and_end_in_the_zone_of_the_card(test: dict[str, Any], zone: str | None, holds: bool) -> None:
    assert points(test, date(2026, 4, 1), MIDNIGHT, zone) == 10 * holds


def test_decay_since_a_date_begins_at_its_midnight_in_the_zone() -> None:
    decay = {"since": "buys", "lifespan": "10d"}
    assert (
        points({"known": True}, date(2026, 4, 1), datetime(2026, 4, 5, 22, tzinfo=UTC), "Europe/Berlin", **decay) == 5
    )
    assert points({"known": True}, None, MIDNIGHT, None) == 0


def since(values: Any, zone: str) -> Any:
    """The day on which 1 April of 2026 begins for a `time` field, found by its days since."""
    points = {"give": 1, "per": 1 / 24}
    rule = {"name": "R", "number": {"days_since": "at"}, "points": points, "maximum": 99, "missing": -1}
    card = Scorecard.model_validate(
        {
            "scorecard": "x",
            "fields": {"at": "time"},
            "calendar": zone,
            "score": {"fit": {"groups": [{"name": "G", "rules": [rule]}]}},
        }
    )
    leads = pl.DataFrame({"lead": [str(place) for place in range(len(values))], "at": values})
    as_of = datetime(2026, 4, 1, 12, tzinfo=UTC)
    return score(leads, *touchpoints(pl.DataFrame(schema=EMPTY)), card, as_of).results["lead_fit"].to_list()


def test_a_day_without_a_clock_begins_in_the_zone_also_where_a_time_is_declared() -> None:
    texts = pl.Series(["2026-04-01", "2026-04-01T00:00:00Z", "2026-04-01T06:00:00.250000Z", None])
    assert since(texts, "UTC") == [12, 12, 6, -1]
    assert since(texts, "America/New_York") == [8, 12, 6, -1]
    assert since(pl.Series([date(2026, 4, 1)]), "America/New_York") == [8]


def test_unknown_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="write one like Europe/Berlin"):
        points({"known": True}, None, MIDNIGHT, "Berlin")


def test_what_is_no_date_is_refused_in_a_condition() -> None:
    with pytest.raises(ValueError, match="is not a date: write it like 2026-03-31"):
        points({"is": "soon"}, None, MIDNIGHT)
