"""The Metadata API as `provision` needs it, through simple-salesforce: custom fields and one permission set."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

import requests
import zeep.exceptions
from simple_salesforce.metadata import SfdcMetadataApi

from connectors.base import ConfigurationError, Unavailable
from connectors.salesforce.session import Session

T = TypeVar("T")
PER_CALL: Final = 10
"""So many components the Metadata API takes at once."""


class Metadata:
    """Reads, writes and deletes metadata components."""

    def __init__(self, session: Session) -> None:
        client = session.client()
        self._api = SfdcMetadataApi(
            session=requests.Session(),
            session_id=client.session_id,
            instance=client.sf_instance,
            metadata_url=client.metadata_url,
            headers=client.headers,
            api_version=client.sf_version,
        )
        # zeep makes a requests session of its own, without time-outs and without our address.
        session.equip(self._api._client.transport.session)  # noqa: SLF001 - simple-salesforce passes no transport on

    def make(self, type_: str, **values: Any) -> Any:
        """Return a component, or a piece of one."""
        return getattr(self._api, type_)(**values)

    def read(self, type_: str, names: Sequence[str]) -> dict[str, Any]:
        """Return the components that exist, by name."""
        found: dict[str, Any] = {}
        for chunk in _tens(names):
            answer = _calling(lambda chunk=chunk: getattr(self._api, type_).read(chunk))  # type: ignore[misc]  # mypy cannot infer a lambda's default
            components = answer if isinstance(answer, list) else [answer]
            found |= {component.fullName: component for component in components if component and component.fullName}
        return found

    def upsert(self, type_: str, components: Sequence[Any]) -> None:
        """Create or update components."""
        for chunk in _tens(components):
            _calling(lambda chunk=chunk: getattr(self._api, type_).upsert(chunk))  # type: ignore[misc]  # mypy cannot infer a lambda's default

    def delete(self, type_: str, names: Sequence[str]) -> None:
        """Delete components."""
        for chunk in _tens(names):
            _calling(lambda chunk=chunk: getattr(self._api, type_).delete(chunk))  # type: ignore[misc]  # mypy cannot infer a lambda's default


def _tens(items: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(items)
    while chunk := list(islice(remaining, PER_CALL)):
        yield chunk


def _calling(call: Callable[[], T]) -> T:
    try:
        return call()
    except requests.RequestException as error:
        raise Unavailable("The Metadata API of Salesforce cannot be reached.", answer=str(error)) from error
    except zeep.exceptions.Error as error:
        raise _refused(error) from error
    except Exception as error:
        if type(error) is not Exception:
            raise
        raise _refused(error) from error  # simple-salesforce's own errors are of no finer class


def _refused(error: Exception) -> ConfigurationError:
    return ConfigurationError(
        "Salesforce's Metadata API refused a change.",
        answer=" ".join(str(error).split()),
        remedy="The user needs `Modify Metadata Through Metadata API Functions` and `Customize Application`.",
    )
