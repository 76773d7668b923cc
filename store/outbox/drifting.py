"""Drift: CRM fields that hold something else than leadgauge wrote, because someone else wrote to them."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import polars as pl
from sqlalchemy import Connection, RowMapping, Select, func, select, update

from store.outbox.box import Box
from store.outbox.outputs import AGAIN, ANEW, MEND
from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import found, results
from vocabulary.outputs import SCORED_AT, Of

EXAMPLES: Final = 5
"""How many leads are named as examples."""


@dataclass(frozen=True, slots=True)
class Drift:
    """How many leads or accounts drifted, and in which fields."""

    leads: int = 0
    of: Of = "leads"
    fields: Mapping[str, int] = field(default_factory=dict)
    """How many leads, by the field's name in the CRM, most frequent first."""
    examples: tuple[str, ...] = ()
    again: int = 0
    """Leads with a field that was corrected before and drifted again, because another program writes it."""


@dataclass(frozen=True, slots=True)
class Mended:
    """How many leads are written again because they drifted, out of all written leads (`known`)."""

    leads: int
    known: int


def drift(sql: Connection, box: Box, written: Collection[str]) -> Drift:
    """Return the drift last found, among leads written before, in the outputs that are still written."""
    leads, fields, again = list[str](), Counter[str](), 0
    for row in sql.execute(_drifted(box.number)).mappings():
        names = [name for name in orjson.loads(row["holds"]) if name in written or name == SCORED_AT]
        if not names:
            continue
        leads.append(row["lead"])
        fields.update(box.fields[name] for name in names)
        again += not set(names).isdisjoint(orjson.loads(row["mended"]))
    return Drift(len(leads), box.of, dict(fields.most_common()), tuple(sorted(leads)[:EXAMPLES]), again)


def mend(tx: Transaction, outbox: int, run: int, written: Collection[str]) -> Mended:
    """Make drifted leads pending, except for fields that were corrected before or are no longer written."""
    rows = list(_due(tx.sql.execute(_drifted(outbox)).mappings(), {*written, SCORED_AT}))
    marks = pl.Series([row["surprised_by"] or run for row in rows], dtype=pl.Int64)
    key = bulk.keys([row["lead"] for row in rows], outbox=outbox).with_columns(surprised_by=marks)
    bulk.set_columns(tx.sql, results, key, ("outbox", "bucket", "lead"), pending=MEND)
    told = select(func.count()).select_from(results).where(results.c.outbox == outbox, results.c.told_at.is_not(None))
    return Mended(len(rows), tx.sql.execute(told).scalar_one() if rows else 0)


def send_all(tx: Transaction, outbox: int) -> None:
    """Make every lead pending with all its values, and allow drifted fields to be corrected once more."""
    told = (results.c.outbox == outbox, results.c.told_at.is_not(None))
    tx.sql.execute(update(results).where(*told).values(pending=AGAIN))
    tx.sql.execute(update(found).where(found.c.outbox == outbox).values(mended="[]"))


def to_mend(holds: str | None, mended: str | None) -> Collection[str]:
    """Return the outputs that drifted and were not corrected before."""
    return set(orjson.loads(holds or "{}")) - set(orjson.loads(mended or "[]"))


def _due(rows: Any, written: Collection[str]) -> Iterator[RowMapping]:
    for row in rows:
        if row["pending"] not in _WHOLE and not set(written).isdisjoint(to_mend(row["holds"], row["mended"])):
            yield row


def _drifted(outbox: int) -> Select[Any]:
    both = bulk.same(found, results, ("outbox", "bucket", "lead"))
    columns = (found.c.lead, found.c.holds, found.c.mended, results.c.pending, results.c.surprised_by)
    told = (found.c.outbox == outbox, found.c.holds != "{}", results.c.told_at.is_not(None))
    return select(*columns).join_from(found, results, both).where(*told)


_WHOLE: Final = (AGAIN, ANEW, MEND)
"""Reasons to be pending with which drifted fields are sent anyway."""
