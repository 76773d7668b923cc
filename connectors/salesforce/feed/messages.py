"""The part of the Pub/Sub API's protocol that is used, with its names and numbers.

The protocol is CC0: https://github.com/forcedotcom/pub-sub-api/blob/main/pubsub_api.proto (2026-11). The messages live
in a pool of their own, because the default one takes a name only once in a process.
"""

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE: Final = "eventbus.v1"
_PRESETS: Final = {"LATEST": 0, "EARLIEST": 1, "CUSTOM": 2}
LATEST: Final = _PRESETS["LATEST"]
CUSTOM: Final = _PRESETS["CUSTOM"]

_Field = descriptor_pb2.FieldDescriptorProto
_TYPES: Final = {
    "string": _Field.TYPE_STRING,
    "bytes": _Field.TYPE_BYTES,
    "int32": _Field.TYPE_INT32,
    "bool": _Field.TYPE_BOOL,
}
_MESSAGES: Final[Mapping[str, Mapping[str, tuple[int, str]]]] = {
    "ProducerEvent": {"id": (1, "string"), "schema_id": (2, "string"), "payload": (3, "bytes")},
    "ConsumerEvent": {"event": (1, "ProducerEvent"), "replay_id": (2, "bytes")},
    "FetchRequest": {
        "topic_name": (1, "string"),
        "replay_preset": (2, "ReplayPreset"),
        "replay_id": (3, "bytes"),
        "num_requested": (4, "int32"),
    },
    "FetchResponse": {
        "events": (1, "repeated ConsumerEvent"),
        "latest_replay_id": (2, "bytes"),
        "rpc_id": (3, "string"),
        "pending_num_requested": (4, "int32"),
    },
    "TopicRequest": {"topic_name": (1, "string")},
    "TopicInfo": {"topic_name": (1, "string"), "can_subscribe": (4, "bool")},
    "SchemaRequest": {"schema_id": (1, "string")},
    "SchemaInfo": {"schema_json": (1, "string"), "schema_id": (2, "string"), "rpc_id": (3, "string")},
}
"""Number and type of each field of each message."""


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name="leadgauge/pubsub.proto", package=_PACKAGE, syntax="proto3")
    presets = file.enum_type.add(name="ReplayPreset")
    for name, number in _PRESETS.items():
        presets.value.add(name=name, number=number)
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (number, type_) in fields.items():
            message.field.add(name=field, number=number, **_typed(type_))
    return file


def _typed(type_: str) -> dict[str, Any]:
    """Return the attributes of a field of a type."""
    label = _Field.LABEL_REPEATED if type_.startswith("repeated ") else _Field.LABEL_OPTIONAL
    name = type_.removeprefix("repeated ")
    if name in _TYPES:
        return {"label": label, "type": _TYPES[name]}
    kind = _Field.TYPE_ENUM if name == "ReplayPreset" else _Field.TYPE_MESSAGE
    return {"label": label, "type": kind, "type_name": f".{_PACKAGE}.{name}"}


_CLASSES: Final = message_factory.GetMessages([_file()], pool=descriptor_pool.DescriptorPool())  # type: ignore[no-untyped-call, unused-ignore]


def _class(name: str) -> Any:
    return _CLASSES[f"{_PACKAGE}.{name}"]


FetchRequest: Final = _class("FetchRequest")
FetchResponse: Final = _class("FetchResponse")
TopicRequest: Final = _class("TopicRequest")
TopicInfo: Final = _class("TopicInfo")
SchemaRequest: Final = _class("SchemaRequest")
SchemaInfo: Final = _class("SchemaInfo")

SUBSCRIBE: Final = f"/{_PACKAGE}.PubSub/Subscribe"
GET_TOPIC: Final = f"/{_PACKAGE}.PubSub/GetTopic"
GET_SCHEMA: Final = f"/{_PACKAGE}.PubSub/GetSchema"
