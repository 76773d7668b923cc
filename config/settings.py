"""The settings file: the database, the connections to CRMs, and what is written when.

Every option is described here, once: the messages, the JSON Schema and `docs/settings.md` come from these models.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from config.database import Database, DatabaseAddress
from config.documents import Document, Path_
from config.files import LocalFile
from config.mistakes import Mistake
from config.schedules import Timing, When, Zone
from connectors.hubspot.settings import HubSpotSettings
from connectors.salesforce.settings import SalesforceSettings
from scoring import Scorecard
from vocabulary.fields import FieldType
from vocabulary.units import Share, Span

Name = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$", description="A name of small letters, digits, `-` and `_`.")
]
"""A name that stands in logs and in the database."""


class Strict(BaseModel):
    """A section of the settings: unknown keys are mistakes, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Metrics(Strict):
    """Where the daemon shows its health and its figures for Prometheus."""

    port: int = Field(
        default=9464, ge=0, le=65535, description="The port to listen on; 0 takes a free one, which the log names."
    )
    host: str = Field(
        default="127.0.0.1", min_length=1, description="The address to listen on; only this machine unless changed."
    )


class Daemon(Strict):
    """How the daemon watches over its passes and its files."""

    stuck_after: Span = Field(
        default=timedelta(hours=1),
        ge=timedelta(minutes=1),
        description="A pass that brings no page, scores no lead and writes no row for so long is ended as failed. Its"
        " whole time has no limit.",
    )
    settle: Span = Field(
        default=timedelta(seconds=2),
        le=timedelta(minutes=1),
        description="A settings file, scorecard or likelihood that changed is read once it has been still for so long:"
        " a file that is half written may be valid.",
    )


class Log(Strict):
    """What leadgauge tells on standard error while it works."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least grave message that is told."
    )
    format: Literal["text", "json"] = Field(
        default="text", description="`text` for people, `json` for log collectors: one object a line."
    )


class Write(Strict):
    """What is written into the CRM, and what stops a surprise."""

    dead_band: int = Field(
        default=3,
        ge=1,
        le=1000,
        description="A number is written again once it has moved by so many points since it was last written, or when"
        " grade, stage, urgency, priority or status change. 1 writes every change.",
    )
    guard: Share = Field(
        default=0.25,
        description="A pass that would change the grade or the priority of more than this share of the leads stops"
        " before it writes, says why, and waits for `--accept`. `100%` turns the guard off.",
    )
    drift: Literal["report", "mend"] = Field(
        default="report",
        description="What becomes of our fields that hold something else in the CRM than was written there, which each"
        " full listing finds (`reconcile`, `backfill`): `report` says how many leads and which fields, `mend` writes"
        " them again, once. More than `guard` of the leads wait for `--accept`.",
    )
    quiet_rows: int = Field(
        default=1000, ge=1, description="How many leads a minute `backfill --quiet` writes at most."
    )


class Schedule(Strict):
    """When the daemon works: every so often, at a time of day, on a weekday, or by a crontab line."""

    sync: When = Field(default=Timing("5m"), description="When to read what changed in the CRM, score it and write it.")
    refresh: When = Field(
        default=Timing("02:30"),
        description="When to score everybody again: time passes, so points decay without anything happening.",
    )
    reconcile: When = Field(
        default=Timing("sun 03:00"),
        description="When to list every lead of the CRM and compare, to find what the changes did not tell.",
    )
    timezone: Zone = Field(default=ZoneInfo("UTC"), description="The time zone of the times of day.")


class Calibrate(Strict):
    """What `calibrate` predicts. What counts as a conversion stands in the CRM's own section."""

    outcomes: tuple[str, ...] | None = Field(
        default=None,
        min_length=1,
        description="The outcomes to count, by name, where the CRM delivers several. Left out: all of them.",
    )
    horizon: Span | None = Field(
        default=None,
        description="How far ahead a conversion is predicted. Left out: 90d, or 30d to 60d where half of the leads"
        " that convert do so within 15 or 30 days; `calibrate` says what suits.",
    )

    @field_validator("outcomes", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


class ScorecardUse(Strict):
    """A scorecard on a connection."""

    file: LocalFile = Field(description="The scorecard's file, relative to the settings file.")
    prefix: str = Field(
        default="",
        pattern=r"^([a-z][a-z0-9_]{0,19})?$",
        description="Put before the names of the output fields, so that several scorecards live side by side.",
    )
    likelihood: LocalFile | None = Field(
        default=None,
        description="The file that `calibrate` fits; `lead_likelihood` is written once it exists.",
    )
    _card: Scorecard | None = PrivateAttr(default=None)

    @property
    def card(self) -> Scorecard:
        """The scorecard in this file, as it was when the settings were loaded."""
        assert self._card is not None, "settings come from config.load_settings, which loads their scorecards"
        return self._card


class Connection(Strict):
    """What every connection has, whatever its CRM."""

    scorecards: tuple[ScorecardUse, ...] = Field(
        min_length=1, description="The scorecards to apply. For one alone, write `scorecard: FILE` instead."
    )
    write: Write = Field(default=Write(), description="What is written, and what stops a surprise.")
    schedule: Schedule = Field(default=Schedule(), description="When the daemon works.")
    calibrate: Calibrate = Field(default=Calibrate(), description="What `calibrate` predicts.")
    brake: Share = Field(
        default=0.05,
        description="Where more than this share of the leads, or of the activities of a kind, would vanish in one pass"
        " because the CRM's answers lack them (and more than 20), they are kept, `status` says so, and they wait for"
        " `sync --accept`. `100%` turns the brake off.",
    )
    keep: Span = Field(
        default=timedelta(days=400),
        description="How long the past is kept: what fields held before a run (for `undo`), and what results a lead"
        " had (for `explain --history`).",
    )

    _place: tuple[Document, str] | None = PrivateAttr(default=None)

    @model_validator(mode="before")
    @classmethod
    def _one_scorecard(cls, data: Any) -> Any:
        """Read `scorecard: FILE` as a list of one."""
        if not isinstance(data, Mapping) or "scorecard" not in data:
            return data
        if "scorecards" in data:
            raise ValueError("`scorecard` and `scorecards` stand side by side: keep one of them")
        rest = {key: value for key, value in data.items() if key != "scorecard"}
        return rest | {"scorecards": [{"file": data["scorecard"]}]}

    @model_validator(mode="after")
    def _distinct_prefixes(self) -> Self:
        prefixes = [use.prefix for use in self.scorecards]
        if len(set(prefixes)) < len(prefixes):
            raise ValueError("two scorecards would write the same fields: give each its own `prefix`")
        return self

    def mistake(self, path: Path_, message: str, remedy: str = "") -> Mistake:
        """Make a mistake that points at an option of this connection, where it was loaded from a file."""
        if self._place is None:
            return Mistake("the settings", None, ".".join(map(str, path)), message, remedy)
        document, name = self._place
        return document.mistake(("connections", name, *path), message, remedy)

    def holds(self, path: Path_) -> bool:
        """Tell whether the file that this was loaded from holds the option with this path."""
        if self._place is None:
            return False
        document, name = self._place
        return ("connections", name, *path) in document.lines

    @property
    def wanted(self) -> dict[str, FieldType]:
        """The lead fields that the scorecards declare, with their types."""
        return {name: type_ for use in self.scorecards for name, type_ in use.card.fields.items()}


class HubSpotConnection(HubSpotSettings, Connection):
    """A connection to HubSpot."""


class SalesforceConnection(SalesforceSettings, Connection):
    """A connection to Salesforce."""


AnyConnection = HubSpotConnection | SalesforceConnection


class Settings(Strict):
    """The whole settings file."""

    database: Database = Field(
        default=DatabaseAddress("sqlite:///leadgauge.db"),
        validate_default=True,
        description="Where the state is kept: `sqlite:///FILE`, relative to the settings file, or"
        " `postgresql://USER@HOST/NAME`. `${NAME}` in it is filled in from the environment.",
    )
    metrics: Metrics | None = Field(default=None, description="Health and figures of the daemon; off unless given.")
    daemon: Daemon = Field(default=Daemon(), description="How the daemon watches over its passes and its files.")
    log: Log = Field(default=Log(), description="What is told on standard error.")
    connections: dict[Name, Annotated[AnyConnection, Field(discriminator="crm")]] = Field(
        min_length=1, description="The CRMs to work with, each by a name of your choice."
    )
    _document: Document | None = PrivateAttr(default=None)

    @property
    def document(self) -> Document:
        """The file that these settings were loaded from, with its lines."""
        assert self._document is not None, "settings come from config.load_settings"
        return self._document

    @property
    def database_url(self) -> str:
        """The database's address with its password: for connecting, never for showing."""
        return self.database.url
