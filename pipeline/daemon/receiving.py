"""The receiver of HubSpot's webhooks: what they tell is stored before they are answered.

HubSpot sends a webhook again that was not answered with 200, so whoever cannot store it says so: 503.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import polars as pl
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from config.settings import HubSpotConnection, Receive
from connectors.base import ConnectorError
from connectors.hubspot.connector import HubSpot
from connectors.hubspot.pushed import due_of, verified
from pipeline import clock
from pipeline.daemon.listening import Listener
from pipeline.daemon.metrics import Metrics
from pipeline.http import Serving, served
from pipeline.job import Job
from store import LeaseLost, StoreError

LARGEST: Final = 1_000_000
"""Bytes of a body. A webhook of HubSpot has a hundred events at most, of a few hundred bytes each."""
MOST: Final = 100
"""How many connections may be open at a time; further ones get 503."""

logger: Final = logging.getLogger(__name__)


class Refused(Exception):  # noqa: N818 - named for what happened
    """A webhook is not taken."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass
class Receiver:
    """Takes webhooks, each connection's under its name."""

    settings: Receive
    connections: Mapping[str, HubSpotConnection]
    listeners: Mapping[str, Listener]
    metrics: Metrics
    _serving: Serving | None = field(default=None, init=False)

    @property
    def port(self) -> int | None:
        """The port in use; None while another program has it."""
        return self._serving.port if self._serving else None

    def start(self) -> None:
        """Start serving unless that was done before; until another program frees the port, say so."""
        if self._serving is not None:
            return
        try:
            self._serving = served(self.app(), self.settings.host, self.settings.port, "receiver", most=MOST)
        except OSError as error:
            logger.warning(
                "`receive.port`: cannot listen on %s, port %s: %s. It is tried again every 15 seconds; HubSpot sends"
                " its webhooks again meanwhile.",
                self.settings.host,
                self.settings.port,
                error.strerror or error,
            )
            return
        logger.info("Webhooks of HubSpot are taken on %s, port %s", self.settings.host, self.port)

    def close(self) -> None:
        """Stop serving."""
        if self._serving:
            self._serving.close()

    def app(self) -> Starlette:
        """Return the application."""
        return Starlette(routes=[Route("/{connection}", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        name = request.path_params["connection"]
        if name not in self.connections:
            return Response(status_code=404)
        try:
            body = await _body(request)
            await run_in_threadpool(self._take, name, request, body)
        except ClientDisconnect:
            return Response(status_code=400)
        except Refused as refused:
            self.metrics.feeds.refused(name, refused.status)
            logger.warning("%s: a webhook got %s: %s", name, refused.status, refused)
            return Response(status_code=refused.status)
        return Response(status_code=200)

    def _take(self, name: str, request: Request, body: bytes) -> None:
        """Store what a webhook tells; raise `Refused` if it is not HubSpot's or cannot be stored."""
        query = f"?{request.url.query}" if request.url.query else ""
        address = self.settings.address_of(name) + query
        try:
            self._verify(name, address, body, dict(request.headers), clock.now())
            stored = self.listeners[name].received(lambda job: _told(job, body))
        except (ConnectorError, LeaseLost, StoreError) as error:
            raise Refused(503, str(error)) from error
        if not stored:
            raise Refused(503, "This process does not have the connection, or its settings want no feed.")

    def _verify(self, name: str, address: str, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
        app = self.connections[name].feed
        assert app is not None, "`receiving` has looked"
        found = verified(app.client_secret.reveal(), "POST", address, body, headers, now)
        if not found.is_accepted:
            raise Refused(401, found.reason)


def receiving(settings: Receive, connections: Mapping[str, Any], listeners: Mapping[str, Listener]) -> Receiver:
    """Return the receiver for those connections that HubSpot can send webhooks for."""
    signed = {
        name: one
        for name, one in connections.items()
        if isinstance(one, HubSpotConnection) and one.feed is not None and name in listeners
    }
    return Receiver(settings, signed, listeners, next(iter(listeners.values())).metrics)


async def _body(request: Request) -> bytes:
    """Return the body; raise `Refused` if it is too large, before all of it has arrived."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise Refused(413, f"It has more than {LARGEST:,} bytes.")
    return bytes(body)


def _told(job: Job, body: bytes) -> tuple[pl.DataFrame, int]:
    """Return what a webhook makes due, and how many events it had."""
    connector = job.connector
    assert isinstance(connector, HubSpot), "only these connections are received for"
    told = due_of(body, connector.watched(), connector.account_id())
    if not told.is_accepted:
        raise Refused(400, told.reason)
    return told.due, told.events
