"""Options that say what the columns of tables are called, and how their dates read."""

from collections.abc import Callable
from typing import Any, Final

import click

from connectors.files import Columns, Order

Option = Callable[..., Any]

ID: Final[Option] = click.option(
    "--id", "id_", metavar="COLUMN", help="The column of --leads with the id, if it is not recognised."
)
CREATED: Final[Option] = click.option(
    "--created", metavar="COLUMN", help="The column of --leads with the time of creation, if it is not recognised."
)
DATES: Final[Option] = click.option(
    "--dates", type=click.Choice(["day", "month"]), help="What comes first in dates such as 2/1/2018, if none tells."
)


def columns(dates: Order | None, **named: str | None) -> Columns:
    """Return what the command line says of columns; those that are not named are None."""
    return Columns({name: heading for name, heading in named.items() if heading is not None}, dates=dates)
