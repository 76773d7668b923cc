"""The sandbox's web pages: leads and contacts by priority, and one record with its timeline."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import polars as pl
from jinja2 import Environment, PackageLoader, select_autoescape

from leadgauge_sandbox.salesforce import identifiers
from leadgauge_sandbox.salesforce.calls import HTML, Call, Reply
from leadgauge_sandbox.salesforce.org import Org
from leadgauge_sandbox.salesforce.schema.field import Field
from leadgauge_sandbox.salesforce.schema.standard import standard_objects
from leadgauge_sandbox.salesforce.soql.frames import Keep, load
from leadgauge_sandbox.salesforce.state import Sandbox
from leadgauge_sandbox.salesforce.table import Table

SHOWN: Final = 100
OURS: Final = ("priority", "priority_index", "score", "grade", "readiness", "urgency", "score_reasons")
OBJECTS: Final = ("Lead", "Contact")
TIMELINE: Final = (
    ("Web_Visit__c", "Viewed", "Occurred_At__c", "Name", "URL__c", "{}__c"),
    ("Web_Action__c", "Submitted", "Occurred_At__c", "Name", "URL__c", "{}__c"),
    ("Task", "Call", "CompletedDateTime", "Subject", None, "WhoId"),
    ("Event", "Meeting", "StartDateTime", "Subject", None, "WhoId"),
    ("EmailMessageRelation", "E-mail", "CreatedDate", "EmailMessage.Subject", None, "RelationId"),
    ("CampaignMember", "Campaign", "CreatedDate", "Campaign.Name", None, "{}Id"),
)


@cache
def _templates() -> Environment:
    """Return the templates shared by both sandboxes."""
    return Environment(loader=PackageLoader("leadgauge_sandbox.hubspot"), autoescape=select_autoescape(default=True))


@cache
def _shipped(name: str) -> frozenset[str]:
    return frozenset(standard_objects()[name].fields)


def _own(org: Org, name: str) -> list[Field]:
    """Return the fields added to the org."""
    return [each for key, each in org.objects[name].fields.items() if key not in _shipped(name)]


def _our_names(fields: Sequence[Field]) -> dict[str, str]:
    """Return the added field for each result, whatever its prefix."""
    lowered = {each.name.removesuffix("__c").lower().replace("_", ""): each.name for each in fields}
    return {
        wanted: name
        for wanted in OURS
        for key, name in lowered.items()
        if key.endswith(f"lead{wanted}".replace("_", ""))
    }


def index(sandbox: Sandbox, call: Call) -> Reply:
    """Show leads and contacts by priority."""
    page = max(1, int(call.parameters.get("page", "1") or 1))
    frame = pl.concat([_people(sandbox, name) for name in OBJECTS], how="vertical")
    ranked = frame.sort("priority", "priority_index", "id", descending=[False, True, False], nulls_last=True)
    rows = [
        {key: "" if value is None else value for key, value in row.items()}
        for row in ranked.slice((page - 1) * SHOWN, SHOWN).to_dicts()
    ]
    shown = {"rows": rows, "total": frame.height, "page": page, "more": page * SHOWN < frame.height}
    provisioned = any(_own(sandbox.org, name) for name in OBJECTS)
    words = {"crm": "Salesforce", "people": "leads and contacts", "link": "/records/"}
    return _page("index.html", first=(page - 1) * SHOWN, provisioned=provisioned, **shown, **words)


def _people(sandbox: Sandbox, name: str) -> pl.DataFrame:
    """Return the rows of one object for the list."""
    sobject = sandbox.org.objects[name]
    known = _our_names(_own(sandbox.org, name))
    company = "Account.Name" if name == "Contact" else "Company"
    needs = {"Id", "Name", "Title", company, *known.values()}
    live = ~pl.col("IsDeleted") & (~pl.col("IsConverted") if name == "Lead" else pl.lit(value=True))
    columns = frozenset({"IsDeleted", "IsConverted"} if name == "Lead" else {"IsDeleted"})
    view = sandbox.org.seen_by(sandbox.integration_user)
    frame = load(view, sobject, needs, Keep(live, columns))
    numbers = {"priority_index", "score"}
    ours = [
        (pl.col(known[each]) if each in known else pl.lit(None))
        .cast(pl.Int64 if each in numbers else pl.String, strict=False)
        .alias(each)
        for each in OURS
    ]
    return frame.select(
        pl.col("Id").alias("id"),
        pl.col("Name").alias("name"),
        pl.col("Title").alias("title"),
        pl.col(company).alias("company"),
        *ours,
    )


def record(sandbox: Sandbox, call: Call) -> Reply:
    """Show one lead or contact."""
    identifier = identifiers.normalise(call["id"])
    found = sandbox.org.record(identifier) if identifier else None
    if found is None or found[0].sobject.name not in OBJECTS or found[0].value(found[1], "IsDeleted"):
        return Reply(404, _templates().get_template("gone.html").render(crm="Salesforce").encode(), HTML)
    table = found[0]
    sobject = table.sobject
    own = _own(sandbox.org, sobject.name)
    view = sandbox.org.seen_by(sandbox.integration_user)
    frame = load(view, sobject, list(sobject.fields), row=found[1])
    values = frame.row(0, named=True)
    names = {each.name for each in own}
    others = [
        (each.label, values[each.name])
        for each in sobject.fields.values()
        if each.name not in names and each.type != "address" and values[each.name] not in (None, False)
    ]
    return _page(
        "record.html",
        crm="Salesforce",
        name=values["Name"] or "(no name)",
        title=values["Title"] or "",
        company=_company(sandbox, table, found[1]),
        ours=[(each.label, "" if values[each.name] is None else values[each.name]) for each in own],
        others=others,
        timeline=_timeline(sandbox, sobject.name, str(identifier)),
    )


def moved(_sandbox: Sandbox, call: Call) -> Reply:
    """Redirect from the URL of a record's page in the real CRM to the sandbox's page."""
    return Reply(302, headers={"Location": f"/records/{call['id']}"})


def _company(sandbox: Sandbox, table: Table, row: int) -> str:
    if table.sobject.name == "Lead":
        return str(table.value(row, "Company") or "")
    account = sandbox.org.record(table.value(row, "AccountId") or "")
    return "" if account is None else str(account[0].value(account[1], "Name"))


def _timeline(sandbox: Sandbox, kind: str, identifier: str) -> list[dict[str, str]]:
    """Return a person's activities, latest first."""
    view = sandbox.org.seen_by(sandbox.integration_user)
    entries: list[tuple[Any, str, str, str]] = []
    for name, what, when, title, url, reference in TIMELINE:
        sobject, link = sandbox.org.objects[name], reference.format(kind)
        needs = {each for each in (when, title, url, link) if each}
        frame = load(view, sobject, needs, Keep(pl.col(link) == identifier, frozenset({link})))
        entries += [
            (row[when], what, row[title] or "", row[url] if url else "") for row in frame.to_dicts() if row[when]
        ]
    entries.sort(key=lambda entry: entry[0], reverse=True)
    return [
        {"when": at.strftime("%Y-%m-%d %H:%M"), "what": what, "name": name, "url": url or ""}
        for at, what, name, url in entries
    ]


def _page(template: str, **shown: Any) -> Reply:
    return Reply(200, _templates().get_template(template).render(**shown).encode(), HTML)
