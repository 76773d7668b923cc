"""The sandbox's web pages: leads by priority, and the records of a contact and of a company with our cards."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from leadgauge_sandbox.cards import Own, component, held, scorecards
from leadgauge_sandbox.catalogue import PLACES, TAGS
from leadgauge_sandbox.hubspot.answers import iso
from leadgauge_sandbox.hubspot.shipped import CUSTOM
from leadgauge_sandbox.hubspot.streams import STREAMS
from leadgauge_sandbox.leads import Lead, Results, Wish, days, listing, ranked, render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from leadgauge_sandbox.cards import Known, Of
    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.properties import Property
    from leadgauge_sandbox.hubspot.table import Record, Table

KEY: Final = (
    *("email", "phone", "jobtitle", "domain", "country", "industry", "numberofemployees"),
    *("lifecyclestage", "hs_analytics_source", "createdate"),
)
"""The properties that a record shows without being asked."""
ENGAGEMENTS: Final = {
    "0-48": ("Call", "hs_call_title"),
    "0-47": ("Meeting", "hs_meeting_title"),
    "0-49": ("E-mail", "hs_email_subject"),
}
WORDS: Final = {
    "pages": "Viewed",
    "forms": "Submitted",
    "OPEN": "Opened e-mail",
    "CLICK": "Clicked in e-mail",
    "STATUSCHANGE": "Unsubscribed from",
    "BOUNCE": "Bounced",
    "registered": "Registered for",
    "attended": "Attended",
}


class Pages:
    """The account's pages for a browser."""

    def __init__(self, portal: Portal) -> None:
        """Show one account."""
        self._portal = portal
        self._contacts, self._companies = portal.tables["0-1"], portal.tables["0-2"]

    def routes(self) -> list[Route]:
        """Return the pages for the application, and what they load."""
        return [
            Route("/", self._index),
            Route("/contacts/{id:int}", self._contact),
            Route("/companies/{id:int}", self._company),
            Route("/_sandbox/records/{type}/{id:int}", self._live),
            Route("/_sandbox/components/{path:path}", _component),
        ]

    def _scorecards(self) -> list[Known]:
        own = {of: [_own(each) for each in _added(table)] for of, table in self._scored()}
        return scorecards("hubspot", own)

    def _scored(self) -> list[tuple[Of, Table]]:
        return [("leads", self._contacts), ("accounts", self._companies)]

    def _ours(self) -> dict[str, Property]:
        """Return the contacts' field of each output of the first scorecard."""
        there = {each.name: each for each in _added(self._contacts)}
        return {output: there[name] for output, name in held(self._scorecards()[0], "leads", there).items()}

    async def _index(self, request: Request) -> Response:
        wish, ours = Wish.of(request.query_params), self._ours()
        leads = [self._lead(record, ours) for record in self._contacts.live()]
        return _page("index.html", provisioned=bool(ours), people="contacts", **listing(leads, wish))

    def _lead(self, record: Record, ours: dict[str, Property]) -> Lead:
        return Lead(
            f"/contacts/{record.id}",
            _name(record.values),
            record.values.get("jobtitle", ""),
            self._company_of(record)[0],
            _results(record, ours),
            record.id,
        )

    def _company_of(self, record: Record) -> tuple[str, str]:
        """Return the name of a contact's company, and its page if it has a record."""
        number = record.values.get("associatedcompanyid")
        company = self._companies.find(int(number)) if number else None
        if company is None:
            return record.values.get("company", ""), ""
        return company.values.get("name") or "(no name)", f"/companies/{company.id}"

    async def _contact(self, request: Request) -> Response:
        record = self._contacts.find(request.path_params["id"])
        if record is None:
            return _page("gone.html", 404)
        company, link = self._company_of(record)
        return self._record(
            self._contacts,
            record,
            name=_name(record.values),
            title=record.values.get("jobtitle", ""),
            company=company,
            company_link=link,
            ask={"to": "/_sandbox/activities", "wish": {"contact": record.id, "kind": "demo_request"}},
            timeline=days(self._timeline(record)),
        )

    async def _company(self, request: Request) -> Response:
        record = self._companies.find(request.path_params["id"])
        if record is None:
            return _page("gone.html", 404)
        ours, number = self._ours(), str(record.id)
        there = (each for each in self._contacts.live() if each.values.get("associatedcompanyid") == number)
        return self._record(
            self._companies,
            record,
            name=record.values.get("name") or "(no name)",
            title=record.values.get("industry", ""),
            people=ranked(self._lead(each, ours) for each in there),
        )

    def _record(self, table: Table, record: Record, *, ask: dict[str, Any] | None = None, **shown: Any) -> Response:
        of, what, type_ = ("leads", "Contact", "contacts") if table is self._contacts else _COMPANY
        added = _added(table)
        known = self._scorecards()
        written = {told["field"]: told["label"] for each in known for told in (each[of] or {}).values()}
        return _page(
            "record.html",
            what=what,
            page={
                "crm": "hubspot",
                "object": table.kind.id,
                "id": record.id,
                "record": f"/_sandbox/records/{type_}/{record.id}",
                "timeZone": "UTC",  # as the timeline beside it
                "ask": ask,
                "scorecards": [each for each in known if each[of]],
            },
            ours=[(each.body["label"], record.values.get(each.name, "")) for each in added if each.name in written],
            key=[(_label(table, name), record.values[name]) for name in KEY if record.values.get(name)],
            others=[
                (_label(table, name), value)
                for name, value in sorted(record.values.items())
                if value and name not in written and name not in KEY
            ],
            **shown,
        )

    async def _live(self, request: Request) -> Response:
        """Return a record as HubSpot's API does, with the fields that were added to the account."""
        table = {"contacts": self._contacts, "companies": self._companies}.get(request.path_params["type"])
        record = table.find(request.path_params["id"]) if table else None
        if table is None or record is None:
            return JSONResponse({"message": "The record is not here."}, 404)
        properties = {each.name: record.values.get(each.name) or None for each in _added(table)}
        return JSONResponse({"id": str(record.id), "properties": properties, "updatedAt": iso(record.modified)})

    def _timeline(self, record: Record) -> Iterator[tuple[datetime, str, str, str]]:
        """Return a contact's activities."""
        ids = {record.id} | {loser for loser in self._contacts.merged if self._contacts.find(loser) is record}
        for at, what, name, url in (*self._streamed(ids), *self._engaged(record)):
            yield datetime.fromtimestamp(at / 1000, UTC), what, name, url

    def _streamed(self, ids: set[int]) -> list[tuple[int, str, str, str]]:
        entries = []
        for stream_name in STREAMS:
            stream = self._portal.streams[stream_name]
            for act in (stream[position] for position in stream.of(ids)):
                place = PLACES[act.place]
                what = WORDS[stream_name] + (" (mail scanner)" if act.bot else "")
                entries.append((act.at, what, place.name, (place.url or "") + TAGS[act.tag] if place.url else ""))
        return entries

    def _engaged(self, record: Record) -> list[tuple[int, str, str, str]]:
        entries = []
        for type_id, (what, title) in ENGAGEMENTS.items():
            table = self._portal.tables[type_id]
            for number in self._portal.links.of(("0-1", type_id), record.id):
                found = table.find(number)
                if found is not None:
                    at = datetime.fromisoformat(found.values["hs_timestamp"])
                    entries.append((int(at.timestamp() * 1000), what, found.values.get(title, ""), ""))
        return entries


_COMPANY: Final = ("accounts", "Company", "companies")


def _page(template: str, status: int = 200, **shown: Any) -> Response:
    return HTMLResponse(render(template, crm="HubSpot", **shown), status)


async def _component(request: Request) -> Response:
    found = component(request.path_params["path"])
    return Response(status_code=404) if found is None else Response(found[0], media_type=found[1])


def _added(table: Table) -> list[Property]:
    """Return the fields added to the account, in order."""
    return [
        each
        for each in table.definitions.values()
        if not each.body.get("hubspotDefined") and not each.archived and each.name not in CUSTOM
    ]


def _own(field: Property) -> Own:
    options = _offered(field)
    return Own(
        field.name,
        str(field.body["label"]),
        tuple(option["value"] for option in options),
        {option["value"]: option.get("description") or "" for option in options},
    )


def _offered(field: Property) -> list[dict[str, Any]]:
    """Return the options of a field in the order in which they are shown."""
    options = (option for option in field.body.get("options", ()) if not option.get("hidden"))
    return sorted(options, key=lambda option: option["displayOrder"])


def _label(table: Table, name: str) -> str:
    definition = table.definitions.get(name)
    return str(definition.body["label"]) if definition else name


def _results(record: Record, ours: dict[str, Property]) -> Results:
    """Return what leadgauge wrote to a contact."""
    values = {output: value for output, each in ours.items() if (value := record.values.get(each.name))}
    stages, priorities = (
        tuple(option["value"] for option in _offered(ours[name])) if name in ours else ()
        for name in ("readiness", "priority")
    )
    return Results(values, stages, priorities)


def _name(values: dict[str, str]) -> str:
    full = " ".join(filter(None, (values.get("firstname"), values.get("lastname"))))
    return full or values.get("email") or "(no name)"
