"""What a run wrote: how many rows for which cause, and the leads whose priority, grade, stage or status it moved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from sqlalchemy import ColumnElement, Connection, func, select

from store.outbox.choosing import MOVING, TOLD
from store.sql import bulk
from store.sql.schema import WRITES_OF_RUN, found, writes

AT_A_TIME: Final = 20_000
"""About how many writes are read at a time: each has its texts with it."""

_READ: Final = {
    "lead": pl.String(),
    "written_at": pl.Int64(),
    "causes": pl.String(),
    "change": pl.Int64(),
    "before": pl.String(),
    "after": pl.String(),
}
_VALUES: Final = {name: pl.Float64() if name == "lead_score" else pl.String() for name in TOLD}
MOVED: Final = {
    "lead": pl.String(),
    "written_at": pl.Int64(),
    "causes": pl.Categorical(),
    **{f"{when}_{name}": pl.Float32() if name == "lead_score" else pl.Categorical() for name in TOLD for when in "ab"},
    **{f"moved_{name}": pl.Boolean() for name in TOLD},
}
"""The columns of `Told.moved`: `a_…` is what an output was after the write, `b_…` before it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one run wrote."""

    run: int
    writes: int
    causes: Mapping[str, int]
    """How many writes each combination of causes, such as `activity,data`, brought about."""
    unknown: int
    """How many writes went over a value that was not known."""
    moved: pl.DataFrame
    """A row per write that moved a lead, in the order of writing, without first writes; see `MOVED`."""


def wrote(sql: Connection, outbox: int, run: int) -> Told:
    """Return what a run wrote to leads that are still there."""
    mine = _mine(outbox, run)
    counted = select(func.count()).select_from(writes).where(*mine)
    count = sql.execute(bulk.by_index(counted, WRITES_OF_RUN)).scalar_one()
    causes, unknown, moved = dict[str, int](), 0, [pl.DataFrame(schema=MOVED)]
    for chunk in _chunks(sql, mine, count):
        for cause, times in chunk["causes"].value_counts().iter_rows():
            causes[cause] = causes.get(cause, 0) + times
        unknown += _unknown(chunk)
        moved.append(_moved(chunk))
    return Told(run, count, causes, unknown, pl.concat(moved))


def _mine(outbox: int, run: int) -> tuple[ColumnElement[bool], ...]:
    return writes.c.outbox == outbox, writes.c.run == run, writes.c.bucket >= 0


def _chunks(sql: Connection, mine: tuple[ColumnElement[bool], ...], count: int) -> Iterator[pl.DataFrame]:
    """Yield the writes by ranges of buckets. In one range, a lead's writes are in the order of writing."""
    step = min(max(bulk.BUCKETS * AT_A_TIME // max(count, 1), 1), bulk.BUCKETS)
    for start in range(0, bulk.BUCKETS, step):
        if count:
            here = (writes.c.bucket >= start, writes.c.bucket < start + step)
            rows = select(*(writes.c[name] for name in _READ)).where(*mine, *here)
            rows = bulk.by_index(rows, WRITES_OF_RUN) if step == bulk.BUCKETS else rows
            yield bulk.read(sql, rows, _READ).sort("change", maintain_order=True)


def _unknown(chunk: pl.DataFrame) -> int:
    """Count the writes that changed more outputs than they had known values for."""
    outputs = [pl.col(name).str.count_matches(r'"lead_[a-z_]+":') for name in ("before", "after")]
    return int(chunk.select((outputs[0] < outputs[1]).sum()).item())


def _moved(chunk: pl.DataFrame) -> pl.DataFrame:
    rows = chunk.filter(~pl.col("causes").str.contains("first", literal=True))
    parsed = rows.select(
        "lead",
        "written_at",
        "causes",
        pl.col("after").str.json_decode(pl.Struct(_VALUES)).name.map_fields(lambda name: f"a_{name}"),
        pl.col("before").str.json_decode(pl.Struct(_VALUES)).name.map_fields(lambda name: f"b_{name}"),
        *(_both_known(name).alias(f"known_{name}") for name in TOLD),
    ).unnest("after", "before")
    marked = parsed.with_columns(
        (pl.col(f"known_{name}") & pl.col(f"a_{name}").ne_missing(pl.col(f"b_{name}"))).alias(f"moved_{name}")
        for name in TOLD
    )
    moved = marked.filter(pl.any_horizontal(f"moved_{name}" for name in MOVING))
    return moved.select(pl.col(name).cast(dtype) for name, dtype in MOVED.items())


def _both_known(name: str) -> pl.Expr:
    """Return whether a write has an output, and knew what it was before."""
    has = [pl.col(side).str.contains(f'"{name}":', literal=True) for side in ("before", "after")]
    return has[0] & has[1]


@dataclass(frozen=True, slots=True)
class Since:
    """What became of the leads that a run wrote, as far as the database knows."""

    later: int
    """Leads that later runs wrote too."""
    foreign: int
    """Leads with a field that held something else when leads were last listed."""


def since(sql: Connection, outbox: int, run: int) -> Since:
    """Return what became of the leads that a run wrote."""
    mine = _mine(outbox, run)
    after = writes.alias("after")
    same = bulk.same(after, writes, ("outbox", "bucket", "lead"))
    leads = bulk.by_index(select(func.count(writes.c.lead.distinct())), WRITES_OF_RUN)
    later = leads.where(*mine, select(after.c.run).where(same, after.c.run > run).exists())
    held = bulk.same(found, writes, ("outbox", "bucket", "lead"))
    foreign = leads.join_from(writes, found, held)
    return Since(
        later=_number(sql, later), foreign=_number(sql, foreign.where(*mine, found.c.holds.not_in(["", "{}"])))
    )


def _number(sql: Connection, statement: Any) -> int:
    return int(sql.execute(statement).scalar_one())
