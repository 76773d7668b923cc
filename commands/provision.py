"""`leadgauge provision`: create the output fields in the CRM."""

from dataclasses import asdict
from pathlib import Path

import click
from rich.table import Table

from commands.common import connection_options, console, json_option, prepared, print_json, stop_on_signal
from connectors.base import Provisioned
from pipeline.connect import output_fields
from pipeline.job import opened


@click.command("provision")
@connection_options
@click.option("--remove", is_flag=True, help="Take the fields out of the CRM again, with all that they hold.")
@json_option
def command(settings_path: Path, connection: str | None, *, remove: bool, as_json: bool) -> None:
    """Create the output fields in the CRM, or bring them up to date.

    Run it as often as you like: what is right stays as it is. Choices are added, never taken away.

    Example: leadgauge provision --connection main
    """
    with stop_on_signal() as stop, opened(prepared(settings_path), connection, stop) as job:
        done = job.connector.provision(output_fields(job.connection.scorecards), remove=remove)
    if as_json:
        print_json([asdict(item) for item in done])
    else:
        console().print(table(done))
    if any(item.action == "clash" for item in done):
        raise SystemExit(1)


def table(done: list[Provisioned]) -> Table:
    """Return one row a field."""
    rows = Table("Output", "Field in the CRM", "", "")
    for item in done:
        rows.add_row(item.output, item.field, item.action, item.message)
    return rows
