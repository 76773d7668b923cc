"""Worlds without dates. The one line of each says what is planted."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.worlds.made import OUTCOME, Flags, Floats, TableWorld, based, sigmoid

Columns = Mapping[str, object]


def per_unit(leads: int = 2240, seed: int = 0) -> TableWorld:
    """Six numbers matter in proportion, each up to a cap; 15 % convert, so 334 of 2,240."""
    rng = np.random.default_rng(seed)
    numbers = {f"spent_{name}": rng.gamma(1.1, 260, leads).round() for name in ("wine", "meat", "fish", "sweets")}
    numbers |= {"visits": rng.poisson(5, leads).astype(float), "days_idle": rng.integers(0, 100, leads).astype(float)}
    caps = {"spent_wine": 1200.0, "spent_meat": 800.0, "spent_fish": 700.0, "spent_sweets": 600.0, "visits": 12.0}
    weights = {"spent_wine": 2.8, "spent_meat": 2.0, "spent_fish": 1.6, "spent_sweets": 1.2, "visits": 2.2}
    odds = sum((weights[name] * np.minimum(numbers[name], cap) / cap for name, cap in caps.items()), np.zeros(leads))
    odds -= 2.6 * numbers["days_idle"] / 100
    return _told(rng, {**numbers, **_chatter(rng, leads)}, based(1.8 * odds, 0.149))


def ages(leads: int = 2240, seed: int = 0) -> TableWorld:
    """Days since `customer_since` matter, as of one day; `entered_on` is only the order, `handed_over_on` is later."""
    rng = np.random.default_rng(seed)
    today = date(2026, 3, 31)
    days, source = rng.integers(0, 1100, leads), rng.choice(["ads", "fair", "web"], leads)
    chance = based(2.4 * days / 1100 + 0.9 * (source == "fair"), 0.18)
    won = rng.random(leads) < chance
    entered = [today - timedelta(days=int(60 * (1 - place / leads))) for place in range(leads)]
    later = [one + timedelta(days=20) if out else None for one, out in zip(entered, _mostly(rng, won), strict=True)]
    fields = {
        "source": source,
        "customer_since": [today - timedelta(days=int(each)) for each in days],
        "entered_on": entered,
    }
    fields |= _chatter(rng, leads)
    then = {**fields, "handed_over_on": pl.Series([None] * leads, dtype=pl.Date)}
    return replace(
        _world({**fields, "handed_over_on": later}, then, chance, won), honest=("customer_since",), as_of=str(today)
    )


def leaking_emptiness(leads: int = 5000, seed: int = 0) -> TableWorld:
    """Sales fills in `occupation` of hot leads: that it is known tells nothing at creation, but `Working` does."""
    rng = np.random.default_rng(seed)
    levels, share = np.array(["Unemployed", "Working", "Student"]), np.array([0.72, 0.14, 0.14])
    worth = np.array([0.0, 2.2, -0.4])
    job = rng.choice(3, leads, p=share)
    source, minutes = rng.choice(["ads", "fair", "web"], leads), rng.exponential(8, leads).round(1)
    others = 1.1 * (source == "fair") + 0.09 * np.minimum(minutes, 25)
    chances = np.column_stack([others + each for each in worth])
    base = _base(others + worth[job], 0.35)
    won = rng.random(leads) < sigmoid(base + others + worth[job])
    asked = rng.random(leads) < 0.45
    filled = asked | (rng.random(leads) < np.where(won, 0.85, 0.15))
    chance = np.where(asked, sigmoid(base + others + worth[job]), sigmoid(base + chances) @ share)
    fields = {"source": source, "minutes": minutes, **_chatter(rng, leads)}
    today = {**fields, "occupation": _unless(~filled, levels[job])}
    return _world(today, {**fields, "occupation": _unless(~asked, levels[job])}, chance, won)


def honest_emptiness(leads: int = 5000, seed: int = 0) -> TableWorld:
    """`budget` is missing at random; whether `phone_type` was given truly tells, at creation, by a factor below two."""
    rng = np.random.default_rng(seed)
    budget, phone = rng.exponential(40, leads).round(), rng.choice(["mobile", "office"], leads)
    blank, silent = rng.random(leads) < 0.4, rng.random(leads) < 0.5
    known = 1.8 * np.minimum(budget, 100) / 100
    odds = np.where(blank, float(known.mean()), known) - 0.7 * silent
    fields = {"budget": _unless(blank, budget), "phone_type": _unless(silent, phone), **_chatter(rng, leads)}
    return _told(rng, fields, based(odds, 0.2))


def interaction(leads: int = 5000, seed: int = 0) -> TableWorld:
    """`segment` Enterprise with `asked_for` demo matters; neither does alone. A number matters beside it."""
    rng = np.random.default_rng(seed)
    segment = rng.choice(["Enterprise", "Small", "Middle"], leads, p=[0.4, 0.35, 0.25])
    asked, visits = rng.choice(["demo", "price", "newsletter"], leads), rng.poisson(4, leads).astype(float)
    both = (segment == "Enterprise") & (asked == "demo")
    fields = {"segment": segment, "asked_for": asked, "visits": visits, **_chatter(rng, leads)}
    return _told(rng, fields, based(2.4 * both + 0.12 * np.minimum(visits, 10), 0.2))


def threshold(leads: int = 5000, seed: int = 0) -> TableWorld:
    """`employees` matters from 37 on and no more after that; `seconds` only between 90 and 240."""
    rng = np.random.default_rng(seed)
    employees, seconds = np.exp(rng.normal(3.5, 1.2, leads)).round(), rng.exponential(160, leads).round()
    odds = 1.8 * (employees >= 37) + 1.5 * ((seconds >= 90) & (seconds < 240))
    return _told(rng, {"employees": employees, "seconds": seconds, **_chatter(rng, leads)}, based(odds, 0.15))


def noise(leads: int = 3000, seed: int = 0) -> TableWorld:
    """Nothing tells who converts."""
    rng = np.random.default_rng(seed)
    texts = {f"text_{n}": rng.choice([f"level {k}" for k in range(3 + 2 * n)], leads) for n in range(8)}
    numbers = {f"number_{n}": rng.exponential(10, leads).round(1) for n in range(8)}
    return _told(rng, {**texts, **numbers}, np.full(leads, 0.2))


def _chatter(rng: np.random.Generator, leads: int) -> dict[str, object]:
    """Return columns that say nothing."""
    return {"colour": rng.choice(list("abcdef"), leads), "luck": rng.normal(50, 12, leads).round(1)}


def _told(rng: np.random.Generator, fields: Columns, chance: Floats) -> TableWorld:
    """Return a world whose fields do not change after creation."""
    return _world(fields, fields, chance, rng.random(len(chance)) < chance)


def _world(today: Columns, then: Columns, chance: Floats, won: Flags) -> TableWorld:
    ids = {"id": [f"L{number}" for number in range(len(won))]}
    outcome = {OUTCOME: np.where(won, "yes", "no")}
    table, known = (pl.DataFrame({**ids, **fields, **outcome}) for fields in (today, then))
    return TableWorld(table, known, chance, won)


def _base(odds: Floats, rate: float) -> float:
    """Return what `based` adds."""
    moved = based(odds, rate)
    return float(np.log(moved[0] / (1 - moved[0])) - odds[0])


def _unless(blank: Flags, values: NDArray[Any]) -> pl.Series:
    return pl.Series(values).set(pl.Series(blank), None)


def _mostly(rng: np.random.Generator, won: Flags) -> Flags:
    """Return 90 % of those that converted and 3 % of the others."""
    filled: Flags = rng.random(len(won)) < np.where(won, 0.9, 0.03)
    return filled
