"""A sandbox CRM on loopback, settings for it, and functions to run leadgauge with them.

`from tests.stage import crm, hubspot, salesforce` imports the fixtures; each returns a function that opens a stage.
"""

import logging
import os
import subprocess
import sys
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from types import TracebackType
from typing import IO, Any

import orjson
import pytest
import requests
from click.testing import CliRunner, Result
from ruamel.yaml import YAML
from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

import config
from commands.init import starting_files
from config import load_settings
from config.settings import Settings
from leadgauge_sandbox.hubspot import Clock as HubSpotClock
from leadgauge_sandbox.hubspot import create_app as create_hubspot
from leadgauge_sandbox.population import Population
from leadgauge_sandbox.salesforce import control
from leadgauge_sandbox.salesforce import create_app as create_salesforce
from leadgauge_sandbox.salesforce.calls import Call as SandboxCall
from leadgauge_sandbox.salesforce.clock import Clock as SalesforceClock
from leadgauge_sandbox.salesforce.mischief import set_fault
from leadgauge_sandbox.server import serve
from pipeline import clock
from pipeline.job import Job, opened
from pipeline.lease import leased
from pipeline.passes import Kind, Pass, PassOptions, Report
from pipeline.provisioning import provision
from store import Store
from tests.pauses import Hurried
from vocabulary.outputs import whose
from worker import main

SHIPPED = Path(config.__file__).parent
ORDERS = PassOptions()
LOGGERS = ("pipeline", "commands", "connectors", "store", "calibrate")
Fields = dict[str, dict[str, str | None]]


@dataclass
class Trapped:
    """An action for a call, after a number of calls whose path has this part."""

    left: int
    act: Callable[[], object]
    path: str


class Trap:
    """A proxy of a CRM that acts at the call with a given number, after it is processed and before the response.

    It also records the rows of leads that are written, and the names of the fields in them.
    """

    def __init__(self, app: Starlette) -> None:
        self._app = app
        self._waiting: list[Trapped] = []
        self.rows: list[tuple[str, frozenset[str]]] = []
        self.dates_itself = getattr(app, "dates_itself", False)

    def set(self, calls: int, act: Callable[[], object], path: str = "") -> None:
        """Only do `act`, once, at the call with that number from now, counting calls whose path has this part."""
        self.clear()
        self.add(calls, act, path)

    def add(self, calls: int, act: Callable[[], object], path: str = "") -> None:
        """Also do `act`."""
        self._waiting.append(Trapped(calls, act, path))

    @property
    def names(self) -> frozenset[str]:
        """The names of the fields written."""
        return frozenset(name for _, names in self.rows for name in names)

    def clear(self) -> None:
        """Remove all actions."""
        self._waiting = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def trapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._count(scope["path"])
            await send(message)

        async def heard() -> Message:
            message = await receive()
            if message.get("body"):
                self.rows += written_rows(scope["path"], message["body"])
            return message

        writes = scope["type"] == "http" and scope["method"] in ("POST", "PATCH")
        await self._app(scope, heard if writes else receive, trapped)

    def _count(self, path: str) -> None:
        for each in list(self._waiting):
            each.left -= each.path in path
            if not each.left and each in self._waiting:
                self._waiting.remove(each)
                each.act()


def written_rows(path: str, body: bytes) -> list[tuple[str, frozenset[str]]]:
    """Return the ids of the leads that a call writes, each with the names of its fields."""
    rows = {"/batch/update": "inputs", "/composite/sobjects": "records"}
    found = [key for end, key in rows.items() if path.endswith(end)]
    try:
        written = orjson.loads(body)[found[0]] if found else []
    except orjson.JSONDecodeError:  # only a part of a body
        return []
    leads = [row for row in written if row.get("attributes", {}).get("type") != "FieldPermissions"]
    return [(str(row.get("id")), frozenset(row.get("properties", row)) - {"attributes", "id"}) for row in leads]


class Started(subprocess.Popen[str]):
    """A process that is killed if its `with` block fails: a test waiting for it would never end."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill the process after an error, then wait for its end."""
        if error:
            self.kill()
        super().__exit__(kind, error, trace)


@dataclass
class Stage(ABC):
    """A sandbox CRM with some leads, and a folder with settings for it."""

    app: Starlette
    url: str
    folder: Path
    trap: Trap
    environment: dict[str, str] = field(default_factory=dict)
    database: str | None = None
    _read: dict[tuple[tuple[str, bytes], ...], Settings] = field(default_factory=dict)

    crm = ""

    @property
    def settings_file(self) -> Path:
        return self.folder / "leadgauge.yaml"

    def configure(
        self,
        change: Callable[[dict[str, Any]], None] | None = None,
        database: str | None = None,
        scorecard: str | None = None,
    ) -> None:
        """Write the shipped settings of the CRM, with the sandbox's URL and, from now on, a database.

        With a shipped scorecard: it, and the settings that `init` writes for it.
        """
        self.database = database or self.database
        yaml = YAML()
        settings = yaml.load(SHIPPED / f"leadgauge-{self.crm}.yaml")
        if scorecard:
            files = starting_files(self.crm, scorecard)
            settings = yaml.load(files["leadgauge.yaml"])
            (self.folder / f"{scorecard}.yaml").write_text(files[f"{scorecard}.yaml"], encoding="utf-8")
        connection = settings["connections"]["main"]
        connection["base_url"] = self.url
        connection.update(self.access())
        connection["outputs"] = "all"
        # All of the population's past: what just leaves the window would differ between one mirror and a later one.
        connection.setdefault("activities", {})["since"] = "1500d"
        if change:
            change(connection)
        connection.setdefault("write", {}).setdefault("first", "go")
        if self.database:
            settings["database"] = self.database
        (self.folder / "b2b-saas.yaml").write_bytes((SHIPPED / "b2b-saas.yaml").read_bytes())
        yaml.dump(settings, self.settings_file)

    def repoint(self, database: str) -> None:
        """Change only the database in the settings."""
        yaml = YAML()
        settings = yaml.load(self.settings_file)
        settings["database"] = self.database = database
        yaml.dump(settings, self.settings_file)

    @abstractmethod
    def access(self) -> dict[str, Any]:
        """Return the sign-in settings and put the secrets in the environment."""

    @abstractmethod
    def feed(self) -> dict[str, Any]:
        """Return the settings of the CRM's feed and put its secrets in the environment."""

    @abstractmethod
    def fields(self, *names: str) -> Fields:
        """Return the values of these outputs in the CRM, by lead: read from its tables, not with our client."""

    @abstractmethod
    def accounts(self, *names: str) -> Fields:
        """Return the values of these fields in the CRM, by account: read from its tables, not with our client."""

    @abstractmethod
    def addresses(self) -> dict[str, str]:
        """Return the lead of each e-mail address that only one lead has."""

    @abstractmethod
    def people(self) -> list[str]:
        """Return the leads in the order of their people, the same in every CRM."""

    @abstractmethod
    def gone(self) -> list[str]:
        """Return the leads in the recycle bin that can be restored."""

    def altered(self, since: datetime) -> set[str]:
        """Return the ids of activities that people changed or removed since then."""
        return set()

    @abstractmethod
    def secrets(self) -> tuple[str, ...]:
        """Return the texts that no log may contain: credentials and people's addresses."""

    @abstractmethod
    def meddle(self, record: str, output: str, value: str) -> None:
        """Write an output field of a lead, or of an account, as another user."""

    @abstractmethod
    def act(self, lead: str, kind: str) -> None:
        """Add an activity of a lead now."""

    @abstractmethod
    def edit(self, lead: str, *, student: bool) -> None:
        """Say whether a lead is a student, as a user does."""

    @abstractmethod
    def students(self) -> dict[str, str | None]:
        """Return whether leads are students, `true` or `false`, as far as the CRM knows."""

    @abstractmethod
    def delete(self, lead: str) -> None:
        """Move a lead to the recycle bin as a user does."""

    @abstractmethod
    def delete_account(self, account: str) -> None:
        """Move an account to the recycle bin as a user does."""

    @abstractmethod
    def restore(self, lead: str) -> None:
        """Restore a lead from the recycle bin as a user does."""

    @abstractmethod
    def erase(self, lead: str) -> None:
        """Erase a lead permanently, from the recycle bin too."""

    @abstractmethod
    def merge(self, primary: str, other: str) -> str:
        """Merge two leads as a user does, and return the one that there is then: in HubSpot, a new one."""

    def can_merge(self, one: str, other: str) -> bool:
        """Return whether the CRM can merge these leads: Salesforce merges only records of one object."""
        return True

    @abstractmethod
    def merge_accounts(self, primary: str, other: str) -> str:
        """Merge two accounts as a user does, and return the one that there is then."""

    @abstractmethod
    def refuse_some(self) -> None:
        """Make a rule of the CRM refuse writes to some leads."""

    @abstractmethod
    def calls(self) -> int:
        """Return the number of calls to the CRM."""

    @abstractmethod
    def slow(self, seconds: float) -> None:
        """Delay every call."""

    @abstractmethod
    def fault(self, name: str, argument: str | None = None, path: str = "", **limits: Any) -> None:
        """Switch a fault on for calls whose path has this part, with the limits of `leadgauge_sandbox.faults.Fault`."""

    @abstractmethod
    def calm(self) -> None:
        """Switch all faults off."""

    @property
    @abstractmethod
    def moment(self) -> datetime:
        """The CRM's time."""

    @abstractmethod
    def live(self, for_: timedelta, pace: float = 1.0) -> int:
        """Move the CRM's clock and let people act at a multiple of real time; return the number of changes."""

    def job(self, stop: Event | None = None, now: Callable[[], datetime] = clock.now) -> AbstractContextManager[Job]:
        """Open the connection's job, with short pauses between its calls."""
        return opened(self.settings(), None, stop or Hurried(), now)

    def settings(self) -> Settings:
        """Read the settings, once for each content of the files: it takes as long as a small pass."""
        files = tuple((file.name, file.read_bytes()) for file in sorted(self.folder.glob("*.yaml")))
        if files not in self._read:
            self._read[files] = load_settings(self.settings_file)
        return self._read[files]

    def do(self, kind: Kind, options: PassOptions = ORDERS, now: Callable[[], datetime] = clock.now) -> Report:
        """Run one pass in this process."""
        with self.job(now=now) as job, leased(job, kind.name, "test") as lease:
            return Pass(job, kind, lease, options).run()

    def command(self, *words: str) -> list[str]:
        return [words[0], "--settings", str(self.settings_file), *words[1:]]

    def start(self, *words: str, log: IO[str] | int = subprocess.PIPE) -> subprocess.Popen[str]:
        """Start `leadgauge …` as a separate process, killed if its `with` block fails."""
        return Started(
            [sys.executable, "-m", "worker", *self.command(*words)],
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )

    def leadgauge(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `leadgauge …` to its end in this process: a new one would spend its time on imports."""
        loggers = [(logger := logging.getLogger(name), logger.handlers, logger.propagate) for name in LOGGERS]
        done = CliRunner().invoke(main, self.command(*words), env=self.environment)
        for logger, handlers, propagate in loggers:
            logger.handlers, logger.propagate = handlers, propagate
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr + uncaught(done))

    def provision(self) -> None:
        file = self.folder / "leadgauge.db"
        if self.database is None and not file.exists():
            file.write_bytes(empty_database())
        with self.job() as job:
            provision(job)

    def _control(self, what: str, wish: dict[str, Any]) -> None:
        requests.post(f"{self.url}/_sandbox/{what}", json=wish, timeout=10).raise_for_status()

    def secret(self, variable: str, value: str) -> dict[str, str]:
        """Put a secret in the environment and return its reference for the settings."""
        os.environ[variable] = self.environment[variable] = value
        return {"env": variable}


class HubSpotStage(Stage):
    """A sandbox HubSpot."""

    crm = "hubspot"

    def access(self) -> dict[str, Any]:
        return {"token": self.secret("LEADGAUGE_TEST_TOKEN", self.app.state.portal.tokens.static)}

    def feed(self) -> dict[str, Any]:
        client = self.app.state.portal.tokens.client
        return {"client_id": client.client_id, "client_secret": self.secret("LEADGAUGE_TEST_APP", client.secret)}

    def fields(self, *names: str) -> Fields:
        return self._held("contacts", names)

    def accounts(self, *names: str) -> Fields:
        return self._held("companies", names)

    def _held(self, type_: str, names: Sequence[str]) -> Fields:
        records = list(self.app.state.portal.table(type_).records.values())  # the server may add some meanwhile
        live = (record for record in records if record.archived_at is None)
        return {str(record.id): {name: record.values.get(name) or None for name in names} for record in live}

    def addresses(self) -> dict[str, str]:
        return unique({lead: values["email"] for lead, values in self.fields("email").items()})

    def people(self) -> list[str]:
        return sorted(self.fields(), key=int)

    def gone(self) -> list[str]:
        records = self.app.state.portal.table("contacts").records.values()
        return [str(record.id) for record in records if record.archived_at is not None and self._free(record)]

    def altered(self, since: datetime) -> set[str]:
        return {str(record) for record in self.app.state.filling.deeds.altered}

    def _free(self, record: Any) -> bool:
        """Return whether no other record has the address, so that the record can be restored."""
        address = record.values.get("email")
        return not address or self.app.state.portal.table("contacts").find_by("email", address) is None

    def secrets(self) -> tuple[str, ...]:
        return (self.app.state.portal.tokens.static, *self.addresses())

    def meddle(self, record: str, output: str, value: str) -> None:
        portal = self.app.state.portal
        table = portal.table("contacts" if whose(output) == "leads" else "companies")
        table.change(table.find(int(record)), {output: value}, portal.clock.now(), "CRM_UI")

    def act(self, lead: str, kind: str) -> None:
        self._control("activities", {"contact": lead, "kind": kind})

    def edit(self, lead: str, *, student: bool) -> None:
        self._control("change", {"contact": lead, "values": {"is_student": "true" if student else "false"}})

    def students(self) -> dict[str, str | None]:
        return {lead: values["is_student"] for lead, values in self.fields("is_student").items()}

    def delete(self, lead: str) -> None:
        self.app.state.portal.archive(*self._contact(lead))

    def delete_account(self, account: str) -> None:
        table = self.app.state.portal.table("companies")
        self.app.state.portal.archive(table, table.find(int(account)))

    def restore(self, lead: str) -> None:
        self.app.state.portal.restore(*self._contact(lead, archived=True))

    def erase(self, lead: str) -> None:
        table, live = self._contact(lead)
        self.app.state.portal.erase(table, live or self._contact(lead, archived=True)[1])

    def merge(self, primary: str, other: str) -> str:
        return str(self.app.state.portal.merge(*self._contact(primary), self._contact(other)[1]).id)

    def merge_accounts(self, primary: str, other: str) -> str:
        table = self.app.state.portal.table("companies")
        return str(self.app.state.portal.merge(table, table.find(int(primary)), table.find(int(other))).id)

    def _contact(self, lead: str, *, archived: bool = False) -> tuple[Any, Any]:
        table = self.app.state.portal.table("contacts")
        return table, table.find(int(lead), archived=archived)

    def refuse_some(self) -> None:
        self.fault("bad-row")

    def calls(self) -> int:
        return int(sum(self.app.state.gate.calls.values()))

    def slow(self, seconds: float) -> None:
        self.app.state.gate.latency = seconds

    def fault(self, name: str, argument: str | None = None, path: str = "", **limits: Any) -> None:
        self.app.state.mischief.set(name, argument, path=path, **limits)

    def calm(self) -> None:
        self.app.state.mischief.clear()

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.app.state.portal.clock.now() / 1000, UTC)

    def live(self, for_: timedelta, pace: float = 1.0) -> int:
        clock = self.app.state.portal.clock
        clock.advance(int(for_.total_seconds() * 1000))
        return len(self.app.state.filling.step(clock.now(), pace))


class SalesforceStage(Stage):
    """A sandbox Salesforce."""

    crm = "salesforce"

    def access(self) -> dict[str, Any]:
        credentials = self.app.state.sandbox.credentials
        activities = YAML(typ="safe").load(SHIPPED / "sandbox-salesforce.yaml")
        activities["pardot"]["host"] = self.url
        auth = {
            "flow": "client_credentials",
            "consumer_key": self.secret("LEADGAUGE_TEST_KEY", credentials.consumer_key),
            "consumer_secret": self.secret("LEADGAUGE_TEST_SECRET", credentials.consumer_secret),
        }
        return {"auth": auth, "activities": activities}

    def feed(self) -> dict[str, Any]:
        self._control("feed", {"entities": None, "keepalive": 0.5})  # more than five objects, for web forms
        return {"endpoint": self.app.state.sandbox.feed.address, "most_objects": 20}

    def _live(self) -> Iterator[dict[str, Any]]:
        org = self.app.state.sandbox.org
        yield from (row for row in org.rows("Lead") if not row["IsConverted"])
        yield from org.rows("Contact")

    def fields(self, *names: str) -> Fields:
        return {row["Id"]: {name: plain(row.get(custom(name))) for name in names} for row in self._live()}

    def accounts(self, *names: str) -> Fields:
        rows = self.app.state.sandbox.org.rows("Account")
        return {row["Id"]: {name: plain(row.get(custom(name))) for name in names} for row in rows}

    def addresses(self) -> dict[str, str]:
        return unique({row["Id"]: row["Email"] for row in self._live()})

    def people(self) -> list[str]:
        return [row["Id"] for row in sorted(self._live(), key=lambda row: float(row["Person_Key__c"]))]

    def gone(self) -> list[str]:
        """Return leads, then contacts, each in order of id."""
        tables = self.app.state.sandbox.org.tables
        return [
            table.identifier(row)
            for table in (tables["Lead"], tables["Contact"])
            for row in table.find("IsDeleted", value=True)
            if not table.value(row, "MasterRecordId")
        ]

    def altered(self, since: datetime) -> set[str]:
        tables = self.app.state.sandbox.org.tables
        found = {name: changed(tables[name], since) for name in ACTIVITIES}
        return {
            str(tables[name].value(row, column) if column else tables[name].identifier(row))
            for name, column in ACTIVITIES.items()
            for row in found[name]
        } | {
            tables["CampaignMember"].identifier(row)
            for campaign in changed(tables["Campaign"], since)
            for row in tables["CampaignMember"].find("CampaignId", tables["Campaign"].identifier(campaign))
        }

    def secrets(self) -> tuple[str, ...]:
        return (self.app.state.sandbox.credentials.consumer_secret, *self.addresses())

    def meddle(self, record: str, output: str, value: str) -> None:
        self._ask(control.change, {"id": record, "values": {custom(output): value or None}})

    def change(self, record: str, **values: str | None) -> None:
        """Change fields of a record as a user does."""
        self._ask(control.change, {"id": record, "values": values})

    def act(self, lead: str, kind: str) -> None:
        keys = {row["Id"]: row["Person_Key__c"] for row in self._live()}
        self._control("activities", {"person": int(keys[lead]), "kind": kind})

    def edit(self, lead: str, *, student: bool) -> None:
        self._control("change", {"id": lead, "values": {"Is_Student__c": "true" if student else "false"}})

    def students(self) -> dict[str, str | None]:
        return {row["Id"]: row["Is_Student__c"] for row in self._live()}

    def delete(self, lead: str) -> None:
        self._ask(control.delete, {"id": lead})

    def delete_account(self, account: str) -> None:
        self.delete(account)

    def restore(self, lead: str) -> None:
        self._ask(control.restore, {"id": lead})

    def erase(self, lead: str) -> None:
        self._ask(control.erase, {"id": lead})

    def can_merge(self, one: str, other: str) -> bool:
        return one[:3] == other[:3]

    def merge(self, primary: str, other: str) -> str:
        self._ask(control.merge, {"survivor": primary, "loser": other})
        return primary

    def merge_accounts(self, primary: str, other: str) -> str:
        return self.merge(primary, other)

    def _ask(self, handler: Callable[[Any, SandboxCall], object], wish: dict[str, Any]) -> None:
        """Make the sandbox do something now, even during a call."""
        handler(self.app.state.sandbox, SandboxCall("POST", "/_sandbox", body=orjson.dumps(wish)))

    def refuse_some(self) -> None:
        self.fault("validation")

    def calls(self) -> int:
        return int(sum(self.app.state.sandbox.statistics.calls.values()))

    def slow(self, seconds: float) -> None:
        self.app.state.sandbox.latency = seconds

    def fault(self, name: str, argument: str | None = None, path: str = "", **limits: Any) -> None:
        set_fault(self.app.state.sandbox, name, argument, path=path, **limits)

    def calm(self) -> None:
        self.app.state.sandbox.faults.clear()

    @property
    def moment(self) -> datetime:
        now: datetime = self.app.state.sandbox.org.clock.now()
        return now

    def live(self, for_: timedelta, pace: float = 1.0) -> int:
        sandbox = self.app.state.sandbox
        sandbox.org.clock.advance(for_.total_seconds())
        return len(sandbox.living.step(sandbox.faults, pace))


def uncaught(done: Result) -> str:
    """Return the traceback that Python would print."""
    if done.exception is None or isinstance(done.exception, SystemExit):
        return ""
    return "".join(traceback.format_exception(done.exception))


@cache
def empty_database() -> bytes:
    """Return a file with our tables, to be copied: migrating each one is slow."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "leadgauge.db"
        Store.open(f"sqlite:///{file}").close()
        return file.read_bytes()


ACTIVITIES = {
    **dict.fromkeys(("Task", "Event", "CampaignMember", "Web_Visit__c", "Web_Action__c", "EmailMessage")),
    "EmailMessageRelation": "EmailMessageId",
}
"""The objects of Salesforce whose records are activities, with the field that holds the activity's id."""


def changed(table: Any, since: datetime) -> list[int]:
    """Return the rows of an object that were changed or erased since then."""
    stamps = enumerate(table.column("SystemModstamp"))
    return [row for row, stamp in stamps if row in table.purged or (stamp and stamp >= since)]


def custom(name: str) -> str:
    """Return the API name of an output's field."""
    return "_".join(word.capitalize() for word in name.split("_")) + "__c"


def plain(value: Any) -> str | None:
    """Format a value as HubSpot does, so that both CRMs can be compared."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return f"{value:g}" if isinstance(value, float) else str(value)


def unique(address_of: dict[str, str | None]) -> dict[str, str]:
    """Return the leads by address, without shared addresses."""
    leads: dict[str, list[str]] = {}
    for lead, address in address_of.items():
        if address:
            leads.setdefault(address.strip().lower(), []).append(lead)
    return {address: found[0] for address, found in leads.items() if len(found) == 1}


class Opener:
    """Opens stages for one test, each in its own folder."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack, self._folder = stack, folder

    def hubspot(
        self,
        leads: int = 120,
        *,
        population: Population | None = None,
        seed: int = 7,
        at: datetime | None = None,
        **options: Any,
    ) -> Stage:
        """Open a HubSpot with a number of leads or a population; `at` stops its clock until it is moved."""
        clock = HubSpotClock(milliseconds(at)) if at else None
        people = population or Population.generate(leads, seed, milliseconds(at) if at else None)
        return self._open(
            HubSpotStage, create_hubspot(people, seed=seed, clock=clock, **{"rate_limit": False} | options)
        )

    def salesforce(
        self,
        leads: int = 120,
        *,
        population: Population | None = None,
        seed: int = 7,
        at: datetime | None = None,
        **options: Any,
    ) -> Stage:
        """Open a Salesforce with a number of leads or a population; `at` stops its clock until it is moved."""
        clock = SalesforceClock(at) if at else None
        people = population or Population.generate(leads, seed, milliseconds(at) if at else None)
        return self._open(SalesforceStage, create_salesforce(people, seed=seed, clock=clock, **options))

    def _open(self, kind: type[Stage], app: Starlette) -> Stage:
        folder = self._folder / kind.crm
        folder.mkdir()
        trap = Trap(app)
        stage = kind(app, self._stack.enter_context(serve(trap)), folder, trap)
        stage.configure()
        return stage


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@pytest.fixture
def opener(tmp_path: Path) -> Iterator[Opener]:
    before = dict(os.environ)
    with ExitStack() as stack:
        yield Opener(stack, tmp_path)
    for name in os.environ.keys() - before.keys():
        del os.environ[name]


@pytest.fixture
def hubspot(opener: Opener) -> Callable[..., Stage]:
    """Return a function that opens a sandbox HubSpot with a number of leads."""
    return opener.hubspot


@pytest.fixture
def salesforce(opener: Opener) -> Callable[..., Stage]:
    """Return a function that opens a sandbox Salesforce with a number of leads."""
    return opener.salesforce


@pytest.fixture(params=["hubspot", "salesforce"])
def crm(request: pytest.FixtureRequest, opener: Opener) -> Callable[..., Stage]:
    """Return a function that opens a sandbox; its tests run on both CRMs."""
    opened_by: Callable[..., Stage] = getattr(opener, request.param)
    return opened_by
