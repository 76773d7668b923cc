"""HubSpot's responses and error messages."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Final

import orjson

JSON: Final = "application/json;charset=utf-8"
NOT_FOUND_PAGE: Final = (
    '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/>\n'
    "<title>Error 404 Not Found</title>\n</head>\n<body><h2>HTTP ERROR 404</h2>\n"
    "<p>resource not found</p>\n</body>\n</html>\n"
)


@dataclass(slots=True)
class Answer:
    """A status, a body (a JSON value or raw bytes) and extra headers."""

    body: Any = None
    status: int = 200
    media: str = JSON
    headers: dict[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        """Return the body as bytes."""
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.status == NO_CONTENT else orjson.dumps(self.body)


NO_CONTENT: Final = 204
EPOCH: Final = date(1970, 1, 1).toordinal()


class Refused(Exception):  # noqa: N818 - the word for what HubSpot did
    """HubSpot refuses a whole call."""

    def __init__(self, code: int, message: str, category: str | None = None, **more: Any) -> None:
        super().__init__(message)
        self.status, self.message, self.category, self.more = code, message, category, more

    def answer(self) -> Answer:
        """Return the JSON error body shared by all of HubSpot's APIs."""
        body: dict[str, Any] = {"status": "error", "message": self.message, "correlationId": correlation(), **self.more}
        if self.category:
            body["category"] = self.category
        return Answer(body, self.status)


class PageNotFound(Refused):
    """The 404 of HubSpot's web server, in HTML."""

    def __init__(self) -> None:
        super().__init__(404, "resource not found")

    def answer(self) -> Answer:
        """Return the HTML page."""
        return Answer(NOT_FOUND_PAGE.encode("latin-1"), 404, "text/html;charset=iso-8859-1")


def invalid(message: str, **more: Any) -> Refused:
    """Return a validation error."""
    return Refused(400, message, "VALIDATION_ERROR", **more)


def correlation() -> str:
    """Return a new correlation id."""
    return str(uuid.uuid4())


def iso(moment: int) -> str:
    """Format milliseconds as HubSpot does, such as 2026-01-31T07:05:00.120Z."""
    day, rest = divmod(moment, 86_400_000)
    minutes, milliseconds = divmod(rest, 60_000)
    return f"{_day(day)}T{minutes // 60:02}:{minutes % 60:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}Z"


@lru_cache(maxsize=4096)
def _day(number: int) -> str:
    return date.fromordinal(EPOCH + number).isoformat()


def batch_answer(
    now: int,
    started: int,
    results: list[Any],
    errors: list[dict[str, Any]],
    *,
    done: int = 200,
) -> Answer:
    """Return the response of a batch endpoint: 200 or 201 if all inputs succeeded, 207 if some failed."""
    body: dict[str, Any] = {
        "completedAt": iso(now),
        "status": "COMPLETE",
        "startedAt": iso(started),
        "results": results,
    }
    if not errors:
        return Answer(body, done)
    return Answer({**body, "errors": errors, "numErrors": len(errors)}, 207)
