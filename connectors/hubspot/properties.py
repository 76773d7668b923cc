"""The properties for the results: their definition, their owner, and why one may be unusable."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from connectors.hubspot.transport import Transport
from vocabulary.outputs import Output
from vocabulary.provisioned import Known, Origin

GROUP: Final = "leadgauge"
ARCHIVED: Final = "Settings > Properties > Archived"
_WIRE_TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "number": ("number", "number"),
    "choice": ("enumeration", "select"),
    "text": ("string", "text"),
    "time": ("datetime", "date"),
}

Definition = Mapping[str, Any]


def listed(transport: Transport, type_: str, *, archived: bool = False) -> dict[str, Definition]:
    """Return the properties of an object type by name."""
    query = [("archived", "true")] if archived else []
    return {str(found["name"]): found for found in transport.get("properties", query, type=type_)["results"]}


def definition(output: Output) -> dict[str, Any]:
    """Return how an output field is defined in HubSpot."""
    type_, field_type = _WIRE_TYPES[output.type]
    long_text = output.type == "text" and output.length > 255  # noqa: PLR2004 - show longer texts in several lines
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
        "options": [_option(output, choice, at) for at, choice in enumerate(output.choices)],
    }


def _option(output: Output, choice: str, at: int) -> dict[str, Any]:
    """Return an option; its description is what the choice means.

    https://developers.hubspot.com/docs/api-reference/latest/crm/properties/create-property (2026-11)
    """
    described = {"description": said} if (said := output.sentence_of(choice)) else {}
    return {"label": choice, "value": choice, "displayOrder": at, "hidden": False, **described}


def origin(output: Output, found: Definition, known: Known) -> Origin | None:
    """Return why a property is ours (the store records it, or it is in our group), or None if it is not."""
    return known.get(output.name) or ("made" if found.get("groupName") == GROUP else None)


def stranger(output: Output, found: Definition) -> str:
    """Return the message that a property is not ours."""
    return (
        f"A property {output.name} is there already, in the group {found.get('groupName')}: leadgauge did not make it."
    )


def unfit(output: Output, found: Definition) -> str:
    """Return why a property cannot hold an output; empty if it can."""
    type_, rights = _WIRE_TYPES[output.type][0], found.get("modificationMetadata") or {}
    if found.get("type") != type_:
        return f"The property {output.name} is of type {found.get('type')}, but the results need {type_}."
    if rights.get("readOnlyValue") or found.get("calculated"):
        return f"The property {output.name} is calculated or read-only, so nothing can be written to it."
    if found.get("hasUniqueValue"):
        return f"The property {output.name} takes each value once only, but many records share a result."
    fixed = found.get("externalOptions") or rights.get("readOnlyDefinition") or rights.get("readOnlyOptions")
    if fixed and (missing := lacking(output, found)):
        return f"The property {output.name} lacks the options {', '.join(missing)}, and HubSpot lets none be added."
    return ""


def lacking(output: Output, found: Definition) -> list[str]:
    """Return the choices of an output that a property does not have as options."""
    known = {option.get("value") for option in found.get("options") or []}
    return [choice for choice in output.choices if choice not in known]


def reworded(output: Output, found: Definition) -> list[str]:
    """Return the choices of an output whose option is described otherwise."""
    told = {option.get("value"): option.get("description") or "" for option in found.get("options") or []}
    return [one for one in output.choices if (said := output.sentence_of(one)) and told.get(one, said) != said]


def with_choices(output: Output, found: Definition, *, ours: bool) -> dict[str, Any]:
    """Return the change that adds missing options, and describes those of a property of ours.

    HubSpot replaces the whole list, so existing options are included. In a property of ours the output's choices come
    first, in their order.
    """
    missing, options = lacking(output, found), list(found.get("options") or [])
    described = reworded(output, found) if ours else []
    if not missing and not described:
        return {}
    added = [_option(output, choice, len(options)) for choice in missing]
    told = [_described(output, option) if option.get("value") in described else option for option in options]
    return {"options": _ordered(output, [*told, *added]) if ours and missing else [*told, *added]}


def _described(output: Output, option: Mapping[str, Any]) -> dict[str, Any]:
    return {**option, "description": output.sentence_of(str(option["value"]))}


def _ordered(output: Output, options: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the options with the output's choices first, in their order."""
    place = {choice: at for at, choice in enumerate(output.choices)}
    sought = sorted(options, key=lambda option: place.get(str(option.get("value")), len(place)))
    return [{**option, "displayOrder": at} for at, option in enumerate(sought)]


def archived_on(found: Definition) -> str:
    """Return when a property was archived, worded for a message."""
    day = str(found.get("archivedAt") or "")[:10]
    return f"was archived on {day}" if day else "was archived"


def returns(output: Output, archived: Definition, known: Known) -> bool:
    """Return whether an archived property may be restored as this output: it is ours and has the same type."""
    same = archived.get("type") == _WIRE_TYPES[output.type][0]
    return same and origin(output, archived, known) == "made"


def name_taken(output: Output, archived: Definition) -> str:
    """Return the message that an output's name belongs to an archived property that we must not restore."""
    return (
        f"The name {output.name} belongs to a property that {archived_on(archived)}; HubSpot keeps it for 90 days. "
        f"Set a `prefix` for the scorecard, or restore the property by hand ({ARCHIVED}) and run `leadgauge provision` "
        "again."
    )
