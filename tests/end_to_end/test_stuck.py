"""A pass that stands still is ended in words, and writes nothing more; on both CRMs and both databases."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

import pytest

from pipeline.lease import leased
from pipeline.passes import BACKFILL, Pass
from pipeline.supervision import Stuck, supervised
from tests.stage import Stage

Open = Callable[..., Stage]


@contextmanager
def hanging(stage: Stage, calls: int) -> Iterator[Event]:
    """Let the CRM stop answering at a call of a number, until the block ends; the event says that it did."""
    asked, answer = Event(), Event()

    def hang() -> None:
        asked.set()
        answer.wait()

    stage.trap.set(calls, hang)
    try:
        yield asked
    finally:
        answer.set()


@pytest.mark.parametrize("calls", [2, 8])
def test_a_pass_that_stands_still_fails_in_words_and_the_next_one_does_the_rest(scene: Open, calls: int) -> None:
    stage = scene(40)
    with stage.job() as job, hanging(stage, calls):
        with (
            leased(job, "backfill") as lease,
            pytest.raises(Stuck, match=r"made no progress for .*: no page was read, no lead"),
        ):
            supervised(Pass(job, BACKFILL, lease), lambda: timedelta(seconds=1))
        run = job.runs.last()
        assert run is not None
        assert (run.state, "`daemon.stuck_after`" in run.message) == ("failed", True)
        assert job.permit.is_set(), "what hangs may not go on"
        assert job.store.status("main").lease is None
    assert stage.do(BACKFILL).tally.written == len(stage.fields())


def test_a_pass_that_moves_has_no_limit_for_its_whole(scene: Open) -> None:
    """Each look finds that it moved since the one before, or a moment ago: its age is never asked for."""
    stage = scene(40)
    stage.slow(0.1)
    with stage.job() as job, leased(job, "backfill") as lease:
        work = Pass(job, BACKFILL, lease)
        ages = []
        report = supervised(work, lambda: timedelta(minutes=2), lambda: ages.append(work.idle_for))
    assert report.state == "done"
    assert max(ages) < timedelta(minutes=2)
    assert work.where == "its last progress: it wrote some rows"


def test_a_second_sigterm_ends_a_command_that_hangs_at_once(scene: Open) -> None:
    stage = scene(20)
    with hanging(stage, 2) as asked, stage.start("backfill") as process:
        assert asked.wait(120)
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate(timeout=2)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGTERM
    assert stage.do(BACKFILL).tally.written == len(stage.fields())


@pytest.mark.slow
@pytest.mark.parametrize(("command", "code"), [("run", 143), ("backfill", 130)])
def test_sigterm_ends_what_hangs_in_a_call_without_end(scene: Open, command: str, code: int) -> None:
    stage = scene(20)
    with hanging(stage, 2) as asked, stage.start(command) as process:
        assert asked.wait(120)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=120)
        assert process.returncode == code, told
        assert "stopped during a call that did not return. Work done is kept; the next" in told
        assert "Traceback" not in told
    assert stage.do(BACKFILL).tally.written == len(stage.fields())
