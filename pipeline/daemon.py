"""The daemon: passes on a schedule until it is asked to stop."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from threading import Event, Lock
from typing import Final

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """Something that the daemon does by schedule; tasks of one `lane` never run at the same time."""

    lane: str
    name: str
    trigger: BaseTrigger
    work: Callable[[], None]
    at_once: bool = False
    """Whether it also runs when the daemon starts."""


def run(tasks: Sequence[Task], stop: Event, zone: tzinfo) -> None:
    """Run the tasks by their triggers until `stop` is set, then wait for the task in hand and return.

    A run that was due while the machine slept is made up for once, never dropped.
    """
    scheduler = BackgroundScheduler(
        timezone=zone,
        executors={"default": ThreadPoolExecutor(max(len({task.lane for task in tasks}) * 2, 1))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    lanes = {task.lane: Lock() for task in tasks}
    for task in tasks:
        first = {"next_run_time": datetime.now(zone)} if task.at_once else {}
        work = _in_lane(task, lanes[task.lane], stop)
        scheduler.add_job(work, task.trigger, id=f"{task.lane}.{task.name}", name=task.name, **first)
    scheduler.start()
    try:
        stop.wait()
    finally:
        scheduler.shutdown(wait=True)


def _in_lane(task: Task, lane: Lock, stop: Event) -> Callable[[], None]:
    def work() -> None:
        with lane:
            if not stop.is_set():
                logger.debug("%s: %s", task.lane, task.name)
                task.work()

    return work
