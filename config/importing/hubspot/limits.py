"""Limits of HubSpot's rules, which a scorecard's rules have only in part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from config.importing.card import Line, MadeRule, plain
from config.importing.hubspot.properties import Fields
from config.importing.hubspot.records import INFINITY, Part, Rule, lead_rules


@dataclass(frozen=True, slots=True)
class Limits:
    """The least and the most that something gives."""

    low: float = -INFINITY
    high: float = INFINITY

    @classmethod
    def of(cls, minimum: float | None, maximum: float | None) -> "Limits":
        """Return limits of which either may be missing."""
        return cls(-INFINITY if minimum is None else minimum, INFINITY if maximum is None else maximum)

    def cut(self, points: float) -> float:
        """Return points cut to the limits."""
        return min(max(points, self.low), self.high)

    def inside(self, outer: "Limits") -> "Limits":
        """Return what cutting to these limits and then to others comes to."""
        return Limits(outer.cut(self.low), outer.cut(self.high))

    @property
    def options(self) -> dict[str, Any]:
        """The limits as a scorecard writes them."""
        found = {"minimum": self.low, "maximum": self.high}
        return {name: plain(each) for name, each in found.items() if each not in {INFINITY, -INFINITY}}


NONE: Final = Limits()


@dataclass(frozen=True, slots=True)
class Made:
    """The rules of one rule of HubSpot, and the limits that they do not have yet."""

    lines: Sequence[Line]
    limits: Limits = NONE


def cut_parts(found: Sequence[Part], limits: Limits, fields: Fields) -> Made:
    """Return parts as rules: one part can have its points cut, and limits that are never reached are none."""
    spans = [part.span for part in found]
    fits = sum(low for low, _ in spans) >= limits.low and sum(high for _, high in spans) <= limits.high
    if len(found) == 1 and not fits:
        found, fits = [found[0].cut(limits.low, limits.high)], True
    lines = [MadeRule(rule) for part in found for rule in lead_rules(part, fields)]
    return Made(lines, NONE if fits else limits)


def cut_rules(rules: Sequence[Rule], limits: Limits) -> Made:
    """Return rules; a single one that is never above or below 0 can have the limit itself."""
    lines = [MadeRule(rule) for rule in rules]
    if limits == NONE:
        return Made(lines)
    sign = _sign(rules[0]) if len(rules) == 1 and "lead" not in rules[0] else 0
    bound, other = (limits.high, limits.low) if sign > 0 else (-limits.low, -limits.high)
    if sign and bound >= 0 and other <= 0:
        return Made([MadeRule({**rules[0], **({} if bound == INFINITY else {"maximum": plain(bound)})})])
    return Made(lines, limits)


def _sign(rule: Rule) -> int:
    """Return whether a rule gives only positive (1) or only negative points (-1), or both (0)."""
    match rule["points"]:
        case {"give": give}:
            each = [give]
        case Mapping() as points:
            each = list(points.values())
        case points:
            each = [points]
    if min(each) >= 0:
        return 1
    return -1 if max(each) <= 0 else 0
