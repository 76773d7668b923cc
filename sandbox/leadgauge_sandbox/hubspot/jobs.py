"""Work that HubSpot does in the background: exports and imports, with the files they make and take."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from leadgauge_sandbox.hubspot.portal import Portal

LIFETIME: Final = 300_000
"""Milliseconds for which the address of a finished export works."""


@dataclass(slots=True)
class Export:
    """One export job."""

    number: int
    wish: dict[str, Any]
    requested_at: int
    state: str = "PENDING"
    started_at: int = 0
    completed_at: int = 0
    content: bytes = b""
    suffix: str = "csv"
    rows: int = 0


@dataclass(slots=True)
class Import:
    """One import job."""

    number: int
    wish: dict[str, Any]
    created_at: int
    rows: list[tuple[int, list[str], dict[str, str]]]
    """(line, cells, values by column name) of what is still to be read."""
    state: str = "STARTED"
    updated_at: int = 0
    counters: dict[str, int] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Jobs:
    """All jobs of an account."""

    exports: dict[int, Export] = field(default_factory=dict)
    imports: dict[int, Import] = field(default_factory=dict)


def signature(portal: Portal, job: Export, expires: int) -> str:
    """Return what proves that an export's address came from this account."""
    text = f"{portal.tokens.static}|{job.number}|{expires}"
    return hashlib.sha256(text.encode()).hexdigest()


def address(portal: Portal, job: Export, base: str) -> str:
    """Return a fresh signed address of a finished export."""
    expires = portal.clock.now() + LIFETIME
    return (
        f"{base}/_files/export-{job.number}.{job.suffix}?expires={expires}&signature={signature(portal, job, expires)}"
    )
