"""The scorecard: all that a revenue team decides, in one object."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import orjson
from pydantic import (
    Field,
    PrivateAttr,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)

from scoring.card.accounts import ACCOUNT_ID, AccountEngagement, Accounts
from scoring.card.base import RESERVED, CardModel, FieldName, Placeholder
from scoring.card.calendar import UTC_CALENDAR, Calendar
from scoring.card.columns import Columns, Declared, Heading, Headings, with_columns, without_columns
from scoring.card.declarations import ACCOUNT, RESULTS, Declarations
from scoring.card.examples import Example
from scoring.card.figures import DEAL_COLUMNS, BaseFigure, Figure, LeadFigure
from scoring.card.grade import Grade
from scoring.card.mistakes import CardMistake, refuse
from scoring.card.naming import reserved_names, taken_names
from scoring.card.operands import ACTIVITY_FIELDS, Scope
from scoring.card.readiness import Priority, Readiness, with_stages
from scoring.card.resets import DIFFERENT_NAMES, CardReset
from scoring.card.score import Score, Section, SectionName
from vocabulary.fields import FieldType, PlainFieldType
from vocabulary.outputs import Of


def _renamed(raw: Any) -> Any:
    """Return a card with `timezone`, as `calendar` was called before, under its present name."""
    if not isinstance(raw, Mapping) or "timezone" not in raw or "calendar" in raw:
        return raw
    return {"calendar" if name == "timezone" else name: value for name, value in raw.items()}


def _of_account(names: Iterable[str], what: str) -> Iterator[CardMistake]:
    """Yield the names that are those of an account in a lead's conditions."""
    for name in names:
        if name.startswith(ACCOUNT):
            remedy = f"declare it under `accounts.{what}` as `{name.removeprefix(ACCOUNT)}`"
            yield CardMistake((name,), f"'{name}' is of the account, not of the lead", remedy)
        if name == ACCOUNT_ID:
            yield CardMistake((name,), f"'{name}' is the lead's account", "rename it")


class Scorecard(CardModel):
    """The definition of points, ideal customer profile, buying stages and priorities.

    Scalars can be YAML types or the text as written; the type of the field decides how they are read.
    """

    scorecard: str = Field(min_length=1, description="The name of the scorecard.")
    fields: dict[FieldName, Declared] = Field(
        {},
        description="The lead fields that conditions can use, with their types: text, number, flag, time, date, list,"
        " member_of. `{type: text, column: Lead Source}` also says what the column is called in a table of leads.",
    )
    calendar: Calendar = Field(
        UTC_CALENDAR,
        description="The time zone of days, such as `Europe/Berlin`, or `{zone: Europe/Berlin, year_starts: February}`."
        " Default: UTC and January.",
    )
    placeholders: tuple[Placeholder, ...] = Field(
        (),
        description="Texts that count as missing wherever a field of text or a list has them, whatever their capitals:"
        " what forms and exports write where nothing was chosen, such as `Select` or `N/A`.",
    )
    activity_columns: dict[Heading, Headings] = Field(
        {},
        description="Columns of a table of leads that hold activities, by kind: `first_visit: Time First Seen` has the"
        " time of one, `visit: visits_YYYY_MM` how many there were in each month. A connection has no use for it.",
    )
    deals: dict[FieldName, PlainFieldType] = Field(
        {}, description="The fields of a deal that figures can use, with their types."
    )
    figures: dict[FieldName, Figure] = Field(
        {},
        description="Figures of the lead, made of its deals or activities. A figure can be used like a field.",
    )
    machine_traffic: Literal["ignored", "counted"] | None = Field(
        None,
        description="Whether opens, clicks and page views that are recognised as those of mail scanners and privacy"
        " proxies count, everywhere in the scorecard. Default: `ignored`.",
    )
    reset: Annotated[tuple[CardReset, ...], DIFFERENT_NAMES] = Field(
        (), description="Moments of the lead: only activities later than all of them count, in the whole scorecard."
    )
    score: Score | None = Field(None, description="Points for who a lead is and what it does.")
    grade: Grade | None = Field(None, description="How well a lead matches the ideal customer profile.")
    readiness: Readiness | None = Field(None, description="Where a lead is in its buying cycle.")
    priority: Priority | None = Field(
        None, description="The priority from grade, stage and urgency. Needs `readiness`."
    )
    accounts: Accounts | None = Field(
        None, description="The companies of leads: what conditions on a lead can use of them, and their own card."
    )
    examples: tuple[Example, ...] = Field((), description="Tests that are part of the file. `check` runs them.")
    _columns: Columns = PrivateAttr(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _knowing_what_is_declared(
        cls, raw: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> "Scorecard":
        """Pass the declared names to all conditions, so that each can check itself."""
        if isinstance(info.context, Declarations) or isinstance(raw, Scorecard):
            checked: Scorecard = handler(raw)
            return checked
        plain, columns = without_columns(_renamed(raw))
        card = cls.model_validate(plain, context=Declarations.of(plain))
        card._columns = columns  # noqa: SLF001 - of the same class
        return card

    @field_validator("fields")
    @classmethod
    def _check_names(cls, fields: dict[str, FieldType], info: ValidationInfo) -> dict[str, FieldType]:
        refuse("fields", reserved_names(fields, RESERVED, "field"))
        if isinstance(info.context, Declarations) and info.context.company is not None:
            refuse("fields", _of_account(fields, "fields"))
        return fields

    @field_validator("deals")
    @classmethod
    def _check_deals(cls, deals: dict[str, PlainFieldType]) -> dict[str, PlainFieldType]:
        refuse("deals", reserved_names(deals, DEAL_COLUMNS, "field"))
        return deals

    @field_validator("figures")
    @classmethod
    def _check_figures(cls, figures: dict[str, BaseFigure], info: ValidationInfo) -> dict[str, BaseFigure]:
        refuse("figures", reserved_names(figures, RESERVED, "figure"))
        refuse("figures", taken_names(figures, info.data.get("fields", {})))
        if isinstance(info.context, Declarations) and info.context.company is not None:
            refuse("figures", _of_account(figures, "figures"))
        return figures

    @field_validator("priority")
    @classmethod
    def _check_readiness(cls, priority: Priority | None, info: ValidationInfo) -> Priority | None:
        return with_stages(priority, info.context)

    @property
    def columns(self) -> Mapping[str, str]:
        """Return the heading of the column of each field that is declared with one, in tables of leads."""
        return self._columns

    @property
    def whose(self) -> Of:
        """Return whose points these are."""
        return "leads"

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of dates."""
        return self.calendar.clocks

    @property
    def scope(self) -> Scope:
        """Return what operands can refer to."""
        return Scope(self.readiness.names if self.readiness else (), self.values, self.calendar)

    @property
    def values(self) -> dict[str, FieldType]:
        """Return the fields and figures that conditions can use, with their types; those of the account too."""
        company = {} if self.company is None else self.company.values
        return {**self.own_values, **{ACCOUNT + name: kind for name, kind in company.items()}}

    @property
    def own_values(self) -> dict[str, FieldType]:
        """Return the same without those of the account."""
        return {**self.fields, **{name: figure.type_in(self.sources) for name, figure in self.figures.items()}}

    @property
    def sources(self) -> dict[str, Mapping[str, FieldType]]:
        """Return the fields of what figures can be made of."""
        return {"deals": self.deals, "activities": ACTIVITY_FIELDS}

    @cached_property
    def company(self) -> "AccountCard | None":
        """The scorecard of accounts."""
        return None if self.accounts is None else AccountCard.of(self, self.accounts)

    @property
    def of_deals(self) -> Scope:
        """Return what operands of conditions on a deal can refer to."""
        return Scope(fields=self.deals, calendar=self.calendar)

    @property
    def priorities(self) -> tuple[str, ...]:
        """Return the names of the priorities, best first."""
        return self.priority.levels if self.priority else ()

    @property
    def name(self) -> str:
        """Return the scorecard's name."""
        return self.scorecard

    @property
    def counts_machines(self) -> bool:
        """Return whether activities that are marked as a machine's count."""
        return self.machine_traffic == "counted"

    @property
    def sections(self) -> dict[SectionName, Section]:
        """Return the sections by name, in the order in which they are computed."""
        return self.score.sections if self.score else {}

    @cached_property
    def digest(self) -> str:
        """Return a hash of everything that affects results."""
        content = self.model_dump(mode="json", by_alias=True, exclude={"examples"}, exclude_none=True)
        return hashlib.blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=6).hexdigest()

    @property
    def label(self) -> str:
        """Return the name and the content hash, to trace results to the card."""
        return f"{self.name} {self.digest}"

    def written(self) -> dict[str, Any]:
        """Return the scorecard as plain data that loads into an equal scorecard."""
        return with_columns(self.model_dump(mode="json", by_alias=True, exclude_unset=True), self._columns)


class AccountCard(Scorecard):
    """The scorecard of accounts, made of a scorecard's `accounts`: an ordinary one, over the accounts' fields."""

    _leads: Scorecard = PrivateAttr()

    @classmethod
    def of(cls, leads: Scorecard, accounts: Accounts) -> "AccountCard":
        """Return the card of a scorecard's accounts."""
        parts = {name: getattr(accounts, name) for name in Accounts.model_fields if name in cls.model_fields}
        shared = {name: getattr(leads, name) for name in ("scorecard", "calendar", "deals", "placeholders")}
        card = cls.model_construct(**shared, **parts)
        card._leads = leads  # noqa: SLF001 - of the same class
        return card

    @property
    def leads(self) -> Scorecard:
        """Return the scorecard whose accounts it is for."""
        return self._leads

    @property
    def whose(self) -> Of:
        """Return whose points these are."""
        return "accounts"

    @property
    def needs_results(self) -> bool:
        """Whether points of accounts follow from results of their leads."""
        engagement = self.sections.get("engagement")
        people = isinstance(engagement, AccountEngagement) and bool(engagement.people or engagement.coverage)
        figures = self._leads.accounts.figures.values() if self._leads.accounts else ()
        return people or any(isinstance(one, LeadFigure) and one.is_late for one in figures)

    @property
    def sources(self) -> dict[str, Mapping[str, FieldType]]:
        """Return the fields of what figures can be made of."""
        return {**super().sources, "leads": {**self._leads.own_values, **RESULTS}}

    @property
    def label(self) -> str:
        """Return that of the whole scorecard, which determines the results of its accounts."""
        return self._leads.label
