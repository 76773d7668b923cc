"""A simulation with known points and half-lives: leads, activities and the resulting conversions."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from calibrate import Calibration, run
from calibrate.inputs.frames import HISTORY, Frames
from calibrate.notes import Notes
from calibrate.options import Options
from scoring import Scorecard
from scoring import touchpoints as numbered

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
INDUSTRIES = {"Software": 1.0, "Finance": 0.5, "Retail": 0.0, "Public": -0.9}
KINDS: "Kinds" = {"page_view": (0.25, 14.0), "email_click": (0.45, 30.0), "demo_request": (1.6, 60.0)}
"""Log-odds of one fresh activity, and half-life in days."""
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Kinds = dict[str, tuple[float, float | None]]
RATES = {"page_view": 0.06, "email_click": 0.02, "demo_request": 0.004}
WEEK = 7.0
LOOK_BACK = 180.0
LIVELY = 200.0
"""Days in which a lead has most of its activities."""


@dataclass(frozen=True)
class World:
    """The simulated CRM data and the true model."""

    leads: pl.DataFrame
    activities: pl.DataFrame
    touchpoints: pl.DataFrame
    outcomes: pl.DataFrame
    as_of: datetime


def at(days: Floats) -> list[datetime]:
    return [BEGIN + timedelta(days=float(day)) for day in days]


def world(leads: int = 4000, days: int = 720, seed: int = 1, base: float = -6.5, kinds: Kinds = KINDS) -> World:
    rng = np.random.default_rng(seed)
    created = np.sort(rng.uniform(0, days, leads))
    industry = rng.choice(list(INDUSTRIES), leads, p=[0.3, 0.2, 0.3, 0.2])
    employees = np.round(np.exp(rng.normal(4, 1.5, leads)))
    fit = np.array([INDUSTRIES[name] for name in industry]) + 0.7 * (employees >= 100) + 0.5 * (employees >= 500)
    lead, kind, moment = activities(rng, created, days, list(kinds))
    converted = conversions(rng, created, fit, lead, kind, moment, days, base, kinds)
    frame = pl.DataFrame(
        {
            "lead": [f"L{n}" for n in range(leads)],
            "created_at": at(created),
            "industry": industry,
            "employees": employees,
            "noise": rng.choice(list("abcd"), leads),
        }
    ).with_columns(pl.col("created_at").cast(pl.Datetime("us", "UTC")))
    texts = pl.DataFrame(
        {
            "lead": [f"L{n}" for n in lead],
            "id": [f"a{n}" for n in range(len(lead))],
            "kind": [list(kinds)[k] for k in kind],
            "occurred_at": at(moment),
        }
    )
    texts = texts.with_columns(
        pl.col("occurred_at").cast(pl.Datetime("us", "UTC")),
        url=pl.lit(None, pl.String),
        name=pl.lit(None, pl.String),
        seconds=pl.lit(None, pl.Float64),
        value=pl.lit(None, pl.Float64),
    )
    activity_frame, touchpoint_frame = numbered(texts)
    won = ~np.isnan(converted)
    outcomes = pl.DataFrame(
        {"lead": frame["lead"].filter(won), "occurred_at": at(converted[won])},
        schema={"lead": pl.String, "occurred_at": pl.Datetime("us", "UTC")},
    )
    return World(frame, activity_frame, touchpoint_frame, outcomes, BEGIN + timedelta(days=days))


def calibrated(made: World, options: Options, card: Scorecard | None = None, text: str | None = None) -> Calibration:
    given = Frames(made.leads, made.activities, made.touchpoints, made.outcomes, HISTORY.to_frame())
    return run(given, card, options, made.as_of, card_text=text, notes=Notes())


def true_points(made: World, lead: Ints, day: Floats) -> Floats:
    """Return each lead's true points at the given moments (days since the epoch)."""
    kinds = dict(made.touchpoints.select("touchpoint", "kind").iter_rows())
    kind = np.array([list(KINDS).index(kinds[number]) for number in made.activities["touchpoint"]])
    doer = made.activities["lead"].str.slice(1).cast(pl.Int64).to_numpy()
    moment = made.activities["occurred_at"].cast(pl.Int64).to_numpy() / 86_400e6
    employees = made.leads["employees"].to_numpy()
    fit = (
        np.array([INDUSTRIES[name] for name in made.leads["industry"]])
        + 0.7 * (employees >= 100)
        + 0.5 * (employees >= 500)
    )
    points = fit[lead]
    for each in np.unique(day):
        rows = day == each
        points[rows] += engagement(len(fit), doer, kind, moment, float(each), KINDS)[lead[rows]]
    return points


def activities(rng: np.random.Generator, created: Floats, days: int, kinds: list[str]) -> tuple[Ints, Ints, Floats]:
    """Draw activities: each lead has its own rate, highest in its first months."""
    parts = []
    for number, kind in enumerate(kinds):
        rate = RATES.get(kind, 0.03) * rng.gamma(0.8, 1.25, len(created))
        count = rng.poisson(rate * LIVELY)
        lead = np.repeat(np.arange(len(created)), count)
        moment = created[lead] + rng.exponential(LIVELY, len(lead))
        inside = moment < days
        parts.append((lead[inside], np.full(inside.sum(), number), moment[inside]))
    lead, kind, moment = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(moment, kind="stable")
    return lead[order], kind[order], moment[order]


def conversions(  # noqa: PLR0917 - a simulator in one go
    rng: np.random.Generator,
    created: Floats,
    fit: Floats,
    lead: Ints,
    kind: Ints,
    moment: Floats,
    days: int,
    base: float,
    kinds: Kinds,
) -> Floats:
    """Convert open leads week by week, with the chance given by their points."""
    converted = np.full(len(created), np.nan)
    for week in np.arange(0, days, WEEK):
        points = fit + engagement(len(created), lead, kind, moment, week, kinds)
        chance = 1 / (1 + np.exp(-(base + points)))
        wins = (created < week) & np.isnan(converted) & (rng.random(len(created)) < chance)
        converted[wins] = week + rng.uniform(0.01, WEEK, wins.sum())
    converted[converted > days] = np.nan
    return converted


def engagement(leads: int, lead: Ints, kind: Ints, moment: Floats, day: float, kinds: Kinds) -> Floats:
    total = np.zeros(leads)
    for number, (weight, half_life) in enumerate(kinds.values()):
        age = day - moment
        these = (kind == number) & (age >= 0) & (age < LOOK_BACK)
        decay = np.ones(these.sum()) if half_life is None else 2 ** (-age[these] / half_life)
        total += weight * np.bincount(lead[these], decay, leads)
    return total
