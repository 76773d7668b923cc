"""`leadgauge backfill`: read everything, score every lead, write the results."""

from pathlib import Path

import click

from commands.common import connection_options, json_option, prepared
from commands.single_pass import do_pass
from pipeline.job import choose
from pipeline.passes import BACKFILL, PassOptions


@click.command("backfill")
@connection_options
@click.option("--accept", is_flag=True, help="Write even if the guard would stop: many grades or priorities change.")
@click.option("--yes", is_flag=True, help="Do not ask before a scorecard writes for the first time.")
@click.option("--quiet", is_flag=True, help="Write slowly: at most `write.quiet_rows` leads per minute.")
@click.option("--rewrite", is_flag=True, help="Write all values of all leads, even those already written.")
@json_option
def command(
    settings_path: Path, connection: str | None, *, accept: bool, yes: bool, quiet: bool, rewrite: bool, as_json: bool
) -> None:
    """Read everything from the CRM, score every lead, and write the results.

    Before a scorecard writes for the first time, it says what it would write and asks; where there is no terminal, it
    stops there with exit code 1 and keeps its work, unless --yes is given.

    A backfill that was stopped or crashed resumes where it was. Only values that differ from the last ones
    written are written.

    Example: leadgauge backfill --connection main
    """
    rows = _quiet_rows(settings_path, connection) if quiet else None
    do_pass(settings_path, connection, BACKFILL, PassOptions(accept, rows, rewrite, yes), as_json=as_json)


def _quiet_rows(settings_path: Path, connection: str | None) -> int:
    settings = prepared(settings_path)
    return settings.connections[choose(settings, connection)].write.quiet_rows
