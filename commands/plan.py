"""`leadgauge plan`: what a run would change."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from commands.common import capacity_option, connection_options, console, json_option, prepared, print_json, told
from commands.planned import show
from commands.single_pass import run_pass
from commands.trying import EXISTING, try_one
from pipeline import clock
from pipeline.job import opened
from pipeline.passes import READ, PassOptions
from pipeline.planning.html import render
from pipeline.planning.plan import plans

GUARDED = 4
"""The exit code if the guard would stop the run."""


class NothingMirrored(Exception):  # noqa: N818 - named for the problem
    """No lead was read yet, so there is nothing to plan with."""

    exit_code = 1

    def __init__(self, connection: str) -> None:
        super().__init__(f"{connection}: no lead was read yet. `leadgauge plan --read` reads them and writes nothing.")


@click.command("plan")
@connection_options
@click.option("--read", "reads", is_flag=True, help="First read the CRM, which needs only rights to read.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write the plan as HTML with charts.")
@capacity_option
@click.option("--lead", help="Show what changes for this lead only (id or e-mail address).")
@click.option("--scorecard", "edited", type=EXISTING, help="With --lead: an edited scorecard to try.")
@json_option
def command(  # noqa: PLR0913 - one per option
    settings_path: Path,
    connection: str | None,
    html: Path | None,
    capacity: int | None,
    lead: str | None,
    edited: Path | None,
    *,
    reads: bool,
    as_json: bool,
) -> None:
    """Show what a run would change, computed from the mirror. Nothing is written, and no token is needed.

    Use it before the first write, with --read, and after changing the scorecard, to see which leads move, where to,
    and what the writes cost. Exits with 4 if the guard would stop the run, and with 1 if no lead was read yet.

    \b
    Examples:
      leadgauge plan --read --capacity 50 --html plan.html
      leadgauge plan --lead ada@example.com --scorecard edited.yaml
    """  # noqa: D301 - click reads the character
    if edited and not lead:
        raise click.UsageError("--scorecard needs --lead. To plan for all leads, name the scorecard in the settings.")
    if reads:
        tell_read(run_pass(settings_path, connection, READ, PassOptions()))
    as_of = clock.now()
    with opened(prepared(settings_path), connection, offline=True) as job:
        if not job.removals.leads():
            raise NothingMirrored(job.name)
        if lead:
            try_one(job, lead, edited, as_json=as_json)
            return
        made = list(plans(job, as_of, capacity, say=told))
    if as_json:
        print_json([plan.as_json() for plan in made])
    else:
        for plan in made:
            show(plan, console())
    for number, plan in enumerate(made if html else []):
        assert html is not None
        target = html if number == 0 else html.with_stem(f"{html.stem}-{plan.scorecard.replace(' ', '-')}")
        target.write_text(render(plan, as_of), encoding="utf-8")
        click.echo(f"Wrote {target}.", err=True)
    if any(plan.guarded for plan in made):
        raise SystemExit(GUARDED)


def tell_read(report: Mapping[str, Any]) -> None:
    """Tell on standard error what was read."""
    figures = " ".join(f"{name}={report[name]}" for name in ("leads", "activities", "calls"))
    told(f"{report['connection']}: {report['kind']} {report['run']} {report['state']}: {figures}")
    if report["message"]:
        told(report["message"])
