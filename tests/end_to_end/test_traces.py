"""Traces have a span for every piece of work of a pass, off unless asked for, and nothing about a person."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from commands.tracing import start_traces, tracing
from pipeline.passes import BACKFILL
from tests.end_to_end.test_logs import personal
from tests.stage import Stage
from vocabulary import doing

Open = Callable[..., Stage]


@pytest.fixture
def collected() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    doing.trace_by(tracing(SimpleSpanProcessor(exporter)))
    yield exporter
    doing.trace_by(None)


def test_a_pass_is_one_trace_of_its_work(scene: Open, collected: InMemorySpanExporter) -> None:
    """Pulls, pages, calls, chunks and batches are below the span of the pass, in all of its threads."""
    stage = scene(40)
    collected.clear()
    stage.do(BACKFILL)
    spans = collected.get_finished_spans()
    (whole,) = named(spans, "pass")
    assert whole.attributes is not None
    assert whole.attributes["connection"] == "main"
    assert whole.attributes["kind"] == "backfill"
    assert whole.attributes["written"] == 40
    assert {"pass", "pull", "page", "call", "score chunk", "push batch"} == {each.name for each in spans}
    assert {each.context.trace_id for each in spans} == {whole.context.trace_id}
    assert sum(number(each, "rows") for each in named(spans, "push batch")) == 40
    assert sum(number(each, "rows") for each in named(spans, "score chunk")) == 40


def test_a_call_has_method_status_and_a_path_without_ids(scene: Open, collected: InMemorySpanExporter) -> None:
    stage = scene(40)
    stage.do(BACKFILL)
    calls = named(collected.get_finished_spans(), "call")
    assert all({"method", "path", "status"} <= set(each.attributes or {}) for each in calls)
    parts = {part for each in calls for part in str((each.attributes or {})["path"]).split("/")}
    assert not [part for part in parts if "?" in part or "@" in part]
    assert not parts & set(stage.people())


def test_no_attribute_has_anything_of_a_person(scene: Open, collected: InMemorySpanExporter) -> None:
    stage = scene(40)
    stage.do(BACKFILL)
    said = [str(value) for each in collected.get_finished_spans() for value in (each.attributes or {}).values()]
    assert [one for one in personal(stage) if one in said or (len(one) > 5 and one in " ".join(said))] == []


def test_an_error_leaves_its_kind_but_not_its_text(collected: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="ada@example"), doing.span("call"):
        raise ValueError("ada@example.com")
    (only,) = collected.get_finished_spans()
    assert dict(only.attributes or {}) == {"error.type": "ValueError"}
    assert not only.events
    assert only.status.description is None


def test_nothing_is_traced_or_imported_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    start_traces(None)
    with doing.span("call") as span:
        assert type(span).__module__ == "vocabulary.doing"
    code = "import sys, worker, commands.run; print([name for name in sys.modules if name.startswith('opentelemetry')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.strip() == "[]"


def named(spans: Sequence[ReadableSpan], name: str) -> list[ReadableSpan]:
    return [each for each in spans if each.name == name]


def number(span: ReadableSpan, name: str) -> int:
    value = (span.attributes or {})[name]
    assert isinstance(value, int)
    return value
