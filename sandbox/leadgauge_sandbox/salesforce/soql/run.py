"""Runs a parsed query and returns a frame and the meaning of its columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol

import polars as pl

from leadgauge_sandbox.salesforce.errors import SalesforceError
from leadgauge_sandbox.salesforce.schema.field import Field
from leadgauge_sandbox.salesforce.schema.sobject import SObject
from leadgauge_sandbox.salesforce.soql.aggregates import (
    SHOWN_AS_IS,
    Groups,
    bare_count,
    is_aggregate,
    output_names,
    part_of_date,
)
from leadgauge_sandbox.salesforce.soql.conditions import IDS, Conditions, is_comparable, semi_joins
from leadgauge_sandbox.salesforce.soql.frames import Keep, Rows, load
from leadgauge_sandbox.salesforce.soql.mistakes import malformed, no_such_object, plainly_malformed
from leadgauge_sandbox.salesforce.soql.scope import Catalogue, Column, Scope, children_of
from leadgauge_sandbox.salesforce.soql.tree import Children, Function, Operand, Ordering, Path, Select, Selected, TypeOf

MAX_OFFSET: Final = 2000
MAX_ALL_FIELDS: Final = 200
MAX_SEMI_JOINS: Final = 2


class World(Catalogue, Rows, Protocol):
    """The objects, fields and rows visible to a user."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a query."""

    sobject: SObject
    frame: pl.DataFrame
    columns: tuple[Column, ...]
    """The columns to return, in the order of the query; the frame may have more."""
    aggregate: bool = False
    counted: int | None = None
    """The result of `SELECT COUNT()`, which has no rows."""
    children: tuple["ChildQuery", ...] = ()
    types: tuple["TypeColumns", ...] = ()

    @property
    def total(self) -> int:
        """Number of rows on all pages."""
        return self.frame.height if self.counted is None else self.counted


@dataclass(frozen=True, slots=True)
class ChildQuery:
    """A subquery over the children of each row, joined by their reference."""

    name: str
    reference: str
    sobject: SObject
    query: Select
    include_deleted: bool


@dataclass(frozen=True, slots=True)
class TypeColumns:
    """Columns to return under a polymorphic relationship, by the type of its target."""

    relationship: str
    kind: str
    when: dict[str, "KindColumns"]
    otherwise: tuple[Column, ...]
    """Columns for types without a WHEN, by path over the relationship."""


@dataclass(frozen=True, slots=True)
class KindColumns:
    """Columns of one type, by path from that object."""

    sobject: SObject
    columns: tuple[Column, ...]

    def read(self, world: World, identifiers: Sequence[str]) -> pl.DataFrame:
        """Return the rows of the given records."""
        needs = {each.name for each in self.columns} | _parents(self.columns) | {"Id"}
        return load(world, self.sobject, needs, Keep(pl.col("Id").is_in(list(identifiers)), frozenset({"Id"})))


def run(query: Select, world: World, *, include_deleted: bool = False) -> Result:
    """Run a query; deleted and archived rows only if requested."""
    scope = Scope.of(query, world)
    include_deleted = include_deleted or query.all_rows
    if query.offset is not None and query.offset > MAX_OFFSET:
        raise SalesforceError("NUMBER_OUTSIDE_VALID_RANGE", f"SOQL maximum offset allowed is {MAX_OFFSET}")
    if is_aggregate(query):
        return _run_groups(scope, world, include_deleted=include_deleted)
    return _run_records(scope, world, include_deleted=include_deleted)


def run_children(child: ChildQuery, world: World, parents: Sequence[str]) -> tuple[Result, dict[str, pl.DataFrame]]:
    """Run a query over the children of some rows, per parent."""
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
    needs = {name for column in columns for name in column.needs} | _kinds(types) | _parents(columns)
    if "Id" in scope.sobject.fields:
        needs.add("Id")
    if also is not None:
        needs.add(also[0])
    ordering = [(scope.checked(_path(scope, each), _sortable, "sorted"), each) for each in query.order]
    needs |= {column.name for column, _ in ordering}
    keep = _keep(scope, world, include_deleted=include_deleted)
    if also is not None:
        keep = Keep(also[1] & keep.condition, keep.needs | {also[0]})
    frame = load(world, scope.sobject, needs, keep)
    frame = _sort(frame, ordering).with_columns(each.values.alias(each.name) for each in columns)
    if also is None:
        frame = _cut(frame, query)
    elif query.limit is not None:
        frame = frame.group_by(also[0], maintain_order=True).head(query.limit)
    return Result(scope.sobject, frame, columns, children=children, types=types)


def _run_groups(scope: Scope, world: World, *, include_deleted: bool) -> Result:
    query = scope.query
    _check_count(query)
    groups = Groups(scope)
    for operand in query.group:
        groups.add_key(operand)
    items = [item for item in query.items if isinstance(item, Selected)]
    if len(items) < len(query.items):
        raise malformed(query.text, query.source.at, "subqueries can not stand in aggregate queries")
    columns = [groups.column(item.operand) for item in items]
    ordering = [(groups.column(each.operand), each) for each in query.order]
    having = Conditions(scope, world.now, _no_subquery, groups.column)
    condition = None if query.having is None else having.compile(query.having)
    keep = _keep(scope, world, include_deleted=include_deleted)
    frame = groups.gather(load(world, scope.sobject, groups.needs | {"Id"} & set(scope.sobject.fields), keep))
    if condition is not None:
        frame = frame.filter(condition)
    if bare_count(query) is not None:
        return Result(scope.sobject, frame.clear(), (), counted=_counted(frame, query), aggregate=True)
    shown = _sort_and_name(frame, ordering, columns, output_names(items, columns))
    return Result(scope.sobject, _cut(shown[0], query), shown[1], aggregate=True)


def _check_count(query: Select) -> None:
    """Refuse `COUNT()` with anything that would return rows."""
    bare = bare_count(query)
    if bare is not None and (len(query.items) > 1 or query.group or query.order):
        raise malformed(query.text, bare.at, "COUNT() stands alone: name a field, as in COUNT(Id)")


def _counted(frame: pl.DataFrame, query: Select) -> int:
    found = int(frame.item())
    return found if query.limit is None else min(found, query.limit)


def _sort_and_name(
    frame: pl.DataFrame, ordering: list[tuple[Column, Ordering]], columns: list[Column], names: list[str]
) -> tuple[pl.DataFrame, tuple[Column, ...]]:
    frame = _sort(frame, ordering)
    named = frame.select(pl.col(column.name).alias(name) for column, name in zip(columns, names, strict=True))
    return named, tuple(Column(name, column.field) for column, name in zip(columns, names, strict=True))


def _keep(scope: Scope, world: World, *, include_deleted: bool) -> Keep:
    """Combine WHERE with the filter for deleted and archived rows."""
    needs: set[str] = set()
    hidden = [name for name in ("IsDeleted", "IsArchived") if name in scope.sobject.fields and not include_deleted]
    conditions = [~pl.col(name) for name in hidden]
    needs.update(hidden)
    where = scope.query.where
    if where is not None:
        compiler = Conditions(scope, world.now, _Subquery(world, scope), partial(_filtered, scope, needs))
        conditions.append(compiler.compile(where))
        if semi_joins(where) > MAX_SEMI_JOINS:
            raise plainly_malformed(f"Maximum {MAX_SEMI_JOINS} semi join sub-selects are allowed")
    return Keep(pl.all_horizontal(pl.lit(value=True), *conditions), frozenset(needs))


def _filtered(scope: Scope, needs: set[str], operand: Operand) -> Column:
    """Return a column in WHERE, and record the fields it reads."""
    if isinstance(operand, Function):
        return part_of_date(scope, operand, needs)
    column = scope.checked(operand, is_comparable, "filtered")
    needs.add(column.name)
    return column


def _no_subquery(_query: Select) -> pl.Series:
    raise plainly_malformed("Semi join sub-selects are only allowed at the top level WHERE expressions")


@dataclass(frozen=True, slots=True)
class _Subquery:
    """Runs the query in IN (…): one column of ids."""

    world: World
    outer: Scope

    def __call__(self, query: Select) -> pl.Series:
        if semi_joins(query.where):
            raise plainly_malformed("Nesting of semi join sub-selects is not supported")
        result = run(query, self.world)
        if result.sobject is self.outer.sobject:
            raise plainly_malformed("The inner and outer selects should not be on the same object type")
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
            case Selected():
                found.columns.extend(_selected(scope, item))
    _refuse_duplicates(found.columns, scope.query)
    return tuple(found.columns), tuple(found.children), tuple(found.types)


def _selected(scope: Scope, item: Selected) -> list[Column]:
    operand = item.operand
    if isinstance(operand, Path):
        if item.alias is not None:
            raise plainly_malformed("only aggregate expressions use field aliasing")
        return [scope.column(operand)]
    if operand.name == "FIELDS" and isinstance(operand.argument, Path):
        return _all_fields(scope, operand.argument)
    if operand.name in SHOWN_AS_IS and isinstance(operand.argument, Path):
        return [_renamed(scope.column(operand.argument), item.alias)]
    raise malformed(scope.query.text, operand.at, f"unexpected token: '{operand.name}'")


def _renamed(column: Column, alias: str | None) -> Column:
    return column if alias is None else Column(alias, column.field, column.values)


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
    found = children_of(scope.catalogue, scope.sobject, wanted)
    if found is not None:
        sobject, reference = found
        return ChildQuery(str(reference.children), reference.name, sobject, query, include_deleted)
    raise SalesforceError(
        "INVALID_TYPE",
        f"Didn't understand relationship '{wanted}' in FROM part of query call. If you are attempting to use a custom "
        "relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or "
        "the describe call for the appropriate names.",
    )


def _type_columns(scope: Scope, item: TypeOf) -> TypeColumns:
    head = item.path.parts
    kind = scope.column(Path((*head, "Type"), item.path.at))
    branches = [_kind_columns(scope, name, fields) for name, fields in item.when]
    otherwise = tuple(scope.column(Path((*head, *each.parts), each.at)) for each in item.otherwise)
    when = {each.sobject.name: each for each in branches}
    return TypeColumns(kind.name.rpartition(".")[0], kind.name, when, otherwise)


def _kind_columns(scope: Scope, name: str, fields: Sequence[Path]) -> KindColumns:
    sobject = scope.catalogue.find(name)
    if sobject is None:
        raise no_such_object(scope.query.text, fields[0].at, name)
    inner = Scope(scope.catalogue, scope.query, sobject)
    return KindColumns(sobject, tuple(inner.column(each) for each in fields))


def _kinds(types: Sequence[TypeColumns]) -> set[str]:
    shown = [column for each in types for column in each.otherwise]
    ids = {f"{each.relationship}.Id" for each in types}
    return ids | {each.kind for each in types} | {column.name for column in shown}


def _parents(columns: Sequence[Column]) -> set[str]:
    """Return the id columns along the paths; they distinguish missing parents from empty ones."""
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
    """Sort text case-insensitively, ids case-sensitively, and missing values first by default."""
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
