"""A small event bus that speaks the Pub/Sub API: enough of it to listen to, cut and lie about."""

import contextlib
import io
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import fastavro
import grpc

from connectors.salesforce.feed import messages

HEADER = {
    "name": "ChangeEventHeader",
    "type": {
        "type": "record",
        "name": "ChangeEventHeader",
        "fields": [
            {"name": "entityName", "type": "string"},
            {"name": "recordIds", "type": {"type": "array", "items": "string"}},
            {
                "name": "changeType",
                "type": {
                    "type": "enum",
                    "name": "ChangeType",
                    "symbols": [
                        *("CREATE", "UPDATE", "DELETE", "UNDELETE"),
                        *("GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE", "GAP_OVERFLOW"),
                    ],
                },
            },
            {"name": "changeOrigin", "type": "string"},
            {"name": "transactionKey", "type": "string"},
            {"name": "sequenceNumber", "type": "int"},
            {"name": "commitTimestamp", "type": "long"},
            {"name": "commitNumber", "type": "long"},
            {"name": "commitUser", "type": "string"},
            {"name": "nulledFields", "type": {"type": "array", "items": "string"}},
            {"name": "diffFields", "type": {"type": "array", "items": "string"}},
            {"name": "changedFields", "type": {"type": "array", "items": "string"}},
        ],
    },
}
OUR_ORIGIN = "com/salesforce/api/rest/67.0;client=leadgauge"
AT = 1_793_000_000_000


def schema_of(name: str, fields: Sequence[str]) -> dict[str, Any]:
    """Return the schema of an object's change event, each field an optional text."""
    body = [{"name": one, "type": ["null", "string"], "default": None} for one in fields]
    return {
        "type": "record",
        "name": f"{name}ChangeEvent",
        "namespace": "com.sforce.eventbus",
        "fields": [HEADER, *body],
    }


@dataclass
class Failing:
    """What a call answers instead: a status and Salesforce's code."""

    status: grpc.StatusCode
    code: str = ""
    said: str = "no"


@dataclass
class Bus:
    """Topics with their events, and what is asked of them."""

    schemas: dict[str, dict[str, Any]] = field(default_factory=dict)
    topics: dict[str, list[tuple[bytes, str, bytes]]] = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    signed: list[Mapping[str, str]] = field(default_factory=list)
    schemas_asked: list[str] = field(default_factory=list)
    failures: list[Failing] = field(default_factory=list)
    """What the next subscriptions answer."""
    cut_after: int | None = None
    """After how many events the next call is cut."""
    forgotten: set[bytes] = field(default_factory=set)
    """Replay ids that are too old."""
    valid_token: str | None = None
    lives: int = 0
    """How often an empty response was asked for."""
    silent: int = 0
    """How many of the next calls never send anything."""
    most: int = 7
    """Events per response."""
    outstanding: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def publish(self, topic: str, name: str, records: Sequence[str], type_: str = "UPDATE", **header: Any) -> bytes:
        """Put an event on a topic, and return its replay id."""
        fields = self.schemas[name]
        told = {
            "entityName": name,
            "recordIds": list(records),
            "changeType": type_,
            "changeOrigin": "",
            "transactionKey": "k",
            "sequenceNumber": 1,
            "commitTimestamp": AT,
            "commitNumber": 1,
            "commitUser": "005000000000001AAA",
            "nulledFields": [],
            "diffFields": [],
            "changedFields": [],
        }
        out = io.BytesIO()
        fastavro.schemaless_writer(out, fastavro.parse_schema(fields), {"ChangeEventHeader": told | header})
        return self.put(topic, f"schema-{name}", out.getvalue())

    def put(self, topic: str, schema: str, payload: bytes) -> bytes:
        """Put bytes on a topic."""
        with self.changed:
            events = self.topics.setdefault(topic, [])
            replay = (len(events) * 3 + 5).to_bytes(8, "big")  # neither contiguous nor a number to a client
            events.append((replay, schema, payload))
            self.changed.notify_all()
        return replay

    def bits(self, name: str, *fields: str) -> list[str]:
        """Return the bitmap of fields of an object."""
        names = [one["name"] for one in self.schemas[name]["fields"]]
        return [hex(sum(1 << names.index(one) for one in fields))]

    def live(self) -> None:
        """Send an empty response to each subscriber."""
        with self.changed:
            self.lives += 1
            self.changed.notify_all()

    def subscribe(self, requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        self._admit(context)
        if self.failures:
            self._abort(context, self.failures.pop(0))
        first = next(requests)
        events = self.topics.setdefault(first.topic_name, [])
        at = len(events)
        if first.replay_preset == messages.CUSTOM:
            known = [replay for replay, *_ in events]
            if first.replay_id in self.forgotten or first.replay_id not in [*known, b"start"]:
                code = "subscription.fetch.replayid.corrupted"
                self._abort(context, Failing(grpc.StatusCode.INVALID_ARGUMENT, code))
            at = known.index(first.replay_id) + 1 if first.replay_id in known else 0
        self.asked.append(first)
        pending = [first.num_requested]
        threading.Thread(target=self._count, args=(requests, pending), daemon=True).start()
        sent, lives = 0, self.lives
        is_silent, self.silent = self.silent > 0, max(self.silent - 1, 0)
        while context.is_active():
            if is_silent:
                time.sleep(0.05)
                continue
            with self.changed:
                if not (at < len(events) and pending[0]) and lives == self.lives:
                    self.changed.wait(0.05)
                    continue
                batch = events[at : at + min(self.most, pending[0])]
                if self.cut_after is not None:
                    batch = batch[: self.cut_after - sent]
                lives, pending[0] = self.lives, pending[0] - len(batch)
                self.outstanding = max(self.outstanding, pending[0])
            at, sent = at + len(batch), sent + len(batch)
            yield messages.FetchResponse(
                events=[{"event": {"schema_id": s, "payload": p}, "replay_id": r} for r, s, p in batch],
                latest_replay_id=events[at - 1][0] if at else b"start",
                pending_num_requested=pending[0],
            )
            if self.cut_after is not None and sent >= self.cut_after:
                self.cut_after = None
                time.sleep(0.05)
                context.abort(grpc.StatusCode.UNAVAILABLE, "cut")

    def _count(self, requests: Iterator[Any], pending: list[int]) -> None:
        with contextlib.suppress(Exception):  # the call ended
            for request in requests:
                with self.changed:
                    self.asked.append(request)
                    pending[0] += request.num_requested
                    self.changed.notify_all()

    def get_schema(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._admit(context)
        self.schemas_asked.append(request.schema_id)
        schema = self.schemas[request.schema_id.removeprefix("schema-")]
        return messages.SchemaInfo(schema_json=json.dumps(schema), schema_id=request.schema_id)

    def _admit(self, context: grpc.ServicerContext) -> None:
        told = {key: str(value) for key, value in context.invocation_metadata()}
        self.signed.append(told)
        if self.valid_token not in {None, told.get("accesstoken")}:
            self._abort(context, Failing(grpc.StatusCode.UNAUTHENTICATED, "service.auth.error"))

    def _abort(self, context: grpc.ServicerContext, failing: Failing) -> None:
        if failing.code:
            context.set_trailing_metadata((("error-code", f"sfdc.platform.eventbus.grpc.{failing.code}"),))
        context.abort(failing.status, failing.said)


@contextlib.contextmanager
def serving(bus: Bus) -> Iterator[str]:
    """Serve a bus on this machine; yields its endpoint."""
    server = grpc.server(ThreadPoolExecutor(8))
    handlers = {
        "Subscribe": grpc.stream_stream_rpc_method_handler(
            bus.subscribe, messages.FetchRequest.FromString, messages.FetchResponse.SerializeToString
        ),
        "GetSchema": grpc.unary_unary_rpc_method_handler(
            bus.get_schema, messages.SchemaRequest.FromString, messages.SchemaInfo.SerializeToString
        ),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("eventbus.v1.PubSub", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(0.1).wait(2)
