"""`leadgauge sync`: one pass: changes in, results out."""

from pathlib import Path

import click

from commands.common import connection_options, json_option
from commands.single_pass import do_pass
from pipeline.passes import RECONCILE, REFRESH, SWEEP, SYNC, PassOptions


@click.command("sync")
@connection_options
@click.option("--refresh", "kind", flag_value="refresh", help="Also score leads about whom time has changed something.")
@click.option("--sweep", "kind", flag_value="sweep", help="Score every lead again.")
@click.option(
    "--reconcile", "kind", flag_value="reconcile", help="List every lead in the CRM and compare with the mirror."
)
@click.option("--accept", is_flag=True, help="Release held writes and removals, and allow the first write.")
@click.option("--yes", is_flag=True, help="Do not ask before a scorecard writes for the first time.")
@json_option
def command(
    settings_path: Path, connection: str | None, kind: str | None, *, accept: bool, yes: bool, as_json: bool
) -> None:
    """Run one pass: read what changed, score it, write what differs.

    Example: leadgauge sync --accept
    """
    chosen = {"refresh": REFRESH, "sweep": SWEEP, "reconcile": RECONCILE}.get(kind or "", SYNC)
    do_pass(settings_path, connection, chosen, PassOptions(accept, yes=yes), as_json=as_json)
