"""Handles every request: session, limits, faults, endpoint, headers."""

import asyncio
import gzip
import logging
import re
from dataclasses import replace
from email.utils import format_datetime
from typing import Final
from uuid import uuid4

from starlette.types import Message, Receive, Scope, Send

from leadgauge_sandbox.faults import hostile
from leadgauge_sandbox.misshapes import Asked, Misshapes, Wire
from leadgauge_sandbox.salesforce.calls import HTML, JSON, Call, Handler, Reply, Router, reply
from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.jobs import run_due
from leadgauge_sandbox.salesforce.limits import check_version
from leadgauge_sandbox.salesforce.misshapes import BENDS
from leadgauge_sandbox.salesforce.origins import origin_of
from leadgauge_sandbox.salesforce.state import Sandbox

LOG: Final = logging.getLogger(__name__)
WORTH_ZIPPING: Final = range(1024, 4_000_000)
"""Sizes of compressed responses; for larger ones, compression costs more than it saves on loopback."""
ZIP_LEVEL: Final = 1
SLOW: Final = 3.0
REFUSED: Final = 400
NO_CONTENT: Final = 204
_OPEN: Final = re.compile(
    r"/_sandbox.*|/services/oauth2/(token|revoke|introspect|userinfo)/?|/id/.*|/services/Soap/[uc]/.*|/services/data/?|/|/records/.*|/lightning/.*"
    r"|/services/Soap/m/.*|/services/async/.*|/api/v\d/.*"
)
"""Paths that need no session in the Authorization header."""
_COUNTED: Final = re.compile(r"/services/(data/v|async|Soap/m).*")
_ERROR_PAGE: Final = (
    b"<html><head><title>503 Service Unavailable</title></head><body><h1>Service Unavailable</h1></body></html>"
)


class Gate:
    """The ASGI application of the API."""

    def __init__(self, sandbox: Sandbox, router: Router) -> None:
        """Serve one org."""
        self.sandbox, self._router = sandbox, router
        error = reply(SalesforceError("UNKNOWN_EXCEPTION", "An unexpected error occurred.").as_rest())
        self._misshapes = Misshapes(sandbox.faults, error.content, BENDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        if scope["type"] != "http":
            await _lifespan(receive, send)
            return
        call = await _read(scope, receive)
        ours = call.path.startswith("/_sandbox")
        if self.sandbox.latency and not ours:
            await asyncio.sleep(self.sandbox.latency)
        with self.sandbox.org.journal.lock:
            name, answer = self._answer(call)
        if ours:
            await _send(scope, send, await _packed(call, self._wire(call, answer)), cut=False)
            return
        shown = call.path + (f"?{call.query}" if call.query else "")
        self.sandbox.statistics.note(f"{call.method} {name}", call.method, shown, answer.status)
        await self._deliver(scope, send, call, answer)

    async def _deliver(self, scope: Scope, send: Send, call: Call, answer: Reply) -> None:
        """Send a response, unless a network fault drops it."""
        faults = self.sandbox.faults
        if faults.strikes("slow", call.path):
            slow = faults.active("slow")
            await asyncio.sleep(SLOW if slow is None else slow.number(SLOW))
        if faults.strikes("lost-answer", call.path):
            await _hang_up(scope, abort=True)
            return
        cut = faults.strikes("cut-connection", call.path)
        wire = self._misshapes.bend(_asked(call), self._wire(call, answer))
        if faults.strikes("truncated-json", call.path):
            wire = replace(wire, content=wire.content[: len(wire.content) // 2])
        await _send(scope, send, await _packed(call, wire), cut=cut)
        if cut:
            await _hang_up(scope, abort=False)

    def _answer(self, call: Call) -> tuple[str, Reply]:
        name = call.path
        try:
            found, handler = self._router.find(call)
            name = found.pattern
            return name, self._admitted(call, handler)
        except SalesforceError as refusal:
            return name, reply(refusal.as_rest(), refusal.status)
        except Exception:
            LOG.exception("The sandbox failed on %s %s", call.method, call.path)
            return name, reply(SalesforceError("UNKNOWN_EXCEPTION", "An unexpected error occurred").as_rest(), 500)

    def _admitted(self, call: Call, handler: Handler) -> Reply:
        """Accept a call, refuse it, or let a fault respond."""
        journal = self.sandbox.org.journal
        if call.path.startswith("/_sandbox"):
            with journal.transaction(user=self.sandbox.living.setting.seller):
                return handler(self.sandbox, call)
        broken = self._broken(call)
        if broken is not None:
            return broken
        self._identify(call)
        if "version" in call.variables:
            check_version(call.version)
        if _COUNTED.match(call.path):
            self._charge(call)
            self.sandbox.living.catch_up()
            run_due(self.sandbox)
        with journal.transaction(origin_of(call), call.user):
            return handler(self.sandbox, call)

    def _identify(self, call: Call) -> None:
        """Set the session's user; the SOAP APIs have the session in their own header."""
        if _OPEN.fullmatch(call.path):
            return
        given = call.headers.get("authorization")
        if given is None:
            raise SalesforceError("INVALID_SESSION_ID", "Session expired or invalid", status=401)
        scheme, _, token = given.partition(" ")
        if scheme.lower() not in ("bearer", "oauth"):
            raise SalesforceError("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE", status=401)
        user = user_of(self.sandbox, token.strip(), call.path)
        if user is None:
            raise SalesforceError("INVALID_SESSION_ID", "Session expired or invalid", status=401)
        call.user = user

    def _charge(self, call: Call) -> None:
        """Count a call against the daily limit."""
        faults, budget = self.sandbox.faults, self.sandbox.budget
        if faults.active("api-disabled") is not None:
            message = "The REST API is not enabled for this Organization."
            raise SalesforceError("API_DISABLED_FOR_ORG", message, status=403)
        if faults.counts_down("daily-limit") or budget.used >= budget.maximum:
            raise SalesforceError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
        if faults.strikes("concurrent-limit", call.path):
            message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
            raise SalesforceError("REQUEST_LIMIT_EXCEEDED", message, status=403)
        budget.used += 1

    def _broken(self, call: Call) -> Reply | None:
        faults = self.sandbox.faults
        if faults.strikes("503-html", call.path):
            return Reply(503, _ERROR_PAGE, HTML)
        if faults.strikes("503", call.path):
            return reply(SalesforceError("SERVER_UNAVAILABLE", "Unable to forward request to server").as_rest(), 503)
        if faults.strikes("500", call.path):
            return reply(SalesforceError("UNKNOWN_EXCEPTION", "An unexpected error occurred.").as_rest(), 500)
        if faults.strikes("hostile", call.path):
            words = hostile(call.headers.get("authorization"))
            return reply(SalesforceError("INVALID_FIELD", words).as_rest(), 400)
        return None

    def _wire(self, call: Call, answer: Reply) -> Wire:
        """Return a response with its headers."""
        headers = {"Date": format_datetime(self.sandbox.org.clock.now(), usegmt=True), **answer.headers}
        # The edge sends its id of the call twice, as 32 hexadecimal digits: https://github.com/tibeal/devCaseStudy
        # (README, section 2: an org's answer of 2025-12-12).
        headers["X-SFDC-Request-Id"] = headers["X-Request-Id"] = uuid4().hex
        if call.path.startswith("/services/data/v"):
            headers["Sforce-Limit-Info"] = f"api-usage={self.sandbox.budget.used}/{self.sandbox.budget.maximum}"
        if answer.content or answer.media != JSON:
            headers["Content-Type"] = answer.media
        return Wire(answer.status, b"" if call.method == "HEAD" else answer.content, headers)


def user_of(sandbox: Sandbox, token: str, path: str) -> str | None:
    """Return the user of a session; None if there is none, or a fault ends it."""
    if sandbox.faults.counts_down("revoked") or sandbox.faults.strikes("session-expired", path):
        sandbox.sessions.end(token)
    return sandbox.sessions.user_of(token)


def _asked(call: Call) -> Asked:
    """Return the parts of a call that misshapes need."""
    url = call.path + (f"?{call.query}" if call.query else "")
    token = call.parameters.get("locator") or call.parameters.get("nextPageToken")
    return Asked(call.path, url, call.base, token, "gzip" in call.headers.get("accept-encoding", ""))


async def _packed(call: Call, wire: Wire) -> Wire:
    """Compress a response if the client accepts it and the size makes it worthwhile."""
    packs = len(wire.content) in WORTH_ZIPPING and "gzip" in call.headers.get("accept-encoding", "")
    if not packs and not wire.packed:
        return wire
    content = wire.content if wire.packed else await asyncio.to_thread(gzip.compress, wire.content, ZIP_LEVEL)
    return replace(
        wire, content=content, headers={**wire.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    )


class _Name(bytes):
    """A header's name that the server sends as it is, as Salesforce does: some clients find no other.

    The server looks for its own names in lower case, which this is equal to. Airbyte's CDK reads `Content-Type` only.
    """

    def lower(self) -> bytes:
        """Return the name unchanged."""
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, bytes) and bytes.lower(self) == bytes.lower(other)

    def __hash__(self) -> int:
        return hash(bytes.lower(self))


async def _send(scope: Scope, send: Send, wire: Wire, *, cut: bool) -> None:
    """Send a response, or half of it if it is to be cut, at its pace while the client is connected."""
    headers = wire.headers if wire.status == NO_CONTENT else {**wire.headers, "Content-Length": str(len(wire.content))}
    raw = [(_Name(name.encode("latin-1")), value.encode("latin-1")) for name, value in headers.items()]
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


async def _read(scope: Scope, receive: Receive) -> Call:
    chunks, more = [], True
    while more:
        message: Message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    body = b"".join(chunks)
    if headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    base = f"{scope['scheme']}://{headers.get('host', '127.0.0.1')}"
    return Call(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), body, headers, base)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _hang_up(scope: Scope, *, abort: bool) -> None:
    """Close the connection without another byte; `abort` drops unsent data."""
    transport = scope["sandbox.transport"]
    transport.abort() if abort else transport.close()
    await asyncio.sleep(0.02)
