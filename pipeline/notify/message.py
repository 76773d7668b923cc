"""A message to people: plain text, in which only our own links are links."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

LONGEST: Final = 24_000
"""Bytes of the lines of a message, with what a card needs around each: Teams takes 28 KB."""
_AROUND: Final = 150
"""Bytes that a card needs around a line."""
_TITLE: Final = 140


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text of a line, and the page behind it, if it is a link."""

    text: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What is said, for people and for programs."""

    about: str
    title: str
    lines: tuple[str, ...]
    links: frozenset[str] = frozenset()
    """The links that we made; other addresses in the text stay text."""
    keys: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The same for programs."""

    @property
    def id(self) -> str:
        """The same for the same content of the queue, so that a receiver can tell that it has it already."""
        return hashlib.blake2b("\n".join(self.keys).encode(), digest_size=16).hexdigest()

    @property
    def text(self) -> str:
        """The lines below the title."""
        return "\n".join(self.lines)

    def pieces(self) -> Iterator[list[Piece]]:
        """Yield the lines, each in pieces: text, and our links."""
        known = sorted(self.links, key=len, reverse=True)
        parts = re.compile(f"({'|'.join(map(re.escape, known))})(?!\\S)") if known else None
        for line in self.lines:
            split = parts.split(line) if parts else [line]
            yield [Piece(part, part if part in self.links else None) for part in split if part]


def from_text(about: str, text: str, links: Sequence[str], keys: Sequence[str], facts: Mapping[str, Any]) -> Message:
    """Return a message whose first line is the title; what is too long is cut off, and says so."""
    title, *lines = text.strip().split("\n")
    kept: list[str] = []
    taken = 0
    for line in lines:
        taken += len(orjson.dumps(line)) + _AROUND
        if taken > LONGEST:
            kept.append("… more is in leadgauge (`leadgauge leads`).")
            break
        kept.append(line.rstrip())
    return Message(about, title.strip()[:_TITLE] or "leadgauge", tuple(kept), frozenset(links), tuple(keys), facts)
