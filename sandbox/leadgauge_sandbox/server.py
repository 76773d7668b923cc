"""Serves a sandbox over real HTTP: in a thread for tests, in the foreground for people."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp

HOST = "127.0.0.1"


class _Protocol(HttpToolsProtocol):
    """Gives an app its connection, for network faults."""

    def on_message_begin(self) -> None:
        """Add the connection to the request."""
        super().on_message_begin()
        self.scope["sandbox.transport"] = self.transport  # type: ignore[typeddict-unknown-key]


def _config(app: ASGIApp, port: int) -> uvicorn.Config:
    """Configure uvicorn; an app with `dates_itself` writes the Date header from its own clock."""
    return uvicorn.Config(
        app,
        HOST,
        port,
        http=_Protocol,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,  # like the CRMs: a client that polls every five seconds keeps its connection
        date_header=not getattr(app, "dates_itself", False),
    )


def _listen(port: int) -> socket.socket:
    """Bind now, so that the port is known (or refused) before the server starts.

    The protocol is named because asyncio sets TCP_NODELAY only on sockets whose protocol is TCP.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    return listener


@contextlib.contextmanager
def serve(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serve the app on loopback in a thread, on a free port by default; yields the base URL."""
    listener = _listen(port)
    server = uvicorn.Server(_config(app, port))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True)
    thread.start()
    try:
        _await_start(server, thread)
        yield f"http://{HOST}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=5)
        if thread.is_alive():
            server.force_exit = True
            thread.join(timeout=5)
        listener.close()


def _await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("The sandbox server stopped before it had started; see the log above.")
        time.sleep(0.005)


def run(app: ASGIApp, port: int, greet: Callable[[str], None]) -> None:
    """Serve the app in the foreground until SIGINT or SIGTERM; raises OSError if the port is taken.

    `greet` is called with the base URL once connections are accepted.
    """
    listener = _listen(port)
    listener.listen()
    signal.signal(signal.SIGTERM, _leave)
    greet(f"http://{HOST}:{listener.getsockname()[1]}")
    with listener, contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(_config(app, port)).run(sockets=[listener])


def _leave(*_: object) -> None:
    """Exit quietly: uvicorn raises the signal again once it has closed its connections."""
    raise SystemExit(0)
