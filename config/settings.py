"""The settings file: the database, the connections to CRMs, and what is written when.

Every option is described here, once: the messages, the JSON Schema and `docs/settings.md` come from these models.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from config.database import Database, DatabaseAddress
from config.files import LocalFile
from config.schedules import Timing, When, Zone
from connectors.hubspot.settings import HubSpotSettings
from connectors.records import FieldType
from connectors.salesforce.settings import SalesforceSettings
from connectors.units import Duration, Share
from scoring import Scorecard

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
"""A name that stands in file names, logs and the database: small letters, digits, `-` and `_`."""


class Strict(BaseModel):
    """A section of the settings: unknown keys are mistakes, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Metrics(Strict):
    """Where the daemon shows its health (`/health`) and its figures for Prometheus (`/metrics`)."""

    port: Annotated[int, Field(ge=1, le=65535, description="The port to listen on.")] = 9464
    host: Annotated[
        str, Field(min_length=1, description="The address to listen on; only this machine unless changed.")
    ] = "127.0.0.1"


class Log(Strict):
    """What leadgauge tells on standard error while it works."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="The least grave message to tell.")
    ] = "info"
    format: Annotated[
        Literal["text", "json"], Field(description="`text` for people, `json` for log collectors: one object a line.")
    ] = "text"


class Write(Strict):
    """What is written into the CRM, and what stops a surprise."""

    dead_band: Annotated[
        int,
        Field(
            ge=1,
            le=1000,
            description="A number is written again once it has moved by so many points since it was last written, or when a grade, stage, "
            "urgency, priority or status changes with it. 1 writes every change.",
        ),
    ] = 3
    guard: Annotated[
        Share,
        Field(
            description="A pass that would change the grade or the priority of more than this share of the leads stops before it writes, "
            "says why, and waits for `--accept`. `100%` turns the guard off."
        ),
    ] = 0.25
    quiet_rows: Annotated[
        int, Field(ge=1, description="How many leads a minute `backfill --quiet` writes at most.")
    ] = 1000


class Schedule(Strict):
    """When the daemon works. Each is a span (`5m`), a time of day (`02:30`), a weekday with one (`sun 03:00`) or a crontab line."""

    sync: Annotated[When, Field(description="Read what changed in the CRM, score it, write it.")] = Timing("5m")
    refresh: Annotated[
        When, Field(description="Score everybody again: time passes, so points decay without anything happening.")
    ] = Timing("02:30")
    reconcile: Annotated[
        When, Field(description="List every lead of the CRM and compare, to find what the changes did not tell.")
    ] = Timing("sun 03:00")
    timezone: Annotated[Zone, Field(description="The zone of the times of day.")] = ZoneInfo("UTC")


class Calibrate(Strict):
    """What `calibrate` predicts. Which deals and dates count as a conversion stands in the connection's `outcome`."""

    outcomes: Annotated[
        tuple[str, ...] | None,
        Field(
            min_length=1,
            description="The names of the outcomes to count, where the CRM delivers several. Left out: all of them.",
        ),
    ] = None
    horizon: Annotated[
        Duration | None,
        Field(
            description="How far ahead a conversion is predicted. Left out: 90d, and `calibrate` suggests one from the median time to convert."
        ),
    ] = None

    @field_validator("outcomes", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


class ScorecardUse(Strict):
    """One scorecard on a connection."""

    file: Annotated[LocalFile, Field(description="The scorecard's file, relative to the settings file.")]
    prefix: Annotated[
        str,
        Field(
            pattern=r"^([a-z][a-z0-9_]{0,19})?$",
            description="Put before the names of the output fields, so that several scorecards live side by side.",
        ),
    ] = ""
    likelihood: Annotated[
        LocalFile | None,
        Field(description="The file that `calibrate` fits; `lead_likelihood` is written once it exists."),
    ] = None
    _card: Scorecard | None = PrivateAttr(default=None)

    @property
    def card(self) -> Scorecard:
        """The scorecard in this file, as it was when the settings were loaded."""
        assert self._card is not None, "settings come from config.load_settings, which loads their scorecards"
        return self._card


class Connection(Strict):
    """What every connection has, whatever its CRM."""

    scorecards: Annotated[
        tuple[ScorecardUse, ...],
        Field(min_length=1, description="The scorecards to apply. For one alone, write `scorecard: FILE`."),
    ]
    write: Annotated[Write, Field(description="What is written, and what stops a surprise.")] = Write()
    schedule: Annotated[Schedule, Field(description="When the daemon works.")] = Schedule()
    calibrate: Annotated[Calibrate, Field(description="What `calibrate` predicts.")] = Calibrate()
    keep: Annotated[
        Duration,
        Field(
            description="How long the past is kept: what fields held before a run (for `undo`), what results a lead had (for `explain --history`)."
        ),
    ] = timedelta(days=400)

    @model_validator(mode="before")
    @classmethod
    def _one_scorecard(cls, data: Any) -> Any:
        """Read `scorecard: FILE` as a list of one."""
        if not isinstance(data, Mapping) or "scorecard" not in data:
            return data
        if "scorecards" in data:
            raise ValueError("`scorecard` and `scorecards` stand side by side. Keep one of them.")
        rest = {key: value for key, value in data.items() if key != "scorecard"}
        return rest | {"scorecards": [{"file": data["scorecard"]}]}

    @model_validator(mode="after")
    def _distinct_prefixes(self) -> Self:
        prefixes = [use.prefix for use in self.scorecards]
        if len(set(prefixes)) < len(prefixes):
            raise ValueError("two scorecards would write the same fields. Give each its own `prefix`.")
        return self

    @property
    def wanted(self) -> dict[str, FieldType]:
        """The lead fields that the scorecards declare, with their types."""
        return {name: type_ for use in self.scorecards for name, type_ in use.card.fields.items()}


class HubSpotConnection(HubSpotSettings, Connection):
    """A connection to HubSpot."""


class SalesforceConnection(SalesforceSettings, Connection):
    """A connection to Salesforce."""


AnyConnection = Annotated[HubSpotConnection | SalesforceConnection, Field(discriminator="crm")]


class Settings(Strict):
    """The whole settings file."""

    database: Annotated[
        Database,
        Field(
            description="Where the state is kept: `sqlite:///FILE` (relative to the settings file) or `postgresql://USER@HOST/NAME`. `${NAME}` in it is taken from the environment."
        ),
    ] = Field(default=DatabaseAddress("sqlite:///leadgauge.db"), validate_default=True)
    metrics: Annotated[Metrics | None, Field(description="Health and figures of the daemon; off unless given.")] = None
    log: Annotated[Log, Field(description="What is told on standard error.")] = Log()
    connections: Annotated[
        dict[Name, AnyConnection], Field(min_length=1, description="The CRMs to work with, by a name of your choice.")
    ]
    _file: Path | None = PrivateAttr(default=None)

    @property
    def file(self) -> Path:
        """The file that these settings were loaded from."""
        assert self._file is not None, "settings come from config.load_settings"
        return self._file

    @property
    def database_url(self) -> str:
        """The database's address with its password: for connecting, never for showing."""
        return self.database.url
