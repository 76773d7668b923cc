"""A score of HubSpot as a scorecard."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from config.importing.card import Line, MadeCard, MadeGroup, MadeRule, MadeSection, Note, plain, unique
from config.importing.findings import Findings, NotCarriedError
from config.importing.hubspot.associations import NAMES, OfCompany, OfDeals
from config.importing.hubspot.events import EventReader
from config.importing.hubspot.outputs import SECTIONS, Tail, categories
from config.importing.hubspot.properties import Fields, Remarks, Uses
from config.importing.hubspot.records import INFINITY, Part, Rule, lead_rules, parts
from config.importing.hubspot.segments import FIELD, Segments
from config.importing.hubspot.shapes import (
    Calculation,
    Category,
    Events,
    EventsOfAssociated,
    Group,
    OfAssociated,
    Score,
)
from config.importing.hubspot.shapes import Rule as HubSpotRule
from config.text import Plain
from scoring.card.score import SectionName
from vocabulary.fields import FieldType

CONTACT: Final = "0-1"


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


class Reader:
    """Reads one score."""

    def __init__(self, score: Score, names: Mapping[str, str]) -> None:
        self.score, self.names, self.findings = score, names, Findings()
        uses, remarks = Uses.of(score), Remarks()
        self.fields, self.remarks = Fields(uses, remarks), remarks
        self.company = Fields(uses, remarks, prefix="company_")
        self.deal = Fields(uses, remarks)
        self.segments = Segments(names)
        self.events = EventReader(self.fields, self.segments, names)
        self.deals = OfDeals(self.deal)

    def card(self) -> MadeCard:
        """Return the scorecard."""
        sections = self._sections()
        tail = list(Tail(self.score, self.findings).lines())
        return MadeCard(
            self.score.name.strip() or "imported",
            self._heading(),
            self._types(),
            {},
            self._top(),
            Limits.of(None, self.score.maximum).options,
            sections,
            tail,
        )

    def _heading(self) -> list[str]:
        lost = list(self.findings.losses)
        status = f", {self.score.status}" if self.score.status else ""
        lines = [f"HubSpot's score '{self.score.name}'{status}, by `leadgauge import hubspot-score`."]
        if lost:
            what = "One part did" if len(lost) == 1 else f"{len(lost)} parts did"
            lines.append(f"{what} not carry over; a comment stands where each would.")
        return lines

    def _types(self) -> dict[str, FieldType]:
        held: dict[str, FieldType] = {FIELD: "member_of"} if self.segments.used else {}
        return {**self.fields.types, **self.company.types, **held}

    @property
    def sources(self) -> dict[str, str]:
        """What the settings map each field to."""
        return {**self.fields.sources, **{name: f"company.{one}" for name, one in self.company.sources.items()}}

    def _top(self) -> dict[str, Any]:
        top: dict[str, Any] = {}
        if self.remarks.year_starts not in {"", "January"}:
            top["calendar"] = {"zone": "UTC", "year_starts": self.remarks.year_starts}
        if self.deals.figures:
            top["deals"] = self.deal.types
            top["figures"] = self.deals.figures
        return top

    def _sections(self) -> dict[SectionName, MadeSection]:
        made: dict[SectionName, MadeSection] = {}
        for place, group in enumerate(self.score.groups):
            section = made.setdefault(self._section_of(group), MadeSection())
            for one in self._groups(group, f"groupConfigs[{place}]"):
                one.name = unique(one.name, [other.name for other in section.groups])
                section.groups.append(one)
        for category in sorted(categories(self.score)):
            made.setdefault(SECTIONS[category], MadeSection())
        for section in made.values():
            section.options = Limits.of(None, self.score.maximum_per_category).options
        order: list[SectionName] = ["fit", "engagement"]
        return {name: made[name] for name in order if name in made}

    def _section_of(self, group: Group) -> SectionName:
        """Return the section of a group; the newest reference does not name its category."""
        if group.category:
            return SECTIONS[group.category]
        if len(self.score.categories) == 1:
            return SECTIONS[self.score.categories[0]]
        does = any(isinstance(rule.configuration.calculation, Events) for rule in group.rules)
        category: Category = "INTENT" if does else "FIT"
        return SECTIONS[category]

    def _groups(self, group: Group, path: str) -> Iterator[MadeGroup]:
        """Yield a group, and after it those of rules that have limits of their own."""
        limits = Limits.of(group.minimum, group.maximum)
        name = " ".join(group.name.split()) or "Rules"
        main = MadeGroup(name)
        apart: list[MadeGroup] = []
        on = [rule for rule in group.rules if rule.enabled]
        for place, rule in enumerate(group.rules):
            made = self._rule(rule, f"{path}.ruleConfigurations[{place}]")
            if made.limits == NONE:
                main.lines += made.lines
            elif len(on) == 1:
                main.lines += made.lines
                limits = made.limits.inside(limits)
            elif limits == NONE:
                apart.append(MadeGroup(f"{name}: limited", made.limits.options, list(made.lines)))
            else:
                main.lines += [*made.lines, Note(self._without(made.limits, f"{path}.ruleConfigurations[{place}]"))]
        if not main.rules and limits.cut(0):
            name_of_it = f"{name}: at least" if limits.low > 0 else f"{name}: at most"
            main.lines.append(MadeRule({"name": name_of_it, "lead": {}, "points": plain(limits.cut(0))}))
        main.options = limits.options
        yield from (self._completed(one, group, path) for one in (main, *apart))

    def _without(self, limits: Limits, path: str) -> str:
        shown = " and ".join(f"{name} {each:g}" for name, each in limits.options.items())
        why = f"the {shown} of the rules above is left out: a group has limits, and rules of several parts have none"
        return self.findings.lost(path, why)

    def _completed(self, made: MadeGroup, group: Group, path: str) -> MadeGroup:
        """Add who is scored and the decay; give each rule a name of its own."""
        options = dict(made.options)
        if self.score.filter:
            options = {"when": self.segments.filtered(self.score.filter).yes, **options}
        if group.decay and group.decay.percent:
            if any(rule.is_of_activities for rule in made.rules):
                lose = Plain(f"{plain(group.decay.percent)}%")
                options["steps"] = {"every": f"{group.decay.days}d", "lose": lose}
            elif made.rules:
                made.lines.append(Note(self.findings.told(path, "its decay has no effect: no rule is about events")))
        made.options = options
        taken: list[str] = []
        for place, line in enumerate(made.lines):
            if isinstance(line, MadeRule):
                name = unique(str(line.written["name"]), taken)
                taken.append(name)
                made.lines[place] = MadeRule({**line.written, "name": name})
        return made

    def _rule(self, rule: HubSpotRule, path: str) -> Made:
        """Return a rule, or why it is left out."""
        calculation = rule.configuration.calculation
        if not rule.enabled:
            return Made([Note(self.findings.told(path, f"{_called(calculation)} is switched off in HubSpot."))])
        try:
            made = self._limited(calculation, Limits.of(rule.minimum, rule.maximum))
        except NotCarriedError as why:
            self.remarks.drained()
            return Made([Note(self.findings.lost(path, f"{_called(calculation)} is left out: {why}."))])
        notes = [
            Note(self.findings.lost(path, f"What follows counts otherwise: {one}.")) for one in self.remarks.drained()
        ]
        return Made([*notes, *made.lines], made.limits)

    def _limited(self, calculation: Calculation, limits: Limits) -> Made:
        """Return the rules of a calculator, which have its limits themselves where they can."""
        match calculation:
            case Events():
                return _cut_rules(list(self.events.rules(calculation)), limits)
            case OfAssociated(object="0-2"):
                return self._cut_parts(list(OfCompany(self.company).cases(calculation)), limits, self.company)
            case OfAssociated(object="0-3"):
                return _cut_rules(self.deals.rules(calculation), limits)
            case OfAssociated() | EventsOfAssociated():
                what = NAMES.get(calculation.object, f"objects of the type {calculation.object}")
                of = "events of associated" if isinstance(calculation, EventsOfAssociated) else "associated"
                raise NotCarriedError(f"{of} {what}, which leadgauge does not read")
            case _:
                return self._cut_parts(parts(calculation, self.fields, self.segments), limits, self.fields)

    def _cut_parts(self, found: Sequence[Part], limits: Limits, fields: Fields) -> Made:
        spans = [part.span for part in found]
        fits = sum(low for low, _ in spans) >= limits.low and sum(high for _, high in spans) <= limits.high
        if len(found) == 1 and not fits:
            found, fits = [found[0].cut(limits.low, limits.high)], True
        lines = [MadeRule(rule) for part in found for rule in lead_rules(part, fields)]
        return Made(lines, NONE if fits else limits)


def _cut_rules(rules: Sequence[Rule], limits: Limits) -> Made:
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


def _called(calculation: Calculation) -> str:
    what = {
        "CONSTANT": "The rule for everyone",
        "MATCH": f"The rule on `{getattr(calculation, 'property', '')}`",
        "CONDITIONAL": "The rule on a condition",
        "MULTI": "The rule of several calculators",
        "SEGMENT_MEMBERSHIP": "The rule on segments",
        "MULTI_UE": "The rule on events",
        "ASSOCIATIONS": "The rule on associated records",
        "ASSOCIATION_UE": "The rule on events of associated records",
    }
    return what[calculation.type]
