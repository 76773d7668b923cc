"""The daemon's HTTP server: `/live` and `/health` for probes, `/metrics` for Prometheus."""

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

from pipeline.daemon.health import Health

IDLE: Final = 10.0
"""Seconds that a client may take to send each complete request."""

MOST: Final = 100
"""How many connections may be open at a time; further ones get 503."""

PATHS: Final = ("/live", "/health", "/metrics")

logger: Final = logging.getLogger(__name__)


class PortTaken(Exception):  # noqa: N818 - named for the problem
    """Another program uses the port, or it cannot be used at all."""

    exit_code = 2

    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(
            f"`metrics.port`: cannot listen on {host}, port {port}: {why}. Stop the program that uses it, or change "
            "`metrics.port` in the settings; 0 takes a free port. A standby daemon on this machine with the same "
            "database takes the port when the first one ends."
        )


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
class Server:
    """Serves HTTP from a thread."""

    health: Health
    registry: CollectorRegistry
    host: str
    wanted: int
    idle: float = IDLE
    _listener: socket.socket | None = None
    _server: uvicorn.Server | None = None
    _thread: Thread | None = None

    @property
    def port(self) -> int | None:
        """The port in use; None while another daemon has it."""
        port = self._listener.getsockname()[1] if self._listener else None
        assert port is None or isinstance(port, int)
        return port

    def start(self) -> None:
        """Start serving, or leave it to `try_again` if a daemon with the same database has the port.

        Raise `PortTaken` if another program has the port, or the address cannot be used.
        """
        try:
            self._serve()
        except OSError as error:
            if not (error.errno == errno.EADDRINUSE and self._is_ours()):
                raise PortTaken(self.host, self.wanted, error.strerror or str(error)) from None
            logger.warning(
                "Port %s on %s is used by another daemon with this database. This one serves no /live, /health and "
                "/metrics until the port is free.",
                self.wanted,
                self.host,
            )

    def try_again(self) -> None:
        """Start serving if that was not possible before."""
        if self._listener is None:
            with suppress(OSError):
                self._serve()

    def _serve(self) -> None:
        self._listener = _listening(self.host, self.wanted)
        self._server = uvicorn.Server(_config(_app(self.health, self.registry), self.idle))
        self._thread = Thread(target=self._server.run, args=([self._listener],), name="http", daemon=True)
        self._thread.start()
        logger.info("Serving /live, /health and /metrics on %s, port %s", self.host, self.port)

    def close(self) -> None:
        """Stop serving."""
        if self._server and self._thread and self._listener:
            self._server.should_exit = self._server.force_exit = True
            self._thread.join(timeout=5)
            self._listener.close()

    def _is_ours(self) -> bool:
        """Return whether the port is used by a daemon with the same database."""
        try:
            with requests.Session() as session:
                session.trust_env = False  # never ask a proxy for this machine
                answer = session.get(f"http://{_reachable(self.host)}:{self.wanted}/live", timeout=2).json()
        except (requests.RequestException, ValueError):
            return False
        return isinstance(answer, dict) and answer.get("database") == self.health.database


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


def _reachable(host: str) -> str:
    """Return the host to connect to for a host to listen on."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not listened on
    return f"[{host}]" if ":" in host else host


def _config(app: Starlette, idle: float) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Limited,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # probes every few seconds would fill the log
        server_header=False,
        timeout_keep_alive=idle,  # type: ignore[arg-type]  # only passed to `call_later`
        limit_concurrency=MOST,
    )


def _app(health: Health, registry: CollectorRegistry) -> Starlette:
    def endpoint(report: Callable[[], tuple[bool, Mapping[str, Any]]]) -> Callable[[Request], Response]:
        def answer(_: Request) -> Response:
            healthy, content = report()
            return JSONResponse(content, 200 if healthy else 503)

        return answer

    def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    def not_found(_: Request, __: Exception) -> Response:
        return JSONResponse({"paths": PATHS}, 404)

    routes = [
        Route("/live", endpoint(health.live)),
        Route("/health", endpoint(health.report)),
        Route("/metrics", metrics),
    ]
    return Starlette(routes=routes, exception_handlers={404: not_found})
