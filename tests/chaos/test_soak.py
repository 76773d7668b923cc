"""A day of the daemon's passes in minutes: every change of the CRM is reflected, and nothing is written in a loop."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from pipeline.job import Job
from pipeline.lease import leased
from pipeline.passes import BACKFILL, REFRESH, SYNC, Kind, Pass
from sandbox.hubspot import Clock
from sandbox.population import Population
from tests.chaos.test_chaos import OUTPUTS, clean_run, every_point
from tests.stage import Stage

Open = Callable[..., Stage]
START = datetime(2026, 11, 20, 6, tzinfo=UTC)
EVERY = timedelta(minutes=5)
GROWTH = 40 * 2**20
"""Bytes that the process may grow by between the sixth hour and the last."""


@pytest.mark.parametrize("passes", [6, pytest.param(288, marks=pytest.mark.slow)])
@pytest.mark.timeout(1500)
def test_live_changes_are_followed_without_a_loop(passes: int, hubspot: Open) -> None:
    clock = Clock(int(START.timestamp() * 1000))
    stage = hubspot(population=Population.generate(150, 5, clock.now()), clock=clock)
    stage.configure(every_point)
    stage.provision()
    changes, memory = 0, []
    with stage.job(now=lambda: moment_of(clock)) as job:
        done(job, BACKFILL)
        for _ in range(passes):
            clock.advance(int(EVERY.total_seconds() * 1000))
            changes += len(stage.app.state.filling.step(clock.now(), 40.0))
            done(job, SYNC)
            memory.append(psutil.Process().memory_info().rss)
        clock.advance(3_600_000)
        for kind in (SYNC, REFRESH):
            done(job, kind)
        assert done(job, SYNC) == 0
    assert changes > passes / 12
    assert stage.fields(*OUTPUTS) == clean_run(stage, moment_of(clock))
    assert memory[-1] - memory[len(memory) // 4] < GROWTH


def done(job: Job, kind: Kind) -> int:
    """Do a pass and return how many leads it wrote."""
    with leased(job, kind.name, "soak") as lease:
        return Pass(job, kind, lease).run().tally.written


def moment_of(clock: Clock) -> datetime:
    return datetime.fromtimestamp(clock.now() / 1000, UTC)
