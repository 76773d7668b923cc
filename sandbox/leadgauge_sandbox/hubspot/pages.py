"""The sandbox's web pages: leads by priority, and one lead's record with its timeline."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from leadgauge_sandbox.catalogue import PLACES, TAGS
from leadgauge_sandbox.hubspot.shipped import CUSTOM
from leadgauge_sandbox.hubspot.streams import STREAMS
from leadgauge_sandbox.leads import Lead, Results, Wish, days, listing, output_of, render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.properties import Property
    from leadgauge_sandbox.hubspot.table import Record, Table

KEY: Final = ("email", "phone", "jobtitle", "country", "lifecyclestage", "hs_analytics_source", "createdate")
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
        self._contacts: Table = portal.tables["0-1"]

    def routes(self) -> list[Route]:
        """Return the pages for the application."""
        return [Route("/", self._index), Route("/contacts/{id:int}", self._record)]

    def _own(self) -> list[Property]:
        """Return the fields added to the account, in order."""
        return [
            each
            for each in self._contacts.definitions.values()
            if not each.body.get("hubspotDefined") and not each.archived and each.name not in CUSTOM
        ]

    def _ours(self) -> dict[str, Property]:
        """Return the field that holds each of leadgauge's outputs."""
        return {output: each for each in self._own() if (output := output_of(each.name))}

    async def _index(self, request: Request) -> Response:
        wish, ours = Wish.of(request.query_params), self._ours()
        leads = [self._lead(record, ours) for record in self._contacts.live()]
        return _page("index.html", provisioned=bool(ours), people="contacts", **listing(leads, wish))

    def _lead(self, record: Record, ours: dict[str, Property]) -> Lead:
        return Lead(
            f"/contacts/{record.id}",
            _name(record.values),
            record.values.get("jobtitle", ""),
            self._company(record),
            _results(record, ours),
            record.id,
        )

    def _company(self, record: Record) -> str:
        number = record.values.get("associatedcompanyid")
        company = self._portal.tables["0-2"].find(int(number)) if number else None
        return company.values.get("name", "") if company else record.values.get("company", "")

    async def _record(self, request: Request) -> Response:
        record = self._contacts.find(request.path_params["id"])
        if record is None:
            return _page("gone.html", 404)
        own, ours = self._own(), self._ours()
        written = {each.name for each in ours.values()}
        return _page(
            "record.html",
            name=_name(record.values),
            title=record.values.get("jobtitle", ""),
            company=self._company(record),
            got=_results(record, ours),
            fields=frozenset(ours),
            ours=[(each.body["label"], record.values.get(each.name, "")) for each in own if each.name in written],
            key=[(self._label(name), record.values[name]) for name in KEY if record.values.get(name)],
            others=[
                (self._label(name), value)
                for name, value in sorted(record.values.items())
                if value and name not in written and name not in KEY
            ],
            timeline=days(self._timeline(record)),
        )

    def _label(self, name: str) -> str:
        definition = self._contacts.definitions.get(name)
        return str(definition.body["label"]) if definition else name

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


def _page(template: str, status: int = 200, **shown: Any) -> Response:
    return HTMLResponse(render(template, crm="HubSpot", **shown), status)


def _results(record: Record, ours: dict[str, Property]) -> Results:
    """Return what leadgauge wrote to a contact."""
    values = {output: value for output, each in ours.items() if (value := record.values.get(each.name))}
    return Results(values, _offered(ours.get("readiness")), _offered(ours.get("priority")))


def _offered(field: Property | None) -> tuple[str, ...]:
    """Return the options of a field in the order in which they are shown."""
    options = field.body.get("options", ()) if field else ()
    return tuple(option["label"] for option in sorted(options, key=lambda option: option["displayOrder"]))


def _name(values: dict[str, str]) -> str:
    full = " ".join(filter(None, (values.get("firstname"), values.get("lastname"))))
    return full or values.get("email") or "(no name)"
