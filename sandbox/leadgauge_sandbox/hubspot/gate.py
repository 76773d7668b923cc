"""Handles every request: log, token, limits, faults, endpoint, headers."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final

from leadgauge_sandbox.faults import hostile
from leadgauge_sandbox.hubspot.answers import Answer, PageNotFound, Refused, correlation
from leadgauge_sandbox.hubspot.calls import Call, legacy, names
from leadgauge_sandbox.hubspot.limits import too_many
from leadgauge_sandbox.hubspot.tokens import ALL_SCOPES
from leadgauge_sandbox.misshapes import Asked, Misshapes, Wire

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from leadgauge_sandbox.hubspot.calls import Router
    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.tokens import Grant

LOG: Final = logging.getLogger(__name__)
SECONDS_SLOWER: Final = 3
LONGEST_URL: Final = 16_384
WORTH_ZIPPING: Final = 1024
HTML: Final = "text/html;charset=utf-8"
ERROR_PAGE: Final = (
    b"<!DOCTYPE html>\n<html><head><title>%d</title></head><body><center><h1>%d</h1></center></body></html>\n"
)
BROKEN: Final = {
    "500": Answer({"status": "error", "message": "internal error", "correlationId": ""}, 500),
    "502": Answer(ERROR_PAGE % (502, 502), 502, HTML),
    "504-html": Answer(ERROR_PAGE % (504, 504), 504, HTML),
    "423": Answer(
        {"status": "error", "message": "The resource is locked. Try again later.", "category": "LOCKED"}, 423
    ),
    "477": Answer(
        {"status": "error", "message": "The account is being migrated.", "category": "MIGRATION_IN_PROGRESS"},
        477,
        headers={"Retry-After": "2"},
    ),
}


class Gate:
    """The ASGI application of the API."""

    def __init__(self, portal: Portal, router: Router) -> None:
        """Serve one account."""
        self.portal, self.router = portal, router
        self.calls: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.log: list[tuple[str, str, int]] = []
        """(method, path with query, status) of the latest calls."""
        self.latency = 0.0
        self.misshapes = Misshapes(portal.faults, Refused(500, "internal error").answer().content())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        call = await self._call(scope, receive)
        if self.latency:
            await asyncio.sleep(self.latency)
        answer, headers = self._answer(call)
        self._note(call, answer)
        faults = self.portal.faults
        slow = faults.active("slow")
        if slow is not None and faults.strikes("slow", names(call.path)):
            await asyncio.sleep(slow.number(SECONDS_SLOWER))
        if faults.strikes("lost-answer", names(call.path)):
            await _hang_up(scope, abort=True)
            return
        content = answer.content()
        if faults.strikes("truncated-json", names(call.path)):
            content = content[: len(content) // 2]
        cut = faults.strikes("cut-connection", names(call.path))
        wire = self.misshapes.bend(_asked(call), Wire(answer.status, content, self._headers(answer, headers)))
        await _send(scope, send, _packed(call, wire), cut=cut)
        if cut:
            await _hang_up(scope, abort=False)

    async def _call(self, scope: Scope, receive: Receive) -> Call:
        chunks = []
        more = True
        while more:
            message = await receive()
            chunks.append(message.get("body", b""))
            more = message.get("more_body", False)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        base = f"http://{headers.get('host', '127.0.0.1')}"
        return Call(
            scope["method"], scope["path"], scope["query_string"].decode("latin-1"), b"".join(chunks), headers, base
        )

    def _answer(self, call: Call) -> tuple[Answer, dict[str, str]]:
        """Return the response and the rate-limit headers."""
        search, headers = call.path.endswith("/search"), {}
        try:
            if legacy(call.path).startswith("/oauth/"):
                return self._serve(call), {}
            grant = self._admit(call)
            if of_journal(call.path):
                return self._journal(call), {}
            policy = self.portal.limits.take(search=search, oauth=grant.oauth)
            headers = self.portal.limits.headers(search=search, oauth=grant.oauth)
            answer = too_many(policy) if policy is not None else self._struck(call) or self._serve(call)
        except Refused as refusal:
            answer = refusal.answer()
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            LOG.warning("%s %s was treated as malformed", call.method, call.path, exc_info=True)
            answer = Refused(400, f"Invalid input JSON: {error!r}").answer()
        except Exception:
            LOG.exception("The sandbox failed on %s %s", call.method, call.path)
            answer = Answer({"status": "error", "message": "internal error", "correlationId": correlation()}, 500)
        return answer, headers

    def _journal(self, call: Call) -> Answer:
        """Answer a call of the journal, which has limits of its own."""
        if self.portal.limits.full(call.path) or self.portal.faults.strikes("journal-429", names(call.path)):
            return replace(too_many("SECONDLY"), headers={"Retry-After": "1"})
        return self._struck(call) or self._serve(call)

    def _admit(self, call: Call) -> Grant:
        """Return the grant of the call's token."""
        if call.method == "OPTIONS" or self.portal.faults.counts_down("revoked-token"):
            raise Refused(401, "Authentication credentials not found.", "INVALID_AUTHENTICATION")
        grant = self.portal.tokens.check(call.headers.get("authorization"))
        lacking = self.portal.faults.active("missing-scope")
        call.scopes = granted(grant, call.path)
        if lacking is not None:
            lost = {lacking.argument or "crm.objects.companies.read"}
            call.scopes = (call.scopes if call.scopes is not None else ALL_SCOPES) - lost
        return grant

    def _struck(self, call: Call) -> Answer | None:
        """Return the response of a fault that strikes before the call is processed."""
        faults = self.portal.faults
        if faults.strikes("burst-429", names(call.path)):
            return too_many("TEN_SECONDLY_ROLLING")
        if faults.strikes("secondly-429", names(call.path)):
            return too_many("SEARCH")
        if faults.strikes("hostile", names(call.path)):
            return Refused(400, hostile(call.headers.get("authorization"))).answer()
        return next((answer for name, answer in BROKEN.items() if faults.strikes(name, names(call.path))), None)

    def _serve(self, call: Call) -> Answer:
        if len(call.path) + len(call.query) > LONGEST_URL:
            return Answer(ERROR_PAGE % (414, 414), 414, HTML)
        unknown = self.portal.faults.active("unknown-path")
        if unknown is not None and (unknown.argument or "2026-09") in call.path:
            raise PageNotFound
        found = self.router.find(call.method, call.path)
        if found is None:
            if self.router.knows(call.path):
                return Answer(ERROR_PAGE % (405, 405), 405, HTML)
            raise PageNotFound
        endpoint, call.variables = found
        self.portal.happen()
        return endpoint.handler(self.portal, call)

    def _note(self, call: Call, answer: Answer) -> None:
        found = self.router.find(call.method, call.path)
        self.calls[f"{call.method} {found[0].pattern if found else call.path}"] += 1
        self.statuses[answer.status] += 1
        self.log.append((call.method, call.path + (f"?{call.query}" if call.query else ""), answer.status))
        if len(self.log) > KEPT:
            del self.log[: KEPT // 2]

    def _headers(self, answer: Answer, budget: dict[str, str]) -> dict[str, str]:
        headers = {
            "Date": format_datetime(datetime.fromtimestamp(self.portal.clock.now() / 1000, UTC), usegmt=True),
            "X-HubSpot-Correlation-Id": _correlation(answer),
            **budget,
            **answer.headers,
        }
        return headers if answer.status == NO_CONTENT else {**headers, "Content-Type": answer.media}


def of_journal(path: str) -> bool:
    """Return whether a path is of the journal: exempt from the limits per day and per ten seconds."""
    return legacy(path).startswith("/webhooks/v4/")


def granted(grant: Grant, path: str) -> frozenset[str] | None:
    """Return the scopes that a token has on a path; None for all.

    The journal is the only API for tokens of the app itself, and wants such a token.
    """
    if grant.app != of_journal(path):
        return ALL_SCOPES if of_journal(path) else frozenset()
    return grant.scopes


def _asked(call: Call) -> Asked:
    """Return the parts of a call that misshapes need."""
    url = call.path + (f"?{call.query}" if call.query else "")
    token = call.one("after") or call.one("offset")
    return Asked(names(call.path), url, call.base, token, "gzip" in call.headers.get("accept-encoding", ""))


def _packed(call: Call, wire: Wire) -> Wire:
    """Compress a response if the client accepts it and it is large enough."""
    packs = len(wire.content) > WORTH_ZIPPING and "gzip" in call.headers.get("accept-encoding", "")
    if not packs and not wire.packed:
        return wire
    content = wire.content if wire.packed else gzip.compress(wire.content, 1)
    return replace(
        wire, content=content, headers={**wire.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    )


async def _send(scope: Scope, send: Send, wire: Wire, *, cut: bool) -> None:
    """Send a response, or half of it if it is to be cut, at its pace while the client is connected."""
    headers = wire.headers if wire.status == NO_CONTENT else {**wire.headers, "Content-Length": str(len(wire.content))}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": wire.status, "headers": raw})
    sent = replace(wire, content=wire.content[: len(wire.content) // 2]) if cut else wire
    if not wire.pace:
        await send({"type": "http.response.body", "body": sent.content, "more_body": cut})
        return
    for piece in sent.pieces():
        if scope["sandbox.transport"].is_closing():
            return
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(wire.pace)
    await send({"type": "http.response.body", "body": b"", "more_body": cut})


async def _hang_up(scope: Scope, *, abort: bool) -> None:
    """Close the connection without another byte; `abort` drops unsent data."""
    transport = scope["sandbox.transport"]
    transport.abort() if abort else transport.close()
    await asyncio.sleep(0.02)


def _correlation(answer: Answer) -> str:
    """Return the correlation id of the body, or a new one."""
    if isinstance(answer.body, dict) and answer.body.get("correlationId"):
        return str(answer.body["correlationId"])
    return correlation()


KEPT: Final = 20_000
NO_CONTENT: Final = 204
