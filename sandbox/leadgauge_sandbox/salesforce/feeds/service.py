"""The methods of the Pub/Sub API."""

import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

import grpc

from leadgauge_sandbox.salesforce.feeds import messages, refusals
from leadgauge_sandbox.salesforce.feeds.bus import Bus
from leadgauge_sandbox.salesforce.feeds.channels import Topic
from leadgauge_sandbox.salesforce.feeds.messages import SchemaInfo, TopicInfo
from leadgauge_sandbox.salesforce.feeds.refusals import Refused
from leadgauge_sandbox.salesforce.feeds.schemas import Schemas
from leadgauge_sandbox.salesforce.feeds.subscription import Subscription, Timing, may_see
from leadgauge_sandbox.salesforce.gate import user_of
from leadgauge_sandbox.salesforce.state import Sandbox

HEADERS: Final = ("accesstoken", "instanceurl", "tenantid")
SHORT: Final = 15


class Service:
    """Answers RPCs; each in a thread of its own."""

    def __init__(self, sandbox: Sandbox, bus: Bus, schemas: Schemas, timing: Timing) -> None:
        """Serve one org."""
        self._sandbox, self._bus, self._schemas, self._timing = sandbox, bus, schemas, timing
        self._draw = random.Random(f"{bus.seed} rpc")
        self.streams: Counter[str] = Counter()
        """The open subscriptions by topic."""

    def handlers(self) -> grpc.GenericRpcHandler:
        """Return the handlers by method."""
        single, stream = grpc.unary_unary_rpc_method_handler, grpc.stream_stream_rpc_method_handler
        methods = {
            "GetTopic": single(self._single(self._topic), messages.TopicRequest.FromString, _to_bytes),
            "GetSchema": single(self._single(self._schema), messages.SchemaRequest.FromString, _to_bytes),
            "Subscribe": stream(self._subscribe, messages.FetchRequest.FromString, _to_bytes),
            "Publish": single(self._unserved("Publish"), messages.PublishRequest.FromString, _to_bytes),
            "PublishStream": stream(self._unserved("PublishStream"), messages.PublishRequest.FromString, _to_bytes),
            "ManagedSubscribe": stream(
                self._unserved("ManagedSubscribe"), messages.ManagedFetchRequest.FromString, _to_bytes
            ),
        }
        return grpc.method_handlers_generic_handler(messages.SERVICE, methods)

    def _single(self, method: Callable[[Any, str, str], Any]) -> Callable[[Any, Any], Any]:
        """Return the handler of a method that takes a message, the user and the id of the RPC."""

        def handle(request: Any, context: Any) -> Any:
            rpc_id = self._rpc_id()
            with self._sandbox.org.journal.lock:
                try:
                    return method(request, self._user(context, method.__name__), rpc_id)
                except Refused as refused:
                    answer = refused
            return _abort(context, answer, rpc_id)

        return handle

    def _unserved(self, name: str) -> Callable[[Any, Any], Any]:
        def handle(_request: Any, context: Any) -> Any:
            return _abort(context, refusals.unimplemented(name), self._rpc_id())

        return handle

    def _topic(self, request: Any, _user: str, rpc_id: str) -> Any:
        """GetTopic: channels of several objects have no schema of their own.

        https://github.com/pozil/pub-sub-api-node-client/issues/34 (2024-05-31).
        """
        topic = self._found(request.topic_name)
        return TopicInfo(
            topic_name=topic.name,
            tenant_guid=f"CORE/prod/{self._sandbox.organization}",
            can_publish=False,
            can_subscribe=topic.sobject is None or may_see(self._sandbox, topic.sobject.name),
            schema_id="" if topic.sobject is None else self._schemas.of(topic.sobject).identifier,
            rpc_id=rpc_id,
        )

    def _schema(self, request: Any, _user: str, rpc_id: str) -> Any:
        schema = self._schemas.find(request.schema_id)
        if schema is None:
            raise refusals.no_schema()
        return SchemaInfo(schema_json=schema.text, schema_id=schema.identifier, rpc_id=rpc_id)

    def _subscribe(self, requests: Iterator[Any], context: Any) -> Iterator[Any]:
        rpc_id = self._rpc_id()
        try:
            subscription = self._opened(requests, context, rpc_id)
            if subscription is not None:
                yield from self._counted(subscription, context)
        except Refused as refused:
            _abort(context, refused, rpc_id)

    def _counted(self, subscription: Subscription, context: Any) -> Iterator[Any]:
        """Yield the responses of a subscription, which counts as open meanwhile."""
        name = subscription.topic.name
        self.streams[name] += 1
        try:
            yield from subscription.responses(context)
        finally:
            self.streams[name] -= 1

    def _opened(self, requests: Iterator[Any], context: Any, rpc_id: str) -> Subscription | None:
        """Return the subscription that the first request asks for; None if there is no request."""
        first = next(requests, None)
        if first is None:
            return None
        with self._sandbox.org.journal.lock:
            user = self._user(context, "Subscribe")
            topic = self._found(first.topic_name)
            if topic.sobject is not None and not may_see(self._sandbox, topic.sobject.name):
                raise refusals.no_right(topic.name)
        subscription = Subscription(self._sandbox, self._bus, topic, user, self._timing, rpc_id)
        subscription.start(first)
        subscription.listen(requests)
        return subscription

    def _user(self, context: Any, path: str) -> str:
        """Return the user whose session the metadata name.

        https://developer.salesforce.com/docs/platform/pub-sub-api/guide/supported-auth.md (2026-11)
        """
        given = {key: value for key, value in context.invocation_metadata() if isinstance(value, str)}
        missing = next((name for name in HEADERS if not given.get(name, "").strip()), None)
        if missing is not None:
            raise refusals.bad_headers(missing)
        if given["tenantid"].rpartition("/")[2][:SHORT] != self._sandbox.organization[:SHORT]:
            raise refusals.unauthenticated()
        user = user_of(self._sandbox, given["accesstoken"], f"PubSub/{path}")
        if user is None:
            raise refusals.unauthenticated()
        return user

    def _found(self, name: str) -> Topic:
        if not name:
            raise refusals.no_topic_name()
        topic = self._sandbox.feed.channels.topic(name)
        if topic is None:
            raise refusals.no_topic(self._sandbox.organization, name)
        return topic

    def _rpc_id(self) -> str:
        return str(uuid.UUID(int=self._draw.getrandbits(128), version=4))


def _to_bytes(message: Any) -> bytes:
    return bytes(message.SerializeToString())


def _abort(context: Any, refused: Refused, rpc_id: str) -> Any:
    trailers = [("error-code", refused.code)] if refused.code else []
    context.set_trailing_metadata((*trailers, ("rpc-id", rpc_id)))
    return context.abort(refused.status, f"{refused.message} rpcId: {rpc_id}" if refused.code else refused.message)
