"""The part of the settings that is enough to look at the database, whatever mistakes the rest has."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.database import Database, DatabaseAddress
from config.documents import read_document
from config.mistakes import ConfigError
from config.settings import Log
from config.translation import translate


class Outline(BaseModel):
    """Database, log and the names of the connections."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    database: Database = Field(default=DatabaseAddress("sqlite:///leadgauge.db"), validate_default=True)
    log: Log = Log()
    connections: dict[str, Any] = Field(min_length=1)


def load_outline(path: Path) -> Outline:
    """Read what `status` needs; raises ConfigError where not even that is right."""
    document = read_document(path)
    try:
        return Outline.model_validate(document.data, context={"folder": path.parent})
    except ValidationError as problem:
        raise ConfigError(translate(problem, document, Outline)) from None
