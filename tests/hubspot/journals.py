"""A webhooks journal in front of a sandbox account, for tests that decide what every file and answer is."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

Answer = Callable[[], Response]
OWN = ("/webhooks-journal/", "/files/", "/oauth/")


def event(
    id_: int, action: str = "UPDATE", type_: str = "0-1", portal: int | None = None, **more: Any
) -> dict[str, Any]:
    """Return an event of the journal about a record."""
    at = "2026-11-22T11:00:00.000Z"
    told = {"type": "crmObject", "portalId": portal, "occurredAt": at, "action": action}
    return {**told, "objectTypeId": type_, "objectId": id_, **more}


def error(status: int, category: str = "", **headers: str) -> Answer:
    """Return a refusal as HubSpot words it."""
    body = {"status": "error", "message": "no", "correlationId": "1", **({"category": category} if category else {})}
    return lambda: JSONResponse(body, status, headers=headers)


@dataclass
class Journal:
    """What the journal of an account has, and how the next calls are answered instead."""

    inner: ASGIApp
    portal: int
    now: Callable[[], float]
    files: list[tuple[str, bytes]] = field(default_factory=list)
    subscriptions: list[dict[str, Any]] = field(default_factory=list)
    instead: dict[str, list[Answer]] = field(default_factory=dict)
    """Answers to the next calls, by what their path begins with."""
    log: list[tuple[str, str]] = field(default_factory=list)
    tokens: int = 0
    expires_in: int = 1800
    signed: int = 0
    """Which URLs of files are still valid: those that were signed since."""
    refuses: set[str] = field(default_factory=set)
    """Types of records that the account does not tell of."""
    lacks: set[str] = field(default_factory=set)
    """Properties that the account does not have."""
    dates_itself: bool = True

    def __post_init__(self) -> None:
        self.own = Starlette(
            routes=[
                Route("/oauth/{version}/token", self._token, methods=["POST"]),
                Route("/webhooks-journal/journal-local/{version}/latest", self._latest),
                Route("/webhooks-journal/journal-local/{version}/batch/earliest/{count:int}", self._next),
                Route("/webhooks-journal/journal-local/{version}/batch/{offset}/next/{count:int}", self._next),
                Route("/webhooks-journal/subscriptions/{version}", self._subscriptions, methods=["GET", "POST"]),
                Route("/files/{signed:int}/{offset}", self._file),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(OWN):
            await self.inner(scope, receive, send)
            return
        self.log.append((scope["method"], path))
        waiting = next((some for start, some in self.instead.items() if path.startswith(start) and some), None)
        answer: ASGIApp = waiting.pop(0)() if waiting else self.own
        await answer(scope, receive, self._dated(send))

    def _dated(self, send: Send) -> Send:
        async def dated(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"date", formatdate(self.now(), usegmt=True).encode()))
            await send(message)

        return dated

    def tell(self, *events: dict[str, Any]) -> str:
        """Add a file with events of this account, and return its offset."""
        told = [one if one.get("portalId") else {**one, "portalId": self.portal} for one in events]
        return self.put(json.dumps({"offset": "1", "journalEvents": told, "publishedAt": "2026-11-22"}).encode())

    def put(self, file: bytes) -> str:
        """Add a file, and return its offset."""
        self.files.append((str(uuid.uuid4()), file))
        return self.files[-1][0]

    def called(self, part: str) -> int:
        """Return how often a path was called."""
        return sum(part in path for _, path in self.log)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        if form["grant_type"] != "client_credentials" or form["client_secret"] != "s3cret":
            return error(400, "BAD_CLIENT_SECRET")()
        self.tokens += 1
        return JSONResponse(
            {"access_token": f"app-{self.tokens}", "expires_in": self.expires_in, "token_type": "bearer"}
        )

    def _entry(self, request: Request, at: int) -> dict[str, str]:
        url = f"{request.base_url}files/{self.signed}/{self.files[at][0]}"
        return {"url": url, "expiresAt": "2026-11-22T13:00:00Z", "currentOffset": self.files[at][0]}

    async def _latest(self, request: Request) -> Response:
        return JSONResponse(self._entry(request, len(self.files) - 1)) if self.files else Response(status_code=204)

    async def _next(self, request: Request) -> Response:
        offset = request.path_params.get("offset")
        known = [None, *(one for one, _ in self.files)]
        if offset not in known:
            return error(404, "OBJECT_NOT_FOUND")()
        begin = known.index(offset)
        found = range(begin, min(begin + request.path_params["count"], len(self.files)))
        whole = {"status": "COMPLETE", "startedAt": "2026-11-22T12:00:00Z", "completedAt": "2026-11-22T12:00:00Z"}
        return JSONResponse({**whole, "results": [self._entry(request, at) for at in found]})

    async def _file(self, request: Request) -> Response:
        if request.path_params["signed"] < self.signed:
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, media_type="application/xml")
        return Response(dict(self.files)[request.path_params["offset"]], media_type="application/json")

    async def _subscriptions(self, request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse({"results": self.subscriptions})
        asked = await request.json()
        if asked["objectTypeId"] in self.refuses or self.lacks & {*asked.get("properties", ())}:
            return error(400, "VALIDATION_ERROR")()
        key = ("subscriptionType", "objectTypeId", "portalId")
        self.subscriptions = [one for one in self.subscriptions if any(one[name] != asked[name] for name in key)]
        made = {**asked, "id": len(self.log), "appId": 7, "createdAt": "2026-11-22T12:00:00Z"}
        self.subscriptions.append(made)
        return JSONResponse(made)
