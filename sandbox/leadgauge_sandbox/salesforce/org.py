"""A Salesforce org: its objects, their rows, field permissions, and its clock."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from leadgauge_sandbox.salesforce.clock import Clock
from leadgauge_sandbox.salesforce.errors import SalesforceError, not_found
from leadgauge_sandbox.salesforce.journal import Journal
from leadgauge_sandbox.salesforce.schema.field import Field
from leadgauge_sandbox.salesforce.schema.sobject import SObject
from leadgauge_sandbox.salesforce.schema.standard import standard_objects, tooling_objects
from leadgauge_sandbox.salesforce.table import Table
from leadgauge_sandbox.salesforce.virtual import described

RIGHTS: Final = frozenset({"PermissionSet", "PermissionSetAssignment", "FieldPermissions"})


@dataclass(slots=True)
class Org:
    """The state of the sandbox."""

    clock: Clock
    objects: dict[str, SObject] = field(default_factory=standard_objects)
    tooling: dict[str, SObject] = field(default_factory=tooling_objects)
    tables: dict[str, Table] = field(default_factory=dict)
    journal: Journal = field(init=False)
    """The changes that become change events."""
    described: datetime = field(init=False)
    """When objects, fields or permissions last changed."""
    guarded: set[str] = field(default_factory=set)
    """Fields such as `Lead.Lead_Score__c` that are hidden unless a permission set grants them."""
    referenced: set[str] = field(default_factory=set)
    """Fields such as `Lead.Lead_Score__c` that a flow of the org uses, so they cannot be deleted."""
    unseen: set[str] = field(default_factory=set)
    """Objects such as `Task` that the integration user may not read: to it, they do not exist."""
    reads_only: bool = False
    """Whether the integration user may read, but not create, edit or delete."""
    _granted: dict[str, dict[str, bool]] = field(default_factory=dict)
    """The hidden fields that each user may read, and whether they may edit them."""

    def __post_init__(self) -> None:
        self.described = self.clock.now()
        for sobject in (*self.objects.values(), *self.tooling.values()):
            self.tables.setdefault(sobject.name, Table(sobject))
        self.journal = Journal(self.clock, self.tables)

    def find(self, name: str) -> SObject | None:
        """Return an object by its name in any letter case."""
        if name in self.objects:
            return self.objects[name]
        wanted = name.lower()
        return next((each for known, each in self.objects.items() if known.lower() == wanted), None)

    def by_prefix(self, identifier: str) -> SObject | None:
        """Return the object that an id belongs to."""
        prefix = identifier[:3]
        return next((each for each in self.objects.values() if each.prefix == prefix and not each.virtual), None)

    def record(self, identifier: str) -> tuple[Table, int] | None:
        """Return the table and row of a full id, deleted or not."""
        sobject = self.by_prefix(identifier)
        if sobject is None:
            return None
        table = self.tables[sobject.name]
        row = table.row_of(identifier)
        return None if row is None else (table, row)

    def changed(self, sobject: SObject) -> None:
        """Clear cached permissions if rows that define them changed."""
        if sobject.name in RIGHTS:
            self._granted.clear()
            self.described = self.clock.now()

    def granted(self, user: str) -> Mapping[str, bool]:
        """Return the hidden fields that a user may read, and whether they may edit them."""
        if user not in self._granted:
            self._granted[user] = self._read_rights(user)
        return self._granted[user]

    def _read_rights(self, user: str) -> dict[str, bool]:
        assigned = {
            each["PermissionSetId"] for each in self.rows("PermissionSetAssignment") if each["AssigneeId"] == user
        }
        rights: dict[str, bool] = {}
        for each in self.rows("FieldPermissions"):
            if each["ParentId"] in assigned and each["PermissionsRead"]:
                rights[each["Field"]] = rights.get(each["Field"], False) or bool(each["PermissionsEdit"])
        return rights

    def rows(self, name: str) -> Iterator[dict[str, Any]]:
        """Return the rows of a small object as dictionaries."""
        table = self.tables[name]
        stored = [
            each.name for each in table.sobject.fields.values() if each.formula is None and each.type != "address"
        ]
        frame = table.frame(stored)
        return iter(frame.filter(~frame["IsDeleted"]).to_dicts() if "IsDeleted" in stored else frame.to_dicts())

    def add_field(self, sobject: SObject, new: Field) -> None:
        """Create a custom field, which is hidden from everyone at first unless it is required."""
        if new.name not in sobject.fields and new.permissionable:
            self.guarded.add(f"{sobject.name}.{new.name}")
        sobject.add(new)
        self.described = self.clock.now()

    def remove_field(self, sobject: SObject, name: str) -> None:
        """Delete a custom field with its values and permissions."""
        self.tables[sobject.name].drop_column(name)
        sobject.remove(name)
        self.described = self.clock.now()
        self.guarded.discard(f"{sobject.name}.{name}")
        rights = self.tables["FieldPermissions"]
        rights.purged.update(rights.find("Field", f"{sobject.name}.{name}"))
        self._granted.clear()

    def mark(self) -> Callable[[], None]:
        """Return a function that rolls back all changes of rows made after this call."""
        marks = {name: table.mark() for name, table in self.tables.items()}
        forget = self.journal.mark()

        def take_back() -> None:
            forget()
            for name, mark in marks.items():
                self.tables[name].restore(mark)
            self._granted.clear()

        return take_back

    def seen_by(self, user: str) -> "View":
        """Return the org as one user sees it."""
        return View(self, user)


@dataclass(frozen=True, slots=True)
class View:
    """The org as one user sees it; what SOQL reads."""

    org: Org
    user: str
    tooling: bool = False
    """Whether this is the Tooling API, which has more objects."""

    @property
    def now(self) -> datetime:
        """The org's current time."""
        return self.org.clock.now()

    def all(self) -> Iterable[SObject]:
        """Return all objects."""
        known = [each for each in self.org.objects.values() if each.name not in self.org.unseen]
        return [*known, *(self.org.tooling.values() if self.tooling else ())]

    def find(self, name: str) -> SObject | None:
        """Return an object by its name in any letter case."""
        if self.tooling:
            found = next((each for each in self.org.tooling.values() if each.name.lower() == name.lower()), None)
            if found is not None:
                return found
        sobject = self.org.find(name)
        return None if sobject is None or sobject.name in self.org.unseen else sobject

    def required(self, name: str) -> SObject:
        """Return an object by its name, or raise not found."""
        sobject = self.find(name)
        if sobject is None:
            raise not_found()
        return sobject

    def table(self, sobject: SObject) -> Table:
        """Return the rows of an object."""
        return described(self.org.objects, sobject) if sobject.virtual else self.org.tables[sobject.name]

    def visible(self, sobject: SObject) -> list[Field]:
        """Return the fields of an object that the user may see."""
        return [each for each in sobject.fields.values() if self.sees(sobject, each)]

    def sees(self, sobject: SObject, field: Field) -> bool:
        """Return whether the user may read a field."""
        return self.sees_name(sobject.name, field.name)

    def sees_name(self, sobject: str, field: str) -> bool:
        """Return whether the user may read a field, by the names of object and field."""
        name = f"{sobject}.{field}"
        return name not in self.org.guarded or name in self.org.granted(self.user)

    def edits(self, sobject: SObject, field: Field) -> bool:
        """Return whether the user may write a visible field."""
        if self.org.reads_only:
            return False
        name = f"{sobject.name}.{field.name}"
        return name not in self.org.guarded or self.org.granted(self.user).get(name, False)

    def field(self, sobject: SObject, name: str) -> Field:
        """Return a visible field by its name in any letter case."""
        found = sobject.find(name)
        if found is None or not self.sees(sobject, found):
            raise SalesforceError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
        return found
