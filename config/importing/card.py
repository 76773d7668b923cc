"""A scorecard that an import makes, before it is text: rules and, where one does not carry over, why."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from unicodedata import category

from scoring.card.score import SectionName
from vocabulary.fields import FieldType

LARGEST: Final = 2**53
"""Up to here every whole number is exact."""


@dataclass(frozen=True, slots=True)
class Note:
    """A comment at the place of what it is about."""

    text: str


@dataclass(frozen=True, slots=True)
class MadeRule:
    """A rule as a scorecard writes it."""

    written: Mapping[str, Any]

    @property
    def is_of_activities(self) -> bool:
        """Whether it is about what leads do."""
        return "activity" in self.written


Line = MadeRule | Note


@dataclass(slots=True)
class MadeGroup:
    """A group of rules with its options."""

    name: str
    options: dict[str, Any] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    @property
    def rules(self) -> list[MadeRule]:
        """The rules without the comments."""
        return [line for line in self.lines if isinstance(line, MadeRule)]


@dataclass(slots=True)
class MadeSection:
    """Fit or engagement."""

    options: dict[str, Any] = field(default_factory=dict)
    groups: list[MadeGroup] = field(default_factory=list)


@dataclass(slots=True)
class MadeCard:
    """A scorecard."""

    name: str
    heading: Sequence[str] = ()
    fields: Mapping[str, FieldType] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    """What each field is in the source, as a comment."""
    top: dict[str, Any] = field(default_factory=dict)
    """Further options at the top: calendar, deals, figures."""
    limits: dict[str, Any] = field(default_factory=dict)
    """Minimum and maximum of the score."""
    sections: dict[SectionName, MadeSection] = field(default_factory=dict)
    tail: Sequence[str] = ()
    """The lines of grade, readiness and priority."""
    accounts: "MadeCard | None" = None
    """The scorecard of the companies of leads, of which a lead may have none itself."""


def plain(number: float) -> Any:
    """Return a whole number as one, if it is one that YAML programs can hold."""
    return int(number) if abs(number) < LARGEST and number == int(number) else number


def unique(name: str, taken: Iterable[str]) -> str:
    """Return a name that is not taken, whatever its capitals: a number is added where it is."""
    used = {one.lower() for one in taken}
    numbered = (f"{name} {number}" for number in range(2, len(used) + 3))
    return name if name.lower() not in used else next(one for one in numbered if one.lower() not in used)


def field_name(text: str, kept: str = "") -> str:
    """Return a text with only what the name of a field can have, and some other characters that are kept.

    Python counts fractions and circled numbers as part of words, a scorecard does not.
    """
    return re.sub(rf"[^\w{kept}]+", "_", "".join("_" if category(one) == "No" else one for one in text))
