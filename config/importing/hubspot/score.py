"""A score of HubSpot as a scorecard."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from config.importing.card import MadeCard, MadeGroup, MadeRule, MadeSection, Note, plain, unique
from config.importing.findings import Findings, NotCarriedError
from config.importing.hubspot.limits import NONE, Limits, Made
from config.importing.hubspot.objects import KINDS, Scored
from config.importing.hubspot.outputs import SECTIONS, Tail, categories
from config.importing.hubspot.shapes import Calculation, Category, Events, EventsOfAssociated, Group, Score
from config.importing.hubspot.shapes import Rule as HubSpotRule
from config.text import Plain
from scoring.card.score import SectionName

OF_EVENTS: Final = (Events, EventsOfAssociated)
"""The calculators of what somebody did."""


class Reader:
    """Reads one score."""

    def __init__(self, score: Score, names: Mapping[str, str]) -> None:
        self.score, self.findings = score, Findings()
        self.about: Scored = KINDS[score.object](score, names)
        self.when: Mapping[str, Any] | None = None
        """The condition for being scored at all."""

    def card(self) -> MadeCard:
        """Return the scorecard."""
        without = self._filtered()
        sections = self._sections()
        tail = list(Tail(self.score, self.findings).lines())
        limits = Limits.of(None, self.score.maximum).options
        name, heading = self.score.name.strip() or "imported", [*self._heading(), *without]
        card = self.about.card(MadeCard(name, heading, limits=limits, sections=sections, tail=tail))
        if self.about.remarks.year_starts not in {"", "January"}:
            calendar = {"zone": "UTC", "year_starts": self.about.remarks.year_starts}
            card.top = {"calendar": calendar, **card.top}
        return card

    def _filtered(self) -> list[str]:
        """Note who is scored, and return why not, if that cannot be told."""
        if self.score.filter:
            try:
                self.when = self.about.filtered(self.score.filter).yes
            except NotCarriedError as why:
                return [self.findings.lost("filterConfiguration", f"All are scored, not only those in HubSpot: {why}.")]
        return []

    def _heading(self) -> list[str]:
        lost = list(self.findings.losses)
        status = f", {self.score.status}" if self.score.status else ""
        lines = [f"HubSpot's score '{self.score.name}'{status}, by `leadgauge import hubspot-score`."]
        if lost:
            what = "One part did" if len(lost) == 1 else f"{len(lost)} parts did"
            lines.append(f"{what} not carry over; a comment marks the place of each.")
        return lines

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
        does = any(isinstance(rule.configuration.calculation, OF_EVENTS) for rule in group.rules)
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
        if self.when is not None:
            options = {"when": self.when, **options}
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
            made = self.about.made(calculation, Limits.of(rule.minimum, rule.maximum))
        except NotCarriedError as why:
            self.about.remarks.drained()
            return Made([Note(self.findings.lost(path, f"{_called(calculation)} is left out: {why}."))])
        notes = [
            Note(self.findings.lost(path, f"What follows counts otherwise: {one}."))
            for one in self.about.remarks.drained()
        ]
        return Made([*notes, *made.lines], made.limits)


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
