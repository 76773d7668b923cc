"""What leads had at which time, against a slow way that anybody can read."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from watch.cohorts import WITHOUT, added, apart, cohorts, counted, months, tenths
from watch.reading import PEOPLE, Ground
from watch.timeline import KEPT, TOLD, WRITES, timeline

UTC_ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)
START = datetime(2025, 9, 1, tzinfo=UTC)
HORIZON = timedelta(days=60)

VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "lead_priority": st.sampled_from(["P1", "P2", 'a"lead_grade":b', None]),
    "lead_grade": st.sampled_from(["A", "F", None]),
    "lead_score": st.sampled_from([0, 7, 55, None]),
}
DAYS = st.integers(0, 440)
LEADS = ("1", "2", "3")


@st.composite
def histories(draw: st.DrawFn) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    """Return writes per lead: a day, and what was written."""
    written = st.dictionaries(st.sampled_from(sorted(VALUES)), st.none(), max_size=3).flatmap(
        lambda names: st.fixed_dictionaries({name: VALUES[name] for name in names})
    )
    return {
        lead: sorted(draw(st.lists(st.tuples(DAYS, written), max_size=6)), key=lambda one: one[0]) for lead in LEADS
    }


def at(day: int) -> datetime:
    return START + timedelta(days=day, hours=1)


def frames(
    history: Mapping[str, Sequence[tuple[int, dict[str, Any]]]], *, since: int = 0
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the writes from a day on and what each lead was told last, as the store keeps them."""
    rows, told = [], []
    for lead, writes in history.items():
        held: dict[str, Any] = {}
        for number, (day, after) in enumerate(writes):
            before = {name: held.get(name) for name in after} if number else {}
            held |= after
            causes = "first" if not number else "activity"
            if day >= since:
                rows.append((lead, 10 * day + number, at(day), day, causes, json.dumps(before), _compact(after)))
        if writes:
            told.append((lead, at(writes[-1][0]), *(held.get(name) for name in KEPT)))
    return pl.DataFrame(rows, WRITES, orient="row"), pl.DataFrame(told, TOLD, orient="row")


def _compact(values: dict[str, Any]) -> str:
    return json.dumps(values, separators=(",", ":"))


def held_at(writes: Sequence[tuple[int, dict[str, Any]]], moment: datetime) -> dict[str, Any] | None:
    """Return what a lead had at a time; None before its first write."""
    past = [after for day, after in writes if at(day) <= moment]
    return None if not past else {name: value for after in past for name, value in after.items()}


def begun() -> list[datetime]:
    return months(NOW, UTC_ZONE, START)


def people(converted: Mapping[str, int | None]) -> pl.DataFrame:
    rows = [(lead, None, None if day is None else at(day)) for lead, day in converted.items()]
    return pl.DataFrame(rows, PEOPLE, orient="row")


NOBODY = dict.fromkeys(LEADS)


@given(histories(), st.fixed_dictionaries({lead: st.one_of(st.none(), DAYS) for lead in LEADS}))
def test_leads_count_with_what_they_had_when_the_month_began(history: Any, converted: Any) -> None:
    """Every month holds who was open then, with what was written last before, or first in it."""
    line = timeline(*frames(history))
    found = cohorts(line, begun(), people(converted), HORIZON, NOW)
    rows = {
        (row["lead"], row["month"], row["moment"]): tuple(row[name] for name in VALUES)
        for row in found.iter_rows(named=True)
    }
    assert rows == dict(_slowly(history, converted))


def _slowly(history: Any, converted: Any) -> Any:
    starts = begun()
    for lead, writes in history.items():
        for number, month in enumerate(starts):
            end = starts[number + 1] if number + 1 < len(starts) else datetime.max.replace(tzinfo=UTC)
            moment, held = month, held_at(writes, month)
            if held is None and writes and month < at(writes[0][0]) < end:
                moment, held = at(writes[0][0]), writes[0][1]
            day = converted[lead]
            if held is not None and (day is None or at(day) > moment):
                yield (lead, month, moment), tuple(held.get(name) for name in VALUES)


@given(histories(), st.integers(1, 400))
def test_what_leads_had_is_known_where_their_first_writes_are_kept_no_more(history: Any, since: int) -> None:
    """Pruned writes show in what the first one that is kept replaced, or in what was written last."""
    line = timeline(*frames(history, since=since))
    later = [one for one in begun() if one >= at(since)]
    found = cohorts(line, later, people(NOBODY), HORIZON, NOW) if later else pl.DataFrame()
    for row in found.iter_rows(named=True):
        if row["moment"] == row["month"]:
            held = held_at(history[row["lead"]], row["month"])
            assert held is not None
            assert {name: row[name] for name in VALUES} == {name: held.get(name) for name in VALUES}


def test_a_conversion_counts_within_the_horizon_only() -> None:
    """A lead that converts later than that did not convert; one whose horizon is not over is open."""
    history = {lead: [(10, {"lead_priority": "P1"})] for lead in LEADS}
    rows = cohorts(timeline(*frames(history)), begun(), people({"1": 70, "2": 200, "3": None}), HORIZON, NOW)
    counts = {row["month"]: row for row in counted(rows, "lead_priority").iter_rows(named=True)}
    first, second, last = counts[begun()[0]], counts[begun()[1]], counts[begun()[-1]]
    assert (first["leads"], first["matured"], first["converted"]) == (3, 3, 1)
    assert (second["leads"], second["matured"], second["converted"]) == (2, 2, 0)
    assert (last["leads"], last["matured"], last["converted"]) == (1, 0, 0)


def test_counts_of_parts_add_up_to_those_of_all() -> None:
    """Leads may be counted chunk by chunk."""
    history = {str(lead): [(lead % 90, {"lead_priority": f"P{lead % 3}"})] for lead in range(50)}
    rows = cohorts(timeline(*frames(history)), begun(), people({str(lead): 100 for lead in range(50)}), HORIZON, NOW)
    halves = [rows.filter(pl.col("lead").cast(pl.Int64) % 2 == rest) for rest in (0, 1)]
    assert added([counted(half, "lead_priority") for half in halves]).equals(added([counted(rows, "lead_priority")]))


def test_leads_without_a_value_are_counted_as_such() -> None:
    """A disqualified lead has no priority, which is a group of its own."""
    rows = cohorts(timeline(*frames({"1": [(0, {"lead_priority": None})]})), begun(), people(NOBODY), HORIZON, NOW)
    assert set(counted(rows, "lead_priority")["value"]) == {WITHOUT}


def test_months_that_do_not_overlap_count_no_conversion_twice() -> None:
    """Between the end of one month's horizon and the next month chosen lies no day."""
    chosen = apart(begun(), timedelta(days=90), NOW)
    ends = [next(one for one in begun() if one > month) + timedelta(days=90) for month in chosen]
    assert len(chosen) >= 3
    assert all(end <= later for end, later in zip(ends, [*chosen[1:], NOW], strict=True))


def test_tenths_are_of_equal_size_but_for_ties() -> None:
    """The best tenth comes first; leads with the same number stay together."""
    month = begun()[0]
    counts = pl.DataFrame(
        {"month": month, "value": [float(score) for score in range(100)], "leads": 1, "matured": 1, "converted": 0}
    ).with_columns(so_far=pl.lit(0))
    found = tenths(counts)
    assert found["leads"].to_list() == [10] * 10
    assert found.select("value", "low", "high").row(0) == (1, 90.0, 99.0)
    tied = tenths(counts.with_columns(value=pl.lit(5.0)).group_by("month", "value").agg(pl.all().sum()))
    assert tied["leads"].to_list() == [100]


def ground(*, keep: int, horizon: int, began: datetime) -> Ground:
    """Return a ground of which only the months are asked."""
    connection = SimpleNamespace(keep=timedelta(days=keep), calibrate=SimpleNamespace(horizon=timedelta(days=horizon)))
    active: Any = SimpleNamespace(scorer=SimpleNamespace(likelihood=None), card=SimpleNamespace(zone=UTC_ZONE))
    active.outbox = SimpleNamespace(first_write=lambda: began)
    job: Any = SimpleNamespace(connection=connection)
    return Ground(job, active, NOW)


def test_months_of_which_the_history_is_kept_no_more_are_left_out() -> None:
    """What leads had at their beginning is not known; this month is always there."""
    old = NOW - timedelta(days=400)
    assert ground(keep=400, horizon=90, began=old).months[0] == datetime(2025, 11, 1, tzinfo=UTC)
    assert ground(keep=400, horizon=90, began=NOW - timedelta(days=3)).months == [datetime(2026, 11, 1, tzinfo=UTC)]
    assert ground(keep=10, horizon=90, began=NOW - timedelta(days=9)).months == [datetime(2026, 11, 1, tzinfo=UTC)]


def test_a_long_horizon_gets_the_months_that_it_needs() -> None:
    """Else no month of a year would ever be a year old."""
    found = ground(keep=900, horizon=365, began=NOW - timedelta(days=800))
    assert len(apart(found.months, found.horizon, NOW)) >= 1


def test_the_months_are_those_of_the_zone_and_reach_back_to_the_first_write() -> None:
    """The month in which the first row was written counts, none before."""
    zone = ZoneInfo("America/New_York")
    found = months(NOW, zone, datetime(2026, 9, 20, tzinfo=UTC))
    assert [f"{one:%Y-%m-%d %H %z}" for one in found] == [
        "2026-09-01 00 -0400",
        "2026-10-01 00 -0400",
        "2026-11-01 00 -0400",
    ]
