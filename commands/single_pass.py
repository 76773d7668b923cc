"""What `backfill` and `sync` share: one pass under the lease, and the line that reports it."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any, Final

import click

from commands.common import failed, leave, prepared, print_json, stop_on_signal, told
from commands.progress import Lines, observer
from connectors.base import Interrupted
from pipeline.first import WAITS
from pipeline.handing import StoppedWaiting, Work
from pipeline.job import Job, opened
from pipeline.notify.delivering import Messengers
from pipeline.passes import SHOWN, SYNC, Kind, Pass, PassOptions, log_end
from pipeline.supervision import Cut, GivenUp, supervised
from store import Lease, LeaseHeld

PATIENCE: Final = 45.0
"""Seconds for messages to people after a pass; what is left waits for the next one."""
_KEPT: Final = "Work done is kept; the next run resumes from here."


def do_pass(settings_path: Path, connection: str | None, kind: Kind, options: PassOptions, *, as_json: bool) -> None:
    """Run one pass over a connection, or have the daemon run it, and exit with its code.

    If it waits for a first write to be allowed, ask on a terminal, and write if the answer is yes.
    """
    report = run_pass(settings_path, connection, kind, options)
    if _agreed(report.get(WAITS, ())):
        report = run_pass(settings_path, connection, SYNC, replace(options, yes=True))
    show(report, report["connection"], as_json=as_json)
    raise SystemExit(report["exit_code"])


def _agreed(waiting: Sequence[Mapping[str, Any]]) -> bool:
    """Show what would be written for the first time and return whether the person agrees, if there is one."""
    if not waiting or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    for first in waiting:
        told(first["summary"])
    leads = sum(first["leads"] for first in waiting)
    return click.confirm(f"Write {leads:,} leads to the CRM?", err=True)


def run_pass(settings_path: Path, connection: str | None, kind: Kind, options: PassOptions) -> Mapping[str, Any]:
    """Run a pass and return its report with the connection's name."""
    settings = prepared(settings_path)
    stop = Event()
    with opened(settings, connection, stop) as job, stop_on_signal(stop), _telling(job):
        limit = settings.daemon.stuck_after
        work = Work(job.store, job.name, kind.name, asdict(options), partial(_passed, job, kind, options, limit), told)
        try:
            report = _done(job, work, options)
        except Interrupted as error:
            said = str(error) if isinstance(error, StoppedWaiting) else f"{job.name}: stopped. {_KEPT}"
            told(said)
            raise SystemExit(130) from None
        except GivenUp as error:
            failed(f"{error} {_KEPT}")
            leave(130 if isinstance(error, Cut) else error.exit_code)
    return {"connection": job.name} | dict(report)


@contextmanager
def _telling(job: Job) -> Iterator[None]:
    """Send what waits for people when the pass has ended, however it did."""
    try:
        yield
    finally:
        if job.connection.notify is not None and not job.stop.is_set():
            messengers = Messengers(job.store, lambda: {job.name: job.connection}, job.stop)
            messengers.look()
            messengers.finish(PATIENCE)


def _passed(job: Job, kind: Kind, options: PassOptions, limit: timedelta, lease: Lease) -> Mapping[str, Any]:
    report = supervised(Pass(job, kind, lease, options, shown := observer()), lambda: limit)
    if isinstance(shown, Lines):
        log_end(job.name, report)
    return report.as_json()


def _done(job: Job, work: Work, options: PassOptions) -> Mapping[str, Any]:
    """Return the report of the pass; with `--accept`, the daemon's next pass is enough."""
    try:
        return work.do_here()
    except LeaseHeld as held:
        if options.accept and accept(job):
            raise Accepted(job.name, held.holder) from None
        return work.hand_over(held, job.stop)


class Accepted(Exception):  # noqa: N818 - not an error; it ends the command
    """The held changes were released; the process that has the lease will make them."""

    exit_code = 0

    def __init__(self, connection: str, worker: str) -> None:
        super().__init__(f"{connection}: accepted. {worker} has the connection and makes the changes in its next pass.")


def accept(job: Job) -> bool:
    """Release held changes while another process has the lease; return whether there were any."""
    held = [(box.outbox, box.outbox.held()) for box in job.boxes]
    released = [outbox.accept(hold.run) for outbox, hold in held if hold]
    return any([*released, job.removals.accept()])


def show(report: Mapping[str, Any], connection: str, *, as_json: bool) -> None:
    """Print the report of a pass."""
    if as_json:
        print_json(report)
        return
    figures = " ".join(f"{name}={report[name]}" for name in SHOWN)
    by = ", ".join(report.get("judged_by", {}).values())
    figures += f" scorecard={by}" if by else ""
    click.echo(f"{connection}: {report['kind']} {report['run']} {report['state']}: {figures}")
    if report["message"]:
        told(report["message"])
    if report["refused"]:
        told("the CRM refused some rows; `leadgauge status` lists them with the reasons.")
