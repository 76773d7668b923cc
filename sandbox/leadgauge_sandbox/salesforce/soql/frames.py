"""Loads the columns that a query needs: stored ones, related ones by join, and formulas."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

import polars as pl

from leadgauge_sandbox.salesforce.schema.counts import COUNTS, NO_MEMBERS, counted
from leadgauge_sandbox.salesforce.schema.formulas import Formula, formula_of
from leadgauge_sandbox.salesforce.schema.naming import NAME, TYPE
from leadgauge_sandbox.salesforce.schema.sobject import SObject
from leadgauge_sandbox.salesforce.table import Table


class Rows(Protocol):
    """Gives access to the rows of objects."""

    @property
    def now(self) -> datetime:
        """The sandbox's current time."""

    def find(self, name: str) -> SObject | None:
        """Return an object by its name."""

    def table(self, sobject: SObject) -> Table:
        """Return the rows of an object."""


@dataclass(frozen=True, slots=True)
class Keep:
    """A filter, applied as early as possible, and the columns it needs."""

    condition: pl.Expr
    needs: frozenset[str]


def load(
    rows: Rows, sobject: SObject, needs: Iterable[str], keep: Keep | None = None, *, row: int | None = None
) -> pl.DataFrame:
    """Return all rows or one row of an object, with a column for each path such as `Account.Owner.Name`."""
    wanted = _with_ingredients(sobject, set(needs) | (keep.needs if keep else set()))
    early = keep is not None and not any("." in name for name in _with_ingredients(sobject, set(keep.needs)))
    direct = {name for name in wanted if "." not in name}
    related = {name for name in wanted if "." in name}
    references = {str(sobject.relationship(name.partition(".")[0]).name) for name in related}  # type: ignore[union-attr]  # the scope has looked it up
    stored = [name for name in direct | references if formula_of(sobject.fields[name]) is None]
    table = rows.table(sobject)
    frame = table.frame(stored) if row is None else table.one(row, stored)
    if sobject.name == "Campaign" and not direct.isdisjoint(COUNTS):
        ids = table.frame(["Id"]) if row is None else table.one(row, ["Id"])
        frame = counted(frame, ids["Id"], _members(rows))
    today = rows.now.date()
    frame = _compute(frame, sobject, direct, today)
    if keep is not None and early:
        frame = frame.filter(keep.condition)
    frame = _join(rows, frame, sobject, related)
    frame = _compute(frame, sobject, direct, today)
    return frame if keep is None or early else frame.filter(keep.condition)


def _members(rows: Rows) -> pl.DataFrame:
    members = rows.find("CampaignMember")
    return NO_MEMBERS if members is None else rows.table(members).frame(NO_MEMBERS.columns)


def _with_ingredients(sobject: SObject, names: set[str]) -> set[str]:
    """Add the names that formulas read."""
    formulas = [formula_of(sobject.fields[name]) for name in names if "." not in name]
    return names.union(*(formula.needs for formula in formulas if formula is not None))


def _compute(frame: pl.DataFrame, sobject: SObject, names: set[str], today: date) -> pl.DataFrame:
    """Add the formulas whose inputs are loaded."""
    ready = [
        _build(formula, today).alias(name)
        for name in names
        if name not in frame.columns
        and (formula := formula_of(sobject.fields[name])) is not None
        and set(formula.needs) <= set(frame.columns)
    ]
    return frame.with_columns(ready) if ready else frame


def _build(formula: Formula, today: date) -> pl.Expr:
    return formula.build([pl.col(name) for name in formula.needs], today)


def _join(rows: Rows, frame: pl.DataFrame, sobject: SObject, related: set[str]) -> pl.DataFrame:
    """Join each relationship once."""
    tails: dict[str, set[str]] = {}
    for name in related:
        head, _, tail = name.partition(".")
        tails.setdefault(head, set()).add(tail)
    for head, names in sorted(tails.items()):
        reference = sobject.relationship(head)
        assert reference is not None
        other = _target(rows, reference.reference_to, names | {"Id"})
        other = other.rename({name: f"{head}.{name}" for name in other.columns})
        frame = frame.join(other, left_on=reference.name, right_on=f"{head}.Id", how="left", maintain_order="left")
        if "Id" in names:
            frame = frame.with_columns(pl.col(reference.name).alias(f"{head}.Id"))
    return frame


def _target(rows: Rows, objects: tuple[str, ...], names: set[str]) -> pl.DataFrame:
    """Load the targets of a reference; several objects are concatenated by their common fields."""
    if len(objects) == 1:
        sobject = rows.find(objects[0])
        assert sobject is not None
        return load(rows, sobject, names)
    faces = [_face(rows, sobject, names) for name in objects if (sobject := rows.find(name)) is not None]
    return pl.concat(faces, how="vertical")


def _face(rows: Rows, sobject: SObject, names: set[str]) -> pl.DataFrame:
    own = [name for name in names if name in sobject.fields and name != TYPE]
    frame = load(rows, sobject, own)
    kind = pl.lit(sobject.name).alias(TYPE)
    blanks = [pl.lit(None, NAME.fields[name].dtype).alias(name) for name in names if name not in own and name != TYPE]
    return frame.with_columns(kind, *blanks).select(sorted({*names, "Id"}))
