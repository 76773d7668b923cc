"""Worlds with dates: leads are created over time and convert later. The one line of each says what is planted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from bench.worlds.made import BEGIN, DatedWorld, Floats, moments

NONE = pl.DataFrame(
    schema={"lead": pl.String, "id": pl.String, "kind": pl.String, "occurred_at": pl.Datetime("us", "UTC")}
)
FADE = np.log(2)


@dataclass(frozen=True)
class Hazard:
    """The rate of conversion per day: `start` when a lead is created, halved every `half_life` days after that."""

    start: Floats
    half_life: float

    def until(self, age: Floats) -> Floats:
        """Return the hazard that has added up by an age in days."""
        total: Floats = self.start * self.half_life / FADE * (1 - np.exp2(-np.maximum(age, 0) / self.half_life))
        return total

    def drawn(self, rng: np.random.Generator) -> Floats:
        """Return the age at which each lead converts; infinite for never."""
        left = 1 - rng.exponential(1, len(self.start)) * FADE / (self.start * self.half_life)
        return np.where(left > 0, -self.half_life * np.log2(np.maximum(left, 1e-300)), np.inf)


def growing_funnel(leads: int = 9000, seed: int = 0) -> DatedWorld:
    """Double the leads every two weeks for five months; of 9,000 about 336 have converted, most of them lately."""
    rng = np.random.default_rng(seed)
    days, double = 150.0, 14.0
    first = np.exp2(-days / double)
    created = days + double * np.log2(first + (1 - first) * np.sort(rng.random(leads)))
    fields = _fields(rng, leads)
    return _world(rng, fields, created, days, Hazard(0.0015 * np.exp(_worth(fields)), 25.0))


def old_leads(leads: int = 6000, seed: int = 0) -> DatedWorld:
    """Let age tell most: the chance halves every 60 days, over two years of leads that are all open and scored."""
    rng = np.random.default_rng(seed)
    days = 700.0
    created, fields = np.sort(rng.uniform(0, days, leads)), _fields(rng, leads)
    return _world(rng, fields, created, days, Hazard(0.0035 * np.exp(0.5 * _worth(fields)), 60.0))


def falling_rate(leads: int = 8000, seed: int = 0) -> DatedWorld:
    """Let the rate of conversion fall by a third in two years, evenly; what tells leads apart stays."""
    rng = np.random.default_rng(seed)
    days = 730.0
    created, fields = np.sort(rng.uniform(0, days, leads)), _fields(rng, leads)
    less = np.log(2 / 3) * created / days
    return _world(rng, fields, created, days, Hazard(0.0014 * np.exp(_worth(fields) + less), 120.0))


def long_memory(leads: int = 6000, seed: int = 0) -> DatedWorld:
    """Ask customers again who buy about once a year: only how often they bought in the 400 days before tells."""
    rng = np.random.default_rng(seed)
    days, before = 1100.0, 500.0
    created = np.sort(rng.uniform(before, days, leads))
    count = rng.poisson(rng.gamma(0.8, 1.25, leads) * created / 365)
    lead = np.repeat(np.arange(leads), count)
    bought = rng.uniform(0, 1, len(lead)) * created[lead]
    recent = np.bincount(lead[created[lead] - bought < 400], minlength=leads)
    fields = _fields(rng, leads)
    rows = {"lead": _ids(lead), "id": [f"a{n}" for n in range(len(lead))], "kind": ["purchase"] * len(lead)}
    done = pl.DataFrame(rows).with_columns(occurred_at=moments(bought)).sort("occurred_at")
    hazard = Hazard(0.0011 * np.exp(0.9 * np.minimum(recent, 3)), 90.0)
    return _world(rng, fields, created, days, hazard, done)


INDUSTRIES = {"Software": 0.9, "Finance": 0.4, "Retail": 0.0, "Public": -0.9}


def _fields(rng: np.random.Generator, leads: int) -> dict[str, object]:
    return {
        "industry": rng.choice(list(INDUSTRIES), leads, p=[0.3, 0.2, 0.3, 0.2]),
        "employees": np.exp(rng.normal(4, 1.5, leads)).round(),
        "colour": rng.choice(list("abcdef"), leads),
    }


def _worth(fields: Mapping[str, object]) -> Floats:
    """Return what the fields add to the log of the hazard."""
    of_industry = np.array([INDUSTRIES[name] for name in np.asarray(fields["industry"])])
    worth: Floats = of_industry + 0.8 * (np.asarray(fields["employees"]) >= 100)
    return worth


def _ids(numbers: object) -> list[str]:
    return [f"L{number}" for number in np.asarray(numbers)]


def _world(
    rng: np.random.Generator,
    fields: Mapping[str, object],
    created: Floats,
    day: float,
    hazard: Hazard,
    activities: pl.DataFrame = NONE,
) -> DatedWorld:
    leads = pl.DataFrame({"lead": _ids(np.arange(len(created))), "created_at": moments(created), **fields})

    def chance(horizon: float) -> Floats:
        age = day - created
        return 1 - np.exp(hazard.until(age) - hazard.until(age + horizon))

    return DatedWorld(leads, activities, BEGIN + timedelta(days=day), created + hazard.drawn(rng), chance)
