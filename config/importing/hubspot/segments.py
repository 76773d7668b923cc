"""The segments that a score asks about, as entries of one field of the scorecard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from config.importing.card import unique
from config.importing.conditions import Condition, together
from config.importing.findings import NotCarriedError
from config.importing.hubspot.shapes import Filter, SegmentRule
from vocabulary.fields import FieldType

FIELD: Final = "segments"


@dataclass(slots=True)
class Segments:
    """Reads tests of segments, and remembers which segments they are about."""

    names: Mapping[str, str]
    """The names of segments by their id, as far as they were given."""
    used: dict[str, str] = field(default_factory=dict)
    """The entry of the field for the id of each segment."""
    refused: str = ""
    """What these segments are, where leadgauge does not read them."""

    @property
    def types(self) -> dict[str, FieldType]:
        """The field, if there is any segment."""
        return {FIELD: "member_of"} if self.used else {}

    def condition(self, rule: SegmentRule) -> tuple[str, Condition]:
        """Return what a rule tests, in words and as a condition. Raise NotCarriedError if they are not read."""
        self._check()
        entries = [self.entry(one) for one in rule.segments]
        listed = ", ".join(entries)
        match rule.operation:
            case "HAS_AT_LEAST_ONE_SEGMENT_MEMBERSHIP":
                return f"In segment {listed}", _any(entries)
            case "HAS_NO_SEGMENT_MEMBERSHIP":
                return f"Not in segment {listed}", _any(entries).opposite
            case _:
                every = together({FIELD: {"contains": one}} for one in entries)
                return f"In segments {listed}", Condition(every, {"not": every}, FIELD)

    def filtered(self, filter_: Filter) -> Condition:
        """Return the condition for being scored at all. Raise NotCarriedError if they are not read."""
        self._check()
        inside = _any([self.entry(one) for one in filter_.segments])
        return inside if filter_.type == "INCLUDES" else inside.opposite

    def _check(self) -> None:
        if self.refused:
            raise NotCarriedError(f"{self.refused}, which leadgauge does not read")

    def entry(self, segment: int) -> str:
        """Return the entry of the field for a segment."""
        id_ = str(segment)
        if id_ not in self.used:
            self.used[id_] = unique(self.names.get(id_, id_), self.used.values())
        return self.used[id_]


def _any(entries: Sequence[str]) -> Condition:
    """Return the condition that a lead is in one of some segments: who is in none is not unknown, but not in them."""
    inside = {FIELD: {"contains": entries[0]} if len(entries) == 1 else {"contains_any": list(entries)}}
    return Condition(inside, {FIELD: {"not_in": list(entries)}}, FIELD)
