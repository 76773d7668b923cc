"""What would make scores swing: fields and lists that depend on properties which leadgauge writes.

A score that moves a contact into a list, which moves the score, which moves the contact out of it, never rests.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.hubspot.properties import Definition
from connectors.hubspot.transport import Transport
from meaning.derive import FieldSource
from vocabulary.findings import Finding

_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_PROPERTY_KEYS: Final = ("property", "propertyWithObjectId")
"""Where filters name properties: the OpenAPI specification of `GET /crm/lists/2026-09/{listId}` (2026-08)."""


def depending(ours: Iterable[str], known: Mapping[str, Definition]) -> dict[str, str]:
    """Return our own properties and those that are calculated from them, each with the one of ours.

    `calculationFormula` is the formula of a calculated property: the OpenAPI specification of
    `GET /crm/properties/2026-09/{type}` (2026-08).
    """
    found = {name: name for name in ours}
    while new := dict(_calculated(known, found)):
        found |= new
    return found


def _calculated(known: Mapping[str, Definition], found: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, definition in known.items():
        words = _WORD.findall(str(definition.get("calculationFormula") or ""))
        if name not in found and (named := next((word for word in words if word in found), None)):
            yield name, found[named]


def of_field(subject: str, source: FieldSource, found: Mapping[str, str]) -> Iterator[Finding]:
    """Yield an error if a field is read from one of these properties."""
    for path in source.paths:
        if path in found:
            what = "is one of leadgauge's own results" if found[path] == path else f"is calculated from {found[path]}"
            message = f"The property {path} {what}: the score would depend on itself and swing."
            yield Finding("error", subject, message, "Map another property.")


@dataclass(frozen=True, slots=True)
class _Defined:
    """A list with what its filters name."""

    name: str
    properties: frozenset[str]
    lists: frozenset[str]


def of_lists(transport: Transport, subjects: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Finding]:
    """Yield an error for each list (its id, with the option that names it) whose filters name these properties.

    A list may also filter by membership in others, and these in further ones.
    """
    known: dict[str, _Defined] = {}
    left = set(subjects.values())
    while left:
        known |= dict.fromkeys(left, _Defined("", frozenset(), frozenset())) | _defined(transport, left)
        left = {inner for one in left for inner in known[one].lists} - known.keys()
    for subject, id_ in subjects.items():
        for one in _reached(id_, known):
            named = sorted(known[one].properties & found.keys())
            if named:
                via = "" if one == id_ else f", by the list '{known[one].name}' ({one})"
                message = (
                    f"The list '{known[id_].name}' filters by {', '.join(named)}{via}: leads would swing in and out."
                )
                remedy = "Filter it by properties that leadgauge does not write, or name another list."
                yield Finding("error", subject, message, remedy)


def _defined(transport: Transport, ids: Iterable[str]) -> dict[str, _Defined]:
    query = [("includeFilters", "true"), *(("listIds", one) for one in sorted(ids))]
    lists = transport.get("lists", query)["lists"]
    dynamic = [one for one in lists if one.get("processingType") == "DYNAMIC"]  # others do not follow their filters
    return {str(one["listId"]): _parsed(one) for one in dynamic}


def _parsed(found: Mapping[str, Any]) -> _Defined:
    named = list(_named(found.get("filterBranch")))
    properties = frozenset(value for key, value in named if key in _PROPERTY_KEYS)
    return _Defined(str(found["name"]), properties, frozenset(value for key, value in named if key == "listId"))


def _named(part: Any) -> Iterator[tuple[str, str]]:
    """Yield the properties and lists that filters name, however deep."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key in (*_PROPERTY_KEYS, "listId") and isinstance(value, str | int):
                yield key, str(value)
            else:
                yield from _named(value)
    elif isinstance(part, list):
        for one in part:
            yield from _named(one)


def _reached(id_: str, known: Mapping[str, _Defined]) -> Iterator[str]:
    """Yield a list and those that it filters by, each once."""
    met, left = {id_}, [id_]
    while left:
        one = left.pop(0)
        yield one
        left += sorted(known[one].lists - met)
        met |= known[one].lists
