"""Wrong responses in CSV and XML: the misshapes of JSON, applied to bulk results and SOAP."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from lxml import etree  # type: ignore[import-untyped] # lxml ships no types

from leadgauge_sandbox.misshapes import Bend, Job, Wire
from leadgauge_sandbox.salesforce.soap import Element, local_name

LOCATOR: Final = "Sforce-Locator"
COUNT: Final = "Sforce-NumberOfRecords"
LAST: Final = "null"
WRONG: Final = "wrong"
ROWS_OF_XML: Final = frozenset({"result", "records"})

Table: TypeAlias = list[list[str]]
"""A header and its rows."""


def _rows_changed(change: Callable[[Job, Table], Table]) -> Bend:
    """Return a bend that changes the rows of a table but not the headers about them."""

    def bend(job: Job, wire: Wire) -> Wire:
        table = _table(wire)
        if len(table) < len((table[0], "a row")):
            raise LookupError
        return replace(wire, content=_written([table[0], *change(job, table[1:])]))

    return bend


def _table(wire: Wire) -> Table:
    if not wire.headers.get("Content-Type", "").startswith("text/csv"):
        raise LookupError
    return list(csv.reader(io.StringIO(wire.content.decode(), newline="")))


def _written(table: Table) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(table)
    return out.getvalue().encode()


def _missing_column(job: Job, wire: Wire) -> Wire:
    """Remove a column or an HTTP header."""
    table, name = _table(wire), job.fault.argument
    if name in wire.headers:
        return replace(wire, headers={each: text for each, text in wire.headers.items() if each != name})
    place = _place(job, table)
    return replace(wire, content=_written([row[:place] + row[place + 1 :] for row in table]))


def _place(job: Job, table: Table) -> int:
    """Return the index of the column named by ARG, or a random one."""
    if not job.fault.argument:
        return job.dice.randrange(len(table[0]))
    if job.fault.argument not in table[0]:
        raise LookupError
    return table[0].index(job.fault.argument)


def _wrong_cell(job: Job, wire: Wire) -> Wire:
    """Write nonsense into a random row of a column, or into an HTTP header."""
    table, name = _table(wire), job.fault.argument
    if name in wire.headers:
        return replace(wire, headers={**wire.headers, str(name): WRONG})
    row, place = job.dice.choice(table[1:]), _place(job, table)
    row[place] = WRONG
    return replace(wire, content=_written(table))


def _emptied_column(job: Job, wire: Wire) -> Wire:
    table = _table(wire)
    place = _place(job, table)
    for row in table[1:]:
        row[place] = ""
    return replace(wire, content=_written(table))


def _nothing(_job: Job, wire: Wire) -> Wire:
    headers = {**wire.headers, COUNT: "0", LOCATOR: LAST}
    return replace(wire, content=_written(_table(wire)[:1]), headers=headers)


def _leads(to: Callable[[Job], str]) -> Bend:
    """Return a bend that changes the locator of the next page."""

    def bend(job: Job, wire: Wire) -> Wire:
        if wire.headers.get(LOCATOR, LAST) == LAST or not to(job):
            raise LookupError
        return replace(wire, headers={**wire.headers, LOCATOR: to(job)})

    return bend


_CSV: Final[Mapping[str, Bend]] = {
    "missing-key": _missing_column,
    "null-list": _emptied_column,
    "wrong-type": _wrong_cell,
    "no-rows": _rows_changed(lambda _job, _rows: []),
    "nothing-there": _nothing,
    "short-rows": _rows_changed(lambda job, rows: rows[: max(0, len(rows) - int(job.fault.number(1)))]),
    "repeated-rows": _rows_changed(lambda _job, rows: [row for row in rows for _ in range(2)]),
    "early-end": _leads(lambda _job: LAST),
    "loop-link": _leads(lambda job: job.asked.token or ""),
    "back-link": _leads(lambda job: job.first or ""),
}


def _elements(change: Callable[[Job, Element], None]) -> Bend:
    """Return a bend that changes the body of an envelope."""

    def bend(job: Job, wire: Wire) -> Wire:
        if not wire.headers.get("Content-Type", "").startswith("text/xml"):
            raise LookupError
        root = etree.fromstring(wire.content)
        change(job, next(root.iter("{*}Body")))
        return replace(wire, content=bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True)))

    return bend


def _element(job: Job, body: Element) -> Element:
    """Return a random element named ARG, or of any name."""
    named = [each for each in body.iter() if each is not body and job.fault.argument in (None, local_name(each))]
    return job.dice.choice(named)  # raises IndexError if there is none


def _without(element: Element) -> None:
    element.getparent().remove(element)


def _rows(body: Element) -> list[Element]:
    found = [each for each in body.iter("{*}*") if local_name(each) in ROWS_OF_XML and len(each)]
    inner = [each for each in found if not any(local_name(child) in ROWS_OF_XML for child in each)]
    if not inner:
        raise LookupError
    return inner


def _emptied(job: Job, body: Element) -> None:
    element = _element(job, body)
    element.text = None
    for child in list(element):
        element.remove(child)


def _replaced(job: Job, body: Element) -> None:
    _emptied(job, body)
    _element(job, body).text = WRONG


def _no_rows(_job: Job, body: Element) -> None:
    for row in _rows(body):
        _without(row)


def _short_rows(job: Job, body: Element) -> None:
    for row in _rows(body)[-int(job.fault.number(1)) :]:
        _without(row)


def _repeated_rows(_job: Job, body: Element) -> None:
    for row in _rows(body):
        row.addnext(etree.fromstring(etree.tostring(row)))


_XML: Final[Mapping[str, Bend]] = {
    "missing-key": _elements(lambda job, body: _without(_element(job, body))),
    "null-list": _elements(_emptied),
    "wrong-type": _elements(_replaced),
    "no-rows": _elements(_no_rows),
    "nothing-there": _elements(_no_rows),
    "short-rows": _elements(_short_rows),
    "repeated-rows": _elements(_repeated_rows),
}


def _either(name: str) -> Bend:
    def bend(job: Job, wire: Wire) -> Wire:
        table = _CSV if "csv" in wire.headers.get("Content-Type", "") else _XML
        return table[name](job, wire)

    return bend


BENDS: Final[Mapping[str, Bend]] = {name: _either(name) for name in _CSV}
"""The bends for responses other than JSON, by fault."""
