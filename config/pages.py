"""Where the pages are served, who may sign in, and what each may do."""

from collections.abc import Collection
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from config.files import LocalFile
from config.section import Name, Strict
from connectors.secret import Secret
from vocabulary.units import Span

Role = Literal["viewer", "editor", "approver"]
ROLES: Final[tuple[Role, ...]] = ("viewer", "editor", "approver")
"""The roles; each may do what those before it may."""

EVERYBODY: Final = "*"


class TokenPerson(Strict):
    """A person who signs in with a token."""

    token: Secret = Field(description="Where the token is kept. Make one with `openssl rand -hex 24`.")
    role: Role = Field(
        default="viewer", description="What the person may do; see [the pages](pages.md#who-may-do-what)."
    )


class Roles(Strict):
    """Who has which role: names as the proxy or the identity provider gives them, groups, or `*` for everybody."""

    viewer: tuple[str, ...] = Field(default=(), description="Who may look.")
    editor: tuple[str, ...] = Field(default=(), description="Who may propose changes of a scorecard, too.")
    approver: tuple[str, ...] = Field(default=(), description="Who may put changes into force, accept and undo, too.")

    @field_validator("viewer", "editor", "approver", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not (self.viewer or self.editor or self.approver):
            raise ValueError('nobody could sign in: give somebody a role, such as `viewer: "*"`')
        return self

    def of(self, names: Collection[str]) -> Role | None:
        """Return the highest role of a person with these names and groups; None if there is none."""
        known = {EVERYBODY, *(name.casefold() for name in names)}
        has = {role: {name.casefold() for name in getattr(self, role)} & known for role in ROLES}
        return next((role for role in reversed(ROLES) if has[role]), None)


class ByToken(Strict):
    """Each person has a token."""

    type: Literal["token"] = Field(description="Each person has a token of their own.")
    people: dict[Name, TokenPerson] = Field(
        min_length=1,
        description="The people, each under their name.",
        examples=[{"anna": {"token": {"env": "ANNA_TOKEN"}, "role": "viewer"}}],
    )


class ByProxy(Strict):
    """A proxy in front of the pages has signed people in."""

    type: Literal["proxy"] = Field(description="A proxy in front of the pages signs people in.")
    header: str = Field(
        default="X-Forwarded-User",
        pattern=r"^[A-Za-z][A-Za-z0-9-]*$",
        description="The header in which the proxy names the person. It must remove what a browser sends under it.",
    )
    groups: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z][A-Za-z0-9-]*$",
        description="The header with the groups of the person, separated by commas.",
    )
    trusted: tuple[str, ...] = Field(
        default=("127.0.0.1", "::1"),
        min_length=1,
        description="The addresses or networks of the proxy. Who asks from elsewhere is refused.",
    )
    roles: Roles = Field(description="Who has which role.")

    @field_validator("trusted", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("trusted")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            try:
                ip_network(one)
            except ValueError:
                raise ValueError(f"{one!r} is neither an address nor a network such as 10.0.0.0/24") from None
        return value

    @property
    def networks(self) -> list[IPv4Network | IPv6Network]:
        """The networks of the proxy."""
        return [ip_network(one) for one in self.trusted]


class ByOidc(Strict):
    """An identity provider signs people in by OpenID Connect."""

    type: Literal["oidc"] = Field(
        description="An identity provider with OpenID Connect. Needs `pip install 'leadgauge[oidc]'`."
    )
    issuer: str = Field(description="The address of the provider, such as `https://login.example.com/realms/staff`.")
    client_id: str = Field(min_length=1, description="The client that the provider knows leadgauge as.")
    client_secret: Secret | None = Field(default=None, description="Where its secret is kept, if it has one.")
    scopes: str = Field(default="openid email profile", description="What is asked for; with `openid`.")
    name: str = Field(default="email", description="The claim that names the person.")
    groups: str | None = Field(default=None, description="The claim with the groups of the person.")
    roles: Roles = Field(description="Who has which role.")

    @field_validator("issuer")
    @classmethod
    def _encrypted(cls, value: str) -> str:
        return _web_address(value.rstrip("/"))

    @field_validator("scopes")
    @classmethod
    def _with_openid(cls, value: str) -> str:
        if "openid" not in value.split():
            raise ValueError(f"{value!r} lacks openid: write `openid email profile`")
        return value


SignIn = ByToken | ByProxy | ByOidc


class Pages(Strict):
    """Where the pages are served, for people who answer for the score."""

    port: int = Field(
        default=9465, ge=0, le=65535, description="The port to listen on. 0 picks a free port and logs it."
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address to listen on. The default accepts local connections only; another one needs `sign_in`"
        " and `public_url`.",
    )
    public_url: str | None = Field(
        default=None,
        description="The address in a browser, such as `https://leads.example.com`, if a proxy is in front of the"
        " pages.",
    )
    sign_in: Annotated[SignIn, Field(discriminator="type")] | None = Field(
        default=None,
        description="How people sign in: `token`, `proxy` or `oidc`. Without it, whoever can reach the address may do"
        " everything, so it has to be a local one.",
    )
    session: Span = Field(
        default=timedelta(hours=12),
        ge=timedelta(minutes=1),
        le=timedelta(days=30),
        description="How long a person stays signed in.",
    )
    names: bool = Field(
        default=False,
        description="Whether the pages ask the CRM for the names of the leads on the screen: a call a page, with the"
        " token of the connection. Names are shown and not kept.",
    )

    proposals: LocalFile | None = Field(
        default=None,
        description="The folder for proposed scorecards and the log of changes. Default: beside each scorecard. Putting"
        " one into force replaces the scorecard's file, so its own folder has to be writable in any case.",
    )
    approval: Literal["another", "anyone"] = Field(
        default="another",
        description="Who may put a proposed scorecard into force, of those with the role approver: `another` person"
        " than the one who proposed it, or `anyone`. Where nobody signs in, it is anyone.",
    )

    @property
    def is_local(self) -> bool:
        """Return whether only this machine can reach the pages."""
        return is_loopback(self.host)

    @property
    def is_encrypted(self) -> bool:
        """Return whether browsers reach the pages by https."""
        return self.public_url is not None and self.public_url.startswith("https:")

    @property
    def public_host(self) -> str | None:
        """The host name in the address that browsers use."""
        return urlsplit(self.public_url).hostname if self.public_url else None

    @field_validator("public_url")
    @classmethod
    def _plain(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.hostname and parts.path.strip("/"):
            raise ValueError(f"{value!r} has a path: the pages need a host name of their own")
        return _web_address(value.rstrip("/"))

    @model_validator(mode="after")
    def _safe(self) -> Self:
        others = self.public_url if self.public_host and not is_loopback(self.public_host) else None
        if self.sign_in is None and not self.is_local:
            raise ValueError(f"`host: {self.host}` lets other machines in: say in `sign_in` who may, or use 127.0.0.1")
        if self.sign_in is None and others:
            raise ValueError(f"`public_url: {others}` lets other people in: say in `sign_in` who may")
        if not self.is_local and not self.is_encrypted:
            raise ValueError(
                f"`host: {self.host}` would be reached in the clear: put a proxy with TLS in front, and write its"
                " address as `public_url: https://…`"
            )
        return self


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _web_address(value: str) -> str:
    """Return an address that is encrypted, or on this machine; raise ValueError."""
    parts = urlsplit(value)
    if "://" not in value:
        raise ValueError(f"{value!r} does not begin with https://: write https://{value.lstrip('/')}")
    if not parts.hostname or parts.scheme not in {"http", "https"}:
        raise ValueError(f"{value!r} is no address: write one such as https://leads.example.com")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(f"{value!r} is not encrypted: write https://")
    return value
