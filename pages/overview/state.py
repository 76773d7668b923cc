"""The state of a connection in lines: what runs, what is held and why, what waits, what comes next."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from apscheduler.triggers.interval import IntervalTrigger

from pages.rendering import ago, count, when
from pages.site import Site
from pipeline.handing import DAEMON
from pipeline.job import Job
from pipeline.leftovers import WRITE_OR_REMOVE, no_longer_written
from pipeline.passes import RECONCILE, REFRESH, SWEEP, SYNC
from store import FAILING, Request, Run, State
from store.mirror.removals import NOTES
from vocabulary.units import counted, how_long

Level = Literal["well", "busy", "warn", "stop"]
LATEST: Final = 20
"""How many of the latest runs are looked at."""
NEXT: Final = re.compile(r" Next: (\w+) at (\d{4}-\d\d-\d\d \d\d:\d\d) UTC\.$")
"""The end of the note that passes fail. It is said once, with the state."""
DAY: Final = timedelta(days=1)
WORDS: Final = {
    "well": "All is well",
    "busy": "Running now",
    "warn": "Works, with remarks",
    "stop": "Needs a person",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to know about a connection."""

    level: Level
    text: str
    link: str = ""
    action: str = ""
    """What the link leads to."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The state of a connection."""

    name: str
    lines: Sequence[Line]
    running: Run | None
    last: Run | None
    """The last run that ended."""
    calls_left: int | None
    coming: str
    """When the next pass comes, in words."""

    @property
    def level(self) -> Level:
        """The gravest of the lines; else whether something runs."""
        levels = {line.level for line in self.lines}
        grave = next((level for level in ("stop", "warn") if level in levels), None)
        return grave or ("busy" if self.running else "well")

    @property
    def words(self) -> str:
        """It in two words."""
        return WORDS[self.level]


def shown(site: Site, name: str, now: datetime) -> Shown:
    """Return the state of a connection."""
    job, state = site.job(name), site.store.state(name)
    runs = job.runs.page(LATEST)
    running = next((run for run in runs[:1] if run.state == "running" and state.lease), None)
    ended = [run for run in runs if run.state != "running"]
    lines = [*_lines(job, state), *_requests(site, name, state)]
    return Shown(name, lines, running, next(iter(ended), None), _calls_left(ended, now), _coming(job, state, runs, now))


def _lines(job: Job, state: State) -> Iterator[Line]:
    yield from _failing(state)
    yield from _held(job, state)
    if state.removals_held:
        parts = " and ".join(counted(number, what) for what, number in state.removals_held.items())
        text = f"{parts} are missing from the CRM's answers. They are kept until a person decides."
        yield Line("stop", text, f"/crm/{job.name}/removals", "Look, and decide")
    yield from _refused(job, state)
    for name, text in state.notes.items():
        if name not in {FAILING, *NOTES.values()}:
            yield Line("warn", f"{name.capitalize()}: {text}")
    if state.unwritten:
        yield Line("warn", f"{no_longer_written(state.unwritten)} {WRITE_OR_REMOVE}")
    for sink in state.alerts:
        if sink.waiting and sink.error:
            yield Line("warn", f"Alerts for {sink.sink}: {count(sink.waiting)} wait ({sink.error})")


def _failing(state: State) -> Iterator[Line]:
    if text := state.notes.get(FAILING):
        idle = "" if state.lease else " No daemon has the connection now, so nothing is tried: start leadgauge run."
        yield Line("stop", f"Passes fail {NEXT.sub('', text)}{idle}")


def _held(job: Job, state: State) -> Iterator[Line]:
    names = {(box.prefix, box.of): box.name for box in job.boxes}
    for box in state.boxes:
        if box.held and (box.prefix, box.of) in names:
            why = box.held.reason.partition(". ")[0].rstrip(".")
            text = f"Nothing is written for {names[box.prefix, box.of]}: {why}."
            yield Line("stop", text, f"/crm/{job.name}/runs/{box.held.run}", "Look at the plan, and decide")


def _refused(job: Job, state: State) -> Iterator[Line]:
    if refused := sum(box.refused for box in state.boxes):
        yield Line(
            "warn", f"The CRM refused {counted(refused, 'rows')}.", f"/crm/{job.name}/refused", "See which, and why"
        )


def _requests(site: Site, name: str, state: State) -> Iterator[Line]:
    for request in site.store.requests(name).open():
        yield Line("busy" if state.lease else "warn", asked(request, state))


def asked(request: Request, state: State) -> str:
    """Say that something was asked for, and who is to do it."""
    what = f"{request.kind.capitalize()} was asked for by {request.asked_by}, {ago(request.asked_at)} ago"
    if state.lease is None:
        return f"{what}; no process has the connection now, so nobody does it: start leadgauge run."
    if request.state == "running":
        return f"{what}; it runs."
    return f"{what}; it begins once the pass that runs has ended."


def _calls_left(runs: Sequence[Run], now: datetime) -> int | None:
    lately = (run.counts.get("calls_left") for run in runs if run.started_at > now - DAY)
    return next((left for left in lately if left is not None), None)


def _coming(job: Job, state: State, runs: Sequence[Run], now: datetime) -> str:
    """Say when the next pass comes."""
    if state.lease is None:
        return "No daemon has the connection: passes run only by command."
    if state.lease.purpose != DAEMON:
        return f"{state.lease.holder} has the connection ({state.lease.purpose})."
    at, kind = max([min(_upcoming(job, runs, now)), *_noted(state)])
    return f"Next: {kind} {'now' if at <= now else f'in {how_long((at - now).total_seconds())}'} ({when(at)} UTC)."


def _noted(state: State) -> Iterator[tuple[datetime, str]]:
    """Yield when the next pass may start after one that failed: later than scheduled if no calls are left today."""
    if found := NEXT.search(state.notes.get(FAILING, "")):
        yield datetime.strptime(f"{found[2]} +0000", "%Y-%m-%d %H:%M %z"), found[1]


def _upcoming(job: Job, runs: Sequence[Run], now: datetime) -> Iterator[tuple[datetime, str]]:
    """Yield when each kind of pass comes next, by the schedule and the last one."""
    schedule = job.connection.schedule
    timings = (
        (SYNC, schedule.sync),
        (REFRESH, schedule.refresh),
        (SWEEP, schedule.sweep),
        (RECONCILE, schedule.reconcile),
    )
    for kind, timing in timings:
        trigger = timing.trigger(schedule.timezone)
        if isinstance(trigger, IntervalTrigger):
            last = next((run.started_at for run in runs if run.kind == kind.name), None)
            yield (now if last is None else last + trigger.interval), kind.name
        elif found := trigger.get_next_fire_time(None, now):
            yield found, kind.name


_STEPS: Final = (
    ("leads", "total", "read {} leads", "read {} of {} leads"),
    ("activities", "", "{} activities", ""),
    ("scored", "to_score", "scored {}", "scored {} of {}"),
    ("written", "to_write", "wrote {}", "wrote {} of {}"),
    ("calls", "", "{} calls", ""),
)


def progress(run: Run) -> str:
    """Return what a pass has done so far, in words."""
    return ", ".join(_steps(run.counts)) or "it has just begun"


def _steps(counts: Mapping[str, Any]) -> Iterator[str]:
    for done, of, plain, share in _STEPS:
        if counts.get(done):
            total = counts.get(of)
            yield share.format(count(counts[done]), count(total)) if total else plain.format(count(counts[done]))
