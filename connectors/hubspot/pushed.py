"""Webhooks that HubSpot pushes: whether a request is really HubSpot's, and what its events make due.

Nothing here makes a call or knows the clock: whoever receives the request gives everything that matters.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
import polars as pl

from connectors.hubspot.feed.changes import Change, frame, is_of, of_webhook
from connectors.hubspot.feed.watched import Watched
from connectors.hubspot.readings import Misshapen
from vocabulary.feeds import DUE

SIGNATURE: Final = "x-hubspot-signature-v3"
TIMESTAMP: Final = "x-hubspot-request-timestamp"
STALE: Final = timedelta(minutes=5)
"""How old a request may be:
https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation (2026-11)."""
_FUTURE: Final = timedelta(minutes=1)
"""How far ahead HubSpot's clock may be. The page names no limit, but a signature must not hold for ever."""
# The same page lists which encoded characters of the URI are decoded before it is signed; all others stay encoded.
_DECODED: Final[Mapping[str, str]] = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
_ENCODED: Final = re.compile("|".join(_DECODED), re.IGNORECASE)
_MILLISECONDS: Final = re.compile(r"\d{10,16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether a request is HubSpot's, and why it is refused if not."""

    is_accepted: bool
    reason: str = ""


def verified(secret: str, method: str, uri: str, body: bytes, headers: Mapping[str, str], now: datetime) -> Verified:
    """Return whether a request has a valid signature of version 3, and is fresh.

    `secret` is the client secret of the app. `uri` is the exact address that HubSpot called, with protocol, host and
    query: behind a proxy, the outer one.
    """
    given = {name.lower(): value for name, value in headers.items()}
    signature, stamp = given.get(SIGNATURE, ""), given.get(TIMESTAMP, "")
    if not signature or not stamp:
        return _refused(f"it lacks the header {SIGNATURE if not signature else TIMESTAMP}")
    if not _MILLISECONDS.fullmatch(stamp):
        return _refused("its time is not in milliseconds since 1970")
    age = timedelta(milliseconds=now.timestamp() * 1000 - int(stamp))
    if age > STALE:
        return _refused("it is more than five minutes old")
    if -age > _FUTURE:
        return _refused("its time is in the future: check the clock of this machine")
    expected = _signature(secret, method, uri, body, stamp)
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogateescape")):
        return _refused("its signature does not fit: check the client secret, and the address that HubSpot calls")
    return Verified(is_accepted=True)


def _refused(why: str) -> Verified:
    return Verified(is_accepted=False, reason=f"The request is refused because {why}.")


def _signature(secret: str, method: str, uri: str, body: bytes, stamp: str) -> str:
    signed = f"{method.upper()}{_decoded(uri)}".encode() + body + stamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def _decoded(uri: str) -> str:
    return _ENCODED.sub(lambda found: _DECODED[found[0].upper()], uri)


@dataclass(frozen=True, slots=True)
class Told:
    """What a request's events make due, or why it is refused: it cannot be read."""

    is_accepted: bool
    due: pl.DataFrame = field(default_factory=DUE.to_frame().clone)
    events: int = 0
    """How many different events it had, including those that make nothing due."""
    ignored: int = 0
    """How many of them are of types that are not read."""
    until: datetime | None = None
    """When the newest of them happened, by HubSpot's clock."""
    reason: str = ""


def due_of(body: bytes, watched: Watched, portal: int | None = None) -> Told:
    """Return what the events of a request make due, in whatever order and however often they came.

    With `portal`, events of other accounts are ignored.
    """
    try:
        events = _events(body)
        read = [of_webhook(one) for one in events if portal is None or is_of(one, portal)]
    except Misshapen as wrong:
        return Told(is_accepted=False, reason=f"The request cannot be read: {wrong}.")
    changes: list[Change] = [change for some in read if some for change in some]
    found = frame(changes)
    newest: Any = found["at"].max()
    ignored = len(events) - sum(some is not None for some in read)
    return Told(is_accepted=True, due=watched.due(found), events=len(events), ignored=ignored, until=newest)


def _events(body: bytes) -> list[Mapping[str, Any]]:
    """Return each event once: HubSpot repeats a request that was not answered in time, with another `attemptNumber`."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Misshapen(f"it is no JSON: {error}") from None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Misshapen("it is no list of events")
    told = [{name: value for name, value in one.items() if name != "attemptNumber"} for one in found]
    return list({orjson.dumps(one, option=orjson.OPT_SORT_KEYS): one for one in told}.values())
