"""`leadgauge crm`: write the project that shows the results inside HubSpot or Salesforce."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from commands.common import prepared, told
from config.mistakes import in_short
from config.settings import AnyConnection, SalesforceConnection, ScorecardUse
from connectors.salesforce.people import targets
from crm.boards import OF_ACCOUNTS, OF_LEADS, Board, boards_of, default_boards
from crm.for_salesforce import Org
from crm.projects import CRMS, Crm, left_out, project
from crm.writing import write
from pipeline.job import choose

_PREFIX: Final = next(one.pattern for one in ScorecardUse.model_fields["prefix"].metadata if hasattr(one, "pattern"))
UPLOAD: Final[dict[Crm, str]] = {
    "hubspot": "hs project upload",
    "salesforce": "sf project deploy start",
}


def _checked(_context: click.Context, _option: click.Parameter, prefix: str | None) -> str | None:
    if prefix is not None and not re.fullmatch(_PREFIX, prefix):
        raise click.BadParameter(
            f"'{prefix}' is not a prefix. Write up to 20 lower-case letters, digits and _, beginning with a letter."
        )
    return prefix


@click.command("crm")
@click.argument("crm", type=click.Choice(CRMS), metavar="[hubspot|salesforce]")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "-s",
    "--settings",
    "settings_path",
    type=click.Path(path_type=Path),
    envvar="LEADGAUGE_SETTINGS",
    show_envvar=True,
    help="The settings whose scorecards, prefixes and outputs are shown.  [default: the shipped scorecards]",
)
@click.option("-c", "--connection", metavar="NAME", help="The connection, if the settings have several.")
@click.option("--prefix", metavar="PREFIX", callback=_checked, help="Without --settings: the prefix of the fields.")
def command(crm: Crm, folder: Path, settings_path: Path | None, connection: str | None, prefix: str | None) -> None:
    """Write the project that shows the results inside the CRM, ready to upload.

    It has a card for the records and, for Salesforce, the fields with their permission sets, list views and a report.
    Nothing is sent to the CRM. A folder that this command wrote earlier is renewed; any other must be empty.

    Example: leadgauge crm salesforce sfdx -s leadgauge.yaml
    """
    if settings_path is None:
        if connection is not None:
            raise click.UsageError("--connection names a connection of the settings: add --settings.")
        boards, org = _of_shipped(prefix or "")
        told(f"Made for the shipped scorecards {OF_LEADS} and {OF_ACCOUNTS}. Name yours with --settings.")
    else:
        if prefix is not None:
            raise click.UsageError("--prefix is for a project without --settings, which have the prefixes.")
        boards, org = _of_settings(crm, settings_path, connection)
    files = project(crm, boards, org)
    gone = write(folder, crm, files)
    click.echo(f"wrote {len(files)} files to {in_short(folder)}")
    if gone:
        click.echo(f"removed {len(gone)} files that it no longer needs, such as {gone[0]}")
    for part in left_out(crm, boards, org):
        click.echo(f"left out: {part} in `outputs`")
    click.echo(_next_steps(crm, in_short(folder)), err=True)


def _next_steps(crm: Crm, folder: str) -> str:
    return f"""
Next steps:
  1. Read {folder}/README.md: what an administrator needs, and the steps in the CRM after the upload.
  2. cd {folder} && {UPLOAD[crm]}"""


def _of_shipped(prefix: str) -> tuple[Sequence[Board], Org]:
    """Return what is shown without settings."""
    return default_boards(prefix), Org()


def _of_settings(crm: Crm, path: Path, name: str | None) -> tuple[Sequence[Board], Org]:
    """Return what the settings say of the project."""
    settings = prepared(path)
    chosen = choose(settings, name)
    connection: AnyConnection = settings.connections[chosen]
    if connection.crm != crm:
        raise click.UsageError(f"The connection {chosen} is to {connection.crm}: leadgauge crm {connection.crm} DIR")
    org = Org()
    if isinstance(connection, SalesforceConnection):
        org = Org(tuple(targets(connection, "leads")), connection.permission_set)
    return boards_of(connection), org
