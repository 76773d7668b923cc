"""Writes records as Salesforce does: validates fields, sets timestamps and derived values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.consequences import consequences
from leadgauge_sandbox.salesforce.errors import SalesforceError, entity_is_deleted, no_external_id
from leadgauge_sandbox.salesforce.org import View
from leadgauge_sandbox.salesforce.permissions import (
    check_field_permission,
    check_permission_set,
    empty_permission_set,
)
from leadgauge_sandbox.salesforce.persons import OF_PERSON, check_person, of_person
from leadgauge_sandbox.salesforce.relations import purge_along, relate, take_along
from leadgauge_sandbox.salesforce.schema.field import Field
from leadgauge_sandbox.salesforce.schema.sobject import SObject
from leadgauge_sandbox.salesforce.table import Table
from leadgauge_sandbox.salesforce.tracking import track
from leadgauge_sandbox.salesforce.values import read_value

_IGNORED: Final = frozenset({"attributes", "id"})
_CHECKS: Final[Mapping[str, Callable[[View, Mapping[str, Any]], None]]] = {
    "PermissionSet": check_permission_set,
    "FieldPermissions": check_field_permission,
}
Hook = Callable[[SObject, Mapping[str, Any]], SalesforceError | None]
"""A fault that may refuse a record before it is written; takes the object and the values."""


@dataclass(slots=True)
class Writer:
    """Writes on behalf of a user; one for each request."""

    view: View
    assign: Callable[[], str | None] = field(default=lambda: None)
    """Returns the owner set by an assignment rule; None if the caller switched rules off."""
    refuse: Hook = field(default=lambda _sobject, _values: None)
    now: datetime = field(init=False)
    _indexes: dict[tuple[str, str], dict[Any, list[int]]] = field(default_factory=dict)
    _slots: dict[tuple[str, str, bool], Field | None] = field(default_factory=dict)
    """Field by object, name and whether records are inserted: the same for all rows of a request."""

    def __post_init__(self) -> None:
        self.now = self.view.org.clock.second()

    def create(self, sobject: SObject, given: Mapping[str, Any]) -> str:
        """Insert a record and return its id."""
        self._check_right()
        if any(name.lower() == "id" for name in given):
            message = "cannot specify Id in an insert call"
            raise SalesforceError("INVALID_FIELD_FOR_INSERT_UPDATE", message, fields=["Id"])
        if not sobject.createable:
            raise SalesforceError(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be inserted: {sobject.label}"
            )
        values = self._read(sobject, given, creating=True)
        self._check_required(sobject, values)
        self._check(sobject, values)
        values = {**self._defaults(sobject), **values}
        values |= consequences(sobject.name, values, values.get, self.now)
        self._check_unique(sobject, values)
        table = self.view.table(sobject)
        row = table.insert(values)
        relate(self.view.org, table, row, values, self.view.user, self.now)
        self._note(table, row, values)
        return table.identifier(row)

    def update(self, sobject: SObject, identifier: str, given: Mapping[str, Any]) -> str:
        """Update a record and return its id; equal values bump its timestamps too."""
        self._check_right()
        table, row, known = self.locate(sobject, identifier)
        check_person(table, row)
        given = self._without_person(table, row, given)
        values = self._read(sobject, given, creating=False)
        if sobject.name == "Lead" and table.value(row, "IsConverted"):
            raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", fields=())
        self._check_not_emptied(sobject, values)
        self._check(sobject, {**values, "Id": known})
        self._apply(table, row, values)
        self._touch_person(table, row)
        return known

    def _touch_person(self, table: Table, row: int) -> None:
        """Stamp the contact of a person account with it: the times of both are always the same.

        https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_standard_objects_person_accounts.htm
        (2026-11).
        """
        if table.sobject.name != "Account" or not table.value(row, "IsPersonAccount"):
            return
        contacts = self.view.org.tables["Contact"]
        person = contacts.row_of(table.value(row, "PersonContactId"))
        assert person is not None, "a person account has a contact"
        contacts.update(person, self._stamps(contacts.sobject))

    def _without_person(self, table: Table, row: int, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Write the values of an account's person contact and return the others."""
        of_contact = of_person(table, row, given)
        if not of_contact:
            return given
        contacts = self.view.org.tables["Contact"]
        person = contacts.row_of(table.value(row, "PersonContactId"))
        assert person is not None, "a person account has a contact"
        values = self._read(contacts.sobject, of_contact, creating=False)
        self._check(contacts.sobject, {**values, "Id": contacts.identifier(person)})
        self._apply(contacts, person, values)
        return {name: value for name, value in given.items() if not name.endswith(OF_PERSON)}

    def upsert(self, sobject: SObject, key: str, value: Any, given: Mapping[str, Any]) -> tuple[str, bool]:
        """Update the record that has an external id, or insert one; returns its id and whether it was inserted."""
        name = self.external_id(sobject, key)
        if name.name == "Id":
            return self.update(sobject, str(value), given), False
        rows = self.rows_by(sobject, name, value)
        if len(rows) > 1:
            raise DuplicateExternalIdError(sobject, name, [self.view.table(sobject).identifier(row) for row in rows])
        if rows:
            return self.update(sobject, self.view.table(sobject).identifier(rows[0]), given), False
        return self.create(sobject, {**given, name.name: value}), True

    def delete(self, sobject: SObject, identifier: str) -> str:
        """Move a record to the recycle bin, or delete it permanently if the object has none."""
        self._check_right()
        table, row, known = self.locate(sobject, identifier)
        check_person(table, row)
        if not sobject.deletable:
            raise SalesforceError("INSUFFICIENT_ACCESS_OR_READONLY", f"entity type cannot be deleted: {sobject.label}")
        if sobject.name == "PermissionSet":
            empty_permission_set(self.view, known)
        if sobject.has_bin:
            table.update(row, {"IsDeleted": True, **self._stamps(sobject)})
            take_along(self.view.org, table, row, self._stamps(sobject))
        else:
            table.purged.add(row)
        self.view.org.changed(sobject)
        return known

    def _check_right(self) -> None:
        """Refuse a user who may only read."""
        if self.view.org.reads_only:
            message = "insufficient access rights on object id"
            raise SalesforceError("INSUFFICIENT_ACCESS_OR_READONLY", message, fields=())

    def purge(self, sobject: SObject, identifier: str) -> str:
        """Delete a record permanently, from the recycle bin too."""
        known = identifiers.normalise(identifier)
        row = None if known is None else self.view.table(sobject).row_of(known)
        if row is None or known is None:
            raise entity_is_deleted()
        self.view.table(sobject).purged.add(row)
        purge_along(self.view.org, self.view.table(sobject), row)
        return known

    def locate(self, sobject: SObject, identifier: str) -> tuple[Table, int, str]:
        """Return the row of a live record and its full id."""
        known = identifiers.normalise(identifier)
        if known is None:
            raise SalesforceError("MALFORMED_ID", f"malformed id {identifier}", fields=["Id"])
        table = self.view.table(sobject)
        if known[:3] != sobject.prefix:
            message = f"{sobject.label} ID: id value of incorrect type: {identifier}"
            raise SalesforceError("MALFORMED_ID", message, fields=["Id"])
        row = table.row_of(known)
        if row is None:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=(), status=404)
        if table.value(row, "IsDeleted"):
            raise entity_is_deleted()
        return table, row, known

    def external_id(self, sobject: SObject, name: str) -> Field:
        """Return the field of a key; it must be an external id."""
        found = sobject.find(name)
        if found is None or not self.view.sees(sobject, found) or not (found.external_id or found.id_lookup):
            raise no_external_id(name)
        return found

    def rows_by(self, sobject: SObject, name: Field, value: Any) -> list[int]:
        """Return the live rows with a value of an external id."""
        table = self.view.table(sobject)
        index = self._indexes.get((sobject.name, name.name))
        if index is None:
            index = self._indexes[sobject.name, name.name] = _index(table, name)
        wanted = _key(read_value(name, value))
        return [row for row in index.get(wanted, ()) if not table.value(row, "IsDeleted")]

    def _read(self, sobject: SObject, given: Mapping[str, Any], *, creating: bool) -> dict[str, Any]:
        """Return the values in the types of their columns; relationship objects name a record by external id."""
        values: dict[str, Any] = {}
        for name, raw in given.items():
            key = (sobject.name, name, creating)
            if key not in self._slots:
                self._slots[key] = self._slot(sobject, given, name, creating=creating)
            slot = self._slots[key]
            if slot is None:
                continue
            if raw is not None and sobject.find(name) is None:
                values[slot.name] = self._referred(slot, name, raw)
                continue
            values[slot.name] = value = read_value(slot, raw)
            if slot.type == "reference" and value is not None:
                self._check_reference(slot, value)
        return values

    def _slot(self, sobject: SObject, given: Mapping[str, Any], name: str, *, creating: bool) -> Field | None:
        """Return the field of a name, None if it is not a field; refuse a read-only one."""
        if name in _IGNORED or (not creating and name == "Id"):
            return None
        found = sobject.find(name) or sobject.relationship(name)
        if found is None or not self.view.sees(sobject, found):
            raise SalesforceError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
        if not self._is_writable(sobject, found, creating=creating):
            fields = [each for each in map(sobject.find, given) if each is not None and each.name != "Id"]
            raise _read_only([each.name for each in fields if not self._is_writable(sobject, each, creating=creating)])
        return found

    def _is_writable(self, sobject: SObject, each: Field, *, creating: bool) -> bool:
        return (each.createable if creating else each.updateable) and self.view.edits(sobject, each)

    def _referred(self, reference: Field, relationship: str, given: Any) -> str | None:
        if not isinstance(given, Mapping):
            message = f"The value provided for foreign key reference {relationship} is not a nested SObject"
            raise SalesforceError("INVALID_FIELD", message)
        target = self.view.required(reference.reference_to[0])
        keys = [key for key in given if key != "attributes"]
        if len(keys) != 1:
            many = f"{'More than 1' if keys else 'No'} field provided in an external foreign key reference"
            raise SalesforceError("INVALID_FIELD", f"{many} in entity: {target.name}")
        name, value = keys[0], given[keys[0]]
        rows = self.rows_by(target, self.external_id(target, name), value)
        if len(rows) != 1:
            message = f"Foreign key external ID: {value} not found for field {name} in entity {target.name}"
            raise SalesforceError("INVALID_FIELD", message)
        return self.view.table(target).identifier(rows[0])

    def _check_reference(self, reference: Field, value: str) -> None:
        target = self.view.org.by_prefix(value)
        if target is None or target.name not in reference.reference_to:
            message = f"{reference.label}: id value of incorrect type: {value}"
            raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", message, fields=[reference.name])
        if self.view.table(target).row_of(value) is None:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[reference.name])

    def _check_required(self, sobject: SObject, values: Mapping[str, Any]) -> None:
        required = [each.name for each in sobject.fields.values() if _is_required(each)]
        missing = [name for name in required if values.get(name) is None]
        if missing:
            raise _required(missing)

    def _check_not_emptied(self, sobject: SObject, values: Mapping[str, Any]) -> None:
        emptied = [name for name, value in values.items() if value is None and _is_required(sobject.fields[name])]
        if emptied:
            raise _required(emptied)

    def _check(self, sobject: SObject, values: Mapping[str, Any]) -> None:
        refusal = self.refuse(sobject, values)
        if refusal is not None:
            raise refusal

    def _check_unique(self, sobject: SObject, values: Mapping[str, Any]) -> None:
        if sobject.name in _CHECKS:
            _CHECKS[sobject.name](self.view, values)
        if sobject.name == "PermissionSetAssignment":
            self._check_assignment(values)
        for name, value in values.items():
            each = sobject.fields[name]
            if each.unique and value is not None and (rows := self.rows_by(sobject, each, value)):
                message = f"duplicate value found: {name} duplicates value on record with id: "
                raise SalesforceError(
                    "DUPLICATE_VALUE", message + self.view.table(sobject).identifier(rows[0])[:15], fields=()
                )

    def _check_assignment(self, values: Mapping[str, Any]) -> None:
        keys = ("AssigneeId", "PermissionSetId")
        for each in self.view.org.rows("PermissionSetAssignment"):
            if all(each[key] == values[key] for key in keys):
                assignee, permission_set = (values[key][:15] for key in keys)
                message = f"Duplicate PermissionSetAssignment.  Assignee: {assignee}; Permission Set: {permission_set}"
                raise SalesforceError("DUPLICATE_VALUE", message, fields=keys)

    def _apply(self, table: Table, row: int, values: dict[str, Any]) -> None:
        sobject = table.sobject
        if sobject.name == "Lead" and (owner := self.assign()) is not None:
            values["OwnerId"] = owner

        def look(name: str) -> Any:
            return values[name] if name in values else table.value(row, name)

        values |= consequences(sobject.name, values, look, self.now)
        self._note(table, row, values)
        track(self.view.org, table, row, values, self.view.user, self.now)
        table.update(row, values | self._stamps(sobject))
        relate(self.view.org, table, row, values, self.view.user, self.now)

    def _note(self, table: Table, row: int, values: Mapping[str, Any]) -> None:
        """Update the indexes of this request and the org's permissions."""
        for (sobject, name), index in self._indexes.items():
            if sobject == table.sobject.name and values.get(name) is not None:
                rows = index.setdefault(_key(values[name]), [])
                if row not in rows:
                    rows.append(row)
        self.view.org.changed(table.sobject)

    def _defaults(self, sobject: SObject) -> dict[str, Any]:
        values = {each.name: each.default for each in sobject.fields.values() if each.default is not None}
        people = ("CreatedById", "LastModifiedById", "OwnerId")
        values |= {name: self.view.user for name in people if name in sobject.fields}
        times = ("CreatedDate", "LastModifiedDate", "SystemModstamp")
        return values | {name: self.now for name in times if name in sobject.fields}

    def _stamps(self, sobject: SObject) -> dict[str, Any]:
        stamps = {"LastModifiedById": self.view.user, "LastModifiedDate": self.now, "SystemModstamp": self.now}
        return {name: value for name, value in stamps.items() if name in sobject.fields}


class DuplicateExternalIdError(SalesforceError):
    """Several records have the same external id; Salesforce responds with their URLs."""

    def __init__(self, sobject: SObject, name: Field, found: list[str]) -> None:
        super().__init__(
            "DUPLICATE_EXTERNAL_ID",
            f"{name.name}: more than one record found for external id field: [{', '.join(found)}]",
            status=300,
            fields=[name.name],
        )
        self.sobject, self.found = sobject, found


def _is_required(each: Field) -> bool:
    return each.createable and not each.nillable and not each.defaulted and each.type != "boolean"


def _required(names: list[str]) -> SalesforceError:
    return SalesforceError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", fields=names)


def _read_only(names: list[str]) -> SalesforceError:
    return SalesforceError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(names)}. Please check the security settings of this field and "
        "verify that it is read/write for your profile or permission set.",
        fields=names,
    )


def _index(table: Table, name: Field) -> dict[Any, list[int]]:
    index: dict[Any, list[int]] = {}
    for row, value in enumerate(table.column(name.name)):
        if value is not None and row not in table.purged:
            index.setdefault(_key(value), []).append(row)
    return index


def _key(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
