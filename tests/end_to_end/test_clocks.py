"""A wrong clock stops scoring until it is right again and leaves no trace; on both CRMs and databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.clock import ClockError
from pipeline.passes import BACKFILL, SYNC, Kind, Report
from tests.stage import Stage

Open = Callable[..., Stage]
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
MONTH = timedelta(days=30)
WRONG = "it is 30 days (behind|ahead of) the CRM's. Nothing was scored or written. Set this machine's clock"


def do(stage: Stage, kind: Kind, apart: timedelta = timedelta()) -> Report:
    """Run a pass with a clock that differs from the CRM's."""
    return stage.do(kind, now=lambda: stage.moment + apart)


@pytest.mark.parametrize("apart", [-MONTH, MONTH], ids=["behind", "ahead"])
def test_nothing_is_scored_or_written_by_a_wrong_clock_however_often_it_is_tried(scene: Open, apart: timedelta) -> None:
    stage = scene(30, at=START)
    do(stage, BACKFILL)
    lead = max(stage.fields())
    before = stage.fields("lead_score", "lead_scored_at")
    stage.live(timedelta(minutes=10), pace=0)
    stage.act(lead, "demo_request")
    for _ in range(2):
        with pytest.raises(ClockError, match=WRONG):
            do(stage, SYNC, apart)
    assert stage.fields("lead_score", "lead_scored_at") == before
    assert "Set this machine's clock" in stage.leadgauge("status").stdout.replace("\n", "")
    tally = do(stage, SYNC).tally
    assert tally.scored > 0
    assert tally.notes["as_of"] == stage.moment.isoformat()


@pytest.mark.slow
def test_many_passes_that_failed_do_not_make_the_last_good_one_forgotten(scene: Open) -> None:
    stage = scene(10, at=START)
    do(stage, BACKFILL)
    for _ in range(25):
        with pytest.raises(ClockError, match=WRONG):
            do(stage, SYNC, -MONTH)
    with stage.job() as job:
        scored = job.runs.last_with("as_of")
    assert scored is not None
    assert scored.counts["as_of"] == START.isoformat()
    assert do(stage, SYNC).tally.scored == 0, "the inputs of the last scores stay too"


def test_the_first_pass_of_all_heeds_the_clock(scene: Open) -> None:
    stage = scene(10, at=START)
    with pytest.raises(ClockError, match=WRONG):
        do(stage, BACKFILL, MONTH)
    assert not any(values["lead_score_status"] for values in stage.fields("lead_score_status").values())
    assert do(stage, BACKFILL).tally.written == len(stage.fields())


def test_what_waits_to_be_written_is_not_written_by_a_wrong_clock(scene: Open) -> None:
    stage = scene(10, at=START)
    stage.refuse_some()
    assert do(stage, BACKFILL).tally.refused > 0
    stage.calm()
    before = stage.fields("lead_score_status")
    with pytest.raises(ClockError, match=WRONG):
        do(stage, SYNC, MONTH)
    assert stage.fields("lead_score_status") == before
