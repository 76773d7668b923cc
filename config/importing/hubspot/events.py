"""HubSpot's events as kinds of activities, and its calculators of events as rules."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from config.importing.card import plain
from config.importing.conditions import Condition, some, together
from config.importing.findings import NotCarriedError
from config.importing.hubspot.operations import condition
from config.importing.hubspot.properties import Kind, Remarks
from config.importing.hubspot.records import Case, Part, Rule, parts
from config.importing.hubspot.segments import FIELD, Segments
from config.importing.hubspot.shapes import (
    CalendarDate,
    EventCalculator,
    Events,
    Frequency,
    FrequencyRange,
    RollingDays,
    Timeframe,
)
from config.text import Plain
from meaning.forms import FORMS


@dataclass(frozen=True, slots=True)
class EventType:
    """What an event of HubSpot is here."""

    name: str
    kinds: tuple[str, ...]
    difference: str = ""
    """What counts otherwise than in HubSpot."""


_FORM_KINDS: Final = ("form_submit", *dict.fromkeys(kind for kind, _ in FORMS if kind != "form_submit"))

# HubSpot publishes no list of ids; these are used in workflows and lists of several public repositories (2026-11).
EVENTS: Final[Mapping[str, EventType]] = {
    "4-96000": EventType("Page view", ("page_view",)),
    "4-1639801": EventType("Form", _FORM_KINDS),
    "4-666440": EventType("Email opened", ("email_open",)),
    "4-666288": EventType("Email clicked", ("email_click",)),
    "4-665538": EventType("Email answered", ("email_reply",)),
    "4-5470331": EventType("Email bounced", ("bounce",)),
    "4-666289": EventType("Unsubscribed", ("unsubscribe",), "of changed subscriptions only those that end one count"),
    "4-1720599": EventType(
        "Meeting booked", ("meeting",), "a meeting counts when it takes place, not when it is booked"
    ),
    "4-1733817": EventType("Call", ("call",)),
    "4-1741072": EventType("Call", ("call",)),
    "4-68559": EventType("Marketing event registered", ("webinar_register",)),
    "4-69072": EventType("Marketing event cancelled", ("webinar_cancel",)),
}
"""What each type of event is; the settings map `webinar_cancel`."""
_URLS: Final = frozenset({"hs_url", "hs_page_url", "hs_canonical_url", "hs_click_url", "hs_link_url", "url"})
_NAMES: Final = frozenset(
    {"hs_form_title", "hs_page_title", "hs_title", "hs_name", "hs_email_name", "hs_subject", "name"}
)
_IDS: Final = frozenset(
    {"hs_form_id", "hs_email_id", "hs_email_campaign_id", "hs_campaign_id", "hs_marketing_event_id"}
)
_SECONDS: Final = frozenset({"hs_visit_duration", "hs_time_on_page"})
_TIMES: Final = frozenset({"hs_occurred_at", "hs_timestamp", "hs_event_timestamp", "occurredAt", "hs_date"})
_COLUMNS: Final[Mapping[str, str]] = {
    **dict.fromkeys(_URLS, "url"),
    **dict.fromkeys((*_NAMES, *_IDS), "name"),
    **dict.fromkeys(_SECONDS, "seconds"),
    **dict.fromkeys(_TIMES, "occurred_at"),
}
"""What an activity calls a property of an event."""


@dataclass(slots=True)
class OfEvent:
    """The place where properties of an event are tested: an activity."""

    remarks: Remarks
    names: Mapping[str, str]
    """Names of forms, emails and the like by their ids."""

    def use(self, property_: str, kind: Kind | None) -> str:
        """Return what an activity calls a property."""
        del kind
        if property_ not in _COLUMNS:
            raise NotCarriedError(f"`{property_}` of an event, which leadgauge does not read")
        return _COLUMNS[property_]

    def value(self, property_: str, value: str) -> str:
        """Return the name for an id."""
        if property_ not in _IDS:
            return value
        if value not in self.names:
            raise NotCarriedError(f"`{property_}` {value}: leadgauge knows it by its name; give --name {value}=NAME")
        return self.names[value]

    def is_single(self, field_: str) -> bool:
        """Return that an activity has one of each."""
        del field_
        return True


@dataclass(slots=True)
class EventReader:
    """Reads calculators of events."""

    remarks: Remarks
    segments: Segments
    names: Mapping[str, str]
    asked: dict[str, str] = field(default_factory=dict)
    """The kind of each type of event that the settings have to map, by its name in the events API."""
    kinds: set[str] = field(default_factory=set)
    """All kinds that rules are about."""

    def rules(self, calculation: Events) -> Iterator[Rule]:
        """Yield the rules of a calculator of events."""
        for one in calculation.events:
            yield from self.of_event(one)

    def of_event(self, one: EventCalculator) -> Iterator[Rule]:
        """Yield the rules for the events of one type."""
        type_ = self._type(one.event)
        if type_.difference:
            self.remarks.differences.append(type_.difference)
        self.kinds.update(type_.kinds)
        kinds = type_.kinds[0] if len(type_.kinds) == 1 else list(type_.kinds)
        found = parts(one.calculation, OfEvent(self.remarks, self.names), self.segments)
        when, frame = self._framed(one.timeframe)
        if one.frequency:
            yield from _by_count(type_.name, {"kind": kinds, **when}, found, one.frequency, frame)
            return
        for part in found:
            for case in part.chained:
                yield _each(type_.name, {"kind": kinds}, when, case, frame, single=len(found) == 1 and not part.cases)

    def _type(self, event: str) -> EventType:
        if event in EVENTS:
            return EVENTS[event]
        if event not in self.names:
            raise NotCarriedError(
                f"events of the type {event}: give their name in the events API, --name {event}=e_NAME"
            )
        name = self.names[event]
        kind = name.removeprefix("e_")
        self.asked[name] = kind
        return EventType(name, (kind,))

    def _framed(self, frame: Timeframe | None) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Return when events must have happened: as part of the condition, or as an option of the rule."""
        if frame is None:
            return {}, {}
        match frame.operation:
            case RollingDays(operator="IS_LESS_THAN_X_DAYS_AGO") as rolling if rolling.days > 0:
                return {}, {"within": f"{rolling.days}d"}
            case CalendarDate():
                found = _condition_of(frame, self)
                during = found.get("occurred_at", {}).get("during") if len(found) == 1 else None
                return ({}, {"during": during}) if during else (found, {})
            case _:
                return _as_option(_condition_of(frame, self))


def _condition_of(frame: Timeframe, reader: EventReader) -> Mapping[str, Any]:
    return condition("hs_timestamp", frame.operation, OfEvent(reader.remarks, reader.names)).yes


def _as_option(found: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return `not older than` as `within`: no event lies in the future."""
    match found:
        case {"not": {"occurred_at": {"older_than": str() as length}}} if len(found) == 1:
            return {}, {"within": length}
        case _:
            return found, {}


def _each(
    name: str, kinds: Mapping[str, Any], when: Mapping[str, Any], case: Case, frame: Mapping[str, Any], *, single: bool
) -> Rule:
    """Return a rule that gives points for each event."""
    activity, opened = _split([kinds, when, case.when.yes])
    opening = {"when": opened} if opened else {}
    called = name if single else f"{name}: {case.name}"
    return {"name": called, **opening, "activity": activity, "points": plain(case.points), **frame}


def _split(conditions: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the lines about the activity, and those about the lead, which is asked as it is now."""
    lines = together(conditions)
    about_lead = {name: test for name, test in lines.items() if name == FIELD}
    if any(FIELD in repr(test) for name, test in lines.items() if name in {"all", "any", "not"}):
        raise NotCarriedError("segments beside properties of an event")
    return {name: test for name, test in lines.items() if name not in about_lead}, about_lead


def _by_count(
    name: str, kinds: Mapping[str, Any], found: Sequence[Part], frequency: Frequency, frame: Mapping[str, Any]
) -> Iterator[Rule]:
    """Yield rules that give points for how many events there are."""
    counted = _counted(found)
    activity, opened = _split([kinds, counted.yes])
    opening = {"when": opened} if opened else {}
    points = {Plain(_range(one)): plain(one.value) for one in frequency.ranges if _last(one) != 0}
    called = name if not counted.yes else f"{name}: {found[0].name}"
    if points:
        yield {"name": called, **opening, "activity": activity, "points": points, **frame}
    none = next((one.value for one in frequency.ranges if one.start == 0 and one.value), 0)
    if none:
        yield {
            "name": f"{called}: none",
            "lead": together([opened, {"not": {"activities": {**activity, **frame}}}]),
            "points": plain(none),
        }


def _counted(found: Sequence[Part]) -> Condition:
    """Return which events are counted: those that the calculator has a case for."""
    if len(found) != 1 or not (found[0].cases or found[0].otherwise or found[0].is_for_all):
        raise NotCarriedError("points for how many events there are of several conditions, or of none")
    cases = [case.when for case in found[0].cases]
    return some(cases) if cases and not found[0].otherwise else Condition({}, {})


def _last(one: FrequencyRange) -> int | None:
    match one.type:
        case "AT_LEAST":
            return None
        case "EXACTLY":
            return one.start
        case _:
            return one.end


def _range(one: FrequencyRange) -> str:
    """Return a range as a scorecard writes it; it counts from one."""
    start, last = max(one.start, 1), _last(one)
    if one.type == "BETWEEN" and last is None:
        raise NotCarriedError("a range of events without an end")
    if last is None:
        return f"{start}+"
    return f"{start}" if last == start else f"{start}-{last}"
