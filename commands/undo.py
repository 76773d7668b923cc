"""`leadgauge undo`: restore the field values from before a run."""

from functools import partial
from pathlib import Path
from threading import Event

import click

from commands.common import connection_options, json_option, prepared, print_json, stop_on_signal, told
from pipeline.handing import Work
from pipeline.job import opened
from pipeline.undo import Undone, undo_one


@click.command("undo")
@click.argument("run", type=int)
@connection_options
@click.option("--empty", is_flag=True, help="Empty the fields whose previous value is unknown.")
@json_option
def command(run: int, settings_path: Path, connection: str | None, *, empty: bool, as_json: bool) -> None:
    """Restore the field values from before RUN, except those that someone else has changed since.

    What later runs wrote to the same fields of the same leads is undone too. An undo can be undone.

    The scorecard's writes are held afterwards: change it, or release them with `sync --accept`.
    `leadgauge status` lists the runs. If the daemon runs, it does the undo between its passes.

    Example: leadgauge undo 42
    """
    stop = Event()
    with opened(prepared(settings_path), connection, stop) as job, stop_on_signal(stop):
        options = {"run": run, "empty": empty}
        work = Work(job.store, job.name, "undo", options, partial(undo_one, job, options), told)
        undone = Undone(**work.do(stop))
    if as_json:
        print_json({"run": run} | vars(undone))
    else:
        click.echo(
            f"{job.name}: run {run} undone: restored={undone.restored} kept={undone.kept} refused={undone.refused}"
        )
        for line in undone.sentences(run):
            click.echo(f"  {line}")
    raise SystemExit(3 if undone.refused else 0)
