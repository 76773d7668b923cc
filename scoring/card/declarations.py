"""What a scorecard declares at its top, for its conditions and rules to check themselves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast, get_args

from pydantic import BaseModel, ValidationError

from scoring.card.calendar import UTC_CALENDAR, Calendar
from scoring.card.mistakes import CardMistake, Path
from scoring.card.operands import ACTIVITY_FIELDS, TOO_EARLY, Scope
from scoring.card.priorities import priority_names
from scoring.card.values import TIMES
from vocabulary.fields import ALSO_CALLED, FieldType

ACCOUNT: Final = "account."
"""The prefix of an account's field or figure in a lead's conditions."""
RESULTS: Final[Mapping[str, FieldType]] = {"fit": "number", "engagement": "number", "score": "number"}
"""The results of leads that a figure of their account can add up."""
COMPUTED_LATER: Final = frozenset({*RESULTS, "grade", "stage", "urgency", "surge"})
"""What conditions ask of a lead beside its fields and its history."""


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
    in_figure: bool = False
    """Whether conditions are those of an account's figure."""
    under: str = "fields"
    """Where its fields are declared."""
    late: frozenset[str] = frozenset()
    """The figures of the account that need results of its leads, which exist from the priority on."""
    company: "Declarations | None" = None
    """What the scorecard's `accounts` declare."""
    people: "Declarations | None" = None
    """In the section `accounts`: what the scorecard declares for leads."""

    @property
    def scope(self) -> Scope:
        """Return what operands can refer to."""
        return Scope(self.stages, self.fields, self.calendar, self.late if self.is_early else frozenset())

    @property
    def is_early(self) -> bool:
        """Whether accounts are not computed yet when a condition is evaluated."""
        return "accounts" not in self.exists

    @property
    def recorded(self) -> Mapping[str, FieldType]:
        """Return the fields of the lead's record and of its account's."""
        return {name: kind for name, kind in self.fields.items() if name not in self.figures}

    @property
    def own(self) -> Mapping[str, FieldType]:
        """Return the fields of the lead's record."""
        return {name: kind for name, kind in self.recorded.items() if not name.startswith(ACCOUNT)}

    @property
    def alone(self) -> "Declarations":
        """Return the same for a figure of accounts, which cannot ask about the account of a lead."""
        own = {name: kind for name, kind in self.fields.items() if not name.startswith(ACCOUNT)}
        return replace(self, fields=own, in_figure=True)

    @property
    def sources(self) -> Mapping[str, Mapping[str, FieldType]]:
        """Return the fields of what figures can be made of."""
        leads = {} if self.people is None else {"leads": {**self.people.alone.fields, **RESULTS}}
        return {"deals": self.deals, "activities": ACTIVITY_FIELDS, **leads}

    @property
    def of_deals(self) -> Scope:
        """Return what operands of conditions on a deal can refer to."""
        return Scope(fields=self.deals, calendar=self.calendar)

    @classmethod
    def of(cls, raw: object) -> "Declarations":
        """Read the declarations of a scorecard that may contain mistakes."""
        card = _mapping(raw)
        known = cls(deals=_types(card.get("deals")), calendar=_calendar(card.get("calendar")))
        leads = known.of_card(card)
        return leads if card.get("accounts") is None else leads.beside(_mapping(card["accounts"]))

    def of_card(self, card: Mapping[str, Any]) -> "Declarations":
        """Return the same with the fields, figures and sections of a card."""
        readiness, written = _mapping(card.get("readiness")), _figures(card)
        figures = {name: _figure(one, self.sources.get(what_of(one) or "", {})) for name, one in written.items()}
        return replace(
            self,
            fields={**figures, **_types(card.get("fields"))},
            figures=figures,
            of_history=frozenset(name for name, one in written.items() if what_of(one) != "deals"),
            stages=_stages(readiness),
            priorities=priority_names(_mapping(card.get("priority")).get("names")),
            sections=frozenset(_sections(card, readiness)),
        )

    def beside(self, accounts: Mapping[str, Any]) -> "Declarations":
        """Return what is declared for leads, with what these accounts declare."""
        company = Declarations(deals=self.deals, calendar=self.calendar, under="accounts.fields", people=self)
        company = company.of_card(accounts)
        late = frozenset(ACCOUNT + name for name, one in _figures(accounts).items() if needs_results(one))
        leads = replace(
            self,
            fields={**self.fields, **_of_account(company.fields)},
            figures={**self.figures, **_of_account(company.figures)},
            of_history=self.of_history.union(ACCOUNT + name for name in company.of_history),
            late=late,
        )
        return replace(leads, company=replace(company, people=leads))


def _of_account(types: Mapping[str, FieldType]) -> dict[str, FieldType]:
    return {ACCOUNT + name: kind for name, kind in types.items()}


def _figures(card: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {str(name): _mapping(one) for name, one in _mapping(card.get("figures")).items()}


def what_of(figure: Mapping[str, Any]) -> str | None:
    """Return what a figure is made of, as written: deals, activities or leads; None if it does not say."""
    written = figure.get("count", figure.get("of"))
    return None if written is None else str(written)


def needs_results(figure: Mapping[str, Any]) -> bool:
    """Return whether a figure, as written, asks for results of leads."""
    summarised = any(str(figure.get(way)) in RESULTS for way in ("sum", "average", "max", "min"))
    return what_of(figure) == "leads" and (summarised or _asks(figure.get("where")))


def _asks(condition: object) -> bool:
    """Return whether a condition on leads, as written, asks for results of leads."""
    inner = condition if isinstance(condition, list | tuple) else _mapping(condition)
    if isinstance(inner, Mapping):
        return any(name in COMPUTED_LATER or (name in LOGIC and _asks(one)) for name, one in inner.items())
    return any(map(_asks, inner))


LOGIC: Final = frozenset({"all", "any", "not", "not_"})


def untimed(option: str, field: str, declared: Declarations) -> Iterator[CardMistake]:
    """Yield a mistake if a field is not declared as a time or date, or a figure is none."""
    if declared.is_early and field in declared.late:
        yield too_early((option,), field)
    elif declared.fields.get(field) not in TIMES:
        remedy = f"declare it as `time` or `date` under `{declared.under}`"
        yield CardMistake((option,), f"'{field}' is not a declared time field", remedy)


def too_early(path: Path, field: str) -> CardMistake:
    """Return the mistake of using a figure that needs results of leads before these are computed."""
    return CardMistake(path, f"'{field}' is not computed yet at this point", TOO_EARLY)


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


def _figure(written: Mapping[str, Any], fields: Mapping[str, FieldType]) -> FieldType:
    """Return the type of a figure: the greatest and the least of times are times."""
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
