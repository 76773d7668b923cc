"""What would make scores swing: fields whose formulas depend on fields that leadgauge writes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from connectors.base import ConfigurationError
from connectors.salesforce.describe import Descriptions, FieldInfo
from vocabulary.findings import Finding

_TEXTS: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
_PATHS: Final = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)*")


@dataclass(frozen=True, slots=True)
class Swinging:
    """Looks for our own fields behind mapped ones."""

    descriptions: Descriptions
    ours: frozenset[str]
    """The names of our fields in lower case."""
    _met: set[tuple[str, str]] = field(default_factory=set)

    def finding(self, subject: str, name: str, path: str) -> Iterator[Finding]:
        """Yield an error if a mapped field of an object is one of ours, or depends on one."""
        self._met.clear()
        if behind := self._behind(name, path):
            is_ours = behind == path.rpartition(".")[2]
            what = "is one of leadgauge's own results" if is_ours else f"is calculated from {behind}"
            message = f"{name}.{path} {what}: the score would depend on itself and swing."
            yield Finding("error", subject, message, "Map another field.")

    def _behind(self, name: str, path: str) -> str | None:
        """Return our field that a path names, or that formulas behind it name; None if there is none."""
        last = path.rpartition(".")[2]
        if last.lower() in self.ours:
            return last
        place = self._place(name, path)
        if place is None:
            return None
        owner, info = place
        if (owner, info.name) in self._met:
            return None
        self._met.add((owner, info.name))
        words = _PATHS.findall(_TEXTS.sub("", info.calculated_by))
        return next((found for word in words if (found := self._behind(owner, word))), None)

    def _place(self, name: str, path: str) -> tuple[str, FieldInfo] | None:
        """Return the object and the field that a path leads to; None for a function, or if the user cannot see it."""
        try:
            if "." not in path and path.lower() not in self.descriptions.fields(name):
                return None
            return self.descriptions.place(name, path)
        except ConfigurationError:
            return None
