"""Outcomes, field history and deleted activities of a page."""

from collections.abc import Sequence
from typing import Final

import polars as pl
from sqlalchemy import ColumnElement, bindparam, delete, select

from connectors.base import Page
from store import bulk, merging, staleness, vanishing
from store.leases import Change
from store.schema import activities, field_history, outcomes, unclaimed

_KEY: Final = {"lead": pl.String, "id": pl.String}


def save(change: Change, page: Page) -> None:
    """Store the page's outcomes and field history."""
    if len(page.outcomes):
        conversions = _stored(change, page.outcomes, "occurred_at").with_columns(pl.col("lead").fill_null(""))
        bulk.put(change.sql, outcomes, conversions.unique(["lead", "id"], keep="last"))
    if len(page.history):
        history = _stored(change, page.history, "since")
        bulk.put(change.sql, field_history, history.unique(["lead", "field", "since"], keep="last"))


def drop_activities(change: Change, gone: Sequence[tuple[str | None, str]]) -> None:
    """Delete activities by (lead, id), or by their id whosever they are."""
    if not gone:
        return
    rows = pl.DataFrame(list(gone), schema=_KEY, orient="row")
    named = merging.carried(change, rows.drop_nulls("lead"))
    anybodys = rows.filter(pl.col("lead").is_null()).select("id")
    _drop(change, bulk.find(change.sql, activities, bulk.keyed(named, connection=change.connection), _KEY))
    _drop(change, _of_anybody(change, anybodys))
    if vanishing.any_known(change):
        _drop_aside(change, named, anybodys)
    for frame in (named, anybodys):
        bulk.drop(change.sql, unclaimed, bulk.owned(frame, connection=change.connection))


def _drop(change: Change, found: pl.DataFrame) -> None:
    key = bulk.keyed(found, connection=change.connection)
    bulk.drop(change.sql, activities, key)
    staleness.mark(change, key, "activity")


def _drop_aside(change: Change, named: pl.DataFrame, anybodys: pl.DataFrame) -> None:
    """Delete activities of vanished leads too, who may come back."""
    bulk.drop(change.sql, activities, vanishing.aside(bulk.keyed(named, connection=change.connection)))
    lies_aside = (activities.c.connection == change.connection, activities.c.bucket < 0)
    change.sql.execute(delete(activities).where(*lies_aside, _one_of(anybodys)))


def _one_of(ids: pl.DataFrame) -> ColumnElement[bool]:
    return activities.c.id.in_(bindparam("ids", ids["id"].to_list(), expanding=True))


def _of_anybody(change: Change, ids: pl.DataFrame) -> pl.DataFrame:
    """Look through all activities once: an index by id would cost more on every page than this on a rare one."""
    if ids.is_empty():
        return pl.DataFrame(schema=_KEY)
    here = (activities.c.connection == change.connection, activities.c.bucket >= 0)
    return bulk.read(change.sql, select(activities.c.lead, activities.c.id).where(*here, _one_of(ids)), _KEY)


def _stored(change: Change, frame: pl.DataFrame, moment: str) -> pl.DataFrame:
    carried = merging.carried(change, frame)
    return bulk.owned(carried.with_columns(pl.col(moment).dt.timestamp("us")), connection=change.connection)
