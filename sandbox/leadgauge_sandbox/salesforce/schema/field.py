"""A field of an object, and its `describe` result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

TIME: Final = pl.Datetime("us", "UTC")

DTYPES: Final[dict[str, pl.DataType]] = {
    "boolean": pl.Boolean(),
    "int": pl.Int64(),
    "double": pl.Float64(),
    "currency": pl.Float64(),
    "percent": pl.Float64(),
    "date": pl.Date(),
    "datetime": TIME,
}
"""Column type by field type; all others are text."""

NUMBERS: Final = frozenset({"int", "double", "currency", "percent"})
COMPOUND: Final = frozenset({"address", "location"})

_SOAP_TYPES: Final = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
    "base64": "xsd:base64Binary",
}
_UNGROUPED: Final = frozenset({"double", "currency", "percent", "datetime", "address", "multipicklist"})
LONG_TEXT: Final = 255
"""Text areas above this length can be neither filtered nor sorted."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object."""

    name: str
    type: str
    label: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    createable: bool = False
    updateable: bool = False
    nillable: bool = True
    defaulted: bool = False
    permissionable: bool = False
    restricted: bool = False
    external_id: bool = False
    id_lookup: bool = False
    unique: bool = False
    case_sensitive: bool = False
    name_field: bool = False
    default: Any = None
    values: tuple[str, ...] = ()
    meanings: Mapping[str, str] = field(default_factory=dict)
    """The descriptions of its values."""
    colors: Mapping[str, str] = field(default_factory=dict)
    """The colors of its values in charts, such as `#FF6600`."""
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    children: str | None = None
    """The name of the child relationship, such as `Contacts`."""
    compound: str | None = None
    extra: str | None = None
    formula: str | None = None
    """A formula computed by `schema.formulas`; the field is not stored."""
    help: str | None = None
    description: str | None = None
    html: bool = False
    visible_lines: int | None = None

    @property
    def custom(self) -> bool:
        """Return whether it is a custom field."""
        return self.name.endswith("__c")

    @property
    def calculated(self) -> bool:
        """Return whether it is a custom formula, unlike fields derived by Salesforce such as `Name`."""
        return self.formula is not None and self.custom

    @property
    def dtype(self) -> pl.DataType:
        """Return the type of its column."""
        return DTYPES.get(self.type, pl.String())

    @property
    def filterable(self) -> bool:
        """Return whether it is allowed in WHERE."""
        return not (self.type == "textarea" and self.length > LONG_TEXT)

    @property
    def sortable(self) -> bool:
        """Return whether it is allowed in ORDER BY."""
        return self.filterable and self.type not in COMPOUND and self.type != "multipicklist"

    @property
    def groupable(self) -> bool:
        """Return whether it is allowed in GROUP BY.

        "Formula fields can't be grouped":
        https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/api/sforce_api_calls_soql_select_group_by_considerations.htm
        (2026-11).
        """
        return self.filterable and self.type not in _UNGROUPED and not self.calculated

    def describe(self) -> dict[str, Any]:
        """Return the field's `describe` result, with all keys in Salesforce's order."""
        return {
            "aggregatable": self.sortable and self.type != "boolean",
            "autoNumber": False,
            "byteLength": self.length if self.type in ("id", "reference") else 3 * self.length,
            "calculated": self.calculated,
            "calculatedFormula": self.formula if self.calculated else None,
            "cascadeDelete": False,
            "caseSensitive": self.case_sensitive,
            "compoundFieldName": self.compound,
            "controllerName": None,
            "createable": self.createable,
            "custom": self.custom,
            "defaultValue": self.default,
            "defaultValueFormula": None,
            "defaultedOnCreate": self.defaulted,
            "dependentPicklist": False,
            "deprecatedAndHidden": False,
            "digits": self.digits,
            "displayLocationInDecimal": False,
            "encrypted": False,
            "externalId": self.external_id,
            "extraTypeInfo": self.extra,
            "filterable": self.filterable,
            "filteredLookupInfo": None,
            "groupable": self.groupable,
            "highScaleNumber": False,
            "htmlFormatted": self.html,
            "idLookup": self.id_lookup,
            "inlineHelpText": self.help,
            "label": self.label,
            "length": self.length,
            "mask": None,
            "maskType": None,
            "name": self.name,
            "nameField": self.name_field,
            "namePointing": len(self.reference_to) > 1,
            "nillable": self.nillable,
            "permissionable": self.permissionable,
            "picklistValues": [self._choice(value) for value in self.values],
            "polymorphicForeignKey": len(self.reference_to) > 1,
            "precision": self.precision,
            "queryByDistance": self.type in COMPOUND,
            "referenceTargetField": None,
            "referenceTo": list(self.reference_to),
            "relationshipName": self.relationship,
            "relationshipOrder": None,
            "restrictedDelete": False,
            "restrictedPicklist": self.restricted,
            "scale": self.scale,
            "searchPrefilterable": self.type == "reference" and self.createable and self.nillable,
            "soapType": _SOAP_TYPES.get(self.type, "xsd:string"),
            "sortable": self.sortable,
            "type": self.type,
            "unique": self.unique,
            "updateable": self.updateable,
            "writeRequiresMasterRead": False,
        }

    def _choice(self, value: str) -> dict[str, Any]:
        return {
            "active": True,
            "defaultValue": value == self.default,
            "label": value,
            "validFor": None,
            "value": value,
        }
