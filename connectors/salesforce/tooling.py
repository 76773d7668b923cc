"""Custom fields through the Tooling API, by REST.

The Metadata API is SOAP, which takes no access tokens in the form of a JSON Web Token:
https://help.salesforce.com/s/articleView?id=xcloud.jwt_access_tokens.htm&type=5 (2026-11).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.base import ConfigurationError, Unavailable
from connectors.salesforce import rest
from connectors.salesforce.composite import Part, nothing, together
from connectors.salesforce.errors import REMEDIES, Rejected
from connectors.salesforce.readings import CREATED_PART, CUSTOM_FIELD, FieldMetadata
from connectors.salesforce.session import Session
from connectors.salesforce.soql import Query, all_of, one_of

Definition = Mapping[str, Any]
"""The attributes of a custom field, as the Tooling API calls them."""

ATTEMPTS: Final = 3
"""Attempts to create fields when the answer is lost."""

_PATH: Final = "sobjects/CustomField"
_CORRECT: Final = "Correct what it names in Salesforce or in the scorecard, and run the command again."
# "To delete custom fields: Customize Application AND View All Data":
# https://help.salesforce.com/HTViewHelpDoc?id=deleting_fields.htm&language=en_US (2026-11).
_RIGHTS: Final = (
    "The user needs `Customize Application` and `View Setup and Configuration`, and to remove fields `View All Data`."
)
_GONE: Final = 404
_TAKEN: Final = "DUPLICATE_DEVELOPER_NAME"


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field as defined in the org."""

    id: str
    metadata: FieldMetadata
    whole: Definition
    """All its attributes, because a change replaces them all."""


@dataclass(frozen=True, slots=True)
class CustomFields:
    """Reads, creates, changes and deletes custom fields, named like `Lead.Lead_Score__c`."""

    session: Session

    def read(self, names: Sequence[str]) -> dict[str, CustomField]:
        """Return the fields that exist, by name.

        A query returns definitions of one row only, so each is read by its id.
        """
        ids = self._ids(names)
        parts = [Part("GET", f"{_PATH}/{id_}", _read_field) for id_ in ids.values()]
        found = dict(zip(ids, together(self.session, parts), strict=True))
        _refuse_all("read", found)
        return found

    def create(self, wanted: Mapping[str, Definition]) -> None:
        """Create fields. If the answer is lost, look up which of them exist and create the others.

        Those that turn out to exist then were created by the call whose answer was lost.
        """
        missing = wanted
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._create(missing, there="" if attempt == 1 else _TAKEN)
            except Unavailable:
                there = self._ids(list(missing))
                missing = {name: definition for name, definition in missing.items() if name not in there}
                if missing and attempt == ATTEMPTS:
                    raise
            else:
                return

    def _create(self, wanted: Mapping[str, Definition], *, there: str) -> None:
        """Create fields, except those refused with the code `there`."""
        parts = [
            Part("POST", _PATH, CREATED_PART, {"FullName": name, "Metadata": definition})
            for name, definition in wanted.items()
        ]
        outcomes = dict(zip(wanted, together(self.session, parts, repeatable=False), strict=True))
        created = [name for name, said in outcomes.items() if isinstance(said, Rejected) and said.code == there]
        _refuse_all("create", {name: said for name, said in outcomes.items() if name not in created})

    def change(self, changed: Mapping[str, tuple[str, Definition]]) -> None:
        """Replace the definitions of fields, given by their names with their ids."""
        parts = [
            Part("PATCH", f"{_PATH}/{id_}", nothing, {"FullName": name, "Metadata": definition})
            for name, (id_, definition) in changed.items()
        ]
        _refuse_all("change", dict(zip(changed, together(self.session, parts), strict=True)))

    def delete(self, ids: Mapping[str, str]) -> dict[str, Rejected]:
        """Delete fields, given by their names with their ids, and return those that Salesforce did not delete.

        The reference does not list the call, but it is taken: https://github.com/simstudioai/sim/pull/5209 (2026-06).
        """
        parts = [Part("DELETE", f"{_PATH}/{id_}", nothing) for id_ in ids.values()]
        answers = zip(ids, together(self.session, parts), strict=True)
        return {name: said for name, said in answers if isinstance(said, Rejected) and said.status != _GONE}

    def _ids(self, names: Sequence[str]) -> dict[str, str]:
        """Return the ids of the fields that exist.

        Deleted ones are called `…_del` until they are erased, so they do not hold the name:
        https://help.salesforce.com/s/articleView?id=platform.fields_managing_deleted_fields.htm&type=5 (2026-11).
        """
        if not names:
            return {}
        query = Query("CustomField", ("Id", "TableEnumOrId", "DeveloperName"), _named(names), tooling=True)
        try:
            rows = rest.rows(self.session, query)
        except Rejected as error:
            raise _refused("list", error) from error
        known = {name.lower(): name for name in names}
        found = ((f"{kind}.{name}__c".lower(), id_) for id_, kind, name in rows.iter_rows())
        return {known[name]: id_ for name, id_ in found if name in known}


def _named(names: Iterable[str]) -> str:
    """Return the condition for fields; it also finds a name on the other object."""
    kinds, fields = zip(*(name.split(".") for name in names), strict=True)
    developer_names = [field.removesuffix("__c") for field in fields]
    return all_of(
        one_of("TableEnumOrId", dict.fromkeys(kinds)),
        one_of("DeveloperName", dict.fromkeys(developer_names)),
        "NamespacePrefix = null",
    )


def _read_field(status: int, body: Any) -> CustomField:
    found = CUSTOM_FIELD(status, body)
    return CustomField(found.Id, found.Metadata, body["Metadata"])


def _refuse_all(verb: str, outcomes: Mapping[str, Any]) -> None:
    """Raise the refusals among the outcomes, if any."""
    refused = {name: said for name, said in outcomes.items() if isinstance(said, Rejected)}
    if refused:
        raise _refused(verb, next(iter(refused.values())), refused)


def _refused(verb: str, error: Rejected, refused: Mapping[str, Rejected] | None = None) -> ConfigurationError:
    # A user without the rights for Setup is told that there is no such type of object:
    # https://github.com/afawcett/apex-toolingapi/issues/19 (2026-11).
    lacks_rights = error.code.startswith("INSUFFICIENT_ACCESS") or error.code == "INVALID_TYPE"
    remedy = _RIGHTS if lacks_rights else REMEDIES.get(error.code, _CORRECT)
    said = "; ".join(f"{name}: {each.answer}" for name, each in (refused or {}).items()) or error.answer
    return ConfigurationError(f"Salesforce refused to {verb} custom fields.", answer=said, remedy=remedy)
