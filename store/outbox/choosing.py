"""Choosing leads by their last computed results, and what moved in what was written to them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, tuple_

from store.sql.database import micros
from store.sql.schema import outboxes, results, runs, writes
from vocabulary.writes import Value

MOVING: Final = ("lead_priority", "lead_grade", "lead_readiness", "lead_score_status")
"""The outputs that make a lead one that moved."""
TOLD: Final = (*MOVING, "lead_score")
"""The outputs whose moves are told."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which leads to list; by default all."""

    values: Mapping[str, Collection[str | None]] = field(default_factory=dict)
    """The values to choose by output; None chooses leads without one."""
    written_since: datetime | None = None
    moved_since: datetime | None = None
    """Only leads to which another grade, stage, priority or status was written since then, after their first write."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The values of an output over some time, oldest first; two or more."""

    name: str
    values: tuple[Value, ...]


def conditions(sql: Connection, outbox: int, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return what the rows of `results` have to fulfil."""
    found = [results.c.outbox == outbox, results.c.bucket >= 0]
    found += [_among(name, values) for name, values in wanted.values.items()]
    if wanted.written_since:
        found.append(results.c.told_at >= micros(wanted.written_since))
    if wanted.moved_since:
        found.append(_moved(sql, outbox, wanted.moved_since))
    return found


def _among(name: str, values: Collection[str | None]) -> ColumnElement[bool]:
    known = results.c[name].in_([value for value in values if value is not None])
    return or_(known, results.c[name].is_(None)) if None in values else known


def _moved(sql: Connection, outbox: int, since: datetime) -> ColumnElement[bool]:
    """Return whether a lead is among those that moved."""
    return tuple_(results.c.bucket, results.c.lead).in_(moved(sql, outbox, since))


def moved(sql: Connection, outbox: int, since: datetime) -> Select[tuple[int, str]]:
    """Query `bucket` and `lead` of those that moved. The first run of that time is looked up for the index."""
    mine = select(outboxes.c.connection).where(outboxes.c.outbox == outbox).scalar_subquery()
    still = or_(runs.c.finished_at.is_(None), runs.c.finished_at >= micros(since))
    first = sql.scalar(select(func.min(runs.c.run)).where(runs.c.connection == mine, still))
    return select(writes.c.bucket, writes.c.lead).where(
        writes.c.outbox == outbox,
        writes.c.run >= (first or 0),
        writes.c.written_at >= micros(since),
        ~writes.c.causes.contains("first"),
        or_(*(writes.c.after.contains(f'"{name}":', autoescape=True) for name in MOVING)),
    )


def add_moves(found: dict[str, list[Value]], before: Mapping[str, Value], after: Mapping[str, Value]) -> None:
    """Add the values of one write to those of earlier ones, by output. A value unknown before it is no move."""
    for name, value in after.items():
        if name in before and before[name] != value and name in TOLD:
            found.setdefault(name, [before[name]]).append(value)
