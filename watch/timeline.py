"""What leads had at which time, from the history of what was written to them: never from today's values."""

from datetime import UTC, datetime
from typing import Final

import polars as pl

from vocabulary.fields import TIME
from vocabulary.outputs import LIKELIHOOD, PRIORITY, SCORE

INDEX: Final = "lead_priority_index"
KEPT: Final = pl.Schema(
    {
        PRIORITY: pl.String(),
        "lead_grade": pl.String(),
        "lead_readiness": pl.String(),
        SCORE: pl.Float64(),
        INDEX: pl.Float64(),
        LIKELIHOOD: pl.Float64(),
    }
)
"""The outputs whose past is asked for."""
NUMBERS: Final = tuple(name for name, dtype in KEPT.items() if dtype == pl.Float64())
BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when a lead has what it had before the first write that is still kept."""
FIRST: Final = "first"
"""The cause of the first write to a lead."""

WRITES: Final = pl.Schema(
    {
        "lead": pl.String(),
        "change": pl.Int64(),
        "written_at": TIME,
        "run": pl.Int64(),
        "causes": pl.String(),
        "before": pl.String(),
        "after": pl.String(),
    }
)
"""The history: `before` and `after` are JSON, value by output, with the outputs that were written only."""
TOLD: Final = pl.Schema({"lead": pl.String(), "told_at": TIME, **KEPT})
"""What was last written to each lead."""
TIMELINE: Final = pl.Schema(
    {"lead": pl.String(), "at": TIME, "run": pl.Int64(), "causes": pl.String(), "new": pl.Boolean(), **KEPT}
)


def timeline(writes: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Return what each lead had from which time on (`TIMELINE`), in the order of leads and times.

    One row per write. `new`: the lead's first one. Leads whose first write is kept no more have a row at the beginning,
    with what they had before the first write that is.
    """
    moved = writes.sort("lead", "change").select(
        "lead", "change", at="written_at", run="run", causes="causes", new=_is_first(), **_after()
    )
    both = pl.concat([_base(writes, told), moved.select(_ROW.names())]).sort("lead", "change")
    carried = both.with_columns(pl.col(*KEPT).forward_fill().over("lead"))
    return carried.select("lead", "at", "run", "causes", "new", *_emptied()).cast(TIMELINE)


_ROW: Final = pl.Schema(
    {"lead": pl.String(), "change": pl.Int64(), **{n: t for n, t in TIMELINE.items() if n != "lead"}}
)


def _is_first() -> pl.Expr:
    return pl.col("causes").str.split(",").list.contains(FIRST)


def _has(texts: str, name: str) -> pl.Expr:
    return pl.col(texts).str.contains(f'"{name}":', literal=True)


def _after() -> dict[str, pl.Expr]:
    """Return what each write wrote: null for nothing, and an empty text or NaN where it emptied the field."""
    values = pl.col("after").str.json_decode(pl.Struct(KEPT))
    return {
        name: pl.when(_has("after", name)).then(values.struct.field(name).fill_null(_nothing(name))) for name in KEPT
    }


def _nothing(name: str) -> pl.Expr:
    return pl.lit(float("nan") if name in NUMBERS else "")


def _emptied() -> list[pl.Expr]:
    """Return the values with null where the field was emptied."""
    texts = [pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in KEPT if name not in NUMBERS]
    return [*texts, *(pl.col(name).fill_nan(None) for name in NUMBERS)]


def _base(writes: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Return what leads had before the first write that is kept, for those whose very first one is not."""
    known = told.drop_nulls("told_at").join(writes.filter(_is_first()).select("lead").unique(), on="lead", how="anti")
    past = writes.sort("lead", "change").join(known, on="lead", how="semi")
    found = past.group_by("lead", maintain_order=True).agg(**{f"was_{name}": _was(name) for name in KEPT})
    rows = known.join(found, on="lead", how="left").with_columns(
        pl.coalesce(f"was_{name}", name).alias(name) for name in KEPT
    )
    beginning = pl.lit(BEGINNING, TIME)
    return rows.select(
        "lead",
        change=pl.lit(-1, pl.Int64),
        at=beginning,
        run=pl.lit(None, pl.Int64),
        causes=pl.lit("", pl.String),
        new=pl.lit(value=False),
        **{name: pl.col(name) for name in KEPT},
    ).select(_ROW.names())


def _was(name: str) -> pl.Expr:
    """Return what the first write of an output replaced; null if it was never written."""
    text = pl.when(_has("before", name)).then(pl.col("before").str.json_path_match(f"$.{name}").fill_null(""))
    first = text.drop_nulls().first()
    return (
        pl.when(first == "").then(_nothing(name)).otherwise(first.cast(pl.Float64, strict=False))
        if (name in NUMBERS)
        else first
    )
