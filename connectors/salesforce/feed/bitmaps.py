"""Which fields of a record changed, as a change event says it: by bitmaps over the fields of its schema.

`0x50` has bits 4 and 6, so the fields at these places of the schema changed; `4-0x3` has the first two parts of the
compound field at place 4:
https://developer.salesforce.com/docs/platform/pub-sub-api/guide/event-deserialization-considerations.html (2026-11).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

T = TypeVar("T")
_BITMAP: Final = re.compile(r"(?:(?P<place>\d{1,5})-)?0x(?P<bits>[0-9A-Fa-f]{1,4096})")


class Undecodable(Exception):  # noqa: N818 - named for what the event is
    """An event says something that its schema does not explain."""


@dataclass(frozen=True, slots=True)
class Place:
    """A field of a schema, and the names of its parts if it is compound."""

    name: str
    parts: tuple[str, ...] = ()

    def names(self, parts: Sequence[str]) -> Iterator[str]:
        """Yield the names under which the field and some of its parts are fields of the object.

        A part of `Name` is called as it is, one of `MailingAddress` is `MailingCity`, and one of a custom `Site__c` is
        `Site__City__s`: https://developer.salesforce.com/docs/platform/object-reference/guide/compound-fields.html
        (2026-11).
        """
        yield self.name
        for part in parts:
            yield part
            if self.name.endswith("Address"):
                yield f"{self.name.removesuffix('Address')}{part}"
            if self.name.endswith("__c"):
                yield f"{self.name.removesuffix('__c')}__{part}__s"


def places(schema: Mapping[str, Any]) -> tuple[Place, ...]:
    """Return the fields of an Avro record in their order. A type is spelled out once, and named from then on."""
    known: dict[str, tuple[str, ...]] = {}
    return tuple(Place(field["name"], _parts(field["type"], known)) for field in schema["fields"])


def _parts(type_: Any, known: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the parts of a type that is a record, or a union with one; none of another."""
    for one in type_ if isinstance(type_, list) else [type_]:
        if isinstance(one, str) and one in known:
            return known[one]
        if isinstance(one, dict) and one.get("type") == "record":
            found = tuple(field["name"] for field in one["fields"])
            known[one["name"]] = known[f"{one.get('namespace', '')}.{one['name']}"] = found
            return found
    return ()


def changed(schema: Sequence[Place], bitmaps: Iterable[str]) -> frozenset[str]:
    """Return the API names of the fields in bitmaps, in lower case."""
    return frozenset(name.lower() for bitmap in bitmaps for name in _named(schema, bitmap))


def _named(schema: Sequence[Place], bitmap: str) -> Iterator[str]:
    found = _BITMAP.fullmatch(bitmap)
    if found is None:
        raise Undecodable(f"'{bitmap[:40]}' is no bitmap of fields")
    if found["place"] is None:
        for field in _set(schema, found["bits"]):
            yield from field.names(field.parts)  # all of them, as it does not say which
        return
    if int(found["place"]) >= len(schema):
        raise Undecodable(f"the bitmap '{bitmap[:40]}' has a place that the schema lacks")
    compound = schema[int(found["place"])]
    yield from compound.names(_set(compound.parts, found["bits"]))


def _set(fields: Sequence[T], bits: str) -> list[T]:
    """Return the fields whose bits are set, counted from the last digit."""
    number = int(bits, 16)
    if number >> len(fields):
        raise Undecodable(f"the bitmap '0x{bits[:40]}' has more bits than the schema has fields")
    return [field for place, field in enumerate(fields) if number >> place & 1]
