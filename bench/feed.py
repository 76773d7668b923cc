"""How long a change in the CRM takes into its score there, with a daemon that listens to the CRM's feed.

People act at an even rate: they edit leads, ask for demos, log calls, meetings and tasks, join campaigns, add leads,
merge and delete. The time is taken of those changes that are bound to move a field: from the moment when the
sandbox has the change to the moment when it has the result. At the end, mirror and CRM must be those of polling alone.
"""

import logging
import random
import re
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, cast

import psutil
import requests
from prometheus_client.parser import text_string_to_metric_families

from pipeline.passes import BACKFILL, REFRESH, SYNC, PassOptions
from tests.chaos.kept import kept
from tests.chaos.seen import held_by_crm
from tests.end_to_end.test_daemon import figures, with_pages
from tests.stage import HubSpotStage, Opener, SalesforceStage, Stage, Trap, custom

LOOK = 0.03
"""Seconds between two looks at what the CRM has."""
LONGEST = 60.0
"""Seconds after which a field counts as not moved; `compare` tells whether anything was lost."""
REQUESTS = ("demo_request", "pricing_request")
COLD = 20.0
"""The engagement up to which a request is bound to raise it."""
ANEW = 500
"""After how many deeds it is looked anew which leads an edit is bound to move, since people come and go."""
DEEDS = {
    "hubspot": (
        *("log_engagement",) * 6,
        *("create_contact", "create_contact", "merge_contacts", "delete_contact"),
        *("link_engagement", "add_address", "edit_company"),
    ),
    "salesforce": (
        *("log_call", "log_call", "meet", "meet", "join_campaign", "respond", "visit"),
        *("create_lead", "create_contact", "merge_people", "delete_person", "edit_account"),
    ),
}


class Counting(Trap):
    """Counts the calls by path, with `*` for ids."""

    counts: ClassVar[Counter[str]] = Counter()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Count a call, then handle it."""
        if scope["type"] == "http" and not scope["path"].startswith("/_sandbox"):
            path = re.sub(r"/[0-9]{3,}(?=/|$)|/[0-9a-zA-Z]{15,18}(?=/|$)|/[^/]*\.json$", "/*", scope["path"])
            self.counts[f"{scope['method']} {path}"] += 1
        await super().__call__(scope, receive, send)


@dataclass
class People:
    """Those who act in a sandbox."""

    stage: Stage
    draw: random.Random
    session: requests.Session = field(default_factory=requests.Session)
    asked: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, tuple[float, str, Any, bool | None]] = field(default_factory=dict)
    """Since when a lead waits for which field to be another than this; whether it was made a student for that."""
    took: list[float] = field(default_factory=list)
    unmoved: list[str] = field(default_factory=list)
    """Fields that did not move: another change (a merge, an edit of the company) may have undone the first."""
    acted: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.leads: list[str] = []
        self._keys: dict[str, int] = {}
        if isinstance(self.stage, SalesforceStage):
            self._keys = {row["Id"]: int(row["Person_Key__c"]) for row in self.stage._live()}  # noqa: SLF001

    def act(self) -> None:
        """Let somebody do something."""
        if self.acted.total() % ANEW == 0:
            self._meet()
        lead = self.draw.choice(self.leads)
        if self.draw.random() < 0.5 or lead in self.waiting or not self._is_there(lead):
            self._deed(self.draw.choice(DEEDS[self.stage.crm]))
            return
        engagement = float(self._held(lead, "lead_engagement") or 0)
        is_cold = engagement <= COLD and self.asked.get(lead, 0) < len(REQUESTS)
        if is_cold and (not self._keys or lead in self._keys) and self.draw.random() < 0.4:
            self._ask(lead)
        else:
            self._edit(lead)

    def _meet(self) -> None:
        """Note whose fit is above 0, or was: no students from the start, so that an edit is bound to move it."""
        held = self.stage.fields("lead_fit")
        fit = {lead for lead, values in held.items() if float(values["lead_fit"] or 0) > 0}
        self.leads = sorted(fit | {lead for lead in self.leads if lead in held})

    def look(self) -> None:
        """Note which results have come."""
        for lead, (since, name, before, student) in list(self.waiting.items()):
            now = time.monotonic()
            if not self._is_there(lead) or student not in {None, self._is_student(lead)}:  # merged, or deleted
                del self.waiting[lead]
            elif self._held(lead, name) != before:
                self.took.append(now - since)
                del self.waiting[lead]
            elif now - since > LONGEST:
                self.unmoved.append(f"{lead} {name}")
                del self.waiting[lead]

    def are_served(self) -> bool:
        """Return whether all results have come."""
        self.look()
        return not self.waiting

    def _ask(self, lead: str) -> None:
        number = self.asked[lead] = self.asked.get(lead, 0) + 1
        who = {"person": self._keys[lead]} if self._keys else {"contact": lead}
        self._wait(lead, "lead_engagement", lambda: self._tell("activities", kind=REQUESTS[number - 1], **who))
        self.acted["requests"] += 1

    def _edit(self, lead: str) -> None:
        student = not self._is_student(lead)  # as it is now: a merge may have moved it
        if isinstance(self.stage, HubSpotStage):
            wish = {"contact": lead, "values": {"is_student": "true" if student else "false"}}
        else:
            wish = {"id": lead, "values": {"Is_Student__c": "true" if student else "false"}}
        self._wait(lead, "lead_fit", lambda: self._tell("change", **wish), student=student)
        self.acted["edits"] += 1

    def _deed(self, kind: str) -> None:
        self._tell("deeds", kind=kind, seed=self.draw.randrange(10**9))
        self.acted[kind] += 1

    def _wait(self, lead: str, name: str, act: Callable[[], None], *, student: bool | None = None) -> None:
        before = self._held(lead, name)
        act()
        self.waiting[lead] = (time.monotonic(), name, before, student)

    def _tell(self, what: str, **wish: Any) -> None:
        self.session.post(f"{self.stage.url}/_sandbox/{what}", json=wish, timeout=30).raise_for_status()

    def _is_student(self, lead: str) -> bool:
        name = "is_student" if isinstance(self.stage, HubSpotStage) else "Is_Student__c"
        return str(self._value(lead, name)).lower() == "true"

    def _held(self, lead: str, name: str) -> Any:
        return self._value(lead, name if isinstance(self.stage, HubSpotStage) else custom(name))

    def _value(self, lead: str, name: str) -> Any:
        if isinstance(self.stage, HubSpotStage):
            record = self.stage.app.state.portal.tables["0-1"].find(int(lead))
            return record and record.values.get(name)
        table, row = self._row(lead)
        return table.value(row, name)

    def _row(self, lead: str) -> tuple[Any, Any]:
        tables = self.stage.app.state.sandbox.org.tables
        table = tables["Lead" if lead.startswith("00Q") else "Contact"]
        return table, table.row_of(lead)

    def _is_there(self, lead: str) -> bool:
        if isinstance(self.stage, HubSpotStage):
            record = self.stage.app.state.portal.tables["0-1"].find(int(lead))
            return record is not None and record.id == int(lead)  # not the one that it was merged into
        table, row = self._row(lead)
        return row is not None and not table.value(row, "IsDeleted") and not table.value(row, "IsConverted")


def measure(stage: Stage, given: Namespace) -> None:
    """Let people act beside a daemon, and print what it took."""
    stage.trap.__class__ = Counting
    listen(stage, given.sync)
    stage.do(BACKFILL)
    port, people = with_pages(stage), People(stage, random.Random(given.seed))
    log = stage.folder / "daemon.log"
    with log.open("w") as file, stage.start("run", log=file) as daemon:
        until(lambda: value(port, "leadgauge_feed_up") == 1 and value(port, "leadgauge_passes_total", kind="sync"))
        Counting.counts.clear()
        before, process = seen(port), psutil.Process(daemon.pid)
        cpu = sum(process.cpu_times()[:2])
        began = time.monotonic()
        for number in range(int(given.rate * given.seconds)):
            while (left := began + number / given.rate - time.monotonic()) > 0:
                people.look()
                time.sleep(min(left, LOOK))
            people.act()
            people.look()
        acting = time.monotonic() - began
        with suppress(TimeoutError):
            until(people.are_served, LONGEST)
            until(lambda: value(port, "leadgauge_due_leads") == 0)
        took, cpu = time.monotonic() - began, sum(process.cpu_times()[:2]) - cpu
        after, calls = seen(port), Counter(Counting.counts)
        daemon.terminate()
        daemon.wait(60)
    told(people, given, acting, took, cpu, {name: after[name] - before[name] for name in after}, calls)
    compare(stage)


def listen(stage: Stage, sync: str) -> None:
    """Provision, and listen to the feed; everything is written, so that what was written can be compared."""

    def settings(connection: dict[str, Any]) -> None:
        connection["feed"] = stage.feed()
        connection["schedule"] = {"feed": "always", "sync": sync}
        connection["write"] = {"dead_band": 1, "guard": "100%"}

    if isinstance(stage, SalesforceStage):
        requests.post(f"{stage.url}/_sandbox/feed", json={"edition": "Unlimited"}, timeout=10).raise_for_status()
    stage.configure(settings)
    stage.provision()


def seen(port: int) -> dict[str, float]:
    """Return the daemon's own figures."""
    return {
        "events": value(port, "leadgauge_feed_events_total"),
        "gaps": value(port, "leadgauge_feed_gaps_total"),
        "passes": value(port, "leadgauge_passes_total", kind="feed"),
        "written": value(port, "leadgauge_rows_total", answer="written"),
        "failed": value(port, "leadgauge_passes_total", kind="feed", state="failed"),
        "due": value(port, "leadgauge_due_leads"),
    }


def value(port: int, name: str, **labels: str) -> float:
    """Return a figure of `/metrics`, summed over labels that are not given; 0 while it is not there."""
    with suppress(requests.ConnectionError):
        families = text_string_to_metric_families(figures(port))
        return sum(
            one.value
            for family in families
            for one in family.samples
            if one.name == name and labels.items() <= one.labels.items()
        )
    return 0.0


def until(true: Callable[[], object], seconds: float = 300) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(LOOK)


def told(
    people: People,
    given: Namespace,
    acting: float,
    took: float,
    cpu: float,
    figures: dict[str, float],
    calls: Counter[str],
) -> None:
    """Print the figures."""
    times, changes = sorted(people.took), people.acted.total()
    every = ", ".join(f"{name} {count:,}" for name, count in people.acted.most_common())
    print(f"{people.stage.crm}: {changes:,} changes in {acting:.0f} s ({every})")
    print(
        f"  into the CRM, of {len(times):,} measured: p50 {at(times, 0.5):.1f} s, p95 {at(times, 0.95):.1f} s,"
        f" longest {at(times, 1):.1f} s; {len(people.unmoved)} fields did not move"
    )
    print(
        f"  {1000 * cpu / changes:.0f} ms of the daemon's CPU a change; {figures['events']:,.0f} events,"
        f" {figures['passes']:,.0f} passes in {took:.0f} s, {figures['written']:,.0f} rows written,"
        f" {figures['gaps']:,.0f} gaps, {figures['failed']:,.0f} failed, {figures['due']:,.0f} left due;"
        f" {calls.total() / changes:.2f} calls a change"
    )
    for path, count in calls.most_common(given.paths):
        print(f"    {count:>7,} {path}")
    for one in people.unmoved[:5]:
        print(f"    not moved: {one}")


def at(times: list[float], share: float) -> float:
    """Return the time within which a share of the changes were written."""
    return times[min(int(share * len(times)), len(times) - 1)] if times else float("nan")


def compare(stage: Stage) -> None:
    """Compare mirror and CRM with those of a fresh backfill, after one `sync`, at one moment."""
    hold(stage)
    moment = stage.moment
    missed = stage.do(SYNC, PassOptions(accept=True), now=lambda: moment).tally
    stage.do(REFRESH, PassOptions(accept=True), now=lambda: moment)
    fed, shown = kept(str(load_url(stage))), held_by_crm(stage)
    stage.repoint(f"sqlite:///{stage.folder}/polled.db")
    stage.do(BACKFILL, PassOptions(accept=True), now=lambda: moment)
    polled, right = kept(str(load_url(stage))), held_by_crm(stage)
    wrong = [*differing(fed, polled), *(f"CRM {lead}" for lead in right if shown.get(lead) != right[lead])]
    print(f"  the next sync read {missed.leads:,} leads and {missed.activities:,} activities again and wrote ", end="")
    print(f"{missed.written:,}; then compared with polling alone: {len(wrong)} differences")
    for one in wrong[:10]:
        print(f"    {one}")


def differing(fed: dict[str, Any], polled: dict[str, Any]) -> Iterator[str]:
    """Yield the rows of mirror and outbox that are not the same."""
    for table, rows in polled.items():
        others = set(map(repr, fed[table]))
        same = set(map(repr, rows))
        yield from (f"{table} lacks {row}" for row in sorted(same - others))
        yield from (f"{table} has {row}" for row in sorted(others - same))


def hold(stage: Stage) -> None:
    """Stop the CRM's clock."""
    requests.post(f"{stage.url}/_sandbox/clock", json={"hold": True}, timeout=10).raise_for_status()


def load_url(stage: Stage) -> str:
    """Return the URL of the stage's database."""
    return stage.settings().database_url


def main() -> None:
    arguments = ArgumentParser(description=__doc__)
    arguments.add_argument("--crm", choices=["hubspot", "salesforce", "both"], default="both")
    arguments.add_argument("--leads", type=int, default=2000)
    arguments.add_argument("--rate", type=float, default=10, help="changes per second")
    arguments.add_argument("--seconds", type=float, default=30)
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--sync", default="5m", help="how often a `sync` runs beside the feed")
    arguments.add_argument("--database", help="a URL; by default SQLite")
    arguments.add_argument("--paths", type=int, default=0, help="also show the paths that are called most")
    arguments.add_argument("--keep", type=Path, help="copy the daemon's log here")
    given = arguments.parse_args()
    logging.disable(logging.WARNING)
    for crm in ("hubspot", "salesforce") if given.crm == "both" else (given.crm,):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory()))
            options = {"rate_limit": True}
            stage = cast("Stage", getattr(Opener(stack, folder), crm)(given.leads, **options))
            stage.configure(database=given.database)
            measure(stage, given)
            if given.keep:
                given.keep.write_bytes((stage.folder / "daemon.log").read_bytes())


if __name__ == "__main__":
    main()
