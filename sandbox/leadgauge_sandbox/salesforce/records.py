"""Records as JSON: attributes, then the requested fields, nested parents, and children as lists."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

from leadgauge_sandbox.salesforce.org import Org, View
from leadgauge_sandbox.salesforce.schema.field import TIME
from leadgauge_sandbox.salesforce.soql.run import ChildQuery, KindColumns, Result, TypeColumns, run_children
from leadgauge_sandbox.salesforce.soql.scope import Column

TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%S.000+0000"


def as_json(result: Result, frame: pl.DataFrame, view: View, version: str) -> list[dict[str, Any]]:
    """Return rows of a result as the REST API does."""
    values = plain_columns(frame)
    if result.aggregate:
        return [{"attributes": {"type": "AggregateResult"}, **row} for row in _rows(values, result.columns)]
    base = f"/services/data/v{version}/{'tooling/' if result.sobject.name == 'CustomField' else ''}sobjects"
    maker = _Maker(view.org, base)
    kinds = {column.name: column for column in result.columns}
    records = [maker.record(result.sobject.name, kinds, row) for row in _named(values, frame.height)]
    for types in result.types:
        _add_types(records, types, values, maker, view)
    for child in result.children:
        _add_children(records, child, values["Id"], view, version)
    return records


def plain_columns(frame: pl.DataFrame) -> dict[str, list[Any]]:
    """Return the columns as lists of JSON values."""
    return {
        name: frame[name].dt.strftime(TIME_FORMAT).to_list() if dtype == TIME else frame[name].to_list()
        for name, dtype in frame.schema.items()
    }


def _rows(values: Mapping[str, list[Any]], columns: Sequence[Column]) -> list[dict[str, Any]]:
    names = [column.name for column in columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*(values[name] for name in names), strict=True)]


def _named(values: Mapping[str, list[Any]], height: int) -> list[dict[str, Any]]:
    names = list(values)
    return (
        [dict(zip(names, row, strict=True)) for row in zip(*values.values(), strict=True)] if names else [{}] * height
    )


class _Maker:
    """Makes records and finds the object of an id."""

    def __init__(self, org: Org, base: str) -> None:
        self._org, self._base = org, base

    def record(self, name: str, columns: Mapping[str, Column], row: Mapping[str, Any]) -> dict[str, Any]:
        record: dict[str, Any] = {"attributes": self.attributes(name, row.get("Id"))}
        for path in columns:
            *way, last = path.split(".")
            inner = record if not way else self._parent(record, way, row)
            if inner is not None:
                inner[last] = row[path]
        return record

    def attributes(self, name: str, identifier: Any) -> dict[str, Any]:
        return {"type": name, "url": f"{self._base}/{name}/{identifier}"}

    def _parent(self, record: dict[str, Any], way: Sequence[str], row: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the nested record of a relationship, created on first use; None if there is none."""
        inner: dict[str, Any] | None = record
        for depth, step in enumerate(way, 1):
            assert inner is not None
            if step not in inner:
                identifier = row.get(".".join([*way[:depth], "Id"]))
                known = self._org.by_prefix(identifier) if identifier else None
                name = known.name if known else str(identifier)
                inner[step] = None if identifier is None else {"attributes": self.attributes(name, identifier)}
            inner = inner[step]
            if inner is None:
                return None
        return inner


def _add_types(
    records: Sequence[dict[str, Any]], types: TypeColumns, values: Mapping[str, list[Any]], maker: _Maker, view: View
) -> None:
    identifiers = values[f"{types.relationship}.Id"]
    known = [identifier for identifier in identifiers if identifier is not None]
    found = {key: shown for each in types.when.values() for key, shown in _of_kind(each, known, maker, view)}
    for place, (record, identifier) in enumerate(zip(records, identifiers, strict=True)):
        record[types.relationship] = found.get(identifier) or _of_any_kind(types, values, place, maker)


def _of_kind(
    each: KindColumns, known: Sequence[str], maker: _Maker, view: View
) -> Iterator[tuple[str, dict[str, Any]]]:
    frame = each.read(view, known)
    kinds = {column.name: column for column in each.columns}
    for row in _named(plain_columns(frame), frame.height):
        yield row["Id"], maker.record(each.sobject.name, kinds, row)


def _of_any_kind(types: TypeColumns, values: Mapping[str, list[Any]], row: int, maker: _Maker) -> dict[str, Any] | None:
    """Return a record of a type without a WHEN."""
    identifier = values[f"{types.relationship}.Id"][row]
    if identifier is None:
        return None
    shown = {column.name.rpartition(".")[2]: values[column.name][row] for column in types.otherwise}
    return {"attributes": maker.attributes(str(values[types.kind][row]), identifier), **shown}


def _add_children(
    records: Sequence[dict[str, Any]], child: ChildQuery, parents: Sequence[str], view: View, version: str
) -> None:
    result, found = run_children(child, view, parents)
    for record, parent in zip(records, parents, strict=True):
        frame = found.get(parent)
        rows = [] if frame is None else as_json(result, frame, view, version)
        record[child.name] = {"totalSize": len(rows), "done": True, "records": rows} if rows else None
