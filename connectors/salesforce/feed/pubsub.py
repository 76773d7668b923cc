"""The Pub/Sub API over gRPC: a channel of calls, and what its failures mean."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import grpc

from connectors.base import BudgetSpent, ConfigurationError
from connectors.retrying import Fatal, Lost, Refused, Verdict
from connectors.salesforce.errors import NEXT_LOOK
from connectors.salesforce.feed import messages
from connectors.salesforce.settings import LOOPBACK

# Salesforce's own sign of life comes only every 270 seconds, so a connection that a gateway dropped would go unnoticed
# until then: https://github.com/pozil/pub-sub-api-node-client/pull/96 (2026-05).
_PING_EVERY: Final = 120_000
_PING_TIMEOUT: Final = 20_000
# A batch has up to 100 events of 1 MB each, and gRPC takes no more than 4 MB unless told:
# https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_allocations.htm
# (2026-11).
_LARGEST: Final = 128 << 20
_SECONDS: Final = 30.0
"""How long a call with one answer may take."""

_CODES: Final = "sfdc.platform.eventbus.grpc."
"""How Salesforce's codes begin, which are in the trailer `error-code`:
https://developer.salesforce.com/docs/platform/pub-sub-api/guide/handling-errors.html (2026-11)."""

_LOST_PLACE: Final = frozenset(
    {
        "subscription.fetch.replayid.corrupted",
        "subscription.fetch.replayid.validation.failed",
    }
)
_AGAIN: Final = frozenset({"subscription.fetch.replay.repeated", "subscription.fetch.overflow"})
"""The subscription went wrong, and a new one after the last event is right."""
_SPENT: Final = "subscription.limit.exceeded"
_CROWDED: Final = frozenset(
    {
        "concurrent.client.limit.exceeded",
        "service.protection.stream.limit.triggered",
        "service.protection.triggered",
    }
)
_UNLICENSED: Final = "service.tenant.license"
_FORBIDDEN: Final = frozenset(
    {
        "topic.not.found",
        "topic.meta.permission",
        "schema.meta.permission",
        "subscription.topic.cannot.subscribe",
        _UNLICENSED,
    }
)
_SIGN_IN: Final = frozenset({"service.auth.error", "service.auth.headers.invalid", "service.auth.refresh.invalid"})

_GRANT: Final = (
    "Run `leadgauge provision`, which makes the channel, or correct `feed.channels`; and let the integration user read"
    " the objects: a subscriber to several needs `View All Data` or reading of each, see docs/salesforce.md."
)


_UNREACHED: Final = "Check that a firewall lets `feed.endpoint` through; see https://status.salesforce.com."


@dataclass
class Failure(Exception):  # noqa: N818 - raised and judged inside this package
    """A call that failed: gRPC's status, Salesforce's code without its beginning, and what it said."""

    status: str
    code: str
    text: str

    def __str__(self) -> str:
        return " ".join(part for part in (self.status, self.code, self.text) if part)

    @classmethod
    def of(cls, error: Any) -> "Failure":
        """Read a failed call."""
        trailers = dict(error.trailing_metadata() or ())
        code = str(trailers.get("error-code", "")).removeprefix(_CODES)
        return cls(error.code().name, code, error.details() or "")

    @property
    def lost_place(self) -> bool:
        """Whether the replay id means nothing to Salesforce: it is older than 72 hours, or of another instance."""
        return self.code in _LOST_PLACE

    @property
    def is_sign_in(self) -> bool:
        """Whether the session has ended."""
        return self.code in _SIGN_IN or (not self.code and self.status == "UNAUTHENTICATED")

    @property
    def is_spent(self) -> bool:
        """Whether the events of a day have been delivered."""
        return self.code == _SPENT or (not self.code and self.status == "RESOURCE_EXHAUSTED")

    @property
    def is_refusal(self) -> bool:
        """Whether a person must change something."""
        if self.code in _FORBIDDEN:
            return True
        is_final = self.status in {"INVALID_ARGUMENT", "PERMISSION_DENIED", "NOT_FOUND", "UNIMPLEMENTED"}
        return is_final and self.code not in _AGAIN | _CROWDED


def classify(error: Exception) -> Verdict:
    """Return whether a failed call may be repeated."""
    if not isinstance(error, Failure):
        return Fatal(error)
    if error.is_spent:
        message = "The events that Salesforce delivers in 24 hours are used up."
        return Fatal(BudgetSpent(message, datetime.now(UTC) + NEXT_LOOK, answer=str(error)))
    if error.is_refusal:
        remedy = "Ask Salesforce for the Pub/Sub API." if error.code == _UNLICENSED else _GRANT
        return Fatal(ConfigurationError("Salesforce refuses the feed.", answer=str(error), remedy=remedy))
    if error.code in _CROWDED:
        return Refused(str(error), remedy="Too many programs listen to the org's events: close others.")
    return Lost(str(error), remedy=_UNREACHED)


@dataclass(frozen=True, slots=True)
class Access:
    """What each call is signed with.

    https://developer.salesforce.com/docs/platform/pub-sub-api/guide/supported-auth.html (2026-11).
    """

    token: str
    instance: str
    organization: str

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """The metadata of a call."""
        return (("accesstoken", self.token), ("instanceurl", self.instance), ("tenantid", self.organization))


class PubSub:
    """The service at an endpoint."""

    def __init__(self, endpoint: str) -> None:
        """Connect with the first call, without encryption on this machine only."""
        host = endpoint.rpartition(":")[0]
        is_here = host in LOOPBACK
        options = [
            ("grpc.keepalive_time_ms", _PING_EVERY),
            ("grpc.keepalive_timeout_ms", _PING_TIMEOUT),
            ("grpc.max_receive_message_length", _LARGEST),
            ("grpc.enable_http_proxy", 0 if is_here else 1),
            ("grpc.initial_reconnect_backoff_ms", 200),
            ("grpc.use_local_subchannel_pool", 1),
        ]
        self._channel = (
            grpc.insecure_channel(endpoint, options)
            if is_here
            else grpc.secure_channel(endpoint, grpc.ssl_channel_credentials(), options)
        )
        self._subscribe: Any = self._channel.stream_stream(
            messages.SUBSCRIBE,
            request_serializer=messages.FetchRequest.SerializeToString,
            response_deserializer=messages.FetchResponse.FromString,
        )
        self._get_topic: Any = self._channel.unary_unary(
            messages.GET_TOPIC,
            request_serializer=messages.TopicRequest.SerializeToString,
            response_deserializer=messages.TopicInfo.FromString,
        )
        self._get_schema: Any = self._channel.unary_unary(
            messages.GET_SCHEMA,
            request_serializer=messages.SchemaRequest.SerializeToString,
            response_deserializer=messages.SchemaInfo.FromString,
        )

    def subscribe(self, requests: Iterator[Any], access: Access) -> Any:
        """Return the call whose iteration yields the responses to requests."""
        return self._subscribe(requests, metadata=access.metadata)

    def schema(self, id_: str, access: Access) -> str:
        """Return a schema as JSON."""
        return str(self._asked(self._get_schema, messages.SchemaRequest(schema_id=id_), access).schema_json)

    def can_subscribe(self, topic: str, access: Access) -> bool:
        """Return whether a topic may be subscribed to."""
        return bool(self._asked(self._get_topic, messages.TopicRequest(topic_name=topic), access).can_subscribe)

    @staticmethod
    def _asked(call: Any, request: Any, access: Access) -> Any:
        try:
            return call(request, metadata=access.metadata, timeout=_SECONDS)
        except grpc.RpcError as error:
            raise Failure.of(error) from error

    def close(self) -> None:
        """End all calls."""
        self._channel.close()
