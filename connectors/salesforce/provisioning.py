"""Create the output fields on Lead and Contact, and the permission set that grants them to the integration user.

A new custom field is hidden from all users until field-level security grants it: `describe` omits it, and a query
fails with INVALID_FIELD "No such column" (recorded).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from connectors.adopting import clash, is_adopted, refuse_unknown
from connectors.base import ConfigurationError
from connectors.salesforce import rest
from connectors.salesforce.describe import Descriptions, FieldInfo
from connectors.salesforce.errors import Rejected
from connectors.salesforce.fields import field_name
from connectors.salesforce.metadata import Metadata
from connectors.salesforce.people import KINDS, Kind
from connectors.salesforce.readings import CREATED, IDENTITY
from connectors.salesforce.session import Session
from connectors.salesforce.shapes import LONGEST_TEXT, Shape
from connectors.salesforce.soql import Query, all_of, literal
from vocabulary.outputs import Output
from vocabulary.provisioned import Action, Known, Origin, Provisioned

MARK: Final = "Written by leadgauge."
"""Suffix of the description and help text of every field that leadgauge creates; `describe` returns the help text."""

WHOLE_NUMBER, FRACTION = 18, 5


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

    @property
    def names(self) -> tuple[str, str, str]:
        """Every name that a person may use for it."""
        return self.output.name, self.field, self.name

    def said(self, action: Action, message: str = "", origin: Origin | None = None) -> Provisioned:
        """Return the result for it."""
        return Provisioned(self.output.name, self.name, action, message, origin)

    def clash(self, wrong: str, *, adoptable: bool) -> Provisioned:
        """Return a clash with the existing field, and what to do about it."""
        return clash(self.output.name, self.name, f"The field {self.name} {wrong}", adoptable=adoptable)


AS_IT_IS: Final = "as it is"
STRANGER: Final = "is there already, and leadgauge did not make it."


def is_marked(*texts: str | None) -> bool:
    """Return whether a field's description or help text says that leadgauge made it."""
    return any(MARK in (text or "") for text in texts)


class Provisioning:
    """Creates missing fields and adds missing choices to ours, or removes them."""

    def __init__(self, session: Session, descriptions: Descriptions) -> None:
        self._session, self._descriptions = session, descriptions
        self._kinds = [kind for kind in KINDS if getattr(session.settings.objects, kind).read]
        self._permission_set = session.settings.permission_set

    def provision(
        self, outputs: Sequence[Output], known: Known, adopt: Collection[str], *, dry_run: bool
    ) -> list[Provisioned]:
        """Create or extend fields, grant them to the integration user, and verify that it can see them."""
        wanted = self._wanted(outputs)
        refuse_unknown(adopt, [name for want in wanted for name in want.names])
        self._descriptions.forget()
        if all(self._stands(want, known) for want in wanted):
            return [want.said("unchanged", origin=known.get(want.name, "made")) for want in wanted]
        metadata = Metadata(self._session)
        existing = metadata.read("CustomField", [want.name for want in wanted])
        results = {want: self._judge(want, existing.get(want.name), known, adopt) for want in wanted}
        if not dry_run:
            self._carry_out(metadata, results, existing)
        return list(results.values())

    def remove(self, outputs: Sequence[Output], known: Known, *, dry_run: bool) -> list[Provisioned]:
        """Delete the fields that we created, and the permission set if nothing else is in it."""
        wanted = self._wanted(outputs)
        metadata = Metadata(self._session)
        existing = metadata.read("CustomField", [want.name for want in wanted])
        results = [_removal(want, existing.get(want.name), known) for want in wanted]
        if dry_run:
            return results
        ours = [result.field for result in results if result.action == "removed"]
        refused = metadata.delete_each("CustomField", ours)
        self._drop_permission_set(metadata)
        self._descriptions.forget()
        return [_kept(result, refused[result.field]) if result.field in refused else result for result in results]

    def _wanted(self, outputs: Sequence[Output]) -> list[Wanted]:
        return [Wanted(kind, output) for output in outputs for kind in self._kinds]

    def _stands(self, want: Wanted, known: Known) -> bool:
        """Return whether a field needs no change: the user may write to it, it is ours and accepts every result."""
        field = self._visible(want)
        if field is None or not field.updateable or not (want.name in known or is_marked(field.help)):
            return False
        shape = Shape.described(field)
        return not (shape.unfit(want.output) or shape.narrow(want.output) or shape.lacking(want.output))

    def _visible(self, want: Wanted) -> FieldInfo | None:
        return self._descriptions.fields(want.kind).get(want.field.lower())

    def _judge(self, want: Wanted, found: Any, known: Known, adopt: Collection[str]) -> Provisioned:
        """Return what to do: the field may be missing, ours, to be adopted, or someone else's."""
        if found is None:
            return want.said("created", origin="made")
        shape = Shape.component(found)
        origin = _origin(want, found, known)
        adopted = origin is None and is_adopted(adopt, *want.names)
        wrong = shape.unfit(want.output) or ("" if origin == "made" else shape.narrow(want.output))
        if origin is None and not adopted:
            hidden = "" if self._visible(want) else " It is hidden from the integration user."
            return want.clash(STRANGER + hidden, adoptable=not wrong)
        if wrong:
            return want.clash(wrong, adoptable=False)
        return self._extension(want, _changes(want.output, shape), origin)

    def _extension(self, want: Wanted, changes: str, origin: Origin | None) -> Provisioned:
        """Return what to do with a suitable field. One without an origin is adopted now."""
        visible = self._visible(want)
        if origin is None:
            return want.said("adopted", changes or AS_IT_IS, "adopted")
        if changes:
            return want.said("updated", changes, origin)
        if visible is None or not visible.updateable:
            return want.said("granted", "the integration user may read and edit it now", origin)
        return want.said("unchanged", origin=origin)

    def _carry_out(
        self, metadata: Metadata, results: Mapping[Wanted, Provisioned], existing: Mapping[str, Any]
    ) -> None:
        new = [_component(metadata, want) for want, result in results.items() if result.action == "created"]
        changed = [
            _extended(metadata, want.output, existing[want.name])
            for want, result in results.items()
            if want.name in existing and result.action in ("updated", "adopted") and result.message != AS_IT_IS
        ]
        metadata.create("CustomField", new)
        metadata.update("CustomField", changed)
        usable = [want for want, result in results.items() if result.action != "clash"]
        self._grant(metadata, usable)
        self._verify(usable)

    def _grant(self, metadata: Metadata, wanted: Sequence[Wanted]) -> None:
        self._descriptions.forget()
        if self._sees_all(wanted):
            return
        self._allow(metadata, [want.name for want in wanted])
        self._assign()

    def _sees_all(self, wanted: Sequence[Wanted]) -> bool:
        seen = [self._visible(want) for want in wanted]
        return all(field is not None and field.updateable for field in seen)

    def _allow(self, metadata: Metadata, names: Sequence[str]) -> None:
        """Add field permissions to the permission set, leaving its label and other permissions alone."""
        found = metadata.read("PermissionSet", [self._permission_set]).get(self._permission_set)
        if found is None:
            metadata.create("PermissionSet", [self._new_permission_set(metadata, names)])
            return
        rights = {right.field: right for right in found.fieldPermissions or ()}
        rights |= {right.field: right for right in _rights(metadata, names)}
        found.fieldPermissions = list(rights.values())
        metadata.update("PermissionSet", [found])

    def _new_permission_set(self, metadata: Metadata, names: Sequence[str]) -> Any:
        return metadata.make(
            "PermissionSet",
            fullName=self._permission_set,
            label=self._permission_set,
            description=f"Lets the integration user read and write its fields. {MARK}",
            fieldPermissions=_rights(metadata, names),
        )

    def _assign(self) -> None:
        user = self._session.ask(IDENTITY, "GET", "/services/oauth2/userinfo").user_id
        permission_set = self._permission_set_id()
        if permission_set is None:
            raise ConfigurationError(f"The permission set {self._permission_set} was created but cannot be found.")
        if self._assignments(permission_set, user):
            return
        body = {"AssigneeId": user, "PermissionSetId": permission_set}
        try:
            self._session.ask(CREATED, "POST", "sobjects/PermissionSetAssignment", body=body)
        except Rejected as error:
            if error.code != "DUPLICATE_VALUE":  # assigned already (recorded)
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
                    f"The field {want.name} exists, but the integration user cannot {verb} it.",
                    remedy=f"Assign the permission set {self._permission_set} to the user.",
                )

    def _drop_permission_set(self, metadata: Metadata) -> None:
        """Delete our permission set if it grants no field. Deleted fields disappear from it by themselves."""
        found = metadata.read("PermissionSet", [self._permission_set]).get(self._permission_set)
        if found is None or found.fieldPermissions or not is_marked(found.description):
            return
        number = self._permission_set_id()
        for assignment in self._assignments(number) if number else ():
            self._session.call("DELETE", f"sobjects/PermissionSetAssignment/{assignment}")
        metadata.delete("PermissionSet", [self._permission_set])


def _rights(metadata: Metadata, names: Sequence[str]) -> list[Any]:
    return [
        metadata.make("PermissionSetFieldPermissions", field=name, readable=True, editable=True)
        for name in dict.fromkeys(names)
    ]


def _origin(want: Wanted, found: Any, known: Known) -> Origin | None:
    """Return why a field is ours (the store records it, or it has our mark), or None if it is not."""
    return known.get(want.name) or ("made" if is_marked(found.description, found.inlineHelpText) else None)


def _removal(want: Wanted, found: Any, known: Known) -> Provisioned:
    if found is None:
        return want.said("absent", "is not there")
    match _origin(want, found, known):
        case "made":
            return want.said("removed", "deleted; Setup keeps it for 15 days under Deleted Fields")
        case "adopted":
            return want.said("released", "was there before leadgauge, and stays")
        case _:
            return want.said("unchanged", "stays: leadgauge did not make it")


def _kept(result: Provisioned, answer: str) -> Provisioned:
    """Return the result for a field that Salesforce did not delete."""
    message = f"Salesforce did not delete it: {answer} Take it out of what uses it first."
    return replace(result, action="clash", message=message, origin="made")


def _changes(output: Output, shape: Shape) -> str:
    """Return what to add to a field of ours or an adopted one; empty if it accepts every result."""
    if missing := shape.lacking(output):
        return f"choices added: {', '.join(missing)}"
    return "made wider: it " + shape.narrow(output) if shape.narrow(output) else ""


def _type_of(output: Output) -> str:
    is_long = output.type == "text" and output.length > LONGEST_TEXT
    types = {"number": "Number", "choice": "Picklist", "text": "Text", "time": "DateTime"}
    return "LongTextArea" if is_long else types[output.type]


def _component(metadata: Metadata, want: Wanted) -> Any:
    """Return a new field."""
    marked = f"{want.output.description} {MARK}".strip()
    return metadata.make(
        "CustomField",
        fullName=want.name,
        label=want.output.label,
        description=marked,
        inlineHelpText=marked,
        type=_type_of(want.output),
        **_measures(metadata, want.output),
    )


def _extended(metadata: Metadata, output: Output, found: Any) -> Any:
    """Return a field as it was read, with missing choices added and its bounds widened.

    It is read first because an update replaces the whole component (Metadata API guide, `updateMetadata()`).
    """
    shape = Shape.component(found)
    if missing := shape.lacking(output):
        found.valueSet.valueSetDefinition.value += _values(metadata, missing)
    if output.type == "text" and shape.narrow(output):
        found.length = output.length
        if output.length > LONGEST_TEXT:
            found.type, found.visibleLines = "LongTextArea", found.visibleLines or LINES
    if output.type == "number" and shape.narrow(output):
        scale = max(shape.scale, output.decimals)
        found.precision, found.scale = min(WHOLE_NUMBER, max(shape.digits, LEAST_DIGITS) + scale), scale
    return found


LINES: Final = 3
LEAST_DIGITS: Final = 4


def _measures(metadata: Metadata, output: Output) -> dict[str, Any]:
    """Return the further attributes that the field type needs: lengths, or the choices."""
    match _type_of(output):
        case "Number":
            precision = WHOLE_NUMBER if output.decimals == 0 else FRACTION
            return {"precision": precision, "scale": output.decimals}
        case "Text":
            return {"length": output.length}
        case "LongTextArea":
            return {"length": output.length, "visibleLines": LINES}
        case "Picklist":
            return {"valueSet": _value_set(metadata, output.choices)}
        case _:
            return {}


def _value_set(metadata: Metadata, choices: Sequence[str]) -> Any:
    """Return an unrestricted picklist, so that a renamed stage is not refused until `provision` has run again.

    A restricted one refuses it with INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST.
    """
    definition = metadata.make("ValueSetValuesDefinition", sorted=False, value=_values(metadata, choices))
    return metadata.make("ValueSet", restricted=False, valueSetDefinition=definition)


def _values(metadata: Metadata, choices: Sequence[str]) -> list[Any]:
    return [metadata.make("CustomValue", fullName=choice, label=choice, default=False) for choice in choices]
