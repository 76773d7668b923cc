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
from tests.chaos.listening import Crowd
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
SOON = 20.0
"""Seconds until a daemon listens, unless something is in its way."""
HEARS = 6.0
"""Seconds that a daemon gets to hear what people did, in spite of faults."""
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
    crowd: Crowd | None = None
    """Who acts while the daemon of this attempt listens."""

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
        self.crowd = Crowd(self.stage, self.holds.url, self.touched) if attempt.listens else None
        for fault in (*attempt.faults, *attempt.lies, *attempt.feed_faults):
            self._switch_on(fault)
        with self._deeds(attempt):
            broke = self._run(attempt, before, said, drawn)
        if self.crowd and (attempt.disturbance == "power" or attempt.older):
            self.crowd.told.clear()  # what was due is lost with the cursor, and told again
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
        if deed.what == "merge" and not self.stage.can_merge(one, other):
            return
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
        act = partial(self._at_call, process, attempt, reached, dies=dies)
        if self.crowd is None:
            self.stage.trap.add(attempt.at_call, act)
            process.start()
            _wait(reached, process)
        else:
            process.start()
            self._wait_for_the_feed(process, said)
            self.stage.trap.add(attempt.at_call, act)
            self.crowd.act(attempt.acts, process)
        broke = []
        if attempt.company == "alone":
            disturb(process, self.holds, attempt.disturbance, drawn)
        else:
            broke = self._accompany(process, attempt, before, said)
        if self.crowd is not None:
            self._drain(process)
        elif attempt.kind == "daemon":
            time.sleep(WHILE)
            process.terminate()
        _ended(process, attempt)
        if attempt.disturbance == "power" and dies:
            self.holds.lose_power(drawn)
        return broke

    def _wait_for_the_feed(self, process: ForkServerProcess, said: int) -> None:
        """Wait until the daemon listens, if it comes to that."""
        end = time.monotonic() + SOON
        while process.is_alive() and time.monotonic() < end and "feed listening" not in self._log(said):
            time.sleep(0.05)

    def _drain(self, process: ForkServerProcess) -> None:
        """Stop a daemon a while after it has heard of all edits, or has had time to."""
        assert self.crowd is not None
        soon, end = time.monotonic() + HEARS, None
        while process.is_alive() and (end is None or time.monotonic() < end):
            self.crowd.look()
            if end is None and (self.crowd.is_heard or time.monotonic() > soon):
                end = time.monotonic() + WHILE
            time.sleep(0.02)
        process.terminate()

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
        other = self._order(attempt, {}, kind="daemon" if self.crowd else "backfill").process()
        other.start()
        if self.crowd is not None:
            self.crowd.act(attempt.acts, other)
            self._drain(other)
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
            listens=attempt.listens,
        )

    def _look(self) -> Seen:
        return look(self.stage, self.holds.url)

    def _length(self) -> int:
        log = self.stage.folder / "log"
        return log.stat().st_size if log.exists() else 0

    def _log(self, said: int) -> str:
        log = self.stage.folder / "log"
        return log.read_bytes()[said:].decode(errors="replace") if log.exists() else ""

    def _broken(self, before: Seen, said: int) -> list[str]:
        passed = Passed(
            before,
            self._look(),
            frozenset(self.touched),
            frozenset(self.stage.trap.names),
            self._log(said),
            self.stage.secrets(),
            tuple(self.stranger.credentials),
            **(self.crowd.found() if self.crowd else {}),
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
