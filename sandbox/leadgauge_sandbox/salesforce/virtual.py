"""Objects whose rows are the schema itself: definitions of objects and fields, rebuilt for each query."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from zlib import crc32

import polars as pl

from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.schema.field import NUMBERS, Field
from leadgauge_sandbox.salesforce.schema.sobject import SObject
from leadgauge_sandbox.salesforce.table import Table


def described(objects: Mapping[str, SObject], sobject: SObject) -> Table:
    """Return the rows of a virtual object."""
    makers = {"EntityDefinition": _entities, "FieldDefinition": _fields, "CustomField": _custom_fields}
    rows = list(makers[sobject.name](objects))
    schema = {each.name: each.dtype for each in sobject.fields.values()}
    return Table(sobject, pl.DataFrame(rows, schema=schema))


def custom_field_id(objects: Mapping[str, SObject], full_name: str) -> str | None:
    """Return the Tooling API's id of a custom field such as `Lead.Lead_Score__c`."""
    return next((row["Id"] for row in _custom_fields(objects) if row["FullName"] == full_name), None)


def _entities(objects: Mapping[str, SObject]) -> Iterable[dict[str, Any]]:
    for each in objects.values():
        yield {
            "Id": each.name,
            "DurableId": each.name,
            "QualifiedApiName": each.name,
            "DeveloperName": each.name.removesuffix("__c"),
            "Label": each.label,
            "PluralLabel": each.plural,
            "KeyPrefix": each.prefix,
            "IsQueryable": each.queryable,
            "IsCustomizable": not each.virtual,
        }


def _fields(objects: Mapping[str, SObject]) -> Iterable[dict[str, Any]]:
    """Return all fields, including hidden ones; `UserFieldAccess` says whether the user may see each."""
    for sobject in objects.values():
        for each in sobject.fields.values():
            yield {
                "DurableId": f"{sobject.name}.{each.name}",
                "QualifiedApiName": each.name,
                "DeveloperName": each.name.removesuffix("__c"),
                "EntityDefinitionId": sobject.name,
                "Label": each.label,
                "DataType": _data_type(each),
                "IsNillable": each.nillable,
                "IsCalculated": each.formula is not None,
                "Description": each.description,
                **_sizes(each),
            }


def _custom_fields(objects: Mapping[str, SObject]) -> Iterable[dict[str, Any]]:
    """Yield custom fields. Their ids come from their names, so that they stay the same between calls."""
    for sobject in objects.values():
        for each in sobject.fields.values():
            if each.custom:
                yield {
                    "Id": identifiers.encode("00N", crc32(f"{sobject.name}.{each.name}".encode())),
                    "DeveloperName": each.name.removesuffix("__c"),
                    "TableEnumOrId": sobject.name,
                    "EntityDefinitionId": sobject.name,
                    "FullName": f"{sobject.name}.{each.name}",
                    "NamespacePrefix": None,
                    "InlineHelpText": each.help,
                    "Description": each.description,
                    **_sizes(each),
                }


def _sizes(field: Field) -> dict[str, int | None]:
    number = field.type in NUMBERS
    return {
        "Length": field.length or None,
        "Precision": field.precision or None if number else None,
        "Scale": field.scale if number else None,
    }


_SIMPLE: Final = {"datetime": "Date/Time", "boolean": "Checkbox"}


def _data_type(field: Field) -> str:
    plain = _plain_type(field)
    return f"Formula ({plain.partition('(')[0]})" if field.formula is not None and field.custom else plain


def _plain_type(field: Field) -> str:
    match field.type:
        case "double" | "currency" | "percent":
            name = {"double": "Number"}.get(field.type, field.type.title())
            return f"{name}({field.precision - field.scale}, {field.scale})"
        case "string":
            return f"Text({field.length})"
        case "reference":
            return f"Lookup({','.join(field.reference_to)})"
        case "textarea":
            return f"Long Text Area({field.length})"
        case kind:
            return _SIMPLE.get(kind, kind.title())
