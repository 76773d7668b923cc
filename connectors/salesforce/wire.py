"""The HTTP adapter for Salesforce, which limits the time and size of answers and refuses calls to other hosts.

simple-salesforce 1.12.10 itself sets no timeout on any call.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from connectors.base import ConfigurationError
from connectors.deadlines import Call, Watch, watched
from connectors.salesforce.clock import Clock
from vocabulary.doing import add, span
from vocabulary.outside import clean

TO_CONNECT: Final = 10.0
"""Timeout for connecting, in seconds."""

TO_STOP: Final = 5.0
"""Seconds that a write may continue after a request to stop, so that its answer is not lost."""

SLOWEST: Final = 10_000
"""Minimum bytes per second of a body once the timeout has passed."""

MOST: Final = 64_000_000
"""Maximum bytes of an answer, decompressed. A page of 2,000 records or an object's description has a few million."""

MOST_OF_A_RESULT: Final = 512_000_000
"""Maximum bytes of a page of a job's result: 50,000 rows of 10 kB."""

REQUEST: Final = ("X-SFDC-Request-Id", "X-Request-Id")
"""The headers with Salesforce's own id of the call. Its edge sends the same one in both, as an org answered in 2025-12:
https://github.com/tibeal/devCaseStudy (README, section 2). No vendor page documents them, and they may be absent.
"""

_ID: Final = 100
"""Maximum characters kept of an id of a call."""
_OF_RECORD: Final = re.compile(r"(?=[^-]*\d)[0-9A-Za-z]{15,18}(-\d+)?")
"""An id of a record or a job, or a query locator with its position."""
_PIECE: Final = 1 << 20
_RESULTS: Final = "/results"


class TooLarge(Exception):  # noqa: N818 - named for what the body is
    """An answer is larger than any valid one."""


class Http(requests.Session):
    """A requests session that follows no redirects, because they would leak the session or the credentials."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None, so that no redirect is followed."""


class Adapter(HTTPAdapter):
    """Sends requests to trusted origins only, or to `base_url` if set, and reads each answer completely."""

    def __init__(self, seconds: float, base_url: str | None, stop: Event, observe: Callable[[Any], None]) -> None:
        self._seconds, self._watch, self._observe = seconds, Watch(stop), observe
        self._base = urlsplit(base_url) if base_url else None
        self._origins: set[str] = set()
        super().__init__(pool_maxsize=16, max_retries=0)

    @property
    def certificates(self) -> Mapping[str, datetime]:
        """When the certificates of the hosts that were called end."""
        return self._watch.certificates

    def trust(self, address: str) -> None:
        """Allow credentials to be sent to the origin of a URL."""
        self._origins.add(_origin(address))

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Create the pool manager, with its calls watched."""
        super().init_poolmanager(*args, **kwargs)
        watched(self.poolmanager)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request and read its answer within the timeout, plus the time its body needs at the minimum rate."""
        self._check_origin(request.url or "")
        if self._base:
            request.url = urlunsplit(
                urlsplit(request.url or "")._replace(scheme=self._base.scheme, netloc=self._base.netloc)
            )
        kwargs |= {"timeout": (min(self._seconds, TO_CONNECT), self._seconds), "stream": True}
        with (
            span("call", method=request.method or "", path=template(request.url or "")),
            self._watch.call(self._seconds, grace=0.0 if request.method == "GET" else TO_STOP) as call,
        ):
            response = super().send(request, *args, **kwargs)
            add(status=response.status_code)
            self._observe(response.headers)
            _fill(response, call, MOST_OF_A_RESULT if _RESULTS in (request.url or "") else MOST)
        return response

    def _check_origin(self, address: str) -> None:
        if _origin(address) not in self._origins:
            raise ConfigurationError(
                f"A call would have gone to {_origin(address)}, which is not this connection's org. It was not made.",
                remedy="Check `domain` and `base_url` in the settings, and what is answering instead of Salesforce.",
            )


def template(address: str) -> str:
    """Return the path of a URL without the ids in it."""
    return "/".join("{id}" if _OF_RECORD.fullmatch(part) else part for part in urlsplit(address).path.split("/"))


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _fill(response: requests.Response, call: Call, most: int) -> None:
    """Read the body in large chunks: with the small ones of requests, a page of CSV takes four times the CPU."""
    try:
        content = b"".join(_pieces(response.raw, call, most))
    except HTTPError as error:
        response.raw.close()
        raise requests.ConnectionError(error, response=response) from error
    except BaseException:
        response.raw.close()  # do not reuse a connection with unread data
        raise
    response.raw.release_conn()
    response._content, response._content_consumed = content, True  # type: ignore[attr-defined]  # noqa: SLF001 - requests has no other way


def _pieces(raw: BaseHTTPResponse, call: Call, most: int) -> Iterator[bytes]:
    read = 0
    while piece := raw.read(_PIECE, decode_content=True):
        read += len(piece)
        if read > most:
            raise TooLarge(f"an answer of more than {most // 1_000_000} MB")
        call.ends += len(piece) / SLOWEST
        yield piece


def request_of(headers: Mapping[str, str]) -> str | None:
    """Return Salesforce's own id of a call, which its support asks for."""
    return next((clean(headers[name], limit=_ID) for name in REQUEST if headers.get(name)), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read completely."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    at: datetime
    """The time up to which its changes may count as read."""

    @property
    def request(self) -> str | None:
        """Salesforce's own id of the call."""
        return request_of(self.headers)

    @property
    def is_page(self) -> bool:
        """Whether it is an HTML page, such as from maintenance, a proxy or a login."""
        return str(self.headers.get("Content-Type", "")).startswith("text/html")

    @classmethod
    def of(cls, response: requests.Response, clock: Clock) -> "Answer":
        """Return a response as an answer."""
        return cls(response.status_code, response.headers, response.content, clock.read_until(response.headers))
