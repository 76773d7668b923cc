"""A Salesforce sandbox over real HTTP, and clients for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from starlette.applications import Starlette

from leadgauge_sandbox.population import Population
from leadgauge_sandbox.salesforce import create_app
from leadgauge_sandbox.salesforce.clock import Clock
from leadgauge_sandbox.server import serve
from tests.recordings.reading import recorded

NOW = datetime(2026, 6, 15, 12, 0, 0, tzinfo=UTC)


class Redirect(HTTPAdapter):
    """Redirects requests for https://…salesforce.com to the sandbox."""

    def __init__(self, base: str) -> None:
        self._base = urlsplit(base)
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        request.url = urlunsplit(parts._replace(scheme=self._base.scheme, netloc=self._base.netloc))
        return super().send(request, *args, **kwargs)


@dataclass
class Api:
    """Plain HTTP calls from a signed-in client."""

    base: str
    app: Starlette
    session: requests.Session
    version: str = "60.0"

    @property
    def sandbox(self) -> Any:
        return self.app.state.sandbox

    def call(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        address = path if path.startswith("/") else f"/services/data/v{self.version}/{path}"
        return self.session.request(method, self.base + address, timeout=20, **kwargs)

    def get(self, path: str, **parameters: Any) -> Any:
        return self.call("GET", path, params=parameters).json()

    def query(self, text: str, *, deleted: bool = False) -> list[dict[str, Any]]:
        answer = self.get("queryAll" if deleted else "query", q=text)
        assert isinstance(answer, dict), answer
        return answer["records"]

    def control(self, path: str, method: str = "POST", **wish: Any) -> Any:
        answer = self.session.request(method, f"{self.base}/_sandbox/{path}", json=wish, timeout=20)
        assert answer.ok, answer.text
        return answer.json()

    def fault(self, name: str, argument: float | None = None, **wish: Any) -> None:
        self.control("faults", name=name, argument=argument, **wish)

    def sign_in(self) -> None:
        known = self.sandbox.credentials
        form = {
            "grant_type": "client_credentials",
            "client_id": known.consumer_key,
            "client_secret": known.consumer_secret,
        }
        answer = self.session.post(f"{self.base}/services/oauth2/token", data=form, timeout=20)
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def bulk_query(self, text: str, operation: str = "query", **options: Any) -> str:
        job = self.call("POST", "jobs/query", json={"operation": operation, "query": text, **options}).json()
        return str(job["id"])

    def ingest(self, name: str, content: str, operation: str = "update", **options: Any) -> dict[str, Any]:
        wish = {"object": name, "operation": operation, "contentType": "CSV", **options}
        job = self.call("POST", "jobs/ingest", json=wish).json()
        self.call("PUT", "/" + job["contentUrl"], data=content.encode(), headers={"Content-Type": "text/csv"})
        self.call("PATCH", f"jobs/ingest/{job['id']}", json={"state": "UploadComplete"})
        done: dict[str, Any] = self.call("GET", f"jobs/ingest/{job['id']}").json()
        return done

    def results(self, job: str, which: str) -> str:
        answer = self.call("GET", f"jobs/ingest/{job}/{which}")
        assert answer.status_code == 200, answer.text
        return answer.content.decode()


def population() -> Population:
    return Population.generate(300, 7, int(NOW.timestamp() * 1000))


@pytest.fixture
def api() -> Iterator[Api]:
    """A sandbox per test, with a stopped clock."""
    app = create_app(population(), clock=Clock(NOW))
    with serve(app) as base, requests.Session() as session:
        client = Api(base, app, session)
        client.sign_in()
        yield client


@pytest.fixture(scope="module")
def shared() -> Iterator[Api]:
    """One sandbox for all read-only tests of a module."""
    app = create_app(population(), clock=Clock(NOW))
    with serve(app) as base, requests.Session() as session:
        client = Api(base, app, session)
        client.sign_in()
        yield client


@pytest.fixture
def redirected(api: Api) -> Iterator[requests.Session]:
    """A session for clients that only support https."""
    with requests.Session() as session:
        session.mount("https://", Redirect(api.base))
        yield session


@pytest.fixture
def client(api: Api, redirected: requests.Session) -> Salesforce:
    """simple-salesforce, signed in."""
    known = api.sandbox.credentials
    return Salesforce(
        consumer_key=known.consumer_key, consumer_secret=known.consumer_secret, domain="acme.my", session=redirected
    )


@pytest.fixture(scope="session")
def recordings() -> list[dict[str, Any]]:
    return recorded("salesforce")
