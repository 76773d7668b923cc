"""Serving HTTP from a thread: a socket opened at startup, slow clients cut off, an orderly end."""

import asyncio
import socket
from dataclasses import dataclass
from threading import Thread
from typing import Final

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

IDLE: Final = 10.0
"""Seconds that a client may take to send each complete request."""


class _Limited(HttpToolsProtocol):
    """Closes connections that send no request in time. uvicorn itself waits for the first request forever."""

    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the parent has it
        """Start the timeout."""
        super().connection_made(transport)
        self._start_timeout()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timeout."""
        self._cancel_timeout()
        super().connection_lost(exc)

    def on_message_complete(self) -> None:
        """Cancel the timeout, since the request is complete."""
        self._cancel_timeout()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Start the timeout for the next request."""
        super().on_response_complete()
        self._start_timeout()

    def _start_timeout(self) -> None:
        self._cancel_timeout()
        self._limit = self.loop.call_later(self.config.timeout_keep_alive, self.transport.abort)

    def _cancel_timeout(self) -> None:
        if self._limit:
            self._limit.cancel()


@dataclass
class Serving:
    """An application that is being served from a thread."""

    listener: socket.socket
    server: uvicorn.Server
    thread: Thread

    @property
    def port(self) -> int:
        """The port in use."""
        port = self.listener.getsockname()[1]
        assert isinstance(port, int)
        return port

    def close(self) -> None:
        """Stop serving."""
        self.server.should_exit = self.server.force_exit = True
        self.thread.join(timeout=5)
        self.listener.close()


def served(app: Starlette, host: str, port: int, name: str, *, idle: float = IDLE, most: int) -> Serving:
    """Serve an application from a thread of this name; raise OSError if the port or the address cannot be used.

    `most`: how many connections may be open at a time; further ones get 503.
    """
    listener = _listening(host, port)
    server = uvicorn.Server(_config(app, idle, most))
    thread = Thread(target=server.run, args=([listener],), name=name, daemon=True)
    thread.start()
    return Serving(listener, server, thread)


def _listening(host: str, port: int) -> socket.socket:
    """Return a listening socket, so that a port in use is noticed at startup."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _config(app: Starlette, idle: float, most: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Limited,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # probes every few seconds would fill the log
        server_header=False,
        proxy_headers=False,  # who asks is who is connected: anybody can write X-Forwarded-For
        timeout_keep_alive=idle,  # type: ignore[arg-type]  # only passed to `call_later`
        limit_concurrency=most,
    )
