"""A day of the daemon's passes in minutes: every change in the CRM is followed, and nothing is written in a loop."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from pipeline.job import Job
from pipeline.lease import leased
from pipeline.passes import BACKFILL, RECONCILE, REFRESH, SYNC, Kind, Pass
from tests.chaos.invariants import ENDS, broken
from tests.chaos.kept import kept
from tests.chaos.seen import OUTPUTS, Ended
from tests.chaos.test_chaos import clean_run, configure
from tests.stage import Stage

Open = Callable[..., Stage]
START = datetime(2026, 11, 20, 6, tzinfo=UTC)
EVERY = timedelta(minutes=5)
AN_HOUR = 12
"""Passes."""
PACE = 40.0
GROWTH = 40 * 2**20
"""Most growth of the process in bytes between the sixth hour and the last."""


@pytest.mark.parametrize("passes", [6, pytest.param(288, marks=pytest.mark.slow)])
@pytest.mark.timeout(3000)
def test_live_changes_are_followed_without_a_loop(passes: int, crm: Open) -> None:
    stage = crm(150, seed=5, at=START)
    database = f"sqlite:///{stage.folder}/leadgauge.db"
    configure(stage, database)
    stage.provision()
    changes, memory = 0, []
    with stage.job(now=lambda: stage.moment) as job:
        done(job, BACKFILL)
        for number in range(passes):
            changes += stage.live(EVERY, PACE)
            done(job, SYNC)
            if number % AN_HOUR == 0:
                assert done(job, SYNC) == 0, "its own writes come back and change nothing"
            memory.append(psutil.Process().memory_info().rss)
        stage.live(timedelta(hours=1))
        for kind in (SYNC, RECONCILE, REFRESH):
            done(job, kind)
        assert done(job, SYNC) == 0
    assert changes > passes / 12
    left, known = stage.fields(*OUTPUTS), kept(database)
    assert broken(ENDS, Ended(left, known, *clean_run(stage))) == []
    assert memory[-1] - memory[len(memory) // 4] < GROWTH


def done(job: Job, kind: Kind) -> int:
    """Run a pass and return how many leads it wrote."""
    with leased(job, kind.name, "soak") as lease:
        return Pass(job, kind, lease).run().tally.written
