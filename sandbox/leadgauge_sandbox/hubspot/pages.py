"""The sandbox's web pages: leads by priority, and one lead's record with its timeline."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from leadgauge_sandbox.catalogue import PLACES, TAGS
from leadgauge_sandbox.hubspot.shipped import CUSTOM
from leadgauge_sandbox.hubspot.streams import STREAMS

if TYPE_CHECKING:
    from starlette.requests import Request

    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.properties import Property
    from leadgauge_sandbox.hubspot.table import Record, Table

SHOWN: Final = 100
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
        self._templates = Environment(
            loader=PackageLoader("leadgauge_sandbox.hubspot"), autoescape=select_autoescape(default=True)
        )

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

    def _prefix(self) -> str:
        """Return the prefix of `lead_priority` in the names of the fields shown."""
        names = (each.name for each in self._own())
        return next((name.removesuffix("lead_priority") for name in names if name.endswith("lead_priority")), "")

    async def _index(self, request: Request) -> Response:
        page = max(1, int(request.query_params.get("page", "1") or 1))
        ranked = sorted(self._contacts.live(), key=self._rank)
        rows = [self._row(record) for record in ranked[(page - 1) * SHOWN : page * SHOWN]]
        more = page * SHOWN < len(ranked)
        shown = {"rows": rows, "total": len(ranked), "page": page, "more": more, "first": (page - 1) * SHOWN}
        return self._render("index.html", provisioned=bool(self._own()), **shown)

    def _rank(self, record: Record) -> tuple[str, float, int]:
        """Order by priority, then by index; contacts without come last."""
        prefix, values = self._prefix(), record.values
        index = values.get(f"{prefix}lead_priority_index") or "-1"
        return values.get(f"{prefix}lead_priority") or "~", -float(index), record.id

    def _row(self, record: Record) -> dict[str, Any]:
        prefix, values = self._prefix(), record.values
        ours = {
            name: values.get(f"{prefix}lead_{name}", "")
            for name in ("priority", "priority_index", "score", "grade", "readiness", "urgency", "score_reasons")
        }
        return {
            "id": record.id,
            "name": _name(values),
            "title": values.get("jobtitle", ""),
            "company": self._company(record),
            **ours,
        }

    def _company(self, record: Record) -> str:
        number = record.values.get("associatedcompanyid")
        company = self._portal.tables["0-2"].find(int(number)) if number else None
        return company.values.get("name", "") if company else record.values.get("company", "")

    async def _record(self, request: Request) -> Response:
        record = self._contacts.find(request.path_params["id"])
        if record is None:
            return HTMLResponse(self._templates.get_template("gone.html").render(), 404)
        own = self._own()
        ours = [(each.body["label"], record.values.get(each.name, "")) for each in own]
        names = {each.name for each in own}
        others = [
            (definition.body["label"] if (definition := self._contacts.definitions.get(name)) else name, value)
            for name, value in sorted(record.values.items())
            if value and name not in names
        ]
        return self._render(
            "record.html",
            name=_name(record.values),
            title=record.values.get("jobtitle", ""),
            company=self._company(record),
            ours=ours,
            others=others,
            timeline=self._timeline(record),
        )

    def _timeline(self, record: Record) -> list[dict[str, str]]:
        """Return a contact's activities, latest first."""
        ids = {record.id} | {loser for loser in self._contacts.merged if self._contacts.find(loser) is record}
        entries = [*self._streamed(ids), *self._engaged(record)]
        return [
            {
                "when": datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M"),
                "what": what,
                "name": name,
                "url": url,
            }
            for at, what, name, url in sorted(entries, reverse=True)
        ]

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

    def _render(self, template: str, **shown: Any) -> Response:
        return HTMLResponse(self._templates.get_template(template).render(portal=self._portal, **shown))


def _name(values: dict[str, str]) -> str:
    full = " ".join(filter(None, (values.get("firstname"), values.get("lastname"))))
    return full or values.get("email") or "(no name)"
