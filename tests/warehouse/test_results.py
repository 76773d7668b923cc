"""Results in a table or a file are what the CRM was told: after each pass, all or nothing, and caught up after a failure."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from sqlalchemy import text

from pipeline.passes import BACKFILL, SYNC
from tests.stage import Stage
from tests.warehouse.conftest import House

Open = Callable[..., Stage]


def told(stage: Stage) -> dict[str, tuple[str | None, str | None]]:
    """Return priority and the time of scoring of each lead, as the CRM has them."""
    found = stage.fields("lead_priority", "lead_scored_at")
    return {lead: (one["lead_priority"], one["lead_scored_at"]) for lead, one in found.items() if one["lead_scored_at"]}


def written(house: House) -> dict[str, Any]:
    query = text("SELECT lead, lead_priority, lead_scored_at FROM scores WHERE \"of\" = 'leads'")
    with house.engine.connect() as sql:
        return {row.lead: row.lead_priority for row in sql.execute(query)}


def priorities(stage: Stage) -> dict[str, str | None]:
    return {lead: priority for lead, (priority, _) in told(stage).items()}


def test_a_table_has_what_the_crm_was_told_and_catches_up_after_a_failure(stage: Open, house: House) -> None:
    opened = stage(30, results={"table": "scores"})
    opened.do(BACKFILL)
    assert written(house) == priorities(opened)
    lead = next(iter(told(opened)))
    with house.away():
        opened.act(lead, "demo_request")
        report = opened.do(SYNC)
        assert report.state == "done"
        assert report.tally.written
        assert "results were not written to the warehouse" in report.message
        assert "results were not written" in opened.leadgauge("status").stdout
    assert written(house) != priorities(opened)
    assert "not written to the warehouse" not in opened.do(SYNC).message
    assert written(house) == priorities(opened)


@pytest.mark.slow
def test_what_is_wrong_in_the_table_is_mended_by_a_backfill(stage: Open, house: House) -> None:
    opened = stage(20, results={"table": "scores"})
    opened.do(BACKFILL)
    house.run("DELETE FROM scores")
    house.run("INSERT INTO scores (connection, \"of\", scorecard, lead) VALUES ('main', 'leads', '', 'nobody')")
    opened.do(BACKFILL)
    assert written(house) == priorities(opened)


@pytest.mark.slow
def test_a_table_of_another_shape_is_named_and_stops_nothing(stage: Open, house: House) -> None:
    house.create("scores", {"lead": "text"})
    opened = stage(20, results={"table": "scores"})
    report = opened.do(BACKFILL)
    assert report.state == "done"
    assert "The table scores has no column connection" in report.message
    assert priorities(opened)


@pytest.mark.slow
def test_a_file_is_replaced_whole(stage: Open, house: House) -> None:
    opened = stage(20, results={"parquet": "scores.parquet"})
    opened.do(BACKFILL)
    lead = next(iter(told(opened)))
    opened.act(lead, "demo_request")
    opened.do(SYNC)
    found = pl.read_parquet(opened.folder / "scores.parquet").filter(pl.col("of") == "leads")
    assert dict(found.select("lead", "lead_priority").iter_rows()) == priorities(opened)
    assert found["lead"].n_unique() == len(found)
    assert not list(opened.folder.glob("*.part"))
