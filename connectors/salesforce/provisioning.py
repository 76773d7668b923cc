"""Makes the output fields on Lead and Contact, and the permission set that shows them to the integration user."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.base import ConfigurationError, Output, Provisioned
from connectors.salesforce import rest
from connectors.salesforce.describe import Descriptions, FieldInfo
from connectors.salesforce.errors import Rejected
from connectors.salesforce.fields import field_name
from connectors.salesforce.metadata import Metadata
from connectors.salesforce.people import KINDS, Kind
from connectors.salesforce.session import Session
from connectors.salesforce.soql import Query, all_of, literal

MARK: Final = "Written by leadgauge."
"""Stands in the description of every field of ours, so that `--remove` takes out no other."""

LONGEST_TEXT: Final = 255
WHOLE_NUMBER, FRACTION = 18, 5
DESCRIBED_AS: Final[Mapping[str, tuple[str, ...]]] = {
    "number": ("double", "int", "percent", "currency"),
    "choice": ("picklist",),
    "text": ("string", "textarea"),
    "time": ("datetime",),
}
"""The types of `describe` that can hold an output."""


@dataclass(frozen=True)
class Wanted:
    """One output on one object."""

    kind: Kind
    output: Output

    @property
    def field(self) -> str:
        """The API name of the field."""
        return field_name(self.output.name)

    @property
    def name(self) -> str:
        """The field with its object: `Lead.Lead_Score__c`."""
        return f"{self.kind}.{self.field}"

    def said(self, action: Any, message: str = "") -> Provisioned:
        """Return what was done with it."""
        return Provisioned(self.output.name, self.name, action, message)


class Provisioning:
    """Brings the org's fields in line with the outputs, or takes them out."""

    def __init__(self, session: Session, descriptions: Descriptions) -> None:
        self._session, self._descriptions = session, descriptions
        self._kinds = [kind for kind in KINDS if getattr(session.settings.objects, kind).read]
        self._permission_set = session.settings.permission_set

    def provision(self, outputs: Sequence[Output]) -> list[Provisioned]:
        """Create or update fields, grant them to the integration user, and look whether it sees them now."""
        wanted = [Wanted(kind, output) for output in outputs for kind in self._kinds]
        self._descriptions.forget()
        if self._sees_all(wanted) and all(self._compare(want, None).action == "unchanged" for want in wanted):
            return [want.said("unchanged") for want in wanted]
        metadata = Metadata(self._session)
        existing = metadata.read("CustomField", [want.name for want in wanted])
        results = {want: self._compare(want, existing.get(want.name)) for want in wanted}
        changed = [want for want, result in results.items() if result.action in ("created", "updated")]
        metadata.upsert("CustomField", [self._component(metadata, want, existing.get(want.name)) for want in changed])
        usable = [want for want, result in results.items() if result.action != "clash"]
        self._grant(metadata, usable)
        self._verify(usable)
        return list(results.values())

    def remove(self, outputs: Sequence[Output]) -> list[Provisioned]:
        """Delete the fields that we made, and the permission set where nothing else is in it."""
        wanted = [Wanted(kind, output) for output in outputs for kind in self._kinds]
        metadata = Metadata(self._session)
        existing = metadata.read("CustomField", [want.name for want in wanted])
        ours = [want for want in wanted if MARK in (getattr(existing.get(want.name), "description", None) or "")]
        self._revoke(metadata, ours)
        metadata.delete("CustomField", [want.name for want in ours])
        self._descriptions.forget()
        return [self._removal(want, existing.get(want.name), removed=want in ours) for want in wanted]

    def _removal(self, want: Wanted, existing: Any, *, removed: bool) -> Provisioned:
        if removed:
            return want.said("removed")
        return want.said("unchanged", "was not made by leadgauge and stays" if existing else "is not there")

    def _visible(self, want: Wanted) -> FieldInfo | None:
        return self._descriptions.fields(want.kind).get(want.field.lower())

    def _compare(self, want: Wanted, hidden: Any) -> Provisioned:
        """Say what is to be done: the field may be there and seen, there and hidden from the user, or missing."""
        if visible := self._visible(want):
            return _compare_visible(want, visible)
        if hidden is None:
            return want.said("created")
        if hidden.type not in (_type_of(want.output), "LongTextArea"):
            return want.said("clash", f"is a field of type {hidden.type} and cannot hold a {want.output.type}")
        return want.said("updated", "was there, but hidden from the integration user")

    def _component(self, metadata: Metadata, want: Wanted, existing: Any) -> Any:
        """Return the field as it should be; one that somebody else made keeps its own description."""
        visible = self._visible(want)
        ours = f"{want.output.description} {MARK}".strip()
        return metadata.make(
            "CustomField",
            fullName=want.name,
            label=want.output.label,
            description=existing.description if existing else ours,
            type=_type_of(want.output),
            **_measures(metadata, want.output, visible.choices if visible else ()),
        )

    def _grant(self, metadata: Metadata, wanted: Sequence[Wanted]) -> None:
        self._descriptions.forget()
        if self._sees_all(wanted):
            return
        names = [*self._granted(metadata), *(want.name for want in wanted)]
        metadata.upsert("PermissionSet", [self._permissions(metadata, names)])
        self._assign()

    def _sees_all(self, wanted: Sequence[Wanted]) -> bool:
        seen = [self._visible(want) for want in wanted]
        return all(field is not None and field.updateable for field in seen)

    def _granted(self, metadata: Metadata) -> list[str]:
        """Return the fields that the permission set grants already: what is left out of an update is taken away."""
        existing = metadata.read("PermissionSet", [self._permission_set]).get(self._permission_set)
        return [granted.field for granted in getattr(existing, "fieldPermissions", None) or ()]

    def _permissions(self, metadata: Metadata, names: Sequence[str]) -> Any:
        granted = [
            metadata.make("PermissionSetFieldPermissions", field=name, readable=True, editable=True)
            for name in dict.fromkeys(names)
        ]
        return metadata.make(
            "PermissionSet",
            fullName=self._permission_set,
            label=self._permission_set,
            description=f"Lets the integration user read and write its fields. {MARK}",
            fieldPermissions=granted,
        )

    def _assign(self) -> None:
        user = self._session.json("GET", "/services/oauth2/userinfo")["user_id"]
        permission_set = self._permission_set_id()
        if permission_set is None:
            raise ConfigurationError(f"The permission set {self._permission_set} is not there after it was made.")
        if self._assignments(permission_set, user):
            return
        body = {"AssigneeId": user, "PermissionSetId": permission_set}
        try:
            self._session.json("POST", "sobjects/PermissionSetAssignment", body=body)
        except Rejected as error:
            if error.code != "DUPLICATE_VALUE":
                raise

    def _permission_set_id(self) -> str | None:
        query = Query("PermissionSet", ("Id",), f"Name = {literal(self._permission_set)}")
        found = rest.rows(self._session, query)["Id"].to_list()
        return found[0] if found else None

    def _assignments(self, permission_set: str, user: str | None = None) -> list[str]:
        whose = user and f"AssigneeId = {literal(user)}"
        where = all_of(f"PermissionSetId = {literal(permission_set)}", whose)
        found: list[str] = rest.rows(self._session, Query("PermissionSetAssignment", ("Id",), where))["Id"].to_list()
        return found

    def _verify(self, wanted: Sequence[Wanted]) -> None:
        self._descriptions.forget()
        for want in wanted:
            field = self._visible(want)
            if field is None or not field.updateable:
                verb = "write" if field else "see"
                raise ConfigurationError(
                    f"The field {want.name} is there, but the integration user cannot {verb} it.",
                    remedy=f"Assign the permission set {self._permission_set} to the user.",
                )

    def _revoke(self, metadata: Metadata, ours: Sequence[Wanted]) -> None:
        permission_set = self._permission_set_id()
        if permission_set is None or not ours:
            return
        gone = {want.name for want in ours}
        others = [name for name in self._granted(metadata) if name not in gone]
        if others:
            metadata.upsert("PermissionSet", [self._permissions(metadata, others)])
            return
        for assignment in self._assignments(permission_set):
            self._session.call("DELETE", f"sobjects/PermissionSetAssignment/{assignment}")
        metadata.delete("PermissionSet", [self._permission_set])


def _compare_visible(want: Wanted, field: FieldInfo) -> Provisioned:
    if field.type not in DESCRIBED_AS[want.output.type]:
        return want.said("clash", f"is a field of type {field.type} and cannot hold a {want.output.type}")
    if missing := [choice for choice in want.output.choices if choice not in field.choices]:
        return want.said("updated", f"choices added: {', '.join(missing)}")
    if want.output.type == "text" and field.length < want.output.length:
        return want.said("updated", f"made longer: {want.output.length} characters")
    return want.said("unchanged")


def _type_of(output: Output) -> str:
    is_long = output.type == "text" and output.length > LONGEST_TEXT
    types = {"number": "Number", "choice": "Picklist", "text": "Text", "time": "DateTime"}
    return "LongTextArea" if is_long else types[output.type]


def _measures(metadata: Metadata, output: Output, there: Sequence[str]) -> dict[str, Any]:
    """Return what the type of field needs besides: lengths, or the choices, none of those that are there taken out."""
    match _type_of(output):
        case "Number":
            precision = WHOLE_NUMBER if output.decimals == 0 else FRACTION
            return {"precision": precision, "scale": output.decimals}
        case "Text":
            return {"length": output.length}
        case "LongTextArea":
            return {"length": output.length, "visibleLines": 3}
        case "Picklist":
            return {"valueSet": _value_set(metadata, dict.fromkeys([*output.choices, *there]))}
        case _:
            return {}


def _value_set(metadata: Metadata, choices: Mapping[str, None]) -> Any:
    """Return an open picklist: a stage renamed in the scorecard must not be refused before `provision` ran again."""
    values = [metadata.make("CustomValue", fullName=choice, label=choice, default=False) for choice in choices]
    definition = metadata.make("ValueSetValuesDefinition", sorted=False, value=values)
    return metadata.make("ValueSet", restricted=False, valueSetDefinition=definition)
