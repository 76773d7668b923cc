"""The Metadata API calls that `provision` needs, through simple-salesforce: custom fields and one permission set."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final, TypeVar

import zeep.exceptions
from simple_salesforce.api import Salesforce as Client
from simple_salesforce.metadata import SfdcMetadataApi

from connectors.base import ConfigurationError, Unavailable
from connectors.salesforce.errors import REMEDIES, Unreadable
from connectors.salesforce.session import REST_ONLY, REST_ONLY_REMEDY, Session

T = TypeVar("T")
_CODE: Final = re.compile(r"\(([A-Z_]+), ")
_CORRECT: Final = "Correct what it names in Salesforce or in the scorecard, and run the command again."
_RIGHTS: Final = "The user needs `Modify Metadata Through Metadata API Functions` and `Customize Application`."
ATTEMPTS: Final = 3
"""Attempts to create components when the answer is lost."""

PER_CALL: Final = 10
"""Maximum components per call of the Metadata API."""


class Metadata:
    """Reads, writes and deletes metadata components."""

    def __init__(self, session: Session) -> None:
        if session.is_for_rest_only:
            raise ConfigurationError(REST_ONLY, remedy=REST_ONLY_REMEDY)
        self._session = session
        self._client = client = session.client()
        self._api = SfdcMetadataApi(
            session=session.http,
            session_id=client.session_id,
            instance=client.sf_instance,
            metadata_url=client.metadata_url,
            headers=client.headers,
            api_version=client.sf_version,
        )
        # zeep creates its own requests session, which would bypass our limits and `base_url`.
        self._api._client.transport.session = session.http  # noqa: SLF001 - simple-salesforce passes no transport on

    def make(self, type_: str, **values: Any) -> Any:
        """Return a component, or a part of one."""
        return getattr(self._api, type_)(**values)

    def read(self, type_: str, names: Sequence[str]) -> dict[str, Any]:
        """Return the components that exist, by name."""
        found: dict[str, Any] = {}
        for chunk in _tens(names):
            components = self._calling(partial(self._read, type_, chunk))
            found |= {component.fullName: component for component in components if component and component.fullName}
        return found

    def create(self, type_: str, components: Sequence[Any]) -> None:
        """Create components. One that exists already is refused."""
        for chunk in _tens(components):
            self._create(type_, chunk)

    def update(self, type_: str, components: Sequence[Any]) -> None:
        """Replace components as a whole."""
        self._save(type_, "update", components)

    def _create(self, type_: str, components: Sequence[Any], attempts: int = ATTEMPTS) -> None:
        """Create components. If the answer is lost, look up which of them exist and create the others."""
        try:
            self._calling(lambda: getattr(self._api, type_).create(list(components)), repeatable=False)
        except Unavailable:
            there = self.read(type_, [component.fullName for component in components])
            missing = [component for component in components if component.fullName not in there]
            if missing and attempts == 1:
                raise
            if missing:
                self._create(type_, missing, attempts - 1)

    def _save(self, type_: str, verb: str, components: Sequence[Any]) -> None:
        for chunk in _tens(components):
            self._calling(lambda chunk=chunk: getattr(getattr(self._api, type_), verb)(chunk))  # type: ignore[misc]  # mypy cannot infer a lambda's default

    def delete(self, type_: str, names: Sequence[str]) -> None:
        """Delete components."""
        for chunk in _tens(names):
            self._calling(lambda chunk=chunk: getattr(self._api, type_).delete(chunk))  # type: ignore[misc]  # mypy cannot infer a lambda's default

    def _read(self, type_: str, names: Sequence[str]) -> list[Any]:
        """Read components. Salesforce returns one entry per name, nil if there is none."""
        answer = getattr(self._api, type_).read(names)
        components = answer if isinstance(answer, list) else [answer]
        if len(components) != len(names):
            raise Unreadable(f"{len(components)} components for {len(names)} names")
        return components

    def _calling(self, call: Callable[[], T], *, repeatable: bool = True) -> T:
        """Make a call, with a new session if the old one has expired."""

        def attempt(client: Client) -> T:
            if client is not self._client:
                self._client = client
                self._api._session_header = self._header(client)  # noqa: SLF001 - it keeps the first session
            return _refusing(call)

        return self._session.signed_in(attempt, repeatable=repeatable)

    def _header(self, client: Client) -> Any:
        make = self._api._client.get_element("ns0:SessionHeader")  # type: ignore[no-untyped-call]  # noqa: SLF001 - as above
        return make(sessionId=client.session_id)

    def delete_each(self, type_: str, names: Sequence[str]) -> dict[str, str]:
        """Delete components, and return the reason for each that Salesforce did not delete."""
        refused: dict[str, str] = {}
        for chunk in _tens(names):
            try:
                self.delete(type_, chunk)
            except ConfigurationError as error:
                refused |= self._delete_alone(type_, chunk, error)
        return refused

    def _delete_alone(self, type_: str, names: Sequence[str], error: ConfigurationError) -> dict[str, str]:
        """Delete individually the components that were refused together and still exist."""
        left = [name for name in names if name in self.read(type_, names)]
        if len(names) == 1:
            return dict.fromkeys(left, error.answer)
        return {name: why for each in left for name, why in self.delete_each(type_, [each]).items()}


def _tens(items: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(items)
    while chunk := list(islice(remaining, PER_CALL)):
        yield chunk


def _refusing(call: Callable[[], T]) -> T:
    """Make a call, and translate refusals."""
    try:
        return call()
    except zeep.exceptions.Error as error:
        raise Unreadable(f"SOAP that cannot be read: {error}") from error
    except Exception as error:
        if type(error) is not Exception:
            raise
        raise _refused(str(error)) from error  # simple-salesforce raises bare Exception for refusals


def _refused(said: str) -> ConfigurationError:
    code = found[1] if (found := _CODE.search(said)) else ""
    remedy = _RIGHTS if code.startswith("INSUFFICIENT_ACCESS") else REMEDIES.get(code, _CORRECT)
    return ConfigurationError("Salesforce's Metadata API refused a change.", answer=said.strip(" ,\n"), remedy=remedy)
