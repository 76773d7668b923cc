"""Enforce a deadline on each whole call, and abort running calls on shutdown.

A socket's timeout restarts with every byte received. So a watchdog thread shuts down the connection of any call that
is past its deadline, whether it is connecting, waiting or reading, which wakes the thread blocked on it.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Lock, Thread, local
from typing import Any, Final

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from connectors.base import Interrupted

_TICK: Final = 0.2
"""Seconds between two checks of the running calls."""
_NOW: Final = local()
"""The call this thread is making. Connections the thread uses meanwhile belong to it."""


class Overdue(Exception):  # noqa: N818 - named for what the call is
    """A call was aborted because it missed its deadline."""


@dataclass(eq=False, slots=True)
class Call:
    """A running call: its deadline, and its connection once there is one."""

    ends: float
    grace: float
    """Seconds that it may continue after a request to stop."""
    on_connect: Callable[[Any], None] | None = None
    """Called with the peer's address before anything is sent; may raise to refuse it."""
    sockets: list[socket.socket] = field(default_factory=list)
    """Its connection. There are two objects if TLS wrapped the first one."""
    spares: list[socket.socket] = field(default_factory=list)
    """Duplicates among them that we must close."""
    cut: Exception | None = None
    certificates: dict[str, datetime] = field(default_factory=dict)
    """When the certificates of servers end, by host; shared by the calls of a watch."""

    def note_certificate(self, host: str, made: Any) -> None:
        """Note when the certificate of a connection ends, if it was verified."""
        if end := (made.getpeercert() or {}).get("notAfter"):
            self.certificates[host] = datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC)

    def check_peer(self, made: socket.socket) -> None:
        """Let the caller refuse the peer."""
        if self.on_connect:
            self.on_connect(made.getpeername()[0])

    def look(self, now: float, stopped: float | None) -> None:
        """Shut the connection down if the deadline or the grace period is over."""
        if stopped is not None and now >= stopped + self.grace:
            self._cut(Interrupted("The call to the CRM was aborted."))
        elif now >= self.ends:
            self._cut(Overdue("it took longer than allowed"))

    def _cut(self, why: Exception) -> None:
        self.cut = self.cut or why
        for found in self.sockets:
            with suppress(OSError):  # it may be closed already
                # Bypass SSLSocket.shutdown(), which would wait for the peer.
                socket.socket.shutdown(found, socket.SHUT_RDWR)


class Watch:
    """Watches the calls of one connector. Its thread runs only while there are calls."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self._lock = Lock()
        self._calls: set[Call] = set()
        self._thread: Thread | None = None
        self.certificates: dict[str, datetime] = {}
        """When the certificates of the servers that were called end, by host."""

    @contextmanager
    def call(self, seconds: float, *, grace: float = 0.0) -> Iterator[Call]:
        """Run the body as a call with a deadline. Raise `Overdue` or `Interrupted` if the call was aborted."""
        made = Call(time.monotonic() + seconds, grace, certificates=self.certificates)
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
            raise made.cut  # the body may look complete although it was truncated

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
                time.sleep(_TICK / 10)  # waiting on the event returns at once now
            with self._lock:
                if not self._calls:
                    self._thread = None
                    return
                for call in self._calls:
                    call.look(time.monotonic(), stopped)


class _Noted:
    """Records the connection in this thread's call."""

    sock: Any

    def _new_conn(self) -> socket.socket:
        """Record a new connection before TLS begins, because a slow handshake must be aborted too."""
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
        """Record a reused connection."""
        if (call := _call()) and self.sock is not None:
            call.sockets.append(self.sock)
        super().request(*args, **more)  # type: ignore[misc]  # as above


def _call() -> Call | None:
    return getattr(_NOW, "call", None)


class _Http(_Noted, HTTPConnection):
    pass


class _Https(_Noted, HTTPSConnection):
    def connect(self) -> None:
        """Connect, and note when the server's certificate ends: beyond a proxy, that of the server."""
        super().connect()
        if call := _call():
            call.note_certificate(self._tunnel_host or self.host, self.sock)


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


def watched(manager: PoolManager) -> PoolManager:
    """Make a pool manager record the connections of its calls. Must be called before its first use."""
    manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
    return manager
