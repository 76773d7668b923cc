"""Runs a schedule: its attempts in sequence on a stage, each checked by the invariants."""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from multiprocessing.context import ForkServerProcess
from typing import Any

import pytest

from config import load_settings
from tests.chaos.cards import SHIPPED_POINTS, Card
from tests.chaos.driver import Order
from tests.chaos.invariants import PASSES, broken
from tests.chaos.schedule import STRANGER, WRITTEN, Attempt, Deed, Fault, Schedule
from tests.chaos.seen import Passed, Seen, look
from tests.chaos.volumes import WHILE, Volume
from tests.stage import Stage
from tests.strangers import Stranger

PACE = 40.0
LONGEST = 180
"""Seconds until a process counts as hung."""
LEASE = timedelta(seconds=2)
"""The lease of a process that is paused for longer."""
SAVING = 0.3
"""Seconds for a slow editor to save a scorecard."""


@dataclass
class Ordeal:
    """A schedule on a stage."""

    schedule: Schedule
    stage: Stage
    holds: Volume
    card: Card
    stranger: Stranger
    labels: set[str] = field(default_factory=set)
    """All scorecards that were fully saved."""
    touched: set[str] = field(default_factory=set)
    """Leads that a person changed in this attempt."""
    meddled: set[tuple[str, str]] = field(default_factory=set)
    backups: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.save(SHIPPED_POINTS)

    def save(self, points: int) -> None:
        """Save the scorecard."""
        self.card.save(points)
        self.labels |= {
            use.card.label for use in load_settings(self.stage.settings_file).connections["main"].scorecards
        }

    def suffer(self, number: int, attempt: Attempt) -> list[str]:
        """Run a pass or the daemon under faults; return the broken invariants."""
        drawn = random.Random(f"{self.schedule.seed}:{number}")
        self.stage.calm()
        self.stage.live(timedelta(minutes=attempt.minutes), PACE)
        self._age(attempt)
        if attempt.card == "before":
            self.save(attempt.points)
        self.touched, before, said = set(), self._look(), self._length()
        for fault in (*attempt.faults, *attempt.lies):
            self._switch_on(fault)
        with self._deeds(attempt):
            broke = self._run(attempt, before, said, drawn)
        return list(dict.fromkeys([*broke, *self._broken(before, said)]))

    def _age(self, attempt: Attempt) -> None:
        """Back up the database, or restore the backup from before the previous attempt."""
        if attempt.older:
            self.holds.put_back(self.backups[-1])
        elif self.schedule.restores:
            self.backups.append(self.holds.backup())

    def _switch_on(self, fault: Fault) -> None:
        argument = self.stranger.url if fault.argument == STRANGER else fault.argument
        self.stage.fault(fault.name, argument, fault.path, times=fault.times, skip=fault.skip)

    @contextmanager
    def _deeds(self, attempt: Attempt) -> Iterator[None]:
        """Let people act at their calls, and not after the block."""
        for deed in attempt.deeds:
            self.stage.trap.add(deed.at_call, partial(self._do, deed))
        if attempt.card in ("during", "torn"):
            self.stage.trap.add(attempt.at_call, partial(self._edit, attempt))
        yield
        self.stage.trap.clear()
        if attempt.card in ("during", "torn"):
            self.save(attempt.points)

    def _edit(self, attempt: Attempt) -> None:
        if attempt.card == "during":
            self.card.save(attempt.points)
            return
        self.card.tear(attempt.points, attempt.deeds[0].place if attempt.deeds else 0.7)
        threading.Timer(SAVING, self.card.save, [attempt.points]).start()

    def _do(self, deed: Deed) -> None:
        """Do what a person does to a lead, or to two leads for a merge."""
        gone = self.stage.gone() if deed.what == "restore" else self.stage.people()
        if len(gone) < 2:
            return
        place = int(deed.place * len(gone))
        one, other = gone[place], gone[place - 1]
        self.touched |= {one, other}
        match deed.what:
            case "write" | "clear":
                self.meddled.add((one, deed.output))
                self.stage.meddle(one, deed.output, WRITTEN[deed.output] if deed.what == "write" else "")
            case "delete":
                self.stage.delete(one)
            case "restore":
                self.stage.restore(one)
            case _:
                self.touched.add(self.stage.merge(one, other))

    def _run(self, attempt: Attempt, before: Seen, said: int, drawn: random.Random) -> list[str]:
        """Run the process, and a second one if it is not alone."""
        environment = self.holds.noting() if attempt.disturbance == "power" else {}
        process, reached = self._order(attempt, environment).process(), threading.Event()
        dies = attempt.disturbance in ("kill", "power") and attempt.company == "alone"
        self.stage.trap.add(attempt.at_call, lambda: self._at_call(process, attempt, reached, dies=dies))
        process.start()
        _wait(reached, process)
        broke = []
        if attempt.company == "alone":
            disturb(process, self.holds, attempt.disturbance, drawn)
        else:
            broke = self._accompany(process, attempt, before, said)
        if attempt.kind == "daemon":
            time.sleep(WHILE)
            process.terminate()
        _ended(process, attempt)
        if attempt.disturbance == "power" and dies:
            self.holds.lose_power(drawn)
        return broke

    @staticmethod
    def _at_call(process: ForkServerProcess, attempt: Attempt, reached: threading.Event, *, dies: bool) -> None:
        assert process.pid
        if dies:
            process.kill()
        elif attempt.company == "paused":
            with suppress(ProcessLookupError):  # it has already ended
                os.kill(process.pid, signal.SIGSTOP)
        elif attempt.company == "restarted":
            process.terminate()
        reached.set()

    def _accompany(self, process: ForkServerProcess, attempt: Attempt, before: Seen, said: int) -> list[str]:
        """Run a backfill in a second process beside the first one, while that is paused, or after it."""
        if attempt.company == "restarted":
            process.join(LONGEST)
        if attempt.company == "paused":
            time.sleep(LEASE.total_seconds() + WHILE)
        other = self._order(attempt, {}, kind="backfill").process()
        other.start()
        _ended(other, attempt)
        broke = self._broken(before, said)
        if attempt.company == "paused" and process.is_alive():
            assert process.pid
            os.kill(process.pid, signal.SIGCONT)
        return broke

    def _order(self, attempt: Attempt, environment: dict[str, str], kind: str = "") -> Order:
        return Order(
            kind or attempt.kind,
            self.stage.settings_file,
            self.stage.moment + attempt.ahead,
            self.schedule.parallel,
            self.stage.folder / "log",
            self.stage.environment | environment,
            LEASE if attempt.company == "paused" else Order.ttl,
        )

    def _look(self) -> Seen:
        return look(self.stage, self.holds.url)

    def _length(self) -> int:
        log = self.stage.folder / "log"
        return log.stat().st_size if log.exists() else 0

    def _broken(self, before: Seen, said: int) -> list[str]:
        log = (self.stage.folder / "log").read_bytes()[said:].decode(errors="replace")
        passed = Passed(
            before,
            self._look(),
            frozenset(self.touched),
            frozenset(self.stage.trap.names),
            log,
            self.stage.secrets(),
            tuple(self.stranger.credentials),
        )
        return broken(PASSES, passed)


def disturb(process: ForkServerProcess, holds: Volume, how: str, drawn: random.Random) -> None:
    """Disturb the database for a while."""
    assert process.pid
    if how in ("locked", "gone", "full"):
        with holds.full(process.pid, drawn) if how == "full" else getattr(holds, how)():
            time.sleep(WHILE)


def _wait(reached: threading.Event, process: ForkServerProcess) -> None:
    """Wait for the call of the disturbance or the end of the process; a daemon may make no call."""
    end = time.monotonic() + LONGEST
    while not reached.wait(0.02) and process.is_alive() and time.monotonic() < end:
        pass


def _ended(process: ForkServerProcess, attempt: Attempt) -> None:
    process.join(LONGEST)
    if process.is_alive():
        process.kill()
        pytest.fail(f"it hangs: {attempt}")
