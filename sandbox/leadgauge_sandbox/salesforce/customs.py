"""Custom fields and permission sets as metadata, from SOAP or JSON."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.org import Org, View
from leadgauge_sandbox.salesforce.schema.field import Field
from leadgauge_sandbox.salesforce.schema.sobject import SObject
from leadgauge_sandbox.salesforce.writer import Writer

TEXT: Final = 255
LONGEST: Final = 131_072
SHORTEST_LONG: Final = 256
LONGEST_ENCRYPTED: Final = 175

Properties = Mapping[str, Any]
"""The elements of a component; repeated elements are lists."""

_TYPES: Final = {
    "AutoNumber": "string",
    "Checkbox": "boolean",
    "Currency": "currency",
    "Date": "date",
    "DateTime": "datetime",
    "Email": "email",
    "EncryptedText": "encryptedstring",
    "LongTextArea": "textarea",
    "Lookup": "reference",
    "MultiselectPicklist": "multipicklist",
    "Number": "double",
    "Percent": "percent",
    "Phone": "phone",
    "Picklist": "picklist",
    "Text": "string",
    "TextArea": "textarea",
    "Url": "url",
}
_NAMES: Final = {kind: name for name, kind in _TYPES.items() if name not in ("AutoNumber", "TextArea")}
_FORMULA_STAYS: Final = "Cannot update a field from a Formula to something else"
"""A deployment's message, from the tips of hardisgroupcom/sfdx-hardis; so are the next two."""
_NO_FORMULA_CHANGE: Final = "Cannot update a field to a Formula from something else"
_REFERENCED: Final = "This custom field is referenced elsewhere in salesforce.com. : Flow - Lead Routing"
"""A deployment's message when it refuses to delete a field used by flows, classes or rules; the code is a guess."""
_LENGTHS: Final = {"Email": 80, "Phone": 40, "Url": 255, "TextArea": 255, "Picklist": 255, "MultiselectPicklist": 4099}


def flag(properties: Properties, name: str) -> bool:
    """Return a boolean element, which may be text."""
    return str(properties.get(name, "false")).lower() == "true"


def integrity(message: str) -> SalesforceError:
    """Return the error for an invalid component."""
    return SalesforceError("FIELD_INTEGRITY_EXCEPTION", message)


def missing_component(kind: str, name: str) -> SalesforceError:
    """Return the error for a missing component."""
    return SalesforceError("INVALID_CROSS_REFERENCE_KEY", f"no {kind} named {name} found")


def place_of(org: Org, full_name: str) -> tuple[SObject, str]:
    """Return the object of a field such as `Lead.Lead_Score__c`, and the field's name."""
    owner, _, name = full_name.partition(".")
    owner = "Task" if owner == "Activity" else owner
    sobject = org.find(owner)
    if sobject is None or sobject.virtual:
        raise missing_component("CustomObject", owner)
    if not name.endswith("__c") or not name[0].isalpha():
        raise SalesforceError(
            "INVALID_FIELD",
            "The DeveloperName API Name can only contain underscores and alphanumeric characters. It must be unique, "
            "begin with a letter, not include spaces, not end with an underscore, and not contain two consecutive "
            f"underscores: {name}",
        )
    return sobject, name


def read_custom_field(properties: Properties, name: str) -> Field:
    """Return the field described by a CustomField component."""
    kind = str(properties.get("type", ""))
    if kind not in _TYPES:
        raise integrity(f"Invalid field type: {kind}" if kind else "Must specify a type for a CustomField")
    if kind == "Checkbox" and "required" in properties and flag(properties, "required"):
        raise integrity("Can not specify 'required' for a CustomField of type Checkbox")
    if not properties.get("label"):
        raise SalesforceError("REQUIRED_FIELD_MISSING", "Required fields are missing: [label]")
    values, restricted = _choices(properties)
    formula = properties.get("formula") or None
    return Field(
        name=name,
        type=_TYPES[kind],
        label=str(properties["label"]),
        formula=formula,
        createable=formula is None,
        updateable=formula is None,
        permissionable=not flag(properties, "required"),
        nillable=kind != "Checkbox" and not flag(properties, "required"),
        defaulted=kind == "Checkbox",
        default=flag(properties, "defaultValue") if kind == "Checkbox" else None,
        external_id=flag(properties, "externalId"),
        id_lookup=flag(properties, "externalId"),
        unique=flag(properties, "unique"),
        case_sensitive=flag(properties, "caseSensitive"),
        values=values,
        meanings=_of_values(properties, "description"),
        colors=_of_values(properties, "color"),
        restricted=restricted,
        help=properties.get("inlineHelpText"),
        description=properties.get("description"),
        extra="plaintextarea" if _TYPES[kind] == "textarea" else None,
        **_size(kind, properties),
        **_reference(kind, name, properties),
    )


def _size(kind: str, properties: Properties) -> dict[str, Any]:
    if kind in ("Number", "Currency", "Percent"):
        precision, scale = _whole(properties, "precision", kind), _whole(properties, "scale", kind)
        if not 0 < precision <= 18 or not 0 <= scale <= precision:  # noqa: PLR2004 - the most digits of a number
            raise integrity(f"Invalid precision or scale: {precision}, {scale}")
        return {"precision": precision, "scale": scale}
    if kind in ("Text", "EncryptedText"):
        return {"length": _length(properties, 1, TEXT if kind == "Text" else LONGEST_ENCRYPTED)}
    if kind == "LongTextArea":
        if not properties.get("visibleLines"):
            raise integrity("Must specify 'visibleLines' for a CustomField of type LongTextArea")
        return {"length": _length(properties, SHORTEST_LONG, LONGEST), "visible_lines": int(properties["visibleLines"])}
    return {"length": _LENGTHS.get(kind, 0)}


def _length(properties: Properties, least: int, most: int) -> int:
    length = _whole(properties, "length", str(properties["type"]))
    if length < least:
        raise integrity(f"Invalid length, minimum is: {least}")
    if length > most:
        raise integrity(f"Invalid length, maximum is: {most}")
    return length


def _whole(properties: Properties, name: str, kind: str) -> int:
    text = str(properties.get(name, ""))
    if not text.isdigit():
        raise integrity(f"Must specify '{name}' for a CustomField of type {kind}")
    return int(text)


def _reference(kind: str, name: str, properties: Properties) -> dict[str, Any]:
    if kind != "Lookup":
        return {}
    if not properties.get("referenceTo"):
        raise integrity("Must specify 'referenceTo' for a CustomField of type Lookup")
    children = properties.get("relationshipName")
    return {
        "reference_to": (str(properties["referenceTo"]),),
        "relationship": f"{name[:-3]}__r",
        "children": f"{children}__r" if children else None,
    }


def _of_values(properties: Properties, name: str) -> dict[str, str]:
    """Return an attribute of those of a picklist's values that have it."""
    values = ((properties.get("valueSet") or {}).get("valueSetDefinition") or {}).get("value") or []
    listed = values if isinstance(values, list) else [values]
    return {str(each["fullName"]): str(each[name]) for each in listed if each.get(name)}


def _choices(properties: Properties) -> tuple[tuple[str, ...], bool]:
    value_set = properties.get("valueSet")
    if "picklist" not in str(properties.get("type", "")).lower():
        return (), False
    if not isinstance(value_set, Mapping):
        raise integrity("Picklist must specify a valueSet")
    definition = value_set.get("valueSetDefinition") or {}
    values = definition.get("value") or []
    values = values if isinstance(values, list) else [values]
    names = tuple(str(each["fullName"]) for each in values)
    if len(set(names)) < len(names):
        raise SalesforceError("DUPLICATE_VALUE", "Duplicate values in the picklist")
    return names, flag(value_set, "restricted")


def show_custom_field(sobject: SObject, field: Field) -> dict[str, Any]:
    """Return a field as a CustomField component."""
    kind = _NAMES.get(field.type, "Text")
    shown: dict[str, Any] = {
        "fullName": f"{sobject.name}.{field.name}",
        "description": field.description,
        "externalId": field.external_id,
        "formula": field.formula,
        "inlineHelpText": field.help,
        "label": field.label,
        "length": field.length if field.type in ("string", "textarea", "encryptedstring") else None,
        "precision": field.precision or None,
        "required": None if kind == "Checkbox" else not field.nillable,
        "scale": field.scale if field.precision else None,
        "type": "TextArea" if field.type == "textarea" and field.length <= TEXT else kind,
        "unique": field.unique if kind == "Text" else None,
        "visibleLines": field.visible_lines,
    }
    if kind == "Checkbox":
        shown["defaultValue"] = str(bool(field.default)).lower()
    if kind == "Lookup":
        shown["referenceTo"] = field.reference_to[0]
    if field.values:
        choices = [
            {"fullName": value, "default": False, "label": value}
            | ({"description": field.meanings[value]} if value in field.meanings else {})
            | ({"color": field.colors[value]} if value in field.colors else {})
            for value in field.values
        ]
        shown["valueSet"] = {
            "restricted": field.restricted,
            "valueSetDefinition": {"sorted": False, "value": choices},
        }
    return {name: value for name, value in shown.items() if value is not None}


@dataclass(frozen=True, slots=True)
class CustomFields:
    """Creates, reads and deletes CustomField components."""

    org: Org

    def save(self, full_name: str, properties: Properties, *, create: bool, update: bool) -> bool:
        """Create or update a field; returns whether it is new."""
        sobject, name = place_of(self.org, full_name)
        known = sobject.fields.get(name)
        if known is not None and not update:
            raise SalesforceError(
                "DUPLICATE_DEVELOPER_NAME",
                f"There is already a field named {name[:-3]} on {sobject.label}.",
            )
        if known is None and not create:
            raise missing_component("CustomField", full_name)
        new = read_custom_field(properties, name)
        if known is not None and (known.formula is None) != (new.formula is None):
            raise integrity(_NO_FORMULA_CHANGE if known.formula is None else _FORMULA_STAYS)
        if known is not None and known.dtype != new.dtype:
            raise integrity(f"Cannot change field type from {known.type} to {new.type}: {full_name}")
        self.org.add_field(sobject, new)
        return known is None

    def delete(self, full_name: str) -> None:
        """Delete a field."""
        sobject = self.org.find(full_name.partition(".")[0])
        name = full_name.partition(".")[2]
        if sobject is None or name not in sobject.fields or not name.endswith("__c"):
            message = "This custom field does not exist or is not accessible"
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", message)
        if f"{sobject.name}.{name}" in self.org.referenced:
            raise SalesforceError("DEPENDENCY_EXISTS", _REFERENCED)
        self.org.remove_field(sobject, name)

    def read(self, full_name: str) -> dict[str, Any] | None:
        """Return a field's component, or None."""
        sobject = self.org.find(full_name.partition(".")[0])
        field = None if sobject is None else sobject.find(full_name.partition(".")[2])
        return None if sobject is None or field is None else show_custom_field(sobject, field)

    def names(self) -> list[str]:
        """Return all custom fields."""
        return [
            f"{each.name}.{name}" for each in self.org.objects.values() for name in each.fields if name.endswith("__c")
        ]


@dataclass(frozen=True, slots=True)
class PermissionSets:
    """Creates, reads and deletes PermissionSet components, which are stored as ordinary records."""

    view: View

    def save(self, full_name: str, properties: Properties, *, create: bool, update: bool) -> bool:
        """Create or update a permission set: its fields are added, others stay. Returns whether it is new."""
        known = self._find(full_name)
        if known is None and not create:
            raise missing_component("PermissionSet", full_name)
        if known is not None and not update:
            raise SalesforceError("DUPLICATE_DEVELOPER_NAME", f"duplicate value found: Name {full_name}")
        rights = as_list(properties.get("fieldPermissions"))
        for each in rights:
            self._check_field(str(each.get("field", "")))
        if known is None and not properties.get("label"):
            raise SalesforceError("REQUIRED_FIELD_MISSING", "Required fields are missing: [label]")
        parent = known or self._insert(full_name, properties)
        for each in rights:
            self._grant(parent, each)
        return known is None

    def _insert(self, full_name: str, properties: Properties) -> str:
        writer = Writer(self.view)
        values = {"Name": full_name, "Label": properties["label"], "Description": properties.get("description")}
        return writer.create(self.view.required("PermissionSet"), values)

    def _check_field(self, full_name: str) -> None:
        sobject = self.view.find(full_name.partition(".")[0])
        field = None if sobject is None else sobject.find(full_name.partition(".")[2])
        if field is None:
            raise missing_component("CustomField", full_name)
        if not field.permissionable:
            raise integrity(f"You cannot deploy to a required field: {full_name}")

    def _grant(self, parent: str, right: Properties) -> None:
        table = self.view.org.tables["FieldPermissions"]
        same = [row for row in table.find("Field", str(right["field"])) if table.value(row, "ParentId") == parent]
        edit = flag(right, "editable")
        values = {"PermissionsEdit": edit, "PermissionsRead": flag(right, "readable") or edit}
        if same:
            table.update(same[0], values)
        else:
            kind = str(right["field"]).partition(".")[0]
            table.insert({"ParentId": parent, "SobjectType": kind, "Field": str(right["field"]), **values})
        self.view.org.changed(table.sobject)

    def delete(self, full_name: str) -> None:
        """Delete a permission set with its permissions; refused if it is assigned."""
        parent = self._find(full_name)
        if parent is None:
            raise missing_component("PermissionSet", full_name)
        Writer(self.view).delete(self.view.required("PermissionSet"), parent)

    def read(self, full_name: str) -> dict[str, Any] | None:
        """Return a permission set's component, or None."""
        parent = self._find(full_name)
        if parent is None:
            return None
        record = next(each for each in self.view.org.rows("PermissionSet") if each["Id"] == parent)
        rights = [each for each in self.view.org.rows("FieldPermissions") if each["ParentId"] == parent]
        shown = {
            "fullName": full_name,
            "description": record["Description"],
            "fieldPermissions": [
                {
                    "editable": bool(each["PermissionsEdit"]),
                    "field": each["Field"],
                    "readable": bool(each["PermissionsRead"]),
                }
                for each in sorted(rights, key=lambda each: str(each["Field"]))
            ],
            "hasActivationRequired": False,
            "label": record["Label"],
        }
        return {name: value for name, value in shown.items() if value not in (None, [])}

    def names(self) -> list[str]:
        """Return all permission sets."""
        return [str(each["Name"]) for each in self.view.org.rows("PermissionSet")]

    def _find(self, full_name: str) -> str | None:
        found = (each["Id"] for each in self.view.org.rows("PermissionSet") if each["Name"] == full_name)
        return next(found, None)


def as_list(value: Any) -> list[Any]:
    """Return an element that may be repeated as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


Kinds = CustomFields | PermissionSets
KINDS: Final[Sequence[str]] = ("CustomField", "PermissionSet", "CustomObject")


def kind_of(name: str, view: View) -> Kinds:
    """Return the handler for components of a type."""
    makers: dict[str, Callable[[], Kinds]] = {
        "CustomField": lambda: CustomFields(view.org),
        "PermissionSet": lambda: PermissionSets(view),
    }
    if name not in makers:
        raise SalesforceError(
            "INVALID_TYPE", f"INVALID_TYPE: This type of metadata is not available for this organization: {name}"
        )
    return makers[name]()
