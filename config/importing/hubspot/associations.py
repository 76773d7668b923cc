"""HubSpot's calculators of associated records: of companies as fields, of deals as figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from config.importing.card import plain, unique
from config.importing.conditions import Condition, Written, every, field_test, together
from config.importing.findings import NotCarriedError
from config.importing.hubspot.operations import condition
from config.importing.hubspot.properties import Fields
from config.importing.hubspot.records import Case, Part, Rule, parts
from config.importing.hubspot.segments import Segments
from config.importing.hubspot.shapes import OfAssociated

COMPANY: Final = "0-2"
DEAL: Final = "0-3"
NAMES: Final[Mapping[str, str]] = {
    "0-1": "contacts",
    COMPANY: "companies",
    DEAL: "deals",
    "0-5": "tickets",
    "0-136": "leads",
}
_PRIMARY: Final = ("HUBSPOT_DEFINED", 1)
"""The association of a contact with its primary company."""
_MANY: Final = 1000
"""How many deals count at most where a number rule needs a bound and HubSpot has none."""
_MAY_HOLD_OF_NOTHING: Final = ("or_missing", "'known': False", "'not'", "'any'", "{}")


@dataclass(slots=True)
class OfCompany:
    """Reads calculators of the company of a lead, whose properties become fields of the lead."""

    fields: Fields

    def cases(self, calculation: OfAssociated) -> Iterator[Part]:
        """Yield the parts that a calculator adds up; without a company they give nothing."""
        if (calculation.association.category, calculation.association.type) != _PRIMARY:
            message = "HubSpot rolls up all companies of a contact, here its primary company counts"
            self.fields.remarks.differences.append(message)
        filters = _filters(calculation, self.fields)
        for part in parts(calculation.calculation, self.fields, Segments({}, refused="a company's segments")):
            chained = tuple(Case(case.name, self._guarded([*filters, case.when]), case.points) for case in part.chained)
            name = f"Company: {part.name}"
            yield Part(name, tuple(Case(f"Company: {one.name}", one.when, one.points) for one in chained))

    def _guarded(self, conditions: Sequence[Condition]) -> Condition:
        """Return conditions that hold of a company only: some hold of an empty property too."""
        found = every(conditions)
        if not any(sign in repr(found.yes) for sign in _MAY_HOLD_OF_NOTHING):
            return found
        return every([field_test(self.fields.use("hs_object_id", "text"), "known", operand=True), found])


@dataclass(slots=True)
class OfDeals:
    """Reads calculators of the deals of a lead, which become figures over its deals."""

    fields: Fields
    figures: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def rules(self, calculation: OfAssociated) -> list[Rule]:
        """Return the rules of a calculator: points for each deal, or for the best or the worst one."""
        filters = _filters(calculation, self.fields)
        found = parts(calculation.calculation, self.fields, Segments({}, refused="a deal's segments"))
        if calculation.rollup == "SUM":
            return [self._for_each(case, filters) for part in found for case in part.chained]
        if len(found) > 1:
            raise NotCarriedError(f"{calculation.rollup} of points that each deal gets from several calculators")
        outcomes = self._outcomes(found[0], filters)
        if calculation.rollup == "AVG":
            if len(outcomes) > 1:
                raise NotCarriedError("AVG of different points of deals")
            return list(_first(outcomes))
        return list(_first(sorted(outcomes, key=lambda one: one[2], reverse=calculation.rollup == "MAX")))

    def _for_each(self, case: Case, filters: Sequence[Condition]) -> Rule:
        name = f"Deals: {case.name}"
        bound = plain(abs(case.points) * _MANY)
        points = {"give": plain(case.points), "per": 1}
        return {"name": name, "number": self._count([*filters, case.when]), "points": points, "maximum": bound}

    def _outcomes(self, part: Part, filters: Sequence[Condition]) -> list[tuple[str, str, float]]:
        """Return what a deal can get: the name, the figure with how many get it, and the points."""
        chained = list(part.chained)
        nothing = [case.when.opposite for case in chained] if not part.otherwise and part.cases else []
        outcomes = [(case.name, self._count([*filters, case.when]), case.points) for case in chained]
        return [*outcomes, *([("", self._count([*filters, *nothing]), 0.0)] if nothing else [])]

    def _count(self, conditions: Sequence[Condition]) -> str:
        """Return the figure that counts the deals of which some conditions hold."""
        where = every(conditions).yes
        figure = {"count": "deals", **({"where": where} if where else {})}
        same = next((name for name, one in self.figures.items() if one == figure), None)
        if same is None:
            same = unique("deals", self.figures)
            self.figures[same] = figure
        return same


def _first(outcomes: Sequence[tuple[str, str, float]]) -> Iterator[Rule]:
    """Yield rules for the first outcome that a deal has."""
    for place, (name, figure, points) in enumerate(outcomes):
        before = [{other: {"below": 1}} for _, other, _ in outcomes[:place]]
        if points:
            lead: Written = together([{figure: {"at_least": 1}}, *before])
            yield {"name": f"Deals: {name}", "lead": lead, "points": plain(points)}


def _filters(calculation: OfAssociated, fields: Fields) -> list[Condition]:
    found = calculation.filters.filters if calculation.filters else ()
    return [condition(one.property, one.operation, fields) for one in found]
