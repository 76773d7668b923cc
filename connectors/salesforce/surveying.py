"""Look at an org before there is a scorecard: fill and values of fields, campaigns, pages, converted leads.

It only reads, and in a bounded number of calls, however large the org is. Each object that the user may not read costs
a part of the survey, which says so.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar

import polars as pl

from connectors.base import ConfigurationError, Unavailable
from connectors.salesforce import rest
from connectors.salesforce.activities import added_kind, response_kind, task_kind
from connectors.salesforce.describe import Descriptions, FieldInfo
from connectors.salesforce.overview import Group, groups
from connectors.salesforce.people import KINDS, Kind
from connectors.salesforce.session import Session
from connectors.salesforce.soql import Query
from connectors.salesforce.visits import Visits
from connectors.sampling import Column, Row, Sample, fullest, surveyed, with_counts
from vocabulary.fields import FieldType
from vocabulary.survey import Count, Gap, Looked, Outcome, Survey, SurveyedField, SurveyedPage, SurveyedSource

T = TypeVar("T")
_LEADS: Final = 2_000
_WON: Final = 1_000
_CUSTOM: Final = 150
"""Custom fields that are looked at; the names of more may not fit into one query."""
_EXACT: Final = 12
"""Fields that are counted over all records, at one grouped query each."""
_MOST_GROUPS: Final = 2_000
# "In REST API, queries that include a GROUP BY clause can't use the query locator to get more results":
# https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/api/sforce_api_calls_soql_select_group_by_considerations.htm
# (2026-11). A page has 2,000 rows at most.
_CAMPAIGNS: Final = 40
_IDENTITY: Final = ("FirstName", "LastName", "Name", "Email", "Phone", "MobilePhone")
_WON_CONTACTS: Final = "Id IN (SELECT ContactId FROM OpportunityContactRole WHERE Opportunity.IsWon = true)"
_TYPES: Final[Mapping[str, FieldType]] = {
    "picklist": "text",
    "string": "text",
    "combobox": "text",
    "multipicklist": "list",
    "boolean": "flag",
    "double": "number",
    "int": "number",
    "currency": "number",
    "percent": "number",
    "date": "date",
    "datetime": "time",
}


@dataclass(frozen=True, slots=True)
class _Standard:
    """A field of every org that scorecards use, on both objects."""

    paths: Mapping[Kind, str]
    role: Any
    type: FieldType = "text"
    derivation: str = ""


def _both(lead: str, contact: str | None = None) -> Mapping[Kind, str]:
    return {"Lead": lead, "Contact": contact or lead}


_STANDARD: Final = (
    _Standard(_both("Title"), "seniority", derivation="seniority"),
    _Standard(_both("Title"), "job_title"),
    _Standard(_both("Industry", "Account.Industry"), "industry"),
    _Standard(_both("NumberOfEmployees", "Account.NumberOfEmployees"), "employees", "number"),
    _Standard(_both("AnnualRevenue", "Account.AnnualRevenue"), "revenue", "number"),
    _Standard(_both("Country", "MailingCountry"), "country", derivation="country"),
    _Standard(_both("LeadSource"), "source"),
    _Standard(_both("Email"), "mailbox", "flag", "free_mailbox"),
)


@dataclass(slots=True)
class Surveying:
    """One look at an org."""

    session: Session
    descriptions: Descriptions
    gaps: list[Gap] = field(default_factory=list)

    def survey(self) -> Survey:
        """Return what was found. A user who sees neither leads nor contacts raises: nothing can be drafted then."""
        self.session.client()
        totals = self._totals()
        kind: Kind = max(totals, key=lambda each: totals[each])
        columns = list(self._columns(kind, list(totals)))
        names = self._names(kind, columns)
        leads = self._sample(kind, names, "", _LEADS)
        won, outcome = self._won(kind, names)
        base, converted = Sample(leads, _IDENTITY), Sample(won, _IDENTITY)
        fields = fullest(surveyed(column, base, converted) for column in columns)
        visits = Visits(self.session, self.descriptions)
        pages = self._pages(visits)
        return Survey(
            crm="salesforce",
            account=f"Salesforce org {self.session.home}",
            total=totals[kind],
            looked=len(leads),
            sampled=f"{_plural(kind)}, {'all of them' if len(leads) == totals[kind] else 'the newest'}",
            fields=tuple(self._counted(kind, fields, columns)),
            stages=self._stages(kind),
            sources=(*self._campaigns(), *self._tasks(), *visits.found),
            pages=pages,
            pages_from=visits.words,
            outcome=outcome,
            gaps=tuple(self.gaps),
            settings=self._settings(visits, totals),
            calls=self.session.budget().calls,
        )

    def _granted(self, part: str, look: Callable[[], T], otherwise: T) -> T:
        """Return a part, or note a gap if the user may not read it, or Salesforce refuses the query or is too slow."""
        try:
            return look()
        except (ConfigurationError, Unavailable) as error:
            self.gaps.append(Gap(part, error.wrong, error.remedy))
            return otherwise

    def _totals(self) -> Mapping[Kind, int]:
        """Return how many records each object has that the user may read."""
        totals: dict[Kind, int] = {}
        refused: list[ConfigurationError] = []
        for kind in ("Lead", "Contact"):
            try:
                self.descriptions.fields(kind)
                totals[kind] = rest.count(self.session, Query(kind, ("Id",)))
            except ConfigurationError as error:
                refused.append(error)
                self.gaps.append(Gap(_plural(kind), error.wrong, error.remedy))
        if not totals:
            raise refused[0]
        return totals

    def _columns(self, kind: Kind, kinds: Sequence[Kind]) -> Iterator[Column]:
        for standard in _STANDARD:
            paths = {each: standard.paths[each] for each in kinds if self._sees(each, standard.paths[each])}
            if kind in paths:
                found = self.descriptions.field(kind, paths[kind])
                labels = {} if standard.derivation else dict.fromkeys(found.choices, "")
                sources = _shortest(paths)
                yield Column(
                    paths[kind], sources, found.label, standard.type, standard.role, labels, standard.derivation
                )
        custom = [each for each in self.descriptions.fields(kind).values() if _is_plain(each)]
        if len(custom) > _CUSTOM:
            why = f"{kind} has {len(custom)} of them; {len(custom) - _CUSTOM} were left out."
            self.gaps.append(Gap("some custom fields", why, "Map them by hand if they matter."))
        for each in sorted(custom, key=lambda one: not one.choices)[:_CUSTOM]:
            holders = {one: each.name for one in kinds if self._sees(one, each.name)}
            yield Column(
                each.name, _shortest(holders), each.label, _TYPES[each.type], None, dict.fromkeys(each.choices, "")
            )

    def _sees(self, kind: Kind, path: str) -> bool:
        try:
            self.descriptions.field(kind, path)
        except ConfigurationError:
            return False
        return True

    def _names(self, kind: Kind, columns: Sequence[Column]) -> list[str]:
        own = [name for name in _IDENTITY if self._sees(kind, name)]
        names = list(dict.fromkeys(["Id", *own, *(column.path for column in columns)]))
        while not rest.fits(Query(kind, names, _WON_CONTACTS, "CreatedDate DESC", limit=_LEADS)):
            names.pop()
        return names

    def _sample(self, kind: Kind, names: Sequence[str], where: str, most: int) -> list[Row]:
        query = Query(kind, names, where, "CreatedDate DESC", limit=most)
        return list(rest.rows(self.session, query).iter_rows(named=True))

    def _won(self, kind: Kind, names: Sequence[str]) -> tuple[list[Row], Outcome | None]:
        """Return converted leads, or contacts of won opportunities."""
        of_leads = "IsConverted = true", "converted leads"
        where, what = of_leads if kind == "Lead" else (_WON_CONTACTS, "contacts of won opportunities")

        def look() -> tuple[list[Row], Outcome | None]:
            total = rest.count(self.session, Query(kind, ("Id",), where))
            rows = self._sample(kind, names, where, _WON) if total else []
            return rows, Outcome(what, total, len(rows)) if rows else None

        none: tuple[list[Row], Outcome | None] = [], None
        return self._granted(what, look, none)

    def _counted(
        self, kind: Kind, fields: Sequence[SurveyedField], columns: Sequence[Column]
    ) -> Iterator[SurveyedField]:
        """Yield the fields, those with few values counted over all leads instead of a sample."""
        of_sources = {(column.role, *_written(column)): column for column in columns}
        left = _EXACT
        for each in fields:
            column = of_sources[each.role, *each.sources.values()]
            if kind == "Lead" and left and each.values and self._is_groupable(kind, column):
                left -= 1
                yield self._exactly(each, column)
            else:
                yield each

    def _is_groupable(self, kind: Kind, column: Column) -> bool:
        return column.role != "mailbox" and self.descriptions.field(kind, column.path).groupable

    def _exactly(self, sampled: SurveyedField, column: Column) -> SurveyedField:
        pair = (column.path, "IsConverted")
        found = self._groups(f"exact counts of {column.label}", "Lead", pair, most=_MOST_GROUPS)
        if not found or len(found) == _MOST_GROUPS:
            return sampled
        leads, won = _by_value(found), _by_value([one for one in found if one[0][1] == "true"])
        looked = [Looked(sum(each.values()), sum(each.values()) - each[None]) for each in (leads, won)]
        plain = replace(sampled, leads=looked[0], won=looked[1], exact=True, values=(), unread=())
        counts = [{value: count for value, count in each.items() if value is not None} for each in (leads, won)]
        return with_counts(plain, column, *counts)

    def _stages(self, kind: Kind) -> tuple[Count, ...]:
        if kind != "Lead" or not self._sees(kind, "Status"):
            return ()
        return tuple(Count(status, count) for (status,), count in groups(self.session, "Lead", ("Status",)) if status)

    def _groups(self, part: str, name: str, fields: Sequence[str], where: str = "", most: int = 0) -> list[Group]:
        def look() -> list[Group]:
            self.descriptions.fields(name)
            return groups(self.session, name, fields, where, most)

        return self._granted(part, look, [])

    def _campaigns(self) -> Iterator[SurveyedSource]:
        found = self._groups("campaigns", "CampaignMember", ("Campaign.Name", "Campaign.Type"), most=_CAMPAIGNS)
        section = self.session.settings.activities.campaigns
        for (name, type_), count in found:
            columns = {"Campaign.Type": pl.String, "Campaign.Name": pl.String}
            frame = pl.DataFrame([(type_, name)], columns, orient="row")
            response, added = frame.select(response_kind(section).alias("r"), added_kind(section).alias("a")).row(0)
            yield SurveyedSource(f"campaign of type {type_ or 'none'}", name or "", response or added, count, "members")

    def _tasks(self) -> Iterator[SurveyedSource]:
        found = self._groups("completed tasks", "Task", ("TaskSubtype", "Type"), "IsClosed = true", _CAMPAIGNS)
        columns = {"TaskSubtype": pl.String, "Type": pl.String, "Subject": pl.String}
        for (subtype, type_), count in found:
            frame = pl.DataFrame([(subtype, type_, None)], columns, orient="row")
            kind = frame.select(task_kind(self.session.settings)).item()
            name = f"{subtype or 'none'} / {type_ or 'none'}"
            yield SurveyedSource("completed tasks of subtype / type", name, kind, count, "tasks")

    def _pages(self, visits: Visits) -> tuple[SurveyedPage, ...]:
        return self._granted("pages", visits.pages, ())

    def _settings(self, visits: Visits, totals: Mapping[Kind, int]) -> Mapping[str, object]:
        """Return the settings that what was found suggests; an object that the user may not read is not scored."""
        unread = {kind: False for kind in KINDS if kind not in totals}
        activities: dict[str, object] = {}
        if self.descriptions.sees("EmailMessageRelation"):
            activities["emails"] = True
        if visits.sources:
            activities["sources"] = visits.sources
        found = {"objects": unread, "activities": activities}
        return {name: section for name, section in found.items() if section}


def _written(column: Column) -> tuple[str, ...]:
    wrapped = f"{column.derivation}(%s)" if column.derivation else "%s"
    return tuple(wrapped % path for path in column.sources.values())


def _by_value(found: Sequence[tuple[Sequence[str | None], int]]) -> Counter[str | None]:
    counts: Counter[str | None] = Counter()
    for (value, *_), count in found:
        counts[value] += count
    return counts


def _shortest(paths: Mapping[Kind, str]) -> Mapping[str, str]:
    """Return one path for both objects if it is the same, else one for each."""
    distinct = set(paths.values())
    return (
        {"": distinct.pop()}
        if len(paths) > 1 and len(distinct) == 1
        else {str(kind): path for kind, path in paths.items()}
    )


def _is_plain(found: FieldInfo) -> bool:
    """Return whether it is a custom field with a value of its own that is not ours."""
    from_us = found.help.rstrip().endswith("Written by leadgauge.")
    return found.custom and not found.encrypted and not found.unique and not from_us and found.type in _TYPES


def _plural(kind: Kind) -> str:
    return f"{kind.lower()}s"
