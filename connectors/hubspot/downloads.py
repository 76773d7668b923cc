"""Download files from signed URLs, which are not part of HubSpot's API and get none of our credentials.

The URL comes from an answer, so it is not trusted: only https, no host inside our own network, and the same checks for
redirects. The host's address is checked once connected, so that a name that resolves differently a moment later (DNS
rebinding) does not get around the check.
"""

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, Final
from urllib.parse import urljoin, urlsplit

from urllib3 import BaseHTTPResponse, PoolManager
from urllib3.util import Timeout
from urllib3.util.retry import Retry

from connectors.deadlines import Call, Watch, watched

SLOWEST: Final = 20_000
"""Minimum bytes per second, averaged over a minute. A slower download could block a pass for days."""
_WINDOW: Final = 60.0
_REDIRECTS: Final = 5
_PIECE: Final = 1 << 18

Attempt = Callable[[str, BaseHTTPResponse], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the download of a file may take, in seconds, and how many bytes it may have as sent."""

    seconds: float
    most: int


OF_EXPORTS: Final = Limits(6 * 3600.0, 20_000_000_000)
"""About ten million contacts."""


class Unsafe(Exception):  # noqa: N818 - named for what the address is
    """A URL leads somewhere HubSpot's files cannot be."""


class Refused(Exception):  # noqa: N818 - named for what the other side did
    """The server refused to send the file: status and the beginning of the answer."""

    def __init__(self, status: int, said: bytes) -> None:
        super().__init__(f"HTTP {status}")
        self.status, self.said = status, said


class Slow(Exception):  # noqa: N818 - named for what the download is
    """A download is slower than `SLOWEST` bytes per second."""


class Downloads:
    """Downloads files over separate connections."""

    def __init__(self, base_url: str, timeout: Timeout, watch: Watch) -> None:
        """Allow plain http and loopback addresses only if the API itself is on this machine, as a sandbox is."""
        self._local = _is_loopback(urlsplit(base_url).hostname or "")
        self._timeout, self._watch = timeout, watch
        self._pool = watched(PoolManager(num_pools=4, retries=Retry(0, redirect=False)))

    def fetch(self, address: str, target: IO[bytes], limits: Limits = OF_EXPORTS) -> None:
        """Write a file to the target. Raise `Unsafe`, `Refused`, `Slow`, or any urllib3 error."""
        for _ in range(_REDIRECTS):
            self._check(address)
            with self._watch.call(limits.seconds) as call:
                moved = self._take(address, target, call, limits.most)
            if moved is None:
                return
            address = urljoin(address, moved)
        raise Unsafe("it redirects too often")

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _check(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme != "https" and not (self._local and parts.scheme == "http"):
            raise Unsafe(f"{parts.scheme or 'no scheme'} instead of https")
        if parts.username or parts.password or not parts.hostname:
            raise Unsafe("it contains credentials, or no host")

    def _take(self, address: str, target: IO[bytes], call: Call, most: int) -> str | None:
        """Fetch the file, or return the URL it redirects to."""
        call.on_connect = self._check_peer
        raw = self._pool.request("GET", address, preload_content=False, timeout=self._timeout, redirect=False)
        try:
            if moved := raw.get_redirect_location():
                return str(moved)
            if raw.status != 200:  # noqa: PLR2004 - HTTP's own number
                raise Refused(raw.status, next(raw.stream(1000), b""))
            _copy(raw, target, most)
        finally:
            raw.close()
        return None

    def _check_peer(self, peer: Any) -> None:
        """Refuse a connection to our own network before anything is sent."""
        found = ipaddress.ip_address(str(peer).partition("%")[0])
        found = getattr(found, "ipv4_mapped", None) or found
        if not found.is_global and not (self._local and found.is_loopback):
            raise Unsafe("its host is inside our own network")


def _copy(raw: BaseHTTPResponse, target: IO[bytes], most: int) -> None:
    """Copy a body as sent, enforcing the minimum rate and the maximum size."""
    copied, since, before = 0, time.monotonic(), 0
    while piece := raw.read1(_PIECE, decode_content=False):
        target.write(piece)
        copied += len(piece)
        if copied > most:
            raise Unsafe(f"the file has more than {most // 1_000_000:,} MB")
        if (passed := time.monotonic() - since) >= _WINDOW:
            if copied - before < SLOWEST * passed:
                raise Slow(f"{(copied - before) / passed:.0f} bytes a second are less than {SLOWEST}")
            since, before = time.monotonic(), copied


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
