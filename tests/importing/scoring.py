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
ACCOUNT = "1"


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
    found = score(*_people(card, [(lead, events)]), card, AS_OF, related=Related(_deals(card, deals)))
    return found.results.row(0, named=True)


def results_of_account(
    card: Scorecard,
    account: Mapping[str, Any],
    people: Sequence[tuple[Mapping[str, Any], Sequence[Event]]],
    deals: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The results of an account with these people."""
    assert card.accounts is not None
    schema = {"account": pl.String(), **{name: DTYPES[type_] for name, type_ in card.accounts.fields.items()}}
    accounts = pl.DataFrame([{"account": ACCOUNT, **account}], schema=schema)
    found = score(*_people(card, people), card, AS_OF, related=Related(_deals(card, deals), accounts))
    assert found.accounts is not None
    return found.accounts.results.row(0, named=True)


def _people(
    card: Scorecard, people: Sequence[tuple[Mapping[str, Any], Sequence[Event]]]
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The leads, their activities and what points to these."""
    fields = {name: DTYPES[type_] for name, type_ in card.fields.items()}
    leads = [{"lead": str(number), "account": ACCOUNT, **lead} for number, (lead, _) in enumerate(people)]
    rows = [
        {"lead": str(number), "id": str(place), "kind": one.kind, "url": one.url, "name": one.name}
        | {"occurred_at": AS_OF - timedelta(days=one.days)}
        for number, (_, events) in enumerate(people)
        for place, one in enumerate(events)
    ]
    numbered, points_of_touch = touchpoints(pl.DataFrame(rows, schema=ACTIVITY))
    ids = dict.fromkeys(("lead", "account"), pl.String())
    return pl.DataFrame(leads, schema={**ids, **fields}), numbered, points_of_touch


def _deals(card: Scorecard, deals: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Deals of the first lead and of the account."""
    schema = {name: DTYPES[type_] for name, type_ in card.deals.items()}
    rows = [
        {"deal": str(number), "lead": "0", "account": ACCOUNT, **{name: deal.get(name) for name in schema}}
        for number, deal in enumerate(deals)
    ]
    ids = dict.fromkeys(("deal", "lead", "account"), pl.String())
    return pl.DataFrame(rows, schema={**ids, **schema})
