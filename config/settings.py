"""The settings file: the database, the connections to CRMs, and what is written and when.

These models are the only place that describes the options: messages, the JSON Schema and `docs/settings.md` use them.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from config.cluster import ClusterOptions
from config.database import SQLITE, Database, DatabaseAddress
from config.documents import Document, Path_
from config.files import LocalFile
from config.mistakes import Mistake
from config.notify import Notify
from config.pages import Pages
from config.reporting import Reporting
from config.schedules import Timing, When, Zone
from config.section import Name, Strict
from config.switches import Switches
from connectors.feedback import Feedback
from connectors.hubspot.settings import HubSpotSettings
from connectors.salesforce.settings import SalesforceSettings
from connectors.warehouse.settings import Warehouse
from scoring import Scorecard
from scoring.card.conditions import LeadCondition
from scoring.exclusion import fields_of
from vocabulary.feedback import FEEDBACK
from vocabulary.fields import ACCOUNT, FieldType
from vocabulary.outputs import DEFAULTS, LIKELIHOOD, SCORE, SCORED_AT, STATUS, Of, Output, field_of
from vocabulary.units import Share, Span


class Metrics(Strict):
    """Where the daemon serves its health check and its Prometheus metrics."""

    port: int = Field(
        default=9464, ge=0, le=65535, description="The port to listen on. 0 picks a free port and logs it."
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address to listen on. The default accepts local connections only.",
    )


class Receive(Strict):
    """Where the daemon takes the webhooks that HubSpot sends: each connection under its name, such as `/main`."""

    address: str = Field(
        pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$",
        description="The public address of this port, as HubSpot calls it, without the connection's name: HubSpot signs"
        " it. TLS is for a proxy in front of the port.",
        examples=["https://hooks.example.com/leadgauge"],
    )
    port: int = Field(
        default=9465, ge=0, le=65535, description="The port to listen on. 0 picks a free port and logs it."
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address to listen on. The default accepts local connections only, such as those of a proxy.",
    )

    def address_of(self, connection: str) -> str:
        """Return the address that HubSpot calls for a connection."""
        return f"{self.address.rstrip('/')}/{connection}"


class Daemon(Strict):
    """How the daemon supervises its passes and watches its files."""

    stuck_after: Span = Field(
        default=timedelta(hours=1),
        ge=timedelta(minutes=1),
        description="A pass that reads no page, scores no lead and writes no row for this long is stopped and counts"
        " as failed. The total time of a pass has no limit.",
    )
    passes: int = Field(
        default=8,
        ge=1,
        le=200,
        description="How many connections are read, scored and written at the same time; the others wait for their"
        " turn. More need more memory and more connections to the database.",
    )
    settle: Span = Field(
        default=timedelta(seconds=2),
        le=timedelta(minutes=1),
        description="A changed settings file, scorecard or likelihood is read after it has not changed for this long,"
        " because a half-written file can be valid.",
    )


class Log(Strict):
    """What leadgauge logs to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The lowest level that is logged."
    )
    format: Literal["text", "json"] = Field(
        default="text", description="`text` for people, or `json` for log collectors: one object per line."
    )


class Traces(Strict):
    """Where traces go, by OpenTelemetry's protocol over HTTP."""

    endpoint: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#]+$",
        description="The address of the collector. Without it, OpenTelemetry's own environment variables say it, such"
        " as `OTEL_EXPORTER_OTLP_ENDPOINT`.",
        examples=["http://localhost:4318"],
    )
    share: Share = Field(default=1.0, description="The share of the passes that are traced.")


class Write(Strict):
    """What is written to the CRM, and the limits that stop unexpected changes."""

    dead_band: int = Field(
        default=3,
        ge=1,
        le=1000,
        description="A number is written again when it has moved by at least this many points since the last write, or"
        " when grade, stage, urgency, priority or status changes. 1 writes every change.",
    )
    guard: Share = Field(
        default=0.25,
        description="A pass that would change the grade or priority of more than this share of the leads stops before"
        " it writes, says why and waits for `--accept`. `100%` turns this guard off.",
    )
    first: Literal["ask", "go"] = Field(
        default="ask",
        description="Whether the first write of a scorecard is asked for. `ask`: a pass reads and scores, says how many"
        " leads it would write and waits for `backfill --yes` or `sync --accept`. `go`: it writes at once.",
    )
    drift: Literal["report", "mend"] = Field(
        default="report",
        description="What to do with output fields that somebody else changed in the CRM. Each full listing"
        " (`reconcile`, `backfill`) finds them. `report` says how many leads and which fields; `mend` writes them"
        " again, once. If this affects more than `guard` of the leads, it waits for `--accept`.",
    )
    outside: Literal["empty", "mark", "keep"] = Field(
        default="empty",
        description="What to do with the output fields of a lead that leaves the filter of the settings: `empty` them,"
        " `mark` it by the status `out of scope` and empty the others, or `keep` them as they are. If this affects more"
        " than `guard` of the leads, it waits for `--accept`.",
    )
    quiet_rows: int = Field(default=1000, ge=1, description="The most leads that `backfill --quiet` writes per minute.")


class Schedule(Strict):
    """When the daemon runs its jobs: at an interval, at a time of day, on a weekday, or by a crontab line."""

    sync: When = Field(
        default=Timing("5m"), description="When to read changes from the CRM, score them and write the results."
    )
    refresh: When = Field(
        default=Timing("02:30"),
        description="When to score again those leads about whom time alone may have changed what is written. Points"
        " decay with time even if nothing happens.",
    )
    sweep: When = Field(
        default=Timing("sun 04:30"),
        description="When to score all leads again, whether or not time alone can have changed what is written, and to"
        " compare what likelihoods expected with what came.",
    )
    reconcile: When = Field(
        default=Timing("sun 03:00"),
        description="When to list all leads of the CRM and compare them, to find changes that `sync` missed.",
    )
    feed: Literal["always", "received", "off"] = Field(
        default="off",
        description="Whether the daemon listens to the CRM's feed of changes, by which a change is scored and written"
        " within seconds instead of with the next `sync`. What the feed misses, `sync` brings. With `received` it only"
        " takes the webhooks that HubSpot sends to `receive`; with `always` both. [Feeds](feeds.md) says what it needs"
        " and costs.",
    )
    timezone: Zone = Field(default=ZoneInfo("UTC"), description="The time zone of the schedules.")


class Calibrate(Strict):
    """What `calibrate` predicts. The CRM's own section says what counts as a conversion."""

    outcomes: tuple[str, ...] | None = Field(
        default=None,
        min_length=1,
        description="The names of the outcomes to count, if the CRM has several. Default: all of them.",
    )
    horizon: Span | None = Field(
        default=None,
        description="How far ahead to predict a conversion. Default: 90d, or 30d to 60d if half of the leads that"
        " convert do so within 15 or 30 days. `calibrate` suggests a value.",
    )

    @field_validator("outcomes", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


class ScorecardUse(Strict):
    """A scorecard that a connection uses."""

    file: LocalFile = Field(description="The scorecard's file, relative to the settings file.")
    prefix: str = Field(
        default="",
        pattern=r"^([a-z][a-z0-9_]{0,19})?$",
        description="A prefix for the names of the output fields, so that several scorecards can be used together.",
    )
    likelihood: LocalFile | None = Field(
        default=None,
        description="The file that `calibrate` writes. `lead_likelihood` is written once it exists.",
    )
    accounts_likelihood: LocalFile | None = Field(
        default=None,
        description="The file that `calibrate --of accounts` writes. `account_likelihood` is written once it exists.",
    )
    _card: Scorecard | None = PrivateAttr(default=None)

    @property
    def card(self) -> Scorecard:
        """The scorecard in this file, as of when the settings were loaded."""
        assert self._card is not None, "settings come from config.load_settings, which loads their scorecards"
        return self._card

    def likelihood_of(self, of: Of) -> Path | None:
        """Return the file with the likelihood of leads, or of accounts."""
        return self.likelihood if of == "leads" else self.accounts_likelihood

    def card_of(self, of: Of) -> Scorecard | None:
        """Return the scorecard for leads, or the part of it for accounts; None if it scores no accounts."""
        if of == "leads":
            return self.card
        return self.card.company if self.card.accounts is not None and self.card.accounts.scored else None

    @property
    def of_accounts(self) -> Mapping[str, FieldType]:
        """The fields of accounts that the scorecard declares, with their types."""
        return {} if self.card.accounts is None else self.card.accounts.fields


class Connection(Strict):
    """The options that connections to all CRMs share."""

    scorecards: tuple[ScorecardUse, ...] = Field(
        min_length=1, description="The scorecards to apply. For a single one, write `scorecard: FILE` instead."
    )
    write: Write = Field(default=Write(), description="What is written, and the limits that stop unexpected changes.")
    schedule: Schedule = Field(default=Schedule(), description="When the daemon runs its jobs.")
    calibrate: Calibrate = Field(default=Calibrate(), description="What `calibrate` predicts.")
    capacity: int | None = Field(
        default=None,
        ge=1,
        description="How many leads your people call in a week. `plan` says down to which priority that reaches.",
    )
    brake: Share = Field(
        default=0.05,
        description="If the CRM's answers in one pass lack more than this share of the leads, or of the activities of"
        " a kind (and more than 20), these are kept, `status` says so, and their removal waits for `sync --accept`."
        " `100%` turns this limit off.",
    )
    keep: Span = Field(
        default=timedelta(days=400),
        description="How long to keep history: field values from before each run (for `undo`) and past results of each"
        " lead (for `explain --history`).",
    )

    outputs: Switches = Field(
        default={},
        description="The output fields to create and write: `all`, or what differs from the default, such as"
        " `{lead_score: true, lead_grade: false}`. By default: "
        + ", ".join(f"`{name}`" for name in DEFAULTS if name != SCORED_AT)
        + f"; `{SCORED_AT}` is always written. Fields of accounts are called `account_…` instead of `lead_…`, have the"
        " same defaults, and are written if the scorecard scores `accounts`.",
    )
    exclude: dict[Name, LeadCondition] = Field(
        default={},
        description="People who must not be scored: conditions on mapped fields, as in a scorecard, each under a name"
        " that you choose. Nothing about them is kept but what recognises them, and their output fields are emptied"
        " once.",
    )

    feedback: Feedback | None = None
    """What sales says; each CRM's settings tell where."""
    notify: Notify | None = Field(
        default=None, description="Whom to tell about leads, and about passes that need a person. Nobody unless given."
    )

    warehouse: Warehouse | None = Field(
        default=None,
        description="A database or files beside the CRM, in which more is known about its leads. None unless given.",
    )
    report: Reporting = Field(
        default=Reporting(), description="What `leadgauge report` shows by team, person and source, and the promise."
    )

    _place: tuple[Document, str] | None = PrivateAttr(default=None)

    @model_validator(mode="before")
    @classmethod
    def _one_scorecard(cls, data: Any) -> Any:
        """Read `scorecard: FILE` as a list with one entry."""
        if not isinstance(data, Mapping) or "scorecard" not in data:
            return data
        if "scorecards" in data:
            raise ValueError("both `scorecard` and `scorecards` are given: keep one of them")
        rest = {key: value for key, value in data.items() if key != "scorecard"}
        return rest | {"scorecards": [{"file": data["scorecard"]}]}

    def writes(self, output: Output, use: "ScorecardUse", of: Of = "leads") -> bool:
        """Return whether an output of a scorecard, or of its accounts, is written to the CRM."""
        if self.outputs == "all" or output.name == SCORED_AT:
            return True
        card = use.card_of(of)
        needed = {SCORE: card is not None and card.priority is None}  # else nothing would rank them
        needed |= {LIKELIHOOD: use.likelihood_of(of) is not None}
        if of == "leads":
            needed |= {STATUS: self.write.outside == "mark"}
        return self.outputs.get(field_of(output.name, of), output.default or needed.get(output.name, False))

    @model_validator(mode="after")
    def _can_mark(self) -> Self:
        if self.outputs != "all" and self.write.outside == "mark" and not self.outputs.get(STATUS, True):
            raise ValueError(f"`write.outside: mark` writes {STATUS}: remove `{STATUS}: false`, or do not mark")
        return self

    @model_validator(mode="after")
    def _distinct_prefixes(self) -> Self:
        prefixes = [use.prefix for use in self.scorecards]
        if len(set(prefixes)) < len(prefixes):
            raise ValueError("two scorecards would write the same fields: give each its own `prefix`")
        return self

    def mistake(self, path: Path_, message: str, remedy: str = "") -> Mistake:
        """Return a mistake that points at an option of this connection in its file."""
        if self._place is None:
            return Mistake("the settings", None, ".".join(map(str, path)), message, remedy)
        document, name = self._place
        return document.mistake(("connections", name, *path), message, remedy)

    def holds(self, path: Path_) -> bool:
        """Return whether the settings file has the option at this path."""
        if self._place is None:
            return False
        document, name = self._place
        return ("connections", name, *path) in document.lines

    @property
    def wanted(self) -> dict[str, FieldType]:
        """The fields that scorecards declare, `exclude` tests, `notify` and `report` ask for, with types, and feedback.

        Those of accounts begin with `account.`.
        """
        declared = {name: type_ for use in self.scorecards for name, type_ in use.card.fields.items()}
        declared |= {ACCOUNT + name: kind for use in self.scorecards for name, kind in use.of_accounts.items()}
        owners: dict[str, FieldType] = dict.fromkeys([*self.owner_fields, *self.report.fields], "text")
        owners |= {FEEDBACK: "text"} if self.feedback else {}
        return owners | dict(pair for one in self.exclude.values() for pair in fields_of(one)) | declared

    @property
    def in_crm(self) -> dict[str, FieldType]:
        """The fields of `wanted` that are not in the warehouse."""
        return {name: kind for name, kind in self.wanted.items() if name not in self.in_warehouse}

    @property
    def in_warehouse(self) -> Mapping[str, str]:
        """The fields that the warehouse has, each with the option that maps it."""
        return self.warehouse.mapped if self.warehouse else {}

    @property
    def owner_fields(self) -> list[str]:
        """The mapped fields that hold the owners of leads and, where these are scored and mapped, of accounts."""
        named = self.notify.owner_fields if self.notify else ()
        scored = any(use.card_of("accounts") for use in self.scorecards)
        mapped = dict(self)["accounts"] if scored else {}  # an option of each CRM
        return [*named, *(ACCOUNT + name for name in named if name in mapped)]

    @property
    def by_domain(self) -> dict[str, str] | None:
        """The fields of `lead` and `account` by whose domain leads belong to accounts, if a scorecard names any."""
        named = (use.card.accounts.by_domain for use in self.scorecards if use.card.accounts is not None)
        found = next((one for one in named if one is not None), None)
        return None if found is None else {"lead": found.lead, "account": ACCOUNT + found.account}

    @property
    def of_deals(self) -> dict[str, FieldType]:
        """The fields of deals that the scorecards declare and `report` asks for, with their types."""
        told = dict(self.report.of_deals(dict(self)["deals"]))  # an option of each CRM
        return told | {name: type_ for use in self.scorecards for name, type_ in use.card.deals.items()}


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
        description="The database that keeps the state: `sqlite:///FILE`, relative to the settings file, or"
        " `postgresql://USER@HOST/NAME`. `${NAME}` is replaced by the environment variable NAME.",
    )
    metrics: Metrics | None = Field(
        default=None, description="The daemon's health check and metrics. Off unless given."
    )
    pages: Pages | None = Field(
        default=None, description="The pages for people who answer for the score. Off unless given."
    )
    receive: Receive | None = Field(
        default=None,
        description="Where the daemon takes [webhooks that HubSpot sends](feeds.md#webhooks). Off unless given.",
    )
    daemon: Daemon = Field(default=Daemon(), description="How the daemon supervises its passes and watches its files.")
    cluster: ClusterOptions | None = Field(
        default=None,
        description="Other machines, or more processes of this one, that score everyone together. Needs PostgreSQL."
        " This process alone unless given.",
    )
    log: Log = Field(default=Log(), description="What is logged to standard error.")
    traces: Traces | None = Field(
        default=None,
        description="[Traces](operations.md#traces) of passes and calls; they need the extra `traces`. Off unless given"
        " here or by `OTEL_EXPORTER_OTLP_ENDPOINT`.",
    )
    connections: dict[Name, Annotated[AnyConnection, Field(discriminator="crm")]] = Field(
        min_length=1, description="The CRMs to connect to, each under a name that you choose."
    )
    _document: Document | None = PrivateAttr(default=None)

    @field_validator("cluster")
    @classmethod
    def _shared_database(cls, value: ClusterOptions | None, info: ValidationInfo) -> ClusterOptions | None:
        database = info.data.get("database")
        if value is not None and isinstance(database, DatabaseAddress) and database.url.startswith(SQLITE):
            raise ValueError(
                "the database is SQLite, which one process of one machine writes to: write"
                " `database: postgresql://USER@HOST/NAME`, or remove `cluster`"
            )
        return value

    @property
    def document(self) -> Document:
        """The file that these settings were loaded from, with line numbers."""
        assert self._document is not None, "settings come from config.load_settings"
        return self._document

    @property
    def database_url(self) -> str:
        """The database address with its password. Never log or print it."""
        return self.database.url
