"""Authentication with HubSpot: a static token, or one that is renewed before it expires: by OAuth, or of an app."""

import fcntl
import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import IO, Any, Final, Protocol
from weakref import WeakValueDictionary

from connectors.base import ConfigurationError
from connectors.hubspot.answers import Rejected
from connectors.hubspot.settings import HubSpotSettings, JournalApp, OAuth
from connectors.secret import Secret
from vocabulary.outside import remember

logger = logging.getLogger(__name__)
# Access tokens last 30 minutes, given as `expires_in`:
# https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide (2026-11).
_EARLY: Final = 60.0
"""Seconds before its expiry at which a token is no longer used."""

_FRESH: Final = 30.0
"""Seconds after a renewal during which a refused token is not renewed again, because that would not help."""
_LOCK_SECONDS: Final = 60.0
"""Seconds another process may take to renew the token before we do so ourselves."""


class Line(Protocol):
    """The part of the transport that tokens need."""

    def grant(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        """Send a form to the token endpoint and return its answer."""

    def pause(self, seconds: float) -> None:
        """Wait, raising `Interrupted` as soon as the stop event is set."""


class Access(Protocol):
    """Provides the token for each call."""

    setting: str
    """The setting that holds the credentials, worded for a message."""
    granted_by: str
    """The settings that a token is asked for with, worded for a message."""
    holder: str
    """Who has the scopes, worded for a message."""

    def token(self, line: Line) -> str:
        """Return a valid token."""

    def expire(self, token: str) -> bool:
        """Record that HubSpot refused a token, and return whether retrying with another one may help."""


class StaticToken:
    """The token of a service key or private app.

    Both are static bearer tokens. Private apps become unsupported in September 2027; service keys replace them:
    https://developers.hubspot.com/changelog/legacy-apis-and-legacy-apps-whats-going-unsupported-and-when (2026-11).
    """

    def __init__(self, secret: Secret) -> None:
        self._secret = secret
        self.holder = "the token"
        self.setting = self.granted_by = f"`token` ({secret.place})"

    @cached_property
    def _token(self) -> str:
        return _printable(self._secret.reveal(), self._secret)

    def token(self, line: Line) -> str:  # noqa: ARG002 - same verbs as RefreshedToken
        """Return the token."""
        return self._token

    def expire(self, token: str) -> bool:  # noqa: ARG002 - same verbs as RefreshedToken
        """Return False: there is no other token."""
        return False


class _Renewed:
    """A token that is renewed shortly before it expires, by one thread for all."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._token, self._since, self._ends = "", 0.0, 0.0

    def token(self, line: Line) -> str:
        """Return a valid token."""
        with self._lock:
            # The expiry decides, not a 401: "Unauthorized (401) requests are not a valid indicator that a new access
            # token must be retrieved", https://developers.hubspot.com/apps/api_guidelines (2026-11).
            if time.monotonic() >= self._ends:
                self._renew(line)
            return self._token

    def expire(self, token: str) -> bool:
        """Record that HubSpot refused a token, and return whether retrying with another one may help."""
        with self._lock:
            if token != self._token:
                return True
            aged = time.monotonic() - self._since > _FRESH
            self._ends = 0.0
            return aged

    def _renew(self, line: Line) -> None:
        raise NotImplementedError

    def _hold(self, answer: Mapping[str, Any]) -> None:
        """Use the token of an answer from now on."""
        self._token = str(answer["access_token"])
        remember(self._token)
        self._since = time.monotonic()
        self._ends = self._since + max(float(answer["expires_in"]) - _EARLY, 1.0)


class RefreshedToken(_Renewed):
    """An OAuth token.

    If HubSpot replaces the refresh token, the old one becomes useless. So each connection has one instance per process,
    the file is read again before each renewal in case another process or a person replaced the token, and only one
    process renews at a time.
    """

    def __init__(self, oauth: OAuth) -> None:
        super().__init__()
        self._oauth = oauth
        self.holder = "the token"
        self._refresh_token = ""
        self.setting = f"`oauth.refresh_token` ({oauth.refresh_token.place})"
        self.granted_by = f"`oauth`: client_id, client_secret and {self.setting}"

    def _renew(self, line: Line) -> None:
        with _alone(self._oauth.refresh_token.file, line):
            answer = self._ask(line)
            self._hold(answer)
            if replaced := answer.get("refresh_token"):
                self._keep(str(replaced))

    def _ask(self, line: Line) -> Mapping[str, Any]:
        """Request a token with the current refresh token, and again if the file changed when it was refused."""
        used = self._read()
        try:
            return line.grant(self._form(used))
        except Rejected:
            if (found := self._read()) == used:
                raise
            return line.grant(self._form(found))

    def _read(self) -> str:
        """Return the refresh token from its file, or the latest one in memory if it came from the environment."""
        if self._oauth.refresh_token.file or not self._refresh_token:
            self._refresh_token = self._oauth.refresh_token.reveal()
        return self._refresh_token

    def _form(self, refresh_token: str) -> dict[str, str]:
        return {
            "grant_type": "refresh_token",
            "client_id": self._oauth.client_id,
            "client_secret": self._oauth.client_secret.reveal(),
            "refresh_token": refresh_token,
        }

    def _keep(self, refresh_token: str) -> None:
        """Store a refresh token that HubSpot replaced, in the file it came from if there is one."""
        if refresh_token == self._refresh_token:
            return
        self._refresh_token = refresh_token
        remember(refresh_token)
        path = self._oauth.refresh_token.file
        if path is None:
            logger.warning(
                "HubSpot replaced the refresh token; keep it in a file ({file: PATH}) so that it can be updated."
            )
            return
        try:
            _replace(path.resolve(), refresh_token)
        except OSError as error:
            logger.warning(
                "HubSpot replaced the refresh token, and %s cannot be written (%s): the next process will be refused."
                " Make it writable, and install the app again.",
                path,
                error.strerror,
            )


# https://developers.hubspot.com/docs/api-reference/latest/webhooks-journal/guide (2026-11).
_JOURNAL_SCOPES: Final = " ".join(
    f"developer.webhooks_journal.{one}" for one in ("read", "subscriptions.read", "subscriptions.write")
)


class AppToken(_Renewed):
    """The token of an app itself (client credentials), by which it reads the webhooks journal."""

    def __init__(self, feed: JournalApp) -> None:
        super().__init__()
        self._feed = feed
        self.holder = "the app of `feed.client_id`"
        self.setting = f"`feed.client_secret` ({feed.client_secret.place})"
        self.granted_by = f"`feed.client_id` and {self.setting}, and whether the app is installed with the scopes"
        self.granted_by += f" {_JOURNAL_SCOPES.replace(' ', ', ')}"

    def _renew(self, line: Line) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._feed.client_id,
            "client_secret": self._feed.client_secret.reveal(),
            "scope": _JOURNAL_SCOPES,
        }
        self._hold(line.grant(form))


_KNOWN: Final[WeakValueDictionary[tuple[str, ...], RefreshedToken]] = WeakValueDictionary()
"""The tokens in use in this process, so that two connectors of one connection share theirs."""
_KNOWING: Final = Lock()


def access(settings: HubSpotSettings) -> Access:
    """Return the access that the settings describe; the same instance for the same OAuth app and token location."""
    if not settings.oauth:
        assert settings.token
        return StaticToken(settings.token)
    oauth = settings.oauth
    key = (settings.base_url, oauth.client_id, oauth.client_secret.place, oauth.refresh_token.place)
    with _KNOWING:
        found = _KNOWN.get(key) or RefreshedToken(oauth)
        _KNOWN[key] = found
        return found


@contextmanager
def _alone(path: Path | None, line: Line) -> Iterator[None]:
    """Hold a lock on the token file against other processes, or continue without it after a time limit."""
    if path is None:
        yield
        return
    file = _locked(path, line)
    try:
        yield
    finally:
        if file:
            file.close()  # releases the lock


def _locked(path: Path, line: Line) -> IO[bytes] | None:
    """Return the locked file, or None if the file system has no locks or the lock is not released in time."""
    ends = time.monotonic() + _LOCK_SECONDS
    while time.monotonic() < ends:
        try:
            file = path.open("rb")
        except OSError:
            return None  # reading the secret reports why
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        except BlockingIOError:
            line.pause(0.1)
        except OSError:
            ends = 0.0
        file.close()
    return None


def _printable(token: str, secret: Secret) -> str:
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise ConfigurationError(
            f"The token in {secret.place} contains invalid characters.", remedy="Copy it again, without quotes."
        )
    return token


def _replace(path: Path, text: str) -> None:
    """Replace a file's content atomically."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
