"""The sandbox's web pages: leads and contacts by priority, and records with our component."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import cache
from typing import Any, Final

import polars as pl

from leadgauge_sandbox.cards import Known, Of, Own, component, held, scorecards
from leadgauge_sandbox.leads import Lead, Results, Wish, days, listing, ranked, render
from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.calls import HTML, Call, Reply, reply, route
from leadgauge_sandbox.salesforce.feeds.control import told as feed_told
from leadgauge_sandbox.salesforce.org import Org
from leadgauge_sandbox.salesforce.schema.field import Field
from leadgauge_sandbox.salesforce.schema.standard import standard_objects
from leadgauge_sandbox.salesforce.soql.frames import Keep, load
from leadgauge_sandbox.salesforce.state import Sandbox
from leadgauge_sandbox.salesforce.table import Table

PEOPLE: Final = ("Lead", "Contact")
SCORED: Final[dict[str, Of]] = {"Lead": "leads", "Contact": "leads", "Account": "accounts"}
EXACT: Final = 1e6
"""`%g` writes whole numbers below this in full."""
KEY: Final = (
    *("Email", "Phone", "Title", "Website", "Country", "MailingCountry", "BillingCountry"),
    *("Industry", "NumberOfEmployees", "Status", "LeadSource", "CreatedDate"),
)
"""The fields that a record shows without being asked."""
TIMELINE: Final = (
    ("Web_Visit__c", "Viewed", "Occurred_At__c", "Name", "URL__c", "{}__c"),
    ("Web_Action__c", "Submitted", "Occurred_At__c", "Name", "URL__c", "{}__c"),
    ("Task", "Call", "CompletedDateTime", "Subject", None, "WhoId"),
    ("Event", "Meeting", "StartDateTime", "Subject", None, "WhoId"),
    ("EmailMessageRelation", "E-mail", "CreatedDate", "EmailMessage.Subject", None, "RelationId"),
    ("CampaignMember", "Campaign", "CreatedDate", "Campaign.Name", None, "{}Id"),
)


@cache
def _shipped(name: str) -> frozenset[str]:
    return frozenset(standard_objects()[name].fields)


def _own(org: Org, name: str) -> list[Field]:
    """Return the fields added to the org."""
    return [each for key, each in org.objects[name].fields.items() if key not in _shipped(name)]


def _scorecards(org: Org, name: str) -> list[Known]:
    """Return what a component on a record of this object is told; people's objects may have fields of their own."""
    people = name if name in PEOPLE else "Contact"
    added: dict[Of, list[Own]] = {"leads": _added(org, people), "accounts": _added(org, "Account")}
    return scorecards("salesforce", added)


def _added(org: Org, name: str) -> list[Own]:
    return [Own(each.name, each.label, each.values, each.meanings) for each in _own(org, name)]


def _ours(org: Org, name: str) -> dict[str, Field]:
    """Return the field of an object that holds each output of the first scorecard."""
    there = {each.name: each for each in _own(org, name)}
    found = held(_scorecards(org, name)[0], SCORED[name], there)
    return {output: there[field] for output, field in found.items()}


def _results(values: Mapping[str, Any], ours: Mapping[str, Field]) -> Results:
    """Return what leadgauge wrote to a record."""
    written = {output: _text(values[each.name]) for output, each in ours.items() if values[each.name] is not None}
    stages, priorities = (ours[name].values if name in ours else () for name in ("readiness", "priority"))
    return Results(written, tuple(stages), tuple(priorities))


def index(sandbox: Sandbox, call: Call) -> Reply:
    """Show leads and contacts by priority."""
    leads = [lead for name in PEOPLE for lead in _people(sandbox, name)]
    provisioned = any(_ours(sandbox.org, name) for name in PEOPLE)
    shown = listing(leads, Wish.of(call.parameters))
    told = feed_told(sandbox.feed)
    return _page("index.html", provisioned=provisioned, people="leads and contacts", feed=told, **shown)


def _people(sandbox: Sandbox, name: str, account: str = "") -> list[Lead]:
    """Return the rows of one object for the list; with an account, only its contacts."""
    sobject = sandbox.org.objects[name]
    ours = _ours(sandbox.org, name)
    company = "Account.Name" if name == "Contact" else "Company"
    needs = {"Id", "Name", "Title", company, *(each.name for each in ours.values())}
    live = ~pl.col("IsDeleted") & (~pl.col("IsConverted") if name == "Lead" else pl.lit(value=True))
    columns = frozenset({"IsDeleted", "IsConverted"} if name == "Lead" else {"IsDeleted"})
    if account:
        live, columns = live & (pl.col("AccountId") == account), columns | {"AccountId"}
    view = sandbox.org.seen_by(sandbox.integration_user)
    rows = load(view, sobject, needs, Keep(live, columns)).to_dicts()
    return [
        Lead(
            f"/records/{row['Id']}",
            row["Name"] or "(no name)",
            row["Title"] or "",
            row[company] or "",
            _results(row, ours),
            number,
        )
        for number, row in enumerate(rows)
    ]


def record(sandbox: Sandbox, call: Call) -> Reply:
    """Show a lead, a contact or an account."""
    found = _found(sandbox, call)
    if found is None:
        return _page("gone.html", 404)
    table, row = found
    sobject, identifier = table.sobject, table.identifier(row)
    of, known = SCORED[sobject.name], _scorecards(sandbox.org, sobject.name)
    written = {told["field"] for each in known for told in (each[of] or {}).values()}
    values = _values(sandbox, table, row)
    key, others = _facts(sobject.fields.values(), values, written)
    return _page(
        "record.html",
        what=sobject.name,
        name=values["Name"] or "(no name)",
        title=(values["Industry"] if of == "accounts" else values["Title"]) or "",
        page={
            "crm": "salesforce",
            "object": sobject.name,
            "id": identifier,
            "record": f"/_sandbox/records/{identifier}",
            "timeZone": "UTC",
            "ask": _ask(values) if of == "leads" else None,
            "scorecards": [each for each in known if each[of]],
        },
        ours=[
            (each.label, _text(values[each.name])) for each in _own(sandbox.org, sobject.name) if each.name in written
        ],
        key=key,
        others=others,
        **_surroundings(sandbox, table, row),
    )


def _ask(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the call by which the person of a record asks for a demo; None for one whom the population lacks."""
    number = values["Person_Key__c"]
    wish = {"person": int(number), "kind": "demo_request"} if number is not None else None
    return wish and {"to": "/_sandbox/activities", "wish": wish}


def _surroundings(sandbox: Sandbox, table: Table, row: int) -> dict[str, Any]:
    """Return what a page shows beside the record itself."""
    identifier = table.identifier(row)
    if table.sobject.name == "Account":
        return {"people": ranked(_people(sandbox, "Contact", identifier))}
    company, link = _company(sandbox, table, row)
    timeline = days(_timeline(sandbox, table.sobject.name, identifier))
    return {"company": company, "company_link": link, "timeline": timeline}


def live(sandbox: Sandbox, call: Call) -> Reply:
    """Return a record as the User Interface API does, with the fields that were added to the org."""
    found = _found(sandbox, call)
    if found is None:
        return reply([{"errorCode": "NOT_FOUND", "message": "The record is not here."}], 404)
    table, row = found
    values = _values(sandbox, table, row)
    fields = {
        each.name: {"value": _plain(values[each.name]), "displayValue": None}
        for each in _own(sandbox.org, table.sobject.name)
    }
    stamp = _plain(values["SystemModstamp"])
    return reply(
        {"apiName": table.sobject.name, "id": table.identifier(row), "fields": fields, "systemModstamp": stamp}
    )


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it: times as the User Interface API writes them."""
    return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03}Z" if isinstance(value, datetime) else value


def _found(sandbox: Sandbox, call: Call) -> tuple[Table, int] | None:
    """Return the table and row of the record that a page is about, unless it was deleted."""
    identifier = identifiers.normalise(call["id"])
    found = sandbox.org.record(identifier) if identifier else None
    if found is None or found[0].sobject.name not in SCORED or found[0].value(found[1], "IsDeleted"):
        return None
    return found


def _values(sandbox: Sandbox, table: Table, row: int) -> dict[str, Any]:
    view = sandbox.org.seen_by(sandbox.integration_user)
    return load(view, table.sobject, list(table.sobject.fields), row=row).row(0, named=True)


def file(_sandbox: Sandbox, call: Call) -> Reply:
    """Return a file of the component."""
    found = component(call["path"])
    return Reply(404) if found is None else Reply(content=found[0], media=found[1])


def _facts(
    fields: Iterable[Field], values: Mapping[str, Any], written: AbstractSet[str]
) -> tuple[list[tuple[str, str]], ...]:
    """Return the fields that a record shows at once, and the others, both without empty ones and leadgauge's own."""
    known = [
        each
        for each in fields
        if each.name not in written and each.type != "address" and values[each.name] not in (None, False, "")
    ]
    key = sorted((each for each in known if each.name in KEY), key=lambda each: KEY.index(each.name))
    shown = [key, [each for each in known if each.name not in KEY]]
    return tuple([(each.label, _text(values[each.name])) for each in part] for part in shown)


def _text(value: Any) -> str:
    """Return a value as the pages show it; whole numbers without decimals."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{value:g}" if isinstance(value, float) and value.is_integer() and abs(value) < EXACT else str(value)


def moved(_sandbox: Sandbox, call: Call) -> Reply:
    """Redirect from the URL of a record's page in the real CRM to the sandbox's page."""
    return Reply(302, headers={"Location": f"/records/{call['id']}"})


def _company(sandbox: Sandbox, table: Table, row: int) -> tuple[str, str]:
    """Return the name of a person's company, and its page if it has a record."""
    if table.sobject.name == "Lead":
        return str(table.value(row, "Company") or ""), ""
    found = sandbox.org.record(table.value(row, "AccountId") or "")
    if found is None:
        return "", ""
    account, place = found
    return str(account.value(place, "Name")), f"/records/{account.identifier(place)}"


def _timeline(sandbox: Sandbox, kind: str, identifier: str) -> Iterator[tuple[datetime, str, str, str]]:
    """Return a person's activities, those from before a contact's lead was converted too."""
    yield from _activities(sandbox, kind, [identifier])
    if kind == "Contact":
        view, came_from = sandbox.org.seen_by(sandbox.integration_user), pl.col("ConvertedContactId") == identifier
        leads = load(view, sandbox.org.objects["Lead"], {"Id"}, Keep(came_from, frozenset({"ConvertedContactId"})))
        yield from _activities(sandbox, "Lead", leads["Id"].to_list())


def _activities(sandbox: Sandbox, kind: str, people: list[str]) -> Iterator[tuple[datetime, str, str, str]]:
    view = sandbox.org.seen_by(sandbox.integration_user)
    for name, what, when, title, url, reference in TIMELINE:
        sobject, link = sandbox.org.objects[name], reference.format(kind)
        needs = {each for each in (when, title, url, link) if each}
        frame = load(view, sobject, needs, Keep(pl.col(link).is_in(people), frozenset({link})))
        for row in frame.to_dicts():
            if row[when]:
                yield row[when], what, row[title] or "", (row[url] or "") if url else ""


def _page(template: str, status: int = 200, **shown: Any) -> Reply:
    return Reply(status, render(template, crm="Salesforce", **shown).encode(), HTML)


ROUTES: Final = (
    route("/", get=index),
    route("/records/{id}", get=record),
    route("/_sandbox/records/{id}", get=live),
    route("/_sandbox/components/{path:path}", get=file),
    route("/lightning/r/{object}/{id}/view", get=moved),
)
