"""The permission set that lets the integration user read and edit its fields, through REST."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from connectors.base import ConfigurationError, Unavailable
from connectors.salesforce import rest
from connectors.salesforce.errors import Rejected
from connectors.salesforce.readings import CREATED, IDENTITY, Saved, saved_rows
from connectors.salesforce.session import Session
from connectors.salesforce.soql import Query, all_of, literal
from connectors.salesforce.writing import ROWS_PER_CALL

ATTEMPTS: Final = 3
"""Attempts to grant when an answer is lost."""

_RIGHTS: Final = (
    "The user needs `Manage Profiles and Permission Sets`, `Assign Permission Sets` and `View Setup and Configuration`."
)
_INFERRED: Final = "000"
"""How the id of a permission begins that follows from another one, such as `View All Records`, and is no row:
https://github.com/jetstreamapp/jetstream/issues/1504 (2026-01)."""


@dataclass(frozen=True, slots=True)
class Known:
    """A permission set of the org."""

    id: str
    description: str


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """A permission set by its name. It only gains permissions; its label and the rest of it stay."""

    session: Session
    name: str

    def grant(self, fields: Mapping[str, bool], description: str) -> None:
        """Let the user read fields and, where true, edit them. If an answer is lost, do what is left."""
        user = self.session.ask(IDENTITY, "GET", "/services/oauth2/userinfo").user_id
        self._told(lambda: self._settled(lambda: self._grant(fields, description, user)))

    def drop(self, is_ours: Callable[[str], bool]) -> None:
        """Delete the permission set if it is ours and grants no field. Deleted fields leave it by themselves."""
        found = self._find()
        if found is None or not is_ours(found.description):
            return
        if rest.count(self.session, Query("FieldPermissions", ("Id",), f"ParentId = {literal(found.id)}")):
            return
        self._told(lambda: self._delete(found))

    def _delete(self, found: Known) -> None:
        for assignment in self._assignments(found):
            self._delete_record("PermissionSetAssignment", assignment)
        self._delete_record("PermissionSet", found.id)

    def _delete_record(self, kind: str, id_: str) -> None:
        try:
            self.session.call("DELETE", f"sobjects/{kind}/{id_}")
        except Rejected as error:
            if error.status != 404:  # noqa: PLR2004 - deleted by an attempt whose answer was lost
                raise

    def _told(self, work: Callable[[], None]) -> None:
        """Do the work, and name the missing permission if it is refused."""
        try:
            work()
        except Rejected as error:
            if not error.code.startswith("INSUFFICIENT_ACCESS"):
                raise
            message = f"Salesforce refused to change the permission set {self.name}."
            raise ConfigurationError(message, answer=error.answer, remedy=_RIGHTS) from error

    def _settled(self, work: Callable[[], None]) -> None:
        """Do work that looks up what is there first, again if an answer is lost."""
        for _ in range(ATTEMPTS - 1):
            try:
                return work()
            except Unavailable:
                continue
        return work()

    def _grant(self, fields: Mapping[str, bool], description: str, user: str) -> None:
        found = self._find()
        id_ = self._create(description) if found is None else found.id
        self._allow(id_, fields, self._permissions(found) if found else {})
        if found is None or not self._assignments(found, user):
            self._assign(id_, user)

    def _find(self) -> Known | None:
        where = all_of(f"Name = {literal(self.name)}", "NamespacePrefix = null")
        rows = rest.rows(self.session, Query("PermissionSet", ("Id", "Description"), where))
        return next((Known(id_, description or "") for id_, description in rows.iter_rows()), None)

    def _create(self, description: str) -> str:
        """Create the permission set. If it exists, the answer that found none was wrong, or another run created it."""
        body = {"Name": self.name, "Label": self.name, "Description": description}
        try:
            return self.session.ask(CREATED, "POST", "sobjects/PermissionSet", body=body, repeatable=False).id
        except Rejected as error:
            if error.code not in _TAKEN:
                raise
            message = f"The permission set {self.name} exists, but a query did not find it."
            raise Unavailable(message, answer=error.answer, remedy="Run the command again.") from error

    def _permissions(self, found: Known) -> dict[str, tuple[str, bool]]:
        """Return the permissions for fields: their ids, and whether they let a user edit."""
        columns = ("Id", "Field", "PermissionsEdit")
        rows = rest.rows(self.session, Query("FieldPermissions", columns, f"ParentId = {literal(found.id)}"))
        return {
            field: (id_, edits == "true") for id_, field, edits in rows.iter_rows() if not id_.startswith(_INFERRED)
        }

    def _assignments(self, found: Known, user: str | None = None) -> list[str]:
        whose = user and f"AssigneeId = {literal(user)}"
        where = all_of(f"PermissionSetId = {literal(found.id)}", whose)
        ids: list[str] = rest.rows(self.session, Query("PermissionSetAssignment", ("Id",), where))["Id"].to_list()
        return ids

    def _allow(self, parent: str, fields: Mapping[str, bool], held: Mapping[str, tuple[str, bool]]) -> None:
        new = [_permission(parent, name, edits=edits) for name, edits in fields.items() if name not in held]
        weak = [
            _stronger(*held[name]) for name, edits in fields.items() if edits and name in held and not held[name][1]
        ]
        self._save("POST", new)
        self._save("PATCH", weak)

    def _save(self, method: str, records: Sequence[Mapping[str, Any]]) -> None:
        for start in range(0, len(records), ROWS_PER_CALL):
            batch = records[start : start + ROWS_PER_CALL]
            body = {"allOrNone": False, "records": batch}
            reading = partial(saved_rows, len(batch))
            for result in self.session.ask(reading, method, "composite/sobjects", body=body, repeatable=False):
                _refuse(result)

    def _assign(self, id_: str, user: str) -> None:
        body = {"AssigneeId": user, "PermissionSetId": id_}
        try:
            self.session.ask(CREATED, "POST", "sobjects/PermissionSetAssignment", body=body)
        except Rejected as error:
            if error.code != _TWICE:  # assigned already (recorded)
                raise


_TAKEN: Final = frozenset({"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"})
_TWICE: Final = "DUPLICATE_VALUE"
_TYPE: Final = {"attributes": {"type": "FieldPermissions"}}


def _permission(parent: str, name: str, *, edits: bool) -> dict[str, Any]:
    rights = {"PermissionsRead": True, "PermissionsEdit": edits}
    return {**_TYPE, "ParentId": parent, "SobjectType": name.partition(".")[0], "Field": name, **rights}


def _stronger(id_: str, _edits: object) -> dict[str, Any]:
    return {**_TYPE, "id": id_, "PermissionsRead": True, "PermissionsEdit": True}


def _refuse(result: Saved) -> None:
    """Raise the refusal of a row, unless the permission was there already."""
    if result.success or result.errors[0].statusCode == _TWICE:
        return
    first = result.errors[0]
    raise Rejected(400, first.statusCode, first.message)
