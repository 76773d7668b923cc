"""`leadgauge forget`: erase a lead, or what left the settings, from everything that leadgauge stores."""

from pathlib import Path

import click

from commands.common import connection_options, console, prepared
from commands.orphans import leftover_table
from config import Settings
from pipeline.find import lead_of
from pipeline.forgetting import Whereabouts, forget, forget_leftovers, whereabouts
from pipeline.job import WhichConnection, opened
from pipeline.leftovers import leftovers
from store import Store


@click.command("forget")
@click.argument("lead", required=False)
@connection_options
@click.option("--orphans", is_flag=True, help="Erase what is kept of connections and scorecards outside the settings.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(lead: str | None, settings_path: Path, connection: str | None, *, orphans: bool, yes: bool) -> None:
    """Erase LEAD (its id or e-mail address) from every table and file of leadgauge, in every connection that knows it.

    A lead that left the CRM, and whose history is kept in case it returns, is erased too. The CRM is not touched:
    delete the contact there first, or the next pass reads it again. With --connection, the id
    is looked up there; the person is erased from the other connections of the database too, found by its address.

    Example: leadgauge forget 00Q8d00000ABCdE
    """
    if (lead is None) is not orphans:
        raise click.UsageError("Name a LEAD, or say --orphans.")
    settings = prepared(settings_path)
    with Store.open(settings.database_url) as store:
        _verify(settings, store, connection)
        if lead is None:
            _forget_orphans(settings, store, connection, ask=not yes)
        else:
            _forget_lead(settings, store, lead, connection, ask=not yes)


def _verify(settings: Settings, store: Store, connection: str | None) -> None:
    known = [*settings.connections, *(name for name in store.connections() if name not in settings.connections)]
    if connection is not None and connection not in known:
        there = ", ".join(known)
        raise WhichConnection(f"Neither settings nor database have a connection '{connection}'. There is {there}.")


def _forget_lead(settings: Settings, store: Store, lead: str, connection: str | None, *, ask: bool) -> None:
    people = whereabouts(store, lead, connection) or [_asked_for(settings, lead, connection)]
    if ask:
        click.confirm(f"Erase {' and '.join(_named(one) for one in people)}?", abort=True)
    forget(store, people)
    for one in people:
        click.echo(f"{one.connection}: lead {one.lead} is erased.")


def _asked_for(settings: Settings, lead: str, connection: str | None) -> Whereabouts:
    """Return a lead that only its CRM can find by its address; raises where it is not known."""
    with opened(settings, connection) as job:
        return Whereabouts(job.name, lead_of(job, lead), None)


def _named(one: Whereabouts) -> str:
    return f"lead {one.lead} from {one.connection}"


def _forget_orphans(settings: Settings, store: Store, connection: str | None, *, ask: bool) -> None:
    named = {name: frozenset(use.prefix for use in each.scorecards) for name, each in settings.connections.items()}
    left = [one for one in leftovers(store, named) if connection in (None, one.connection)]
    if not left:
        click.echo("Nothing is left of connections or scorecards outside the settings.")
        return
    console().print(leftover_table(left))
    if ask:
        click.confirm("Erase all of this from the database? Fields in the CRM stay.", abort=True)
    forget_leftovers(store, left)
    click.echo("Erased.")
