"""A pass by the feed reads, scores and writes what is due, alone or inside another pass; on both CRMs and databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import Interrupted, Unavailable
from pipeline.feeding import due_pass
from pipeline.passes import BACKFILL, REFRESH, SYNC, Host
from pipeline.progress import Observer, Tally
from store.outbox import feeding
from tests.end_to_end.test_guard import act_all
from tests.end_to_end.test_surprises import loosen
from tests.radio import Between, Radio, do, everything_about, fed, listening, tuned
from tests.stage import Stage
from vocabulary.writes import Row

Open = Callable[..., Stage]
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
SHOWN = ("lead_grade", "lead_priority")


def opened(scene: Open, leads: int = 60, change: Callable[[dict[str, Any]], None] | None = None) -> Stage:
    stage = scene(leads, at=START)

    def settings(connection: dict[str, Any]) -> None:
        listening(connection)
        if change:
            change(connection)

    stage.configure(settings)
    return stage


def cold(stage: Stage) -> list[str]:
    return sorted(lead for lead, values in stage.fields("lead_priority").items() if values["lead_priority"] == "P4")


def engagement(stage: Stage, lead: str) -> float:
    return float(stage.fields("lead_engagement")[lead]["lead_engagement"] or 0)


def later(stage: Stage) -> None:
    stage.live(timedelta(minutes=20), pace=0)


def test_what_is_due_is_read_scored_and_written_and_nothing_else(scene: Open) -> None:
    stage, radio = opened(scene), Radio()
    with tuned(stage, radio) as (job, lease):
        do(job, lease, BACKFILL)
        later(stage)
        one, other = cold(stage)[:2]
        stage.act(one, "demo_request")
        stage.act(other, "demo_request")
        before = stage.fields("lead_engagement")
        report = fed(job, lease, one)
        assert (report.kind, report.state, report.tally.written) == ("feed", "done", 1)
        assert engagement(stage, one) > float(before[one]["lead_engagement"] or 0)
        assert stage.fields("lead_engagement")[other] == before[other]
        assert job.due.waiting().rows == 0
        assert due_pass(job, lease) is None
        assert do(job, lease, SYNC).tally.written == 1, "only the other one is left"


def test_a_pass_by_the_feed_leaves_what_others_marked_to_the_next_sync(scene: Open) -> None:
    """Inside a pass that has just read a year of changes, it must not score all of them."""
    stage = opened(scene)
    with tuned(stage) as (job, lease):
        do(job, lease, BACKFILL)
        later(stage)
        for lead in cold(stage)[:3]:
            stage.act(lead, "demo_request")
        streams = [one for one in job.connector.streams() if one.by_lead and not one.lists]
        for stream in streams:
            for page in job.connector.pull_for(stream, cold(stage)[1:3]):
                job.mirror.save(page, lease)
        assert set(job.scorecards[0].outbox.dirty()) == set(cold(stage)[1:3])
        first = cold(stage)[0]
        assert fed(job, lease, first).tally.written == 1
        assert len(job.scorecards[0].outbox.dirty()) == 2


def test_before_a_scorecard_was_judged_what_is_due_is_only_read(scene: Open) -> None:
    stage = opened(scene)
    with tuned(stage) as (job, lease):
        do(job, lease, BACKFILL)
    loosen(stage)
    later(stage)
    with tuned(stage) as (job, lease):
        (lead,) = act_all(stage, 1)
        shown = stage.fields(*SHOWN)
        report = fed(job, lease, lead)
        assert (report.tally.written, report.tally.scored) == (0, 0)
        assert report.tally.activities
        assert do(job, lease, SYNC).state == "held"
        assert fed(job, lease, lead).tally.written == 0
        assert stage.fields(*SHOWN) == shown


def test_the_first_write_is_asked_for_however_soon_something_is_due(scene: Open) -> None:
    stage = opened(scene, change=lambda connection: connection.setdefault("write", {}).update(first="ask"))
    with tuned(stage) as (job, lease):
        assert do(job, lease, BACKFILL).state == "held"
        lead = min(stage.fields())
        stage.act(lead, "demo_request")
        assert fed(job, lease, lead).tally.written == 0
        assert stage.fields("lead_score")[lead]["lead_score"] is None
        assert do(job, lease, SYNC, accept=True).tally.written >= 60


def test_many_leads_moved_one_by_one_are_held_in_the_end_and_written_when_accepted(scene: Open) -> None:
    """A mass change in the CRM comes over the feed lead by lead: none of these passes would be a surprise by itself."""
    stage = opened(scene, leads=80)
    with tuned(stage) as (job, lease):
        do(job, lease, BACKFILL)
        later(stage)
        moved = act_all(stage, 30)
        assert len(moved) == 30
        states = [fed(job, lease, lead).state for lead in moved[:25]]
        assert states.index("held") == 20, "a quarter of 80"
        assert len(set(cold(stage)) & set(moved)) == 10, "what came last was not written"
    with tuned(stage) as (job, lease):
        assert fed(job, lease, moved[25]).tally.written == 0, "a restart changes nothing"
        assert do(job, lease, SYNC).state == "held"
        assert do(job, lease, REFRESH).state == "held"
        assert do(job, lease, SYNC, accept=True).tally.written >= 9
        stage.act(moved[0], "contact_request")
        assert fed(job, lease, moved[0]).state == "done"


def test_a_day_later_the_feed_may_move_as_many_again(scene: Open) -> None:
    stage = opened(scene, leads=80)
    with tuned(stage) as (job, lease):
        do(job, lease, BACKFILL)
        later(stage)
        moved = act_all(stage, 30)
        assert all(fed(job, lease, lead).state == "done" for lead in moved[:18])
        stage.live(timedelta(days=1, minutes=1), pace=0)
        assert all(fed(job, lease, lead).state == "done" for lead in moved[18:30])


def test_inside_a_long_pass_what_is_due_is_written_at_once_and_nothing_of_the_pass(scene: Open) -> None:
    """The pass around it waits to be judged, and then for a person; its run is not broken off."""
    stage = opened(scene)
    with tuned(stage) as (job, lease):
        do(job, lease, BACKFILL)
    later(stage)
    with tuned(stage) as (job, lease):
        lead, written = cold(stage)[0], []

        def act(host: Host) -> None:
            if host.job.scorecards[0].outbox.judging():
                stage.act(lead, "demo_request")
                job.due.mark(everything_about(job, lead), lease, stage.moment)

        def look(_: Host) -> None:
            written.append(engagement(stage, lead))

        before, shown = engagement(stage, lead), stage.fields(*SHOWN)
        ears = Between(*[act] * 8, look)
        report = do(job, lease, REFRESH, ears)
        assert [one.tally.written for one in ears.reports] == [1]
        assert engagement(stage, lead) > before
        changed = {one for one, values in stage.fields(*SHOWN).items() if values != shown[one]}
        assert changed <= {lead}
        assert report.state == "done"
        run = job.runs.get(report.run)
        assert run is not None
        assert (run.state, run.kind) == ("done", "refresh")


def test_inside_a_pass_that_is_held_in_the_end_only_what_was_due_is_written(scene: Open) -> None:
    stage = opened(scene, change=lambda connection: connection.setdefault("write", {}).update(guard=0.25))
    with tuned(stage) as (job, lease):
        do(job, lease, BACKFILL)
        later(stage)
        moved = act_all(stage, 25)
        shown = stage.fields(*SHOWN)

        def act(host: Host) -> None:
            if host.job.scorecards[0].outbox.judging():
                job.due.mark(everything_about(job, moved[0]), lease, stage.moment)

        stage.act(moved[0], "contact_request")
        ears = Between(*[act] * 99)
        report = do(job, lease, SYNC, ears)
        changed = {one for one, values in stage.fields(*SHOWN).items() if values != shown[one]}
        assert report.state == "held"
        assert changed <= {moved[0]}
        assert do(job, lease, SYNC, accept=True).tally.written >= 20


def test_a_guard_of_everybody_holds_no_pass_by_the_feed(scene: Open) -> None:
    """`guard: 100%` turns the guard off, however often the same leads move within a day."""
    stage = opened(scene, change=lambda connection: connection.setdefault("write", {}).update(guard="100%"))
    with tuned(stage) as (job, lease):
        do(job, lease, BACKFILL)
        outbox = job.scorecards[0].outbox
        outbox.fed(lease, stage.moment)
        lease.write(outbox._connection, lambda tx: feeding.add(tx, outbox._id, 10_000))
        later(stage)
        lead = cold(stage)[0]
        stage.act(lead, "demo_request")
        job.due.mark(everything_about(job, lead), lease, stage.moment)
        work = due_pass(job, lease)
        assert work is not None
        report = work.run()
        assert (report.state, report.tally.written) == ("done", 1)


def test_rows_in_flight_of_the_pass_around_wait_for_their_answer(scene: Open) -> None:
    """Else two writes of one lead would be under way, and the older one might come last."""
    stage = opened(scene)
    with tuned(stage) as (job, lease):
        do(job, lease, BACKFILL)
        later(stage)
        lead = cold(stage)[0]
        stage.act(lead, "demo_request")
        outbox, run = job.scorecards[0].outbox, job.runs.start("sync", lease)
        outbox.sending([Row(lead, {"lead_score": 1.0})], run, lease)
        job.due.mark(everything_about(job, lead), lease, stage.moment)
        work = due_pass(job, lease, Host(job, lease))
        assert work is not None
        assert (work.run().tally.written, outbox.pending_count(stage.moment)) == (0, 1)
        assert do(job, lease, SYNC).tally.written == 1, "the next pass sends it, with the row whose answer never came"


class Halt(Observer):
    """Ends a pass at a step."""

    def __init__(self, name: str) -> None:
        self.name = name

    def step(self, name: str, tally: Tally) -> None:
        if name == self.name:
            raise Interrupted("Asked to stop.")


@pytest.mark.parametrize("at", ["read", "score", "write"])
def test_a_pass_by_the_feed_that_breaks_off_loses_nothing(scene: Open, at: str) -> None:
    stage = opened(scene)
    with tuned(stage) as (job, lease):
        do(job, lease, BACKFILL)
        later(stage)
        lead = cold(stage)[0]
        before = engagement(stage, lead)
        stage.act(lead, "demo_request")
        job.due.mark(everything_about(job, lead), lease, stage.moment)
        work = due_pass(job, lease)
        assert work is not None
        work.observer = Halt(at)
        with pytest.raises(Interrupted):
            work.run()
    with tuned(stage) as (job, lease):
        do(job, lease, SYNC)
        assert engagement(stage, lead) > before
        assert do(job, lease, SYNC).tally.written == 0


def test_a_reading_that_fails_leaves_everything_due(scene: Open) -> None:
    stage, radio = opened(scene, leads=20), Radio()
    with tuned(stage, radio) as (job, lease):
        do(job, lease, BACKFILL)
        radio.fails.append(Unavailable("The CRM cannot be reached."))
        lead = min(stage.fields())
        with pytest.raises(Unavailable):
            fed(job, lease, lead)
        assert job.due.waiting().rows > 0
        failed = job.runs.last("feed")
        assert failed is not None
        assert failed.state == "failed"
        assert job.runs.failing() is None, "a pass by the feed is none of those that are counted in a row"


def test_runs_by_the_feed_are_summed_up_and_not_listed(scene: Open) -> None:
    stage = opened(scene, leads=20)
    with tuned(stage) as (job, lease):
        do(job, lease, BACKFILL)
        later(stage)
        lead = min(stage.fields())
        stage.act(lead, "demo_request")
        fed(job, lease, lead)
        fed(job, lease, lead)
        assert [run.kind for run in job.runs.list()] == ["backfill"]
        assert [run.kind for run in job.runs.page(9)] == ["backfill"]
        assert [run.kind for run in job.runs.page(9, kinds=["feed"])] == ["feed", "feed"]
        summed = job.runs.fed(START)
        assert (summed.passes, summed.failed, summed.written) == (2, 0, 1)
        empty = job.runs.last("feed")
        assert empty is not None
        assert "pages" not in empty.counts or empty.counts["pages"], "only what was counted is kept"
        stage.live(timedelta(days=2), pace=0)
        do(job, lease, REFRESH)
        assert job.runs.page(9, kinds=["feed"]) == []
