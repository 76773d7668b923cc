"""Drift: fields of the CRM that hold something else than they were told, since somebody else wrote there."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import polars as pl
from sqlalchemy import Connection, RowMapping, Select, func, select, update

from store.outbox.outputs import AGAIN, ANEW, MEND
from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import found, results

EXAMPLES: Final = 5
"""How many leads are named."""


@dataclass(frozen=True, slots=True)
class Drift:
    """How many leads hold something else than they were told, and in which fields."""

    leads: int = 0
    fields: Mapping[str, int] = field(default_factory=dict)
    """Leads by field, the most frequent first; by its name in the CRM."""
    examples: tuple[str, ...] = ()
    again: int = 0
    """Leads of which a field drifted again that was mended before: another program writes it."""


@dataclass(frozen=True, slots=True)
class Mended:
    """How many leads are to be written again since they drifted, of all that were told something."""

    leads: int
    known: int


def drift(sql: Connection, outbox: int, prefix: str) -> Drift:
    """Return what was found last of leads that were told something."""
    leads, fields, again = list[str](), Counter[str](), 0
    for row in sql.execute(_drifted(outbox)).mappings():
        names = orjson.loads(row["holds"])
        leads.append(row["lead"])
        fields.update(prefix + name for name in names)
        again += not names.keys().isdisjoint(orjson.loads(row["mended"]))
    return Drift(len(leads), dict(fields.most_common()), tuple(sorted(leads)[:EXAMPLES]), again)


def mend(tx: Transaction, outbox: int, run: int) -> Mended:
    """Make leads pending that drifted, but for fields that were mended before."""
    rows = list(_due(tx.sql.execute(_drifted(outbox)).mappings()))
    marks = pl.Series([row["surprised_by"] or run for row in rows], dtype=pl.Int64)
    key = bulk.keys([row["lead"] for row in rows], outbox=outbox).with_columns(surprised_by=marks)
    bulk.alter(tx.sql, results, key, ("outbox", "bucket", "lead"), pending=MEND)
    told = select(func.count()).select_from(results).where(results.c.outbox == outbox, results.c.told_at.is_not(None))
    return Mended(len(rows), tx.sql.execute(told).scalar_one() if rows else 0)


def send_all(tx: Transaction, outbox: int) -> None:
    """Make every lead pending with all its values, and let what drifted be mended once more."""
    told = (results.c.outbox == outbox, results.c.told_at.is_not(None))
    tx.sql.execute(update(results).where(*told).values(pending=AGAIN))
    tx.sql.execute(update(found).where(found.c.outbox == outbox).values(mended="[]"))


def to_mend(holds: str | None, mended: str | None) -> Collection[str]:
    """Return the outputs that drifted and were not mended before."""
    return set(orjson.loads(holds or "{}")) - set(orjson.loads(mended or "[]"))


def _due(rows: Any) -> Iterator[RowMapping]:
    return (row for row in rows if row["pending"] not in _WHOLE and to_mend(row["holds"], row["mended"]))


def _drifted(outbox: int) -> Select[Any]:
    both = bulk.same(found, results, ("outbox", "bucket", "lead"))
    columns = (found.c.lead, found.c.holds, found.c.mended, results.c.pending, results.c.surprised_by)
    told = (found.c.outbox == outbox, found.c.holds != "{}", results.c.told_at.is_not(None))
    return select(*columns).join_from(found, results, both).where(*told)


_WHOLE: Final = (AGAIN, ANEW, MEND)
"""What a row waits for that is sent with what drifted anyway."""
