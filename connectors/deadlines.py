"""Ends calls that take too long, however slowly their answers drip, and all calls when asked to stop.

The time-outs of a socket start anew with every byte. So one thread watches the calls that are under way and cuts the
connection of one that is past its deadline, be it connecting, waiting or reading: whoever waits for it wakes at once.
"""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Lock, Thread, local
from typing import Any, Final

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from connectors.base import Interrupted

_TICK: Final = 0.2
"""Seconds between two looks at the calls."""
_NOW: Final = local()
"""The call that this thread makes; a connection that is used meanwhile belongs to it."""


class Overdue(Exception):  # noqa: N818 - named for what the call is
    """A call was cut because it was not done in time."""


@dataclass(eq=False, slots=True)
class Call:
    """A call under way: the time by which it must be done, and its connection as soon as it has one."""

    ends: float
    grace: float
    """Seconds that it may still go on when asked to stop."""
    on_connect: Callable[[Any], None] | None = None
    """Told the address of the other side before anything is sent; may raise."""
    sockets: list[socket.socket] = field(default_factory=list)
    """Its connection: more than one object where TLS took the first one over."""
    spares: list[socket.socket] = field(default_factory=list)
    """Those of them that are ours to close."""
    cut: Exception | None = None

    def check_peer(self, made: socket.socket) -> None:
        """Let whoever makes the call refuse the other side."""
        if self.on_connect:
            self.on_connect(made.getpeername()[0])

    def look(self, now: float, stopped: float | None) -> None:
        """Cut the connection where the time is over."""
        if stopped is not None and now >= stopped + self.grace:
            self._cut(Interrupted("The call to the CRM was broken off."))
        elif now >= self.ends:
            self._cut(Overdue("it took longer than allowed"))

    def _cut(self, why: Exception) -> None:
        self.cut = self.cut or why
        for found in self.sockets:
            with suppress(OSError):  # it may be closed already
                socket.socket.shutdown(found, socket.SHUT_RDWR)  # not that of TLS, which would wait for the other side


class Watch:
    """Watches the calls of one connector; its thread lives only while there are any."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self._lock = Lock()
        self._calls: set[Call] = set()
        self._thread: Thread | None = None

    @contextmanager
    def call(self, seconds: float, *, grace: float = 0.0) -> Iterator[Call]:
        """Make a call that must be done within so many seconds; raises `Overdue` or `Interrupted` where it is cut."""
        made = Call(time.monotonic() + seconds, grace)
        self._begin(made)
        _NOW.call = made
        try:
            yield made
        except Exception as error:
            if made.cut:
                raise made.cut from error
            raise
        finally:
            _NOW.call = None
            with self._lock:
                self._calls.discard(made)
            for spare in made.spares:
                spare.close()
        if made.cut:
            raise made.cut  # what was read may have ended too early

    def _begin(self, made: Call) -> None:
        with self._lock:
            self._calls.add(made)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        stopped: float | None = None
        while True:
            if self._stop.wait(_TICK) and stopped is None:
                stopped = time.monotonic()
            if stopped is not None:
                time.sleep(_TICK / 10)  # the event no longer makes us wait
            with self._lock:
                if not self._calls:
                    self._thread = None
                    return
                for call in self._calls:
                    call.look(time.monotonic(), stopped)


class _Noted:
    """Tells the call of this thread which connection it uses."""

    sock: Any

    def _new_conn(self) -> socket.socket:
        """Note a connection before TLS begins: a handshake may drip as well."""
        made: socket.socket = super()._new_conn()  # type: ignore[misc]  # mixed into urllib3's connections
        if call := _call():
            call.spares.append(made.dup())
            call.sockets.append(call.spares[-1])
            try:
                call.check_peer(made)
            except BaseException:
                made.close()
                raise
        return made

    def request(self, *args: Any, **more: Any) -> None:
        """Note a connection that is used again."""
        if (call := _call()) and self.sock is not None:
            call.sockets.append(self.sock)
        super().request(*args, **more)  # type: ignore[misc]  # as above


def _call() -> Call | None:
    return getattr(_NOW, "call", None)


class _Http(_Noted, HTTPConnection):
    pass


class _Https(_Noted, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


def watched(manager: PoolManager) -> PoolManager:
    """Let the calls made through a pool manager be watched; call it before the first."""
    manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
    return manager
