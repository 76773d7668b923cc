"""Handing work to the daemon that holds a connection: a command does it itself if the connection is free."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any, Final

from connectors.base import Interrupted
from pipeline.lease import leased_by_name
from pipeline.process import me
from store import Lease, LeaseHeld, Request, Store

DAEMON: Final = "run"
"""The purpose of the daemon's lease."""

PAUSE: Final = 1.0
"""Seconds between two looks for the daemon's answer."""

OFTEN: Final = 5
"""After this many looks, try whether the connection has become free."""


class Refused(Exception):  # noqa: N818 - named for what happened
    """The daemon could not do the work; carries its message and exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class StoppedWaiting(Interrupted):
    """A person stopped waiting for the daemon."""


@dataclass(frozen=True, slots=True)
class Work:
    """Work on a connection, as a request to the daemon and as a function of the lease."""

    store: Store
    connection: str
    kind: str
    options: Mapping[str, Any]
    direct: Callable[[Lease], Mapping[str, Any]]
    """Does the work in this process."""
    tell: Callable[[str], None]
    """Tells a person what is waited for."""

    def do(self, stop: Event) -> Mapping[str, Any]:
        """Do the work, or let the daemon do it; return the result.

        Raise `LeaseHeld` if another command has the connection, `Refused` if the daemon cannot do it, and
        `StoppedWaiting` if `stop` is set while it waits.
        """
        try:
            return self.do_here()
        except LeaseHeld as held:
            return self.hand_over(held, stop)

    def do_here(self) -> Mapping[str, Any]:
        """Do the work in this process; raise `LeaseHeld`."""
        with leased_by_name(self.store, self.connection, self.kind) as lease:
            return self.direct(lease)

    def hand_over(self, held: LeaseHeld, stop: Event) -> Mapping[str, Any]:
        """Let the daemon that holds the connection do the work; raise `held` if the holder is no daemon."""
        if held.purpose != DAEMON:
            raise held
        requests = self.store.requests(self.connection)
        number = requests.ask(self.kind, self.options, me().name)
        self.tell(
            f"{self.connection}: the daemon ({held.holder}) has the connection and does it between its passes; waiting."
        )
        looks = 0
        while not stop.wait(PAUSE):
            request, looks = requests.get(number), looks + 1
            if request and request.state == "done":
                requests.collect(number)
                return _result(request)
            if looks % OFTEN == 0 and self._is_free() and requests.withdraw(number):
                return self.do(stop)
        withdrawn = requests.withdraw(number)
        what = "it was withdrawn" if withdrawn else "the daemon has begun it and goes on"
        raise StoppedWaiting(f"{self.connection}: stopped waiting for the daemon; {what}.")

    def _is_free(self) -> bool:
        """Return whether no process has the connection any more, such as a daemon that was stopped."""
        return self.store.holder(self.connection) is None


def _result(request: Request) -> Mapping[str, Any]:
    answer = request.answer
    assert answer is not None
    if answer.error:
        raise Refused(answer.error, answer.exit_code)
    return answer.result
