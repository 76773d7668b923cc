"""A subscriber of the Pub/Sub API that reads events as Salesforce documents them, with an Avro reader of its own."""

import json
import queue
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import grpc
from fastavro import parse_schema, schemaless_reader

from leadgauge_sandbox.salesforce.feeds import messages
from sandbox.tests.salesforce.conftest import Api

PREFIX = "sfdc.platform.eventbus.grpc."


def code_of(error: grpc.RpcError) -> str:
    """Return Salesforce's code in the trailers."""
    return str(dict(error.trailing_metadata() or ()).get("error-code", "")).removeprefix(PREFIX)


@dataclass
class Stream:
    """A Subscribe call."""

    feed: "Feed"
    topic: str
    call: Any
    wishes: "queue.SimpleQueue[Any]"

    def ask(self, number: int, topic: str = "") -> None:
        self.wishes.put(messages.FetchRequest(topic_name=topic, num_requested=number))

    def done(self) -> None:
        self.wishes.put(None)

    def next(self) -> Any:
        return next(self.call)

    def events(self, count: int) -> list[dict[str, Any]]:
        """Return the next events, decoded."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            found += [self.feed.decode(each) for each in self.next().events]
        return found

    def close(self) -> None:
        self.call.cancel()


@dataclass
class Feed:
    """A client of one sandbox."""

    api: Api
    channel: grpc.Channel
    token: str = ""
    streams: list[Stream] = field(default_factory=list)
    schemas: dict[str, Any] = field(default_factory=dict)

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        token = self.token or str(self.api.session.headers["Authorization"]).removeprefix("Bearer ")
        organization = self.api.sandbox.organization
        return (("accesstoken", token), ("instanceurl", self.api.base), ("tenantid", organization))

    def topic(self, name: str) -> Any:
        return self._single("GetTopic", messages.TopicRequest(topic_name=name), messages.TopicInfo)

    def schema(self, identifier: str) -> Any:
        return self._single("GetSchema", messages.SchemaRequest(schema_id=identifier), messages.SchemaInfo)

    def _single(self, method: str, request: Any, answer: Any) -> Any:
        call = self.channel.unary_unary(
            f"/{messages.SERVICE}/{method}", lambda each: each.SerializeToString(), answer.FromString
        )
        return call(request, metadata=self.metadata, timeout=20)

    def subscribe(
        self, topic: str, number: int = 100, *, preset: int = messages.LATEST, replay: bytes = b"", seconds: float = 20
    ) -> Stream:
        wishes: queue.SimpleQueue[Any] = queue.SimpleQueue()
        first = messages.FetchRequest(topic_name=topic, replay_preset=preset, replay_id=replay, num_requested=number)
        wishes.put(first)
        call = self.channel.stream_stream(
            f"/{messages.SERVICE}/Subscribe",
            lambda each: each.SerializeToString(),
            messages.FetchResponse.FromString,
        )
        stream = Stream(self, topic, call(iter(wishes.get, None), metadata=self.metadata, timeout=seconds), wishes)
        self.streams.append(stream)
        if preset == messages.LATEST and number > 0:
            self._await(topic, sum(each.topic == topic for each in self.streams))
        return stream

    def _await(self, topic: str, count: int) -> None:
        """Wait until the server has opened the stream, or refused it: what happens before is not delivered."""
        for _ in range(500):
            if self.streams[-1].call.done() or self.api.control("feed", "GET")["streams"].get(topic, 0) >= count:
                return
            time.sleep(0.01)

    def decode(self, event: Any) -> dict[str, Any]:
        """Return an event with the names of its changed and emptied fields in place of the bitmaps."""
        identifier = event.event.schema_id
        if identifier not in self.schemas:
            self.schemas[identifier] = json.loads(self.schema(identifier).schema_json)
        schema = self.schemas[identifier]
        told: Any = schemaless_reader(BytesIO(event.event.payload), parse_schema(schema), None)
        header = told["ChangeEventHeader"]
        for name in ("changedFields", "nulledFields", "diffFields"):
            header[name] = sorted(named(schema, header[name]))
        return {**told, "replay": event.replay_id, "id": event.event.id}


def named(schema: Any, bitmaps: list[str]) -> Iterator[str]:
    """Yield the names in bitmaps, as ChangeEventHeaderUtility.py of forcedotcom/pub-sub-api reads them."""
    for each in bitmaps:
        place, dash, bits = each.rpartition("-")
        parent = schema["fields"][int(place)] if dash else None
        fields = schema["fields"] if parent is None else _record(schema, parent["type"])["fields"]
        for position, digit in enumerate(reversed(f"{int(bits, 16):b}")):
            if digit == "1":
                name = fields[position]["name"]
                yield name if parent is None else f"{parent['name']}.{name}"


def _record(schema: Any, union: list[Any]) -> Any:
    kind = next(each for each in union if each not in ("null", "string"))
    if isinstance(kind, dict):
        return kind
    kinds = (each for known in schema["fields"] for each in known["type"] if isinstance(known["type"], list))
    return next(each for each in kinds if isinstance(each, dict) and each["name"] == kind)
