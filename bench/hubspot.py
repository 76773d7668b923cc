"""Times the HubSpot connector: calls compared with the minimum, CPU, and how much of the burst limit it uses.

    python -m bench.hubspot [--leads 20000] [--seconds 30]

The sandbox runs in a separate process, so the CPU is only ours.
"""

import multiprocessing
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import ceil
from typing import Any

import click
from hubspot import HubSpot as Client
from rich.console import Console
from rich.table import Table
from urllib3.util.retry import Retry

from connectors.hubspot import HubSpot
from connectors.hubspot.settings import HubSpotSettings
from leadgauge_sandbox.hubspot.app import create_app
from leadgauge_sandbox.hubspot.portal import Portal
from leadgauge_sandbox.population import Population
from leadgauge_sandbox.server import run
from vocabulary.outputs import Output
from vocabulary.pages import Page
from vocabulary.writes import Row

SEED = 7
TOKEN = "BENCH_HUBSPOT_TOKEN"
FIELDS = {
    "job_title": "jobtitle",
    "country": "country",
    "email_domain": "hs_email_domain",
    "source": "hs_analytics_source",
    "stage": "lifecyclestage",
    "industry": "company.industry",
    "employees": "company.numberofemployees",
    "company_country": "company.country",
}
TYPES = {name: "number" if name == "employees" else "text" for name in FIELDS}
OUTPUTS = (
    *(Output(f"lead_{name}", f"Lead {name}", "number", "Points.") for name in ("score", "fit", "engagement")),
    *(
        Output(f"lead_{name}", f"Lead {name}", "choice", "Band.", choices=("A", "B", "C", "D", "F"))
        for name in ("grade", "readiness", "urgency", "priority")
    ),
    Output("lead_priority_index", "Index", "number", "0-100."),
    Output("lead_score_reasons", "Reasons", "text", "Why.", length=2000),
    Output("lead_score_status", "Status", "choice", "Status.", choices=("scored",)),
    Output("lead_scorecard", "Scorecard", "text", "Which."),
    Output("lead_scored_at", "Scored at", "time", "When."),
)
EVENTS_PAGE, EMAIL_PAGE, LIST_PAGE, SEARCH_PAGE, BATCH = 1000, 1000, 100, 200, 100


def serve(port: int, leads: int, latency: float, limited: bool) -> None:  # noqa: FBT001 - arguments of a process
    app = create_app(Population.generate(leads, SEED), seed=SEED, rate_limit=limited)
    app.state.gate.latency = latency
    run(app, port, lambda _: None)


@contextmanager
def sandbox(leads: int, latency: float = 0.0, *, limited: bool = False) -> Iterator[str]:
    """Run a sandbox in another process and yield its URL."""
    os.environ[TOKEN] = Portal(None, SEED).tokens.static
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(
        target=serve, args=(port, leads, latency, limited), daemon=True
    )
    process.start()
    try:
        _await(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.join()


def _await(port: int, process: Any) -> None:
    while process.is_alive():
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise click.ClickException("The sandbox did not start.")


def connect(url: str, **changes: Any) -> HubSpot:
    given = {"crm": "hubspot", "token": {"env": TOKEN}, "base_url": url, "fields": FIELDS, **changes}
    return HubSpot(HubSpotSettings.model_validate(given), TYPES, OUTPUTS)  # type: ignore[arg-type]  # literal names


def pull(connector: HubSpot, name: str, cursor: Any = None) -> list[Page]:
    stream = next(one for one in connector.streams() if one.name == name)
    return list(connector.pull(stream, cursor))


class Meter:
    """CPU, time and calls of a piece of work."""

    def __init__(self, connector: HubSpot) -> None:
        self._connector = connector
        self._began = time.process_time(), time.monotonic(), connector.budget().calls

    def read(self) -> tuple[float, float, int]:
        """Return CPU seconds, seconds and calls since the start."""
        cpu, clock, calls = self._began
        return time.process_time() - cpu, time.monotonic() - clock, self._connector.budget().calls - calls


def rows(leads: Sequence[str], score: int) -> list[Row]:
    reasons = "+20 Decision maker · +17 Pricing page (3x, last 2 d ago) · -10 Careers page"
    values: dict[str, Any] = {
        output.name: score if output.type == "number" else (output.choices[0] if output.choices else reasons)
        for output in OUTPUTS
        if output.type != "time"
    }
    return [Row(lead, values) for lead in leads]


def calls_and_cpu(leads: int, report: Table) -> None:
    """Full read, incremental read and write-back without latency."""
    with sandbox(leads) as url:
        connector = connect(url)
        connector.provision(OUTPUTS)
        both = meter = Meter(connector)
        accounts = sum(page.accounts.height for page in pull(connector, "companies"))
        _report(report, f"{accounts} companies, full", meter, ceil(accounts / LIST_PAGE), accounts)
        meter = Meter(connector)
        pages = pull(connector, "contacts")
        ids = [lead for page in pages for lead in page.leads["lead"]]
        _report(report, f"{len(ids)} contacts, full", meter, ceil(len(ids) / LIST_PAGE), len(ids))
        _report(report, "both", both, ceil(accounts / LIST_PAGE) + ceil(len(ids) / LIST_PAGE), accounts + len(ids))
        _activities(connector, report)
        time.sleep(2)
        meter = Meter(connector)
        taken = sum(len(batch) for batch in connector.push(rows(ids, 42)))
        _report(report, f"{taken} rows written", meter, ceil(taken / BATCH), taken)
        time.sleep(2)
        cursor = pull(connect(url), "contacts")[-1].cursor
        changed = ids[: len(ids) // 4]
        time.sleep(2)
        list(connector.push(rows(changed, 43)))
        meter = Meter(connector)
        seen = {lead for page in pull(connector, "contacts", cursor) for lead in page.leads["lead"]}
        assert set(changed) <= seen
        _report(report, f"{len(seen)} contacts, changed", meter, ceil(len(seen) / SEARCH_PAGE), len(seen))
        connector.close()


def _activities(connector: HubSpot, report: Table) -> None:
    for name, page in (("events.e_visited_page", EVENTS_PAGE), ("email_events.OPEN", EMAIL_PAGE), ("calls", LIST_PAGE)):
        meter = Meter(connector)
        pages = pull(connector, name)
        count = sum(one.activities.height for one in pages)
        names = {activity for one in pages for activity in one.activities["name"]} if name.startswith("email") else ()
        _report(report, f"{count} activities, {name}", meter, max(ceil(count / page), 1) + len(names), count)


def _report(report: Table, what: str, meter: Meter, floor: int, count: int) -> None:
    cpu, clock, calls = meter.read()
    each = cpu / max(count, 1) * 100_000
    report.add_row(what, str(calls), str(floor), f"{calls / floor:.3f}", f"{each:.1f} ms", f"{clock:.1f} s")


def models(leads: int, report: Table) -> None:
    """Read the same pages through the client's own models."""
    with sandbox(min(leads, 5000)) as url:
        client = Client(access_token=os.environ[TOKEN], host=url, retry=Retry(3))
        api = client.crm.contacts.basic_api
        properties = [name for name in FIELDS.values() if not name.startswith("company.")]
        began, count, calls, after = time.process_time(), 0, 0, None
        while True:
            page = api.get_page(limit=100, after=after, properties=properties)
            count, calls = count + len(page.results), calls + 1
            if page.paging is None:
                break
            after = page.paging.next.after
        each = (time.process_time() - began) / count * 100_000
        report.add_row(f"{count} contacts, client's models", str(calls), str(calls), "1.000", f"{each:.1f} ms", "")


def burst(seconds: float, leads: int, report: Table) -> None:
    """Read only contacts, and write, with a server that takes 150 ms per call and allows 190 calls per 10 s."""
    with sandbox(leads, 0.15, limited=True) as url:
        connector = connect(url)
        connector.provision(OUTPUTS)
        ids = [lead for page in pull(connector, "contacts") for lead in page.leads["lead"]]
        contacts = next(one for one in connector.streams() if one.name == "contacts")
        for what, work in (
            ("contacts read", lambda: connector.pull(contacts, None)),
            ("contacts written", lambda: connector.push(rows(ids, int(time.time()) % 100))),
        ):
            time.sleep(10)
            meter = Meter(connector)
            _keep_at_it(work, time.monotonic() + seconds)
            cpu, clock, calls = meter.read()
            rate = calls / clock
            report.add_row(what, f"{calls} in {clock:.0f} s", f"{rate:.1f}", f"{rate / 19:.0%}", f"{cpu / clock:.1%}")
        connector.close()


def _keep_at_it(work: Callable[[], Iterator[Any]], stop: float) -> None:
    while True:
        for _ in work():
            if time.monotonic() > stop:
                return


@click.command()
@click.option("--leads", default=20_000, show_default=True)
@click.option("--seconds", default=40.0, show_default=True, help="How long to measure the burst limit.")
def main(leads: int, seconds: float) -> None:
    report = Table("what", "calls", "floor", "calls / floor", "CPU per 100", "time")
    calls_and_cpu(leads, report)
    models(leads, report)
    console = Console(width=120)
    console.print(report)
    limited = Table("150 ms a call, 190 calls in 10 s", "calls", "a second", "of the limit", "CPU of one core")
    burst(seconds, leads, limited)
    console.print(limited)


if __name__ == "__main__":
    main()
