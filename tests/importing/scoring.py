"""Scores one lead with a scorecard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from scoring import Scorecard, score, touchpoints
from scoring.related import Related
from tests.scoring.comparing import ACTIVITY
from vocabulary.fields import DTYPES

AS_OF = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a lead did some days ago."""

    kind: str
    days: float
    url: str | None = None
    name: str | None = None


def results(
    card: Scorecard, lead: Mapping[str, Any], events: Sequence[Event], deals: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The results of a lead; fields that are not given are missing."""
    schema = {"lead": pl.String(), **{name: DTYPES[type_] for name, type_ in card.fields.items()}}
    rows = [
        {"lead": "1", "id": str(number), "kind": one.kind, "url": one.url, "name": one.name}
        | {"occurred_at": AS_OF - timedelta(days=one.days)}
        for number, one in enumerate(events)
    ]
    numbered, points_of_touch = touchpoints(pl.DataFrame(rows, schema=ACTIVITY))
    leads = pl.DataFrame([{"lead": "1", **lead}], schema=schema)
    found = score(leads, numbered, points_of_touch, card, AS_OF, related=_related(card, deals))
    return found.results.row(0, named=True)


def _related(card: Scorecard, deals: Sequence[Mapping[str, Any]]) -> Related:
    schema = {name: DTYPES[type_] for name, type_ in card.deals.items()}
    rows = [
        {"deal": str(number), "lead": "1", "account": None, **{name: deal.get(name) for name in schema}}
        for number, deal in enumerate(deals)
    ]
    ids = dict.fromkeys(("deal", "lead", "account"), pl.String())
    return Related(pl.DataFrame(rows, schema={**ids, **schema}))
