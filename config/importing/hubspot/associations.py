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
from vocabulary.fields import FieldType

COMPANY: Final = "0-2"
DEAL: Final = "0-3"
CONTACT: Final = "0-1"
NAMES: Final[Mapping[str, str]] = {
    CONTACT: "contacts",
    COMPANY: "companies",
    DEAL: "deals",
    "0-5": "tickets",
    "0-136": "leads",
}
_PRIMARY: Final = ("HUBSPOT_DEFINED", 1)
"""The association of a contact with its primary company."""
_MANY: Final = 1000
"""How many records count at most where a number rule needs a bound and HubSpot has none."""
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a record can get."""

    name: str
    conditions: Sequence[Condition]
    points: float


@dataclass(slots=True)
class Counted:
    """Reads calculators of records that there may be many of, which become figures over these."""

    of: str
    """What a figure counts: `deals`, or the `leads` of an account."""
    fields: Fields
    segments: Segments
    figures: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """How rules call these records."""
        return "Deals" if self.of == "deals" else "People"

    @property
    def types(self) -> dict[str, FieldType]:
        """The fields of a record."""
        return {**self.fields.types, **self.segments.types}

    def rules(self, calculation: OfAssociated) -> list[Rule]:
        """Return the rules of a calculator: points for each record, or for the best or the worst one."""
        filters = _filters(calculation, self.fields)
        found = parts(calculation.calculation, self.fields, self.segments)
        if calculation.rollup == "SUM":
            return [self._for_each(case, filters) for part in found for case in part.chained]
        if len(found) > 1:
            raise NotCarriedError(f"{calculation.rollup} of points that each record gets from several calculators")
        outcomes = self._outcomes(found[0], filters)
        if calculation.rollup == "AVG":
            if len(outcomes) > 1:
                raise NotCarriedError(f"AVG of different points of {self.of}")
            return list(self._first(outcomes))
        return list(self._first(sorted(outcomes, key=lambda one: one.points, reverse=calculation.rollup == "MAX")))

    def _for_each(self, case: Case, filters: Sequence[Condition]) -> Rule:
        name = f"{self.title}: {case.name}"
        bound = plain(abs(case.points) * _MANY)
        points = {"give": plain(case.points), "per": 1}
        return {"name": name, "number": self._count([*filters, case.when]), "points": points, "maximum": bound}

    def _outcomes(self, part: Part, filters: Sequence[Condition]) -> list[Outcome]:
        """Return what a record can get, and when."""
        chained = list(part.chained)
        nothing = [case.when.opposite for case in chained] if not part.otherwise and part.cases else []
        outcomes = [Outcome(case.name, [*filters, case.when], case.points) for case in chained]
        return [*outcomes, *([Outcome("", [*filters, *nothing], 0.0)] if nothing else [])]

    def _first(self, outcomes: Sequence[Outcome]) -> Iterator[Rule]:
        """Yield rules for the first outcome that a record has."""
        last = max((place for place, one in enumerate(outcomes) if one.points), default=-1)
        counts = [self._count(one.conditions) for one in outcomes[: last + 1]]
        for place, (count, one) in enumerate(zip(counts, outcomes, strict=False)):
            if one.points:
                before = [{other: {"below": 1}} for other in counts[:place]]
                lead: Written = together([{count: {"at_least": 1}}, *before])
                yield {"name": f"{self.title}: {one.name}", "lead": lead, "points": plain(one.points)}

    def _count(self, conditions: Sequence[Condition]) -> str:
        """Return the figure that counts the records of which some conditions hold."""
        where = every(conditions).yes
        figure = {"count": self.of, **({"where": where} if where else {})}
        same = next((name for name, one in self.figures.items() if one == figure), None)
        if same is None:
            same = unique("deals" if self.of == "deals" else "people", self.figures)
            self.figures[same] = figure
        return same


def _filters(calculation: OfAssociated, fields: Fields) -> list[Condition]:
    found = calculation.filters.filters if calculation.filters else ()
    return [condition(one.property, one.operation, fields) for one in found]
