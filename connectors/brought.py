"""What the sources of a connection bring: kinds of activities, and which fields each has."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from vocabulary.findings import Finding

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


def switches(sources: Sequence[Brought], denied: Collection[str]) -> Iterator[Finding]:
    """Yield notes on which sources are read, with their kinds, and which are off.

    `denied` are the sources that the rights do not reach, about which there is a warning.
    """
    on = [source for source in sources if source.kinds and source.source not in denied]
    off = [source.source for source in sources if not source.kinds]
    told = "; ".join(f"{source.source} ({', '.join(sorted(source.kinds))})" for source in on)
    yield Finding("note", "activities", f"Sources that are read, with the kinds that they bring: {told or 'none'}.")
    if off:
        yield Finding("note", "activities", f"Sources that are off by the settings: {', '.join(off)}.")
