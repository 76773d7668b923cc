"""`leadgauge sandbox`: a HubSpot or a Salesforce on this machine."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.applications import Starlette

PACE = 300.0
"""How many times as fast as life `--live` lets people act."""


@click.group(epilog="Example: leadgauge sandbox hubspot --port 8901 --leads 2000 --seed 7")
def command() -> None:
    """Run a HubSpot or a Salesforce on this machine, with invented people and months of what they did."""


def _options(port: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator with the options that both sandboxes take."""
    options = (
        click.option(
            "--port", default=port, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one."
        ),
        click.option(
            "--leads", default=2000, show_default=True, type=click.IntRange(0), help="How many people to invent."
        ),
        click.option("--seed", default=7, show_default=True, help="The same seed invents the same people."),
        click.option("--live", is_flag=True, help="Let people go on acting, and records change, while it runs."),
        click.option("--faults", default="", help="Faults to switch on: NAME,NAME:ARG,…; `help` lists them."),
        click.option(
            "--rate-limit/--no-rate-limit",
            default=True,
            show_default=True,
            help="Refuse calls beyond the CRM's limits.",
        ),
        click.option("--latency", default=0.0, help="Seconds that every call takes longer."),
        click.option(
            "--contacts",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="A CSV of people to load besides.",
        ),
    )

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


@command.command(epilog="Example: leadgauge sandbox hubspot --leads 2000 --faults index-lag,500:0.02")
@_options(8901)
def hubspot(**options: Any) -> None:
    """Run a HubSpot."""
    from sandbox.hubspot import create_app  # noqa: PLC0415 - the other CRM need not be loaded
    from sandbox.hubspot.contacts import BadFile, load_csv  # noqa: PLC0415
    from sandbox.hubspot.faults import FAULTS, UnknownFaultError  # noqa: PLC0415

    if options["faults"] == "help":
        _list_faults(FAULTS)
        return
    app = create_app(
        _population(options),
        seed=options["seed"],
        rate_limit=options["rate_limit"],
        live=PACE if options["live"] else 0.0,
        latency=options["latency"],
    )
    try:
        if options["contacts"] is not None:
            load_csv(app.state.portal, options["contacts"])
        for fault in filter(None, options["faults"].split(",")):
            name, _, argument = fault.strip().partition(":")
            app.state.mischief.set(name, argument or None)
    except (BadFile, UnknownFaultError, ValueError) as error:
        raise click.UsageError(str(error)) from None
    _serve(app, options["port"], lambda base: f"HubSpot {base}\ntoken {app.state.portal.tokens.static}\npage {base}/")


@command.command(epilog="Example: leadgauge sandbox salesforce --leads 2000 --live")
@_options(8902)
def salesforce(**options: Any) -> None:
    """Run a Salesforce."""
    from sandbox.salesforce import create_app  # noqa: PLC0415 - the other CRM need not be loaded
    from sandbox.salesforce.faults import FAULTS, UnknownFault  # noqa: PLC0415

    if options["faults"] == "help":
        _list_faults(FAULTS)
        return
    if options["contacts"] is not None:
        raise click.UsageError("--contacts is for the sandbox HubSpot; load a Salesforce through its own API.")
    try:
        app = create_app(
            _population(options),
            seed=options["seed"],
            rate_limit=options["rate_limit"],
            live=PACE if options["live"] else 0.0,
            latency=options["latency"],
            faults=options["faults"],
        )
    except UnknownFault as error:
        raise click.UsageError(str(error)) from None
    _serve(app, options["port"], lambda base: _greeting(base, app.state.sandbox.credentials))


def _greeting(base: str, credentials: Any) -> str:
    """Say where the Salesforce listens and how to sign in; the page comes last."""
    names = ("username", "password", "security_token", "consumer_key", "consumer_secret")
    shown = "\n".join(f"{name} {getattr(credentials, name)}" for name in names)
    return f"Salesforce {base}\n{shown}\npage {base}/"


def _population(options: dict[str, Any]) -> Any:
    from sandbox.population import Population  # noqa: PLC0415

    return Population.generate(options["leads"], options["seed"])


def _list_faults(known: dict[str, str]) -> None:
    for name, meaning in known.items():
        click.echo(f"{name:18} {meaning}")


def _serve(app: Starlette, port: int, greet: Callable[[str], str]) -> None:
    """Serve until stopped; what the greeting says comes first, once the port is ours."""
    from sandbox.server import run  # noqa: PLC0415

    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    try:
        run(app, port, lambda base: click.echo(greet(base)))
    except OSError as error:
        raise click.ClickException(
            f"Port {port} cannot be used: {error.strerror}. Choose another with --port."
        ) from None
