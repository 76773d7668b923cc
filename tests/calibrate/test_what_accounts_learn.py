"""What is learned for accounts is what is scored: resets, people who move, disqualified people, coverage, locked rules."""

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from calibrate import assess
from calibrate.card.current_card import lead_rules
from calibrate.card.proposal import Base, plain, text
from calibrate.card.rules import ActivityRule
from calibrate.from_history import _Maker, _Past, units_of
from calibrate.inputs.frames import HISTORY, Frames
from calibrate.learning.learn import Learned
from calibrate.likelihood.chances import Chance
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past.outcome import day_of
from calibrate.past.panel import Panel
from calibrate.past.snapshots import Moments
from calibrate.result import RuleFound
from scoring import Likelihood, Related, Scorecard, score
from scoring.likelihood import Age, DecayedCount, points_digest
from tests.calibrate.firms import AS_OF, firms

CARD = """
scorecard: ours
fields: {job: text, recycled_at: time}
reset: [{name: Recycled, since: recycled_at, rest: 30d}]
score:
  engagement:
    groups:
      - name: Doing
        rules:
          - {name: Views, activity: {kind: page_view}, points: 3, half_life: 14d}
          - {name: Demo, activity: {kind: demo_request}, points: 12, half_life: 60d}
grade:
  profiles: [{name: All, criteria: [{name: Job, match: {job: cto}, weight: 1}]}]
  disqualified: {job: student}
accounts:
  fields: {industry: text, employees: number, lost_at: time}
  reset: [{name: Lost, since: lost_at}]
  score:
    fit:
      groups:
        - name: Company
          rules:
            - {name: Size, number: employees, points: {give: 2, per: 50, shape: log}, maximum: 8, missing: -1}
            - {name: Software, lead: {industry: Software}, points: 1}
    engagement:
      maximum: 12
      reset: [{name: Came, activity: {kind: event_attend}}]
      people: {top: 2, maximum: 9}
      coverage: {by: job, engaged: {engagement: {at_least: 6}}, points: {CTO: 5, owner: -3}}
      groups:
        - name: Kept
          when: {industry: {is_not: Public}}
          half_life: 20d
          award: best
          rules:
            - {name: Looks, activity: {kind: page_view}, points: {1-2: 2, 3+: 5}}
            - {name: Asked, activity: {kind: demo_request}, points: 4, lifespan: 60d}
            - {name: Other, activity: {kind: page_view}, points: 1}
"""
LOCKED = ("Looks", "Asked")


def restless() -> Frames:
    """Return accounts of which every third was lost and whose people are recycled, and move, now and then."""
    given = firms(60, base=-9).given
    number = pl.int_range(pl.len())
    jobs = pl.Series(["cto", "owner", "student", "clerk"])
    leads = given.leads.with_columns(
        job=jobs.gather(pl.Series(np.arange(len(given.leads)) % 4)),
        recycled_at=pl.when(number % 3 == 0).then(pl.col("created_at") + timedelta(days=40)),
    )
    assert given.accounts is not None
    founded = given.leads.unique("account", keep="first", maintain_order=True)["created_at"]
    lost = pl.when(number % 3 == 0).then(founded + timedelta(days=90))
    mover = (number % 5 == 0) & (pl.col("created_at") + timedelta(days=60) < AS_OF)
    now = pl.when(mover).then(pl.coalesce(pl.col("account").shift(5), "account")).otherwise("account")
    moved = leads.with_columns(value=now, before="account", field=pl.lit("account")).filter(mover)
    moves = moved.with_columns(since=pl.col("created_at") + timedelta(days=60)).select(*HISTORY)
    leads = leads.with_columns(account=now)
    accounts = given.accounts.with_columns(lost_at=lost)
    return replace(given, leads=leads, accounts=accounts, history=moves)


@dataclass(frozen=True)
class Proposed:
    """Snapshots with rules that could have been learned, and the scorecard made of them."""

    given: Frames
    material: assess.Material
    maker: _Maker
    learned: Learned
    card: Scorecard
    written: str


@pytest.fixture(scope="module")
def proposed() -> Proposed:
    given, card, notes = restless(), Scorecard.model_validate(plain(CARD)), Notes(units="accounts")
    options = Options(max_rows=700, horizon=30, locked=LOCKED)
    past = _Past(units_of(given, card, CARD, AS_OF, notes), CARD, options)
    maker = _Maker(past, past.units.declared(), past._behaviour(), 30.0, np.arange(len(past.units.line.leads)))
    material = maker.material({"employees": "number", "industry": "text"})
    rules = (*material.old_rules, *_activity_rules(material.panel))
    learned = Learned(rules, np.array([12, -3, 4, 9]), doubling=10)
    found = [
        RuleFound(rule.name, rule.part, 0, 0, 0, 0, points, 0, 0, 1)
        for rule, points in zip(rules, learned.points, strict=True)
    ]
    base = Base(CARD, "ours", {}, {}, "accounts")
    written = text(base, list(zip(rules, found, strict=True)), LOCKED, ("fit", "engagement"))
    return Proposed(given, material, maker, learned, Scorecard.model_validate(plain(written)), written)


def _activity_rules(panel: Panel) -> list[ActivityRule]:
    """Return a rule that fades and is capped, and one for an activity at any time before."""
    places = {signal.kinds: number for number, signal in enumerate(panel.signals) if set(signal.condition) == {"kind"}}
    return [
        ActivityRule(places["page_view",], "Page view", {"kind": "page_view"}, 180.0, half_life=2, cap=2.0),
        ActivityRule(places["demo_request",], "Demo", {"kind": "demo_request"}, ever=True),
    ]


def test_the_proposal_gives_each_account_the_points_that_were_learned(proposed: Proposed) -> None:
    panel = proposed.material.panel
    scored = proposed.material.scored(panel, proposed.card)["lead_score"].to_numpy()
    learned = proposed.learned.score(panel)
    assert np.abs(scored - learned).max() < 0.51
    assert np.ptp(learned) > 20
    assert panel.locked is not None
    assert len(np.unique(panel.locked)) > 20
    assert panel.counts[0].max() > 2


def today(proposed: Proposed) -> Panel:
    """Return all accounts as they are on the last day of the data."""
    places = np.arange(len(proposed.maker.units.line.leads))
    panel = proposed.maker.panel(Moments(places, np.full(len(places), day_of(AS_OF))))
    return replace(panel, fields=lead_rules(proposed.maker.units.old, panel.fields, ["employees", "industry"])[1])


def test_the_likelihood_of_an_account_is_what_scoring_says(proposed: Proposed) -> None:
    last = today(proposed)
    counts = (
        DecayedCount(kind="page_view", half_life=30, weight=0.7),
        DecayedCount(kind="demo_request", half_life=None, weight=0.2),
    )
    chance = Chance(-2.0, 0.1, Age(weight=-0.3, unit=7, unknown=50), counts)
    company = proposed.card.company
    assert company is not None
    likely = Likelihood(
        likelihood="ours", of="accounts", points=points_digest(company), fitted_at=AS_OF, look_back="180d",
        intercept=-2.0, per_point=0.1, age=chance.age, counts=counts,
    )  # fmt: skip
    given, related = proposed.given, Related(accounts=proposed.given.accounts)
    done = given.activities, given.touchpoints, proposed.card, AS_OF
    found = score(given.leads, *done, related=related, of_accounts=likely).accounts
    assert found is not None
    said = dict(found.results.select("lead", "lead_likelihood").iter_rows())
    names = proposed.maker.units.line.leads["lead"].gather(last.lead)
    ours = 100 * chance.of(proposed.learned.score(last), last)
    assert np.allclose([said[name] for name in names], ours, atol=0.11)
    assert np.ptp(ours) > 30


def test_an_account_is_scored_as_of_a_past_day_as_it_would_be_by_the_scorer(proposed: Proposed) -> None:
    """The last day of the data, on which what is true now was true."""
    given, last = proposed.given, today(proposed)
    replayed = proposed.material.scored(last, proposed.card)
    related = Related(accounts=given.accounts)
    found = score(given.leads, given.activities, given.touchpoints, proposed.card, AS_OF, related=related).accounts
    assert found is not None
    columns = ["lead", "lead_score", "lead_fit", "lead_engagement", "lead_score_status"]
    both = replayed.select(columns).join(found.results.select(columns), on="lead", suffix="_now")
    assert len(both) > 40
    assert both["lead_engagement"].n_unique() > 8
    for name in columns[1:]:
        assert both[name].equals(both[f"{name}_now"], null_equal=True)


def test_nothing_of_the_proposal_is_cut_and_the_rest_of_the_file_stays(proposed: Proposed) -> None:
    before, after = plain(CARD), plain(proposed.written)
    score = after["accounts"].pop("score")
    del before["accounts"]["score"]
    assert after == before
    engagement = score["engagement"]
    assert (engagement["minimum"], engagement["maximum"]) == (-3, 18 + 5 + 5 + 20 * 4 + 8 + 9)
    assert [group["name"] for group in engagement["groups"]] == ["Kept", "What its people do"]
    assert [rule["name"] for group in engagement["groups"] for rule in group["rules"]] == [*LOCKED, "Page view", "Demo"]


def test_an_engagement_without_rules_people_or_coverage_stays_valid() -> None:
    bare = "scorecard: x\nfields: {a: text}\naccounts:\n  fields: {b: text}\n  score:\n    engagement:\n"
    bare += "      groups: [{name: G, rules: [{name: R, activity: {kind: call}, points: 3}]}]\n"
    again = plain(text(Base(bare, "x", {}, {}, "accounts"), [], (), ("fit", "engagement")))
    assert [group["rules"] for group in again["accounts"]["score"]["engagement"]["groups"]] == [[]]
    Scorecard.model_validate(again)
