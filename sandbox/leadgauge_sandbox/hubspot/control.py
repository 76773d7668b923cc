"""The control API: `/_sandbox/…` counts calls, switches faults, moves the clock and lets people act."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from leadgauge_sandbox.catalogue import PLACES
from leadgauge_sandbox.hubspot.deeds import KINDS, Deed
from leadgauge_sandbox.hubspot.journal import MALFORMED
from leadgauge_sandbox.hubspot.signing import signature
from leadgauge_sandbox.misshapes import Asked, Wire
from leadgauge_sandbox.records import Activity

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request

    from leadgauge_sandbox.hubspot.filling import Filling
    from leadgauge_sandbox.hubspot.gate import Gate
    from leadgauge_sandbox.hubspot.mischief import Mischief
    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.table import Record
    from leadgauge_sandbox.live import Change

MEDIA = {"csv": "text/csv;charset=utf-8", "zip": "application/zip"}


class Mistaken(Exception):  # noqa: N818 - said to a person
    """An invalid control call."""


class Control:
    """The sandbox's own endpoints."""

    def __init__(self, portal: Portal, gate: Gate, filling: Filling, mischief: Mischief) -> None:
        """Control one account."""
        self.portal, self.gate, self.filling, self.mischief = portal, gate, filling, mischief

    def routes(self) -> list[Route]:
        """Return the endpoints for the application."""
        table: list[tuple[str, str, Callable[[dict[str, Any]], Any]]] = [
            ("GET", "stats", self._stats),
            ("DELETE", "stats", self._reset),
            ("GET", "log", self._log),
            ("GET", "faults", self._faults),
            ("POST", "faults", self._set_fault),
            ("DELETE", "faults", self._clear_faults),
            ("GET", "clock", self._clock),
            ("POST", "clock", self._move_clock),
            ("POST", "step", self._step),
            ("POST", "latency", self._latency),
            ("GET", "tokens", self._tokens),
            ("POST", "tokens", self._add_token),
            ("POST", "activities", self._act),
            ("POST", "change", self._change),
            ("POST", "deeds", self._deed),
            ("POST", "delete", self._delete),
            ("POST", "restore", self._restore),
            ("POST", "merge", self._merge),
            ("POST", "erase", self._erase),
            ("GET", "journal", self._journal_state),
            ("POST", "journal", self._set_journal),
            ("GET", "webhooks", self._webhooks),
            ("POST", "webhooks", self._aim_webhooks),
        ]
        return [Route(f"/_sandbox/{path}", _json(handler), methods=[method]) for method, path, handler in table] + [
            Route("/_files/{name}", self._file(self._export)),
            Route("/_journal/{name}", self._file(self._journal)),
        ]

    def _stats(self, _: dict[str, Any]) -> dict[str, Any]:
        """Return the calls by endpoint and by status since the start or the last reset."""
        calls = self.gate.calls
        statuses = {str(status): count for status, count in self.gate.statuses.items()}
        return {"total": sum(calls.values()), "calls": dict(calls), "statuses": statuses}

    def _reset(self, _: dict[str, Any]) -> dict[str, Any]:
        self.gate.calls.clear()
        self.gate.statuses.clear()
        self.gate.log.clear()
        return {}

    def _log(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"log": [{"method": method, "path": path, "status": status} for method, path, status in self.gate.log]}

    def _faults(self, _: dict[str, Any]) -> dict[str, Any]:
        return {**self.portal.faults.told(), "chosen": self.mischief.chosen}

    def _set_fault(self, wish: dict[str, Any]) -> dict[str, Any]:
        try:
            self.mischief.set(
                str(wish.get("name")),
                wish.get("argument"),
                times=wish.get("times"),
                path=str(wish.get("path") or ""),
                skip=int(wish.get("skip") or 0),
                each=bool(wish.get("each")),
            )
        except ValueError as error:
            raise Mistaken(str(error)) from None
        return self._faults({})

    def _clear_faults(self, wish: dict[str, Any]) -> dict[str, Any]:
        self.mischief.clear(wish.get("name"))
        return self._faults({})

    def _clock(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"now": self.portal.clock.now()}

    def _move_clock(self, wish: dict[str, Any]) -> dict[str, Any]:
        if "hold" in wish:
            self.portal.clock.hold(None if wish["hold"] is True else int(wish["hold"]))
        if "advance" in wish:
            self.portal.clock.advance(int(wish["advance"]))
        return self._clock({})

    def _step(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Move the clock forward by some milliseconds and let the population act in that time."""
        self.portal.clock.advance(int(wish.get("by", 0)))
        changes = self.filling.step(self.portal.clock.now())
        return {"now": self.portal.clock.now(), "changes": dict(Counter(map(_named, changes)))}

    def _latency(self, wish: dict[str, Any]) -> dict[str, Any]:
        self.gate.latency = float(wish.get("seconds", 0))
        return {"seconds": self.gate.latency}

    def _tokens(self, _: dict[str, Any]) -> dict[str, Any]:
        tokens = self.portal.tokens
        client = {"client_id": tokens.client.client_id, "client_secret": tokens.client.secret}
        return {
            "token": tokens.static,
            **client,
            "code": tokens.client.code,
            "refresh_token": tokens.client.refresh_token,
        }

    def _add_token(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Accept a token with some or all scopes; `lifetime` sets how long OAuth tokens last."""
        if "lifetime" in wish:
            self.portal.tokens.lifetime = int(wish["lifetime"])
        if "token" in wish:
            scopes = wish.get("scopes")
            self.portal.tokens.add(str(wish["token"]), None if scopes is None else frozenset(scopes))
        return {}

    def _act(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Let a contact do something: {"contact": id, "kind": …, "name": …, "at": …, "link": …, "sent": …}."""
        record = self.portal.tables["0-1"].find(int(wish["contact"]))
        places = [
            number
            for number, place in enumerate(PLACES)
            if place.kind == wish.get("kind") and wish.get("name") in {None, place.name}
        ]
        if record is None or not places:
            raise Mistaken(f"Unknown contact, kind or name: {wish}")
        at = int(wish.get("at") or self.portal.clock.now())
        link, sent = int(wish.get("link") or 0), int(wish.get("sent") or 0)
        self.filling.act(Activity(-1, places[0], at, wish.get("seconds"), tag=link, sent=sent), record)
        return {"at": at}

    def _change(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Change a contact as another user: {"contact": id, "values": {…}}."""
        self.portal.change(self.portal.tables["0-1"], self._contact(wish["contact"]), wish["values"], "CRM_UI")
        return {}

    def _deed(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Let users change records that a seed picks: {"kind": a method of `Deeds`, "seed": number}."""
        deeds, kind = self.filling.deeds, str(wish.get("kind"))
        if kind not in KINDS:
            raise Mistaken(f"There is no deed {kind!r}; there are {', '.join(KINDS)}")
        deeds.draw.seed(int(wish.get("seed") or 0))
        getattr(deeds, kind)()
        return {}

    def _delete(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Delete a contact as a user would: {"contact": id}."""
        self.portal.archive(self.portal.tables["0-1"], self._contact(wish["contact"]))
        return {}

    def _restore(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Restore a contact from the recycle bin as a user would: {"contact": id}."""
        self.portal.restore(self.portal.tables["0-1"], self._contact(wish["contact"], archived=True))
        return {}

    def _merge(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Merge two contacts as a user would: {"survivor": id, "loser": id}."""
        survivor, loser = self._contact(wish["survivor"]), self._contact(wish["loser"])
        self.portal.merge(self.portal.tables["0-1"], survivor, loser)
        return {}

    def _erase(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Delete a contact for privacy, from the recycle bin too: {"contact": id}."""
        contacts = self.portal.tables["0-1"]
        found = contacts.find(int(wish["contact"]))
        self.portal.erase(contacts, found or self._contact(wish["contact"], archived=True))
        return {}

    def _journal_state(self, _: dict[str, Any]) -> dict[str, Any]:
        """Return the files of the journal, by offset and number of events, oldest first."""
        journal = self.portal.journal
        journal.publish()
        return {
            "delay": journal.delay / 1000,
            "subscriptions": len(journal.subscriptions),
            "files": [{"offset": each.offset, "events": len(each.events)} for each in journal.entries],
        }

    def _set_journal(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Set how many seconds changes take into the journal: {"delay": seconds}."""
        self.portal.journal.delay = int(float(wish["delay"]) * 1000)
        return self._journal_state({})

    def _webhooks(self, _: dict[str, Any]) -> dict[str, Any]:
        pushing = self.portal.pushing
        shown = {"target": pushing.target, "waiting": pushing.waiting}
        return {**shown, "sent": pushing.sent, "given_up": pushing.given_up}

    def _aim_webhooks(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Post what happens to {"target": URL or null}, of the types {"types": […]} only if given."""
        names = wish.get("types")
        kinds = None if names is None else [self.portal.table(str(name)).kind.id for name in names]
        self.portal.pushing.aim(None if wish["target"] is None else str(wish["target"]), kinds)
        return self._webhooks({})

    def _contact(self, number: object, *, archived: bool = False) -> Record:
        record = self.portal.tables["0-1"].find(int(str(number)), archived=archived)
        if record is None:
            raise Mistaken(f"There is no contact {number}")
        return record

    def _file(self, found: Callable[[Request], Response]) -> Callable[[Request], Any]:
        """Return an endpoint that serves files at signed URLs, unless a fault changes them."""

        async def endpoint(request: Request) -> Response:
            answer = found(request)
            url, unpacks = request.url, "gzip" in request.headers.get("accept-encoding", "")
            asked = Asked(url.path, f"{url.path}?{url.query}", str(request.base_url).rstrip("/"), unpacks=unpacks)
            headers = {"Content-Type": str(answer.headers.get("content-type", ""))}
            wire = self.gate.misshapes.bend(asked, Wire(answer.status_code, bytes(answer.body), headers))
            packing = {"Content-Encoding": "gzip"} if wire.packed else {}
            if wire.pace:
                return StreamingResponse(_paced(wire), wire.status, headers=wire.headers)
            return Response(wire.content, wire.status, headers={**wire.headers, **packing})

        return endpoint

    def _journal(self, request: Request) -> Response:
        """Return a file of the journal, or refuse it as S3 refuses a signed URL."""
        portal, query = self.portal, request.query_params
        if "authorization" in request.headers:
            return _refused(400, "InvalidArgument", "Only one auth mechanism allowed")
        offset = request.path_params["name"].removesuffix(".json")
        expires = int(query["X-Amz-Expires"]) if query.get("X-Amz-Expires", "").isdecimal() else 0
        if query.get("X-Amz-Signature") != portal.journal.signature(offset, expires):
            return _refused(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.")
        if expires < portal.clock.now() or portal.faults.strikes("expired-url"):
            return _refused(403, "AccessDenied", "Request has expired")
        entry = portal.journal.find(offset)
        if entry is None:
            return _refused(404, "NoSuchKey", "The specified key does not exist.")
        content, fault = entry.content(), portal.faults.active("malformed-file")
        if fault is not None and portal.faults.strikes("malformed-file"):
            content = MALFORMED[fault.argument or "truncated"](content)
        return Response(content, media_type="application/json")

    def _export(self, request: Request) -> Response:
        """Return a finished export."""
        stem, _, suffix = request.path_params["name"].partition(".")
        number, query = stem.removeprefix("export-"), request.query_params
        job = self.portal.jobs.exports.get(int(number)) if number.isdecimal() else None
        expires = int(query["expires"]) if query.get("expires", "").isdecimal() else 0
        if job is None or job.suffix != suffix or job.state != "COMPLETE":
            return Response(status_code=404)
        if query.get("signature") != signature(self.portal, job, expires) or expires < self.portal.clock.now():
            return _refused(403, "AccessDenied", "Request has expired")
        return Response(job.content, media_type=MEDIA[suffix])


def _refused(status: int, code: str, message: str) -> Response:
    """Return an error of S3."""
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(body, status, media_type="application/xml")


def _named(change: Change | Deed) -> str:
    return change.name if isinstance(change, Deed) else type(change).__name__


async def _paced(wire: Wire) -> AsyncIterator[bytes]:
    for piece in wire.pieces():
        yield piece
        await asyncio.sleep(wire.pace)


def _json(handler: Callable[[dict[str, Any]], Any]) -> Callable[[Request], Any]:
    """Return an endpoint that calls a handler with body and query, and responds in JSON."""

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        try:
            wish = {**dict(request.query_params), **(orjson.loads(body) if body else {})}
            status, answer = 200, handler(wish)
        except (Mistaken, KeyError, ValueError, TypeError) as error:
            status, answer = 400, {"message": f"{type(error).__name__}: {error}"}
        return Response(orjson.dumps(answer), status, media_type="application/json")

    return endpoint
