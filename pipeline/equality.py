"""Comparing written values with those that a CRM returns."""

from datetime import UTC, datetime
from typing import Final
from unicodedata import normalize

from vocabulary.writes import Value

_SHORTEST_CUT: Final = 40
"""Text fields are longer than this many characters, and values of other fields are shorter."""
_HALF: Final = 0.5


def same(held: Value, written: Value) -> bool:
    """Return whether a field holds what was written, in whatever form the CRM stores it.

    A CRM may change the form (3, "3" and 3.0; null and blank; "Ready" and "ready"), trim a text, truncate it to the
    length of the field, or round a number to the decimals of the field.
    """
    one, other = _plain(held), _plain(written)
    return one == other or _is_cut(one, other) or _is_rounded(one, other)


def _is_cut(held: Value, written: Value) -> bool:
    both = isinstance(held, str) and isinstance(written, str)
    return both and len(held) >= _SHORTEST_CUT and written.startswith(held)  # type: ignore[union-attr, arg-type]


def _is_rounded(held: Value, written: Value) -> bool:
    both = isinstance(held, float) and isinstance(written, float)
    return both and held.is_integer() and abs(held - written) <= _HALF  # type: ignore[union-attr, operator]


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
        return " ".join(normalize("NFC", text).split()).lower() or None
