"""A simulation of accounts with known points: their fields, their people, what these do, and who buys."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from calibrate import Calibration, run
from calibrate.card.proposal import plain
from calibrate.inputs.frames import HISTORY, Frames
from calibrate.notes import Notes
from calibrate.options import Options
from scoring import Scorecard
from scoring import touchpoints as numbered
from tests.calibrate.simulator import BEGIN, INDUSTRIES, Floats, Ints, activities, at

DAYS = 600
KINDS = ("page_view", "demo_request", "event_attend")
OF_PEOPLE = {"page_view": (4.0, 14.0), "demo_request": (18.0, 60.0)}
"""Points of one activity for its person, and half-life in days."""
TOP, MOST, PER_POINT = 2, 30.0, 0.05
"""How many people count, how much each at most, and the log-odds of one point."""
EVENT = 1.2
"""Log-odds of one fresh visit of an event by anybody."""
FADES = 30.0

CARD = """# ours
scorecard: firms
fields: {job: text}
score:
  engagement:
    groups:
      - name: Doing
        rules:
          - {name: Views, activity: {kind: page_view}, points: 4, half_life: 14d, within: 180d}
          - {name: Demo, activity: {kind: demo_request}, points: 18, half_life: 60d, within: 180d}
accounts:
  fields: {industry: text, employees: number, noise: text}
  score:
    fit:
      groups:
        - {name: Company, rules: [{name: Retail, lead: {industry: Retail}, points: 5}]}
    engagement:
      people: {top: 2, maximum: 30}
"""
"""Its people give what they truly give; its fit is wrong."""


@dataclass(frozen=True)
class Firms:
    """What a CRM would have of them, and what is true."""

    given: Frames
    worth: Floats
    """The log-odds of what each account is."""


@cache
def firms(count: int = 900, seed: int = 4, base: float = -7.2, told: float = 1.0) -> Firms:
    """Draw accounts; `told` scales everything that matters, so that 0 makes all of it noise."""
    rng = np.random.default_rng(seed)
    founded = np.sort(rng.uniform(0, DAYS, count))
    of = np.repeat(np.arange(count), 1 + rng.poisson(1.5, count))
    first = np.flatnonzero(np.diff(of, prepend=-1))
    created = founded[of] + rng.exponential(50, len(of))
    created[first] = founded
    industry = rng.choice(list(INDUSTRIES), count, p=[0.3, 0.2, 0.3, 0.2])
    employees = np.round(np.exp(rng.normal(4, 1.5, count)))
    worth = told * (np.array([INDUSTRIES[name] for name in industry]) + 0.9 * (employees >= 100))
    person, kind, moment = activities(rng, created, DAYS, list(KINDS))
    won = _sold(rng, founded, worth, of, (person, kind, moment), base, told)
    accounts = pl.DataFrame({"account": names("A", np.arange(count)), "industry": industry, "employees": employees})
    accounts = accounts.with_columns(noise=pl.Series(rng.choice(list("abcd"), count)))
    return Firms(_frames(accounts, of, created, (person, kind, moment), won), worth)


def names(letter: str, numbers: Ints) -> list[str]:
    return [f"{letter}{number}" for number in numbers]


def _sold(
    rng: np.random.Generator,
    founded: Floats,
    worth: Floats,
    of: Ints,
    done: tuple[Ints, Ints, Floats],
    base: float,
    told: float,
) -> Floats:
    """Return the day on which each account buys, NaN for never, drawn week by week from what is so far."""
    converted = np.full(len(founded), np.nan)
    for week in np.arange(0, DAYS, 7.0):
        odds = base + worth + told * active(of, done, week, len(founded))
        wins = (founded < week) & np.isnan(converted) & (rng.random(len(founded)) < 1 / (1 + np.exp(-odds)))
        converted[wins] = week + rng.uniform(0.01, 7, wins.sum())
    converted[converted > DAYS] = np.nan
    return converted


def active(of: Ints, done: tuple[Ints, Ints, Floats], day: float, count: int) -> Floats:
    """Return the log-odds of what the people of each account did until a day."""
    person, kind, moment = done
    age = day - moment
    recent = (age >= 0) & (age < 180)
    points = np.zeros(len(of))
    for name, (each, half_life) in OF_PEOPLE.items():
        these = recent & (kind == KINDS.index(name))
        points += each * np.bincount(person[these], 2 ** (-age[these] / half_life), len(of))
    strong = np.minimum(np.floor(points + 0.5), MOST)
    order = np.lexsort((-strong, of))
    place = np.arange(len(of)) - np.searchsorted(of[order], of[order])
    best = order[place < TOP]
    these = recent & (kind == KINDS.index("event_attend"))
    events = np.bincount(of[person[these]], 2 ** (-age[these] / FADES), count)
    return PER_POINT * np.bincount(of[best], strong[best], count) + EVENT * events


def _frames(accounts: pl.DataFrame, of: Ints, created: Floats, done: tuple[Ints, Ints, Floats], won: Floats) -> Frames:
    person, kind, moment = done
    time = pl.Datetime("us", "UTC")
    leads = pl.DataFrame({"lead": names("L", np.arange(len(of))), "created_at": at(created), "account": names("A", of)})
    acts = pl.DataFrame({"lead": names("L", person), "kind": [KINDS[k] for k in kind], "occurred_at": at(moment)})
    empty = {name: pl.lit(None, pl.String) for name in ("url", "name")}
    numbers = {name: pl.lit(None, pl.Float64) for name in ("seconds", "value")}
    acts = acts.with_row_index("id").with_columns(pl.col("id").cast(pl.String), **empty, **numbers)
    bought = ~np.isnan(won)
    outcomes = pl.DataFrame({"account": accounts["account"].filter(pl.Series(bought)), "occurred_at": at(won[bought])})
    parts = numbered(acts.cast({"occurred_at": time}))
    return Frames(
        leads.cast({"created_at": time}).with_columns(job=pl.lit("cto")), *parts,
        outcomes.cast({"occurred_at": time}), HISTORY.to_frame(), accounts=accounts,
    )  # fmt: skip


AS_OF = at(np.array([float(DAYS)]))[0]


def calibrated(given: Frames, options: Options, text: str = CARD) -> Calibration:
    """Calibrate accounts."""
    card = Scorecard.model_validate(plain(text))
    return run(given, card, options, AS_OF, card_text=text, notes=Notes(units="accounts"))


__all__ = ["AS_OF", "BEGIN", "CARD", "DAYS", "Firms", "calibrated", "firms"]
