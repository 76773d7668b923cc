"""Outcomes, field history and deleted activities of a page."""

from collections.abc import Sequence
from typing import Final

import polars as pl
from sqlalchemy import Select, select

from connectors.base import Page
from store import bulk, merging, staleness
from store.leases import Change
from store.schema import activities, field_history, outcomes, unclaimed

_KEY: Final = {"lead": pl.String, "id": pl.String}


def save(change: Change, page: Page) -> None:
    """Store the page's outcomes and field history."""
    conversions = _stored(change, page.outcomes, "occurred_at").with_columns(pl.col("lead").fill_null(""))
    bulk.put(change.sql, outcomes, conversions.unique(["lead", "id"], keep="last"))
    history = _stored(change, page.history, "since")
    bulk.put(change.sql, field_history, history.unique(["lead", "field", "since"], keep="last"))


def drop_activities(change: Change, gone: Sequence[tuple[str | None, str]]) -> None:
    """Delete activities by (lead, id), or by their id whosever they are."""
    rows = pl.DataFrame(list(gone), schema=_KEY, orient="row")
    if rows.is_empty():
        return
    named = merging.carried(change, rows.drop_nulls("lead"))
    anybodys = rows.filter(pl.col("lead").is_null()).select("id")
    _drop(change, bulk.read(change.sql, _of_leads(change, named), _KEY) if len(named) else named)
    _drop(change, bulk.read(change.sql, _of_anybody(change, anybodys), _KEY) if len(anybodys) else named.clear())
    for frame in (named, anybodys):
        bulk.drop(change.sql, unclaimed, bulk.owned(frame, connection=change.connection))


def _drop(change: Change, found: pl.DataFrame) -> None:
    key = bulk.keyed(found, connection=change.connection)
    bulk.drop(change.sql, activities, key)
    staleness.mark(change, key, "activity")


def _of_leads(change: Change, named: pl.DataFrame) -> Select[tuple[str, str]]:
    key = bulk.keyed(named, connection=change.connection)
    return select(activities.c.lead, activities.c.id).select_from(bulk.matching(change.sql, key, activities))


def _of_anybody(change: Change, ids: pl.DataFrame) -> Select[tuple[str, str]]:
    """Look through all activities once: an index by id would cost more on every page than this on a rare one."""
    wanted = select(*bulk.rows(change.sql, ids, activities).c)
    here = activities.c.connection == change.connection
    return select(activities.c.lead, activities.c.id).where(here, activities.c.id.in_(wanted))


def _stored(change: Change, frame: pl.DataFrame, moment: str) -> pl.DataFrame:
    carried = merging.carried(change, frame)
    return bulk.owned(carried.with_columns(pl.col(moment).dt.timestamp("us")), connection=change.connection)
