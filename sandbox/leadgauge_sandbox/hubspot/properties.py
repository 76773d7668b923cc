"""Property definitions: the fields of a record type and their values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from leadgauge_sandbox.hubspot.answers import Refused, invalid, iso

PAIRS: Final[dict[str, frozenset[str]]] = {
    "string": frozenset({"text", "textarea", "phonenumber", "file", "html", "calculation_equation"}),
    "number": frozenset({"number", "calculation_equation"}),
    "date": frozenset({"date"}),
    "datetime": frozenset({"date"}),
    "enumeration": frozenset({"select", "radio", "checkbox", "booleancheckbox", "calculation_equation"}),
    "bool": frozenset({"booleancheckbox", "calculation_equation"}),
    "phone_number": frozenset({"phonenumber"}),
}
"""The field types that each type allows."""

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,99}")
EMAIL: Final = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>.]+")
LONGEST_TEXT: Final = 65_536
HINTS: Final = (
    *("numberDisplayHint", "textDisplayHint", "showCurrencySymbol"),
    *("currencyPropertyName", "calculationFormula"),
)
KEPT: Final = ("createdAt", "name", "hubspotDefined", "hasUniqueValue", "calculated", "modificationMetadata")


@dataclass(slots=True)
class Property:
    """One definition as the properties API returns it, with lookups for validation."""

    body: dict[str, Any]
    options: frozenset[str] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        self.options = frozenset(option["value"] for option in self.body["options"])

    @property
    def name(self) -> str:
        """Return the internal name."""
        return str(self.body["name"])

    @property
    def type(self) -> str:
        """Return the type, such as number."""
        return str(self.body["type"])

    @property
    def read_only(self) -> bool:
        """Return whether its value is read-only."""
        return bool(self.body["modificationMetadata"]["readOnlyValue"])

    @property
    def archived(self) -> bool:
        """Return whether it was deleted."""
        return bool(self.body.get("archived"))


def define(  # noqa: PLR0913 - the columns of a table
    name: str,
    label: str,
    type_: str = "string",
    field_type: str = "text",
    options: tuple[str, ...] | dict[str, str] = (),
    *,
    group: str,
    at: int = 0,
    read_only: bool = False,
    unique: bool = False,
) -> Property:
    """Return the definition of one of HubSpot's own properties."""
    labels = options if isinstance(options, dict) else {value: value for value in options}
    return Property(
        {
            "updatedAt": iso(at),
            "createdAt": iso(at),
            "name": name,
            "label": label,
            "type": type_,
            "fieldType": field_type,
            "description": label,
            "groupName": group,
            "options": [
                {"label": text, "value": value, "description": "", "displayOrder": order, "hidden": False}
                for order, (value, text) in enumerate(labels.items())
            ],
            "displayOrder": -1,
            "calculated": False,
            "externalOptions": False,
            "hasUniqueValue": unique,
            "hidden": False,
            "hubspotDefined": True,
            "modificationMetadata": {"archivable": True, "readOnlyDefinition": True, "readOnlyValue": read_only},
            "formField": not read_only,
            "dataSensitivity": "non_sensitive",
        }
    )


def created(wish: dict[str, Any], groups: dict[str, Any], now: int) -> Property:
    """Return the definition of a create call, or refuse it with HubSpot's message."""
    _check_wish(wish, groups)
    computed = wish["fieldType"] == "calculation_equation"
    body: dict[str, Any] = {
        "updatedAt": iso(now),
        "createdAt": iso(now),
        **{key: wish[key] for key in ("name", "label", "type", "fieldType")},
        "description": wish.get("description", ""),
        "groupName": wish["groupName"],
        "options": _options(wish),
        "createdUserId": "9000001",
        "updatedUserId": "9000001",
        "displayOrder": wish.get("displayOrder", -1),
        "calculated": computed,
        "externalOptions": bool(wish.get("externalOptions", False)),
        "archived": False,
        "hasUniqueValue": bool(wish.get("hasUniqueValue", False)),
        "hidden": bool(wish.get("hidden", False)),
        "modificationMetadata": {"archivable": True, "readOnlyDefinition": False, "readOnlyValue": computed},
        "formField": bool(wish.get("formField", False)),
        "dataSensitivity": wish.get("dataSensitivity", "non_sensitive"),
    }
    return Property(body | {hint: wish[hint] for hint in HINTS if hint in wish})


def _check_wish(wish: dict[str, Any], groups: dict[str, Any]) -> None:
    missing = [key for key in ("name", "label", "type", "fieldType", "groupName") if not wish.get(key)]
    if missing:
        raise invalid(f"Invalid input JSON: Some required fields were not set: {missing}")
    name = wish["name"]
    if not NAME.fullmatch(name):
        raise invalid(
            f"Property name '{name}' is invalid: a letter, then lower-case letters, digits, underscores.",
            errors=[{"message": "invalid property name", "code": "INVALID_PROPERTY_NAME", "context": {"name": [name]}}],
        )
    _check_group(wish["groupName"], groups)
    _check_pair(wish["type"], wish["fieldType"])


def _check_group(group: str, groups: dict[str, Any]) -> None:
    if group not in groups:
        raise invalid(f"Property group '{group}' does not exist.", subCategory="Properties.GROUP_DOES_NOT_EXIST")


def changed(old: Property, wish: dict[str, Any], groups: dict[str, Any], now: int) -> Property:
    """Return the definition after an update call, or refuse it."""
    if old.body["modificationMetadata"]["readOnlyDefinition"]:
        raise invalid(f"Property '{old.name}' is defined by HubSpot and its definition cannot be changed.")
    _check_group(wish.get("groupName", old.body["groupName"]), groups)
    body = old.body | {key: value for key, value in wish.items() if key in old.body and key not in KEPT}
    _check_pair(body["type"], body["fieldType"])
    if "options" in wish:
        body["options"] = _options(body | wish)
    return Property(body | {"updatedAt": iso(now)})


def _check_pair(type_: str, field_type: str) -> None:
    if type_ not in PAIRS:
        raise invalid(f"Invalid input JSON: '{type_}' is not one of the property types {sorted(PAIRS)}")
    if field_type not in PAIRS[type_]:
        raise invalid(
            f"Field type '{field_type}' does not suit type '{type_}': it must be one of {sorted(PAIRS[type_])}",
            subCategory="Properties.INVALID_FIELD_TYPE",
        )


def _options(wish: dict[str, Any]) -> list[dict[str, Any]]:
    given = wish.get("options") or []
    if wish["type"] == "bool" and not given:
        given = [{"label": "True", "value": "true"}, {"label": "False", "value": "false"}]
    if wish["type"] not in {"enumeration", "bool"} and given:
        raise invalid(f"Options are not allowed for a property of type '{wish['type']}'.")
    values = [str(option.get("value", "")) for option in given]
    if len(set(values)) != len(values):
        raise invalid("Option values must be unique.", subCategory="Properties.DUPLICATE_OPTION")
    if any(not option.get("label") or option.get("value") in {None, ""} for option in given):
        raise invalid("Invalid input JSON: Some required fields were not set: [options.label, options.value]")
    return [
        {
            "label": option["label"],
            "value": str(option["value"]),
            "description": option.get("description", ""),
            "displayOrder": option.get("displayOrder", -1),
            "hidden": bool(option.get("hidden", False)),
        }
        for option in given
    ]


class Rejected(Exception):  # noqa: N818 - a value, not a programme, is at fault
    """A value does not suit its property."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def normal(definition: Property, value: Any) -> str:
    """Return a value as HubSpot stores it, "" for empty; raises Rejected."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, (dict, list)):
        raise Refused(400, "Invalid input JSON: Cannot deserialize value of type `java.lang.String` from Object value")
    else:
        text = "" if value is None else str(value).strip()
    if definition.read_only:
        raise Rejected("READ_ONLY_VALUE", f'"{definition.name}" is a read only property; its value cannot be set.')
    return NORMALISERS[definition.type](definition, text) if text else ""


def _text(definition: Property, text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise Rejected("VALUE_TOO_LONG", f"{definition.name} is longer than {LONGEST_TEXT} characters.")
    if definition.name == "email":
        if not EMAIL.fullmatch(text):
            raise Rejected("INVALID_EMAIL", f"Email address {text} is invalid")
        return text.lower()
    return text


def _number(_: Property, text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Rejected("INVALID_INTEGER", f"{text} was not a valid number.") from None
    if not number.is_finite():
        raise Rejected("INVALID_INTEGER", f"{text} was not a valid number.")
    return f"{number:f}"


def _moment(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Rejected("INVALID_LONG", f"{text} was not a valid long.") from None
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(zoned.timestamp() * 1000)


def _datetime(_: Property, text: str) -> str:
    return _written(_moment(text))


def _date(_: Property, text: str) -> str:
    written = _written(_moment(text))
    if not written.endswith("T00:00:00.000Z"):
        raise Rejected("INVALID_DATE", f"{text} is at {written[11:-1]} UTC, not midnight!")
    return written[:10]


def _written(moment: int) -> str:
    try:
        return iso(moment)
    except (ValueError, OverflowError, OSError):
        raise Rejected("INVALID_LONG", f"{moment} was not a valid long.") from None


def _choice(definition: Property, text: str) -> str:
    many = definition.body["fieldType"] == "checkbox"
    chosen = [part.strip() for part in text.split(";") if part.strip()] if many else [text]
    for value in chosen:
        if value not in definition.options and not definition.body["externalOptions"]:
            allowed = ", ".join(
                f'label: "{each["label"]}"\nvalue: "{each["value"]}"\n' for each in definition.body["options"]
            )
            raise Rejected("INVALID_OPTION", f"{value} was not one of the allowed options: [{allowed}]")
    return ";".join(chosen)


def _flag(definition: Property, text: str) -> str:
    return _choice(definition, text.lower())


NORMALISERS: Final = {
    "string": _text,
    "phone_number": _text,
    "json": _text,
    "object_coordinates": _text,
    "number": _number,
    "date": _date,
    "datetime": _datetime,
    "enumeration": _choice,
    "bool": _flag,
}
