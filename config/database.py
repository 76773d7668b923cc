"""The database address. Its password comes from the environment or a file and is never shown."""

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
    """The database address: `shown` as written, `url` with the secrets filled in."""

    shown: str
    url: str = field(default="", repr=False)

    def __str__(self) -> str:
        return self.shown


def parse_database(value: Any, info: ValidationInfo) -> DatabaseAddress:
    """Fill in `${NAME}` from the environment. Raise ValueError, with a remedy and without secrets, if that fails."""
    folder = folder_of(info)
    text = _written(value, folder)
    hidden = isinstance(value, Mapping) and "file" in value
    found = [match for match in (PASSWORD.match(text), PASSWORD_OPTION.search(text)) if match]
    if not hidden and any(not PLACEHOLDER.search(match["password"]) for match in found):
        raise ValueError(
            "the database password is written in the file: write ${NAME} instead and set NAME in the environment"
        )
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
            raise ValueError(f"this is not a database address. {FORMS}")


def _read(path: Path) -> str:
    try:
        return read_text(path.expanduser()).strip()
    except NotPlain as problem:
        raise ValueError(
            f"the database address cannot be read from {path}: {problem.reason}. {problem.remedy}"
        ) from None


def _from_environment(match: re.Match[str]) -> str:
    value = os.environ.get(match[1])
    if not value:
        raise ValueError(f"the environment variable {match[1]} is not set. Set it or remove it from the address.")
    return value


def _absolute(url: str, folder: Path) -> str:
    """Check the kind of database and resolve an SQLite file relative to the settings."""
    if url.startswith(SQLITE) and (name := url.removeprefix(SQLITE)):
        return f"{SQLITE}{(folder / Path(name).expanduser()).resolve()}"
    url = re.sub(r"^postgres://", "postgresql://", url)  # libpq accepts both
    if re.match(r"^postgresql(\+psycopg)?://([^/]|/[^/])", url):
        return url
    raise ValueError(f"this is not a database address. {FORMS}")


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
"""A database address."""
