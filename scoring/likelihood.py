"""The fitted likelihood, which turns points into a chance to convert, and the expression that evaluates it.

`calibrate` writes the file; `scoring` only reads it. Without new data the chance never rises over time, because the
weights of decaying inputs are at least 0 and the weight of the lead's age is at most 0.
"""

import hashlib
import math
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

import numpy as np
import orjson
import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from scoring.card.conditions import ActivityCondition
from scoring.card.rules.ahead import crossing, never
from scoring.card.scorecard import AccountCard, Scorecard
from scoring.uncertainty import Uncertainty, percent
from vocabulary.arrays import Floats, Ints
from vocabulary.outputs import LIKELIHOOD, Of
from vocabulary.units import duration

if TYPE_CHECKING:
    from scoring.history import History

FIT: Final = "fit_points"
ENGAGEMENT: Final = "engagement_points"
AGE: Final = "age_days"
DAY_US: Final = 86_400_000_000
LOW: Final = f"{LIKELIHOOD}_low"
HIGH: Final = f"{LIKELIHOOD}_high"
WHY_LIKELY: Final = f"{LIKELIHOOD}_why"


def _days(value: object) -> object:
    """Read `36h`, `14d`, `8w` as days."""
    return duration(value) / timedelta(days=1) if isinstance(value, str) else value


def _duration(days: float) -> str:
    return f"{days:g}d"


Days = Annotated[float, BeforeValidator(_days), PlainSerializer(_duration), Field(gt=0, allow_inf_nan=False)]
Weight = Annotated[float, Field(allow_inf_nan=False)]
Strict = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Age(BaseModel):
    """How the chance falls as the lead gets older: `weight · log2(1 + age / unit)`."""

    model_config = Strict
    weight: Weight = Field(le=0)
    unit: Days
    unknown: Days
    """The age assumed for leads without a creation date: the mean of the fitting window."""


class DecayedCount(BaseModel):
    """A kind of activity over the look-back: `weight * ln(1 + sum of decay)`. Without a half-life each counts 1."""

    model_config = Strict
    kind: str
    half_life: Days | None = None
    weight: Weight = Field(ge=0)

    @property
    def condition(self) -> ActivityCondition:
        """Return the condition on what it counts."""
        return ActivityCondition.model_validate({"kind": self.kind})


class Share(BaseModel):
    """The share of the fitting window in one bin of an input, to detect drift later."""

    model_config = Strict
    upto: Weight | None = None
    is_: str | None = Field(default=None, alias="is")
    share: float = Field(ge=0, le=1)


class Reference(BaseModel):
    """The fitting window: dates, rates and the distribution of inputs and score."""

    model_config = Strict
    since: date | None = None
    until: date | None = None
    leads: int = Field(ge=0)
    conversions: int = Field(ge=0)
    rate: float = Field(ge=0, le=1)
    score: tuple[Share, ...] = ()
    inputs: dict[str, tuple[Share, ...]] = {}


class Likelihood(BaseModel):
    """The chance to convert within the horizon: a logistic function of points, age and decayed counts."""

    model_config = Strict
    likelihood: str
    """The name of the scorecard whose points it was fitted on."""
    of: Of = "leads"
    """Whose points these are."""
    points: str
    """The digest of those points (`points_digest`). Other points need another fit."""
    fitted_at: datetime
    horizon: Days | None = None
    look_back: Days | Literal["all"] | None = None
    """How old the activities may be that it counts; without any, there is none."""
    ages_as_of: date | None = None
    """The day as of which rules measured dates, if a plain table had none for each lead; ages grow after it."""
    quality: Literal["calibrated", "rough"] = "calibrated"
    intercept: Weight
    per_point: Weight = Field(ge=0)
    age: Age | None = None
    counts: tuple[DecayedCount, ...] = ()
    uncertainty: Uncertainty | None = None
    """How far it may be off; older files do not say."""
    reference: Reference | None = None

    @model_validator(mode="after")
    def _looks_back(self) -> Self:
        if self.counts and self.look_back is None:
            raise ValueError("counts of activities need look_back")
        return self

    @model_validator(mode="after")
    def _is_about_its_terms(self) -> Self:
        terms = 2 + (self.age is not None) + len(self.counts)
        if self.uncertainty is not None and self.uncertainty.terms != terms:
            raise ValueError(f"uncertainty is about {self.uncertainty.terms} terms, but there are {terms}")
        return self

    def fits(self, card: Scorecard) -> bool:
        """Return whether it was fitted on the points of `card`, which is that of leads or that of accounts."""
        return self.of == card.whose and self.points == points_digest(card)

    def _terms(self) -> list[pl.Expr]:
        """Return what each weight is multiplied with, from points, age and counts."""
        points = pl.col(FIT) + pl.col(ENGAGEMENT)
        terms = [pl.lit(1.0), points]
        if self.age is not None:
            age = pl.col(AGE).fill_null(self.age.unknown).clip(0)
            terms.append((1 + age / self.age.unit).log(2.0))
        terms += [pl.col(f"count_{number}").log1p() for number in range(len(self.counts))]
        return [term.alias(str(number)) for number, term in enumerate(terms)]

    @property
    def _weights(self) -> list[float]:
        aged = [] if self.age is None else [self.age.weight]
        return [self.intercept, self.per_point, *aged, *(count.weight for count in self.counts)]

    def _odds(self) -> pl.Expr:
        """Return the log-odds from the terms."""
        base, per_point, *others = self._weights
        terms = [pl.lit(base) + per_point * pl.col("1")]
        terms += [weight * pl.col(str(number)) for number, weight in enumerate(others, 2)]
        return pl.sum_horizontal(terms, ignore_nulls=False).alias("odds")

    def score(
        self,
        points: pl.DataFrame,
        leads: pl.DataFrame,
        activities: pl.DataFrame,
        touchpoints: pl.DataFrame,
        as_of: datetime,
        *,
        interval: bool = True,
    ) -> pl.DataFrame:
        """Return `lead_likelihood` for the leads of `points`, in the same order, in percent with one decimal.

        With `interval`, `lead_likelihood_low` and `lead_likelihood_high` stand beside it, if the file says how far it
        may be off.

        `points`: `lead`, `fit_points`, `engagement_points`: per section the sum of its rules' points, before any limit
        and before rounding. `leads` may have `created_at`; activities and touchpoints are those of `scoring.score`.
        """
        frame = points.join(ages(leads, as_of), on="lead", how="left", maintain_order="left")
        counted = self.decayed_counts(activities, touchpoints, as_of)
        frame = frame.join(counted, on="lead", how="left", maintain_order="left")
        terms = frame.with_columns(pl.col("^count_.*$").fill_null(0.0)).select(self._terms())
        odds = terms.select(self._odds()).to_series()
        chance = percent(odds).alias(LIKELIHOOD).to_frame()
        if self.uncertainty is None or not interval:
            return chance
        bounds = self.uncertainty.bounds(odds, terms)
        return chance.hstack([bounds["low"].alias(LOW), bounds["high"].alias(HIGH)])

    def until_forgotten(self, history: "History") -> Ints:
        """Return in how many microseconds the next activity that counts is older than the look-back."""
        until = never(history.leads)
        if not self.counts or not isinstance(self.look_back, float):
            return until
        for count in self.counts:
            found = history.matching(count.condition)
            until = np.minimum(until, found.soonest(crossing(found.age, math.floor(self.look_back * DAY_US))))
        return until

    def fading(self, leads: pl.DataFrame, history: "History") -> Callable[[Floats], Floats]:
        """Return by how much log-odds fall after some microseconds, by the age of the leads and by what they did."""
        moment = pl.Series(history.as_of[:1]).cast(pl.Datetime("us", "UTC")).item()
        age = ages(leads, moment)[AGE].to_numpy().astype(np.float64) if self.age is not None else None
        sums = [(count, self._sum(count, history)) for count in self.counts]

        def fall(after: Floats) -> Floats:
            fallen = np.zeros(history.leads)
            if self.age is not None and age is not None:
                now = np.maximum(age, 0)  # a lead that is created later begins to age then
                grown = np.log2(1 + (now + after / DAY_US) / self.age.unit) - np.log2(1 + now / self.age.unit)
                fallen -= self.age.weight * np.nan_to_num(grown)
            for count, total in sums:
                if count.half_life is not None:
                    left = total * np.exp2(-after / (count.half_life * DAY_US))
                    fallen += count.weight * (np.log1p(total) - np.log1p(left))
            return fallen

        return fall

    def _sum(self, count: DecayedCount, history: "History") -> Floats:
        """Return the decayed count of each lead."""
        found = history.matching(count.condition)
        days = found.age / DAY_US
        kept = found.only(days < self.look_back) if isinstance(self.look_back, float) else found
        if count.half_life is None:
            return kept.count.astype(np.float64)
        return kept.total(np.exp2(-kept.age / DAY_US / count.half_life))

    def decayed_counts(self, activities: pl.DataFrame, touchpoints: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
        """Return `lead` and `count_0`, `count_1` … for the leads that have an activity in the look-back."""
        counts = [
            pl.when(pl.col("kind") == count.kind).then(_faded(count.half_life)).sum().alias(f"count_{number}")
            for number, count in enumerate(self.counts)
        ]
        kinds = touchpoints.select("touchpoint", pl.col("kind").str.strip_chars().str.to_lowercase())
        recent = activities.select("lead", "touchpoint", _days_before(as_of, "occurred_at").alias(AGE))
        oldest = self.look_back if isinstance(self.look_back, float) else math.inf
        recent = recent.filter((pl.col(AGE) >= 0) & (pl.col(AGE) < oldest)).join(kinds, on="touchpoint")
        return recent.group_by("lead").agg(counts)


def _faded(half_life: float | None) -> pl.Expr:
    return pl.lit(1.0) if half_life is None else (pl.col(AGE) * (-math.log(2) / half_life)).exp()


def _days_before(as_of: datetime, column: str) -> pl.Expr:
    moment = pl.lit(as_of).cast(pl.Datetime("us", "UTC")).cast(pl.Int64)
    return (moment - pl.col(column).cast(pl.Int64)) / DAY_US


def ages(leads: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return `lead` and `age_days`, null if `created_at` is not known."""
    if "created_at" not in leads.columns:
        return leads.select("lead", pl.lit(None, pl.Float64).alias(AGE))
    return leads.select("lead", _days_before(as_of, "created_at").alias(AGE))


def points_digest(card: Scorecard) -> str:
    """Return a hash of what determines the points of leads, or of accounts if it is their card."""
    content = _of_accounts(card) if isinstance(card, AccountCard) else _of_leads(card)
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()[:16]


def _of_leads(card: Scorecard) -> dict[str, Any]:
    """Return the fields, the `score` section and what both need."""
    content: dict[str, Any] = card.model_dump(mode="json", include={"fields", "score"})
    parts: dict[str, Any] = dict.fromkeys(("calendar", "placeholders", "deals", "figures", "reset"), True)
    parts["accounts"] = {"fields", "by_domain", "figures", "reset"}
    return content | card.model_dump(mode="json", include=parts, exclude_defaults=True)


def _of_accounts(card: AccountCard) -> dict[str, Any]:
    """Return the same of accounts: beside their own `score`, what determines that of their people.

    Who is disqualified gives an account nothing, and coverage and figures may ask for the stage of leads.
    """
    leads = card.leads
    own = leads.model_dump(mode="json", include={"accounts": {"score"}})
    content = {"leads": _of_leads(leads), **own}
    needed = {"grade", "readiness"} if card.needs_results else set()
    return content | leads.model_dump(mode="json", include=needed, exclude_defaults=True)
