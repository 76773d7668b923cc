"""Supervision: a pass without progress is ended as failed; one that progresses may take days."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from threading import Thread
from typing import Final, Literal

from pipeline.clock import in_words, steady
from pipeline.passes import Pass, Report

TICK: Final = 1.0
"""Seconds between two checks of a pass."""

GRACE: Final = timedelta(seconds=20)
"""How long the current batch may take after a pass was asked to stop."""


class GivenUp(Exception):  # noqa: N818 - named for what happened
    """A pass was given up. Its thread may still hang, but can no longer call the CRM or write."""

    exit_code = 1

    def __init__(self, message: str, thread: Thread) -> None:
        super().__init__(message)
        self.thread = thread


class Stuck(GivenUp):
    """The pass made no progress for too long."""


class Cut(GivenUp):
    """The pass was asked to stop and did not end in time."""


def supervised(work: Pass, limit: Callable[[], timedelta], pulse: Callable[[], None] = lambda: None) -> Report:
    """Do a pass in a thread and return its report, calling `pulse` at every check.

    Raise `Stuck` if the pass makes no progress for `limit()`, and `Cut` if it does not end in time after it was asked
    to stop.
    """
    outcome: Future[Report] = Future()
    thread = Thread(target=_into, args=(work, outcome), name=work.job.name, daemon=True)
    thread.start()
    asked_at: float | None = None
    while not _ended(outcome):
        pulse()
        asked_at = asked_at or (steady() if work.job.stop.is_set() else None)
        if asked_at and steady() - asked_at > GRACE.total_seconds():
            raise _given_up(
                work, "stopped", Cut(f"{work.job.name}: stopped during a call that did not return.", thread)
            )
        if work.idle_for > limit():
            raise _given_up(work, "failed", Stuck(_sentence(work, limit()), thread))
    return outcome.result()


def _into(work: Pass, outcome: Future[Report]) -> None:
    try:
        outcome.set_result(work.run())
    except BaseException as error:  # noqa: BLE001 - raised again by `supervised`
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
        f"{work.job.name}: the pass made no progress for {in_words(limit)}: no page was read, no lead scored, no row "
        f"written ({work.where}). It was ended. If this happens again, check the network and the CRM's status page; "
        "`daemon.stuck_after` sets how long a pass may go without progress."
    )
