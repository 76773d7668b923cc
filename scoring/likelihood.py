"""The fitted likelihood, which turns points into a chance to convert, and the expression that evaluates it.

`calibrate` writes the file; `scoring` only reads it. Without new data the chance never rises over time, because the
weights of decaying inputs are at least 0 and the weight of the lead's age is at most 0.
"""

import hashlib
import math
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final, Literal

import orjson
import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from scoring.card.conditions import ActivityCondition
from scoring.card.scorecard import AccountCard, Scorecard
from vocabulary.outputs import Of
from vocabulary.units import duration

FIT: Final = "fit_points"
ENGAGEMENT: Final = "engagement_points"
AGE: Final = "age_days"
DAY_US: Final = 86_400_000_000


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
    look_back: Days
    quality: Literal["calibrated", "rough"] = "calibrated"
    intercept: Weight
    per_point: Weight = Field(ge=0)
    age: Age | None = None
    counts: tuple[DecayedCount, ...] = ()
    reference: Reference | None = None

    def fits(self, card: Scorecard) -> bool:
        """Return whether it was fitted on the points of `card`, which is that of leads or that of accounts."""
        return self.of == card.whose and self.points == points_digest(card)

    def percent(self) -> pl.Expr:
        """Return the chance in percent, one decimal, from the columns that `inputs` describes."""
        points = pl.col(FIT) + pl.col(ENGAGEMENT)
        terms = [pl.lit(self.intercept) + self.per_point * points, *self._age_term(), *self._count_terms()]
        odds = pl.sum_horizontal(terms, ignore_nulls=False).exp()
        return (100 - 100 / (1 + odds)).round(1).alias("lead_likelihood")

    def _age_term(self) -> list[pl.Expr]:
        if self.age is None:
            return []
        age = pl.col(AGE).fill_null(self.age.unknown).clip(0)
        return [self.age.weight * (1 + age / self.age.unit).log(2.0)]

    def _count_terms(self) -> list[pl.Expr]:
        return [count.weight * pl.col(f"count_{number}").log1p() for number, count in enumerate(self.counts)]

    def score(
        self,
        points: pl.DataFrame,
        leads: pl.DataFrame,
        activities: pl.DataFrame,
        touchpoints: pl.DataFrame,
        as_of: datetime,
    ) -> pl.Series:
        """Return `lead_likelihood` for the leads of `points`, in the same order.

        `points`: `lead`, `fit_points`, `engagement_points`: per section the sum of its rules' points, before any limit
        and before rounding. `leads` may have `created_at`; activities and touchpoints are those of `scoring.score`.
        """
        frame = points.join(ages(leads, as_of), on="lead", how="left", maintain_order="left")
        counted = self.decayed_counts(activities, touchpoints, as_of)
        return (
            frame.join(counted, on="lead", how="left", maintain_order="left")
            .with_columns(pl.col("^count_.*$").fill_null(0.0))
            .select(self.percent())
            .to_series()
        )

    def decayed_counts(self, activities: pl.DataFrame, touchpoints: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
        """Return `lead` and `count_0`, `count_1` … for the leads that have an activity in the look-back."""
        counts = [
            pl.when(pl.col("kind") == count.kind).then(_faded(count.half_life)).sum().alias(f"count_{number}")
            for number, count in enumerate(self.counts)
        ]
        kinds = touchpoints.select("touchpoint", pl.col("kind").str.strip_chars().str.to_lowercase())
        recent = activities.select("lead", "touchpoint", _days_before(as_of, "occurred_at").alias(AGE))
        recent = recent.filter((pl.col(AGE) >= 0) & (pl.col(AGE) < self.look_back)).join(kinds, on="touchpoint")
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
