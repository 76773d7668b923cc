"""Machine traffic from end to end: it is marked, left out of scores and explained, and can be known afterwards."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import requests

from leadgauge_sandbox.population import Population
from pipeline.passes import BACKFILL, SYNC
from tests.stage import Opener, Stage, hubspot, milliseconds, opener  # noqa: F401 - fixtures

KINDS = ("email_open", "email_click", "page_view")


def did(stage: Stage, lead: str, kind: str, at: datetime, **others: Any) -> None:
    """Add an activity of a lead at a time."""
    wish = {"contact": lead, "kind": kind, "name": "Product news", "at": milliseconds(at), **others}
    requests.post(f"{stage.url}/_sandbox/activities", json=wish, timeout=10).raise_for_status()


def explained(stage: Stage, lead: str, *words: str) -> dict[str, Any]:
    [found] = json.loads(stage.leadgauge("explain", lead, "--json", *words).stdout)
    assert isinstance(found, dict)
    return found


def test_a_click_that_an_open_gives_away_no_longer_counts_but_did_when_it_was_written(
    hubspot: Callable[..., Stage],  # noqa: F811
) -> None:
    """The open comes after the pass: the click is marked then, explained, and still counts as of the pass before."""
    stage = hubspot(4)
    stage.provision()
    lead, now = stage.people()[0], datetime.now(UTC)
    sent = {"sent": milliseconds(now - timedelta(minutes=5))}
    before = stage.do(BACKFILL)
    did(stage, lead, "email_click", now - timedelta(minutes=4), link=1, **sent)
    clicked = stage.do(SYNC)
    first, written = explained(stage, lead), stage.fields("lead_score")[lead]["lead_score"]
    assert (clicked.tally.marked, first["machine_traffic"]["activities"]) == (0, [])
    later = datetime.now(UTC)
    did(stage, lead, "email_open", later, **sent)
    opened = stage.do(SYNC)
    assert (before.tally.marked, opened.tally.marked, opened.tally.unmarked) == (0, 1, 0)
    last = explained(stage, lead)
    [mark] = last["machine_traffic"]["activities"]
    waited = int((later - now + timedelta(minutes=4)).total_seconds())
    assert (mark["kind"], mark["version"]) == ("email_click", 1)
    assert mark["evidence"] == {"before_open": pytest.approx(waited, abs=1)}
    assert not last["machine_traffic"]["counted"]
    clicks = [line["name"] for line in first["lines"] if line["name"] == "Email click"]
    assert clicks == ["Email click"]
    assert "Email click" not in {line["name"] for line in last["lines"]}
    then = explained(stage, lead, "--as-of", clicked.tally.notes["as_of"])
    assert str(then["results"]["lead_score"]) == written != stage.fields("lead_score")[lead]["lead_score"]
    assert then["machine_traffic"]["activities"] == []
    said = stage.leadgauge("explain", lead).stdout
    assert "Left out as machine traffic: 1 email_click" in said
    assert "An activity can have several reasons" in said
    assert "1 of 1: clicked more than a minute before the mail was first opened; the last on " in said


def test_a_scorecard_can_count_machine_traffic(hubspot: Callable[..., Stage]) -> None:  # noqa: F811
    """Two links a second apart count with `counted`, and the explanation still says whose they are."""
    stage = hubspot(4)
    card = stage.folder / "b2b-saas.yaml"
    card.write_text(card.read_text().replace("\nscore:\n", "\nmachine_traffic: counted\nscore:\n", 1))
    stage.provision()
    lead, now = stage.people()[0], datetime.now(UTC)
    for second in (2, 1):
        did(stage, lead, "email_click", now - timedelta(seconds=second), link=second)
    assert stage.do(BACKFILL).tally.marked == 2
    found = explained(stage, lead)
    assert "Email click" in {line["name"] for line in found["lines"]}
    assert found["machine_traffic"]["counted"]
    assert "Machine traffic, which counts here: 2 email_click" in stage.leadgauge("explain", lead).stdout


def test_a_new_version_of_the_recogniser_looks_at_everybody_and_says_what_changed(
    hubspot: Callable[..., Stage],  # noqa: F811
) -> None:
    """The database is made to believe that an older version marked it."""
    stage = hubspot(4)
    stage.provision()
    lead, now = stage.people()[0], datetime.now(UTC)
    for second in (2, 1):
        did(stage, lead, "email_click", now - timedelta(seconds=second), link=second)
    stage.do(BACKFILL)
    with sqlite3.connect(next(stage.folder.glob("**/*.db"))) as database:
        database.execute("UPDATE connections SET marked_by = 0")
        database.execute("DELETE FROM machine_marks")
    report = stage.do(SYNC)
    assert report.message == (
        "Machine traffic was recognised anew, by version 1, in what 4 leads did: 2 activities are marked that were not,"
        " or for other reasons, and 0 no longer are."
    )
    assert stage.do(SYNC).message == ""


def with_pardot(stage: Stage, connection: dict[str, Any]) -> None:
    """Let a Salesforce read opens, clicks and page views of Account Engagement."""
    unit = stage.app.state.sandbox.credentials.business_unit
    connection["activities"]["pardot"] = {"business_unit": unit, "host": stage.url}


def places(stage: Stage) -> pl.DataFrame:
    """Run a backfill and return the leads in the order of their priority index, with their place."""
    stage.provision()
    stage.do(BACKFILL)
    with stage.job() as job:
        found = job.scorecards[0].outbox.computed(range(256)).select("lead", "lead_score", "lead_priority_index")
    index = pl.col("lead_priority_index").fill_null(-1)
    return found.with_columns(place=index.rank("min", descending=True), score=pl.col("lead_score"))


def opens_and_clicks(stage: Stage) -> tuple[int, int]:
    """Return how many activities could be a machine's, and how many are marked."""
    with stage.job() as job:
        frames = job.mirror.frames(range(256), {})
        kinds = frames.touchpoints.filter(pl.col("kind").is_in(KINDS))
        return frames.activities.join(kinds, on="touchpoint").height, job.mirror.marks(range(256)).height


@pytest.mark.slow
@pytest.mark.parametrize("crm_name", ["hubspot", "salesforce"])
def test_scanners_of_a_fifth_of_the_leads_hardly_change_the_top_tenth(crm_name: str, tmp_path: Path) -> None:
    """Of the first tenth, fewer than two in a hundred change places; without scanners nothing at all is marked."""
    now, found = datetime.now(UTC), []
    for share in (0.0, 0.2):
        folder = tmp_path / str(share)
        folder.mkdir()
        people = Population.generate(1000, 7, milliseconds(now), scanners=share)
        with ExitStack() as stack:
            stage = getattr(Opener(stack, folder), crm_name)(population=people)
            stage.configure(partial(with_pardot, stage) if crm_name == "salesforce" else None)
            found.append((places(stage), *opens_and_clicks(stage)))
    (without, few, no_marks), (with_them, many, marks) = found
    assert no_marks == 0, f"none of {few:,} activities of ordinary people is marked"
    assert marks > 0.98 * (many - few), f"{marks:,} of {many - few:,} activities of machines are marked"
    top = without.filter(pl.col("place") <= 100).join(with_them, on="lead", suffix="_then")
    moved = top.filter(pl.col("place") != pl.col("place_then")).height
    assert moved < 0.02 * top.height, f"{moved} of {top.height} changed places"
