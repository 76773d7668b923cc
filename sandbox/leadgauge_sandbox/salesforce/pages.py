"""The sandbox's web pages: leads and contacts by priority, and one record with its timeline."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import cache
from typing import Any, Final

import polars as pl

from leadgauge_sandbox.leads import Lead, Results, Wish, days, listing, output_of, render
from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.calls import HTML, Call, Reply
from leadgauge_sandbox.salesforce.org import Org
from leadgauge_sandbox.salesforce.schema.field import Field
from leadgauge_sandbox.salesforce.schema.standard import standard_objects
from leadgauge_sandbox.salesforce.soql.frames import Keep, load
from leadgauge_sandbox.salesforce.state import Sandbox
from leadgauge_sandbox.salesforce.table import Table

OBJECTS: Final = ("Lead", "Contact")
EXACT: Final = 1e6
"""`%g` writes whole numbers below this in full."""
KEY: Final = ("Email", "Phone", "Title", "Country", "MailingCountry", "Status", "LeadSource", "CreatedDate")
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


def _ours(fields: Sequence[Field]) -> dict[str, Field]:
    """Return the field that holds each of leadgauge's outputs."""
    return {output: each for each in fields if (output := output_of(each.name))}


def _results(values: Mapping[str, Any], ours: Mapping[str, Field]) -> Results:
    """Return what leadgauge wrote to a record."""
    written = {output: _text(values[each.name]) for output, each in ours.items() if values[each.name] is not None}
    stages, priorities = (ours[name].values if name in ours else () for name in ("readiness", "priority"))
    return Results(written, tuple(stages), tuple(priorities))


def index(sandbox: Sandbox, call: Call) -> Reply:
    """Show leads and contacts by priority."""
    leads = [lead for name in OBJECTS for lead in _people(sandbox, name)]
    provisioned = any(_ours(_own(sandbox.org, name)) for name in OBJECTS)
    shown = listing(leads, Wish.of(call.parameters))
    return _page("index.html", provisioned=provisioned, people="leads and contacts", **shown)


def _people(sandbox: Sandbox, name: str) -> list[Lead]:
    """Return the rows of one object for the list."""
    sobject = sandbox.org.objects[name]
    ours = _ours(_own(sandbox.org, name))
    company = "Account.Name" if name == "Contact" else "Company"
    needs = {"Id", "Name", "Title", company, *(each.name for each in ours.values())}
    live = ~pl.col("IsDeleted") & (~pl.col("IsConverted") if name == "Lead" else pl.lit(value=True))
    columns = frozenset({"IsDeleted", "IsConverted"} if name == "Lead" else {"IsDeleted"})
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
    """Show one lead or contact."""
    identifier = identifiers.normalise(call["id"])
    found = sandbox.org.record(identifier) if identifier else None
    if found is None or found[0].sobject.name not in OBJECTS or found[0].value(found[1], "IsDeleted"):
        return _page("gone.html", 404)
    table, row = found
    sobject = table.sobject
    ours = _ours(_own(sandbox.org, sobject.name))
    view = sandbox.org.seen_by(sandbox.integration_user)
    values = load(view, sobject, list(sobject.fields), row=row).row(0, named=True)
    key, others = _facts(sobject.fields.values(), values, {each.name for each in ours.values()})
    return _page(
        "record.html",
        name=values["Name"] or "(no name)",
        title=values["Title"] or "",
        company=_company(sandbox, table, row),
        got=_results(values, ours),
        fields=frozenset(ours),
        ours=[(each.label, _text(values[each.name])) for each in ours.values()],
        timeline=days(_timeline(sandbox, sobject.name, str(identifier))),
        key=key,
        others=others,
    )


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


def _company(sandbox: Sandbox, table: Table, row: int) -> str:
    if table.sobject.name == "Lead":
        return str(table.value(row, "Company") or "")
    account = sandbox.org.record(table.value(row, "AccountId") or "")
    return "" if account is None else str(account[0].value(account[1], "Name"))


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
