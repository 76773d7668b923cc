"""What change events say, decoded from Avro by their schemas."""

import io
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import fastavro
import orjson

from connectors.salesforce.feed.bitmaps import Place, Undecodable, changed, places

HEADER: Final = "ChangeEventHeader"
OVERFLOW: Final = "GAP_OVERFLOW"
UPDATE: Final = "UPDATE"
_BITMAPS: Final = ("changedFields", "nulledFields", "diffFields")


_UNREADABLE: Final = (
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    EOFError,
    OverflowError,
    OSError,
    StopIteration,
    struct.error,
    fastavro.read.SchemaResolutionError,
)
"""What bytes that are no event of their schema end in."""


@dataclass(frozen=True, slots=True)
class Change:
    """One event: what happened to which records of an object."""

    object: str
    type: str
    """`CREATE`, `UPDATE`, `DELETE` or `UNDELETE`, each with `GAP_` before it if only the header is known."""
    records: tuple[str, ...]
    origin: str
    """What made the change, such as `com/salesforce/api/rest/67.0;client=leadgauge`; empty if it is not told."""
    fields: frozenset[str]
    """The API names of the fields that an update changed, in lower case."""
    at: datetime

    @property
    def client(self) -> str:
        """The client that made the change, if it gave its name."""
        return self.origin.partition(";client=")[2].rstrip("/")


@dataclass(frozen=True, slots=True)
class _Schema:
    writer: Any
    """The schema as parsed for decoding."""
    reader: Any
    """The same with the header only, so that the rest is skipped."""
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Schemas:
    """Decodes events, asking for each schema once."""

    ask: Callable[[str], str]
    """Returns the JSON of a schema by its id."""
    _known: dict[str, _Schema] = field(default_factory=dict)

    def change(self, schema_id: str, payload: bytes) -> Change:
        """Return what an event says. Raise `Undecodable` if it cannot be read."""
        schema = self._schema(schema_id)
        try:
            record: Any = fastavro.schemaless_reader(io.BytesIO(payload), schema.writer, schema.reader)
            return _change(schema.places, record[HEADER])
        except _UNREADABLE as error:
            raise Undecodable(f"an event of schema {schema_id} cannot be read: {error}") from error

    def _schema(self, schema_id: str) -> _Schema:
        if schema_id not in self._known:
            self._known[schema_id] = _parsed(schema_id, self.ask(schema_id))
        return self._known[schema_id]


def _parsed(schema_id: str, text: str) -> _Schema:
    try:
        schema = orjson.loads(text)
        header = next(one for one in schema["fields"] if one["name"] == HEADER)
        reader = fastavro.parse_schema({**schema, "fields": [header]})
        return _Schema(fastavro.parse_schema(schema), reader, places(schema))
    except (ValueError, KeyError, TypeError, StopIteration, fastavro.schema.SchemaParseException) as error:
        raise Undecodable(f"the schema {schema_id} cannot be read: {error}") from error


def _change(schema: tuple[Place, ...], header: Mapping[str, Any]) -> Change:
    bitmaps = [bitmap for name in _BITMAPS for bitmap in header.get(name) or ()]
    return Change(
        object=header["entityName"],
        type=header["changeType"],
        records=tuple(header["recordIds"]),
        origin=header.get("changeOrigin") or "",
        fields=changed(schema, bitmaps),
        at=datetime.fromtimestamp(header["commitTimestamp"] / 1000, UTC),
    )
