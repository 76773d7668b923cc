"""Whether the libraries of the extra `feeds` are installed."""

from importlib import import_module
from typing import Final

from connectors.base import ConfigurationError

MESSAGE: Final = "The libraries for changes as they happen are not installed"
REMEDY: Final = "Install them: `pip install 'leadgauge[feeds]'`."
_LIBRARIES: Final = ("grpc", "fastavro", "google.protobuf")


def missing() -> list[str]:
    """Return the libraries that cannot be imported."""
    return [name for name in _LIBRARIES if not _is_there(name)]


def need_extra() -> None:
    """Raise `ConfigurationError` unless the libraries are installed."""
    if lacking := missing():
        raise ConfigurationError(f"{MESSAGE}: {', '.join(lacking)}.", remedy=REMEDY)


def _is_there(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        return False
    return True
