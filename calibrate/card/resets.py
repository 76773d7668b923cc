"""Where the history of each snapshot begins: learned points count what scoring counts after the card's resets."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import polars as pl

from calibrate.card.replay import Past
from calibrate.past.deals import figures_then, replayed
from calibrate.past.outcome import DAY_US
from calibrate.past.panel import Codes
from calibrate.statistics.fit import Floats
from scoring import Scorecard
from scoring.card.conditions import ActivityCondition
from scoring.card.operands import Scope
from scoring.card.resets import Reset
from scoring.card.scorecard import AccountCard
from scoring.card.values import AS_OF
from scoring.conditions import split
from scoring.frames import fields_of, folded
from scoring.touchpoints import KEY
from vocabulary.fields import TIME

NEVER = -np.inf


def resets_of(card: Scorecard | None) -> Sequence[Reset]:
    """Return the resets that learned rules and the likelihood see: those of the card and of its engagement section."""
    if card is None:
        return ()
    engagement = card.sections.get("engagement")
    return (*card.reset, *(engagement.reset if engagement else ()))


def beginnings(
    card: Scorecard | None, past: Past, as_of: datetime, resets: Sequence[Reset] | None = None
) -> Floats | None:
    """Return the day of the last reset up to each snapshot, NEVER where there was none; None without any resets.

    What counts is strictly later than that day. `resets`: those of the card to look at, by default `resets_of` it.
    """
    resets = resets_of(card) if resets is None else resets
    if card is None or not resets:
        return None
    last = np.full(len(past.day), NEVER)
    for reset in resets:
        moments = _by_activity(card, reset.activity, past, as_of) if reset.activity else _since(card, reset, past)
        last = np.maximum(last, np.where(moments <= past.day, moments, NEVER))
    return last


def of_accounts(card: Scorecard, past: Past, row: Codes, as_of: datetime) -> Floats | None:
    """Return the day at which the history of each of their people begins for accounts; None without any resets.

    `card`: that of accounts; `past`: accounts with their people; `row`: the account of each of the people in `past`. It
    begins after the last reset of the person's own card and of the account, whose own are sought in what these leave.
    """
    people, leads = past.people, card.leads if isinstance(card, AccountCard) else None
    assert people is not None
    assert leads is not None
    own = beginnings(leads, people, as_of, leads.reset)
    resets = resets_of(card)
    if not resets:
        return own
    begun = np.full(len(people.day), NEVER) if own is None else own
    last = np.full(len(past.day), NEVER)
    for reset in resets:
        if reset.activity is None:
            moments = _since(card, reset, past)
            last = np.maximum(last, np.where(moments <= past.day, moments, NEVER))
        else:
            moments = _by_activity(card, reset.activity, people, as_of)
            np.maximum.at(last, row, np.where(moments > begun, moments, NEVER))
    later: Floats = np.maximum(begun, last[row])
    return later


def _since(card: Scorecard, reset: Reset, past: Past) -> Floats:
    """Return the day in the field of a reset, as it was at each snapshot; NEVER if that is not known."""
    name = reset.since or ""
    if past.deals is not None and name in replayed(card):
        return _days(figures_then(card, past.deals, past.lead, past.day)[name])
    if name not in past.fields.columns:
        return np.full(len(past.day), NEVER)
    column = past.fields.select(fields_of(past.fields.schema, {name: card.values[name]}, card.calendar)).to_series()
    return _days(column)


def _by_activity(card: Scorecard, condition: ActivityCondition, past: Past, as_of: datetime) -> Floats:
    """Return the day of the latest activity that matches up to each snapshot."""
    matching = _matching(card, condition, past, as_of).sort("at")
    asked = pl.DataFrame({"lead": past.lead, "row": np.arange(len(past.day)), "at": past.day}).sort("at")
    found = matching.select("lead", "at", reset="at")
    joined = asked.join_asof(found, on="at", by="lead", strategy="backward", check_sortedness=False).sort("row")
    return joined["reset"].fill_null(NEVER).to_numpy()


def _matching(card: Scorecard, condition: ActivityCondition, past: Past, as_of: datetime) -> pl.DataFrame:
    """Return `lead` and `at` (days) of the activities that match.

    A test of `occurred_at` against the time of scoring is asked as of now.
    """
    parts = split(condition, Scope(calendar=card.calendar))
    texts = past.touchpoints.select("touchpoint", *(folded(pl.col(name), "text").alias(name) for name in KEY))
    rows = past.activities.join(texts.filter(parts.touchpoint), on="touchpoint")
    if parts.activity is not None:
        rows = rows.with_columns(pl.lit(as_of).cast(TIME).alias(AS_OF)).filter(parts.activity)
    return rows.select("lead", at=pl.col("occurred_at").cast(pl.Int64) / DAY_US)


def _days(moments: pl.Series) -> Floats:
    return (moments.cast(pl.Int64).cast(pl.Float64) / DAY_US).fill_null(NEVER).to_numpy()
