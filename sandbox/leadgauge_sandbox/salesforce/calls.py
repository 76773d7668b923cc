"""The request and response of the endpoints, and the routing table."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote

import orjson

from leadgauge_sandbox.salesforce.errors import SalesforceError, method_not_allowed, not_found

if TYPE_CHECKING:
    from leadgauge_sandbox.salesforce.org import View
    from leadgauge_sandbox.salesforce.state import Sandbox

JSON: Final = "application/json;charset=UTF-8"
XML: Final = "text/xml;charset=UTF-8"
HTML: Final = "text/html;charset=UTF-8"
CSV: Final = "text/csv"


@dataclass(slots=True)
class Call:
    """One request."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers by lower-case name."""
    base: str = ""
    """The base URL that the client used."""
    variables: dict[str, str] = field(default_factory=dict)
    user: str = ""
    """Id of the session's user."""
    tooling: bool = False

    def __getitem__(self, name: str) -> str:
        """Return a variable part of the path."""
        return self.variables[name]

    @property
    def version(self) -> str:
        """Return the API version in the path, such as `60.0`."""
        return self.variables["version"]

    @property
    def parameters(self) -> dict[str, str]:
        """Return the query parameters, including those of a form body."""
        pairs = parse_qsl(self.query, keep_blank_values=True)
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            pairs += parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return dict(pairs)

    def json(self) -> Any:
        """Return the body as JSON, or refuse it."""
        kind = self.headers.get("content-type", JSON)
        if self.path.startswith("/services/") and "json" not in kind.lower():
            message = f"Content-Type header specified in HTTP request is not supported: {kind}"
            raise SalesforceError("UNSUPPORTED_MEDIA_TYPE", message, status=415)
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            message = f"{error.msg} at [line:{error.lineno}, column:{error.colno}]"
            raise SalesforceError("JSON_PARSER_ERROR", message) from None

    def fields(self) -> dict[str, Any]:
        """Return the body as a JSON object, or refuse it."""
        body = self.json()
        if not isinstance(body, dict):
            raise SalesforceError("JSON_PARSER_ERROR", "Unexpected type: expected an object at [line:1, column:1]")
        return body

    def flag(self, name: str) -> bool:
        """Return a boolean query parameter."""
        return self.parameters.get(name, "").lower() == "true"

    def view(self, sandbox: "Sandbox") -> "View":
        """Return the org as seen by this call's user."""
        view = sandbox.org.seen_by(self.user)
        return type(view)(view.org, view.user, tooling=True) if self.tooling else view


@dataclass(slots=True)
class Reply:
    """One response."""

    status: int = 200
    content: bytes = b""
    media: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


def reply(body: Any, status: int = 200, **headers: str) -> Reply:
    """Return a JSON response."""
    return Reply(status, orjson.dumps(body), headers={name.replace("_", "-"): text for name, text in headers.items()})


def nothing() -> Reply:
    """Return a response without a body."""
    return Reply(204)


Handler = Callable[["Sandbox", Call], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """A path and its handler for each verb."""

    pattern: str
    handlers: Mapping[str, Handler]
    regex: re.Pattern[str]


def route(pattern: str, **handlers: Handler) -> Route:
    """Return a route; `{name}` matches a segment of the path, `{name:path}` the rest."""
    regex = re.sub(r"\{(\w+):path\}", r"(?P<\1>.+)", re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern))
    return Route(
        pattern, {name.upper(): each for name, each in handlers.items()}, re.compile(f"{regex}/?", re.IGNORECASE)
    )


class Router:
    """Finds the handler of a call; paths below `/services` are case-insensitive."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = tuple(routes)

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def find(self, call: Call) -> tuple[Route, Handler]:
        """Return the route and handler of a call and fill in its variables."""
        for each in self._routes:
            match = each.regex.fullmatch(call.path)
            if match is None:
                continue
            handler = each.handlers.get(_verb(call))
            if handler is None:
                raise method_not_allowed(call.method, ",".join(each.handlers))
            call.variables = {name: unquote(text) for name, text in match.groupdict().items()}
            return each, handler
        raise not_found()


def _verb(call: Call) -> str:
    """Return the verb; old clients that cannot send PATCH use `_HttpMethod=PATCH`."""
    verb = "GET" if call.method == "HEAD" else call.method
    return call.parameters.get("_HttpMethod", verb).upper() if verb == "POST" else verb
