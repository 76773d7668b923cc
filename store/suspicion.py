"""What an answer of the CRM lacks is missing: a suspicion, noted until somebody has looked into it.

A row is `new` when an answer lacked it, `held` when too much would vanish at once, `accepted` once a person lets it
go. Whatever the CRM brings again is missing no more, so that a hold ends by itself.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal

import polars as pl
from sqlalchemy import Connection, Select, and_, exists, func, literal, select

from store import bulk
from store.leases import Change
from store.schema import leads, missing

State = Literal["new", "held", "accepted"]
Subject = Literal["leads", "activities"]
NEW: Final = "new"
_NAMED: Final = {"lead": pl.String, "activity": pl.String}


def any_known(change: Change) -> bool:
    """Return whether anything of the connection is missing."""
    return bool(change.sql.scalar(select(exists().where(missing.c.connection == change.connection))))


def suspect(change: Change, lost: Sequence[str], activities: Sequence[tuple[str | None, str]]) -> None:
    """Note leads and activities that an answer lacked, as far as the mirror holds the leads."""
    known = bulk.find(change.sql, leads, bulk.keys(lost, connection=change.connection), {"lead": pl.String})
    rows = [(lead, "") for lead in known["lead"]] + [(lead or "", activity) for lead, activity in activities]
    _note(change, pl.DataFrame(rows, schema=_NAMED, orient="row"))


def suspect_all(change: Change, unlisted: Select[tuple[str]]) -> None:
    """Note leads that a listing did not bring."""
    found = unlisted.subquery()
    rows = select(
        literal(change.connection).label("connection"),
        found.c.lead,
        literal("").label("activity"),
        literal(NEW).label("state"),
    ).where(literal(1) == 1)
    insert = bulk.insert(change.sql.dialect.name, missing).from_select(
        ["connection", "lead", "activity", "state"], rows
    )
    change.sql.execute(
        insert.on_conflict_do_update(index_elements=list(missing.primary_key), set_={"state": insert.excluded.state})
    )


def found(change: Change, brought: pl.Series) -> None:
    """Suspect leads no more that the CRM brought."""
    rows = brought.unique().to_frame("lead").with_columns(activity=pl.lit(""))
    bulk.drop(change.sql, missing, bulk.owned(rows, connection=change.connection))


def found_activities(change: Change, brought: pl.DataFrame) -> None:
    """Suspect activities (`lead`, `id`) no more that the CRM brought, be it under their lead or whosever's."""
    named = brought.select(pl.col("lead").fill_null(""), activity="id")
    anybodys = named.with_columns(lead=pl.lit(""))
    rows = pl.concat([named, anybodys]).unique()
    bulk.drop(change.sql, missing, bulk.owned(rows, connection=change.connection))


def known(change: Change, state: State, *, of_leads: bool) -> pl.DataFrame:
    """Return what is missing (`lead`, `activity`): leads, or activities."""
    return bulk.read(change.sql, _of(change.connection, state, of_leads=of_leads), _NAMED)


def held(sql: Connection, connection: int) -> dict[Subject, int]:
    """Return how many leads and activities of a connection are held."""
    of_leads = missing.c.activity == ""
    here = (missing.c.connection == connection, missing.c.state == "held")
    waiting = select(of_leads, func.count()).where(*here).group_by(of_leads)
    return {"leads" if is_lead else "activities": count for is_lead, count in sql.execute(waiting)}


def clear(change: Change, rows: pl.DataFrame) -> None:
    """Suspect these (`lead`, `activity`) no more."""
    bulk.drop(change.sql, missing, bulk.owned(rows.select("lead", "activity"), connection=change.connection))


def set_state(change: Change, rows: pl.DataFrame, state: State) -> None:
    """Note what became of these (`lead`, `activity`)."""
    key = bulk.owned(rows.select("lead", "activity"), connection=change.connection)
    bulk.alter(change.sql, missing, key, key.columns, state=state)


def of_leads(ids: Sequence[str]) -> pl.DataFrame:
    """Return leads as they are noted."""
    return pl.DataFrame({"lead": list(ids), "activity": [""] * len(ids)}, schema=_NAMED)


def _note(change: Change, rows: pl.DataFrame) -> None:
    owned = bulk.owned(rows.unique(), connection=change.connection).with_columns(state=pl.lit(NEW))
    bulk.put(change.sql, missing, owned)


def _of(connection: int, state: State, *, of_leads: bool) -> Select[Any]:
    kind = missing.c.activity == "" if of_leads else missing.c.activity != ""
    here = and_(missing.c.connection == connection, missing.c.state == state, kind)
    return select(missing.c.lead, missing.c.activity).where(here).order_by(missing.c.lead, missing.c.activity)
