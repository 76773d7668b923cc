"""The scheduler: runs the tasks of each connection in a separate lane until it is asked to stop.

A task that hangs, fails or is slow delays only its own lane. Intervals are timed by a monotonic clock.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Thread
from typing import Final

from apscheduler.triggers.base import BaseTrigger

from pipeline.clock import steady
from pipeline.daemon.timing import Clocks, Due, due

TICK: Final = 5.0
"""Seconds between two looks at the clocks, to notice a clock that was set or a machine that slept."""

GRACE: Final = timedelta(seconds=25)
"""How long the lanes may take to stop: less than the 30 s that a container gets."""

AWAKE: Final = 1.0
"""Seconds between two moments in which the main thread can handle a signal."""

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """Scheduled work."""

    name: str
    trigger: BaseTrigger
    work: Callable[[], None]
    at_once: bool = False
    """Whether it also runs when the daemon starts."""


@dataclass
class Lane:
    """Tasks that never run at the same time, such as the passes of one connection."""

    name: str
    clocks: Clocks = field(default_factory=Clocks)
    tasks: list[tuple[Task, Due]] = field(default_factory=list)
    between: Callable[[], None] = lambda: None
    """Called every few seconds and when woken, while no task is due, for work that was asked for."""
    woken: Event = field(default_factory=Event)
    """Set when something has come up, so that the lane looks before the next tick."""
    hangs: bool = False
    """True if only a restart of the process can help."""
    beat: float = field(init=False)
    """When it last made progress, by the steady clock."""
    _hastened: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.pulse()

    def add(self, tasks: Iterable[Task]) -> None:
        """Add tasks to the lane."""
        self.tasks += [(task, due(task.trigger, self.clocks, at_once=task.at_once)) for task in tasks]

    def pulse(self) -> None:
        """Record that the lane makes progress."""
        self.beat = self.clocks.steady()

    def hasten(self, name: str) -> None:
        """Make a task due at once, besides its schedule."""
        self._hastened.add(name)
        self.woken.set()

    def upcoming(self) -> tuple[str, float]:
        """Return the next task, and the seconds until it is due."""
        task, when = self._first()
        return task.name, max(self._left(task, when), 0.0)

    def run(self, stop: Event) -> None:
        """Run tasks as they become due until `stop` is set. A task that was due several times runs once."""
        while not stop.is_set():
            self.pulse()
            task, when = self._first()
            left = self._left(task, when)
            if left > 0:
                self.woken.clear()  # before the looks: what comes up during them is looked at next
                if stop.is_set():
                    return
                self._attempt("requests", self.between)
                self.woken.wait(min(left, TICK))
                continue
            self._hastened.discard(task.name)
            if when.left() <= 0:
                when.begin()
            self._do(task)

    def _first(self) -> tuple[Task, Due]:
        return min(self.tasks, key=lambda planned: self._left(*planned))

    def _left(self, task: Task, when: Due) -> float:
        return 0.0 if task.name in self._hastened else when.left()

    def _do(self, task: Task) -> None:
        logger.debug("%s: %s", self.name, task.name)
        self._attempt(task.name, task.work)

    def _attempt(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            logger.exception("%s: %s failed; it runs again at its next scheduled time", self.name, name)


def run(lanes: Sequence[Lane], stop: Event, grace: timedelta = GRACE) -> bool:
    """Run the lanes until `stop` is set; return whether all current tasks then ended within `grace`."""
    threads = [Thread(target=lane.run, args=(stop,), name=lane.name, daemon=True) for lane in lanes]
    for thread in threads:
        thread.start()
    _wait(stop)
    for lane in lanes:
        lane.woken.set()
    until = steady() + grace.total_seconds()
    for thread in threads:
        thread.join(max(until - steady(), 0.0))
    return not any(thread.is_alive() for thread in threads)


def _wait(stop: Event) -> None:
    """Wait until asked to stop.

    The system may give a signal to any thread, but Python handles it in the main thread, and only while that runs: one
    that waits without end would never learn of it.
    """
    while not stop.wait(AWAKE):
        pass
