"""What an answer of the CRM lacks is missing: a suspicion, noted until somebody has looked into it.

A row is `new` when an answer lacked it, `held` when too much would vanish at once, `accepted` once a person lets it
go. Whatever the CRM brings again is missing no more, so that a hold ends by itself.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal

import polars as pl
from sqlalchemy import Connection, Select, and_, exists, func, literal, select

from store.sql import bulk
from store.sql.leases import Transaction
from store.sql.schema import leads, missing

State = Literal["new", "held", "accepted"]
Subject = Literal["leads", "activities"]
NEW: Final = "new"
_NAMED: Final = {"lead": pl.String, "activity": pl.String}


def any_known(tx: Transaction) -> bool:
    """Return whether anything of the connection is missing."""
    return bool(tx.sql.scalar(select(exists().where(missing.c.connection == tx.connection))))


def suspect(tx: Transaction, lost: Sequence[str], activities: Sequence[tuple[str | None, str]]) -> None:
    """Note leads and activities that an answer lacked, as far as the mirror holds the leads."""
    known = bulk.find(tx.sql, leads, bulk.keys(lost, connection=tx.connection), {"lead": pl.String})
    rows = [(lead, "") for lead in known["lead"]] + [(lead or "", activity) for lead, activity in activities]
    _note(tx, pl.DataFrame(rows, schema=_NAMED, orient="row"))


def suspect_all(tx: Transaction, unlisted: Select[tuple[str]]) -> None:
    """Note leads that a listing did not bring."""
    found = unlisted.subquery()
    rows = select(
        literal(tx.connection).label("connection"),
        found.c.lead,
        literal("").label("activity"),
        literal(NEW).label("state"),
    ).where(literal(1) == 1)
    insert = bulk.insert(tx.sql.dialect.name, missing).from_select(["connection", "lead", "activity", "state"], rows)
    tx.sql.execute(
        insert.on_conflict_do_update(index_elements=list(missing.primary_key), set_={"state": insert.excluded.state})
    )


def found(tx: Transaction, brought: pl.Series) -> None:
    """Suspect leads no more that the CRM brought."""
    rows = brought.unique().to_frame("lead").with_columns(activity=pl.lit(""))
    bulk.drop(tx.sql, missing, bulk.owned(rows, connection=tx.connection))


def found_activities(tx: Transaction, brought: pl.DataFrame) -> None:
    """Suspect activities (`lead`, `id`) no more that the CRM brought, be it under their lead or whosever's."""
    named = brought.select(pl.col("lead").fill_null(""), activity="id")
    anybodys = named.with_columns(lead=pl.lit(""))
    rows = pl.concat([named, anybodys]).unique()
    bulk.drop(tx.sql, missing, bulk.owned(rows, connection=tx.connection))


def known(tx: Transaction, state: State, *, of_leads: bool) -> pl.DataFrame:
    """Return what is missing (`lead`, `activity`): leads, or activities."""
    return bulk.read(tx.sql, _of(tx.connection, state, of_leads=of_leads), _NAMED)


def held(sql: Connection, connection: int) -> dict[Subject, int]:
    """Return how many leads and activities of a connection are held."""
    of_leads = missing.c.activity == ""
    here = (missing.c.connection == connection, missing.c.state == "held")
    waiting = select(of_leads, func.count()).where(*here).group_by(of_leads)
    return {"leads" if is_lead else "activities": count for is_lead, count in sql.execute(waiting)}


def clear(tx: Transaction, rows: pl.DataFrame) -> None:
    """Suspect these (`lead`, `activity`) no more."""
    bulk.drop(tx.sql, missing, bulk.owned(rows.select("lead", "activity"), connection=tx.connection))


def set_state(tx: Transaction, rows: pl.DataFrame, state: State) -> None:
    """Note what became of these (`lead`, `activity`)."""
    key = bulk.owned(rows.select("lead", "activity"), connection=tx.connection)
    bulk.alter(tx.sql, missing, key, key.columns, state=state)


def of_leads(ids: Sequence[str]) -> pl.DataFrame:
    """Return leads as they are noted."""
    return pl.DataFrame({"lead": list(ids), "activity": [""] * len(ids)}, schema=_NAMED)


def _note(tx: Transaction, rows: pl.DataFrame) -> None:
    owned = bulk.owned(rows.unique(), connection=tx.connection).with_columns(state=pl.lit(NEW))
    bulk.put(tx.sql, missing, owned)


def _of(connection: int, state: State, *, of_leads: bool) -> Select[Any]:
    kind = missing.c.activity == "" if of_leads else missing.c.activity != ""
    here = and_(missing.c.connection == connection, missing.c.state == state, kind)
    return select(missing.c.lead, missing.c.activity).where(here).order_by(missing.c.lead, missing.c.activity)
