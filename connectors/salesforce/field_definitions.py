"""How output fields are defined in Salesforce: for the Tooling API and for the files of the project alike."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from connectors.salesforce.colors import color_of
from connectors.salesforce.shapes import LONGEST_TEXT, Shape
from connectors.salesforce.tooling import CustomField, Definition
from vocabulary.outputs import Output

MARK: Final = "Written by leadgauge."
"""Suffix of the description and help text of every field that leadgauge creates; `describe` returns the help text."""

WHOLE_NUMBER, FRACTION = 18, 5
LINES: Final = 3
LONGEST_LABEL: Final = 40
LEAST_DIGITS: Final = 4


def is_marked(*texts: str | None) -> bool:
    """Return whether a field's description or help text says that leadgauge made it."""
    return any(MARK in (text or "") for text in texts)


def _type_of(output: Output) -> str:
    is_long = output.type == "text" and output.length > LONGEST_TEXT
    types = {"number": "Number", "choice": "Picklist", "text": "Text", "time": "DateTime"}
    return "LongTextArea" if is_long else types[output.type]


def definition(output: Output) -> Definition:
    """Return the definition of a new field."""
    marked = output.description if output.by_sales else f"{output.description} {MARK}".strip()
    texts = {"label": _label(output.label), "description": marked, "inlineHelpText": marked}
    return {**texts, "type": _type_of(output), **_measures(output)}


def _label(text: str) -> str:
    """Return a label of at most 40 characters, which is what Salesforce takes: the scorecard's name is cut short."""
    if len(text) <= LONGEST_LABEL:
        return text
    card, _, rest = text.rpartition(": ")
    room = LONGEST_LABEL - len(rest) - len("…: ")
    return f"{card[:room].rstrip()}…: {rest}" if card and room > 0 else text[:LONGEST_LABEL]


def extended(output: Output, found: CustomField, *, ours: bool) -> Definition:
    """Return the definition of a field with missing choices added and its bounds widened.

    The choices of a field of ours are described too, and come in our order once some were added. The rest of it is
    repeated as it was read, because an update replaces the whole definition.
    """
    shape, changed = Shape.component(found.metadata), dict(found.whole)
    missing, described = shape.lacking(output), shape.reworded(output) if ours else []
    if missing or described:
        changed["valueSet"] = _with_values(changed["valueSet"] or {}, output, missing, described)
    if ours and missing:
        changed["valueSet"] = _ordered(changed["valueSet"], output.choices)
    if output.type == "text" and shape.narrow(output):
        changed["length"] = output.length
        if output.length > LONGEST_TEXT:
            changed |= {"type": "LongTextArea", "visibleLines": changed.get("visibleLines") or LINES}
    if output.type == "number" and shape.narrow(output):
        scale = max(shape.scale, output.decimals)
        changed |= {"precision": min(WHOLE_NUMBER, max(shape.digits, LEAST_DIGITS) + scale), "scale": scale}
    return changed


def _measures(output: Output) -> dict[str, Any]:
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
            return {"valueSet": _value_set(output)}
        case _:
            return {}


def _value_set(output: Output) -> dict[str, Any]:
    """Return an unrestricted picklist, so that a renamed stage is not refused until `provision` has run again.

    A restricted one refuses it with INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST.
    """
    return _with_values({"restricted": False}, output, output.choices, ())


def _with_values(
    value_set: Mapping[str, Any], output: Output, missing: Sequence[str], described: Sequence[str]
) -> dict[str, Any]:
    """Return a picklist with missing choices at its end, and with some of the others described."""
    definition = value_set.get("valueSetDefinition") or {"sorted": False}
    there = [
        {**one, "description": output.sentence_of(one["valueName"])} if one["valueName"] in described else one
        for one in definition.get("value") or ()
    ]
    values = [*there, *(_value(output, choice) for choice in missing)]
    return {**value_set, "valueSetDefinition": {**definition, "value": values}}


def _ordered(value_set: Mapping[str, Any], choices: Sequence[str]) -> dict[str, Any]:
    """Return a picklist with our choices first, in their order."""
    definition, place = value_set["valueSetDefinition"], {choice: at for at, choice in enumerate(choices)}
    values = sorted(definition["value"], key=lambda one: place.get(one["valueName"], len(place)))
    return {**value_set, "valueSetDefinition": {**definition, "value": values}}


def _value(output: Output, choice: str) -> dict[str, Any]:
    """Return a choice; its description is what it means, and charts draw it in its color.

    https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/meta_customvalue.htm (2026-11)
    """
    described = {"description": said} if (said := output.sentence_of(choice)) else {}
    colored = {"color": color_of(output, choice)}
    return {"valueName": choice, "label": choice, "default": False, **described, **colored}
