"""Posting JSON: TLS is verified, a redirect is not followed, and each call ends by a deadline."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
import requests
from requests.adapters import HTTPAdapter

from connectors.base import Interrupted
from connectors.deadlines import Overdue, Watch, watched
from pipeline.notify.undelivered import Undelivered
from vocabulary.outside import clean, remember

DEADLINE: Final = 20.0
"""Seconds that a whole call may take."""
TO_CONNECT: Final = 5.0
"""Seconds of these for a connection to an address of the host: until there is one, nothing can cut the call off."""
GRACE: Final = 5.0
"""Seconds that it may go on when leadgauge is stopped: what is cut off is sent again."""
_READ: Final = 2000
"""Bytes of an answer that are read."""
_LOCAL: Final = ("localhost", "127.0.0.1", "::1")
_REDIRECT: Final = range(300, 400)
_TOO_MANY: Final = 429
_ITS_FAULT: Final = frozenset({400, 413, 415, 422})
"""Answers about this message, rather than about the sink."""


class _Watched(HTTPAdapter):
    """Lets the deadline reach the connections, also those through a proxy."""

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more)
        watched(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **more: Any) -> Any:
        return watched(super().proxy_manager_for(*args, **more))


def address(url: str) -> str:
    """Return the address of a webhook, or raise `Undelivered`, without showing it, if it is none."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if not host or parts.scheme not in {"http", "https"} or any(one.isspace() for one in url):
        raise Undelivered("the secret is no address of a webhook: it must begin with https://")
    if parts.scheme == "http" and host not in _LOCAL:
        raise Undelivered(
            f"the address of {host} begins with http://: write https://, or anybody on the way can read it"
        )
    remember(url)
    remember(parts.path + (f"?{parts.query}" if parts.query else ""))
    return url


def post(url: str, body: Mapping[str, Any], headers: Mapping[str, str], watch: Watch, deadline: float) -> None:
    """Post JSON; raise `Undelivered` if it was not accepted."""
    host = urlsplit(address(url)).hostname
    try:
        with watch.call(deadline, grace=GRACE), requests.Session() as session:
            for scheme in ("http://", "https://"):
                session.mount(scheme, _Watched())
            with session.post(
                url,
                data=orjson.dumps(body),  # UTF-8: escapes would make it up to six times as long
                headers={"User-Agent": "leadgauge", "Content-Type": "application/json", **headers},
                auth=_as_given,
                timeout=(min(TO_CONNECT, deadline), deadline),
                allow_redirects=False,
                stream=True,
            ) as answer:
                said = answer.raw.read(_READ, decode_content=True)
    except (requests.RequestException, OSError, Overdue, Interrupted) as error:
        raise Undelivered(f"{host} cannot be reached: {_reason(error)}") from None  # its text has the address
    _judge(answer, said.decode("utf-8", "replace"), str(host))


def _as_given(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Add no login from ~/.netrc."""
    return request


def _judge(answer: requests.Response, said: str, host: str) -> None:
    code = answer.status_code
    if answer.ok and code not in _REDIRECT:
        return
    if code in _REDIRECT:
        raise Undelivered(f"{host} answered {code}: it points to another address, which is not followed")
    told = f"{host} answered {code}: {clean(said, limit=150)}".rstrip(": ")
    raise Undelivered(told, wait=_wait(answer.headers.get("Retry-After")), at_fault=code in _ITS_FAULT)


def _wait(text: str | None) -> float | None:
    """Return the seconds of a Retry-After header, which may be a date."""
    if not text:
        return None
    if text.strip().isdecimal():
        return min(float(text.strip()[:6]), 86_400.0)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    left = (until if until.tzinfo else until.replace(tzinfo=UTC)) - datetime.now(UTC)
    return min(max(left.total_seconds(), 0.0), 86_400.0)


def _reason(error: Exception) -> str:
    if isinstance(error, Interrupted):
        return "leadgauge was stopped"
    if isinstance(error, Overdue | requests.Timeout):
        return "it took longer than allowed"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate cannot be verified"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy did not let the call through"
    return "no connection, or it broke off"
