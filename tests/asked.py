"""What a connection asks a CRM for, as the CRM hears it: fields by object, and addresses."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_OBJECT = re.compile(r"^/crm/(?:v3/objects|objects/[\w-]+|objects/v3)/([\w.-]+)")
_SOQL = re.compile(r"SELECT (.+?) FROM (\w+)", re.DOTALL)


@dataclass
class Asked:
    """A proxy of a CRM that notes which fields of which objects are asked for and written."""

    app: ASGIApp
    read: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    written: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    paths: set[tuple[str, str]] = field(default_factory=set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytearray()

        async def heard() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        await self.app(scope, heard, send)
        if scope["type"] == "http":
            self.note(scope["method"], scope["path"], scope["query_string"].decode(), bytes(body))

    def note(self, method: str, path: str, query: str, body: bytes) -> None:
        """Note a call."""
        self.paths.add((method, path))
        said = parse_qs(query)
        for soql in [*said.get("q", ()), *_texts(body)]:
            for columns, name in _SOQL.findall(soql):
                self.read[name] |= {column.strip() for column in columns.split(",")}
        found = _OBJECT.match(path)
        if found:
            names = {name for text in said.get("properties", ()) for name in text.split(",")}
            self.read[found[1]] |= names | {
                n for text in said.get("propertiesWithHistory", ()) for n in text.split(",")
            }
        data = _json(body)
        if found and isinstance(data, dict):
            self.read[found[1]] |= set(map(str, data.get("properties") or ())) if "update" not in path else set()
            self.read[found[1]] |= set(map(str, data.get("propertiesWithHistory") or ()))
            if "/batch/update" in path:
                self.written[found[1]] |= {name for row in data.get("inputs", ()) for name in row.get("properties", ())}
        if isinstance(data, dict) and path.endswith("/composite/sobjects"):
            for row in data.get("records", ()):
                self.written[row["attributes"]["type"]] |= set(row) - {"attributes", "id"}


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _texts(body: bytes) -> list[str]:
    data = _json(body)
    return [data["query"]] if isinstance(data, dict) and isinstance(data.get("query"), str) else []
