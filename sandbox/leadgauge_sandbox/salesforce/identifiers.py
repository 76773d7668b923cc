"""Salesforce ids: three characters for the object, twelve for the record, and three that encode letter case."""

from functools import lru_cache
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECKSUM: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
POD: Final = "8d0"
"""The part of an id that names the instance, the same for every record of this sandbox."""
SERIAL_DIGITS: Final = 9
SHORT, LONG = 15, 18

_VALUE: Final = {character: value for value, character in enumerate(ALPHABET)}
_BYTES: Final = np.frombuffer(ALPHABET.encode(), np.uint8)
_CHECKSUM_BYTES: Final = np.frombuffer(CHECKSUM.encode(), np.uint8)


def encode(prefix: str, serial: int) -> str:
    """Return a record's id with 18 characters."""
    digits = ""
    for _ in range(SERIAL_DIGITS):
        serial, digit = divmod(serial, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return lengthen(prefix + POD + digits)


def lengthen(short: str) -> str:
    """Add the checksum to an id of 15 characters."""
    return short + _checksum(short[:5]) + _checksum(short[5:10]) + _checksum(short[10:])


@lru_cache(maxsize=100_000)
def _checksum(five: str) -> str:
    return CHECKSUM[sum(1 << place for place, character in enumerate(five) if "A" <= character <= "Z")]


def normalise(text: str) -> str | None:
    """Return an id of 15 or 18 characters with 18, or None if it is not an id."""
    if not text.isascii() or not text.isalnum():
        return None
    if len(text) == SHORT:
        return lengthen(text)
    if len(text) != LONG:
        return None
    if lengthen(text[:SHORT]) == text:
        return text
    restored = _restore_case(text)
    return restored if restored is not None and restored[SHORT:] == text[SHORT:].upper() else None


def _restore_case(text: str) -> str | None:
    """Return the id in the letter case encoded in its last three characters."""
    letters = list(text[:SHORT])
    for group, check in enumerate(text[SHORT:].upper()):
        bits = CHECKSUM.find(check)
        if bits < 0:
            return None
        for place in range(5):
            index = group * 5 + place
            letters[index] = letters[index].upper() if bits >> place & 1 else letters[index].lower()
    return lengthen("".join(letters))


def serial(identifier: str) -> int:
    """Return the serial number in an id of this sandbox."""
    number = 0
    for character in identifier[SHORT - SERIAL_DIGITS : SHORT]:
        number = number * len(ALPHABET) + _VALUE[character]
    return number


def sequence(prefix: str, first: int, count: int) -> pl.Series:
    """Return the ids of `count` records from serial number `first`, in order."""
    letters = np.empty((count, LONG), np.uint8)
    letters[:, :6] = np.frombuffer((prefix + POD).encode(), np.uint8)
    rest = np.arange(first, first + count, dtype=np.int64)
    for place in range(SHORT - 1, SHORT - SERIAL_DIGITS - 1, -1):
        rest, digits = np.divmod(rest, len(ALPHABET))
        letters[:, place] = _BYTES[digits]
    upper = (letters[:, :SHORT] >= ord("A")) & (letters[:, :SHORT] <= ord("Z"))
    weights = 1 << np.arange(5)
    for group in range(3):
        letters[:, SHORT + group] = _CHECKSUM_BYTES[upper[:, group * 5 : group * 5 + 5] @ weights]
    offsets = pa.py_buffer(np.arange(0, (count + 1) * LONG, LONG, dtype=np.int64))
    array = pa.LargeStringArray.from_buffers(count, offsets, pa.py_buffer(letters))
    return pl.Series("Id", array, pl.String)
