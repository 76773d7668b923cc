"""The request object of the endpoints, and the routing table for both path families."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar
from urllib.parse import parse_qsl, urlencode

import orjson

from leadgauge_sandbox.hubspot.answers import Answer, Refused, invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Row = TypeVar("Row")

DATED: Final = r"20\d\d-\d\d(?:-beta)?"
FAMILIES: Final = tuple(
    (re.compile(pattern.replace("DATE", DATED)), legacy)
    for pattern, legacy in (
        (r"/crm/objects/DATE/(?=[^/]+/[^/]+/associations/)", "/crm/v4/objects/"),
        (r"/crm/objects/DATE(?=/)", "/crm/v3/objects"),
        (r"/crm/associations/DATE(?=/)", "/crm/v4/associations"),
        (r"/crm/(properties|exports|imports|owners|lists|pipelines|limits)/DATE(?=/|$)", r"/crm/v3/\1"),
        (r"/(?:crm-object-schemas|crm/object-schemas)/(?:v3|DATE)/schemas(?=/|$)", "/crm/v3/schemas"),
        (r"/account-info/DATE(?=/)", "/account-info/v3"),
        (r"/events/event-occurrences/DATE(?=/|$)", "/events/v3/events"),
        (r"/marketing/(forms|marketing-events|emails)/DATE(?=/|$)", r"/marketing/v3/\1"),
        (r"/oauth/(?:DATE|v3)(?=/)", "/oauth/v1"),
        (r"/webhooks-journal/(journal|journal-local|subscriptions|snapshots)/DATE(?=/|$)", r"/webhooks/v4/\1"),
    )
)
"""Date-based paths and the older paths they replace.

Version 4 is unsupported from 2027-03-30: https://github.com/HubSpot/hubspot-api-python/issues/495 (2026-11).
"""


def legacy(path: str) -> str:
    """Return the path in its older form, without a trailing slash."""
    for pattern, replacement in FAMILIES:
        path, hits = pattern.subn(replacement, path, count=1) if pattern.match(path) else (path, 0)
        if hits:
            break
    return path.rstrip("/") or "/"


def names(path: str) -> str:
    """Return what a fault's `path` is looked for in: the path as sent, and its older form."""
    older = legacy(path)
    return path if older == path.rstrip("/") else f"{path}$ {older}"


@dataclass(slots=True)
class Call:
    """One request."""

    method: str
    path: str
    """As sent."""
    query: str
    body: bytes
    headers: Mapping[str, str]
    base: str
    scopes: frozenset[str] | None = None
    """Scopes of the token; None for all."""
    variables: dict[str, str] = field(default_factory=dict)
    pairs: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pairs = parse_qsl(self.query, keep_blank_values=True)

    def __getitem__(self, name: str) -> str:
        """Return a variable part of the path."""
        return self.variables[name]

    @property
    def dated(self) -> bool:
        """Return whether the path is date-based."""
        return re.search(DATED, self.path) is not None

    def one(self, name: str) -> str | None:
        """Return a query parameter, None if absent or empty."""
        return next((value for key, value in self.pairs if key == name and value), None)

    def many(self, name: str) -> list[str]:
        """Return a list parameter, repeated or comma-separated."""
        return [part.strip() for key, value in self.pairs if key == name for part in value.split(",") if part.strip()]

    def flag(self, name: str) -> bool:
        """Return a boolean parameter: `true` in any letter case; anything else is false."""
        return (self.one(name) or "").lower() == "true"

    def number(self, name: str, default: int, *, low: int = 0, high: int | None = None) -> int:
        """Return an integer parameter within its bounds, or refuse the call."""
        text = self.one(name)
        if text is None:
            return default
        try:
            value = int(text)
        except ValueError:
            raise Refused(400, f"Invalid value for {name}: '{text}' is not a number.", "VALIDATION_ERROR") from None
        if value < low or (high is not None and value > high):
            raise invalid(
                f"Invalid value for {name}: {value}. It must be between {low} and {high}.", context={name: [text]}
            )
        return value

    def json(self) -> dict[str, Any]:
        """Return the body as an object, or refuse it as Jackson would."""
        body = self.any_json()
        if not isinstance(body, dict):
            raise Refused(400, "Invalid input JSON on line 1, column 1: Cannot deserialize value from Array value")
        return body

    def any_json(self) -> Any:
        """Return the body as JSON of any type."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise Refused(
                400, f"Invalid input JSON on line {error.lineno}, column {error.colno}: {error.msg}"
            ) from None

    def inputs(self, most: int = 100) -> list[dict[str, Any]]:
        """Return the inputs of a batch call; refuse too many."""
        rows = self.json().get("inputs")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Refused(400, "Invalid input JSON: Some required fields were not set: [inputs]", "VALIDATION_ERROR")
        if len(rows) > most:
            raise invalid(
                f"The maximum number of inputs supported in a batch request is {most}, but {len(rows)} were given"
            )
        return rows

    def need(self, *scopes: str) -> None:
        """Refuse the call unless the token has one of the scopes."""
        if self.scopes is not None and not self.scopes.intersection(scopes):
            self.refuse_scopes(*scopes)

    def refuse_scopes(self, *scopes: str) -> NoReturn:
        """Refuse the call for want of these scopes."""
        raise Refused(
            403,
            "This app hasn't been granted all required scopes to make this call. "
            "Read more about required scopes here: https://developers.hubspot.com/scopes.",
            "MISSING_SCOPES",
            errors=[
                {
                    "message": "One or more of the following scopes are required.",
                    "context": {"requiredGranularScopes": list(scopes)},
                }
            ],
            links={"scopes": "https://developers.hubspot.com/scopes"},
        )

    def slice(
        self, rows: Sequence[Row], default: int, most: int, *, opaque: bool = False
    ) -> tuple[Sequence[Row], dict[str, Any]]:
        """Return the rows of the requested page, and a paging block if more follow; `opaque` hides the offset."""
        limit = self.number("limit", default, low=1, high=most)
        first = self._hidden_offset() if opaque else self.number("after", 0)
        end = first + limit
        token = base64.urlsafe_b64encode(str(end).encode()).decode() if opaque else str(end)
        return rows[first:end], {"paging": self.next_page(token)} if end < len(rows) else {}

    def _hidden_offset(self) -> int:
        token = self.one("after")
        try:
            return int(base64.urlsafe_b64decode(token)) if token else 0
        except ValueError:
            raise invalid(f"Invalid paging token: {token}") from None

    def next_page(self, after: str) -> dict[str, Any]:
        """Return the paging block for the next page."""
        rest = [(key, value) for key, value in self.pairs if key != "after"]
        return {"next": {"after": after, "link": f"{self.base}{self.path}?{urlencode([*rest, ('after', after)])}"}}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method and an older path, with `{variables}`."""

    method: str
    pattern: str
    handler: Callable[[Any, Call], Answer]

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the segments of the path."""
        return tuple(self.pattern.strip("/").split("/"))


class Router:
    """Finds endpoints by method and path; literal segments win over variables."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        """Index the endpoints by their number of path segments."""
        self._by_shape: dict[tuple[str, int], list[Endpoint]] = {}
        for endpoint in sorted(endpoints, key=lambda each: each.pattern.count("{")):
            self._by_shape.setdefault((endpoint.method, len(endpoint.parts)), []).append(endpoint)

    def find(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]] | None:
        """Return the endpoint for a call and the values of its variables."""
        pieces = legacy(path).strip("/").split("/")
        for endpoint in self._by_shape.get((method, len(pieces)), ()):
            found = _match(endpoint.parts, pieces)
            if found is not None:
                return endpoint, found
        return None

    def knows(self, path: str) -> bool:
        """Return whether a path accepts any method."""
        return any(self.find(method, path) for method in ("GET", "POST", "PUT", "PATCH", "DELETE"))


def _match(parts: tuple[str, ...], pieces: list[str]) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for part, piece in zip(parts, pieces, strict=True):
        if part[0] == "{":
            found[part[1:-1]] = piece
        elif part != piece:
            return None
    return found
