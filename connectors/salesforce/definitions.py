"""The fields of an object that the integration user may not see, and what their descriptions say."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from connectors.base import ConfigurationError
from connectors.salesforce.readings import DEFINITIONS
from connectors.salesforce.session import Session
from connectors.salesforce.soql import Query, literal


@dataclass(frozen=True, slots=True)
class Definition:
    """A field as `FieldDefinition` has it."""

    type: str
    """As Setup writes it: `Number(16, 2)`, `Formula (Text)`."""
    description: str


Definitions = Mapping[str, Definition]
"""By name in lower case."""


class Setup:
    """Asks the Tooling API for an object's fields once; they are there whether the user may see them or not.

    `describe` leaves out what the user may not see. `FieldDefinition` has a row for each field, and tells of the
    user's rights apart, in `UserFieldAccess` (Tooling API guide, version 67.0). It needs the right `View Setup and
    Configuration`.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, Definitions | None] = {}
        self._lock = Lock()

    def fields(self, name: str) -> Definitions | None:
        """Return all fields of an object; None where the user lacks the right to look."""
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
