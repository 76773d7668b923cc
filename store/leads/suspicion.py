"""Suspected removals: leads and activities that are missing from the CRM's answers, until they have been checked.

A row is `new` when it was missing from an answer, `held` if too much would vanish at once, `accepted` once a person
allows its removal. If the CRM returns it again, the row is deleted, so that a hold ends by itself.
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
    """Record missing activities, and missing leads that the mirror has."""
    known = bulk.find(tx.sql, leads, bulk.keys(lost, connection=tx.connection), {"lead": pl.String})
    rows = [(lead, "") for lead in known["lead"]] + [(lead or "", activity) for lead, activity in activities]
    _note(tx, pl.DataFrame(rows, schema=_NAMED, orient="row"))


def suspect_all(tx: Transaction, unlisted: Select[tuple[str]]) -> None:
    """Record the leads that a listing lacked."""
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


def found(tx: Transaction, returned: pl.Series) -> None:
    """Clear the suspicion of leads that the CRM returned."""
    rows = returned.unique().to_frame("lead").with_columns(activity=pl.lit(""))
    bulk.delete_rows(tx.sql, missing, bulk.owned(rows, connection=tx.connection))


def found_activities(tx: Transaction, returned: pl.DataFrame) -> None:
    """Clear the suspicion of activities (`lead`, `id`) that the CRM returned, with or without their lead."""
    named = returned.select(pl.col("lead").fill_null(""), activity="id")
    without_lead = named.with_columns(lead=pl.lit(""))
    rows = pl.concat([named, without_lead]).unique()
    bulk.delete_rows(tx.sql, missing, bulk.owned(rows, connection=tx.connection))


def known(tx: Transaction, state: State, *, of_leads: bool) -> pl.DataFrame:
    """Return the missing leads, or the missing activities (`lead`, `activity`), in this state."""
    return bulk.read(tx.sql, _of(tx.connection, state, of_leads=of_leads), _NAMED)


def held(sql: Connection, connection: int) -> dict[Subject, int]:
    """Return how many leads and activities of a connection are held."""
    of_leads = missing.c.activity == ""
    here = (missing.c.connection == connection, missing.c.state == "held")
    waiting = select(of_leads, func.count()).where(*here).group_by(of_leads)
    return {"leads" if is_lead else "activities": count for is_lead, count in sql.execute(waiting)}


def clear(tx: Transaction, rows: pl.DataFrame) -> None:
    """Clear the suspicion of these rows (`lead`, `activity`)."""
    bulk.delete_rows(tx.sql, missing, bulk.owned(rows.select("lead", "activity"), connection=tx.connection))


def set_state(tx: Transaction, rows: pl.DataFrame, state: State) -> None:
    """Set the state of these rows (`lead`, `activity`)."""
    key = bulk.owned(rows.select("lead", "activity"), connection=tx.connection)
    bulk.set_columns(tx.sql, missing, key, key.columns, state=state)


def of_leads(ids: Sequence[str]) -> pl.DataFrame:
    """Return rows for leads."""
    return pl.DataFrame({"lead": list(ids), "activity": [""] * len(ids)}, schema=_NAMED)


def _note(tx: Transaction, rows: pl.DataFrame) -> None:
    owned = bulk.owned(rows.unique(), connection=tx.connection).with_columns(state=pl.lit(NEW))
    bulk.upsert(tx.sql, missing, owned)


def _of(connection: int, state: State, *, of_leads: bool) -> Select[Any]:
    kind = missing.c.activity == "" if of_leads else missing.c.activity != ""
    here = and_(missing.c.connection == connection, missing.c.state == state, kind)
    return select(missing.c.lead, missing.c.activity).where(here).order_by(missing.c.lead, missing.c.activity)
