"""The Avro schemas of change events, by id, and the positions of fields in them."""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any, Final
from zlib import crc32

from fastavro import parse_schema, schemaless_writer

from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.feeds.channels import event_name
from leadgauge_sandbox.salesforce.schema.field import NUMBERS, Field
from leadgauge_sandbox.salesforce.schema.sobject import SObject

# Two schemas of a real org, and the order of the header's fields:
# https://github.com/Valeriyyy/SalesforceGRPC/tree/master/SalesforceGrpc/avro (2026-11).
CHANGE_TYPES: Final = (
    *("CREATE", "UPDATE", "DELETE", "UNDELETE"),
    *("GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE", "GAP_OVERFLOW", "SNAPSHOT"),
)
_TEXTS: Final = {"type": "array", "items": "string"}
_HEADER: Final[tuple[tuple[str, Any], ...]] = (
    ("entityName", "string"),
    ("recordIds", _TEXTS),
    ("changeType", {"type": "enum", "name": "ChangeType", "symbols": list(CHANGE_TYPES)}),
    ("changeOrigin", "string"),
    ("transactionKey", "string"),
    ("sequenceNumber", "int"),
    ("commitTimestamp", "long"),
    ("commitNumber", "long"),
    ("commitUser", "string"),
    ("nulledFields", _TEXTS),
    ("diffFields", _TEXTS),
    ("changedFields", _TEXTS),
)
HEADER: Final = "ChangeEventHeader"
# "The fields that a change event doesn't include": IsDeleted, SystemModstamp, and values that are derived, such as
# LastActivityDate, PhotoUrl and formulas:
# https://developer.salesforce.com/docs/atlas.en-us.252.0.change_data_capture.meta/change_data_capture/cdc_message_structure.htm
# (2026-11). The ids are in the header.
_LEFT_OUT: Final = frozenset(
    {
        *("Id", "IsDeleted", "SystemModstamp", "MasterRecordId", "PhotoUrl"),
        *("LastActivityDate", "LastViewedDate", "LastReferencedDate"),
    }
)
_PERSON: Final = ("Salutation", "FirstName", "LastName")
_ADDRESS: Final = ("Street", "City", "State", "PostalCode", "Country", "Latitude", "Longitude", "GeocodeAccuracy")
_DECIMAL: Final = frozenset({"Latitude", "Longitude"})
_AVRO: Final = {"boolean": "boolean", "int": "int", "date": "long", "datetime": "long"}
_DOCS: Final = {
    "reference": "ForeignKey:EntityId",
    "boolean": "Data:Boolean",
    "int": "Data:Integer",
    "double": "Data:Double",
    "currency": "Data:Currency",
    "percent": "Data:Percent",
    "date": "Data:DateOnly",
    "datetime": "Data:DateTime",
    "email": "Data:Email",
    "phone": "Data:Phone",
    "url": "Data:Url",
    "multipicklist": "Data:MultiEnum",
    "textarea": "Data:StringPlusClob",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a field in a schema."""

    position: int
    name: str
    """The field of the schema: the compound one for a part."""
    part: int | None = None
    part_name: str = ""


@dataclass(frozen=True, slots=True)
class EventSchema:
    """The schema of an object's change events, as the object was at one time."""

    identifier: str
    text: str
    names: tuple[str, ...]
    """The fields in order."""
    slots: Mapping[str, Slot]
    """The place of each of the object's fields."""
    parsed: Any

    def encode(self, event: Mapping[str, Any]) -> bytes:
        """Return an event in Avro's binary form."""
        stream = BytesIO()
        schemaless_writer(stream, self.parsed, event)
        return stream.getvalue()

    def body(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of an event with the given values of the object's fields, the others null."""
        body: dict[str, Any] = dict.fromkeys(self.names[1:])
        for name, value in values.items():
            slot = self.slots[name]
            if slot.part is None:
                body[slot.name] = as_avro(value)
            elif value is not None:
                body[slot.name] = {**(body[slot.name] or {}), slot.part_name: as_avro(value)}
        return body

    def bitmap(self, names: Iterable[str]) -> list[str]:
        """Return the bitmaps of some of the object's fields: of the top level, and of each compound field.

        https://developer.salesforce.com/docs/platform/pub-sub-api/guide/event-deserialization-considerations.html
        (2026-11).
        """
        whole, parts = 0, dict[int, int]()
        for slot in (self.slots[name] for name in names):
            if slot.part is None:
                whole |= 1 << slot.position
            else:
                parts[slot.position] = parts.get(slot.position, 0) | 1 << slot.part
        nested = [f"{position}-{_hexadecimal(bits)}" for position, bits in sorted(parts.items())]
        return [_hexadecimal(whole), *nested] if whole else nested


@dataclass(slots=True)
class Schemas:
    """All schemas of an org, also those of earlier times."""

    _by_id: dict[str, EventSchema] = field(default_factory=dict)
    _latest: dict[str, tuple[list[Field], EventSchema]] = field(default_factory=dict)

    def find(self, identifier: str) -> EventSchema | None:
        """Return the schema with an id."""
        return self._by_id.get(identifier)

    def of(self, sobject: SObject) -> EventSchema:
        """Return the current schema of an object's change events."""
        fields = list(sobject.fields.values())
        known = self._latest.get(sobject.name)
        if known is not None and known[0] == fields:
            return known[1]
        made = _schema(sobject)
        made = self._by_id.setdefault(made.identifier, made)
        self._latest[sobject.name] = fields, made
        return made


def as_avro(value: Any) -> Any:
    """Return a stored value as an event has it: dates and times in milliseconds since 1970."""
    match value:
        case datetime():
            return int(value.timestamp() * 1000)
        case date():
            return int(datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp() * 1000)
        case _:
            return value


def _schema(sobject: SObject) -> EventSchema:
    fields: list[dict[str, Any]] = [{"name": HEADER, "type": _record(HEADER, _HEADER), "doc": "Data:ComplexValueType"}]
    slots: dict[str, Slot] = {}
    known: set[str] = set()
    for each in sobject.fields.values():
        if not _is_sent(sobject, each):
            continue
        position = len(fields)
        kind = _type(each, known)
        fields.append({"name": each.name, "type": kind, "doc": _doc(sobject, each), "default": None})
        parts = _parts(each)
        slots |= {
            f"{prefix}{part}": Slot(position, each.name, place, part)
            for prefix, names in parts
            for place, part in enumerate(names)
        }
        if not parts:
            slots[each.name] = Slot(position, each.name)
    whole = {"type": "record", "name": event_name(sobject.name), "namespace": "com.sforce.eventbus", "fields": fields}
    text = json.dumps(whole, separators=(",", ":"))
    digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()
    identifier = urlsafe_b64encode(digest).decode().rstrip("=")
    return EventSchema(identifier, text, tuple(each["name"] for each in fields), slots, parse_schema(json.loads(text)))


def _is_sent(sobject: SObject, each: Field) -> bool:
    """Return whether events have a field at their top level: stored and whole."""
    if each.name in _LEFT_OUT:
        return False
    if each.type == "address" or _is_person_name(each):
        return True
    whole = sobject.fields.get(each.compound) if each.compound else None
    return each.formula is None and (whole is None or whole is each)


def _is_person_name(each: Field) -> bool:
    return each.name == "Name" and each.extra == "personname"


def _parts(each: Field) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the parts of a compound field, with what their names start with in the object."""
    if each.type == "address":
        return ((each.name.removesuffix("Address"), _ADDRESS),)
    return (("", _PERSON),) if _is_person_name(each) else ()


def _type(each: Field, known: set[str]) -> list[Any]:
    if each.type == "address":
        return ["null", _named("Address", _ADDRESS, known)]
    if _is_person_name(each):
        return ["null", _named("PersonName", _PERSON, known)]
    if each.extra == "switchablepersonname":
        return ["null", "string", _named("Switchable_PersonName", _PERSON, known)]
    return ["null", "double" if each.type in NUMBERS - {"int"} else _AVRO.get(each.type, "string")]


def _named(name: str, parts: tuple[str, ...], known: set[str]) -> Any:
    """Return a nested record where it comes first, and its name later."""
    if name in known:
        return name
    known.add(name)
    fields = [
        {"name": part, "type": ["null", "double" if part in _DECIMAL else "string"], "default": None} for part in parts
    ]
    return {"type": "record", "name": name, "fields": fields}


def _record(name: str, fields: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": [{"name": each, "type": kind} for each, kind in fields]}


def _doc(sobject: SObject, each: Field) -> str:
    match each:
        case Field(name="CreatedDate"):
            return "CreatedDate:DateTime"
        case Field(type="address"):
            return "Data:Address"
        case Field(extra="switchablepersonname"):
            return "Data:Switchable_PersonName"
        case Field(name="Name", extra="personname"):
            return "Data:PersonName"
        case Field(type="picklist"):
            kind = "Data:StaticEnum" if each.restricted and not each.custom else "Data:DynamicEnum"
        case _:
            kind = _DOCS.get(each.type, "Data:Text")
    return f"{kind}:{_custom_id(sobject, each)}" if each.custom else kind


def _custom_id(sobject: SObject, each: Field) -> str:
    return identifiers.encode("00N", crc32(f"{sobject.name}.{each.name}".encode()))[: identifiers.SHORT]


def _hexadecimal(bits: int) -> str:
    length = (bits.bit_length() + 7) // 8
    return f"0x{bits:0{2 * length}X}"
