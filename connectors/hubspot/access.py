"""Who leadgauge is to HubSpot: a static token, or one that is refreshed before it expires."""

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Final

from connectors.base import ConfigurationError
from connectors.hubspot.settings import HubSpotSettings, OAuth
from connectors.secret import Secret

logger = logging.getLogger(__name__)
_EARLY: Final = 60.0
"""Seconds before its end at which a token is no longer used."""

_FRESH: Final = 30.0
"""Seconds during which a new token that is refused is not replaced again, as that would not help."""

Grant = Callable[[Mapping[str, str]], Mapping[str, Any]]
"""Sends a form to the token endpoint and returns its answer."""


class StaticToken:
    """The token of a service key or private app."""

    def __init__(self, secret: Secret) -> None:
        self._token = _printable(secret.reveal(), secret)
        self.setting = f"`token` ({secret.place})"

    def token(self) -> str:
        """Return the token."""
        return self._token

    def expire(self, token: str) -> bool:  # noqa: ARG002 - same verbs as RefreshedToken
        """Return False: no other token is to be had."""
        return False


class RefreshedToken:
    """An OAuth token, renewed by one thread for all shortly before it ends."""

    def __init__(self, oauth: OAuth, grant: Grant) -> None:
        self._oauth, self._grant = oauth, grant
        self._refresh_token = oauth.refresh_token.reveal()
        self._lock = Lock()
        self._token, self._since, self._ends = "", 0.0, 0.0
        self.setting = f"`oauth.refresh_token` ({oauth.refresh_token.place})"

    def token(self) -> str:
        """Return a token that is valid for a while."""
        with self._lock:
            if time.monotonic() >= self._ends:
                self._renew()
            return self._token

    def expire(self, token: str) -> bool:
        """Take note that HubSpot refused a token; True where another one may do better."""
        with self._lock:
            if token != self._token:
                return True
            aged = time.monotonic() - self._since > _FRESH
            self._ends = 0.0
            return aged

    def _renew(self) -> None:
        answer = self._grant(
            {
                "grant_type": "refresh_token",
                "client_id": self._oauth.client_id,
                "client_secret": self._oauth.client_secret.reveal(),
                "refresh_token": self._refresh_token,
            }
        )
        self._token = str(answer["access_token"])
        self._since = time.monotonic()
        self._ends = self._since + max(float(answer.get("expires_in", 1800)) - _EARLY, 1.0)
        self._keep(str(answer.get("refresh_token") or self._refresh_token))

    def _keep(self, refresh_token: str) -> None:
        """Remember a refresh token that HubSpot replaced, in its file where it came from one."""
        if refresh_token == self._refresh_token:
            return
        self._refresh_token = refresh_token
        if path := self._oauth.refresh_token.file:
            _replace(path, refresh_token)
        else:
            logger.warning(
                "HubSpot replaced the refresh token; keep it in a file ({file: PATH}) so that it can be updated."
            )


def access(settings: HubSpotSettings, grant: Grant) -> StaticToken | RefreshedToken:
    """Return the access that the settings describe."""
    if settings.oauth:
        return RefreshedToken(settings.oauth, grant)
    assert settings.token
    return StaticToken(settings.token)


def _printable(token: str, secret: Secret) -> str:
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise ConfigurationError(
            f"The token in {secret.place} holds characters that no token has.", remedy="Copy it again, without quotes."
        )
    return token


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(path.name + ".new")
    beside.touch(mode=0o600)
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
