"""`leadgauge export`: print everything stored about one person."""

from pathlib import Path

import click

from commands.common import connection_options, prepared, print_json
from pipeline.person import everything
from store import Store


@click.command("export")
@click.argument("lead")
@connection_options
def command(lead: str, settings_path: Path, connection: str | None) -> None:
    """Print everything stored about LEAD (its id or e-mail address) as JSON, from every connection of the database.

    This includes what waits for the address, and a lead that left the CRM and whose history is kept. E-mail addresses
    are stored as digests only. --connection says where the id is looked up; the person is found in the other
    connections by the e-mail address. The CRM is not asked.

    Example: leadgauge export ada@example.com
    """
    settings = prepared(settings_path)
    with Store.open(settings.database_url) as store:
        print_json({"lead": lead, "connections": everything(store, lead, connection)})
