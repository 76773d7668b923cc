"""`leadgauge demo`: everything on made-up leads, on this machine."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import polars as pl
import requests
from rich.table import Table
from ruamel.yaml import YAML

from commands.common import console, stop_on_signal
from commands.init import SETTINGS, SHIPPED, starting_files
from commands.progress import observer
from commands.provision import table as provisioned_table
from config import load_settings
from pipeline.connect import output_fields
from pipeline.job import Job, opened
from pipeline.lease import leased
from pipeline.passes import BACKFILL, Pass, PassOptions, Report

SCORECARD: Final = "b2b-saas"
SHOWN: Final = 15
COLUMNS: Final = ("lead_priority", "lead_score", "lead_grade", "lead_readiness", "lead_urgency", "lead_score_reasons")

RECORDS: Final = {"hubspot": "contacts", "salesforce": "records"}
"""Where the sandbox's page of a record is."""
NAMES: Final = {"hubspot": "HubSpot", "salesforce": "Salesforce"}


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox: its URL, and the credentials it printed."""

    url: str
    printed: dict[str, str]


@click.command("demo")
@click.option("--crm", type=click.Choice(["hubspot", "salesforce"]), default="hubspot", show_default=True)
@click.option("--leads", type=click.IntRange(1), default=2000, show_default=True, help="How many leads to make up.")
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed makes the same leads.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    default=".demo",
    show_default=True,
    help="Deleted and created again.",
)
@click.option("--live", is_flag=True, help="Then run the daemon with the CRM's feed: a request is scored in seconds.")
def command(crm: str, leads: int, seed: int, folder: Path, *, live: bool) -> None:
    """Start a sandbox CRM, provision, backfill, show the most urgent leads, then backfill again and write nothing.

    Example: leadgauge demo --crm salesforce
    """
    out = console()
    with stop_on_signal() as stop, sandbox(crm, leads, seed) as running:
        click.echo(f"A sandbox {crm} with {leads:,} leads listens at {running.url}")
        file = write_settings(crm, running, folder, live=live)
        settings = load_settings(file)
        with opened(settings, None, stop) as job:
            out.print(provisioned_table(job.connector.provision(output_fields(job.connection))))
            first = backfill(job)
            ranked = job.scorecards[0].outbox.top(leads)
            urgent = ranked.head(SHOWN)
            out.print(urgent_table(urgent))
            second = backfill(job)
            mirrored, calls = job.mirror.counts().leads, job.connector.budget().calls
        click.echo(f"The first backfill wrote {first.tally.written:,} leads, the second {second.tally.written:,}.")
        first_lead = str(urgent["lead"][0]) if len(urgent) else None
        click.echo(where_next(file, first_lead))
        if live:
            with daemon(file) as process:
                click.echo(what_to_watch(crm, running.url, ranked))
                while process.poll() is None and not stop.wait(1):
                    pass
        elif sys.stdin.isatty() and sys.stdout.isatty():
            click.echo(pages(crm, running.url, first_lead))
            stop.wait()
    click.echo(
        f"demo ok: leads={mirrored} written={first.tally.written} rewritten={second.tally.written} calls={calls}"
    )


@contextmanager
def sandbox(crm: str, leads: int, seed: int, *options: str) -> Iterator[Sandbox]:
    """Run `leadgauge sandbox` in a separate process."""
    order = [sys.executable, "-m", "worker", "sandbox", crm, "--port", "0", "--leads", str(leads), "--seed", str(seed)]
    with subprocess.Popen([*order, *options], stdout=subprocess.PIPE, text=True, start_new_session=True) as process:  # noqa: S603 - ours
        try:
            yield _announced(process)
        finally:
            process.terminate()


def _announced(process: subprocess.Popen[str]) -> Sandbox:
    """Read the URL and the credentials that the sandbox prints when it starts; the URL of its web page is last."""
    assert process.stdout is not None
    printed: dict[str, str] = {}
    for line in process.stdout:
        name, _, value = line.strip().partition(" ")
        printed[name.lower()] = value
        if "page" in printed:
            return Sandbox(printed["page"].rstrip("/"), printed)
    raise click.ClickException("the sandbox exited before it was ready; see its message above")


@contextmanager
def daemon(settings: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run `leadgauge run` in a separate process."""
    order = [sys.executable, "-m", "worker", "run", "--settings", str(settings)]
    with subprocess.Popen(order, start_new_session=True) as process:  # noqa: S603 - ours
        try:
            yield process
        finally:
            process.terminate()


def hubspot_feed(running: Sandbox) -> dict[str, Any]:
    """Return the settings of the sandbox HubSpot's feed."""
    app = requests.get(f"{running.url}/_sandbox/tokens", timeout=10).json()
    os.environ["LEADGAUGE_DEMO_APP"] = app["client_secret"]
    return {"client_id": app["client_id"], "client_secret": {"env": "LEADGAUGE_DEMO_APP"}}


def salesforce_feed(running: Sandbox) -> dict[str, Any]:
    """Return the settings of the sandbox Salesforce's feed: with more than five objects, for its web forms."""
    requests.post(f"{running.url}/_sandbox/feed", json={"entities": None}, timeout=10).raise_for_status()
    return {"endpoint": running.printed["feed"], "most_objects": 20}


FEED: Final = {"hubspot": hubspot_feed, "salesforce": salesforce_feed}


def hubspot_access(running: Sandbox) -> dict[str, Any]:
    """Return the settings that sign in to the sandbox HubSpot."""
    os.environ["LEADGAUGE_DEMO_TOKEN"] = running.printed["token"]
    return {"token": {"env": "LEADGAUGE_DEMO_TOKEN"}}


def salesforce_access(running: Sandbox) -> dict[str, Any]:
    """Return the settings that sign in to the sandbox Salesforce."""
    credentials = requests.get(f"{running.url}/_sandbox/credentials", timeout=10).json()
    names = {"consumer_key": "LEADGAUGE_DEMO_KEY", "consumer_secret": "LEADGAUGE_DEMO_SECRET"}
    for name, variable in names.items():
        os.environ[variable] = credentials[name]
    activities = YAML(typ="safe").load(SHIPPED / "sandbox-salesforce.yaml")
    activities["pardot"]["host"] = running.url
    secrets = {name: {"env": variable} for name, variable in names.items()}
    return {"auth": {"flow": "client_credentials"} | secrets, "activities": activities}


ACCESS: Final = {"hubspot": hubspot_access, "salesforce": salesforce_access}


def write_settings(crm: str, running: Sandbox, folder: Path, *, live: bool = False) -> Path:
    """Replace the folder with the files that `init` writes, pointed at the sandbox."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in starting_files(crm, SCORECARD).items():
        (folder / name).write_text(text, encoding="utf-8")
    yaml, file = YAML(), folder / SETTINGS
    settings = yaml.load(file)
    connection = settings["connections"]["main"]
    connection.update({"base_url": running.url, "outputs": "all"} | ACCESS[crm](running))
    if live:
        connection["feed"] = FEED[crm](running)
        connection.setdefault("schedule", {})["feed"] = "always"
    yaml.dump(settings, file)
    return file


def backfill(job: Job) -> Report:
    """Run one backfill with a progress bar."""
    with leased(job, "demo") as lease:
        return Pass(job, BACKFILL, lease, PassOptions(yes=True), observer()).run()


def urgent_table(urgent: pl.DataFrame) -> Table:
    """Return the most urgent leads and why they are urgent."""
    table = Table(title=f"The {SHOWN} most urgent leads", title_justify="left")
    for heading in ("Lead", "Priority", "Score", "Grade", "Readiness", "Urgency", "Why"):
        table.add_column(heading, justify="right" if heading == "Score" else "left")
    for row in urgent.iter_rows(named=True):
        table.add_row(row["lead"], *("" if row[name] is None else str(row[name]) for name in COLUMNS))
    return table


def where_next(settings: Path, lead: str | None) -> str:
    """Return the commands to try on what the demo left behind; none of them needs the sandbox."""
    program = sys.argv[0] if Path(sys.argv[0]).name == "leadgauge" else "leadgauge"
    folder = settings.parent
    steps = {
        f"leads -s {settings}": "the leads by urgency",
        f"explain {lead} -s {settings}": "each line of the first one's score",
        f"plan -s {settings} --html {folder / 'plan.html'}": f"what an edit of {folder / SCORECARD}.yaml would change",
        f"report -s {settings} --html {folder / 'report.html'}": "whether the score is right, once months have passed",
        f"pages -s {settings}": "all of it in a browser: leads, scorecard, runs, report",
        f"calibrate -s {settings} --report {folder / 'calibration.html'}": "points learned from the conversions",
    }
    tried = {f"{program} {step}": why for step, why in steps.items() if lead or not step.startswith("explain")}
    width = max(map(len, tried))
    return "\n".join(["Where to look next:", *(f"  {step:{width}}  # {why}" for step, why in tried.items())])


def pages(crm: str, url: str, lead: str | None) -> str:
    """Return the addresses of the sandbox's pages, which are there until the demo ends."""
    shown = {f"{url}/": "all leads by priority"}
    if lead:
        what = f"the most urgent lead, with the component that you install in {NAMES[crm]}"
        shown[f"{url}/{RECORDS[crm]}/{lead}"] = what
    width = max(map(len, shown))
    lines = (f"  {address:{width}}  # {what}" for address, what in shown.items())
    return "\n".join(["In the CRM, as a seller sees it:", *lines, "Ctrl-C ends the demo."])


def what_to_watch(crm: str, url: str, ranked: pl.DataFrame) -> str:
    """Return the page of a lead that fits well and is not urgent yet, and what to do there."""
    fits = pl.col("lead_grade").str.head(1).is_in(["A", "B"])
    cold = ranked.filter(fits & pl.col("lead_priority").is_in(["P3", "P4"]))
    lead = (cold if len(cold) else ranked)["lead"][0]
    return (
        f"Open {url}/{RECORDS[crm]}/{lead} and click *Ask for a demo*: the daemon hears of it from the feed, and the"
        " new priority is on the page in seconds. Ctrl-C ends the demo."
    )
