"""The custom fields, defined as `leadgauge provision` defines them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from connectors.salesforce.field_definitions import definition
from connectors.salesforce.fields import field_name
from crm.boards import Board, filled_by_sales
from crm.for_salesforce.metadata import Component, Org, of_object
from vocabulary.outputs import OFS

_ORDER: Final = ("description", "inlineHelpText", "label", "length", "precision", "scale", "type", "valueSet")


def components(boards: Sequence[Board], org: Org) -> Iterator[Component]:
    """Yield a field for each output on each object, and the one that sales fills."""
    written = [(of, output) for board in boards for of in OFS for output in board.fields(of)]
    for of, output in (*written, *(("leads", output) for output in filled_by_sales(boards))):
        elements = _elements(field_name(output.name), definition(output))
        for name in org.objects(of):
            yield of_object("CustomField", name, "fields", "field", elements)


def _elements(name: str, defined: Mapping[str, Any]) -> dict[str, Any]:
    """Return a field of the Tooling API as the Metadata API writes it."""
    known = {key: defined[key] for key in (*_ORDER, "visibleLines") if key in defined}
    assert known.keys() == defined.keys(), f"the file of {name} would lack {defined.keys() - known.keys()}"
    if "valueSet" in known:
        known["valueSet"] = _value_set(known["valueSet"])
    return {"fullName": name, **known}


def _value_set(value_set: Mapping[str, Any]) -> dict[str, Any]:
    """Return a picklist; what is `valueName` in the Tooling API is `fullName` here."""
    shown = value_set["valueSetDefinition"]
    values = [
        {
            "fullName": one["valueName"],
            **{key: one[key] for key in ("color", "default", "description", "label") if key in one},
        }
        for one in shown["value"]
    ]
    return {
        "restricted": value_set["restricted"],
        "valueSetDefinition": {"sorted": shown["sorted"], "value": values},
    }
