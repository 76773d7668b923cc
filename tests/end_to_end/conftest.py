"""A CRM on loopback, settings for it, and leadgauge run against both."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from ruamel.yaml import YAML
from starlette.applications import Starlette

import config
from config import load_settings
from pipeline.connect import output_fields
from pipeline.job import Job, opened
from pipeline.lease import leased
from pipeline.passes import Kind, Orders, Pass, Report
from sandbox.hubspot import create_app
from sandbox.population import Population
from sandbox.server import serve

SHIPPED = Path(config.__file__).parent
NOW = 1_793_000_000_000


@dataclass
class Stage:
    """A sandbox CRM with some leads, and a folder with settings that point at it."""

    crm: str
    app: Starlette
    url: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def settings_file(self) -> Path:
        return self.folder / "leadgauge.yaml"

    def configure(self, change: Callable[[dict[str, Any]], None] | None = None, database: str | None = None) -> None:
        """Write the shipped settings of the CRM, pointed at the sandbox, with a change of the connection."""
        yaml = YAML()
        settings = yaml.load(SHIPPED / f"leadgauge-{self.crm}.yaml")
        connection = settings["connections"]["main"]
        connection["base_url"] = self.url
        connection["token"] = {"env": "LEADGAUGE_TEST_TOKEN"}
        if change:
            change(connection)
        if database:
            settings["database"] = database
        (self.folder / "b2b-saas.yaml").write_bytes((SHIPPED / "b2b-saas.yaml").read_bytes())
        yaml.dump(settings, self.settings_file)

    def job(self, stop: Event | None = None) -> Any:
        """Open the connection's job."""
        return opened(load_settings(self.settings_file), None, stop)

    def do(self, kind: Kind, orders: Orders = Orders()) -> Report:  # noqa: B008 - frozen
        """Run one pass in this process."""
        with self.job() as job:
            return self.do_with(job, kind, orders)

    @staticmethod
    def do_with(job: Job, kind: Kind, orders: Orders = Orders()) -> Report:  # noqa: B008 - frozen
        with leased(job, kind.name, "test") as lease:
            return Pass(job, kind, lease, orders).run()

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "worker", words[0], "--settings", str(self.settings_file), *words[1:]]

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start `leadgauge …` as a process of its own."""
        return subprocess.Popen(
            self.command(*words),
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def leadgauge(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `leadgauge …` to its end."""
        return subprocess.run(
            self.command(*words),
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def provision(self) -> None:
        with self.job() as job:
            job.connector.provision(output_fields(job.connection.scorecards))

    def fields(self, *names: str) -> dict[str, dict[str, str | None]]:
        """Return what these properties hold in the CRM, by lead: read from its tables, not through our client."""
        table = self.app.state.portal.table("contacts")
        live = (record for record in table.records.values() if record.archived_at is None)
        return {str(record.id): {name: record.values.get(name) or None for name in names} for record in live}


@pytest.fixture
def hubspot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Stage]]:
    """Return what opens a sandbox HubSpot with so many leads."""
    with ExitStack() as stack:

        def open_stage(
            leads: int = 120, *, seed: int = 7, population: Population | None = None, **options: Any
        ) -> Stage:
            app = create_app(
                population or Population.generate(leads, seed), seed=seed, **{"rate_limit": False} | options
            )
            stage = Stage("hubspot", app, stack.enter_context(serve(app)), tmp_path)
            stage.environment["LEADGAUGE_TEST_TOKEN"] = app.state.portal.tokens.static
            monkeypatch.setenv("LEADGAUGE_TEST_TOKEN", app.state.portal.tokens.static)
            stage.configure()
            return stage

        yield open_stage
