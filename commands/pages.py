"""`leadgauge pages`: the pages beside a database, without the daemon."""

from pathlib import Path
from threading import Event

import click

from commands.common import prepared, settings_option, stop_on_signal
from config.pages import Pages
from pages.server import address, serve
from store import Store


@click.command("pages")
@settings_option
@click.option("--port", type=click.IntRange(0, 65535), help="The port, instead of `pages.port` in the settings.")
def command(settings_path: Path, port: int | None) -> None:
    """Serve the pages in a browser until Ctrl-C: what leadgauge does, and what it computed.

    Safe while the daemon runs, which serves the same pages if the settings have `pages`.

    Example: leadgauge pages --port 8080
    """
    settings = prepared(settings_path)
    pages = settings.pages or Pages()
    if port is not None:
        pages = pages.model_copy(update={"port": port})
    with Store.open(settings.database_url) as store, stop_on_signal(Event()) as stop:
        serving = serve(settings_path, store, pages)
        click.echo(f"The pages are on {address(pages, serving.port)}  (Ctrl-C ends)")
        stop.wait()
        serving.close()
