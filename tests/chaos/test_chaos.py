"""After any faults, CRM, mirror and outbox end in the same state as after an undisturbed run.

`make chaos` runs all schedules, `make test` one of them. A failure names CRM, database and seed;
`CHAOS_SEEDS=17 make chaos` replays it. The invariants are in `invariants.py`.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pipeline.passes import BACKFILL, PassOptions
from tests.chaos.cards import Card, versions_of
from tests.chaos.driver import prepare
from tests.chaos.invariants import ENDS, broken
from tests.chaos.kept import Kept, drifted, kept
from tests.chaos.ordeal import Ordeal
from tests.chaos.schedule import START, Schedule
from tests.chaos.seen import Ended, held_by_crm
from tests.chaos.volumes import keeper_of_synced, volume
from tests.gathering import memberships_of
from tests.stage import Fields, Stage
from tests.strangers import stranger

Open = Callable[..., Stage]
QUICK = 18
"""The seed that runs in `make test`: few leads, a backfill and a daemon that listens."""
MANY = 60
ENOUGH = 6


def seeds() -> list[Any]:
    """Return the seeds to run: those in CHAOS_SEEDS, or a few, and many more marked as slow."""
    named = os.environ.get("CHAOS_SEEDS")
    if named:
        first, _, last = named.partition("-")
        return list(range(int(first), int(last) + 1)) if last else [int(seed) for seed in named.split(",")]
    return [seed if seed == QUICK else pytest.param(seed, marks=pytest.mark.slow) for seed in range(MANY)]


def left_out() -> list[str]:
    """Return the aspects to leave out: those in CHAOS_WITHOUT, to find out which of them cause a failure."""
    return list(filter(None, os.environ.get("CHAOS_WITHOUT", "").split(",")))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", seeds())
def test_after_any_schedule_of_faults_all_is_as_a_clean_run_leaves_it(
    seed: int, crm: Open, database_url: str, request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.params["crm"]
    schedule = Schedule.draw(seed, name).without(*left_out())
    stage = crm(schedule.leads, seed=seed, at=START)
    holds = volume(database_url, stage.folder / "disk")
    card = configure(stage, holds.url, schedule)
    stage.provision()
    prepare(keeper_of_synced())
    with stranger() as host:
        ordeal = Ordeal(schedule, stage, holds, card, host)
        broke = [line for number, attempt in enumerate(schedule.attempts) for line in ordeal.suffer(number, attempt)]
    request.node.add_report_section("call", "attempts", told(schedule, stage))
    broke += broken(ENDS, end(ordeal))
    assert not broke, "\n".join([f"replay with CHAOS_SEEDS={seed}", *broke])


def told(schedule: Schedule, stage: Stage) -> str:
    """Return the schedule, one attempt per line, and the end of the log."""
    log = (stage.folder / "log").read_text()
    return "\n".join([str(schedule), *map(str, schedule.attempts), log[-20_000:]])


def configure(stage: Stage, database: str, schedule: Schedule | None = None) -> Card:
    """Write every change and remember no stage, so that results do not depend on history."""

    def change(connection: dict[str, Any]) -> None:
        connection["write"] = {"dead_band": 1, "guard": "100%"}
        connection["member_of"] = memberships_of(stage)
        if schedule and schedule.listens:
            connection["feed"] = stage.feed()
            connection["schedule"] = {"feed": "always"}
        if schedule:
            connection["write"]["drift"] = schedule.drift
            connection.update(ways(schedule))

    stage.configure(change, database)
    return versions_of(stage.folder / "b2b-saas.yaml", accounts=schedule is not None and schedule.accounts)


def ways(schedule: Schedule) -> dict[str, Any]:
    """Return the settings for reading and writing."""
    if schedule.crm == "hubspot":
        jobs = "always" if schedule.bulk else "auto"
        return {"limits": {"parallel": schedule.parallel}, "exports": jobs, "imports": jobs}
    return {"bulk_reads_above": 50, "bulk_writes_above": 50} if schedule.bulk else {}


def end(ordeal: Ordeal) -> Ended:
    """Return the final state without faults, that after everything was resent, and that of a clean run."""
    stage = ordeal.stage
    stage.calm()
    rewritten = settle(stage)
    fields, known, reported = held_by_crm(stage), kept(ordeal.holds.url), drifted(ordeal.holds.url)
    stage.do(BACKFILL, PassOptions(accept=True, rewrite=True), now=lambda: stage.moment)
    put_right = held_by_crm(stage)
    clean_fields, clean = clean_run(stage)
    return Ended(
        *(fields, known, clean_fields, clean, put_right, rewritten),
        *(frozenset(ordeal.labels), frozenset(ordeal.meddled), reported if ordeal.schedule.restores else frozenset()),
    )


def settle(stage: Stage) -> int:
    """Run for two days without faults: a backfill finishes what was started, the last one sees its end.

    Held removals are accepted, as the leads are gone by now. Returns how many leads the last backfill wrote.
    """
    stage.live(timedelta(days=2))
    for _ in range(ENOUGH):
        report = stage.do(BACKFILL, PassOptions(accept=True), now=lambda: stage.moment)
        if report.state == "done" and not report.tally.written:
            return 0
    return report.tally.written


def clean_run(stage: Stage) -> tuple[Fields, Kept]:
    """Return the state that a clean run leaves in the CRM and its database."""
    database = f"sqlite:///{stage.folder}/clean.db"
    stage.repoint(database)
    stage.do(BACKFILL, now=lambda: stage.moment)
    return held_by_crm(stage), kept(database)
