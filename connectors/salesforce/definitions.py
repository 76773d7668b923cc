"""All fields of an object with their descriptions, including those hidden from the integration user."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from connectors.base import ConfigurationError
from connectors.salesforce.readings import DEFINITIONS
from connectors.salesforce.session import Session
from connectors.salesforce.soql import Query, literal


@dataclass(frozen=True, slots=True)
class Definition:
    """A field according to `FieldDefinition`."""

    type: str
    """As shown in Setup: `Number(16, 2)`, `Formula (Text)`."""
    description: str


Definitions = Mapping[str, Definition]
"""By name in lower case."""


class Setup:
    """Queries an object's fields from the Tooling API once, including those the user may not see.

    `describe` omits hidden fields. `FieldDefinition` has a row for every field and keeps the user's permissions apart,
    in `UserFieldAccess` (Tooling API guide, version 67.0). It needs the permission `View Setup and Configuration`.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, Definitions | None] = {}
        self._lock = Lock()

    def fields(self, name: str) -> Definitions | None:
        """Return all fields of an object, or None if the user lacks the permission to query them."""
        with self._lock:
            if name not in self._known:
                self._known[name] = self._ask(name)
            return self._known[name]

    def _ask(self, name: str) -> Definitions | None:
        columns = ("QualifiedApiName", "DataType", "Description")
        query = Query("FieldDefinition", columns, f"EntityDefinition.QualifiedApiName = {literal(name)}")
        try:
            answer = self._session.ask(DEFINITIONS, "GET", "tooling/query/", params={"q": str(query)})
        except ConfigurationError:
            return None
        if not answer.done:
            return None
        return {row.QualifiedApiName.lower(): Definition(row.DataType, row.Description or "") for row in answer.records}
