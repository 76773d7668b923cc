"""Forecasts the next changes of a lead if nothing happens, by scoring it at future times.

Results are watched by name; figures are watched as columns that begin with `figures.`, in words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import polars as pl

from scoring.card import Scorecard
from scoring.card.letters import UNKNOWN, rank
from scoring.card.operands import URGENCIES
from scoring.card.values import DAY
from scoring.engine import Scorer
from scoring.figures import figures_said
from scoring.frames import microseconds_since_epoch
from scoring.history import History
from scoring.related import NOTHING, Related
from scoring.results import previous_stages
from vocabulary.arrays import Ints
from vocabulary.fields import TIME
from vocabulary.units import day

DAYS: Final = 90
HOURS: Final = 24
HOUR: Final = DAY // HOURS
TENS: Final = 10

ABSENT: Final = {"lead_grade": UNKNOWN, "lead_score": "empty"}
"""How the absence of a result is written, if not as none."""


@dataclass(frozen=True, slots=True)
class Change:
    """A result that changes at `at` (to the hour) if nothing happens."""

    at: datetime
    field: str
    before: str | None
    after: str | None
    says: str


@dataclass(frozen=True, slots=True)
class _Watched:
    """A watched result: its label and how to rank its values."""

    label: str
    height: Callable[[str, Scorecard], float] | None
    """None for a time, which becomes another."""


WATCHED: Final[Mapping[str, _Watched]] = {
    "lead_grade": _Watched("grade", lambda letter, _: rank(letter)),
    "lead_readiness": _Watched("stage", lambda stage, card: _stages(card).index(stage)),
    "lead_urgency": _Watched("urgency", lambda urgency, _: -URGENCIES.index(urgency)),
    "lead_priority": _Watched("priority", lambda priority, card: -card.priorities.index(priority)),
    "lead_score": _Watched("score", lambda tens, _: int(tens.split()[0])),
}
FIGURE: Final = "figures."
"""How the names of figures begin among the results that are watched."""


def _watched_of(card: Scorecard) -> Mapping[str, _Watched]:
    """Return what is watched: results, and the figures of the scorecard."""
    heights = {
        name: None if kind == "time" else (lambda number, _: float(number.replace(",", "")))
        for name, kind in card.values.items()
    }
    figures = {FIGURE + name: _Watched(name.replace("_", " "), heights[name]) for name in card.figures}
    return {**WATCHED, **figures}


def forecast(
    leads: pl.DataFrame,
    activities: pl.DataFrame,
    touchpoints: pl.DataFrame,
    card: Scorecard,
    as_of: datetime,
    previous: pl.DataFrame | None = None,
    *,
    related: Related = NOTHING,
) -> list[Change]:
    """Return the next changes of a lead's grade, stage, urgency, priority, score (in tens) and figures in 90 days."""
    scorer = Scorer(card)
    gathered = scorer.gathered(leads, activities, as_of)
    ahead = _Ahead(scorer, leads, related, gathered.take(0, scorer.touchpoints(touchpoints)))
    days = microseconds_since_epoch(as_of) + np.arange(DAYS + 1) * DAY
    daily = ahead.chained(days, previous_stages(leads, previous))
    changes = [_next(name, days, daily, ahead, card) for name in _watched_of(card)]
    return sorted((change for change in changes if change is not None), key=lambda change: change.at)


@dataclass(frozen=True)
class _Ahead:
    """A lead at many times, one row each, with the same activities getting older."""

    scorer: Scorer
    lead: pl.DataFrame
    related: Related
    history: History

    def chained(self, moments: Ints, stood: pl.DataFrame) -> pl.DataFrame:
        """Score at each time with the stage of the time before, repeatedly until no stage changes."""
        before = pl.concat([stood] * len(moments))
        times = pl.Series("as_of", moments[:-1]).cast(TIME)
        while True:
            found = self.results(moments, before)
            then = pl.concat([stood, pl.DataFrame([found["lead_readiness"].head(-1), times])])
            if then.equals(before):
                return found
            before = then

    def results(self, moments: Ints, before: pl.DataFrame) -> pl.DataFrame:
        """Score at each time, and compute the figures; `before` has the previous stages."""
        rows, history = self.lead[[0] * len(moments)], self.history.at(moments)
        scored = self.scorer.chunk(rows, history, before, related=self.related, explain=False, details=True)
        said = scored.figures.with_columns(said=figures_said(scored.figures, self.scorer.card.zone))
        by_name = said.partition_by("name", as_dict=True, maintain_order=True)
        return scored.results.hstack([one["said"].alias(f"{FIGURE}{name}") for (name,), one in by_name.items()])


def _next(name: str, days: Ints, daily: pl.DataFrame, ahead: _Ahead, card: Scorecard) -> Change | None:
    """Return the first change of a result, to the hour."""
    shown = _watched(daily, name)
    before = shown[0]
    at_day = shown.ne_missing(before).arg_max()
    if not at_day:
        return None
    hours = days[at_day - 1] + np.arange(1, HOURS + 1) * HOUR
    stood = pl.DataFrame({"lead_readiness": daily["lead_readiness"], "as_of": pl.Series(days).cast(TIME)})[
        [at_day - 1] * HOURS
    ]
    hourly = _watched(ahead.results(hours, stood), name)
    hour = hourly.ne_missing(before).arg_max() or 0
    at = pl.Series(hours[hour : hour + 1]).cast(TIME).item()
    return Change(at, name, before, hourly[hour], _sentence(name, before, hourly[hour], at, card))


def _watched(results: pl.DataFrame, name: str) -> pl.Series:
    """Return a watched result; a score in tens."""
    if name != "lead_score":
        return results[name]
    tens = pl.col(name) // TENS * TENS
    return results.select(pl.format("{} or more", tens)).to_series()


def _sentence(name: str, before: str | None, after: str | None, at: datetime, card: Scorecard) -> str:
    watched = _watched_of(card)[name]
    verb = "becomes"
    if watched.height is not None and before is not None and after is not None:
        verb = "drops to" if watched.height(after, card) < watched.height(before, card) else "rises to"
    shown = after if after is not None else ABSENT.get(name, "none")
    if name == "lead_score" and verb == "drops to" and before is not None:
        verb, shown = "drops below", before.split()[0]
    return f"{watched.label} {verb} {shown} on {day(at.astimezone(card.zone))} if nothing happens"


def _stages(card: Scorecard) -> tuple[str, ...]:
    assert card.readiness is not None
    return card.readiness.names
