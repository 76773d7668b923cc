"""Who reached the first priority because of what they are or did."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from watch.moves import crossings, moves
from watch.reading import PEOPLE
from watch.timeline import BEGINNING, KEPT, TIMELINE

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return BEGAN + timedelta(days=number)


def line(*rows: tuple[str, int, str, str | None]) -> pl.DataFrame:
    """Return a timeline: lead, day, causes, priority; day -1 is the beginning."""
    seen: set[str] = set()
    made = []
    for lead, at, causes, priority in rows:
        new = "first" in causes
        seen.add(lead)
        moment = BEGINNING if at < 0 else day(at)
        made.append((lead, moment, at, causes, new, priority, *[None] * (len(KEPT) - 1)))
    return pl.DataFrame(made, TIMELINE, orient="row")


def crossed(*rows: tuple[str, int, str, str | None], created: int = -30, backfills: tuple[int, ...] = ()) -> Any:
    made = line(*rows)
    people = pl.DataFrame([(lead, day(created), None) for lead in made["lead"].unique()], PEOPLE, orient="row")
    found = crossings(moves(made), "P1", people, BEGAN, backfills)
    return [(row[0], *((None if one is None else (one - BEGAN).days) for one in row[1:])) for row in found.iter_rows()]


def test_a_lead_crosses_each_time_it_reaches_the_first_priority() -> None:
    """Twice in, twice a crossing, each with when it was lost."""
    rows = [("1", 0, "first", "P2"), ("1", 5, "activity", "P1"), ("1", 9, "time", "P2"), ("1", 20, "data", "P1")]
    assert crossed(*rows) == [("1", 5, 9), ("1", 20, None)]


def test_a_write_that_leaves_the_priority_is_no_move() -> None:
    """A grade may change while the priority stays."""
    assert crossed(("1", 0, "first", "P2"), ("1", 5, "activity", "P1"), ("1", 6, "activity", "P1")) == [("1", 5, None)]


def test_who_is_moved_by_the_card_alone_crosses_nothing() -> None:
    """Nobody promised to call those that a new card lifts; with an activity beside it is news."""
    assert crossed(("1", 0, "first", "P2"), ("1", 5, "scorecard", "P1")) == []
    assert crossed(("1", 0, "first", "P2"), ("1", 5, "activity,scorecard", "P1")) == [("1", 5, None)]


def test_leads_that_were_there_first_cross_nothing_and_new_ones_do() -> None:
    """The first write of a whole CRM is no news; a lead that comes later and is at once in the first priority is."""
    assert crossed(("1", 0, "first", "P1")) == []
    assert crossed(("1", 40, "first", "P1"), created=39) == [("1", 40, None)]


def test_what_a_backfill_wrote_is_no_news() -> None:
    """It would be about everybody."""
    assert crossed(("1", 0, "first", "P2"), ("1", 5, "activity", "P1"), backfills=(5,)) == []


def test_a_lead_whose_first_write_is_kept_no_more_crosses_by_what_it_had() -> None:
    """What stands at the beginning is no move."""
    assert crossed(("1", -1, "", "P1"), ("1", 5, "time", "P2"), ("1", 9, "activity", "P1")) == [("1", 9, None)]


def test_leads_are_told_apart() -> None:
    """The last priority of one lead is not the first of the next."""
    assert crossed(("1", 0, "first", "P2"), ("2", 0, "first", "P2"), ("2", 3, "activity", "P1")) == [("2", 3, None)]
