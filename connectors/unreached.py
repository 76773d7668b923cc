"""What to say at once about a host that cannot be reached, while a person is waiting.

A pass waits and tries again instead, because names and hosts come back.
"""

from collections.abc import Iterator
from socket import EAI_AGAIN, gaierror
from typing import Final

from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NameResolutionError, NewConnectionError

from connectors.base import ConfigurationError, ConnectorError, Unavailable

_TEMPORARY: Final = "Check the network, and try again."


def unreached(error: Exception, crm: str, setting: str) -> ConnectorError | None:
    """Return what is wrong if a call did not reach the host: a person must act if its name does not exist.

    `setting` names the options that hold the address. Of any other error, return None.
    """
    for reason in _reasons(error):
        if isinstance(reason, NameResolutionError):
            return _unresolved(reason, crm, setting)
        if isinstance(reason, NewConnectionError):
            message = f"{crm} cannot be reached: {_host(reason)} refuses the connection."
            remedy = f"Check {setting}, and whether something listens there; or try again."
            return Unavailable(message, answer=str(reason).rpartition(": ")[2], remedy=remedy)
        if isinstance(reason, ConnectTimeoutError):
            return Unavailable(f"{crm} does not answer: no connection in time.", remedy=_TEMPORARY)
    return None


def _unresolved(reason: NameResolutionError, crm: str, setting: str) -> ConnectorError:
    cause = reason.__cause__
    if isinstance(cause, gaierror) and cause.errno == EAI_AGAIN:
        message = f"{crm} cannot be reached: no name server answers for {_host(reason)}."
        return Unavailable(message, remedy=_TEMPORARY)
    return ConfigurationError(f"There is no host {_host(reason)}.", remedy=f"Check {setting} in the settings.")


def _host(reason: NewConnectionError) -> str:
    return str(getattr(reason.conn, "host", "the host"))


def _reasons(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it wraps: requests wraps urllib3's error, which wraps the reason."""
    yield error
    inner = error.reason if isinstance(error, MaxRetryError) else next(iter(error.args), None)
    if isinstance(inner, BaseException):
        yield from _reasons(inner)
