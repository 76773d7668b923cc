"""Background jobs: exports and imports, with their files."""

from dataclasses import dataclass, field
from typing import Any


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
    """The rows still to be read, as (line, cells, values by column name)."""
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
