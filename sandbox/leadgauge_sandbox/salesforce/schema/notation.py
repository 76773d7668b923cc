"""The notation of `schema.standard`: one field per line, columns separated by two or more spaces.

`name  type  flags  label  options…` where

* type is `string(80)`, `double(18.2)` (digits in total and after the point), `int(8)`, `picklist(40)`,
  `reference(User,Group)`, `date` …
* flags are letters: **c**reateable, **u**pdateable, **n**illable, **d**efaulted on create, **p**ermissionable,
  **r**estricted picklist, e**x**ternal id, **i**d lookup, n**a**me field, uni**q**ue; `-` for none;
* options are `key=value`: `default`, `values` (separated by `|`), `children`, `compound`, `extra`, `relationship`,
  `reference_to`, `formula`.
"""

import re
from typing import Any, Final

from leadgauge_sandbox.salesforce.schema.field import Field

_COLUMNS: Final = re.compile(r"\s{2,}")
_TYPE: Final = re.compile(r"(\w+)(?:\((.+)\))?")
_FLAGS: Final = {
    "c": "createable",
    "u": "updateable",
    "n": "nillable",
    "d": "defaulted",
    "p": "permissionable",
    "r": "restricted",
    "x": "external_id",
    "i": "id_lookup",
    "a": "name_field",
    "q": "unique",
}
ID_LENGTH: Final = 18


def read_fields(table: str) -> tuple[Field, ...]:
    """Return the fields listed in a table."""
    return tuple(read_field(line) for line in table.strip().splitlines() if line.strip())


def read_field(line: str) -> Field:
    """Return the field described by a line."""
    name, kind, flags, label, *options = _COLUMNS.split(line.strip())
    match = _TYPE.fullmatch(kind)
    if match is None:
        raise ValueError(f"{kind} is no field type: {line}")
    attributes: dict[str, Any] = {"nillable": "n" in flags}
    attributes |= {_FLAGS[flag]: True for flag in flags if flag not in "-n"}
    attributes |= _of_type(name, match[1], match[2] or "") | _of_options(match[1], options)
    return Field(name=name, type=match[1], label=label, **attributes)


def _of_type(name: str, kind: str, size: str) -> dict[str, Any]:
    match kind:
        case "reference":
            return {
                "length": ID_LENGTH,
                "reference_to": tuple(size.split(",")) if size else (),
                "relationship": _relationship(name),
            }
        case "id":
            return {"length": ID_LENGTH}
        case "int":
            return {"digits": int(size or 9)}
        case "double" | "currency" | "percent":
            digits, _, scale = size.partition(".")
            return {"precision": int(digits or 18), "scale": int(scale or 0)}
        case _:
            return {"length": int(size or 0)}


def _relationship(name: str) -> str:
    return f"{name[:-3]}__r" if name.endswith("__c") else name.removesuffix("Id")


def _of_options(kind: str, options: list[str]) -> dict[str, Any]:
    given: dict[str, Any] = dict(option.split("=", 1) for option in options)
    for name, mark in (("values", "|"), ("reference_to", ",")):
        if name in given:
            given[name] = tuple(given[name].split(mark))
    if kind == "boolean":
        given["default"] = given.get("default") == "true"
    return given
