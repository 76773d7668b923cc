"""The daemon's pages for programs: `/live` and `/health` for probes, `/metrics` for Prometheus."""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import Any, Final

import requests
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pipeline.daemon.standing import Standing

IDLE: Final = 10.0
"""Seconds that a connection may take to send its request whole, the first or a further one."""

MOST: Final = 100
"""Connections at a time; one more is answered with 503."""

PATHS: Final = ("/live", "/health", "/metrics")

logger: Final = logging.getLogger(__name__)


class PortTaken(Exception):  # noqa: N818 - named for what is the matter
    """Another program listens there."""

    exit_code = 2

    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(
            f"`metrics.port`: {port} on {host} cannot be listened on: {why}. Stop the program that has it, or change "
            "`metrics.port` in the settings; 0 takes a free one. A daemon of the same database that stands by on this "
            "machine takes the port when the other one ends."
        )


class _Limited(HttpToolsProtocol):
    """Ends connections that take too long to ask: uvicorn waits for a first request for ever."""

    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the parent has it
        """Wait for a request, but not for ever."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def on_message_complete(self) -> None:
        """Wait no more: the request is there."""
        self._wait_no_more()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._wait()

    def _wait(self) -> None:
        self._wait_no_more()
        self._limit = self.loop.call_later(self.config.timeout_keep_alive, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._limit:
            self._limit.cancel()


@dataclass
class Server:
    """Serves the pages from a thread."""

    standing: Standing
    registry: CollectorRegistry
    host: str
    wanted: int
    idle: float = IDLE
    _listener: socket.socket | None = None
    _server: uvicorn.Server | None = None
    _thread: Thread | None = None

    @property
    def port(self) -> int | None:
        """The port that is listened on; None while it is another's."""
        port = self._listener.getsockname()[1] if self._listener else None
        assert port is None or isinstance(port, int)
        return port

    def start(self) -> None:
        """Serve, or go without for now where a daemon of the same database has the port; `try_again` takes it then.

        Raises `PortTaken` where another program has it, or the address cannot be listened on at all.
        """
        try:
            self._serve()
        except OSError as error:
            if not (error.errno == errno.EADDRINUSE and self._is_ours()):
                raise PortTaken(self.host, self.wanted, error.strerror or str(error)) from None
            logger.warning(
                "Port %s on %s is that of another daemon of this database. This one goes without /live, /health and "
                "/metrics until the port is free.",
                self.wanted,
                self.host,
            )

    def try_again(self) -> None:
        """Serve where that was not possible before."""
        if self._listener is None:
            with suppress(OSError):
                self._serve()

    def _serve(self) -> None:
        self._listener = _listening(self.host, self.wanted)
        self._server = uvicorn.Server(_config(_app(self.standing, self.registry), self.idle))
        self._thread = Thread(target=self._server.run, args=([self._listener],), name="pages", daemon=True)
        self._thread.start()
        logger.info("/live, /health and /metrics are served on %s, port %s", self.host, self.port)

    def close(self) -> None:
        """Stop serving."""
        if self._server and self._thread and self._listener:
            self._server.should_exit = self._server.force_exit = True
            self._thread.join(timeout=5)
            self._listener.close()

    def _is_ours(self) -> bool:
        """Return whether the port's owner is a daemon that works on the same database."""
        try:
            with requests.Session() as session:
                session.trust_env = False  # no proxy stands before this machine
                answer = session.get(f"http://{_reachable(self.host)}:{self.wanted}/live", timeout=2).json()
        except (requests.RequestException, ValueError):
            return False
        return isinstance(answer, dict) and answer.get("database") == self.standing.database


def _listening(host: str, port: int) -> socket.socket:
    """Listen at once, so that a port that is taken is known before anything else begins."""
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


def _reachable(host: str) -> str:
    """Return where to ask for what listens on a host: on this machine, where it listens everywhere."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not listened on
    return f"[{host}]" if ":" in host else host


def _config(app: Starlette, idle: float) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Limited,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # a probe every few seconds is no news
        server_header=False,
        timeout_keep_alive=idle,  # type: ignore[arg-type]  # it only reaches `call_later`
        limit_concurrency=MOST,
    )


def _app(standing: Standing, registry: CollectorRegistry) -> Starlette:
    def page(told: Callable[[], tuple[bool, Mapping[str, Any]]]) -> Callable[[Request], Response]:
        def answer(_: Request) -> Response:
            right, content = told()
            return JSONResponse(content, 200 if right else 503)

        return answer

    def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    def other(_: Request, __: Exception) -> Response:
        return JSONResponse({"paths": PATHS}, 404)

    routes = [Route("/live", page(standing.live)), Route("/health", page(standing.health)), Route("/metrics", metrics)]
    return Starlette(routes=routes, exception_handlers={404: other})
