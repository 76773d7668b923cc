"""Authentication: static tokens, and OAuth clients with expiring tokens."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from leadgauge_sandbox.hubspot.answers import Refused, iso

if TYPE_CHECKING:
    from leadgauge_sandbox.faults import Faults
    from leadgauge_sandbox.hubspot.clock import Clock

LIFETIME: Final = 1800
ALL_SCOPES: Final = frozenset(
    [
        f"crm.objects.{name}.{right}"
        for name in (
            "contacts",
            "companies",
            "deals",
            "leads",
            "tickets",
            "custom",
            "owners",
            "marketing_events",
            "users",
            "products",
            "line_items",
            "quotes",
        )
        for right in ("read", "write")
    ]
    + [
        f"crm.schemas.{name}.{right}"
        for name in ("contacts", "companies", "deals", "leads", "custom")
        for right in ("read", "write")
    ]
    + [
        "crm.lists.read",
        "crm.lists.write",
        "crm.import",
        "crm.export",
        "content",
        "forms",
        "business-intelligence",
        "sales-email-read",
        "oauth",
        "tickets",
        "e-commerce",
    ]
)
"""Scopes of an unrestricted token."""
JOURNAL: Final = "developer.webhooks_journal"
JOURNAL_SCOPES: Final = frozenset(
    f"{JOURNAL}.{right}"
    for right in ("read", "subscriptions.read", "subscriptions.write", "snapshots.read", "snapshots.write")
)
"""Scopes that only the app itself can have, by client credentials:
https://developers.hubspot.com/docs/api-reference/latest/webhooks-journal/guide (2026-11)."""
NOT_FOUND: Final = (
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at "
    "https://developers.hubspot.com/docs/methods/auth/oauth-overview"
)


@dataclass(frozen=True, slots=True)
class Grant:
    """One token; `scopes` is None for all."""

    scopes: frozenset[str] | None = None
    expires_at: int | None = None
    oauth: bool = False
    app: bool = False
    """Whether it is the app's own, from its client credentials, rather than that of an account."""


@dataclass(frozen=True, slots=True)
class Client:
    """An OAuth app."""

    client_id: str
    secret: str
    code: str
    refresh_token: str
    scopes: frozenset[str] | None = None


class Tokens:
    """The tokens of an account."""

    def __init__(self, clock: Clock, seed: int) -> None:
        """Create one unrestricted static token and one OAuth client, both derived from the seed."""
        drawn = random.Random(seed)
        self._clock, self._drawn = clock, drawn
        self.static = f"pat-na1-{uuid.UUID(int=drawn.getrandbits(128), version=4)}"
        self.grants = {self.static: Grant()}
        names = [str(uuid.UUID(int=drawn.getrandbits(128), version=4)) for _ in range(4)]
        self.client = Client(names[0], names[1], names[2], names[3])
        self.lifetime = LIFETIME

    def add(self, token: str, scopes: frozenset[str] | None) -> None:
        """Accept a static token."""
        self.grants[token] = Grant(scopes)

    def check(self, header: str | None) -> Grant:
        """Return the grant for an Authorization header, whose format must be exact."""
        token = header.removeprefix("Bearer ") if header and header.startswith("Bearer ") else None
        grant = self.grants.get(token) if token else None
        if grant is None:
            raise Refused(401, NOT_FOUND, "INVALID_AUTHENTICATION")
        late = 0 if grant.expires_at is None else self._clock.now() - grant.expires_at
        if late > 0:
            raise Refused(
                401,
                f"The OAuth token used to make this call expired {late // 1000} second(s) ago.",
                "EXPIRED_AUTHENTICATION",
                context={"expire time": [iso(grant.expires_at or 0)]},
            )
        return grant

    def replace(self) -> None:
        """Give the OAuth app a new refresh token and invalidate the old one."""
        self.client = replace(self.client, refresh_token=str(uuid.UUID(int=self._drawn.getrandbits(128), version=4)))

    def issue(self, form: dict[str, str]) -> dict[str, Any]:
        """Return a new access token for a code or refresh token; raises Refused otherwise."""
        kind, client = form.get("grant_type"), self.client
        if form.get("client_id") != client.client_id or form.get("client_secret") != client.secret:
            raise _denied(
                "BAD_CLIENT_ID" if form.get("client_id") != client.client_id else "BAD_CLIENT_SECRET",
                "missing or invalid client id or secret",
            )
        if kind == "client_credentials":
            return self._issue_to_app(form)
        if kind == "authorization_code" and form.get("code") != client.code:
            raise _denied("BAD_AUTH_CODE", "missing or unknown auth code")
        if kind == "refresh_token" and form.get("refresh_token") != client.refresh_token:
            raise _denied("BAD_REFRESH_TOKEN", "missing or invalid refresh token")
        if kind not in {"authorization_code", "refresh_token"}:
            raise _denied("BAD_GRANT_TYPE", f"missing or unknown grant type: {kind}")
        return {"refresh_token": client.refresh_token, **self._granted(client.scopes, app=False)}

    def _issue_to_app(self, form: dict[str, str]) -> dict[str, Any]:
        """Return a token of the app itself, with those of the scopes asked for that it has; it is never refreshed.

        https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/overview (2026-11).
        """
        asked = frozenset(form.get("scope", "").split())
        return self._granted(asked & (JOURNAL_SCOPES | (self.client.scopes or ALL_SCOPES)), app=True)

    def _granted(self, scopes: frozenset[str] | None, *, app: bool) -> dict[str, Any]:
        token = f"CL{uuid.UUID(int=self._drawn.getrandbits(128), version=4).hex}"
        self.grants[token] = Grant(scopes, self._clock.now() + self.lifetime * 1000, oauth=True, app=app)
        return {"token_type": "bearer", "access_token": token, "expires_in": self.lifetime}


def lacking(scopes: frozenset[str] | None, faults: Faults, scope: str) -> bool:
    """Return whether a scope is not among those held, or taken away by a fault; None stands for all."""
    lost = faults.active("missing-scope")
    return (scopes is not None and scope not in scopes) or (lost is not None and lost.argument == scope)


def _denied(status: str, message: str) -> Refused:
    return Refused(400, message, status=status)
