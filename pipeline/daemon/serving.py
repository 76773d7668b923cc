"""The daemon's HTTP server: `/live` and `/health` for probes, `/metrics` for Prometheus."""

import errno
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import requests
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.daemon.health import Health
from pipeline.http import IDLE, Serving, served

MOST: Final = 100
"""How many connections may be open at a time; further ones get 503."""

PATHS: Final = ("/live", "/health", "/metrics")

logger: Final = logging.getLogger(__name__)


class PortTaken(Exception):  # noqa: N818 - named for the problem
    """Another program uses the port of health and metrics, or it cannot be used at all."""

    exit_code = 2

    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(
            f"`metrics.port`: cannot listen on {host}, port {port}: {why}. Stop the program that uses it, or change "
            "`metrics.port` in the settings; 0 takes a free port. A standby daemon on this machine with the same "
            "database takes the port when the first one ends."
        )


@dataclass
class Server:
    """Serves HTTP from a thread."""

    health: Health
    registry: CollectorRegistry
    host: str
    wanted: int
    idle: float = IDLE
    _serving: Serving | None = None

    @property
    def port(self) -> int | None:
        """The port in use; None while another daemon has it."""
        return self._serving.port if self._serving else None

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
        if self._serving is None:
            with suppress(OSError):
                self._serve()

    def _serve(self) -> None:
        app = _app(self.health, self.registry)
        self._serving = served(app, self.host, self.wanted, "http", idle=self.idle, most=MOST)
        logger.info("Serving /live, /health and /metrics on %s, port %s", self.host, self.port)

    def close(self) -> None:
        """Stop serving."""
        if self._serving:
            self._serving.close()

    def _is_ours(self) -> bool:
        """Return whether the port is used by a daemon with the same database."""
        try:
            with requests.Session() as session:
                session.trust_env = False  # never ask a proxy for this machine
                answer = session.get(f"http://{_reachable(self.host)}:{self.wanted}/live", timeout=2).json()
        except (requests.RequestException, ValueError):
            return False
        return isinstance(answer, dict) and answer.get("database") == self.health.database


def _reachable(host: str) -> str:
    """Return the host to connect to for a host to listen on."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not listened on
    return f"[{host}]" if ":" in host else host


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
