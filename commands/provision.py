"""`leadgauge provision`: create the output fields in the CRM, or remove them."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from threading import Event

import click
from rich.table import Table

from commands.common import connection_options, console, json_option, prepared, print_json, stop_on_signal
from pipeline.connect import output_fields
from pipeline.job import Job, opened
from pipeline.provisioning import orphaned, provision, remove
from vocabulary.outputs import Output
from vocabulary.provisioned import Provisioned

WRONG = 2


@click.command("provision")
@connection_options
@click.option(
    "--adopt",
    metavar="FIELD",
    multiple=True,
    help="Take over the existing FIELD, which leadgauge did not create: missing choices are added, and its values are "
    "overwritten; repeatable.",
)
@click.option("--remove", "removing", is_flag=True, help="Remove leadgauge's fields from the CRM, with their values.")
@click.option("--orphans", is_flag=True, help="With --remove: only fields that no scorecard in the settings writes.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before fields are removed.")
@json_option
def command(  # noqa: PLR0913 - one per option
    settings_path: Path,
    connection: str | None,
    *,
    adopt: tuple[str, ...],
    removing: bool,
    orphans: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Create the output fields in the CRM, or bring them up to date.

    It is safe to run again: a correct field is left alone. Choices are added, never removed. An existing field that
    leadgauge did not create is left alone too; the command names it and exits with 2.

    Example: leadgauge provision --connection main
    """
    if removing and adopt:
        raise click.UsageError("--adopt and --remove cannot be combined.")
    if orphans and not removing:
        raise click.UsageError("--orphans needs --remove.")
    stop = Event()
    with opened(prepared(settings_path), connection, stop) as job, stop_on_signal(stop):
        if not removing:
            done = provision(job, adopt, dry_run=dry_run)
        else:
            wanted = orphaned(job) if orphans else output_fields(job.connection)
            done = _remove(job, wanted, dry_run=dry_run, ask=not yes, as_json=as_json)
    _show(done, as_json=as_json)
    if any(item.action == "clash" for item in done):
        raise SystemExit(WRONG)


def _remove(job: Job, outputs: Sequence[Output], *, dry_run: bool, ask: bool, as_json: bool) -> list[Provisioned]:
    """Remove the fields, after asking for confirmation."""
    planned = remove(job, outputs, dry_run=True)
    count = sum(item.action in ("removed", "released") for item in planned)
    if dry_run or not count:
        return planned
    if ask and as_json:
        raise click.UsageError("--remove with --json cannot ask: add --yes, or --dry-run to see what it would do.")
    if ask:
        console().print(table(planned))
        click.confirm(f"Remove {count} fields from {job.name}, with their values?", abort=True)
    return remove(job, outputs)


def _show(done: Sequence[Provisioned], *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(item) for item in done])
    else:
        console().show(table(done), "There are no output fields.")


def table(done: Sequence[Provisioned]) -> Table:
    """Return a table with one row per field."""
    rows = Table()
    for heading in ("Output", "Field in the CRM", "Done", "Note"):
        rows.add_column(heading, overflow="fold")
    for item in done:
        rows.add_row(item.output, item.field, item.action, item.message, style=STYLES.get(item.action))
    return rows


STYLES = {"clash": "red", "removed": "yellow", "unchanged": "dim", "absent": "dim"}
