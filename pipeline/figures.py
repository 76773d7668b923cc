"""The daemon's figures for Prometheus, and its health."""

import json
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, Counter, Gauge, make_wsgi_app

from pipeline.passes import Report

JSON: Final = [("Content-Type", "application/json")]


class Figures:
    """Counts passes and rows by connection."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._passes = Counter(
            "leadgauge_passes", "Passes by how they ended.", ["connection", "kind", "state"], registry=self.registry
        )
        self._rows = Counter(
            "leadgauge_rows", "Rows pushed by what the CRM answered.", ["connection", "answer"], registry=self.registry
        )
        self._calls = Counter("leadgauge_calls", "API calls.", ["connection"], registry=self.registry)
        self._ended = Gauge(
            "leadgauge_last_pass_timestamp_seconds",
            "When the last pass ended well.",
            ["connection"],
            registry=self.registry,
        )
        self._refused = Gauge(
            "leadgauge_refused_rows", "Rows refused by the last pass.", ["connection"], registry=self.registry
        )
        self._states: dict[str, str] = {}
        self._calls_before: dict[str, int] = {}

    def passed(self, connection: str, report: Report) -> None:
        """Count a pass that came to its end."""
        tally = report.tally
        self._states[connection] = report.state
        self._passes.labels(connection, report.kind, report.state).inc()
        self._rows.labels(connection, "written").inc(tally.written)
        self._rows.labels(connection, "refused").inc(tally.refused)
        self._refused.labels(connection).set(tally.refused)
        self._calls.labels(connection).inc(max(tally.calls - self._calls_before.get(connection, 0), 0))
        self._calls_before[connection] = tally.calls
        self._ended.labels(connection).set_to_current_time()

    def failed(self, connection: str, kind: str) -> None:
        """Count a pass that failed."""
        self._states[connection] = "failed"
        self._passes.labels(connection, kind, "failed").inc()

    def health(self) -> tuple[bool, dict[str, str]]:
        """Return whether every connection's last pass came to its end, and how each ended."""
        return "failed" not in self._states.values(), dict(self._states)


class _Silent(WSGIRequestHandler):
    """Logs no requests: a probe every few seconds is no news."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the parent's
        """Say nothing."""


def serve(figures: Figures, host: str, port: int) -> WSGIServer:
    """Serve `/health` and `/metrics` from a thread until the server is shut down."""
    metrics = make_wsgi_app(figures.registry)

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/metrics":
            answer: Iterable[bytes] = metrics(environ, start)
            return answer
        if environ["PATH_INFO"] == "/health":
            well, states = figures.health()
            start("200 OK" if well else "503 Service Unavailable", JSON)
            return [json.dumps({"well": well, "connections": states}).encode()]
        start("404 Not Found", JSON)
        return [b'{"paths": ["/health", "/metrics"]}']

    server = make_server(host, port, app, handler_class=_Silent)
    threading.Thread(target=server.serve_forever, name="figures", daemon=True).start()
    return server
