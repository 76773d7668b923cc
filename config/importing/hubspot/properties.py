"""The properties that a score tests, and the fields of the scorecard that they become."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from pydantic import BaseModel

from config.importing.card import field_name
from config.importing.findings import NotCarriedError
from config.importing.hubspot.shapes import (
    AnyOperation,
    Choice,
    Flag,
    Known,
    Match,
    NumberIs,
    NumberRange,
    OtherProperty,
    PropertyFilter,
    Score,
    Single,
    Text,
    Texts,
)
from scoring.card.base import RESERVED
from vocabulary.fields import FieldType

Kind = Literal["text", "choice", "number", "flag", "time"]
"""What an operation takes a property for. A choice is a text, or a list where a test needs several values at once."""

_KINDS: Final[Mapping[type[BaseModel], Kind]] = {
    Text: "text",
    Texts: "text",
    Choice: "choice",
    NumberIs: "number",
    NumberRange: "number",
    Flag: "flag",
}
_OF_LISTS: Final = frozenset({"CONTAINS_ALL", "DOES_NOT_CONTAIN_ALL", "HAS_EVER_CONTAINED_ALL"})


class Place(Protocol):
    """Where properties are tested: on the lead, its company, a deal or an event."""

    def use(self, property_: str, kind: Kind | None) -> str:
        """Return the field of a property. Raise NotCarriedError if there is none."""

    def value(self, property_: str, value: str) -> str:
        """Return what the field holds where the property holds a text."""

    def is_single(self, field_: str) -> bool:
        """Return whether a field holds one value at a time."""

    @property
    def remarks(self) -> "Remarks":
        """What is to be told about the rule that is being read."""


@dataclass(slots=True)
class Remarks:
    """What turns up while operations are read."""

    differences: list[str] = field(default_factory=list)
    """What counts otherwise than in HubSpot."""
    year_starts: str = ""
    """The month with which the years of the rules begin; a scorecard has one calendar."""

    def year(self, month: str) -> None:
        """Note with which month years begin. Raise NotCarriedError if the rules do not agree."""
        if self.year_starts not in {"", month}:
            raise NotCarriedError(f"years that begin with {month} beside others that begin with {self.year_starts}")
        self.year_starts = month

    def drained(self) -> list[str]:
        """Return the differences since the last time."""
        found, self.differences = self.differences, []
        return list(dict.fromkeys(found))


def kind_of(operation: AnyOperation) -> Kind | None:
    """Return what an operation takes its property for; None if it only asks whether there is a value."""
    if isinstance(operation, OtherProperty):
        return "text" if operation.type == "COMPARATIVE_STRING" else "time"
    return None if isinstance(operation, Known) else _KINDS.get(type(operation), "time")


@dataclass(frozen=True, slots=True)
class Uses:
    """What a score takes each of its properties for."""

    kinds: Mapping[str, Sequence[Kind]]
    lists: frozenset[str]
    """Properties that hold several values: a test asks for more than one at once."""

    @classmethod
    def of(cls, score: Score) -> "Uses":
        """Return the uses of all properties of a score."""
        kinds: dict[str, list[Kind]] = defaultdict(list)
        lists: set[str] = set()
        for property_, operation in _tests(score):
            if kind := kind_of(operation):
                kinds[property_].append(kind)
            if isinstance(operation, Choice) and _asks_for_several(operation):
                lists.add(property_)
        return cls(kinds, frozenset(lists))


def _asks_for_several(operation: Choice) -> bool:
    return operation.operator in _OF_LISTS or ("EXACTLY" in operation.operator and len(operation.values) > 1)


def _tests(part: object) -> Iterator[tuple[str, AnyOperation]]:
    """Yield every test in a part of a score, with the property that it is about."""
    match part:
        case Match():
            yield from ((part.property, rule.operation) for rule in part.rules)
        case Single() | PropertyFilter():
            yield part.property, part.operation
        case BaseModel():
            for name in type(part).model_fields:
                yield from _tests(getattr(part, name))
        case tuple():
            for each in part:
                yield from _tests(each)


@dataclass(slots=True)
class Fields:
    """The fields that properties of one object become, in the order in which they are used."""

    uses: Uses
    remarks: Remarks
    prefix: str = ""
    """The prefix of the field names, such as `company_`."""
    types: dict[str, FieldType] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    """The property of each field."""

    def use(self, property_: str, kind: Kind | None) -> str:
        """Return the field of a property, and declare it."""
        known: Sequence[Kind] = self.uses.kinds.get(property_, ())
        type_ = self._type(property_, kind or (known[0] if known else "text"))
        name = _name(self.prefix + property_)
        if self.types.get(name, type_) != type_:  # a text in one test and a number in another
            name = f"{name}_{type_}"
        self.types[name], self.sources[name] = type_, property_
        return name

    def value(self, property_: str, value: str) -> str:
        """Return the value as it is."""
        del property_
        return value

    def is_single(self, field_: str) -> bool:
        """Return whether a field is no list."""
        return self.types[field_] != "list"

    def _type(self, property_: str, kind: Kind) -> FieldType:
        if kind in {"text", "choice"}:
            return "list" if property_ in self.uses.lists else "text"
        return kind  # type: ignore[return-value]  # a choice is dealt with above


def _name(property_: str) -> str:
    """Return a property's name as the name of a field."""
    name = field_name(property_, kept=" .-").strip() or "property"
    return f"hubspot_{name}" if name in RESERVED or not re.match(r"\w", name) else name


_LABELS: Final[Mapping[str, str]] = {
    "jobtitle": "Job title",
    "numberofemployees": "Employees",
    "numemployees": "Employees",
    "annualrevenue": "Annual revenue",
    "lifecyclestage": "Lifecycle stage",
    "hs_url": "URL",
    **dict.fromkeys(
        ("hs_form_id", "hs_email_id", "hs_email_campaign_id", "hs_campaign_id", "hs_marketing_event_id"), ""
    ),
}
"""Names of properties that do not tell it in words."""


def label(property_: str) -> str:
    """Return how a rule calls a property: `hs_lead_status` is *Lead status*."""
    if property_ in _LABELS:
        return _LABELS[property_]
    words = re.sub(r"[_\s]+", " ", re.sub(r"^hs_", "", property_)).strip()
    return words[:1].upper() + words[1:] or "Property"
