"""The address of the database: shown without its password, which comes from the environment or a file."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, PlainSerializer, ValidationInfo, WithJsonSchema

from config.files import folder_of
from connectors.plain_files import NotPlain, read_text

PLACEHOLDER: Final = re.compile(r"\$\{([^}]*)\}")
PASSWORD: Final = re.compile(r"^[^/]*//[^/@]*:(?P<password>[^/@]+)@")
PASSWORD_OPTION: Final = re.compile(r"[?&](?:ssl)?password=(?P<password>[^&]+)")
SQLITE: Final = "sqlite:///"
FORMS: Final = "Write sqlite:///leadgauge.db or postgresql://user:${PASSWORD}@host/name."


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Where the state is kept: `shown` as it is written, `url` with the secrets filled in."""

    shown: str
    url: str = field(default="", repr=False)

    def __str__(self) -> str:
        return self.shown


def parse_database(value: Any, info: ValidationInfo) -> DatabaseAddress:
    """Fill in `${NAME}` from the environment; raises ValueError with the remedy in it, never with a secret."""
    folder = folder_of(info)
    text = _written(value, folder)
    hidden = isinstance(value, Mapping) and "file" in value
    found = [match for match in (PASSWORD.match(text), PASSWORD_OPTION.search(text)) if match]
    if not hidden and any(not PLACEHOLDER.search(match["password"]) for match in found):
        raise ValueError("the database's password stands in the file: write ${NAME} and set NAME in the environment")
    url = PLACEHOLDER.sub(_from_environment, text)
    return DatabaseAddress(f"(from {value['file']})" if hidden else text, _absolute(url, folder))


def _written(value: Any, folder: Path) -> str:
    match value:
        case DatabaseAddress():
            return value.shown
        case str():
            return value.strip()
        case {"env": str(name), **rest} if not rest:
            return f"${{{name}}}"
        case {"file": str(name), **rest} if not rest:
            return _read(folder / name)
        case _:
            raise ValueError(f"this is not the address of a database. {FORMS}")


def _read(path: Path) -> str:
    try:
        return read_text(path.expanduser()).strip()
    except NotPlain as problem:
        raise ValueError(
            f"the address of the database is to be read from {path}, and {problem.reason}. {problem.remedy}"
        ) from None


def _from_environment(match: re.Match[str]) -> str:
    value = os.environ.get(match[1])
    if not value:
        raise ValueError(f"the environment variable {match[1]} is not set. Set it, or write the address without it.")
    return value


def _absolute(url: str, folder: Path) -> str:
    """Check the kind of database and read SQLite's file as relative to the settings."""
    if url.startswith(SQLITE) and (name := url.removeprefix(SQLITE)):
        return f"{SQLITE}{(folder / Path(name).expanduser()).resolve()}"
    if re.match(r"^postgresql(\+psycopg)?://([^/]|/[^/])", url):
        return url
    raise ValueError(f"this is not the address of a database. {FORMS}")


Database = Annotated[
    DatabaseAddress,
    BeforeValidator(parse_database),
    PlainSerializer(str),
    WithJsonSchema(
        {
            "examples": ["sqlite:///leadgauge.db", "postgresql://leadgauge:${PGPASSWORD}@db.example.com/leadgauge"],
            "anyOf": [
                {"type": "string", "pattern": r"^(sqlite:///.+|postgresql(\+psycopg)?://.+|.*\$\{.+)$"},
                {
                    "type": "object",
                    "properties": {"env": {"type": "string"}},
                    "required": ["env"],
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "properties": {"file": {"type": "string"}},
                    "required": ["file"],
                    "additionalProperties": False,
                },
            ],
        }
    ),
]
"""The address of the database."""
