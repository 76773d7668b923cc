"""Whom to tell: the sinks of `notify`, what each is told, and when."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, field_validator, model_validator

from config.schedules import Zone
from config.section import Name, Strict
from connectors.secret import Secret
from vocabulary.units import Span

About = Literal["priority", "digest", "trouble"]
"""What a sink is told: leads that are new in the first priority, once a day, or what needs an administrator."""

OWNERS: Final[Mapping[str, str]] = {"hubspot": "hubspot_owner_id", "salesforce": "OwnerId"}
"""The field with the owner, of leads and of accounts, by CRM."""

_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_LOCAL: Final = ("localhost", "127.0.0.1", "::1")
_MAILBOX: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")

ENVIRONMENT: Final = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)
"""Renders templates of messages; they cannot reach anything but what they are given."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of the day, by the clock on the wall: they may go past midnight."""

    begin: time
    end: time

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"

    def contain(self, moment: datetime, zone: tzinfo) -> bool:
        """Return whether a moment is within these hours where people are.

        An hour that the clock repeats counts both times; one that it leaves out does not keep the end from coming.
        """
        local = moment.astimezone(zone).time()
        if self.begin < self.end:
            return self.begin <= local < self.end
        return local >= self.begin or local < self.end


def parse_hours(value: Any) -> Hours:
    """Return hours written like `20:00-07:30`; raise ValueError with a remedy."""
    if isinstance(value, Hours):
        return value
    parts = [parse_clock(part.strip()) for part in str(value).split("-")] if str(value).count("-") == 1 else []
    if not parts or parts[0] == parts[1]:
        raise ValueError(f"'{value}' are no hours of the day: write them like 20:00-07:30")
    return Hours(*parts)


def parse_clock(value: Any) -> time:
    """Return a time of day written like `08:00`; raise ValueError with a remedy."""
    if isinstance(value, time):
        return value
    found = _CLOCK.fullmatch(str(value).strip())
    if not found:
        raise ValueError(f"'{value}' is no time of day: write it like '08:00', in quotes")
    return time(int(found[1]), int(found[2]))


QuietHours = Annotated[
    Hours,
    BeforeValidator(parse_hours),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "examples": ["20:00-07:30"]}),
]
Clock = Annotated[
    time,
    BeforeValidator(parse_clock),
    PlainSerializer(lambda at: f"{at:%H:%M}"),
    WithJsonSchema({"type": "string", "examples": ["08:00"]}),
]


class Owners(Strict):
    """Whose leads a sink is told about."""

    field: str = Field(
        default="owner",
        description="The mapped field that holds the owner's id, such as `owner: hubspot_owner_id` or `owner: OwnerId`"
        " under `fields`, and under `accounts` where these are scored.",
    )
    ids: tuple[str, ...] = Field(
        default=(), description="Only leads of these owners, by the ids in the CRM. Default: of everybody, but named."
    )

    @field_validator("ids", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        listed = value if isinstance(value, list | tuple) else (value,)
        return tuple(str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in listed)


class _Sink(Strict):
    about: tuple[About, ...] = Field(
        default=("priority",),
        min_length=1,
        description="What it is told. `priority`: leads and accounts that are new in the first priority. `digest`: once"
        " a day, who became one and who is about to cool down. `trouble`: a pass failed, is held, had rows refused or"
        " could not read a stream any longer, the CRM's calls are nearly used up, or a certificate or a part of the"
        " CRM's interface ends soon.",
    )
    owners: Owners | None = Field(
        default=None, description="Whose leads and accounts it is told about. Default: everybody's."
    )
    names: bool = Field(
        default=False,
        description="Whether messages name people and accounts. The CRM is asked for the names when a message is sent;"
        " they are stored nowhere.",
    )
    quiet: QuietHours | None = Field(
        default=None, description="Hours in which nothing is sent; it is kept until they end. `trouble` is sent anyway."
    )
    templates: Mapping[About, str] = Field(
        default={},
        description="Jinja2 templates by what is told, in place of our own words. The first line is the title. They"
        " give plain text, which is escaped for the sink.",
    )

    @field_validator("about", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("templates")
    @classmethod
    def _readable(cls, templates: Mapping[About, str]) -> Mapping[About, str]:
        for name, source in templates.items():
            try:
                ENVIRONMENT.from_string(source)
            except TemplateError as error:
                line = getattr(error, "lineno", None)
                raise ValueError(f"the template `{name}` has a mistake in its line {line}: {error}") from None
        return templates

    @property
    def owner_field(self) -> str | None:
        """The mapped field that holds the owner of a lead."""
        return self.owners.field if self.owners else None

    @property
    def secrets(self) -> Mapping[str, Secret]:
        """Its secrets by option."""
        return {name: value for name, value in self if isinstance(value, Secret)}


class _ByUrl(_Sink):
    url: Secret = Field(description="Where the address is kept: whoever knows it can post.")


class SlackSink(_ByUrl):
    """A channel of Slack, by an incoming webhook."""

    type: Literal["slack"] = Field(description="An incoming webhook of Slack.")


class TeamsSink(_ByUrl):
    """A channel or chat of Microsoft Teams, by a webhook of the Workflows app."""

    type: Literal["teams"] = Field(description="A webhook of the Workflows app in Microsoft Teams.")


class WebhookSink(_ByUrl):
    """Any other program that takes JSON by HTTP."""

    type: Literal["webhook"] = Field(description="Any address that takes a POST with JSON.")
    authorization: Secret | None = Field(
        default=None, description="Where the value of the header `Authorization` is kept, if one is needed."
    )


class EmailSink(_Sink):
    """People, by e-mail."""

    type: Literal["email"] = Field(description="E-mail by SMTP.")
    host: str = Field(pattern=r"^[A-Za-z0-9.:-]+$", description="The name of the mail server.")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="`starttls`: encrypted after a greeting. `tls`: encrypted from the start. `none`: only for a server"
        " on this machine.",
    )
    port: int | None = Field(default=None, ge=1, le=65535, description="Default: 587, 465 with `tls`, 25 with `none`.")
    user: str | None = Field(default=None, description="The name to log in with, if the server asks for one.")
    password: Secret | None = Field(default=None, description="Where the password for `user` is kept.")
    sender: str = Field(description="The address that it comes from.")
    to: tuple[str, ...] = Field(min_length=1, description="The addresses that it goes to.")

    @field_validator("to", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("sender", "to")
    @classmethod
    def _addresses(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for one in (value,) if isinstance(value, str) else value:
            if not _MAILBOX.fullmatch(one):
                raise ValueError(f"{one!r} is no plain e-mail address: write one such as sales@example.com")
        return value

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.security == "none" and self.host not in _LOCAL:
            raise ValueError(f"`security: none` would send to {self.host} in the clear: write starttls or tls")
        if (self.user is None) != (self.password is None):
            raise ValueError("give both `user` and `password`, or neither")
        if self.security == "none" and self.user is not None:
            raise ValueError("`security: none` would send the password in the clear: write starttls or tls")
        return self

    @property
    def its_port(self) -> int:
        """The port to connect to."""
        return self.port or {"starttls": 587, "tls": 465, "none": 25}[self.security]


Sink = SlackSink | TeamsSink | WebhookSink | EmailSink


class Notify(Strict):
    """Whom to tell about leads, and about passes that need a person."""

    sinks: dict[Name, Annotated[Sink, Field(discriminator="type")]] = Field(
        min_length=1,
        description="Where messages go, each under a name that you choose: `slack`, `teams`, `email` or `webhook`.",
    )
    timezone: Zone = Field(default=ZoneInfo("UTC"), description="The time zone of `quiet` and `digest`.")
    rearm: Span = Field(
        default=timedelta(days=7),
        description="A lead that lost the first priority and comes back is told about again only after it was without"
        " it for this long.",
    )
    digest: Clock = Field(default=time(8), description="When the daily digest is made, in `timezone`.")
    calls_left: int = Field(
        default=1000,
        ge=0,
        description="`trouble` says so when fewer calls to the CRM than this are left today.",
    )
    unread_after: int = Field(
        default=3,
        ge=1,
        description="`trouble` says so when a stream that was read before could not be read in this many passes in a"
        " row, because a right or a feature of the CRM is gone.",
    )
    give_up_after: Span = Field(
        default=timedelta(days=2),
        ge=timedelta(days=1),  # longer than any quiet hours
        description="A message that could not be sent for this long is dropped, and `status` says so. At least a day.",
    )

    @property
    def owner_fields(self) -> Sequence[str]:
        """The mapped fields that hold the owner of a lead, each once."""
        return list(dict.fromkeys(sink.owner_field for sink in self.sinks.values() if sink.owner_field))

    def telling(self, about: About) -> Mapping[str, Sink]:
        """Return the sinks that are told this, by name."""
        return {name: sink for name, sink in self.sinks.items() if about in sink.about}
