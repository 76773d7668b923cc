"""`leadgauge notify`: the sinks of alerts, and test messages."""

from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click
from rich.table import Table

from commands.common import connection_options, console, failed, prepared
from config.settings import AnyConnection
from connectors.base import Interrupted
from pipeline.job import choose, opened
from vocabulary.outside import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config import Mistake, Settings


@click.command("notify")
@click.argument("sink", required=False)
@connection_options
@click.option("--test", is_flag=True, help="Send a test message to SINK, or to all sinks.")
@click.option("--try", "tries", is_flag=True, help="Print what SINK, or each sink, would be told now. Sends nothing.")
@click.pass_context
def command(
    ctx: click.Context, sink: str | None, settings_path: Path, connection: str | None, *, test: bool, tries: bool
) -> None:
    """Show the sinks of `notify` with what each is told, or send a test message with --test.

    With --try, print messages in your own templates about a few leads that have the first priority now.

    Exits with 2 if a sink is not configured right, with 1 if a test message was not taken or a template cannot be
    filled in.

    Example: leadgauge notify sales --test
    """
    settings = prepared(settings_path)
    name = choose(settings, connection)
    chosen = settings.connections[name]
    sinks = chosen.notify.sinks if chosen.notify else {}
    if not sinks or (sink is not None and sink not in sinks):
        there = f"There are {', '.join(sinks)}." if sinks else "The connection has no `notify`: see docs/alerts.md."
        raise click.UsageError(f"There is no sink to use. {there}", ctx)
    names = [sink] if sink else list(sinks)
    mistakes = [mistake for mistake in wrong_sinks(chosen) if not sink or f".{sink}." in f"{mistake.path}."]
    for mistake in mistakes:
        failed(str(mistake))
    if not (test or tries):
        console().show(_table(chosen, names), "no sinks")
    done = [_tried(settings, name, one) for one in names if tries]
    if test and not mistakes:
        done += [_tested(name, chosen, one) for one in names]
    ctx.exit(2 if mistakes else max(done, default=0))


def wrong_sinks(connection: AnyConnection) -> "Iterator[Mistake]":
    """Yield a mistake for each secret of a sink that is missing, or is not what it must be."""
    from pipeline.notify.sending import wrong  # noqa: PLC0415 - not needed for a scorecard

    for name, sink in connection.notify.sinks.items() if connection.notify else ():
        for option, why in wrong(sink).items():
            yield connection.mistake(("notify", "sinks", name, option), f"{why.rstrip('.')}.")


def _table(connection: AnyConnection, names: list[str]) -> Table:
    table = Table("Sink", "Type", "Told", "Whose leads", "Quiet")
    for name in names:
        assert connection.notify is not None
        sink = connection.notify.sinks[name]
        owners = ", ".join(sink.owners.ids) if sink.owners and sink.owners.ids else "everybody's"
        quiet = f"{sink.quiet} {connection.notify.timezone.key}" if sink.quiet else ""
        table.add_row(name, sink.type, ", ".join(sink.about), owners, quiet)
    return table


def _tested(name: str, connection: AnyConnection, sink: str) -> int:
    """Send a test message and say how it went; return the exit code."""
    from pipeline.notify.sending import send  # noqa: PLC0415 - as above
    from pipeline.notify.undelivered import Undelivered  # noqa: PLC0415 - as above
    from pipeline.notify.wording import Unsayable, Words  # noqa: PLC0415 - as above
    from vocabulary.links import Links  # noqa: PLC0415 - as above

    assert connection.notify is not None
    options = connection.notify.sinks[sink]
    try:
        message = Words(name, Links(), connection.notify.timezone).of_test(options, sink)
        send(options, message, Event(), attempts=1)
    except (Undelivered, Unsayable, Interrupted) as error:
        failed(f"{sink}: {error}")
        return 1
    click.echo(f"{sink}: the {options.type} sink took a test message.")
    return 0


def _tried(settings: "Settings", name: str, sink: str) -> int:
    """Print what a sink would be told; return the exit code."""
    from pipeline.notify.delivering import Delivery  # noqa: PLC0415 - as above
    from pipeline.notify.trying import tried  # noqa: PLC0415 - as above
    from pipeline.notify.wording import Unsayable  # noqa: PLC0415 - as above

    with opened(settings, name, offline=True) as job:
        try:
            for message in tried(Delivery(job.store, name, job.connection), sink):
                click.echo(printable(f"{sink}, {message.about}:\n  {message.title}"))
                for line in message.lines:
                    click.echo(printable(f"  {line}"))
                click.echo()
        except Unsayable as error:
            failed(f"{sink}: {error}")
            return 1
    return 0
