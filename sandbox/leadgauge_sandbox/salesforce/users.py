"""Users, their credentials and their sessions."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from leadgauge_sandbox.salesforce.clock import Clock

KEY_BITS: Final = 2048
BUSINESS_UNIT: Final = "0UvSB0000000001AAA"
LASTING: Final = timedelta(hours=2)


@dataclass
class Credentials:
    """The credentials of the integration user and its connected app: invented, and of no use elsewhere."""

    username: str = "integration@sandbox.example"
    password: str = "correct-horse-battery"  # noqa: S105 - of a sandbox
    security_token: str = "SANDBOXsecuritytoken0001"  # noqa: S105 - of a sandbox
    consumer_key: str = "3MVG9.sandbox.consumer.key"
    consumer_secret: str = "0123456789ABCDEF0123456789ABCDEF"  # noqa: S105 - of a sandbox
    business_unit: str = BUSINESS_UNIT
    public_key: str | None = None
    """PEM of the key or certificate that verifies JWTs; None creates a key pair on first use."""

    @cached_property
    def _pair(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)

    @property
    def private_key(self) -> str | None:
        """PEM of the key that signs JWTs, if the sandbox created it."""
        if self.public_key is not None:
            return None
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        return self._pair.private_bytes(encoding, form, serialization.NoEncryption()).decode()

    @property
    def verifying_key(self) -> str:
        """PEM of the key that verifies JWTs."""
        if self.public_key is not None:
            return self.public_key
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._pair.public_key().public_bytes(serialization.Encoding.PEM, form).decode()

    def as_json(self) -> dict[str, Any]:
        """Return what a client needs to sign in."""
        names = ("username", "password", "security_token", "consumer_key", "consumer_secret", "business_unit")
        return {**{name: getattr(self, name) for name in names}, "private_key": self.private_key}


@dataclass(slots=True)
class Session:
    """One signed-in session."""

    token: str
    user: str
    since: datetime
    until: datetime


@dataclass(slots=True)
class Sessions:
    """All open sessions."""

    clock: Clock
    seed: int
    organization: str
    lasting: timedelta = LASTING
    started: int = 0
    """Number of successful sign-ins."""
    refused: int = 0
    """Number of refused sign-ins."""
    _open: dict[str, Session] = field(default_factory=dict)
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    """User by refresh token."""

    def start(self, user: str, *, as_jwt: bool = False) -> Session:
        """Open a session, with an opaque token or a JSON Web Token."""
        self.started += 1
        secret = self._secret(f"session {self.started}")
        opaque = f"{self.organization[:15]}!AQ{secret}"
        token = jwt.encode({"sub": user, "jti": str(self.started)}, secret) if as_jwt else opaque
        now = self.clock.now()
        session = self._open[token] = Session(token, user, now, now + self.lasting)
        return session

    def refresh_token(self, user: str) -> str:
        """Issue a refresh token."""
        token = f"5Aep861{self._secret(f'refresh {len(self.refresh_tokens)}')}"
        self.refresh_tokens[token] = user
        return token

    def find(self, token: str) -> Session | None:
        """Return an open session."""
        session = self._open.get(token)
        if session is None or session.until <= self.clock.now():
            self._open.pop(token, None)
            return None
        return session

    def user_of(self, token: str) -> str | None:
        """Return the user of an open session and prolong it."""
        session = self.find(token)
        if session is None:
            return None
        session.until = self.clock.now() + self.lasting
        return session.user

    def end(self, token: str | None = None) -> None:
        """End one session, or all of them."""
        if token is None:
            self._open.clear()
        else:
            self._open.pop(token, None)

    def _secret(self, purpose: str) -> str:
        return hashlib.sha256(f"{self.seed} {purpose}".encode()).hexdigest()
