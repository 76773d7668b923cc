"""Texts in a chart: how wide they are, and how they are shortened."""

import unicodedata
from typing import Final

from vocabulary.outside import printable

SIZE: Final = 12
"""The height of letters, in pixels."""
WIDE: Final = frozenset("WF")


def width(text: str) -> float:
    """Return about how many pixels a text takes: the browser chooses the font, so nobody knows it exactly."""
    return sum(_width(letter) for letter in text)


def _width(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    return SIZE if unicodedata.east_asian_width(letter) in WIDE else 0.56 * SIZE


def shortened(name: str, longest: int) -> str:
    """Return a name from outside as one line of at most this many letters, with its end if it is too long."""
    text = printable(name)
    if len(text) <= longest:
        return text
    head = longest // 2
    return f"{text[:head].rstrip()}…{text[len(text) - (longest - head - 1) :].lstrip()}"
