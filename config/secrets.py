"""Which secrets of a connection cannot be read, told by the setting that names them."""

from collections.abc import Iterator

from pydantic import BaseModel

from config.documents import Path_
from config.mistakes import ConfigError, Mistake
from config.settings import AnyConnection
from connectors.base import ConfigurationError
from connectors.secret import Secret


def require_secrets(connection: AnyConnection) -> None:
    """Raise ConfigError naming every secret of a connection that is not set; to be called before it is opened."""
    mistakes = list(missing_secrets(connection))
    if mistakes:
        raise ConfigError(mistakes)


def missing_secrets(connection: AnyConnection) -> Iterator[Mistake]:
    """Yield one mistake for each secret of a connection that cannot be read."""
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
