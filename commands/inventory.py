"""`leadgauge inventory`: what is read, kept, written and called, for the person who has to approve it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click
from rich.table import Table

from commands.common import console, json_option, prepared, print_json, settings_option
from pipeline.inventory import OfConnection, Taken, taken

Rows = tuple[str, Sequence[str], Sequence[Sequence[str]]]
"""A heading, the headings of columns, and the cells."""
NONE: Final = "nothing"


@click.command("inventory")
@settings_option
@json_option
@click.option("--markdown", is_flag=True, help="Print Markdown, to paste into a document.")
def command(settings_path: Path, *, as_json: bool, markdown: bool) -> None:
    """List what the settings make leadgauge read, keep, write and call, and with which rights. Makes no call.

    Example: leadgauge inventory --markdown > inventory.md
    """
    found = taken(prepared(settings_path))
    if as_json:
        print_json(found.as_json())
        return
    show = _as_markdown if markdown else _as_table
    for table in _tables(found):
        show(table)


def _tables(found: Taken) -> Iterator[Rows]:
    for one in found.connections:
        yield from _of_connection(one)
    yield "Secrets, which are never stored", ("section", "read from"), found.secrets
    yield "Addresses called besides the CRMs", ("address",), [[one] for one in found.calls]
    yield "Ports that listen", ("port",), [[one] for one in found.listens]


def _of_connection(one: OfConnection) -> Iterator[Rows]:
    read = [(each.object, each.field, each.why, ", ".join(each.used_by), each.kept) for each in one.read]
    yield f"{one.name}: read", ("object", "field", "why", "used by", "kept in"), read
    yield f"{one.name}: written to the CRM", ("field", "label"), one.written
    kept = [("data of a lead", one.keep_data), ("after its deletion", one.keep_deleted), ("history", one.keep_history)]
    yield f"{one.name}: how long", ("what", "how long"), kept
    rights = [
        (
            ", ".join(right["names"]),
            right["lets"],
            right["without"],
            "yes" if right["needed"] else "not by these settings",
        )
        for right in one.rights
    ]
    yield f"{one.name}: rights", ("right", "for", "without it", "needed"), rights
    yield f"{one.name}: addresses called", ("address",), [[each] for each in one.calls]


def _as_table(told: Rows) -> None:
    title, headings, rows = told
    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading)
    for row in rows:
        table.add_row(*row)
    console().show(table, f"{title}: {NONE}.")


def _as_markdown(told: Rows) -> None:
    title, headings, rows = told
    click.echo(f"\n## {title}\n")
    if not rows:
        click.echo(f"{NONE.capitalize()}.")
        return
    for row in (headings, ["---"] * len(headings), *rows):
        click.echo(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |")
