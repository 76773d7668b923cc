"""Resolves the names in a query to fields of objects and the joins to reach them."""

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from leadgauge_sandbox.salesforce.schema.field import Field
from leadgauge_sandbox.salesforce.schema.naming import NAME
from leadgauge_sandbox.salesforce.schema.sobject import SObject
from leadgauge_sandbox.salesforce.soql.mistakes import invalid_field, no_such_column, no_such_object, no_such_relation
from leadgauge_sandbox.salesforce.soql.tree import Path, Select


class Catalogue(Protocol):
    """The objects and fields visible to the user."""

    def find(self, name: str) -> SObject | None:
        """Return an object by its name in any letter case."""

    def visible(self, sobject: SObject) -> Iterable[Field]:
        """Return the fields of an object visible to the user, in order."""

    def sees(self, sobject: SObject, field: Field) -> bool:
        """Return whether the user may see a field."""

    def all(self) -> Iterable[SObject]:
        """Return all objects."""


def children_of(catalogue: Catalogue, parent: SObject, name: str) -> tuple[SObject, Field] | None:
    """Return the object and reference of a child relationship such as `Contacts`."""
    found = (
        (each, reference)
        for each in catalogue.all()
        for reference in each.fields.values()
        if reference.children and parent.name in reference.reference_to
    )
    return next((pair for pair in found if str(pair[1].children).lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a frame: a field by its path from the queried object, or a value derived from one."""

    name: str
    field: Field
    made: pl.Expr | None = dataclasses.field(default=None, compare=False)

    @property
    def values(self) -> pl.Expr:
        """Return the expression of the column."""
        return pl.col(self.name) if self.made is None else self.made

    @property
    def needs(self) -> list[str]:
        """Return the columns it is derived from."""
        return self.values.meta.root_names()


@dataclass(frozen=True, slots=True)
class Scope:
    """The object of a query, and the names it may use."""

    catalogue: Catalogue
    query: Select
    sobject: SObject

    @classmethod
    def of(cls, query: Select, catalogue: Catalogue) -> "Scope":
        """Return the scope of a query with the given object."""
        name = ".".join(query.source.parts)
        sobject = catalogue.find(name)
        if sobject is None or not sobject.queryable:
            raise no_such_object(query.text, query.source.at, name)
        return cls(catalogue, query, sobject)

    def column(self, path: Path) -> Column:
        """Return the column of a path."""
        *way, last = self._parts(path)
        sobject, names = self.sobject, []
        for step in way:
            reference = sobject.relationship(step)
            target = None if reference is None else self.target(reference)
            if reference is None or target is None or not self.catalogue.sees(sobject, reference):
                raise no_such_relation(self.query.text, path.at, step, sobject.name)
            names.append(str(reference.relationship))
            sobject = target
        field = sobject.find(last)
        if field is None or not (sobject is NAME or self.catalogue.sees(sobject, field)):
            raise no_such_column(self.query.text, path.at, last, sobject.name)
        return Column(".".join([*names, field.name]), field)

    def checked(self, path: Path, allowed: Callable[[Field], bool], use: str) -> Column:
        """Return the column of a path, if its field allows this use."""
        column = self.column(path)
        if not allowed(column.field):
            message = f"field '{column.field.name}' can not be {use} in a query call"
            raise invalid_field(self.query.text, path.at, message)
        return column

    def target(self, reference: Field) -> SObject | None:
        """Return the target of a reference; the object of common fields if there are several."""
        if len(reference.reference_to) > 1:
            return NAME
        return self.catalogue.find(reference.reference_to[0]) if reference.reference_to else None

    def _parts(self, path: Path) -> tuple[str, ...]:
        own = {self.sobject.name.lower(), (self.query.alias or "").lower()}
        return path.parts[1:] if len(path.parts) > 1 and path.parts[0].lower() in own else path.parts
