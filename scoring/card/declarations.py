"""What a scorecard declares at its top, for its conditions and rules to check themselves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast, get_args

from pydantic import BaseModel, ValidationError

from scoring.card.calendar import UTC_CALENDAR, Calendar
from scoring.card.mistakes import CardMistake
from scoring.card.operands import ACTIVITY_FIELDS, Scope
from scoring.card.priorities import priority_names
from scoring.card.values import TIMES
from vocabulary.fields import ALSO_CALLED, FieldType


@dataclass(frozen=True, slots=True)
class Declarations:
    """What a scorecard declares at its top, so that its conditions can be checked in place."""

    fields: Mapping[str, FieldType] = field(default_factory=dict)
    """The fields and figures that conditions on a lead can use."""
    figures: Mapping[str, FieldType] = field(default_factory=dict)
    """The figures among them."""
    deals: Mapping[str, FieldType] = field(default_factory=dict)
    """The fields of a deal."""
    of_history: frozenset[str] = frozenset()
    """The figures that need the lead's history, which begins with its resets."""
    stages: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    sections: frozenset[str] = frozenset()
    """The computed values that have a section: fit, engagement, score, grade, stage, urgency."""
    exists: frozenset[str] = frozenset()
    """The values already computed when a condition is evaluated; `surge` comes with the engagement points."""
    fading: bool = False
    """Whether the group of a rule has a decay."""
    calendar: Calendar = UTC_CALENDAR

    @property
    def scope(self) -> Scope:
        """Return what operands can refer to."""
        return Scope(self.stages, self.fields, self.calendar)

    @property
    def own(self) -> Mapping[str, FieldType]:
        """Return the fields of the lead's record."""
        return {name: kind for name, kind in self.fields.items() if name not in self.figures}

    @property
    def of_deals(self) -> Scope:
        """Return what operands of conditions on a deal can refer to."""
        return Scope(fields=self.deals, calendar=self.calendar)

    @classmethod
    def of(cls, raw: object) -> "Declarations":
        """Read the declarations of a scorecard that may contain mistakes."""
        card = _mapping(raw)
        readiness = _mapping(card.get("readiness"))
        deals, written = _types(card.get("deals")), _mapping(card.get("figures"))
        figures = {str(name): _figure(_mapping(one), deals) for name, one in written.items()}
        return cls(
            fields={**figures, **_types(card.get("fields"))},
            figures=figures,
            deals=deals,
            of_history=frozenset(str(name) for name, one in written.items() if what_of(_mapping(one)) == "activities"),
            stages=_stages(readiness),
            priorities=priority_names(_mapping(card.get("priority")).get("names")),
            sections=frozenset(_sections(card, readiness)),
            calendar=_calendar(card.get("calendar")),
        )


def what_of(figure: Mapping[str, Any]) -> Any:
    """Return what a figure is made of, as written: deals or activities."""
    return figure.get("count", figure.get("of"))


def untimed(option: str, field: str, declared: Declarations) -> Iterator[CardMistake]:
    """Yield a mistake if a field is not declared as a time or date, or a figure is none."""
    if declared.fields.get(field) not in TIMES:
        remedy = "declare it as `time` or `date` under `fields`"
        yield CardMistake((option,), f"'{field}' is not a declared time field", remedy)


def _calendar(raw: object) -> Calendar:
    """Return the calendar; an invalid one is reported where it is written."""
    try:
        return UTC_CALENDAR if raw is None else Calendar.model_validate(raw)
    except ValidationError:
        return UTC_CALENDAR


def _mapping(raw: object) -> Mapping[str, Any]:
    if isinstance(raw, BaseModel):
        return raw.model_dump(by_alias=True, exclude_none=True)
    return raw if isinstance(raw, Mapping) else {}


def _types(declared: object) -> dict[str, FieldType]:
    return {str(name): _type(kind) for name, kind in _mapping(declared).items()}


def _figure(written: Mapping[str, Any], deals: Mapping[str, FieldType]) -> FieldType:
    """Return the type of a figure: the greatest and the least of times are times."""
    fields = ACTIVITY_FIELDS if what_of(written) == "activities" else deals
    named = written.get("max", written.get("min"))
    return "time" if fields.get(str(named)) in TIMES else "number"


def _type(kind: object) -> FieldType:
    """Return a declared type. A wrong one is read as what it probably means, so that it is the only mistake."""
    if kind in get_args(FieldType):
        return cast("FieldType", kind)
    return ALSO_CALLED.get(str(kind).lower(), "text")


def _stages(readiness: Mapping[str, Any]) -> tuple[str, ...]:
    stages = readiness.get("stages")
    listed = stages if isinstance(stages, list | tuple) else ()
    return tuple(str(_mapping(stage).get("name", "")) for stage in listed)


def _sections(card: Mapping[str, Any], readiness: Mapping[str, Any]) -> list[str]:
    score = card.get("score")
    found = [name for name in ("fit", "engagement") if name in _mapping(score)]
    found += ["score"] if score is not None else []
    found += ["grade"] if card.get("grade") is not None else []
    return found + (["stage", "urgency"] if readiness else [])
