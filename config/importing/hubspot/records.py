"""HubSpot's calculators of a record as parts, of each of which exactly one case applies, and these as rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from config.importing.card import plain
from config.importing.conditions import Condition, Numbers, every
from config.importing.hubspot import wording
from config.importing.hubspot.operations import condition
from config.importing.hubspot.properties import Fields, Place, label
from config.importing.hubspot.segments import Segments as Memberships
from config.importing.hubspot.shapes import (
    Composite,
    Conditional,
    Constant,
    Match,
    Multi,
    OfRecord,
    SegmentRule,
    Segments,
    Single,
)
from config.text import Plain

Rule = Mapping[str, Any]
INFINITY: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Case:
    """Points where a condition holds."""

    name: str
    when: Condition
    points: float


@dataclass(frozen=True, slots=True)
class Part:
    """Points of one calculator: those of the first case that holds, or else the others'."""

    name: str
    cases: tuple[Case, ...]
    otherwise: float = 0
    field: str = ""
    """The field whose value decides, if it is one."""
    is_for_all: bool = False
    """Whether it asks for nothing."""

    @property
    def span(self) -> tuple[float, float]:
        """The fewest and the most points."""
        points = [self.otherwise, *(case.points for case in self.cases)]
        return min(points), max(points)

    def cut(self, low: float, high: float) -> "Part":
        """Return the part with its points cut to limits."""
        cases = tuple(replace(case, points=min(max(case.points, low), high)) for case in self.cases)
        return replace(self, cases=cases, otherwise=min(max(self.otherwise, low), high))

    @property
    def chained(self) -> Iterator[Case]:
        """The cases, each with what makes it the first that holds; those of 0 points are left out."""
        for place, case in enumerate(self.cases):
            before = [one.when.opposite for one in self.cases[:place] if not one.when.excludes(case.when)]
            if case.points:
                yield replace(case, when=every([case.when, *before]))
        if self.otherwise:
            none = [case.when.opposite for case in self.cases]
            name = f"{self.name}: other" if self.cases else self.name
            yield Case(name, every(none) if none else Condition({}, {}), self.otherwise)


def parts(calculation: OfRecord, place: Place, segments: Memberships) -> list[Part]:
    """Return the parts that a calculator adds up. Raise NotCarriedError if one cannot be told."""
    match calculation:
        case Constant():
            return [Part("Everyone", (), calculation.value, is_for_all=True)]
        case Match():
            return [_of_match(calculation, place)]
        case Conditional():
            name = wording.of_condition(calculation.where, place)
            return [Part(name, (Case(name, _all(calculation.where, place), calculation.value),))]
        case Segments():
            return [_of_segments(rule, segments) for rule in calculation.rules]
        case Multi():
            return [part for one in calculation.calculators for part in parts(one, place, segments)]


def _of_match(calculation: Match, place: Place) -> Part:
    cases = [
        Case(
            wording.of_test(calculation.property, rule.operation, place),
            condition(calculation.property, rule.operation, place),
            rule.value,
        )
        for rule in calculation.rules
    ]
    fields = {case.when.field for case in cases}
    return Part(
        label(calculation.property), tuple(cases), calculation.default, fields.pop() if len(fields) == 1 else ""
    )


def _all(where: Composite, place: Place) -> Condition:
    return every(
        [
            condition(one.property, one.operation, place) if isinstance(one, Single) else _all(one, place)
            for one in where.conditions
        ]
    )


def _of_segments(rule: SegmentRule, segments: Memberships) -> Part:
    held = segments.condition(rule)
    return Part(held[0], (Case(held[0], held[1], rule.value),))


def lead_rules(part: Part, fields: Fields) -> Iterator[Rule]:
    """Yield a part as rules on the lead: a table where its cases are values or ranges, or else a rule for each case."""
    table = _table(part, fields)
    if table:
        yield table
        return
    for case in part.chained:
        yield {"name": case.name, "lead": case.when.yes, "points": plain(case.points)}


def _table(part: Part, fields: Fields) -> Rule | None:
    """Return a part as a table; None if it has a single case, or one that is no value or range."""
    sure = [case.when.only for case in part.cases]
    if len(sure) < 2 or not part.field or not fields.is_single(part.field) or None in sure:  # noqa: PLR2004 - one is no table
        return None
    points = _of_ranges(part) if fields.types[part.field] == "number" else _of_texts(part)
    if points is None:
        return None
    others = {"otherwise": plain(part.otherwise), "missing": plain(part.otherwise)} if part.otherwise else {}
    return {"name": part.name, "table": part.field, "points": points, **others}


def _of_texts(part: Part) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for case in part.cases:
        if not isinstance(case.when.only, frozenset):
            return None
        written = next(iter(case.when.yes.values()))
        values = written if isinstance(written, list) else [written]
        for value in values:
            same = next((one for one in found if one.strip().lower() == str(value).strip().lower()), None)
            if same is None:
                found[str(value) if not isinstance(value, bool) else str(value).lower()] = plain(case.points)
    return found


def _of_ranges(part: Part) -> dict[str, Any] | None:
    """Return the ranges of a table, if none of them meets another: where two touch, a table takes the upper one."""
    spans = [case.when.only for case in part.cases]
    keys = [_range(span) for span in spans if isinstance(span, Numbers)]
    apart = all(
        one.high < other.low or other.high < one.low
        for place, one in enumerate(spans)
        for other in spans[:place]
        if isinstance(one, Numbers) and isinstance(other, Numbers)
    )
    if None in keys or len(keys) < len(spans) or not apart:
        return None
    return {Plain(key): plain(case.points) for key, case in zip(keys, part.cases, strict=True) if key}


def _range(span: Numbers) -> str | None:
    low, high = plain_or_none(span.low), plain_or_none(span.high)
    if span.low == span.high:
        return f"{low}"
    if high is None and span.with_low and low is not None:
        return f"{low}+"
    if low is None and not span.with_high:
        return f"below {high}"
    return f"{low}-{high}" if None not in {low, high} and span.with_low and span.with_high else None


def plain_or_none(number: float) -> Any:
    """Return a whole number as one, and None for an infinite one."""
    return None if number in {INFINITY, -INFINITY} else plain(number)
