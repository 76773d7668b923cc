"""`leadgauge forget`: erase a lead, or data of connections removed from the settings."""

from pathlib import Path

import click

from commands.common import connection_options, console, prepared, stop_on_signal, told
from commands.orphans import leftover_table
from config import Settings
from pipeline.forgetting import Forgetting, FoundLead, find_lead, forget_leftovers, waiting
from pipeline.job import WhichConnection, opened
from pipeline.leftovers import leftovers
from pipeline.lookup import lead_of
from store import Store


@click.command("forget")
@click.argument("lead", required=False)
@connection_options
@click.option(
    "--orphans", is_flag=True, help="Erase the data of connections and scorecards that are not in the settings."
)
@click.option("--stay-out", is_flag=True, help="Keep digests, by which the person is never stored again.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(
    lead: str | None, settings_path: Path, connection: str | None, *, orphans: bool, stay_out: bool, yes: bool
) -> None:
    """Erase LEAD (its id or e-mail address) from every table and file of leadgauge, in every connection that has it.

    This includes a lead that left the CRM and whose history is kept in case it returns. The CRM is not touched:
    delete the contact there first, or the next pass reads it again, unless --stay-out keeps digests of the id and of
    every e-mail address, by which the person is recognised. --connection says where the id is looked up;
    the person is erased from the other connections too, found by the e-mail address. If the daemon runs, it does this
    between its passes.

    Example: leadgauge forget 00Q8d00000ABCdE
    """
    if (lead is None) is not orphans:
        raise click.UsageError("Give a LEAD or --orphans.")
    if stay_out and orphans:
        raise click.UsageError("--stay-out goes with a LEAD, not with --orphans.")
    settings = prepared(settings_path)
    with Store.open(settings.database_url) as store:
        _verify(settings, store, connection)
        if lead is None:
            _forget_orphans(settings, store, connection, ask=not yes)
        else:
            _forget_lead(settings, store, lead, connection, ask=not yes, stay_out=stay_out)


def _verify(settings: Settings, store: Store, connection: str | None) -> None:
    known = [*settings.connections, *(name for name in store.connections() if name not in settings.connections)]
    if connection is not None and connection not in known:
        raise WhichConnection(
            f"There is no connection '{connection}' in the settings or the database. There are: {', '.join(known)}."
        )


def _forget_lead(
    settings: Settings, store: Store, lead: str, connection: str | None, *, ask: bool, stay_out: bool
) -> None:
    people = find_lead(store, lead, connection)
    if not people and not waiting(store, lead):
        people = [_found_by_crm(settings, lead, connection)]
    if ask:
        named = [_named(one) for one in people] or [f"what waits for {lead}"]
        click.confirm(f"Erase {' and '.join(named)}?", abort=True)
    with stop_on_signal() as stop:
        Forgetting(store, stop, told, stay_out).forget(lead, people)
    for one in people:
        click.echo(f"{one.connection}: lead {one.lead} is erased.")
    if not people:
        click.echo(f"What waited for {lead} is erased.")


def _found_by_crm(settings: Settings, lead: str, connection: str | None) -> FoundLead:
    """Return a lead that only the CRM can find by its address; raise `UnknownLead` if it cannot."""
    with opened(settings, connection) as job:
        return FoundLead(job.name, lead_of(job, lead), frozenset())


def _named(one: FoundLead) -> str:
    return f"lead {one.lead} from {one.connection}"


def _forget_orphans(settings: Settings, store: Store, connection: str | None, *, ask: bool) -> None:
    named = {name: frozenset(use.prefix for use in each.scorecards) for name, each in settings.connections.items()}
    left = [one for one in leftovers(store, named) if connection in (None, one.connection)]
    if not left:
        click.echo("There is no data of connections or scorecards outside the settings.")
        return
    console().print(leftover_table(left))
    if ask:
        click.confirm("Erase all of this from the database? Fields in the CRM are kept.", abort=True)
    forget_leftovers(store, left)
    click.echo("Erased.")
