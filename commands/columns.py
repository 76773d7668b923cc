"""Options that say what the columns of tables are called, and how their dates read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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


class KindColumn(click.ParamType[tuple[str, str]]):
    """`KIND=COLUMN`."""

    name = "kind=column"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Return the kind and the heading."""
        kind, _, heading = (part.strip() for part in str(value).partition("="))
        if not kind or not heading:
            self.fail(
                f'{value!r} is no column of activities: write KIND=COLUMN, such as visit="Time Last Seen"', param, ctx
            )
        return kind, heading


ACTIVITY: Final[Option] = click.option(
    "--activity",
    "wide",
    type=KindColumn(),
    multiple=True,
    help="A column of --leads with the time of an activity of this kind, or with counts of months"
    " (visit=visits_YYYY_MM); repeatable.",
)


def columns(dates: Order | None, wide: Iterable[tuple[str, str]] = (), **named: str | None) -> Columns:
    """Return what the command line says of columns; those that are not named are None."""
    ours = {name: heading for name, heading in named.items() if heading is not None}
    return Columns(ours, activities=by_kind(wide), dates=dates)


def by_kind(wide: Iterable[tuple[str, str]]) -> Mapping[str, Sequence[str]]:
    """Return the headings of each kind."""
    kinds: dict[str, list[str]] = {}
    for kind, heading in wide:
        kinds.setdefault(kind, []).append(heading)
    return kinds
