"""Watching over a pass: one that stands still is ended as failed, one that moves may take days."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from threading import Thread
from typing import Final, Literal

from pipeline.clock import in_words, steady
from pipeline.passes import Pass, Report

TICK: Final = 1.0
"""Seconds between two looks at a pass."""

GRACE: Final = timedelta(seconds=20)
"""How long the batch in hand may take to end after a pass was asked to stop."""


class GivenUp(Exception):  # noqa: N818 - named for what happened
    """A pass was given up. What hangs in it may hang on, in a thread that may call and write nothing any more."""

    exit_code = 1

    def __init__(self, message: str, thread: Thread) -> None:
        super().__init__(message)
        self.thread = thread


class Stuck(GivenUp):
    """The pass stood still for too long."""


class Cut(GivenUp):
    """The pass was asked to stop and did not come to an end."""


def supervised(work: Pass, limit: Callable[[], timedelta], pulse: Callable[[], None] = lambda: None) -> Report:
    """Do a pass in a thread of its own and return its report, calling `pulse` while it is watched.

    Raises `Stuck` where the pass stood still for as long as `limit` says, and `Cut` where it did not end in time after
    it was asked to.
    """
    outcome: Future[Report] = Future()
    thread = Thread(target=_into, args=(work, outcome), name=work.job.name, daemon=True)
    thread.start()
    asked_at: float | None = None
    while not _ended(outcome):
        pulse()
        asked_at = asked_at or (steady() if work.job.stop.is_set() else None)
        if asked_at and steady() - asked_at > GRACE.total_seconds():
            raise _given_up(work, "stopped", Cut(f"{work.job.name}: stopped amid a call that did not end.", thread))
        if work.stands_for > limit():
            raise _given_up(work, "failed", Stuck(_sentence(work, limit()), thread))
    return outcome.result()


def _into(work: Pass, outcome: Future[Report]) -> None:
    try:
        outcome.set_result(work.run())
    except BaseException as error:  # noqa: BLE001 - whoever waits for the pass raises it
        outcome.set_exception(error)


def _ended(outcome: Future[Report]) -> bool:
    try:
        outcome.exception(TICK)
    except TimeoutError:
        return outcome.done()
    return True


def _given_up(work: Pass, state: Literal["failed", "stopped"], error: GivenUp) -> GivenUp:
    work.abandon(state, str(error))
    return error


def _sentence(work: Pass, limit: timedelta) -> str:
    return (
        f"{work.job.name}: the pass stood still for {in_words(limit)}: no page came, no lead was scored, no row was "
        f"written ({work.where}). It was ended. If this comes again, look at the "
        "network and at the CRM's status page; `daemon.stuck_after` says how long a pass may stand still."
    )
