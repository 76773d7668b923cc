"""The daemon: the tasks of each connection on their schedule, in a lane of their own, until it is asked to stop.

What hangs, fails or takes long in one lane holds up no other. Spans are timed by a clock that nobody sets.
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
"""Seconds between two looks at the clocks: a clock that is set, or a machine that slept, is noticed by then."""

GRACE: Final = timedelta(seconds=25)
"""How long the lanes may take to end after the daemon was asked to stop: less than the 30 s of a container."""

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """Something that the daemon does by schedule."""

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
    hangs: bool = False
    """True where it knows that only a restart of the process helps it on."""
    beat: float = field(init=False)
    """When it last showed that it moves, by the steady clock."""

    def __post_init__(self) -> None:
        self.pulse()

    def add(self, tasks: Iterable[Task]) -> None:
        """Put tasks on the lane."""
        self.tasks += [(task, due(task.trigger, self.clocks, at_once=task.at_once)) for task in tasks]

    def pulse(self) -> None:
        """Show that the lane moves."""
        self.beat = self.clocks.steady()

    def upcoming(self) -> tuple[str, float]:
        """Return the task that comes next, and in how many seconds."""
        task, when = self._first()
        return task.name, max(when.left(), 0.0)

    def run(self, stop: Event) -> None:
        """Do the tasks when they are due until `stop` is set. A task that was due more than once is done once."""
        while not stop.is_set():
            self.pulse()
            task, when = self._first()
            left = when.left()
            if left > 0:
                stop.wait(min(left, TICK))
                continue
            when.begin()
            self._do(task)

    def _first(self) -> tuple[Task, Due]:
        return min(self.tasks, key=lambda planned: planned[1].left())

    def _do(self, task: Task) -> None:
        logger.debug("%s: %s", self.name, task.name)
        try:
            task.work()
        except Exception:
            logger.exception("%s: %s failed; it is tried again at its next time", self.name, task.name)


def run(lanes: Sequence[Lane], stop: Event, grace: timedelta = GRACE) -> bool:
    """Run the lanes until `stop` is set; return whether all that was in hand then came to its end within `grace`."""
    threads = [Thread(target=lane.run, args=(stop,), name=lane.name, daemon=True) for lane in lanes]
    for thread in threads:
        thread.start()
    stop.wait()
    until = steady() + grace.total_seconds()
    for thread in threads:
        thread.join(max(until - steady(), 0.0))
    return not any(thread.is_alive() for thread in threads)
