"""Whole passes over a CRM with a warehouse beside it: what is read, what stays, what leaves."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.passes import BACKFILL, RECONCILE, SYNC, PassOptions
from store import Store
from tests.end_to_end.test_removed_activities import did
from tests.stage import Stage
from tests.warehouse.conftest import EVENTS, House, day, event, usage

Open = Callable[..., Stage]
SOURCE = "warehouse.use:"


def known(stage: Stage) -> set[tuple[str, str]]:
    """Return lead and row of the activities that came from the warehouse."""
    return {(lead, one.removeprefix(SOURCE)) for lead, one, _ in did(stage) if one.startswith(SOURCE)}


def recent(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days, hours=1)


def begin(stage: Callable[..., Stage], house: House, **changes: Any) -> tuple[Stage, str, list[tuple[str, str]]]:
    """Return a stage with an empty table of events, and its leads with an address only they have."""
    house.create("events", EVENTS)
    opened = stage(30, activities={"use": usage(**changes)})
    leads = sorted((lead, address) for address, lead in opened.addresses().items())
    return opened, leads[0][0], leads


def test_usage_of_the_product_counts_like_an_activity_of_the_crm(stage: Open, house: House) -> None:
    opened, lead, leads = begin(stage, house, kind="demo_request")
    house.add("events", *(event(number, leads[0][1].upper(), recent(number)) for number in range(3)))
    assert opened.do(BACKFILL).state == "done"
    assert known(opened) == {(lead, f"e{number}") for number in range(3)}
    house.add("events", event(9, leads[1][1], recent(0)))
    report = opened.do(SYNC)
    assert known(opened) == {*((lead, f"e{number}") for number in range(3)), (leads[1][0], "e9")}
    assert report.tally.scored >= 1
    assert "Demo request" in opened.leadgauge("explain", lead).stdout


def test_a_row_of_somebody_unknown_waits_for_the_lead(stage: Open, house: House) -> None:
    opened, _, _ = begin(stage, house)
    house.add("events", event(1, "nobody@yet.example", day(0)))
    opened.do(BACKFILL)
    assert known(opened) == set()
    assert "wait for leads" in opened.leadgauge("check").stdout


@pytest.mark.slow
def test_ids_of_the_crm_join_too_and_a_lead_that_comes_later_is_asked_for(stage: Open, house: House) -> None:
    opened, lead, _ = begin(stage, house, lead={"id": "user_email"})
    house.add("events", event(1, lead, day(-1)))
    opened.do(BACKFILL)
    assert known(opened) == {(lead, "e1")}
    opened.delete(lead)
    opened.do(SYNC)
    opened.do(RECONCILE)
    assert known(opened) == set()
    opened.restore(lead)
    opened.do(RECONCILE)
    assert known(opened) == {(lead, "e1")}


@pytest.mark.slow
def test_a_removed_row_leaves_with_a_reconciliation(stage: Open, house: House) -> None:
    opened, lead, leads = begin(stage, house)
    house.add("events", *(event(number, leads[0][1], day(-number)) for number in range(4)))
    opened.do(BACKFILL)
    house.run("DELETE FROM events WHERE event_id IN ('e1', 'e2')")
    opened.do(SYNC)
    assert len(known(opened)) == 4
    opened.do(RECONCILE)
    assert known(opened) == {(lead, "e0"), (lead, "e3")}


@pytest.mark.slow
def test_a_table_that_is_suddenly_empty_is_held_by_the_brake(stage: Open, house: House) -> None:
    opened, _, leads = begin(stage, house)
    house.add("events", *(event(number, leads[number % 9][1], day(-number)) for number in range(40)))
    opened.do(BACKFILL)
    house.run("DELETE FROM events")
    report = opened.do(RECONCILE)
    assert report.state == "held"
    assert "product_use" in report.message
    assert len(known(opened)) == 40
    opened.do(SYNC, PassOptions(accept=True))
    assert known(opened) == set()


@pytest.mark.slow
def test_a_row_that_names_somebody_else_now_moves(stage: Open, house: House) -> None:
    opened, _, leads = begin(stage, house)
    house.add("events", event(1, leads[0][1], day(-1)))
    opened.do(BACKFILL)
    house.run("DELETE FROM events")
    house.add("events", event(1, leads[1][1], day(-1), day(0)))
    opened.do(SYNC)
    assert known(opened) == {(leads[1][0], "e1")}


@pytest.mark.slow
def test_a_warehouse_that_goes_away_neither_stops_the_crm_nor_removes_anything(stage: Open, house: House) -> None:
    opened, lead, leads = begin(stage, house)
    house.add("events", event(1, leads[0][1], day(-1)))
    opened.do(BACKFILL)
    with house.away():
        opened.act(leads[1][0], "email_open")
        for kind in (SYNC, RECONCILE):
            report = opened.do(kind)
            assert report.state == "done"
            assert "use of the warehouse could not be read" in report.message
        assert known(opened) == {(lead, "e1")}
        assert "could not be read" in opened.leadgauge("status").stdout
    house.add("events", event(2, leads[0][1], day(-1)))
    assert "could not be read" not in opened.do(SYNC).message
    assert known(opened) == {(lead, "e1"), (lead, "e2")}


@pytest.mark.slow
def test_a_warehouse_that_was_never_read_is_not_taken_for_empty(stage: Open, house: House) -> None:
    opened, _, _ = begin(stage, house)
    with house.away():
        result = opened.leadgauge("backfill", "--yes")
    assert result.returncode == 1
    assert "cannot be reached" in result.stderr
    assert opened.leadgauge("backfill", "--yes").returncode == 0


@pytest.mark.slow
def test_a_changed_source_is_read_again_and_one_that_is_left_out_goes(stage: Open, house: House) -> None:
    opened, _, leads = begin(stage, house)
    house.add("events", event(1, leads[0][1], day(-1)))
    opened.do(BACKFILL)
    other = usage(kind="trial_start")
    opened.configure(
        lambda one: one.update(warehouse={"database": {"env": house.secret}, "activities": {"use": other}})
    )
    assert "read again from the start: use of the warehouse" in opened.do(SYNC).message
    assert {kind for _, one, kind in did(opened) if one.startswith(SOURCE)} == {"trial_start"}
    opened.configure()
    opened.do(SYNC)
    assert known(opened) == set()


@pytest.mark.slow
def test_the_mirror_has_no_address(stage: Open, house: House) -> None:
    opened, _, leads = begin(stage, house)
    house.add("events", event(1, leads[0][1], day(-1)), event(2, "nobody@yet.example", day(0)))
    opened.do(BACKFILL)
    with Store.open(opened.settings().database_url):
        pass
    kept = (opened.folder / "leadgauge.db").read_bytes()
    assert b"nobody@yet.example" not in kept
    assert leads[0][1].encode() not in kept


def test_check_knows_the_kinds_that_the_warehouse_brings(stage: Open, house: House) -> None:
    opened, _, leads = begin(stage, house, kind="demo_watched")
    house.add("events", event(1, leads[0][1], day(-1)))
    assert "1 row, 1 of use" in opened.leadgauge("check").stdout


@pytest.mark.slow
def test_a_pass_that_is_killed_while_it_reads_misses_nothing_and_has_nothing_twice(stage: Open, house: House) -> None:
    opened, lead, leads = begin(stage, house)
    count = 60_000
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)"
    stamp = "'2026-09-01T00:00:00+00:00'" if house.kind == "sqlite" else "timestamptz '2026-09-01' + i * interval '1 s'"
    columns = "event_id, user_email, feature, occurred_at, loaded_at"
    house.run(
        f"INSERT INTO events ({columns}) {numbers} SELECT 'e' || i, :email, 'report', {stamp}, {stamp} FROM n",
        count=count,
        email=leads[0][1],
    )
    for _ in range(2):
        with opened.start("backfill", "--yes") as process:
            began = time.monotonic()
            while process.poll() is None and time.monotonic() - began < 120 and not read(opened):
                time.sleep(0.02)
            process.kill()
    opened.do(SYNC)
    assert known(opened) == {(lead, f"e{number}") for number in range(1, count + 1)}


def read(stage: Stage) -> int:
    """Return how many rows of the warehouse were stored."""
    with stage.job() as job:
        return job.mirror.counts().activities if job.mirror.cursor("warehouse.use") else 0
