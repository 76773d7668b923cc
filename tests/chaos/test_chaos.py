"""Whatever befalls a run, CRM, mirror and outbox end as an undisturbed run would have left them.

`make chaos` runs all schedules; `make test` a few. A failing one is named by CRM, database and seed, and
`CHAOS_SEEDS=17 make chaos` replays it.
"""

import os
import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from typing import Any

import pytest

from pipeline.passes import BACKFILL
from tests.chaos.driver import Order, prepare
from tests.chaos.kept import Kept, differences, kept
from tests.chaos.schedule import Attempt, Schedule
from tests.chaos.volumes import WHILE, Volume, keeper_of_synced, volume
from tests.stage import Fields, Stage

Open = Callable[..., Stage]
OUTPUTS = (
    *("lead_score", "lead_fit", "lead_engagement", "lead_grade", "lead_readiness", "lead_urgency"),
    *("lead_priority", "lead_priority_index", "lead_score_status", "lead_scorecard"),
)
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
PACE = 40.0
FEW = 1
MANY = 60
ENOUGH = 6
LONGEST = 180


def seeds() -> list[Any]:
    """Return the seeds to run: those of CHAOS_SEEDS, else a few, and many more marked as slow."""
    named = os.environ.get("CHAOS_SEEDS")
    if named:
        first, _, last = named.partition("-")
        return list(range(int(first), int(last) + 1)) if last else [int(seed) for seed in named.split(",")]
    return [seed if seed < FEW else pytest.param(seed, marks=pytest.mark.slow) for seed in range(MANY)]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", seeds())
def test_after_any_schedule_of_faults_all_is_as_a_clean_run_leaves_it(
    seed: int, crm: Open, database_url: str, request: pytest.FixtureRequest
) -> None:
    schedule = Schedule.draw(seed, request.node.callspec.params["crm"])
    stage = crm(schedule.leads, seed=seed, at=START)
    holds = volume(database_url, stage.folder / "disk")
    configure(stage, holds.url, schedule.parallel)
    stage.provision()
    prepare(keeper_of_synced())
    for number, attempt in enumerate(schedule.attempts):
        suffer(stage, holds, attempt, schedule.parallel, random.Random(f"{seed}:{number}"))
    log = (stage.folder / "log").read_text()
    request.node.add_report_section("call", "attempts", f"{schedule}\n{log[-20_000:]}")
    stage.calm()
    settle(stage)
    left, known = stage.fields(*OUTPUTS), kept(holds.url)
    there, clean = clean_run(stage)
    differ = [f"CRM {lead} {left[lead]} {there[lead]}" for lead in left if left[lead] != there[lead]]
    differ += differences(known, clean)
    assert not differ, "\n".join([f"replay with CHAOS_SEEDS={seed}", *differ])


def configure(stage: Stage, database: str, parallel: int = 8) -> None:
    """Write every change and remember no stage, so that the way to a result leaves no trace in it."""

    def change(connection: dict[str, Any]) -> None:
        connection["write"] = {"dead_band": 1, "guard": "100%"}
        if stage.crm == "hubspot":
            connection["limits"] = {"parallel": parallel}

    stage.configure(change, database)
    card = stage.folder / "b2b-saas.yaml"
    lines = card.read_text().splitlines()
    card.write_text("\n".join(line for line in lines if not line.strip().startswith("keep:")))


def suffer(stage: Stage, holds: Volume, attempt: Attempt, parallel: int, drawn: random.Random) -> None:
    """Let one pass, or the daemon, run under faults; how it ends does not matter."""
    stage.calm()
    stage.live(timedelta(minutes=attempt.minutes), PACE)
    for fault in attempt.faults:
        name, _, argument = fault.partition(":")
        chance, _, path = argument.partition("@")
        stage.fault(name, chance or None, path)
    environment = stage.environment | (holds.noting() if attempt.disturbance == "power" else {})
    order = Order(attempt.kind, stage.settings_file, stage.moment, parallel, stage.folder / "log", environment)
    reached, process = threading.Event(), order.process()
    dies = attempt.disturbance in ("kill", "power")
    stage.trap.set(attempt.at_call, lambda: (dies and process.kill(), reached.set()))
    process.start()
    wait(reached, process)
    disturb(process, holds, attempt.disturbance, drawn)
    if attempt.kind == "daemon":
        time.sleep(WHILE)
        process.terminate()
    process.join(LONGEST)
    stage.trap.set(0, lambda: None)
    if process.is_alive():
        process.kill()
        pytest.fail(f"it hangs: {attempt}")
    if attempt.disturbance == "power":
        holds.lose_power(drawn)


def wait(reached: threading.Event, process: ForkServerProcess) -> None:
    """Wait for the call of the disturbance, or for the end of the process; a daemon may make no call at all."""
    end = time.monotonic() + LONGEST
    while not reached.wait(0.02) and process.is_alive() and time.monotonic() < end:
        pass


def disturb(process: ForkServerProcess, holds: Volume, how: str, drawn: random.Random) -> None:
    """Let something befall the database for a while."""
    assert process.pid
    if how in ("locked", "gone", "full"):
        with holds.full(process.pid, drawn) if how == "full" else getattr(holds, how)():
            time.sleep(WHILE)


def settle(stage: Stage) -> None:
    """Let the world be calm for two days: a backfill finishes what was begun, a second one sees the end of it."""
    stage.live(timedelta(days=2))
    for _ in range(ENOUGH):
        report = stage.do(BACKFILL, now=lambda: stage.moment)
        if report.state == "done" and not report.tally.written:
            return
    pytest.fail("it goes on writing in a calm world")


def clean_run(stage: Stage) -> tuple[Fields, Kept]:
    """Return what a run that knows nothing of the past leaves in the CRM, and in its database."""
    database = f"sqlite:///{stage.folder}/clean.db"
    configure(stage, database)
    stage.do(BACKFILL, now=lambda: stage.moment)
    return stage.fields(*OUTPUTS), kept(database)
