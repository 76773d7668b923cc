"""The messages of the Pub/Sub API.

They live in a pool of their own: a client in the same process may register the same names from its own description.
"""

from pathlib import Path
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SERVICE: Final = "eventbus.v1.PubSub"
DESCRIPTION: Final = Path(__file__).parent / "pubsub_api.binpb"

_POOL: Final = descriptor_pool.DescriptorPool()
for _file in descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTION.read_bytes()).file:
    _POOL.Add(_file)


def _message(name: str) -> Any:
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"eventbus.v1.{name}"))


TopicRequest: Final = _message("TopicRequest")
TopicInfo: Final = _message("TopicInfo")
SchemaRequest: Final = _message("SchemaRequest")
SchemaInfo: Final = _message("SchemaInfo")
FetchRequest: Final = _message("FetchRequest")
FetchResponse: Final = _message("FetchResponse")
ConsumerEvent: Final = _message("ConsumerEvent")
ProducerEvent: Final = _message("ProducerEvent")
PublishRequest: Final = _message("PublishRequest")
PublishResponse: Final = _message("PublishResponse")
ManagedFetchRequest: Final = _message("ManagedFetchRequest")
ManagedFetchResponse: Final = _message("ManagedFetchResponse")

LATEST, EARLIEST, CUSTOM = 0, 1, 2
"""Where a subscription starts (`ReplayPreset`)."""
