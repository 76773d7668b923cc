"""The `leadgauge-sandbox` command."""

import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from starlette.applications import Starlette

from leadgauge_sandbox.faults import Kind, UnknownFault, spelled
from leadgauge_sandbox.population import Population
from leadgauge_sandbox.server import run
from leadgauge_sandbox.spreadsheet import save

if TYPE_CHECKING:
    from leadgauge_sandbox.salesforce.feeds.feed import Feed

PACE: Final = 300.0
"""How much faster than real time `--live` runs."""


@click.group("sandbox")
def command() -> None:
    """Run a local HubSpot or Salesforce with invented people and months of activity, or export such people.

    Example: leadgauge sandbox hubspot --port 8901 --leads 2000 --seed 7
    """


def _options(port: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that adds the options shared by both sandboxes."""
    options = (
        click.option(
            "--port", default=port, show_default=True, type=click.IntRange(0, 65535), help="0 for a free one."
        ),
        click.option(
            "--leads", default=2000, show_default=True, type=click.IntRange(0), help="How many people to invent."
        ),
        click.option("--seed", default=7, show_default=True, help="The same seed invents the same people."),
        click.option("--live", is_flag=True, help="Let people act and records change while it runs."),
        click.option("--faults", default="", help="Faults to switch on, as NAME,NAME:ARG,…; `help` lists them."),
        click.option(
            "--rate-limit/--no-rate-limit",
            default=True,
            show_default=True,
            help="Enforce the CRM's rate limits.",
        ),
        click.option(
            "--scanners",
            default=0.0,
            type=click.FloatRange(0, 1),
            help="For which share of the people mail scanners and privacy proxies open, click and view pages.",
        ),
        click.option("--latency", default=0.0, type=click.FloatRange(0), help="Seconds of delay added to every call."),
    )

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


CSV: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@command.command()
@_options(8901)
@click.option("--contacts", type=CSV, help="A CSV file of people to load as well; every column becomes a property.")
@click.option("--open-leads", is_flag=True, help="Let sales work on leads (object 0-136) of those who asked.")
@click.option("--webhooks", metavar="URL", help="Post every change of the account to this address.")
def hubspot(contacts: Path | None, webhooks: str | None, *, open_leads: bool, **options: Any) -> None:
    """Run a local HubSpot.

    Example: leadgauge sandbox hubspot --leads 2000 --faults index-lag,500:0.02
    """
    from leadgauge_sandbox.hubspot import create_app  # noqa: PLC0415 - only the CRM that runs is loaded
    from leadgauge_sandbox.hubspot.contacts import BadFile, load_csv  # noqa: PLC0415 - as above
    from leadgauge_sandbox.hubspot.faults import FAULTS  # noqa: PLC0415 - as above

    if _listed(FAULTS, options["faults"]):
        return
    app = create_app(**_common(options), open_leads=open_leads)
    state = app.state
    try:
        if contacts is not None:
            load_csv(state.portal, contacts)
        state.portal.pushing.aim(webhooks)
        for name, argument in spelled(options["faults"]):
            state.mischief.set(name, argument)
    except (BadFile, ValueError) as error:
        raise click.UsageError(str(error)) from None
    _serve(app, options["port"], "HubSpot", {"token": state.portal.tokens.static})


@command.command()
@_options(8902)
@click.option(
    "--feed-port",
    type=click.IntRange(0, 65535),
    help="For change data capture; by default the one after --port if it is free.",
)
def salesforce(feed_port: int | None, **options: Any) -> None:
    """Run a local Salesforce.

    Example: leadgauge sandbox salesforce --leads 2000 --faults late-commits
    """
    from leadgauge_sandbox.salesforce import create_app  # noqa: PLC0415 - only the CRM that runs is loaded
    from leadgauge_sandbox.salesforce.faults import FAULTS  # noqa: PLC0415 - as above

    if _listed(FAULTS, options["faults"]):
        return
    try:
        app = create_app(**_common(options), faults=options["faults"])
    except UnknownFault as error:
        raise click.UsageError(str(error)) from None
    credentials, feed = app.state.sandbox.credentials, app.state.sandbox.feed
    _start_feed(feed, options["port"], feed_port)
    shown = ("consumer_key", "consumer_secret", "username", "password", "security_token")
    access = {name: getattr(credentials, name) for name in shown}
    _serve(app, options["port"], "Salesforce", {**access, "feed": feed.address})


def _start_feed(feed: "Feed", port: int, chosen: int | None) -> None:
    """Serve the feed on the chosen port; without one on the port after the sandbox's, or else on a free one."""
    try:
        feed.start((port + 1 if port else 0) if chosen is None else chosen)
    except OSError as error:
        if chosen is None:
            feed.start(0)
            return
        message = f"Port {chosen} cannot be used for the feed: {error.strerror}. Choose another with --feed-port."
        raise click.ClickException(message) from None


@command.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--leads", default=4000, show_default=True, type=click.IntRange(1), help="How many people to invent.")
@click.option("--seed", default=7, show_default=True, help="The same seed invents the same people.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day of the export; by default today.")
def export(file: Path, leads: int, seed: int, on: datetime | None) -> None:
    """Write invented contacts to a CSV file, as an export of HubSpot has them.

    Example: leadgauge sandbox export contacts.csv --leads 4000 --on 2026-11-30
    """
    now = None if on is None else int(on.replace(tzinfo=UTC).timestamp() * 1000)
    try:
        save(Population.generate(leads, seed, now), file)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None
    click.echo(f"Wrote {leads:,} contacts to {file}.", err=True)


def _common(options: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments shared by both sandboxes."""
    return {
        "population": Population.generate(options["leads"], options["seed"], scanners=options["scanners"]),
        "seed": options["seed"],
        "rate_limit": options["rate_limit"],
        "live": PACE if options["live"] else 0.0,
        "latency": options["latency"],
    }


def _listed(known: dict[str, Kind], asked: str) -> bool:
    """Print the faults if the name is `help`."""
    if asked == "help":
        for name, kind in known.items():
            click.echo(f"{name:18} {kind.says}")
    return asked == "help"


def _serve(app: Starlette, port: int, name: str, access: dict[str, str]) -> None:
    """Serve until stopped; print the address and the sign-in first, the link to the page last."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)

    def greet(base: str) -> None:
        lines = [f"{name} {base}", *(f"{key} {value}" for key, value in access.items()), f"page {base}/"]
        click.echo("\n".join(lines))

    try:
        run(app, port, greet)
    except OSError as error:
        raise click.ClickException(
            f"Port {port} cannot be used: {error.strerror}. Choose another with --port."
        ) from None
