"""The overview says how every connection does, how its leads stand, and what moved."""

import re
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import polars as pl
import pytest

from pages.overview.page import Span
from pipeline.lease import leased
from pipeline.passes import BACKFILL, SYNC
from tests.pages.conftest import Served, serving
from tests.stage import Opener, Stage


def after_counting(served: Served, path: str = "/", until: str = "being counted") -> str:
    """Return the page once everything on it was counted."""
    end = monotonic() + 60
    while until in (text := served.get(path).text) and monotonic() < end:
        sleep(0.1)
    assert until not in text
    return text


def figures(text: str) -> dict[str, int]:
    """Return how many leads each link to the list leads to."""
    links = re.findall(r'href="/crm/main/leads\?([^"]*)"[^>]*>([\d,]+)</a>', text)
    return {query.replace("&amp;", "&"): int(leads.replace(",", "")) for query, leads in links}


def test_every_figure_of_the_standing_is_that_of_the_results_and_leads_to_them(served: Served, stage: Stage) -> None:
    with stage.job() as job:
        results = job.scorecards[0].outbox.listing()
    shown = figures(after_counting(served))
    priorities = dict(results.drop_nulls("lead_priority")["lead_priority"].value_counts().iter_rows())
    assert {name: shown[f"priority={name}"] for name in priorities} == priorities
    cells = results.with_columns(pl.col("lead_grade").fill_null("?")).group_by("lead_grade", "lead_readiness").len()
    for grade, stage_, leads in cells.iter_rows():
        assert shown[f"grade={grade.replace('+', '%2B').replace('?', '%3F')}&stage={stage_.replace(' ', '+')}"] == leads


def test_the_calls_of_a_week_are_held_against_the_priorities(served: Served) -> None:
    text = served.get("/").text
    assert "10 calls a week reach" in text
    reached = re.findall(r'class="band">(all reached|[\d,]+ reached|not reached)', text)
    assert reached
    assert reached == sorted(reached, key=lambda words: ("all" not in words, "not" in words)), "the most urgent first"


def test_a_first_write_is_no_move(served: Served) -> None:
    text = after_counting(served)
    assert text.count("changed its priority, grade, stage or status in the CRM") == 2


def test_what_holds_a_connection_back_is_said_with_what_to_do(served: Served, stage: Stage) -> None:
    with ExitStack() as stack:
        job = stack.enter_context(stage.job())
        with leased(job, "test", "test") as lease:
            box = job.scorecards[0]
            box.outbox.hold(
                1, "30 of 60 leads would change their grade; the guard allows 25%. Nothing was written.", lease
            )
        job.store.note("main", "failing", "since 2026-11-30 10:00 UTC, 3 passes in a row. No route to host.")
        stack.callback(job.store.note, "main", "failing", None)
        stack.callback(box.outbox.release, 1)
        text = served.get("/overview/states").text
    assert "Needs a person" in text
    assert "30 of 60 leads would change their grade; the guard allows 25%." in text
    assert 'href="/crm/main/runs/1"' in text
    assert "No route to host" in text
    assert "nothing is tried: start leadgauge run" in text


def test_a_pass_that_runs_shows_how_far_it_is(served: Served, stage: Stage) -> None:
    with stage.job() as job, leased(job, "run", "vm:1") as lease:
        number = job.runs.start("sync", lease)
        job.runs.progress(number, {"leads": 30, "total": 60, "scored": 10, "to_score": 1200}, lease)
        text = served.get("/overview/states").text
        job.runs.finish(number, "done", {}, lease)
    assert "read 30 of 60 leads, scored 10 of 1,200" in text
    assert "Running now" in text
    assert 'hx-trigger="every 3s"' in text


def test_the_next_pass_is_said_while_a_daemon_has_the_connection(served: Served, stage: Stage) -> None:
    assert "No daemon has the connection" in served.get("/overview/states").text
    with stage.job() as job, leased(job, "run", "vm:1"):
        text = served.get("/overview/states").text
    assert re.search(r"Next: sync (now|in \d+ (s|min)) \(\d{4}-\d\d-\d\d \d\d:\d\d UTC\)", text), text


@pytest.mark.slow
def test_what_moved_is_counted_by_cause_as_the_list_of_leads_counts_it(served: Served, stage: Stage) -> None:
    stage.live(timedelta(hours=30))
    report = stage.do(SYNC, now=lambda: stage.moment)
    assert report.tally.written
    with stage.job() as job:
        told = job.scorecards[0].outbox.wrote(report.run)
    text = after_counting(served)
    (day, _) = re.findall(r'leads\?moved=\dd">([\d,]+) leads? moved', text) or ("0", "0")
    assert int(day) == told.moved["lead"].n_unique()


@pytest.mark.slow
def test_fields_that_are_no_longer_written_are_named(tmp_path: Path) -> None:
    with ExitStack() as stack:
        stage = Opener(stack, tmp_path).hubspot(20)
        stage.configure()
        stage.provision()
        stage.do(BACKFILL)
        stage.configure(lambda connection: connection.update(outputs={"lead_fit": False}))
        stage.do(SYNC)
        text = serving(stack, stage).get("/overview/states").text
    assert "lead_engagement" in text
    assert "before and no longer does" in text
    assert "<code>leadgauge provision --remove --orphans</code>" in text


@pytest.mark.parametrize(
    ("counting", "is_fresh", "said"),
    [
        (0, True, ""),
        (1, True, "1 more run is still being counted."),
        (1200, False, "1,200 more runs are still being counted."),
        (0, False, "The latest runs are still being counted."),
    ],
)
def test_figures_that_lack_a_run_say_so(counting: int, is_fresh: bool, said: str) -> None:
    """As long as any run is uncounted, or counted and not yet summed, the moves say that they are not whole."""
    assert Span("1d", "Last 24 hours", None, counting, is_fresh).uncounted == said


@pytest.mark.parametrize(
    ("noted", "said"),
    [("2020-01-01 14:10", "sync now"), ("2099-01-01 00:00", r"refresh in [\d,.]+ h \(2099-01-01 00:00")],
)
def test_failing_passes_have_one_next_and_it_is_not_past(served: Served, stage: Stage, noted: str, said: str) -> None:
    """A connection whose passes fail says once when the next one comes: as scheduled, or later if none may start."""
    with ExitStack() as stack:
        job = stack.enter_context(stage.job())
        stack.enter_context(leased(job, "run", "vm:1"))
        kind = said.split(maxsplit=1)[0]
        job.store.note("main", "failing", f"since 2026-11-30 14:10 UTC, 1 pass. No route. Next: {kind} at {noted} UTC.")
        stack.callback(job.store.note, "main", "failing", None)
        text = served.get("/overview/states").text
    assert text.count("Next:") == 1
    assert "1 pass. No route.<" in text
    assert re.search(rf"Next: {said.replace('sync now', 'sync (now|in)')}", text), text
