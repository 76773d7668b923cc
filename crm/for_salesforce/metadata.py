"""Components of Salesforce's Metadata API, and how they are written in source format."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import escape

from connectors.salesforce.people import KINDS
from crm.component import MADE
from vocabulary.outputs import Of

API: Final = "63.0"
"""The version whose types the files keep to."""
MAIN: Final = "force-app/main/default"
NAMESPACE: Final = "http://soap.sforce.com/2006/04/metadata"


@dataclass(frozen=True, slots=True)
class Org:
    """What the settings say of the org."""

    leads: tuple[str, ...] = KINDS
    """The objects with results of leads."""
    permission_set: str = "leadgauge"

    def objects(self, of: Of) -> tuple[str, ...]:
        """Return the objects with results of leads, or of accounts."""
        return self.leads if of == "leads" else ("Account",)


@dataclass(frozen=True, slots=True)
class Component:
    """A component and its file."""

    kind: str
    """Its type in the Metadata API, such as `CustomField`."""
    path: str
    elements: Mapping[str, Any]
    """Its elements, in the order that the type sets; a list is a repeated element."""

    @property
    def text(self) -> str:
        """The file. Salesforce's tool takes a comment for the component, unless it is inside."""
        head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{self.kind} xmlns="{NAMESPACE}">\n    <!-- {MADE} -->\n'
        return head + "".join(_lines(self.elements, 1)) + f"</{self.kind}>\n"


def of_object(kind: str, name: str, folder: str, suffix: str, elements: Mapping[str, Any]) -> Component:
    """Return a component of an object, such as a list view of Lead."""
    api_name = elements["fullName"]
    return Component(kind, f"{MAIN}/objects/{name}/{folder}/{api_name}.{suffix}-meta.xml", elements)


def _lines(elements: Mapping[str, Any], depth: int) -> Iterator[str]:
    for name, value in elements.items():
        for one in value if isinstance(value, list | tuple) else [value]:
            yield from _element(name, one, depth)


def _element(name: str, value: Any, depth: int) -> Iterable[str]:
    space = "    " * depth
    if isinstance(value, Mapping):
        return [f"{space}<{name}>\n", *_lines(value, depth + 1), f"{space}</{name}>\n"]
    text = str(value).lower() if isinstance(value, bool) else escape(str(value))
    return [f"{space}<{name}>{text}</{name}>\n"]
