"""Look at a portal before there is a scorecard: fill and values of properties, forms, pages, stages, won deals.

It only reads, and in a bounded number of calls, however large the portal is. Each right that the token lacks costs a
part of the survey, which says so.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from connectors.hubspot import frames, properties
from connectors.hubspot.answers import NOT_FOUND, NotGranted, Rejected, following
from connectors.hubspot.contacts import associated
from connectors.hubspot.filtering import Filters, between
from connectors.hubspot.kinds import form_kinds
from connectors.hubspot.objects import SEARCH_PAGE, Objects
from connectors.hubspot.overview import submitted
from connectors.hubspot.portal import PAGE_EVENT, Portal
from connectors.hubspot.settings import COMPANY, HubSpotSettings
from connectors.hubspot.submissions import FORMS_QUERY
from connectors.hubspot.transport import Transport
from connectors.sampling import Column, Row, Sample, fullest, pages_seen, surveyed
from vocabulary.fields import FieldType
from vocabulary.survey import Count, Gap, Outcome, Survey, SurveyedPage, SurveyedSource

T = TypeVar("T")
_LEADS: Final = 2_000
_WON: Final = 1_000
_SPANS: Final = 10
_YEARS: Final = 3
"""How far back leads are sampled."""
_YEAR: Final = 365 * 86_400_000
_CUSTOM: Final = 250
"""Custom properties of contacts, and of companies, that are looked at."""
_FORMS_COUNTED: Final = 20
_VIEWS: Final = 500
_VIEWS_PAGE: Final = 100
_LONGEST_NAMES: Final = 2_500
"""Characters of property names in the body of a search, which leaves room for its filters."""
_IDENTITY: Final = ("firstname", "lastname", "email", "phone", "mobilephone")
_URLS: Final = ("hs_analytics_first_url", "hs_analytics_last_url")
_STAGE: Final = "lifecyclestage"
_TYPES: Final[Mapping[str, FieldType]] = {
    "enumeration": "text",
    "string": "text",
    "bool": "flag",
    "number": "number",
    "date": "date",
    "datetime": "time",
}


@dataclass(frozen=True, slots=True)
class _Standard:
    """A property of every portal that scorecards use."""

    path: str
    role: Any
    type: FieldType = "text"
    derivation: str = ""


_STANDARD: Final = (
    _Standard("jobtitle", "seniority", derivation="seniority"),
    _Standard("jobtitle", "job_title"),
    _Standard("company.industry", "industry"),
    _Standard("industry", "industry"),
    _Standard("company.numberofemployees", "employees", "number"),
    _Standard("numemployees", "employees", "number", "range"),
    _Standard("company.annualrevenue", "revenue", "number"),
    _Standard("annualrevenue", "revenue", "number", "number"),
    _Standard("country", "country", derivation="country"),
    _Standard("company.country", "country", derivation="country"),
    _Standard("hs_analytics_source", "source"),
    _Standard("email", "mailbox", "flag", "free_mailbox"),
)


@dataclass(slots=True)
class Surveying:
    """One look at a portal."""

    transport: Transport
    settings: HubSpotSettings
    portal: Portal
    gaps: list[Gap] = field(default_factory=list)
    has_won_deals: bool = False

    def survey(self) -> Survey:
        """Return what was found. A token that may not read contacts raises, because nothing can be drafted then."""
        account = self.transport.account()
        contacts = properties.listed(self.transport, "contacts")
        companies = self._companies()
        columns = [*_columns(contacts, ""), *_columns(companies, COMPANY)]
        self._tell_of_the_rest(contacts, companies)
        people = _People(self.transport, _paths(columns, contacts))
        leads, total, sampled = people.sample()
        won, outcome = self._won(people)
        firms = self._firms(columns, [*leads, *won])
        base, converted = (Sample([_joined(row, firms) for row in rows], _IDENTITY) for rows in (leads, won))
        pages, pages_from = self._pages(leads)
        return Survey(
            crm="hubspot",
            account=f"HubSpot account {account['portalId']}",
            total=total,
            looked=len(leads),
            sampled=sampled,
            fields=fullest(surveyed(column, base, converted) for column in columns),
            stages=_stages(contacts, leads),
            sources=tuple(self._forms()),
            pages=pages,
            pages_from=pages_from,
            outcome=outcome,
            gaps=tuple(self.gaps),
            settings={"outcomes": {"opportunities": True}} if self.has_won_deals else {},
            calls=self.transport.budget().calls,
        )

    def _granted(self, part: str, look: Callable[[], T], otherwise: T) -> T:
        """Return a part, or note a gap if the token or the subscription does not give access to it."""
        try:
            return look()
        except NotGranted as denial:
            self.gaps.append(Gap(part, denial.wrong, denial.remedy))
        except Rejected as rejected:
            if rejected.complaint.status != NOT_FOUND:
                raise
            self.gaps.append(Gap(part, rejected.wrong, "The portal's subscription does not include it."))
        return otherwise

    def _companies(self) -> Mapping[str, properties.Definition]:
        def look() -> Mapping[str, properties.Definition]:
            self.transport.get("objects", [("limit", "1")], type="companies")
            return properties.listed(self.transport, "companies")

        return self._granted("the fields of companies, such as industry and size", look, {})

    def _tell_of_the_rest(self, *objects: Mapping[str, properties.Definition]) -> None:
        left = sum(max(len(_custom(definitions)) - _CUSTOM, 0) for definitions in objects)
        if left:
            why = f"The portal has too many of them to look at all; {left} were left out."
            self.gaps.append(Gap("some custom properties", why, "Map them by hand if they matter."))

    def _won(self, people: "_People") -> tuple[list[Row], Outcome | None]:
        """Return contacts that became customers or belong to a won deal."""
        customers, total = people.newest([{"propertyName": _STAGE, "operator": "EQ", "value": "customer"}], _WON)
        found = {str(row["id"]): row for row in customers}
        words = ["contacts in the lifecycle stage Customer"] if customers else []
        none: list[Row] = []
        of_deals = self._granted("won deals", lambda: self._of_won_deals(people), none)
        extra = [one for one in of_deals if one["id"] not in found]
        words += ["contacts of won deals"] if extra else []
        rows = [*found.values(), *extra]
        return rows, Outcome(" and ".join(words), total + len(extra), len(rows)) if rows else None

    def _of_won_deals(self, people: "_People") -> list[Row]:
        search = {
            "filterGroups": [{"filters": [{"propertyName": "hs_is_closed_won", "operator": "EQ", "value": "true"}]}],
            "sorts": [{"propertyName": "closedate", "direction": "DESCENDING"}],
            "properties": ["closedate"],
            "limit": SEARCH_PAGE,
        }
        deals = [str(row["id"]) for row in self.transport.post("search", search, type="deals")["results"]]
        self.has_won_deals = bool(deals)
        linked = associated(self.transport, "deals", "contacts", deals) if deals else {}
        return people.of([contact for contacts in linked.values() for contact in contacts])

    def _firms(self, columns: Sequence[Column], rows: Sequence[Row]) -> Mapping[str, Row]:
        """Return the primary companies of contacts by id."""
        names = tuple(
            dict.fromkeys(column.path.removeprefix(COMPANY) for column in columns if column.path.startswith(COMPANY))
        )
        ids = list(dict.fromkeys(company for row in rows if (company := row.get("associatedcompanyid"))))
        if not names or not ids:
            return {}
        found = Objects(self.transport, "companies", names).read(ids)
        return {str(row["id"]): {f"{COMPANY}{name}": row["properties"].get(name) for name in names} for row in found}

    def _forms(self) -> Iterator[SurveyedSource]:
        nothing: list[Mapping[str, Any]] = []
        forms = self._granted("forms", lambda: list(self.transport.pages("forms", FORMS_QUERY)), nothing)
        named = [str(form.get("name") or "") for form in forms]
        kinds = form_kinds(self.settings.activities.by_form, "form_submit")([(name, None) for name in named])
        for number, (form, name, kind) in enumerate(zip(forms, named, kinds, strict=True)):
            used, more = submitted(self.transport, str(form["id"])) if number < _FORMS_COUNTED else (None, False)
            yield SurveyedSource("form", name, kind, used, at_least=more)

    def _pages(self, leads: Sequence[Row]) -> tuple[tuple[SurveyedPage, ...], str]:
        """Return the pages of the newest views or, without the events API, of what contacts hold."""
        if self.portal.has("events"):
            views = self._views()
            return pages_seen(views), f"the newest {len(views):,} page views"
        held = [(str(row["id"]), address) for row in leads for name in _URLS if (address := row.get(name))]
        return pages_seen(held), "the first and the last page that HubSpot recorded of each sampled contact"

    def _views(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        query = [("eventType", PAGE_EVENT), ("sort", "-occurredAt"), ("properties", "hs_url")]
        after: list[tuple[str, str]] = []
        for _ in range(_VIEWS // _VIEWS_PAGE):
            answer = self.transport.get("events", [*query, ("limit", str(_VIEWS_PAGE)), *after])
            found += [(str(row["objectId"]), str(row["properties"].get("hs_url") or "")) for row in answer["results"]]
            if (token := following(answer)) is None:
                break
            after = [("after", token)]
        return found


@dataclass(frozen=True, slots=True)
class _People:
    """Reads contacts with the properties that are looked at."""

    transport: Transport
    names: Sequence[str]

    def sample(self) -> tuple[list[Row], int, str]:
        """Return contacts spread over the last years, the number of all, and words for which these are."""
        newest, total = self.newest([], SEARCH_PAGE)
        if total <= 2 * _LEADS:
            rows = self.newest([], _LEADS)[0] if total > len(newest) else newest
            return rows, total, "all of them" if len(rows) == total else "the newest"
        rows = _distinct([*newest, *(row for span in self._spans(newest) for row in self._within(*span))])
        return rows, total, f"the newest of {_SPANS} equal spans of time, {_YEARS} years at most"

    def newest(self, filters: Filters, most: int) -> tuple[list[Row], int]:
        """Return the newest contacts that meet some filters, and how many there are."""
        body = self._body(filters, "DESCENDING")
        rows, answer = self._search(body)
        total = int(answer["total"])
        while len(rows) < min(total, most) and (after := following(answer)):
            more, answer = self._search({**body, "after": after})
            rows += more
        return _distinct(rows)[:most], total

    def of(self, ids: Sequence[str]) -> list[Row]:
        """Return contacts by id, at most as many as won leads are looked at."""
        return self._read(list(dict.fromkeys(ids))[:_WON])

    def _read(self, ids: Sequence[str]) -> list[Row]:
        return [_row(row) for row in Objects(self.transport, "contacts", tuple(self.names)).read(ids)]

    def _spans(self, newest: Sequence[Row]) -> list[tuple[int, int]]:
        first, _ = self._search({**self._body([], "ASCENDING"), "limit": 1})
        low, high = (_milliseconds(row) for row in (first[0], newest[0]))
        low = max(low, high - _YEARS * _YEAR)
        width = max((high - low) // _SPANS, 1)
        return [(low + number * width, low + (number + 1) * width - 1) for number in range(_SPANS)]

    def _within(self, low: int, high: int) -> list[Row]:
        return self._search(self._body([between("createdate", low, high)], "DESCENDING"))[0]

    def _search(self, body: Mapping[str, Any]) -> tuple[list[Row], Mapping[str, Any]]:
        """Return the contacts on a page of a search, and its answer.

        HubSpot answers 400 to a search body of more than 3,000 characters (limitations of
        https://developers.hubspot.com/docs/api/crm/search, 2026-11), so very many properties are read by id instead.
        """
        answer = self.transport.post("search", body, type="contacts")
        if body["properties"] == list(self.names):
            return [_row(row) for row in answer["results"]], answer
        return self._read([str(row["id"]) for row in answer["results"]]), answer

    def _body(self, filters: Filters, direction: str) -> dict[str, Any]:
        names = list(self.names)
        return {
            "filterGroups": [{"filters": filters}] if filters else [],
            "sorts": [{"propertyName": "createdate", "direction": direction}],
            "properties": names if len(str(names)) <= _LONGEST_NAMES else ["createdate"],
            "limit": SEARCH_PAGE,
        }


def _row(found: Mapping[str, Any]) -> Row:
    return {**found["properties"], "id": str(found["id"])}


def _milliseconds(row: Row) -> int:
    moment = frames.times([row.get("createdate")]).dt.epoch("ms")[0]
    return int(moment or 0)


def _distinct(rows: Sequence[Row]) -> list[Row]:
    return list({row["id"]: row for row in rows}.values())


def _joined(row: Row, firms: Mapping[str, Row]) -> Row:
    return {**row, **firms.get(row.get("associatedcompanyid") or "", {})}


def _paths(columns: Sequence[Column], contacts: Mapping[str, properties.Definition]) -> list[str]:
    named = [column.path for column in columns if not column.path.startswith(COMPANY)]
    own = [*_IDENTITY, *_URLS, _STAGE, "createdate", "associatedcompanyid"]
    return list(dict.fromkeys([*named, *(name for name in own if name in contacts)]))


def _columns(definitions: Mapping[str, properties.Definition], prefix: str) -> Iterator[Column]:
    """Yield the standard properties that scorecards use, and the custom ones."""
    for standard in _STANDARD:
        name = standard.path.removeprefix(COMPANY)
        if standard.path == f"{prefix}{name}" and name in definitions:
            labels = {} if standard.derivation else _labels(definitions[name])
            yield Column(
                standard.path,
                {"": standard.path},
                str(definitions[name].get("label") or name),
                standard.type,
                standard.role,
                labels,
                standard.derivation,
            )
    for name, found in _custom(definitions)[:_CUSTOM]:
        yield Column(
            f"{prefix}{name}",
            {"": f"{prefix}{name}"},
            str(found.get("label") or name),
            _type(found),
            None,
            _labels(found),
        )


def _custom(definitions: Mapping[str, properties.Definition]) -> list[tuple[str, properties.Definition]]:
    """Return the custom properties that hold a plain value, those with choices first."""
    kept = [(name, found) for name, found in definitions.items() if _is_plain(found)]
    return sorted(kept, key=lambda one: not _labels(one[1]))


def _is_plain(found: properties.Definition) -> bool:
    """Return whether people of this portal made a property for a value of their own, such as no reference to a user."""
    theirs = not found.get("hubspotDefined") and not str(found["name"]).startswith("hs_")
    ours = found.get("groupName") == properties.GROUP
    hidden = found.get("hidden") or found.get("externalOptions") or found.get("referencedObjectType")
    sensitive = str(found.get("dataSensitivity") or "non_sensitive") != "non_sensitive"
    return theirs and not ours and not hidden and not sensitive and found.get("type") in _TYPES


def _type(found: properties.Definition) -> FieldType:
    return "list" if found.get("fieldType") == "checkbox" else _TYPES[str(found["type"])]


def _labels(found: properties.Definition) -> Mapping[str, str]:
    return {str(one.get("value")): str(one.get("label") or "") for one in found.get("options") or ()}


def _stages(contacts: Mapping[str, properties.Definition], leads: Sequence[Row]) -> tuple[Count, ...]:
    labels = _labels(contacts.get(_STAGE, {}))
    counts: dict[str, int] = {}
    for row in leads:
        if stage := row.get(_STAGE):
            counts[stage] = counts.get(stage, 0) + 1
    ordered = sorted(counts.items(), key=lambda one: -one[1])
    return tuple(Count(stage, count, label=labels.get(stage, "")) for stage, count in ordered)
