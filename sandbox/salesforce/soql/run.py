"""Answers a parsed query with a frame and with what its columns mean."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import polars as pl

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.schema.field import Field
from sandbox.salesforce.schema.sobject import SObject
from sandbox.salesforce.soql.aggregates import (
    SHOWN_AS_IS,
    Groups,
    is_aggregate,
    is_plain_count,
    no_function,
    output_names,
)
from sandbox.salesforce.soql.conditions import IDS, Conditions
from sandbox.salesforce.soql.frames import Keep, Rows, load
from sandbox.salesforce.soql.mistakes import malformed, plainly_malformed
from sandbox.salesforce.soql.scope import Catalogue, Column, Scope
from sandbox.salesforce.soql.tree import Children, Function, Ordering, Path, Select, Selected, TypeOf

MAX_OFFSET: Final = 2000
MAX_ALL_FIELDS: Final = 200


class World(Catalogue, Rows, Protocol):
    """What a query may see: objects, fields and rows, as one user."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a query found."""

    sobject: SObject
    frame: pl.DataFrame
    columns: tuple[Column, ...]
    """What to show, in the order of the query; the frame may hold more."""
    aggregate: bool = False
    counted: int | None = None
    """The answer to `SELECT COUNT()`, which has no rows."""
    children: tuple["ChildQuery", ...] = ()
    types: tuple["TypeColumns", ...] = ()

    @property
    def total(self) -> int:
        """How many rows there are, over all pages."""
        return self.frame.height if self.counted is None else self.counted


@dataclass(frozen=True, slots=True)
class ChildQuery:
    """A query over the children of each row, joined by the children's reference."""

    name: str
    reference: str
    sobject: SObject
    query: Select
    include_deleted: bool


@dataclass(frozen=True, slots=True)
class TypeColumns:
    """Columns to show under a polymorphic relationship, by the kind of record it leads to."""

    relationship: str
    kind: str
    when: dict[str, tuple[Column, ...]]
    otherwise: tuple[Column, ...]


def run(query: Select, world: World, *, include_deleted: bool = False) -> Result:
    """Answer a query; rows in the recycle bin and archived ones only where asked for."""
    scope = Scope.of(query, world)
    include_deleted = include_deleted or query.all_rows
    if query.offset is not None and query.offset > MAX_OFFSET:
        raise SalesforceError("NUMBER_OUTSIDE_VALID_RANGE", f"SOQL maximum offset allowed is {MAX_OFFSET}")
    if is_aggregate(query):
        return _run_groups(scope, world, include_deleted=include_deleted)
    return _run_records(scope, world, include_deleted=include_deleted)


def run_children(child: ChildQuery, world: World, parents: Sequence[str]) -> tuple[Result, dict[str, pl.DataFrame]]:
    """Answer a query over the children of some rows, apart by parent."""
    scope = Scope(world, child.query, child.sobject)
    of_parents = pl.col(child.reference).is_in(list(parents))
    result = _run_records(scope, world, include_deleted=child.include_deleted, also=(child.reference, of_parents))
    groups = result.frame.partition_by(child.reference, as_dict=True, maintain_order=True)
    return result, {str(key[0]): frame for key, frame in groups.items()}


def _run_records(
    scope: Scope, world: World, *, include_deleted: bool, also: tuple[str, pl.Expr] | None = None
) -> Result:
    query = scope.query
    columns, children, types = _select(scope, include_deleted=include_deleted)
    needs = {column.name for column in columns} | _kinds(types) | _parents(columns)
    if "Id" in scope.sobject.fields:
        needs.add("Id")
    if also is not None:
        needs.add(also[0])
    ordering = [(scope.checked(_path(scope, each), _sortable, "sorted"), each) for each in query.order]
    needs |= {column.name for column, _ in ordering}
    keep = _keep(scope, world, None, include_deleted=include_deleted)
    if also is not None:
        keep = Keep(also[1] & keep.condition, keep.needs | {also[0]})
    frame = load(world, scope.sobject, needs, keep)
    frame = _sort(frame, ordering)
    if also is None:
        frame = _cut(frame, query)
    elif query.limit is not None:
        frame = frame.group_by(also[0], maintain_order=True).head(query.limit)
    return Result(scope.sobject, frame, columns, children=children, types=types)


def _run_groups(scope: Scope, world: World, *, include_deleted: bool) -> Result:
    query = scope.query
    groups = Groups(scope)
    for operand in query.group:
        groups.add_key(operand)
    items = [item for item in query.items if isinstance(item, Selected)]
    if len(items) < len(query.items):
        raise malformed(query.text, query.source.at, "subqueries can not stand in aggregate queries")
    columns = [groups.column(item.operand) for item in items]
    ordering = [(groups.column(each.operand), each) for each in query.order]
    having = Conditions(scope, world.now, _subquery(world), groups.measure, groups.needs)
    condition = None if query.having is None else having.compile(query.having)
    keep = _keep(scope, world, groups, include_deleted=include_deleted)
    frame = groups.gather(load(world, scope.sobject, groups.needs | {"Id"} & set(scope.sobject.fields), keep))
    if condition is not None:
        frame = frame.filter(condition)
    if is_plain_count(query):
        return Result(scope.sobject, frame.clear(), (), counted=int(frame.item()), aggregate=True)
    shown = _sort_and_name(frame, ordering, columns, output_names(items))
    return Result(scope.sobject, _cut(shown[0], query), shown[1], aggregate=True)


def _sort_and_name(
    frame: pl.DataFrame, ordering: list[tuple[Column, Ordering]], columns: list[Column], names: list[str]
) -> tuple[pl.DataFrame, tuple[Column, ...]]:
    frame = _sort(frame, ordering)
    named = frame.select(pl.col(column.name).alias(name) for column, name in zip(columns, names, strict=True))
    return named, tuple(Column(name, column.field) for column, name in zip(columns, names, strict=True))


def _keep(scope: Scope, world: World, groups: Groups | None, *, include_deleted: bool) -> Keep:
    """Combine WHERE with the rule that deleted and archived rows are hidden."""
    needs: set[str] = set()
    hidden = [name for name in ("IsDeleted", "IsArchived") if name in scope.sobject.fields and not include_deleted]
    conditions = [~pl.col(name) for name in hidden]
    needs.update(hidden)
    where = scope.query.where
    if where is not None:
        measure = no_function(scope) if groups is None else groups.measure
        compiler = Conditions(scope, world.now, _subquery(world), measure, needs)
        conditions.append(compiler.compile(where))
    return Keep(pl.all_horizontal(pl.lit(value=True), *conditions), frozenset(needs))


def _subquery(world: World) -> "_Subquery":
    return _Subquery(world)


@dataclass(frozen=True, slots=True)
class _Subquery:
    """Answers the query inside IN (…): one column of ids."""

    world: World

    def __call__(self, query: Select) -> pl.Series:
        result = run(query, self.world)
        if len(result.columns) != 1 or result.columns[0].field.type not in IDS:
            raise plainly_malformed("semi join subselects must select exactly one id or reference field")
        return result.frame[result.columns[0].name]


@dataclass(slots=True)
class _Selection:
    columns: list[Column] = field(default_factory=list)
    children: list[ChildQuery] = field(default_factory=list)
    types: list[TypeColumns] = field(default_factory=list)


def _select(
    scope: Scope, *, include_deleted: bool
) -> tuple[tuple[Column, ...], tuple[ChildQuery, ...], tuple[TypeColumns, ...]]:
    found = _Selection()
    for item in scope.query.items:
        match item:
            case Children(query):
                found.children.append(_child(scope, query, include_deleted=include_deleted))
            case TypeOf():
                found.types.append(_type_columns(scope, item))
            case Selected(operand):
                found.columns.extend(_selected(scope, operand))
    _refuse_duplicates(found.columns, scope.query)
    return tuple(found.columns), tuple(found.children), tuple(found.types)


def _selected(scope: Scope, operand: Path | Function) -> list[Column]:
    if isinstance(operand, Path):
        return [scope.column(operand)]
    if operand.name == "FIELDS" and isinstance(operand.argument, Path):
        return _all_fields(scope, operand.argument)
    if operand.name in SHOWN_AS_IS and isinstance(operand.argument, Path):
        return [scope.column(operand.argument)]
    raise malformed(scope.query.text, operand.at, f"unexpected token: '{operand.name}'")


def _all_fields(scope: Scope, which: Path) -> list[Column]:
    kind = which.parts[0].upper()
    if kind not in ("ALL", "STANDARD", "CUSTOM"):
        raise malformed(scope.query.text, which.at, f"unexpected token: '{which.parts[0]}'")
    limit = scope.query.limit
    if kind != "STANDARD" and (limit is None or limit > MAX_ALL_FIELDS):
        message = f"The SOQL FIELDS function must have a LIMIT of at most {MAX_ALL_FIELDS}"
        raise malformed(scope.query.text, which.at, message)
    wanted = {"ALL": (True, False), "STANDARD": (False,), "CUSTOM": (True,)}[kind]
    return [Column(each.name, each) for each in scope.catalogue.visible(scope.sobject) if each.custom in wanted]


def _refuse_duplicates(columns: Sequence[Column], query: Select) -> None:
    names = [column.name for column in columns]
    for name in names:
        if names.count(name) > 1:
            raise plainly_malformed(f"duplicate field selected: {name}")
    if not query.items:
        raise plainly_malformed("a query must select something")


def _child(scope: Scope, query: Select, *, include_deleted: bool) -> ChildQuery:
    wanted = query.source.parts[-1]
    for sobject in scope.catalogue.all():
        for each in sobject.fields.values():
            if each.children and each.children.lower() == wanted.lower() and scope.sobject.name in each.reference_to:
                return ChildQuery(each.children, each.name, sobject, query, include_deleted)
    raise SalesforceError(
        "INVALID_TYPE",
        f"Didn't understand relationship '{wanted}' in FROM part of query call. If you are attempting to use a custom "
        "relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or "
        "the describe call for the appropriate names.",
    )


def _type_columns(scope: Scope, item: TypeOf) -> TypeColumns:
    head = item.path.parts

    def under(fields: Sequence[Path]) -> tuple[Column, ...]:
        return tuple(scope.column(Path((*head, *each.parts), each.at)) for each in fields)

    kind = scope.column(Path((*head, "Type"), item.path.at))
    when = {name: under(fields) for name, fields in item.when}
    return TypeColumns(kind.name.rpartition(".")[0], kind.name, when, under(item.otherwise))


def _kinds(types: Sequence[TypeColumns]) -> set[str]:
    shown = [column for each in types for columns in (*each.when.values(), each.otherwise) for column in columns]
    ids = {f"{each.relationship}.Id" for each in types}
    return ids | {each.kind for each in types} | {column.name for column in shown}


def _parents(columns: Sequence[Column]) -> set[str]:
    """Return the ids of the records on the way to the columns; they tell absent parents from empty ones."""
    ways = [column.name.split(".")[:-1] for column in columns]
    return {".".join([*way[:depth], "Id"]) for way in ways for depth in range(1, len(way) + 1)}


def _path(scope: Scope, ordering: Ordering) -> Path:
    if isinstance(ordering.operand, Function):
        message = f"unexpected token: '{ordering.operand.name}'"
        raise malformed(scope.query.text, ordering.operand.at, message)
    return ordering.operand


def _sortable(each: Field) -> bool:
    return each.sortable


def _sort(frame: pl.DataFrame, ordering: Sequence[tuple[Column, Ordering]]) -> pl.DataFrame:
    """Sort text without letter case, ids with it, and missing values first unless asked otherwise."""
    if not ordering:
        return frame
    keys = [_sort_key(column) for column, _ in ordering]
    return frame.sort(
        keys,
        descending=[each.descending for _, each in ordering],
        nulls_last=[each.nulls_last for _, each in ordering],
        maintain_order=True,
    )


def _sort_key(column: Column) -> pl.Expr:
    expression = pl.col(column.name)
    textual = column.field.dtype == pl.String and column.field.type not in IDS
    return expression.str.to_lowercase() if textual else expression


def _cut(frame: pl.DataFrame, query: Select) -> pl.DataFrame:
    return frame.slice(query.offset or 0, query.limit)
