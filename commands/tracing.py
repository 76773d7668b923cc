"""Sends traces by OpenTelemetry, where the settings or the environment say to whom."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from config.settings import Traces
from vocabulary.doing import Fields, Span, trace_by

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
"""The environment variables that OpenTelemetry itself reads."""
_PATH: Final = "v1/traces"


class NoTraces(Exception):  # noqa: N818 - named for what there is
    """Traces are wanted, but cannot be sent."""

    exit_code = 2


def start_traces(traces: Traces | None) -> None:
    """Send traces from now on, if the settings have `traces` or the environment names an endpoint."""
    if traces is None and not any(os.environ.get(name) for name in ENDPOINTS):
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - an extra
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise NoTraces(
            "Traces need the extra `traces`: pip install 'leadgauge[traces]'. Or remove `traces` from the settings, and"
            f" {ENDPOINTS[1]} from the environment."
        ) from error
    endpoint = None if traces is None or traces.endpoint is None else f"{traces.endpoint.rstrip('/')}/{_PATH}"
    trace_by(tracing(BatchSpanProcessor(OTLPSpanExporter(endpoint)), 1.0 if traces is None else traces.share))


def tracing(processor: "SpanProcessor", share: float = 1.0) -> Callable[[str, Fields], AbstractContextManager[Span]]:
    """Return what begins spans that a processor takes, of this share of the passes."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - as above
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased  # noqa: PLC0415 - as above

    of_us = Resource.create({"service.name": "leadgauge", "service.version": version("leadgauge")})
    provider = TracerProvider(resource=of_us, sampler=ParentBased(TraceIdRatioBased(share)))
    provider.add_span_processor(processor)
    tracer = provider.get_tracer("leadgauge")

    @contextmanager
    def begin(name: str, attributes: Fields) -> Iterator[Span]:
        # An error's text may quote what a CRM sent, so only its kind is noted.
        with tracer.start_as_current_span(
            name, attributes=dict(attributes), record_exception=False, set_status_on_exception=False
        ) as begun:
            try:
                yield begun
            except BaseException as error:
                begun.set_attribute("error.type", type(error).__name__)
                raise

    return begin
