"""Forecasts the next changes of a lead if nothing happens, by scoring it at future times.

Results are watched by name; figures are watched as columns that begin with `figures.`, in words.
"""

from collections.abc import Callable, Iterator, Mapping
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
from vocabulary.units import ending_day

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
    scorer = Scorer(card, None, WATCHED, texts=False)  # a text for each of a hundred times would take most of the time
    gathered = scorer.gathered(leads, activities, as_of)
    ahead = _Ahead(scorer, leads, related, gathered.take(0, scorer.touchpoints(touchpoints)))
    days = microseconds_since_epoch(as_of) + np.arange(DAYS + 1) * DAY
    daily = ahead.chained(days, previous_stages(leads, previous))
    found = {name: place for name in _watched_of(card) if (place := _first_other(_watched(daily, name)))}
    return sorted(ahead.to_the_hour(found, days, daily), key=lambda change: change.at)


@dataclass(frozen=True)
class _Ahead:
    """A lead at many times, one row each, with the same activities getting older."""

    scorer: Scorer
    lead: pl.DataFrame
    related: Related
    history: History

    def chained(self, moments: Ints, stood: pl.DataFrame) -> pl.DataFrame:
        """Score at each time with the stage of the time before, which is sought repeatedly until no stage changes."""
        before = pl.concat([stood] * len(moments))
        times = pl.Series("as_of", moments[:-1]).cast(TIME)
        chunk = self.scorer.before_stages(*self.aged(moments), self.related)
        while self.scorer.card.readiness is not None:
            then = pl.concat([stood, pl.DataFrame([chunk.stages(before).head(-1), times])])
            if then.equals(before):
                break
            before = then
        return self.results(moments, before)

    def aged(self, moments: Ints) -> tuple[pl.DataFrame, History]:
        """Return the lead and its history at each time."""
        return self.lead[[0] * len(moments)], self.history.at(moments)

    def results(self, moments: Ints, before: pl.DataFrame) -> pl.DataFrame:
        """Score at each time, and compute the figures; `before` has the previous stages."""
        rows = self.aged(moments)
        scored = self.scorer.chunk(*rows, before, related=self.related, explain=False, details=True)
        said = scored.figures.with_columns(said=figures_said(scored.figures, self.scorer.card.zone))
        by_name = said.partition_by("name", as_dict=True, maintain_order=True)
        return scored.results.hstack([one["said"].alias(f"{FIGURE}{name}") for (name,), one in by_name.items()])

    def to_the_hour(self, found: Mapping[str, int], days: Ints, daily: pl.DataFrame) -> Iterator[Change]:
        """Yield the changes that are found by some day; the hours before each of these days are scored together."""
        if not found:
            return
        eves = np.array(list(found.values())) - 1
        hours = days[eves][:, None] + np.arange(1, HOURS + 1) * HOUR
        stood = pl.DataFrame({"lead_readiness": daily["lead_readiness"], "as_of": pl.Series(days).cast(TIME)})
        hourly = self.results(hours.ravel(), stood[eves.repeat(HOURS)])
        for place, name in enumerate(found):
            before, shown = _watched(daily, name)[0], _watched(hourly[place * HOURS : (place + 1) * HOURS], name)
            hour = shown.ne_missing(before).arg_max() or 0
            at = pl.Series(hours[place, hour : hour + 1]).cast(TIME).item()
            yield Change(at, name, before, shown[hour], _sentence(name, before, shown[hour], at, self.scorer.card))


def _first_other(shown: pl.Series) -> int:
    """Return the first place at which a result is another than at first; 0 if it stays."""
    return shown.ne_missing(shown[0]).arg_max() or 0


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
    return f"{watched.label} {verb} {shown} on {ending_day(at.astimezone(card.zone))} if nothing happens"


def _stages(card: Scorecard) -> tuple[str, ...]:
    assert card.readiness is not None
    return card.readiness.names
