"""Short builders of pages and results for the store's tests."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from vocabulary.fields import KEPT, FieldType
from vocabulary.pages import Page
from vocabulary.rows import ACCOUNTS, ACTIVITIES, FIELD_HISTORY, LEADS, OUTCOMES

DAY = datetime(2026, 1, 1, tzinfo=UTC)
FIELDS: dict[str, FieldType] = {
    "job_title": "text",
    "employees": "number",
    "is_student": "flag",
    "purchase_by": "time",
    "tags": "list",
}


def day(number: float) -> datetime:
    return DAY + timedelta(days=number)


def leads(*rows: Mapping[str, Any], fields: Mapping[str, FieldType] = FIELDS) -> pl.DataFrame:
    schema = {**LEADS, **{name: KEPT[kind] for name, kind in fields.items()}}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def accounts(*rows: Mapping[str, Any], fields: Mapping[str, FieldType] = FIELDS) -> pl.DataFrame:
    schema = {**ACCOUNTS, **{name: KEPT[kind] for name, kind in fields.items()}}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def activities(*rows: Mapping[str, Any]) -> pl.DataFrame:
    return _rows(ACTIVITIES, {"kind": "page_view", "occurred_at": DAY}, rows)


def outcomes(*rows: Mapping[str, Any]) -> pl.DataFrame:
    return _rows(OUTCOMES, {"outcome": "won", "occurred_at": DAY}, rows)


def history(*rows: Mapping[str, Any]) -> pl.DataFrame:
    return _rows(FIELD_HISTORY, {"since": DAY}, rows)


def page(stream: str = "contacts", cursor: Mapping[str, Any] | None = None, **parts: Any) -> Page:
    return Page(stream, cursor or {"after": "1"}, **parts)


def results(*rows: Mapping[str, Any]) -> pl.DataFrame:
    """Results of leads, with default values for anything a row omits."""
    return pl.DataFrame(
        [{**USUAL, **row} for row in rows],
        schema_overrides={"lead_likelihood": pl.Float64, "lead_grade": pl.String, "lead_priority": pl.String},
    )


USUAL: dict[str, Any] = {
    "lead_score": 50,
    "lead_fit": 30,
    "lead_engagement": 20,
    "lead_grade": "B",
    "lead_readiness": "Aware",
    "lead_urgency": "later",
    "lead_likelihood": None,
    "lead_priority": "P3",
    "lead_priority_index": 40,
    "lead_score_reasons": "+20 Decision maker",
    "lead_score_status": "scored",
    "lead_scorecard": "b2b-saas@1",
}


def _rows(schema: pl.Schema, usual: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([{name: {**usual, **row}.get(name) for name in schema} for row in rows], schema=schema)
