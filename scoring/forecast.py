"""What comes next for one lead if nothing happens: the same engine asked about moments ahead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from scoring.card import Scorecard
from scoring.card.conditions import URGENCIES
from scoring.card.letters import UNKNOWN, rank
from scoring.engine import Scorer
from scoring.frames import in_utc
from scoring.likelihood import Likelihood

HORIZON: Final = timedelta(days=90)
STEP: Final = timedelta(days=1)
PRECISION: Final = timedelta(hours=1)
TENS: Final = 10


@dataclass(frozen=True, slots=True)
class Change:
    """A result that will be another one from `at` on (to the hour), if nothing happens."""

    at: datetime
    field: str
    before: str | None
    after: str | None
    says: str


@dataclass(frozen=True, slots=True)
class _Watched:
    """A result to watch: what it is called, and how high a value stands."""

    label: str
    height: Callable[[str, Scorecard], int]


WATCHED: Final[Mapping[str, _Watched]] = {
    "lead_grade": _Watched("grade", lambda letter, _: rank(letter)),
    "lead_readiness": _Watched("stage", lambda stage, card: _stages(card).index(stage)),
    "lead_urgency": _Watched("urgency", lambda urgency, _: -URGENCIES.index(urgency)),
    "lead_priority": _Watched("priority", lambda priority, _: -int(priority[1])),
    "lead_score": _Watched("score", lambda tens, _: int(tens.split()[0])),
}


def forecast(
    leads: pl.DataFrame,
    activities: pl.DataFrame,
    touchpoints: pl.DataFrame,
    card: Scorecard,
    as_of: datetime,
    previous: pl.DataFrame | None = None,
    *,
    likelihood: Likelihood | None = None,
) -> list[Change]:
    """Return the next change of grade, stage, urgency, priority and tens of the score of one lead within 90 days."""
    scorer = Scorer(card, likelihood)
    places = scorer.touchpoints(touchpoints)

    def results(at: datetime, before: pl.DataFrame | None) -> pl.DataFrame:
        return scorer.score(leads, activities, places, at, before).results

    start = in_utc(as_of)
    now = results(start, previous)
    found: dict[str, Change] = {}
    while start < in_utc(as_of) + HORIZON and len(found) < len(WATCHED):
        then = results(start + STEP, now)
        for name in _differing(_watched(now), _watched(then)).keys() - found.keys():
            found[name] = _located(name, start, now, card, results)
        start, now = start + STEP, then
    return sorted(found.values(), key=lambda change: change.at)


def _located(
    name: str,
    start: datetime,
    now: pl.DataFrame,
    card: Scorecard,
    results: Callable[[datetime, pl.DataFrame | None], pl.DataFrame],
) -> Change:
    """Halve the step in which a result changes until the hour is known."""
    before, end = _watched(now)[name], start + STEP
    while end - start > PRECISION:
        middle = start + (end - start) / 2
        if _watched(results(middle, now))[name] == before:
            start = middle
        else:
            end = middle
    after = _watched(results(end, now))[name]
    return Change(end, name, before, after, _sentence(name, before, after, end, card))


def _watched(results: pl.DataFrame) -> dict[str, str | None]:
    """Return the watched results of the only lead; a score by its tens."""
    row = results.row(0, named=True)
    tens = None if row["lead_score"] is None else f"{row['lead_score'] // TENS * TENS} or more"
    return {name: row[name] for name in WATCHED} | {"lead_score": tens}


def _differing(now: Mapping[str, Any], then: Mapping[str, Any]) -> dict[str, Any]:
    return {name: then[name] for name in now if now[name] != then[name]}


def _sentence(name: str, before: str | None, after: str | None, at: datetime, card: Scorecard) -> str:
    watched = WATCHED[name]
    verb = "becomes"
    if before is not None and after is not None:
        verb = "drops to" if watched.height(after, card) < watched.height(before, card) else "rises to"
    shown = after if after is not None else UNKNOWN if name == "lead_grade" else "none"
    if name == "lead_score" and verb == "drops to" and before is not None:
        verb, shown = "drops below", before.split()[0]
    return f"{watched.label} {verb} {shown} on {at.day} {at:%b} if nothing happens"


def _stages(card: Scorecard) -> tuple[str, ...]:
    assert card.readiness is not None
    return card.readiness.names
