"""Loads people from a CSV file, every column as a property."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Final

from leadgauge_sandbox.hubspot.properties import Rejected, created, normal

if TYPE_CHECKING:
    from pathlib import Path

    from leadgauge_sandbox.hubspot.portal import Portal
    from leadgauge_sandbox.hubspot.properties import Property
    from leadgauge_sandbox.hubspot.table import Table

ALIASES: Final = {
    "e_mail": "email",
    "email_address": "email",
    "first_name": "firstname",
    "last_name": "lastname",
    "job_title": "jobtitle",
    "phone_number": "phone",
}
GROUP: Final = "loaded"


class BadFile(Exception):  # noqa: N818 - said to a person
    """The file is not a valid table of people."""


def safe(name: str, taken: set[str]) -> str:
    """Return a valid property name for a column: a letter, then lower-case letters, digits and underscores."""
    word = re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_") or "column"
    word = (word if word[0].isalpha() else f"c_{word}")[:90]
    unique, count = word, 2
    while unique in taken:
        unique, count = f"{word}_{count}", count + 1
    return unique


def load_csv(portal: Portal, path: Path) -> int:
    """Create a contact for each row with its values unchanged; returns how many, raises BadFile."""
    table = portal.tables["0-1"]
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.reader(file)
        header = next(reader, None)
        if not header:
            raise BadFile(f"{path} is empty: its first line must name the columns.")
        rows = list(reader)
    names = _define(portal, table, header, rows)
    for cells in rows:
        _create(portal, table, dict(zip(names, cells, strict=False)))
    return len(rows)


def _define(portal: Portal, table: Table, header: list[str], rows: list[list[str]]) -> list[str]:
    """Return the property of each column: HubSpot's of that name if it takes every value, else a new one."""
    table.groups.setdefault(GROUP, {"name": GROUP, "label": "Loaded from a file", "displayOrder": 9, "archived": False})
    names: list[str] = []
    for place, column in enumerate(header):
        plain = safe(column, set())
        plain = ALIASES.get(plain, plain)
        known = table.definitions.get(plain)
        if known and plain not in names and (plain == "email" or _takes(known, rows, place)):
            names.append(plain)
            continue
        name = safe(column, {*names, *table.definitions})
        wish = {"name": name, "label": column or name, "type": "string", "fieldType": "textarea", "groupName": GROUP}
        table.definitions[name] = created(wish, table.groups, portal.clock.now())
        names.append(name)
    return names


def _takes(known: Property, rows: list[list[str]], place: int) -> bool:
    try:
        for cells in rows:
            normal(known, cells[place] if place < len(cells) else "")
    except Rejected:
        return False
    return not known.read_only


def _create(portal: Portal, table: Table, row: dict[str, str]) -> None:
    """Store a row; an invalid or taken address is dropped, not the whole lead."""
    values: dict[str, str] = {}
    for name, cell in row.items():
        try:
            value = normal(table.definitions[name], cell)
        except Rejected:
            continue
        if value and not (name == "email" and table.find_by("email", value)):
            values[name] = value
    portal.create(table, values, "IMPORT")
