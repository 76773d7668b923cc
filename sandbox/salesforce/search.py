"""SOSL, as far as `FIND {words} IN … FIELDS RETURNING Object(fields)` goes."""

import re
from typing import Any, Final

from sandbox.salesforce.calls import Call, Reply, reply
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.records import as_json
from sandbox.salesforce.soql.parser import parse
from sandbox.salesforce.soql.run import run
from sandbox.salesforce.state import Sandbox

MOST: Final = 200
_FIND: Final = re.compile(
    r"\s*FIND\s*\{(?P<words>.+?)\}(?:\s+IN\s+(?P<scope>\w+)\s+FIELDS)?(?:\s+RETURNING\s+(?P<returning>.+?))?"
    r"(?:\s+LIMIT\s+(?P<limit>\d+))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_OBJECT: Final = re.compile(r"(\w+)\s*(?:\(([^)]*)\))?")
_DEFAULT: Final = "Lead(Id), Contact(Id), Account(Id)"
_SEARCHED: Final = ("Name", "Email", "Phone", "Company", "Title")


def search(sandbox: Sandbox, call: Call) -> Reply:
    """Answer `GET /search?q=`: records whose name, address or the like contain the words."""
    match = _FIND.fullmatch(call.parameters.get("q", ""))
    if match is None:
        raise SalesforceError("MALFORMED_SEARCH", "No search term found. The search term must be enclosed in braces.")
    words = re.sub(r"\\(.)", r"\1", match["words"]).strip().strip('"').replace("*", "")
    found: list[dict[str, Any]] = []
    for name, fields in _OBJECT.findall(match["returning"] or _DEFAULT):
        found += _records(sandbox, call, name, fields or "Id", words)
    limit = int(match["limit"] or MOST)
    return reply({"searchRecords": found[:limit]})


def _records(sandbox: Sandbox, call: Call, name: str, fields: str, words: str) -> list[dict[str, Any]]:
    view = call.view(sandbox)
    sobject = view.find(name)
    if sobject is None:
        raise SalesforceError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    pattern = words.replace("\\", "\\\\").replace("'", "\\'").replace("%", "\\%").replace("_", "\\_")
    conditions = [f"{each} LIKE '%{pattern}%'" for each in _SEARCHED if each in sobject.fields]
    where = " OR ".join(conditions)
    query = parse(f"SELECT {fields} FROM {sobject.name} WHERE {where} LIMIT {MOST}")  # noqa: S608 - SOQL over made-up rows, words are escaped
    result = run(query, view)
    return as_json(result, result.frame, view, call.version)
