"""The watch on likelihoods: silent while the world stays as it was, and outspoken once it has moved."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from pipeline.job import Job
from pipeline.watching import EXPECTED, REFIT, watch
from scoring import Likelihood
from scoring.likelihood import Reference
from vocabulary.outputs import Of

BEGIN = datetime(2026, 3, 3, tzinfo=UTC)
HORIZON = 30
TIME = pl.Datetime("us", "UTC")


@dataclass
class Nights:
    """A connection whose leads convert at a steady pace, night after night."""

    said: float
    """The chance in percent that the likelihood gives every lead."""
    true: float
    """The chance in percent within the horizon."""
    leads: int = 2000
    seed: int = 0
    horizon: float | None = HORIZON
    of: Of = "leads"
    now: datetime = BEGIN
    runs: list[Any] = field(default_factory=list)
    notes: dict[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rate = -np.log1p(-self.true / 100) / HORIZON
        days = np.random.default_rng(self.seed).exponential(1 / rate, self.leads)
        self.names = [str(number) for number in range(self.leads)]
        self.converts = [BEGIN + timedelta(days=float(day)) for day in days]
        self.likelihood = Likelihood(
            likelihood="ours", points="0", fitted_at=BEGIN, horizon=self.horizon, look_back=180, intercept=0,
            per_point=0, reference=Reference(leads=5000, conversions=600, rate=0.12),
        )  # fmt: skip

    def outcomes(self) -> pl.DataFrame:
        came = [(name, at) for name, at in zip(self.names, self.converts, strict=True) if at <= self.now]
        frame = pl.DataFrame(came, schema={"lead": pl.String, "occurred_at": TIME}, orient="row")
        return frame.with_columns(outcome=pl.lit("won"))

    def members(self) -> pl.DataFrame:
        """Return two people of each account, the second of whom came later, and one of none."""
        first, second = (
            pl.DataFrame({"lead": [f"{name}{who}" for name in self.names], "account": self.names}).with_columns(
                created_at=pl.lit(BEGIN + timedelta(days=at), TIME)
            )
            for who, at in (("a", -9), ("b", 9))
        )
        nobody = pl.DataFrame({"lead": ["alone"], "account": [None], "created_at": [BEGIN]}, schema=first.schema)
        return pl.concat([first, second, nobody])

    def account_outcomes(self) -> pl.DataFrame:
        """Return the conversions of accounts: every second one of its own deal, the others of a person."""
        own = pl.col("lead").cast(pl.Int64) % 2 == 0
        came = self.outcomes().with_columns(
            account=pl.when(own).then("lead"), lead=pl.when(~own).then(pl.concat_str("lead", pl.lit("b")))
        )
        return pl.concat([came, came.head(1).with_columns(account=None, lead=pl.lit("alone"))], how="vertical_relaxed")

    def job(self) -> Job:
        results = pl.DataFrame({"lead": self.names, "lead_likelihood": [self.said] * self.leads})
        created = pl.DataFrame({"lead": self.names, "created_at": [BEGIN - timedelta(days=9)] * self.leads})
        both = {"leads": None, "accounts": None} | {self.of: self.likelihood}
        active = SimpleNamespace(
            key=f" of {self.of}", name="ours", of=self.of, card=SimpleNamespace(zone=ZoneInfo("UTC")),
            scorer=SimpleNamespace(likelihood=both["leads"], of_accounts=both["accounts"]),
            outbox=SimpleNamespace(likelihoods=lambda _: results),
        )  # fmt: skip
        made = SimpleNamespace(
            name="main", boxes=[active],
            connection=SimpleNamespace(calibrate=SimpleNamespace(outcomes=None)),
            mirror=SimpleNamespace(
                buckets=range(4), outcomes=self.outcomes,
                creations=lambda: created.with_columns(pl.col("created_at").cast(TIME)),
                members=self.members, account_outcomes=self.account_outcomes,
            ),
            runs=SimpleNamespace(all_with=lambda _: self.runs[::-1]),
            store=SimpleNamespace(note=lambda _, name, text: self.notes.update({name: text})),
        )  # fmt: skip
        return cast("Job", made)

    def pass_(self, nights: int) -> str:
        """Let nights pass, and return what the last one says."""
        said = ""
        for _ in range(nights):
            forecasts, said = watch(self.job(), self.now)
            self.runs.append(SimpleNamespace(counts={EXPECTED: forecasts}))
            self.now += timedelta(days=1)
        return said


@pytest.mark.parametrize("seed", range(12))
def test_a_world_that_stays_as_it_was_raises_no_alarm_on_any_night(seed: int) -> None:
    """Seventy nights, of which forty have a forecast whose horizon is over."""
    nights = Nights(said=6, true=6, seed=seed)
    for _ in range(10):
        assert nights.pass_(7) == ""
    assert nights.notes[REFIT] is None


def test_more_conversions_than_expected_are_said_before_the_horizon_is_over() -> None:
    nights = Nights(said=3, true=9)
    assert nights.pass_(1) == ""
    said = nights.pass_(25)
    assert "fitted on 3 Mar 2026" in said
    assert "from the leads that were open on 3 Mar 2026, 60 conversions were expected within 30 days" in said
    assert said.endswith("have come already. Calibrate again.")
    assert nights.notes[REFIT] == said


def test_fewer_conversions_than_expected_are_said_once_the_horizon_is_over() -> None:
    nights = Nights(said=8, true=3)
    assert nights.pass_(30) == ""
    said = nights.pass_(1)
    assert "160 conversions were expected within 30 days" in said
    assert said.endswith(" came. Calibrate again.")


def test_a_new_fit_is_not_judged_by_what_the_old_one_expected() -> None:
    nights = Nights(said=8, true=3)
    assert nights.pass_(33)
    nights.likelihood = nights.likelihood.model_copy(update={"fitted_at": nights.now})
    nights.said = 3
    assert nights.pass_(3) == ""
    assert nights.notes[REFIT] is None


def test_accounts_are_watched_by_their_deals_and_by_what_their_people_convert_with() -> None:
    """A conversion counts from the first of its account; people of no account count for none."""
    assert Nights(said=6, true=6, of="accounts").pass_(40) == ""
    said = Nights(said=8, true=3, of="accounts").pass_(31)
    assert "from the accounts that were open on 3 Mar 2026, 160 conversions were expected within 30 days" in said
    leads = Nights(said=8, true=3).pass_(31)
    assert said.replace("accounts", "leads") == leads


def test_a_handful_of_conversions_is_no_alarm() -> None:
    assert Nights(said=0.1, true=0.3, leads=1000).pass_(40) == ""


def test_a_fit_of_more_than_a_year_is_old_with_and_without_a_horizon() -> None:
    for horizon in (HORIZON, None):
        nights = Nights(said=6, true=6, horizon=horizon)
        nights.now += timedelta(days=366)
        assert "fitted on 3 Mar 2026, more than a year ago" in nights.pass_(1)
        assert all(bool(run.counts[EXPECTED]) == (horizon is not None) for run in nights.runs)
