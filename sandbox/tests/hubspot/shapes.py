"""Compares JSON by shape: keys, types and nulls, not values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

NEWER = {
    *("url", "dataSensitivity", "description", "allowsSensitiveProperties", "archived", "associations", "formField"),
    *("hubspotDefined", "maxToObjectIds", "maxFromObjectIds", "fields"),
    *("hasUserEnforcedMaxToObjectIds", "hasUserEnforcedMaxFromObjectIds"),
}
"""Keys that HubSpot added after the older recordings, or that some recorded objects lack."""
GONE = {"showCurrencySymbol"}
"""Keys found only in the older recordings."""
SOMETIMES = {"createdUserId", "updatedUserId", "hubspotDefined", "createdByUserId", "updatedByUserId", "archived"}
"""Keys of definitions that depend on their creator."""
FREE = {"properties", "context", "metadata", "additionalProperties", "style", "importRequestJson", "counters"}
"""Objects whose keys are data."""


def differences(recorded: Any, ours: Any, path: str = "$") -> Iterator[str]:
    """Yield the differences in shape between two JSON values."""
    if isinstance(recorded, dict) and isinstance(ours, dict):
        yield from _keys(recorded, ours, path)
    elif isinstance(recorded, list) and isinstance(ours, list):
        if recorded and ours:
            yield from differences(recorded[0], ours[0], f"{path}[]")
    elif _kind(recorded) != _kind(ours):
        yield f"{path}: {recorded!r} against {ours!r}"


def _keys(recorded: dict[str, Any], ours: dict[str, Any], path: str) -> Iterator[str]:
    free = path.rpartition(".")[2] in FREE
    for key in recorded.keys() - ours.keys() - GONE - SOMETIMES:
        yield f"{path}.{key} is missing"
    for key in ours.keys() - recorded.keys() - NEWER - SOMETIMES if not free else ():
        yield f"{path}.{key} is not HubSpot's"
    for key in recorded.keys() & ours.keys():
        nullable = free and path.endswith("properties") and {_kind(recorded[key]), _kind(ours[key])} == {"null", "str"}
        if not nullable:
            yield from differences(recorded[key], ours[key], f"{path}.{key}")


def _kind(value: Any) -> str:
    return {bool: "bool", int: "number", float: "number", type(None): "null"}.get(type(value), type(value).__name__)
