"""The outlook: until the moment that scoring names, time alone changes nothing that would be written."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring import Likelihood, Scorecard, Scored, Scorer, touchpoints
from scoring.card.rules import TYPES, CoverageRule, PersonRule
from scoring.likelihood import points_digest
from scoring.outlook import NUMBERS, Told
from store.outbox.comparing import Tolerances, flags
from store.outbox.outputs import rounded
from tests.examples import up_to
from tests.scoring.comparing import frames, related
from tests.scoring.drawing import AS_OF, cards, people
from vocabulary.outputs import COMPUTED

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = timedelta(days=800)
KEPT = ("lead_readiness", "lead_priority", "lead_priority_since", "lead_priority_rose_at", "lead_expires_at")
bands = st.sampled_from([0, 1, 2.5, 3, 10])
likelihoods = st.fixed_dictionaries(
    {"per_point": st.sampled_from([0.0, 0.02, 0.3]), "intercept": st.sampled_from([-4.0, -1.0, 2.0])},
    optional={
        "age": st.just({"weight": -0.4, "unit": "7d", "unknown": "30d"}),
        "counts": st.just(
            [
                {"kind": "page_view", "half_life": "14d", "weight": 0.7},
                {"kind": "demo_request", "half_life": None, "weight": 0.3},
            ]
        ),
    },
)


def fitted(card: Scorecard, drawn: dict[str, Any] | None) -> Likelihood | None:
    if drawn is None or card.score is None:
        return None
    known = {"likelihood": card.name, "points": points_digest(card), "fitted_at": AS_OF, "look_back": "30d"}
    return Likelihood.model_validate(known | drawn)


class Sweeping:
    """Scores the same people at any time, as the store would have them scored."""

    def __init__(self, card: dict[str, Any], drawn: list[Any], band: float, chance: dict[str, Any] | None) -> None:
        self.card = Scorecard.model_validate(card)
        self.leads, activities, self.previous = frames(drawn, card["fields"])
        self.leads = self.leads.with_columns(created_at=pl.lit(AS_OF - timedelta(days=3)))
        self.activities, touched = touchpoints(activities)
        self.scorer = Scorer(self.card, fitted(self.card, chance))
        self.touchpoints, self.related = self.scorer.touchpoints(touched), related(card, drawn)
        self.tolerances = Tolerances(dead_band=band)

    def scored(self, at: datetime, stood: pl.DataFrame | None, told: pl.DataFrame) -> Scored:
        """Score after `stood` was computed and `told` was written."""
        nothing = self.leads.select("lead", *(pl.lit(None).alias(name) for name in (*KEPT, "lead_scorecard")))
        before = nothing.with_columns(lead_scored_at=None, as_of=None) if stood is None else stood
        least = dict.fromkeys(NUMBERS, self.tolerances.dead_band) | {"lead_likelihood": self.tolerances.likelihood}
        return self.scorer.score(
            self.leads,
            self.activities,
            self.touchpoints,
            at,
            before.with_columns(own=False),
            self.related,
            Told(told.select("lead", *NUMBERS), least),
        )

    def stood(self, results: pl.DataFrame, at: datetime) -> pl.DataFrame:
        """Return what later results depend on."""
        return results.select("lead", *KEPT, "lead_scorecard").with_columns(lead_scored_at=pl.lit(at), as_of=pl.lit(at))

    def written(self, results: pl.DataFrame, told: pl.DataFrame) -> list[str]:
        """Return the leads that would be written."""
        ours, theirs = rounded(results.select("lead", *COMPUTED)), rounded(told.select("lead", *COMPUTED))
        held = theirs.rename({name: f"told_{name}" for name in COMPUTED}).with_columns(told_at=1)
        return (
            ours.join(held, on="lead").with_columns(flags(self.tolerances, COMPUTED)).filter("write")["lead"].to_list()
        )


def moments(due: int | None, shares: list[float]) -> list[datetime]:
    """Return moments after the time of scoring and before a lead is due, the last possible one too."""
    begin = (AS_OF - EPOCH) // timedelta(microseconds=1)
    last = begin + LAST // timedelta(microseconds=1)
    end = last if due is None else min(due - 1, last)
    found = {begin + int((end - begin) * share) for share in (*shares, 1.0)}
    return [EPOCH + timedelta(microseconds=each) for each in sorted(found)]


def check(card: dict[str, Any], drawn: list[Any], band: float, shares: list[float], chance: Any, off: int) -> int:
    """Check that nobody is written before being due; return how many are not due at once."""
    sweeping = Sweeping(card, drawn, band, chance)
    nothing = sweeping.leads.select("lead", *(pl.lit(None, pl.Float64).alias(name) for name in NUMBERS))
    first = sweeping.scored(AS_OF, None, nothing).results
    told = first.with_columns(pl.col("lead_score") + off) if off else first
    stood = sweeping.stood(first, AS_OF)
    again = sweeping.scored(AS_OF, stood, told)
    unwritten = set(sweeping.leads["lead"]) - set(sweeping.written(again.results, told))
    waiting = 0
    for lead, due in again.due.iter_rows():
        assert due is None or due > (AS_OF - EPOCH) // timedelta(microseconds=1)
        written = told if lead in unwritten else again.results
        for at in moments(due, shares):
            waiting += at > AS_OF
            later = sweeping.scored(at, sweeping.stood(again.results, AS_OF), written).results
            assert lead not in sweeping.written(later, written), (lead, due, at)
            same, now = (frame.filter(pl.col("lead") == lead).select(KEPT).row(0) for frame in (again.results, later))
            assert same == now, (lead, due, at)
    return waiting


drawn = given(
    cards(),
    people,
    bands,
    st.lists(st.floats(0, 1), max_size=2),
    st.none() | likelihoods,
    st.sampled_from([0, 0, 1, -2]),
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@drawn
def test_nobody_is_written_before_being_due(
    card: dict, drawn: list, band: float, shares: list, chance: Any, off: int
) -> None:
    check(card, drawn, band, shares, chance, off)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(max_examples=up_to(1500), deadline=None, suppress_health_check=list(HealthCheck))
@drawn
def test_nobody_of_many_more_is_written_before_being_due(
    card: dict, drawn: list, band: float, shares: list, chance: Any, off: int
) -> None:
    check(card, drawn, band, shares, chance, off)


def test_leads_of_accounts_are_due_in_the_next_sweep() -> None:
    """The figures of an account move with those of other leads, so no lead of it can tell when."""
    fields: dict[str, Any] = {"scorecard": "firms", "fields": {"size": "number"}}
    rule = {"name": "Big", "lead": {"account.people": {"at_least": 2}}, "points": 5}
    figures = {"figures": {"people": {"count": "leads"}}}
    card = fields | {"accounts": figures, "score": {"fit": {"groups": [{"name": "Firm", "rules": [rule]}]}}}
    scorer = Scorer(Scorecard.model_validate(card))
    leads = pl.DataFrame({"lead": ["1", "2"], "account": ["a", None]})
    told = Told(leads.select("lead", lead_score=pl.lit(None, pl.Int64)), {"lead_score": 3.0})
    before = leads.select("lead", *(pl.lit(None).alias(name) for name in (*KEPT, "lead_scorecard", "lead_scored_at")))
    activities, touched = touchpoints(frames([], {})[1])
    stood = before.with_columns(own=False)
    due = scorer.score(leads, activities, scorer.touchpoints(touched), AS_OF, stood, told=told).due
    assert due["due_at"].to_list() == [(AS_OF - EPOCH) // timedelta(microseconds=1) + 1] * 2


def test_every_rule_type_says_what_time_makes_of_its_points() -> None:
    """A new type cannot be forgotten: without an answer of its own, scoring fails."""
    made = (PersonRule, CoverageRule)
    assert all("ahead" in vars(rule) for rule in (*TYPES, *made))


def test_nothing_but_the_rules_names_their_types() -> None:
    """What time makes of points is asked of the rule, whatever its type."""
    scoring = Path(__file__).parents[2] / "scoring"
    names = re.compile("|".join(rf"\b{rule.__name__}\b" for rule in TYPES))
    asking = ("outlook", "motion", "room", "strongest", "turning", "points", "chunk", "history")
    assert not [name for name in asking if names.search((scoring / f"{name}.py").read_text())]
