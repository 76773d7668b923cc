"""Comparing what was written with what a CRM says its fields hold."""

from datetime import UTC, datetime

from connectors.base import Value


def same(one: Value, other: Value) -> bool:
    """Return whether two values are one and the same, however the CRM spells it: 3, "3" and 3.0; null and blank."""
    return _plain(one) == _plain(other)


def _plain(value: Value) -> Value:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.astimezone(UTC).replace(microsecond=0)
    if isinstance(value, str):
        return _number(value)
    return float(value)


def _number(text: str) -> Value:
    try:
        return float(text)
    except ValueError:
        return text
