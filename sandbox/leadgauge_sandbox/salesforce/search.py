"""SOSL, limited to `FIND {words} IN … FIELDS RETURNING Object(fields)`."""

import re
from dataclasses import replace
from typing import Any, Final

from leadgauge_sandbox.salesforce.calls import Call, Reply, reply
from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.records import as_json
from leadgauge_sandbox.salesforce.soql.parser import parse
from leadgauge_sandbox.salesforce.soql.run import run
from leadgauge_sandbox.salesforce.soql.tree import And, Condition, Select
from leadgauge_sandbox.salesforce.state import Sandbox

MOST: Final = 200
_FIND: Final = re.compile(
    r"\s*FIND\s*\{(?P<words>.+?)\}(?:\s+IN\s+(?P<scope>\w+)\s+FIELDS)?(?:\s+RETURNING\s+(?P<returning>.+?))?"
    r"(?:\s+LIMIT\s+(?P<limit>\d+))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_OBJECT: Final = re.compile(r"(\w+)\s*(?:\(((?:[^()]|\([^()]*\))*)\))?")
"""An object and the text in its parentheses, including nested `IN (…)`."""
_CLAUSE: Final = re.compile(r"\b(?=(?:WHERE|ORDER\s+BY|LIMIT|OFFSET)\b)", re.IGNORECASE)
_DEFAULT: Final = "Lead(Id), Contact(Id), Account(Id)"
_SEARCHED: Final = ("Name", "Email", "Phone", "Company", "Title", "Subject")


def search(sandbox: Sandbox, call: Call) -> Reply:
    """GET /search?q=: records whose name, address or similar fields contain the words."""
    match = _FIND.fullmatch(call.parameters.get("q", ""))
    if match is None:
        raise SalesforceError("MALFORMED_SEARCH", "No search term found. The search term must be enclosed in braces.")
    words = re.sub(r"\\(.)", r"\1", match["words"]).strip().strip('"').replace("*", "")
    found: list[dict[str, Any]] = []
    for name, fields in _OBJECT.findall(match["returning"] or _DEFAULT):
        found += _records(sandbox, call, name, fields or "Id", words)
    limit = int(match["limit"] or MOST)
    return reply({"searchRecords": found[:limit]})


def _query(name: str, inside: str) -> Select:
    """Read the clause after an object's name: its fields, then WHERE, ORDER BY and LIMIT as in SOQL."""
    fields, *rest = _CLAUSE.split(inside, maxsplit=1)
    return parse(f"SELECT {fields} FROM {name} {' '.join(rest)}")  # noqa: S608 - SOQL over made-up rows


def _among(query: Select, found: Condition | None) -> Select:
    conditions = tuple(each for each in (found, query.where) if each is not None)
    return replace(query, where=And(conditions), limit=query.limit or MOST)


def _records(sandbox: Sandbox, call: Call, name: str, fields: str, words: str) -> list[dict[str, Any]]:
    view = call.view(sandbox)
    sobject = view.find(name)
    if sobject is None:
        raise SalesforceError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    pattern = words.replace("\\", "\\\\").replace("'", "\\'").replace("%", "\\%").replace("_", "\\_")
    conditions = [f"{each} LIKE '%{pattern}%'" for each in _SEARCHED if each in sobject.fields]
    if not conditions:
        return []
    where = " OR ".join(conditions)
    words_found = parse(f"SELECT Id FROM {sobject.name} WHERE {where}").where  # noqa: S608 - SOQL over made-up rows, words are escaped
    result = run(_among(_query(sobject.name, fields), words_found), view)
    return as_json(result, result.frame, view, call.version)
