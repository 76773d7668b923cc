"""The contact properties that hold the results: their group, their definitions, and taking them out again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.base import Output, Provisioned
from connectors.hubspot.answers import CONFLICT, NOT_FOUND, Rejected
from connectors.hubspot.transport import Transport

GROUP: Final = "leadgauge"
_WIRE_TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "number": ("number", "number"),
    "choice": ("enumeration", "select"),
    "text": ("string", "text"),
    "time": ("datetime", "date"),
}
_BATCH: Final = 100

Definition = Mapping[str, Any]


def definition(output: Output) -> dict[str, Any]:
    """Return how an output field is defined in HubSpot."""
    type_, field_type = _WIRE_TYPES[output.type]
    long_text = output.type == "text" and output.length > 255  # noqa: PLR2004 - more does not fit one line on screen
    return {
        "name": output.name,
        "label": output.label,
        "description": output.description,
        "groupName": GROUP,
        "type": type_,
        "fieldType": "textarea" if long_text else field_type,
        "formField": False,
        "hasUniqueValue": False,
        "hidden": False,
        "options": [_option(choice, at) for at, choice in enumerate(output.choices)],
    }


def _option(choice: str, at: int) -> dict[str, Any]:
    return {"label": choice, "value": choice, "displayOrder": at, "hidden": False}


@dataclass(frozen=True, slots=True)
class Provisioner:
    """Creates the properties, brings them up to date, or archives them."""

    transport: Transport

    def existing(self) -> dict[str, Definition]:
        """Return every contact property by name."""
        results = self.transport.get("properties", type="contacts").get("results") or []
        return {str(found["name"]): found for found in results}

    def provision(self, outputs: Sequence[Output]) -> list[Provisioned]:
        """Create what is missing and update what differs; what has another type is named and left alone."""
        existing = self.existing()
        missing = [output for output in outputs if output.name not in existing]
        done = {output.name: self._update(output, existing[output.name]) for output in outputs if output not in missing}
        done |= self._create(missing)
        return [done[output.name] for output in outputs]

    def remove(self, outputs: Sequence[Output]) -> list[Provisioned]:
        """Archive our properties, and the group once it is empty; properties of another group are not ours."""
        existing = self.existing()
        removed = [self._archive(output, existing.get(output.name)) for output in outputs]
        ours = {output.name for output in outputs}
        if not any(found.get("groupName") == GROUP for name, found in existing.items() if name not in ours):
            self._drop_group()
        return removed

    def _create(self, outputs: Sequence[Output]) -> dict[str, Provisioned]:
        if not outputs:
            return {}
        self._make_group()
        refused: dict[str, str] = {}
        for start in range(0, len(outputs), _BATCH):
            inputs = [definition(output) for output in outputs[start : start + _BATCH]]
            refused |= _errors(self.transport.post("create_properties", {"inputs": inputs}, type="contacts"))
        return {output.name: _created(output, refused.get(output.name)) for output in outputs}

    def _make_group(self) -> None:
        try:
            self.transport.post("groups", {"name": GROUP, "label": "Lead gauge", "displayOrder": -1}, type="contacts")
        except Rejected as rejected:
            if rejected.complaint.status != CONFLICT:
                raise

    def _update(self, output: Output, found: Definition) -> Provisioned:
        if clash := clashes(output, found):
            return Provisioned(output.name, output.name, "clash", clash)
        changes = _changes(definition(output), found)
        if not changes:
            return Provisioned(output.name, output.name, "unchanged")
        self.transport.patch("property", changes, type="contacts", name=output.name)
        return Provisioned(output.name, output.name, "updated", "changed: " + ", ".join(changes))

    def _archive(self, output: Output, found: Definition | None) -> Provisioned:
        if found is None:
            return Provisioned(output.name, output.name, "unchanged", "was not there")
        if found.get("groupName") != GROUP:
            return Provisioned(
                output.name, output.name, "clash", f"stands in the group {found.get('groupName')}: not ours"
            )
        self.transport.delete("property", type="contacts", name=output.name)
        return Provisioned(output.name, output.name, "removed")

    def _drop_group(self) -> None:
        try:
            self.transport.delete("group", type="contacts", name=GROUP)
        except Rejected as rejected:
            if rejected.complaint.status != NOT_FOUND:
                raise


def clashes(output: Output, found: Definition) -> str:
    """Say why an existing property cannot hold an output; empty where it can."""
    type_ = _WIRE_TYPES[output.type][0]
    if found.get("type") != type_:
        return f"a property of type {found.get('type')} has this name, ours is {type_}: rename it, or set `prefix`"
    if (found.get("modificationMetadata") or {}).get("readOnlyValue") or found.get("calculated"):
        return "a property with this name exists that nobody may write: set `prefix`"
    return ""


def _changes(ours: Definition, found: Definition) -> dict[str, Any]:
    """Return what to change: label and description where they differ, options that are missing added to the rest."""
    changes = {name: ours[name] for name in ("label", "description") if ours[name] != (found.get(name) or "")}
    options = found.get("options") or []
    known = {option.get("value") for option in options}
    missing = [option for option in ours["options"] if option["value"] not in known]
    return {**changes, "options": [*options, *missing]} if missing else changes


def _errors(answer: Definition) -> dict[str, str]:
    """Return the complaint about each property that was not created."""
    return {
        str(name): str(error.get("message"))
        for error in answer.get("errors") or []
        for name in (error.get("context") or {}).get("name") or []
    }


def _created(output: Output, complaint: str | None) -> Provisioned:
    """Return what came of creating one; a taken name that is not listed belongs to a property deleted lately."""
    if complaint is None:
        return Provisioned(output.name, output.name, "created")
    return Provisioned(
        output.name, output.name, "clash", f"{complaint} If it was deleted, restore it, or set `prefix`."
    )
