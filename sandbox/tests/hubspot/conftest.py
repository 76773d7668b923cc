"""Sandboxes served over real HTTP."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import requests

from leadgauge_sandbox.hubspot import Clock, create_app
from leadgauge_sandbox.population import Population
from leadgauge_sandbox.server import serve
from tests.recordings.reading import recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from leadgauge_sandbox.hubspot.filling import Filling
    from leadgauge_sandbox.hubspot.gate import Gate
    from leadgauge_sandbox.hubspot.mischief import Mischief
    from leadgauge_sandbox.hubspot.portal import Portal

NOW = 1_795_000_000_000


@dataclass
class Sandbox:
    """A running account and a client for it."""

    url: str
    portal: Portal
    gate: Gate
    filling: Filling
    mischief: Mischief
    session: requests.Session

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        """Send one request with the account's token."""
        return self.session.request(method, self.url + path, timeout=20, **more)

    def get(self, path: str, **query: Any) -> Any:
        """Return the JSON of a GET that must succeed."""
        answer = self.call("GET", path, params=query)
        assert answer.ok, answer.text
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        """Return the JSON of a POST that must succeed."""
        answer = self.call("POST", path, json=body)
        assert answer.ok, answer.text
        return answer.json()

    def search(self, body: Any, kind: str = "contacts") -> Any:
        """Return the results of a search."""
        return self.post(f"/crm/v3/objects/{kind}/search", body)

    def all(self, path: str, **query: Any) -> list[Any]:
        """Return the results of all pages."""
        rows: list[Any] = []
        while True:
            page = self.get(path, **query)
            rows += page["results"]
            if "paging" not in page:
                return rows
            query["after"] = page["paging"]["next"]["after"]


class Host:
    """A server whose account each test can replace: a server per test would take most of the time."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        self.url = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def hosts() -> Iterator[list[Host]]:
    """Three servers, for tests with several accounts."""
    found = [Host() for _ in range(3)]
    with ExitStack() as stack:
        for host in found:
            host.app, host.dates_itself = create_app(clock=Clock(NOW)), True  # type: ignore[attr-defined]
            host.url = stack.enter_context(serve(host))
        yield found


@pytest.fixture
def start(hosts: list[Host]) -> Iterator[Callable[..., Sandbox]]:
    """Start sandboxes, by default with an empty account and a stopped clock."""
    free = list(hosts)
    with ExitStack() as stack:

        def start(leads: int = 0, *, now: int = NOW, reuse: bool = False, **settings: Any) -> Sandbox:
            settings = {"rate_limit": False, "clock": Clock(now), **settings}
            app = create_app(Population.generate(leads, 7, now) if leads else None, **settings)
            host = free[-1] if reuse else free.pop()
            host.app, url = app, host.url
            session = stack.enter_context(requests.Session())
            state = app.state
            session.headers["Authorization"] = f"Bearer {state.portal.tokens.static}"
            return Sandbox(url, state.portal, state.gate, state.filling, state.mischief, session)

        yield start


@pytest.fixture
def empty(start: Callable[..., Sandbox]) -> Sandbox:
    return start()


@pytest.fixture
def full(start: Callable[..., Sandbox]) -> Sandbox:
    return start(300)


@pytest.fixture(scope="session")
def recordings() -> list[dict[str, Any]]:
    return recorded("hubspot")
