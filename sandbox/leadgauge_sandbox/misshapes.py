"""Wrong responses in well-formed HTTP, as proxies, load balancers and failing servers send with status 200.

One table serves all sandboxes; each passes its responses through `Misshapes` before sending them.
"""

from __future__ import annotations

import copy
import gzip
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import orjson

from leadgauge_sandbox.faults import Kind, drawn

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Mapping

    from leadgauge_sandbox.faults import Fault, Faults

MISSHAPES: Final[dict[str, Kind]] = {
    "missing-key": Kind(
        "A key of the response is missing: ARG, such as `paging` or `results.id`, or a random one.", "word"
    ),
    "null-list": Kind(
        "A list in the response is null: ARG, such as `results` or `results.to`, or a random one.", "word"
    ),
    "wrong-type": Kind("A value in the response has the wrong type: ARG, such as `total`, or a random one.", "word"),
    "empty-object": drawn("The response is {} (chance ARG)."),
    "empty-body": drawn("The response is 200 without a body (chance ARG)."),
    "no-content": drawn("The response is 204 (chance ARG)."),
    "error-200": drawn("An error body of the CRM comes with status 200 (chance ARG)."),
    "html-200": drawn("An HTML page comes with status 200 and no Content-Type (chance ARG)."),
    "no-rows": drawn("The list of rows is empty; total and paging stay (chance ARG)."),
    "nothing-there": drawn("A well-formed empty result: no rows, total 0, no next page (chance ARG)."),
    "short-rows": Kind("The last ARG rows (default 1) are missing from the list."),
    "early-end": drawn("The link to the next page is missing, as on the last page (chance ARG)."),
    "repeated-rows": drawn("Every row comes twice (chance ARG)."),
    "loop-link": drawn("The link to the next page leads to this page again (chance ARG)."),
    "back-link": drawn("The link to the next page leads back to the first linked page (chance ARG)."),
    "other-host": Kind("Links in the response lead to the host ARG (default http://127.0.0.1:9).", "word"),
    "redirect": Kind("307 to the same path at the host ARG (default http://127.0.0.1:9).", "word"),
    "drip": Kind("The body arrives one byte every ARG seconds (default 2)."),
    "blanks": Kind("ARG MB (default 400) of compressed spaces come before the body."),
    "wrong-date": Kind("The Date header is ARG seconds ahead (default 3600), or behind if negative.", chance=1.0),
    "bad-date": drawn("The Date header is not a date (chance ARG)."),
}
"""All wrong responses by name, for `NAME:ARG`."""

ELSEWHERE: Final = "http://127.0.0.1:9"
PAGE: Final = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Sign in to the network.</body></html>\n"
_NEXT: Final = ("paging", "nextRecordsUrl", "nextPageToken", "nextPageUrl", "offset")
_TOTALS: Final = ("total", "totalSize")
_FLAGS: Final = {"hasMore": False, "done": True}
"""Keys that announce another page, with their values on the last page."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts of a call that a misshape needs."""

    path: str
    url: str = ""
    """Path and query, as sent."""
    base: str = ""
    """This server, such as http://127.0.0.1:8901."""
    token: str | None = None
    """The paging token of the call."""
    unpacks: bool = False
    """Whether the client accepts gzip."""


@dataclass(frozen=True, slots=True)
class Wire:
    """An outgoing response, uncompressed unless `packed`."""

    status: int
    content: bytes
    headers: dict[str, str] = field(default_factory=dict)
    packed: bool = False
    pace: float = 0.0
    """Seconds between two bytes of the body."""

    def pieces(self) -> Iterator[bytes]:
        """Yield the body byte by byte."""
        yield from (self.content[place : place + 1] for place in range(len(self.content)))


class Misshapes:
    """Distorts the responses of one sandbox according to its faults."""

    def __init__(self, faults: Faults, error: bytes, further: Mapping[str, Bend] | None = None) -> None:
        """Take the faults, this CRM's error body, and the bends for its responses other than JSON."""
        self._faults, self._error = faults, error
        self._tables = (_BENDS, further or {})
        self._first: dict[str, str] = {}

    def bend(self, asked: Asked, wire: Wire) -> Wire:
        """Return the response, changed by every fault that strikes; a fault with nothing to change stays due."""
        if asked.token:
            self._first.setdefault(asked.path, asked.token)
        for name in _BENDS:
            fault = self._faults.active(name)
            bent = None if fault is None or wire.status >= REFUSED else self._bent(name, fault, asked, wire)
            if bent is not None and self._faults.strikes(name, asked.path):
                wire = bent
        return wire

    def _bent(self, name: str, fault: Fault, asked: Asked, wire: Wire) -> Wire | None:
        job = Job(fault, asked, self._faults.dice(name, asked.path), self._error, self._first.get(asked.path))
        for table in self._tables:
            with suppress(LookupError):
                return table[name](job, wire)
        return None


REFUSED: Final = 300


@dataclass(frozen=True, slots=True)
class Job:
    """The input of a misshape: its fault, the call, a random generator, and this CRM's error body."""

    fault: Fault
    asked: Asked
    dice: random.Random
    error: bytes
    first: str | None

    @property
    def host(self) -> str:
        """Return the host that links should lead to."""
        return self.fault.argument or ELSEWHERE


Bend: TypeAlias = "Callable[[Job, Wire], Wire]"
"""Bends a response; raises LookupError if there is nothing to bend."""


def _with_body(change: Callable[[Job, Any], Any]) -> Bend:
    """Return a bend that changes a JSON body."""

    def bend(job: Job, wire: Wire) -> Wire:
        if "json" not in wire.headers.get("Content-Type", "") or not wire.content:
            raise LookupError
        return replace(wire, content=orjson.dumps(change(job, orjson.loads(wire.content))))

    return bend


def _instead(content: bytes, status: int = 200) -> Bend:
    return lambda _job, wire: replace(wire, content=content, status=status)


def _spot(job: Job, body: Any, of: type = object) -> tuple[dict[str, Any], str]:
    """Return the object and key named by ARG, with a random row for each list on the way; else a random key."""
    if not job.fault.argument:
        keys = [key for key, value in _object(body).items() if isinstance(value, of)]
        return body, job.dice.choice(keys)  # raises IndexError if there is none
    *way, last = job.fault.argument.split(".")
    for step in way:
        body = _object(body)[step]
        body = job.dice.choice(body) if isinstance(body, list) else body
    if last not in _object(body):
        raise LookupError
    return body, last


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise LookupError  # noqa: TRY004 - says that there is nothing to change
    return value


def _missing_key(job: Job, body: Any) -> Any:
    holder, key = _spot(job, body)
    del holder[key]
    return body


def _null_list(job: Job, body: Any) -> Any:
    holder, key = _spot(job, body, list)
    holder[key] = None
    return body


def _wrong_type(job: Job, body: Any) -> Any:
    holder, key = _spot(job, body)
    holder[key] = "wrong" if isinstance(holder[key], list | dict) else {"wrong": "type"}
    return body


def _with_rows(change: Callable[[Job, list[Any]], list[Any]]) -> Callable[[Job, Any], Any]:
    """Return a bend that changes the list of rows of a body."""

    def changed(job: Job, body: Any) -> Any:
        if isinstance(body, list):
            return change(job, body)
        key = _rows(body)
        return {**body, key: change(job, body[key])}

    return changed


def _rows(body: Any) -> str:
    """Return the key of the longest list of objects."""
    found = {key: len(value) for key, value in _object(body).items() if _is_table(key, value)}
    if not found:
        raise LookupError
    return max(found, key=lambda key: found[key])


def _is_table(key: str, value: Any) -> bool:
    return key != "errors" and isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _short(job: Job, rows: list[Any]) -> list[Any]:
    return rows[: max(0, len(rows) - int(job.fault.number(1)))]


def _ended(body: Any) -> Any:
    kept = {key: value for key, value in _object(body).items() if key not in _NEXT}
    return {**kept, **{flag: last for flag, last in _FLAGS.items() if flag in kept}}


def _nothing(job: Job, body: Any) -> Any:
    emptied = _with_rows(lambda _job, _rows: [])(job, body)
    if isinstance(emptied, list):
        return emptied
    return {**_ended(emptied), **{total: 0 for total in _TOTALS if total in emptied}}


def _early_end(_job: Job, body: Any) -> Any:
    if not any(_object(body).get(key) for key in _NEXT):
        raise LookupError
    return _ended(body)


def _leads_to(token: str | None, url: str, body: Any) -> Any:
    """Return a body whose next page has this token or path."""
    changed = copy.deepcopy(_object(body))
    if changed.get("nextRecordsUrl"):
        changed["nextRecordsUrl"] = url
    elif token is None:
        raise LookupError
    elif changed.get("paging"):
        changed["paging"]["next"]["after"] = token
    elif changed.get("nextPageToken"):
        changed |= {"nextPageToken": token, "nextPageUrl": url}
    elif changed.get("offset"):
        changed["offset"] = token
    else:
        raise LookupError
    return changed


def _other_host(job: Job, body: Any) -> Any:
    moved = _moved(body, job.asked.base, job.host)
    if moved == body:
        raise LookupError
    return moved


def _moved(value: Any, base: str, host: str) -> Any:
    """Return a value with this server's URLs pointing to another host."""
    if isinstance(value, dict):
        return {
            key: host + one if key == "nextRecordsUrl" and str(one).startswith("/") else _moved(one, base, host)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_moved(one, base, host) for one in value]
    return host + value.removeprefix(base) if isinstance(value, str) and base and value.startswith(base) else value


def _redirect(job: Job, wire: Wire) -> Wire:
    headers = {**wire.headers, "Location": job.host + (job.asked.url or job.asked.path)}
    return replace(wire, status=307, content=b"", headers=headers)


def _html(_job: Job, wire: Wire) -> Wire:
    headers = {name: value for name, value in wire.headers.items() if name.lower() != "content-type"}
    return replace(wire, content=PAGE, headers=headers)


def _drip(job: Job, wire: Wire) -> Wire:
    return replace(wire, pace=job.fault.number(2))


@cache
def _megabyte() -> bytes:
    return gzip.compress(b" " * 1_000_000, 9, mtime=0)


def _blanks(job: Job, wire: Wire) -> Wire:
    if not job.asked.unpacks or not wire.content:
        raise LookupError
    content = _megabyte() * int(job.fault.number(400)) + gzip.compress(wire.content, 1)
    return replace(wire, content=content, packed=True)


def _wrong_date(job: Job, wire: Wire) -> Wire:
    stamp = parsedate_to_datetime(wire.headers["Date"]) + timedelta(seconds=job.fault.number(3600))
    return replace(wire, headers={**wire.headers, "Date": format_datetime(stamp, usegmt=True)})


def _bad_date(_job: Job, wire: Wire) -> Wire:
    return replace(wire, headers={**wire.headers, "Date": "Someday, 99 Foo 2026 25:61:61 GMT"})


_BENDS: Final[dict[str, Bend]] = {
    "missing-key": _with_body(_missing_key),
    "null-list": _with_body(_null_list),
    "wrong-type": _with_body(_wrong_type),
    "empty-object": _instead(b"{}"),
    "empty-body": _instead(b""),
    "no-content": _instead(b"", 204),
    "error-200": lambda job, wire: replace(wire, content=job.error),
    "html-200": _html,
    "no-rows": _with_body(_with_rows(lambda _job, _rows: [])),
    "nothing-there": _with_body(_nothing),
    "short-rows": _with_body(_with_rows(_short)),
    "early-end": _with_body(_early_end),
    "repeated-rows": _with_body(_with_rows(lambda _job, rows: [row for row in rows for _ in range(2)])),
    "loop-link": _with_body(lambda job, body: _leads_to(job.asked.token, job.asked.url, body)),
    "back-link": _with_body(lambda job, body: _leads_to(job.first, job.asked.url, body)),
    "other-host": _with_body(_other_host),
    "redirect": _redirect,
    "drip": _drip,
    "blanks": _blanks,
    "wrong-date": _wrong_date,
    "bad-date": _bad_date,
}
