"""An object, and its `describe` result."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from leadgauge_sandbox.salesforce.schema.field import Field

MASTER_RECORD_TYPE: Final = "012000000000000AAA"
HOST: Final = "https://sandbox.my.salesforce.example"
"""The base URL of the web pages in `describe`; nothing listens there."""


NEWER: Final = 50.0
"""Describe in 42.0 lacks keys that it has in 60.0; the version that added them is unknown."""
_OBJECT_SINCE: Final[dict[str, Any]] = {
    **dict.fromkeys(("associateEntityType", "associateParentEntity", "defaultImplementation")),
    **dict.fromkeys(("extendedBy", "extendsInterfaces", "implementedBy", "implementsInterfaces")),
    **dict.fromkeys(("deepCloneable", "isInterface"), False),
}
_FIELD_SINCE: Final = {"aiPredictionField": False, "formulaTreatNullNumberAsZero": False}


@dataclass(slots=True)
class SObject:
    """An object and its fields, which can change while the sandbox runs."""

    name: str
    label: str
    plural: str
    prefix: str
    fields: dict[str, Field]
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    mergeable: bool = False
    queryable: bool = True
    searchable: bool = False
    typed: bool = True
    """Whether its records have record types."""
    recycled: bool = True
    """Whether deleted records go to the recycle bin, if the object has `IsDeleted`."""
    virtual: bool = False
    """Whether rows are built from the schema at each query, as for `FieldDefinition`."""
    folded: dict[str, str] = field(init=False)
    """Field names by lower-case name, as Salesforce ignores letter case."""

    def __post_init__(self) -> None:
        self.folded = {name.lower(): name for name in self.fields}

    @property
    def custom(self) -> bool:
        """Return whether it is a custom object."""
        return self.name.endswith("__c")

    @property
    def has_bin(self) -> bool:
        """Return whether deleted records go to the recycle bin, where `queryAll` finds them."""
        return self.recycled and "IsDeleted" in self.fields

    def find(self, name: str) -> Field | None:
        """Return a field by its name in any letter case."""
        known = self.folded.get(name.lower())
        return self.fields.get(known) if known is not None else None

    def add(self, new: Field) -> None:
        """Add a field, or replace the one with its name."""
        self.fields[new.name] = new
        self.folded[new.name.lower()] = new.name

    def remove(self, name: str) -> None:
        """Remove a field."""
        del self.fields[name], self.folded[name.lower()]

    def reset(self, fields: dict[str, Field]) -> None:
        """Restore an earlier set of fields."""
        self.fields = fields
        self.folded = {name.lower(): name for name in fields}

    def relationship(self, name: str) -> Field | None:
        """Return the reference field of a relationship name such as `Account` or `Lead__r`."""
        wanted = name.lower()
        return next((f for f in self.fields.values() if f.relationship and f.relationship.lower() == wanted), None)

    def summary(self, version: str) -> dict[str, Any]:
        """Return the object's entry in the global describe."""
        base = f"/services/data/v{version}/sobjects/{self.name}"
        return {
            "activateable": False,
            "associateEntityType": None,
            "associateParentEntity": None,
            "createable": self.createable,
            "custom": self.custom,
            "customSetting": False,
            "deepCloneable": False,
            "deletable": self.deletable,
            "deprecatedAndHidden": False,
            "feedEnabled": self.mergeable,
            "hasSubtypes": False,
            "isInterface": False,
            "isSubtype": False,
            "keyPrefix": self.prefix,
            "label": self.label,
            "labelPlural": self.plural,
            "layoutable": not self.virtual,
            "mergeable": self.mergeable,
            "mruEnabled": self.searchable,
            "name": self.name,
            "queryable": self.queryable,
            "replicateable": not self.virtual,
            "retrieveable": True,
            "searchable": self.searchable,
            "triggerable": not self.virtual,
            "undeletable": self.deletable,
            "updateable": self.updateable,
            "urls": {
                "rowTemplate": f"{base}/{{ID}}",
                "describe": f"{base}/describe",
                "sobject": base,
            },
        }

    def describe(self, version: str, visible: Iterable[Field], children: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the full describe with the fields visible to the user."""
        plain = self._describe(version, [f.describe() for f in visible], children)
        if float(version) < NEWER:
            return plain
        fields = [_in_order(field | _FIELD_SINCE) for field in plain["fields"]]
        return _in_order(plain | _OBJECT_SINCE | {"fields": fields})

    def _describe(self, version: str, fields: list[dict[str, Any]], children: list[dict[str, Any]]) -> dict[str, Any]:
        base = f"/services/data/v{version}/sobjects/{self.name}"
        summary = self.summary(version)
        return {
            "actionOverrides": [],
            "activateable": summary["activateable"],
            "childRelationships": children,
            "compactLayoutable": True,
            **{key: summary[key] for key in ("createable", "custom", "customSetting", "deletable")},
            **{key: summary[key] for key in ("deprecatedAndHidden", "feedEnabled")},
            "fields": fields,
            **{key: summary[key] for key in ("hasSubtypes", "isSubtype", "keyPrefix", "label", "labelPlural")},
            "layoutable": summary["layoutable"],
            "listviewable": None,
            "lookupLayoutable": None,
            **{key: summary[key] for key in ("mergeable", "mruEnabled", "name")},
            "namedLayoutInfos": [],
            "networkScopeFieldName": None,
            "queryable": summary["queryable"],
            "recordTypeInfos": [_master_record_type(base)] if self.typed else [],
            **{key: summary[key] for key in ("replicateable", "retrieveable")},
            "searchLayoutable": self.searchable,
            "searchable": self.searchable,
            "sobjectDescribeOption": "FULL",
            "supportedScopes": [
                {"label": f"All {self.plural.lower()}", "name": "everything"},
                {"label": f"My {self.plural.lower()}", "name": "mine"},
            ],
            **{key: summary[key] for key in ("triggerable", "undeletable", "updateable")},
            "urls": self._urls(base),
        }

    def _urls(self, base: str) -> dict[str, str]:
        describe = f"{base}/describe"
        return {
            "compactLayouts": f"{describe}/compactLayouts",
            "rowTemplate": f"{base}/{{ID}}",
            "approvalLayouts": f"{describe}/approvalLayouts",
            "uiDetailTemplate": f"{HOST}/{{ID}}",
            "uiEditTemplate": f"{HOST}/{{ID}}/e",
            "listviews": f"{base}/listviews",
            "describe": describe,
            "uiNewRecord": f"{HOST}/{self.prefix}/e",
            "quickActions": f"{base}/quickActions",
            "layouts": f"{describe}/layouts",
            "sobject": base,
        }


def _in_order(described: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(described.items()))


def _master_record_type(base: str) -> dict[str, Any]:
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "master": True,
        "name": "Master",
        "recordTypeId": MASTER_RECORD_TYPE,
        "urls": {"layout": f"{base}/describe/layouts/{MASTER_RECORD_TYPE}"},
    }
