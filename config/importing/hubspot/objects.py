"""What a score is about, contacts or companies, and how calculators of either become rules."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

from config.importing.card import MadeCard, MadeGroup, MadeRule
from config.importing.conditions import Condition
from config.importing.findings import NotCarriedError
from config.importing.hubspot.associations import COMPANY, CONTACT, DEAL, NAMES, Counted, OfCompany
from config.importing.hubspot.events import EventReader
from config.importing.hubspot.limits import Limits, Made, cut_parts, cut_rules
from config.importing.hubspot.properties import Fields, Remarks, Uses
from config.importing.hubspot.records import Rule, parts
from config.importing.hubspot.segments import Segments
from config.importing.hubspot.shapes import Calculation, Events, EventsOfAssociated, Filter, OfAssociated, Score

_OF_COMPANY: Final[Mapping[str, int]] = {CONTACT: 2, DEAL: 6}
"""The association of a company with what it is the primary company of, by the type of object.

https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide (2026-11).
"""


class Scored(Protocol):
    """What a score is about."""

    remarks: Remarks
    segments: Segments
    """Those of contacts."""
    events: EventReader

    def filtered(self, filter_: Filter) -> Condition:
        """Return the condition for being scored at all. Raise NotCarriedError if it cannot be told."""

    def made(self, calculation: Calculation, limits: Limits) -> Made:
        """Return the rules of a calculator. Raise NotCarriedError if there are none."""

    def card(self, scored: MadeCard) -> MadeCard:
        """Return the scorecard, given what scores one object."""

    @property
    def sources(self) -> Mapping[str, Mapping[str, str]]:
        """What the settings map each field to, by their option."""


class OfContacts:
    """Contacts, which are leads."""

    def __init__(self, score: Score, names: Mapping[str, str]) -> None:
        uses = Uses.of(score)
        self.remarks = Remarks()
        self.fields = Fields(uses, self.remarks)
        self.company = Fields(uses, self.remarks, prefix="company_")
        self.segments = Segments(names)
        self.deals = _deals(uses, self.remarks)
        self.events = EventReader(self.remarks, self.segments, names)

    def card(self, scored: MadeCard) -> MadeCard:
        """Return the scorecard with the fields of leads, and the figures over their deals."""
        types = {**self.fields.types, **self.company.types, **self.segments.types}
        figures = {"deals": self.deals.types, "figures": self.deals.figures} if self.deals.figures else {}
        return replace(scored, fields=types, top=figures)

    def filtered(self, filter_: Filter) -> Condition:
        """Return the condition for being scored at all."""
        return self.segments.filtered(filter_)

    @property
    def sources(self) -> Mapping[str, Mapping[str, str]]:
        """What the settings map each field of a lead and of a deal to."""
        company = {name: f"company.{one}" for name, one in self.company.sources.items()}
        return {"fields": {**self.fields.sources, **company}, "deals": self.deals.fields.sources}

    def made(self, calculation: Calculation, limits: Limits) -> Made:
        """Return the rules of a calculator, which have its limits themselves where they can."""
        match calculation:
            case Events():
                return cut_rules(list(self.events.rules(calculation)), limits)
            case OfAssociated(object=object_) if object_ == COMPANY:
                return cut_parts(list(OfCompany(self.company).cases(calculation)), limits, self.company)
            case OfAssociated(object=object_) if object_ == DEAL:
                return cut_rules(self.deals.rules(calculation), limits)
            case OfAssociated() | EventsOfAssociated():
                raise _unread(calculation)
            case _:
                return cut_parts(parts(calculation, self.fields, self.segments), limits, self.fields)


class OfCompanies:
    """Companies, which are accounts."""

    def __init__(self, score: Score, names: Mapping[str, str]) -> None:
        uses = Uses.of(score)
        self.remarks = Remarks()
        self.fields = Fields(uses, self.remarks)
        self.segments = Segments(names)
        self.people = Counted("leads", Fields(uses, self.remarks), self.segments)
        self.deals = _deals(uses, self.remarks, self.people.figures)
        self.own_segments = Segments({}, refused="segments of companies")
        self.events = EventReader(self.remarks, Segments({}, refused="segments beside events of contacts"), names)

    def card(self, scored: MadeCard) -> MadeCard:
        """Return a scorecard that scores accounts only."""
        engagement = scored.sections.get("engagement")
        if engagement and not any(group.rules for group in engagement.groups):  # those of accounts cannot be empty
            engagement.groups.append(MadeGroup("None", lines=[MadeRule({"name": "None", "lead": {}, "points": 0})]))
        figures = {"figures": self.people.figures} if self.people.figures else {}
        company = replace(scored, heading=(), fields=self.fields.types, top=figures)
        deals = {"deals": self.deals.types} if self.deals.types else {}
        return MadeCard(scored.name, scored.heading, self.people.types, top=deals, accounts=company)

    @property
    def sources(self) -> Mapping[str, Mapping[str, str]]:
        """What the settings map each field of a lead, of an account and of a deal to."""
        of = {"fields": self.people.fields, "accounts": self.fields, "deals": self.deals.fields}
        return {name: fields.sources for name, fields in of.items()}

    def filtered(self, filter_: Filter) -> Condition:
        """Return the condition for being scored at all."""
        return self.own_segments.filtered(filter_)

    def made(self, calculation: Calculation, limits: Limits) -> Made:
        """Return the rules of a calculator, which have its limits themselves where they can."""
        match calculation:
            case Events():
                raise NotCarriedError("events of companies themselves, which leadgauge does not read")
            case OfAssociated(object=object_) if object_ in _OF_COMPANY:
                self._remark(calculation)
                counted = self.people if object_ == CONTACT else self.deals
                return cut_rules(counted.rules(calculation), limits)
            case EventsOfAssociated(object=object_) if object_ == CONTACT:
                self._remark(calculation)
                return cut_rules(self._of_people(calculation), limits)
            case OfAssociated() | EventsOfAssociated():
                raise _unread(calculation)
            case _:
                return cut_parts(parts(calculation, self.fields, self.own_segments), limits, self.fields)

    def _remark(self, calculation: OfAssociated | EventsOfAssociated) -> None:
        """Note a difference if it is about more than those whose primary company it is."""
        association = calculation.association
        if (association.category, association.type) != ("HUBSPOT_DEFINED", _OF_COMPANY[calculation.object]):
            what = NAMES[calculation.object]
            message = f"HubSpot rolls up all {what} of a company, here those count whose primary company it is"
            self.remarks.differences.append(message)

    def _of_people(self, calculation: EventsOfAssociated) -> list[Rule]:
        """Return rules on what all people of an account did, if their points are added up."""
        if calculation.rollup != "SUM":
            raise NotCarriedError(f"{calculation.rollup} of the points that each contact gets for its events")
        if calculation.filters and calculation.filters.filters:
            raise NotCarriedError("events of only some contacts of a company")
        if any(one.frequency for one in calculation.calculation.events):
            raise NotCarriedError("points for how many events there are of each contact of a company")
        return list(self.events.rules(calculation.calculation))


KINDS: Final[Mapping[str, type[OfContacts] | type[OfCompanies]]] = {CONTACT: OfContacts, COMPANY: OfCompanies}
"""What the objects are whose scores can be read."""


def _deals(uses: Uses, remarks: Remarks, figures: dict[str, Mapping[str, Any]] | None = None) -> Counted:
    refused = Segments({}, refused="segments of deals")
    return Counted("deals", Fields(uses, remarks), refused, {} if figures is None else figures)


def _unread(calculation: OfAssociated | EventsOfAssociated) -> NotCarriedError:
    what = NAMES.get(calculation.object, f"objects of the type {calculation.object}")
    of = "events of associated" if isinstance(calculation, EventsOfAssociated) else "associated"
    return NotCarriedError(f"{of} {what}, which leadgauge does not read")
