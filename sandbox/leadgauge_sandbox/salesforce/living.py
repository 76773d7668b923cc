"""Lets the population live: applies what happened in the org, and all that people do there besides."""

import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from leadgauge_sandbox.faults import Faults
from leadgauge_sandbox.live import Change, live_step
from leadgauge_sandbox.salesforce.changing import Changing, moment
from leadgauge_sandbox.salesforce.deeds import Deeds, Done, drawn, gives_feedback

LATE: Final = 300.0


@dataclass(slots=True)
class Living(Changing):
    """Applies changes by others to the org's records, perhaps late."""

    _waiting: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)
    _draw: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._draw = random.Random(f"{self.population.seed}:deeds")

    def step(self, faults: Faults, pace: float = 1.0) -> list[Change | Done]:
        """Advance the population to now, at its speed, and let people change records meanwhile."""
        with self.org.journal.transaction(user=self.setting.seller):
            return self._step(faults, pace)

    def _step(self, faults: Faults, pace: float) -> list[Change | Done]:
        since, now = self.population.now, int(self.org.clock.now().timestamp() * 1000)
        changes = live_step(self.population, now, pace)
        people = pace * len(self.population.people)
        deeds = drawn(self._draw, since, now, people, feedback=gives_feedback(self.org))
        for change in sorted([*changes, *deeds], key=lambda each: each.at):
            work = partial(self._do, change) if isinstance(change, Done) else partial(self.apply, change)
            self.commit(faults, moment(change.at), work)
        return [*changes, *deeds]

    def _do(self, done: Done) -> None:
        Deeds(self, self._draw, moment(done.at)).do(done.kind)

    def commit(self, faults: Faults, at: datetime, work: Callable[[], None]) -> None:
        """Apply a change with a timestamp: now, or later if commits are late."""
        late = faults.active("late-commits")
        if late is None:
            work()
            self.org.journal.commit(at)
            return
        delay = (faults.seed_of() % 1000) / 1000 * late.number(LATE)
        heapq.heappush(self._waiting, (at + timedelta(seconds=delay), next(self._order), work))

    def catch_up(self) -> None:
        """Show the changes whose transactions have committed by now."""
        while self._waiting and self._waiting[0][0] <= self.org.clock.now():
            with self.org.journal.transaction(user=self.setting.seller):
                heapq.heappop(self._waiting)[2]()
