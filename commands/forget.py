"""`leadgauge forget`: erase a lead from everything that leadgauge stores."""

from pathlib import Path

import click

from commands.common import connection_options, prepared
from pipeline.find import lead_of
from pipeline.job import opened
from pipeline.lease import leased


@click.command("forget")
@click.argument("lead")
@connection_options
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(lead: str, settings_path: Path, connection: str | None, *, yes: bool) -> None:
    """Erase LEAD (its id or e-mail address) from every table and file of leadgauge.

    The CRM is not touched: delete the contact there first, or the next pass reads it again.

    Example: leadgauge forget 00Q8d00000ABCdE
    """
    with opened(prepared(settings_path), connection) as job:
        found = lead_of(job, lead)
        if not yes:
            click.confirm(f"Erase lead {found} from {job.name}?", abort=True)
        with leased(job, "forget") as lease:
            job.mirror.forget(found, lease)
        click.echo(f"{job.name}: lead {found} is erased.")
