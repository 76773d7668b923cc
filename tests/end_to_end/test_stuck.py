"""A stuck pass is ended with a message and writes nothing more; on both CRMs and both databases."""

import gc
import signal
import subprocess
import sys
import threading
import warnings
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
    """Make the CRM hang at a given call until the block ends; the event is set when it hangs."""
    asked, answer, before = Event(), Event(), set(threading.enumerate())

    def hang() -> None:
        asked.set()
        answer.wait()

    stage.trap.set(calls, hang)
    try:
        yield asked
    finally:
        answer.set()
        for thread in set(threading.enumerate()) - before:
            thread.join(0.5)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # an abandoned pass leaves its connection open
            gc.collect()


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
        assert job.permit.is_set(), "the hung pass must not continue"
        assert job.store.status("main").lease is None
    assert stage.do(BACKFILL).tally.written == len(stage.fields())


def test_a_pass_that_moves_has_no_limit_for_its_whole(scene: Open) -> None:
    """Each check finds progress since the previous one or just now; the process's age does not matter."""
    stage = scene(40)
    stage.slow(0.1)
    with stage.job() as job, leased(job, "backfill") as lease:
        work = Pass(job, BACKFILL, lease)
        ages = []
        report = supervised(work, lambda: timedelta(minutes=2), lambda: ages.append(work.idle_for))
    assert report.state == "done"
    assert max(ages) < timedelta(minutes=2)
    assert work.where == "its last progress: it wrote some rows"


@pytest.mark.parametrize(("command", "code", "words"), [("run", 0, "leadgauge stopped"), ("backfill", 130, "stopped")])
def test_sigterm_ends_a_call_without_end(scene: Open, command: str, code: int, words: str) -> None:
    stage = scene(20)
    with hanging(stage, 2) as asked, stage.start(command) as process:
        assert asked.wait(120)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=120)
    assert process.returncode == code, log
    assert words in log
    assert "Traceback" not in log
    assert stage.do(BACKFILL).tally.written == len(stage.fields())


def test_a_second_sigterm_ends_what_does_not_end_by_itself() -> None:
    hangs = "import time\nwith stop_on_signal():\n    print(flush=True)\n    time.sleep(60)\n    time.sleep(60)"
    code = f"from commands.common import stop_on_signal\n{hangs}"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == -signal.SIGTERM
