"""The part of the settings needed to open the database. It loads even if the rest has mistakes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from config.database import Database, DatabaseAddress
from config.documents import read_document
from config.settings import Log
from config.validation import validated


class Outline(BaseModel):
    """The database, the log settings and the names of the connections."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    database: Database = Field(default=DatabaseAddress("sqlite:///leadgauge.db"), validate_default=True)
    log: Log = Log()
    connections: dict[str, Any] = Field(min_length=1)

    @property
    def prefixes(self) -> dict[str, frozenset[str] | None]:
        """The prefixes of each connection's scorecards; None if its section cannot be read."""
        return {name: _prefixes(section) for name, section in self.connections.items()}


def _prefixes(section: Any) -> frozenset[str] | None:
    if not isinstance(section, Mapping):
        return None
    if "scorecard" in section:
        return frozenset({""})
    uses = section.get("scorecards")
    if not isinstance(uses, Sequence) or not all(isinstance(use, Mapping) for use in uses):
        return None
    return frozenset(str(use.get("prefix") or "") for use in uses)


def load_outline(path: Path) -> Outline:
    """Read the settings that `status` needs. Raise ConfigError if these are wrong."""
    return validated(Outline, read_document(path), path.parent)
