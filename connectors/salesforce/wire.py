"""The wire to Salesforce: time-outs on everything, an address of our own, answers read in one go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import orjson
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from connectors.salesforce.clock import Clock

TO_CONNECT: Final = 10.0
"""Seconds until a connection that does not come about is given up."""


class Adapter(HTTPAdapter):
    """Gives every request a time-out, and sends it to `base_url` where one is given."""

    def __init__(self, seconds: float, base_url: str | None = None) -> None:
        self._seconds = seconds
        self._base = urlsplit(base_url) if base_url else None
        super().__init__(pool_maxsize=16, max_retries=0)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request, waiting at most so long for each piece of its answer."""
        if self._base:
            request.url = urlunsplit(
                urlsplit(request.url or "")._replace(scheme=self._base.scheme, netloc=self._base.netloc)
            )
        kwargs["timeout"] = kwargs.get("timeout") or (min(self._seconds, TO_CONNECT), self._seconds)
        return super().send(request, *args, **kwargs)


@dataclass(frozen=True, slots=True)
class Answer:
    """What Salesforce answered, read to its end."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    at: datetime
    """The time up to which its changes may count as read."""

    @property
    def json(self) -> Any:
        """The JSON in it; None where there is nothing."""
        return orjson.loads(self.content) if self.content else None

    @property
    def is_page(self) -> bool:
        """Whether it is a page for people: one of maintenance, of a proxy, of a login."""
        return str(self.headers.get("Content-Type", "")).startswith("text/html")

    @classmethod
    def read(cls, response: requests.Response, clock: Clock) -> "Answer":
        """Read a response in one go: in the pieces of requests, a page of CSV takes four times the CPU."""
        try:
            content = response.raw.read(decode_content=True)
        except HTTPError as error:
            raise requests.ConnectionError(error, response=response) from error
        return cls(response.status_code, response.headers, content, clock.read_until(response.headers))
