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
        http = self._api._client.transport.session  # noqa: SLF001 - simple-salesforce passes no transport on
        session.equip(http)
        http.hooks["response"].append(_is_soap)

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

    def create(self, type_: str, components: Sequence[Any]) -> None:
        """Create components; one that is there already is refused."""
        self._save(type_, "create", components)

    def update(self, type_: str, components: Sequence[Any]) -> None:
        """Replace components, each by all that it is to be."""
        self._save(type_, "update", components)

    def _save(self, type_: str, verb: str, components: Sequence[Any]) -> None:
        for chunk in _tens(components):
            _calling(lambda chunk=chunk: getattr(getattr(self._api, type_), verb)(chunk))  # type: ignore[misc]  # mypy cannot infer a lambda's default

    def delete(self, type_: str, names: Sequence[str]) -> None:
        """Delete components."""
        for chunk in _tens(names):
            _calling(lambda chunk=chunk: getattr(self._api, type_).delete(chunk))  # type: ignore[misc]  # mypy cannot infer a lambda's default

    def delete_each(self, type_: str, names: Sequence[str]) -> dict[str, str]:
        """Delete components; returns for each that Salesforce keeps why."""
        refused: dict[str, str] = {}
        for chunk in _tens(names):
            try:
                self.delete(type_, chunk)
            except ConfigurationError as error:
                refused |= self._delete_alone(type_, chunk, error)
        return refused

    def _delete_alone(self, type_: str, names: Sequence[str], error: ConfigurationError) -> dict[str, str]:
        """Delete one by one what was refused together, where any of it is still there."""
        left = [name for name in names if name in self.read(type_, names)]
        if len(names) == 1:
            return dict.fromkeys(left, error.answer)
        return {name: why for each in left for name, why in self.delete_each(type_, [each]).items()}


def _is_soap(response: requests.Response, **_options: Any) -> None:
    """Raise for an answer of the edge, in JSON or HTML, of which zeep would make an error of its own."""
    if "xml" not in response.headers.get("Content-Type", ""):
        answer = f"{response.status_code} {' '.join(response.text.split())[:300]}"
        raise Unavailable("The Metadata API of Salesforce does not answer at present.", answer=answer)


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
