"""Finds the secrets of a connection that cannot be read."""

from collections.abc import Iterator

from pydantic import BaseModel

from config.documents import Path_
from config.mistakes import ConfigError, Mistake
from config.settings import AnyConnection
from connectors.base import ConfigurationError
from connectors.secret import Secret


def require_secrets(connection: AnyConnection) -> None:
    """Raise ConfigError if any secret of a connection is not set. Call this before you open the connection."""
    mistakes = list(missing_secrets(connection))
    if mistakes:
        raise ConfigError(mistakes)


def missing_secrets(connection: AnyConnection) -> Iterator[Mistake]:
    """Yield a mistake for each secret of a connection that cannot be read."""
    for path, secret in _secrets(connection, ()):
        try:
            secret.reveal()
        except ConfigurationError as problem:
            yield connection.mistake(path, problem.message, problem.remedy)


def _secrets(section: BaseModel, path: Path_) -> Iterator[tuple[Path_, Secret]]:
    for name, value in section:
        if isinstance(value, Secret):
            yield (*path, name), value
        elif isinstance(value, BaseModel):
            yield from _secrets(value, (*path, name))
