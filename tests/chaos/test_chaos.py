"""Whatever befalls a run, the CRM ends as an undisturbed run would have left it.

`make chaos` runs all schedules; `make test` a few. A failing one is named by CRM, database and seed, and
`CHAOS_SEEDS=17 make chaos` replays it.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from pipeline.passes import BACKFILL
from sandbox.population import Population
from tests.chaos.schedule import Attempt, Schedule
from tests.stage import Fields, Stage

Open = Callable[..., Stage]
ROOT = Path(__file__).parents[2]
OUTPUTS = (
    *("lead_score", "lead_fit", "lead_engagement", "lead_grade", "lead_readiness", "lead_urgency"),
    *("lead_priority", "lead_priority_index", "lead_score_status", "lead_scorecard"),
)
FEW = 1
MANY = 50
ENOUGH = 6


def seeds() -> list[Any]:
    """Return the seeds to run: those of CHAOS_SEEDS, else a few, and many more marked as slow."""
    named = os.environ.get("CHAOS_SEEDS")
    if named:
        return [int(seed) for seed in named.split(",")]
    return [seed if seed < FEW else pytest.param(seed, marks=pytest.mark.slow) for seed in range(MANY)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", seeds())
def test_after_any_schedule_of_faults_the_crm_is_as_a_clean_run_leaves_it(
    seed: int, crm: Open, database_url: str, request: pytest.FixtureRequest
) -> None:
    moment = datetime(2026, 11, 20, 12, tzinfo=UTC)
    schedule = Schedule.draw(seed, request.node.callspec.params["crm"])
    stage = crm(population=Population.generate(schedule.leads, seed, int(moment.timestamp() * 1000)), seed=seed)
    stage.configure(every_point, database_url)
    stage.provision()
    for attempt in schedule.attempts:
        suffer(stage, attempt, moment, database_url)
    stage.calm()
    settle(stage, moment)
    left = stage.fields(*OUTPUTS)
    assert clean_run(stage, moment) == left, f"replay with CHAOS_SEEDS={seed}"


def every_point(connection: dict[str, Any]) -> None:
    """Write every change, so that the way to a score leaves no trace in it."""
    connection["write"] = {"dead_band": 1, "guard": "100%"}


def suffer(stage: Stage, attempt: Attempt, moment: datetime, database_url: str) -> None:
    """Let one pass run under faults; how it ends does not matter."""
    stage.calm()
    for fault in attempt.faults:
        name, _, argument = fault.partition(":")
        stage.fault(name, argument or None)
    process = started(stage, attempt.kind, moment)
    if attempt.disturbance == "kill":
        after(stage.calls() + attempt.after_calls, stage, process)
        process.send_signal(signal.SIGKILL)
    if attempt.disturbance == "database":
        after(stage.calls() + attempt.after_calls, stage, process)
        with taken_away(database_url):
            time.sleep(0.5)
    process.communicate(timeout=120)


def started(stage: Stage, kind: str, moment: datetime) -> subprocess.Popen[bytes]:
    """Start one pass as a process."""
    order = [sys.executable, "-m", "tests.chaos.driver", str(stage.settings_file), moment.isoformat(), kind]
    return subprocess.Popen(order, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def after(calls: int, stage: Stage, process: subprocess.Popen[bytes]) -> None:
    """Wait until the CRM has answered so many calls, or the process is over."""
    while stage.calls() < calls and process.poll() is None:
        time.sleep(0.005)


@contextmanager
def taken_away(database_url: str) -> Iterator[None]:
    """Lock the database, or throw everybody out of it again and again."""
    if database_url.startswith("sqlite"):
        file = sqlite3.connect(database_url.removeprefix("sqlite:///"), timeout=30, isolation_level=None)
        file.execute("BEGIN IMMEDIATE")
        yield
        file.execute("ROLLBACK")
        file.close()
        return
    done = threading.Event()
    thrower = threading.Thread(target=_throw_out, args=(database_url, done))
    thrower.start()
    yield
    done.set()
    thrower.join()


def _throw_out(database_url: str, done: threading.Event) -> None:
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    others = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    while not done.wait(random.uniform(0.01, 0.1)):
        with engine.connect() as connection:
            connection.execute(others)
    engine.dispose()


def settle(stage: Stage, moment: datetime) -> None:
    """Let the world be calm for a while: a backfill finishes what was begun, a second one sees the end of it."""
    for _ in range(ENOUGH):
        report = stage.do(BACKFILL, now=lambda: moment)
        if report.state == "done" and not report.tally.written:
            return
    pytest.fail("it goes on writing in a calm world")


def clean_run(stage: Stage, moment: datetime) -> Fields:
    """Return what a run that knows nothing of the past leaves in the CRM."""
    stage.configure(every_point, f"sqlite:///{stage.folder}/clean.db")
    stage.do(BACKFILL, now=lambda: moment)
    return stage.fields(*OUTPUTS)
