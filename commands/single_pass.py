"""What `backfill` and `sync` share: one pass under the lease, and the line that reports it."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import click

from commands.common import leave, prepared, print_json, stop_on_signal
from commands.progress import observer
from connectors.base import Interrupted
from pipeline.job import Job, opened
from pipeline.lease import leased
from pipeline.passes import Kind, Pass, PassOptions, Report
from pipeline.supervision import Cut, GivenUp, supervised
from store import LeaseHeld

_KEPT: Final = "Work done is kept; the next run resumes from here."


def do_pass(settings_path: Path, connection: str | None, kind: Kind, options: PassOptions, *, as_json: bool) -> None:
    """Run one pass over a connection and exit with its code."""
    settings = prepared(settings_path)
    with stop_on_signal() as stop, opened(settings, connection, stop) as job:
        try:
            report = _under_lease(job, kind, options, settings.daemon.stuck_after)
        except Interrupted:
            click.echo(f"leadgauge: {job.name}: stopped. {_KEPT}", err=True)
            raise SystemExit(130) from None
        except GivenUp as error:
            click.echo(f"leadgauge: {error} {_KEPT}", err=True)
            leave(130 if isinstance(error, Cut) else error.exit_code)
    show(report, job.name, as_json=as_json)
    raise SystemExit(report.exit_code)


def _under_lease(job: Job, kind: Kind, options: PassOptions, stuck_after: timedelta) -> Report:
    try:
        with leased(job, kind.name) as lease:
            return supervised(Pass(job, kind, lease, options, observer()), lambda: stuck_after)
    except LeaseHeld as held:
        if not (options.accept and accept(job)):
            raise
        raise Accepted(job.name, held.holder) from None


class Accepted(Exception):  # noqa: N818 - not an error; it ends the command
    """The held changes were released; the process that has the lease will make them."""

    exit_code = 0

    def __init__(self, connection: str, worker: str) -> None:
        super().__init__(f"{connection}: accepted. {worker} has the connection and makes the changes in its next pass.")


def accept(job: Job) -> bool:
    """Release held changes while another process has the lease; return whether there were any."""
    held = [(active.outbox, active.outbox.held()) for active in job.scorecards]
    released = [outbox.release(hold.run) for outbox, hold in held if hold]
    return any([*released, job.removals.accept()])


def show(report: Report, connection: str, *, as_json: bool) -> None:
    """Print the report of a pass."""
    tally = report.tally
    if as_json:
        print_json(
            {"connection": connection, "run": report.run, "state": report.state, "message": report.message}
            | tally.counts()
        )
        return
    click.echo(
        f"{connection}: {report.kind} {report.run} {report.state}: leads={tally.leads} activities={tally.activities} "
        f"scored={tally.scored} written={tally.written} refused={tally.refused} calls={tally.calls}"
    )
    if report.message:
        click.echo(f"leadgauge: {report.message}", err=True)
    if tally.refused:
        click.echo("leadgauge: the CRM refused some rows; `leadgauge status` lists them with the reasons.", err=True)
