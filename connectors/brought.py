"""What the sources of a connection bring: kinds of activities, and which fields each has."""

from collections.abc import Iterable
from dataclasses import dataclass

ALWAYS = frozenset({"kind", "occurred_at"})


@dataclass(frozen=True, slots=True)
class Brought:
    """Activities of some kinds, from one source."""

    source: str
    kinds: frozenset[str]
    fields: frozenset[str]
    """Fields that the source fills, besides the kind and the time."""


def brought(source: str, kinds: Iterable[str | None], *fields: str) -> Brought:
    """Return what a source brings; a kind of null is switched off."""
    return Brought(source, frozenset(kind for kind in kinds if kind), ALWAYS | frozenset(fields))
