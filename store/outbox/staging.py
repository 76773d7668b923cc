"""Staging results in the outbox: store them, and make them pending if they must be written."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from store.outbox import whose
from store.outbox.box import Box
from store.outbox.comparing import Tolerances, differs, flags
from store.outbox.outputs import AGAIN, ANEW, MEND, REASONS, SCHEMA, TOLD, rounded
from store.sql import bulk
from store.sql.database import micros
from store.sql.leases import Transaction
from store.sql.schema import results, stale
from vocabulary.outputs import COMPUTED, GUARDED, PRIORITY, SCORECARD, SCORED_AT


@dataclass(frozen=True, slots=True)
class Staged:
    """How many results were staged, and what became of them."""

    computed: int = 0
    pending: int = 0
    """Of these, rows that are pending now."""
    band_changed: int = 0
    """Of these, rows whose grade, readiness, urgency, priority or status differs from the CRM's."""
    first: int = 0
    """Of these, rows never written before (also counted in `band_changed`)."""
    unchanged: int = 0
    """Of these, rows that need no write."""


_KEY: Final = {"bucket": pl.Int16(), "lead": pl.String()}
_STATE: Final = {
    "told_at": pl.Int64(),
    "pending": pl.String(),
    "causes": pl.String(),
    "surprised_by": pl.Int64(),
    "due_at": pl.Int64(),
}
AT_ONCE: Final = 0
"""When a lead is due of which it is not known how long it stays as it is."""
_OLD: Final = {f"old_{name}": dtype for name, dtype in SCHEMA.items()}
_STALE: Final = {**_KEY, "data": pl.Boolean(), "activity": pl.Boolean()}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be written: which outputs, and how far a number may differ first."""

    written: Collection[str]
    tolerances: Tolerances


@dataclass(frozen=True, slots=True)
class Scored:
    """How results were computed.

    The run, the time scored for, the priorities best first, the mirror's change number, and special leads.
    """

    run: int
    at: datetime
    priorities: Sequence[str] = ()
    upto: int | None = None
    surprising: Sequence[str] = ()
    anew: Sequence[str] = ()
    beside: Sequence[str] = ()
    due: pl.DataFrame | None = None
    """From when on time alone can change what is written: `lead` and `due_at`; null for never."""

    def dated(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return rows with `new_due`; without better knowledge they are due at once."""
        if self.due is None:
            return rows.with_columns(new_due=pl.lit(AT_ONCE, pl.Int64))
        dated = self.due.select("lead", new_due="due_at", dated=pl.lit(value=True))
        joined = rows.join(dated, on="lead", how="left", maintain_order="left")
        return joined.with_columns(new_due=pl.when(pl.col("dated").is_null()).then(AT_ONCE).otherwise("new_due")).drop(
            "dated"
        )


def stage(tx: Transaction, box: Box, frame: pl.DataFrame, scored: Scored, wanted: Wanted) -> Staged:
    """Store results, and mark those that are pending or surprising."""
    outbox, judged = box.number, scored.dated(judge(tx, box, frame, wanted, scored.beside))
    anew = pl.col("lead").is_in(list(scored.anew))
    moved = judged.filter(_moved() | anew).with_columns(
        pl.lit(micros(scored.at)).alias(SCORED_AT), run=pl.lit(scored.run), level=_level(scored.priorities)
    )
    kept = moved.select(
        *_KEY,
        *SCHEMA,
        pl.col("new_pending").alias("pending"),
        pl.col("new_causes").alias("causes"),
        "run",
        "level",
        pl.col("new_due").alias("due_at"),
    )
    bulk.upsert(tx.sql, results, bulk.owned(kept, outbox=outbox))
    _mark(tx, outbox, judged, scored, wanted)
    clean(tx, outbox, judged.select(*_KEY), scored.upto)
    return Staged(
        computed=len(judged),
        pending=judged["new_pending"].count(),
        band_changed=_true(judged["band_changed"]),
        first=_true(judged["first"]),
        unchanged=judged["new_pending"].null_count(),
    )


def _level(priorities: Sequence[str]) -> pl.Expr:
    """Return the place of each priority, 1 for the best; null for none."""
    places = dict(zip(priorities, range(1, len(priorities) + 1), strict=True))
    return pl.col(PRIORITY).replace_strict(places, default=None, return_dtype=pl.Int64)


def _mark(tx: Transaction, outbox: int, judged: pl.DataFrame, scored: Scored, wanted: Wanted) -> None:
    """Mark the surprising leads of this pass, unmark those of earlier ones that no longer differ; note who is due when.

    A drifted lead counts as different until it was corrected.
    """
    guarded = [differs(name) for name in GUARDED if name in wanted.written]
    differs_yet = pl.any_horizontal(pl.lit(value=False), *guarded) & ~pl.col("first")
    drifted = (pl.col("pending") == MEND).fill_null(value=False)
    kept = pl.when(differs_yet | drifted).then("surprised_by")
    new = pl.col("lead").is_in(list(scored.surprising)) & pl.col("surprised_by").is_null()
    marks = judged.with_columns(mark=pl.when(new).then(pl.lit(scored.run)).otherwise(kept).cast(pl.Int64))
    differs_now = pl.col("mark").ne_missing(pl.col("surprised_by")) | pl.col("new_due").ne_missing(pl.col("due_at"))
    changed = marks.filter(differs_now).select(*_KEY, surprised_by="mark", due_at="new_due")
    bulk.set_columns(tx.sql, results, bulk.owned(changed, outbox=outbox), ("outbox", *_KEY))


def judge(tx: Transaction, box: Box, frame: pl.DataFrame, wanted: Wanted, beside: Sequence[str] = ()) -> pl.DataFrame:
    """Join results with the stored ones and decide what becomes of them; what the mirror lacks is left out."""
    present = bulk.keyed(rounded(frame)).join(whose.present(tx, frame["lead"], box.of), on="lead", how="semi")
    key = bulk.owned(present.select(*_KEY), outbox=box.number)
    stored = bulk.find(tx.sql, results, key, {**_KEY, **SCHEMA, **TOLD, **_STATE}).rename(
        dict(zip(SCHEMA, _OLD, strict=True))
    )
    dirt = bulk.find(tx.sql, stale, key, _STALE)
    joined = present.join(stored, on=list(_KEY), how="left").join(dirt, on=list(_KEY), how="left")
    flagged = joined.with_columns(flags(wanted.tolerances, wanted.written))
    return flagged.with_columns(_pending(), _causes(pl.col("lead").is_in(list(beside))))


def _pending() -> pl.Expr:
    """Return why a row is pending; a reason that sends all values is kept until it was sent."""
    reason = (
        pl.when(pl.col("pending").is_in([AGAIN, ANEW, MEND]))
        .then("pending")
        .when("band_changed")
        .then(pl.lit("band"))
        .when("write")
        .then(pl.lit("drift"))
    )
    return reason.alias("new_pending")


def _causes(account_changed: pl.Expr) -> pl.Expr:
    """Return what changed the results since they were last written.

    If nothing in the lead changed, it is its account, and if nothing changed there either, it is time. An edited
    scorecard is a cause only where it moved a result.
    """
    scorecard = _computed_anew(SCORECARD) & _numbers_moved()
    known = {"scorecard": scorecard, "data": pl.col("data"), "activity": pl.col("activity")}
    lead_changed = pl.any_horizontal(*known.values()).fill_null(value=False)
    alone = ~lead_changed & _numbers_moved()
    found = {**known, "account": alone & account_changed, "time": alone & ~account_changed}
    parts = [pl.when(cause.fill_null(value=False) | _had(name)).then(pl.lit(name)) for name, cause in found.items()]
    causes = pl.concat_str(parts, separator=",", ignore_nulls=True)
    return pl.when("first").then(pl.lit("first")).otherwise(causes).alias("new_causes")


def _had(cause: str) -> pl.Expr:
    return pl.col("causes").fill_null("").str.split(",").list.contains(cause)


def _numbers_moved() -> pl.Expr:
    """Return whether any output other than the reasons and the scorecard differs from the last computed one."""
    return pl.any_horizontal(_computed_anew(name) for name in COMPUTED if name not in {REASONS, SCORECARD})


def _computed_anew(name: str) -> pl.Expr:
    """Return whether an output differs from the last computed one."""
    return pl.col(name).ne_missing(pl.col(f"old_{name}"))


def _moved() -> pl.Expr:
    """Return whether the row must be stored; if only the reasons changed, that is when it is pending."""
    waits = pl.col("new_pending").is_not_null() & _computed_anew(REASONS)
    judged = _numbers_moved() | _computed_anew(SCORECARD)
    return judged | waits | pl.col("new_pending").ne_missing(pl.col("pending"))


def clean(tx: Transaction, outbox: int, key: pl.DataFrame, upto: int | None) -> None:
    """Mark leads or accounts (`bucket`, `lead`) as clean, except for changes after the mirror was read."""
    if upto is None:
        bulk.delete_rows(tx.sql, stale, bulk.owned(key, outbox=outbox))
        return
    source = bulk.owned(key, outbox=outbox)
    current = bulk.find(tx.sql, stale, source, {**_KEY, "change": pl.Int64()})
    # By the change too: who changed again meanwhile, in a transaction beside this one, stays marked.
    seen = current.filter(pl.col("change") <= upto).select(*_KEY, "change")
    bulk.delete_rows(tx.sql, stale, bulk.owned(seen, outbox=outbox))


def _true(flags: pl.Series) -> int:
    return int(flags.sum())
