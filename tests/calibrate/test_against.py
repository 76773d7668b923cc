"""The company's own scores against ours: the verdict is that of the simulated truth, and no score may know today."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from calibrate import Calibration, CalibrationError
from calibrate.bakeoff.against import Against
from calibrate.inputs.frames import HISTORY
from calibrate.options import Options
from scoring import Scorecard
from scoring.card.accounts import ACCOUNT_ID
from tests.calibrate.firms import calibrated, firms
from tests.calibrate.rivals import as_of, born, compared, kept, rows, won
from tests.calibrate.simulator import World, true_points, world

ASKED = Options(trees=20, folds=2, bootstraps=5, max_rows=6000, against={"their_score": ()}, capacity=15)


@pytest.fixture(scope="module")
def made() -> World:
    return world(900, days=540, seed=3, base=-5.2)


@pytest.fixture(scope="module")
def quiet() -> World:
    """A world with too few conversions to learn from, which takes little time."""
    made = world(400, seed=2, base=-7.5)
    assert 15 < len(made.outcomes) < 40
    return made


def found(result: Calibration) -> Against:
    assert result.against is not None
    return result.against


def test_a_worse_score_catches_fewer_and_the_missed_are_listed(made: World) -> None:
    """Noise loses to ours; every listed conversion was called in time by one side only, with what ours saw."""
    against = found(compared(made, kept(made, "their_score", luck=3, worth=0), ASKED))
    duel = against.duels[0]
    assert (duel.outcome, duel.ranking) == ("more", "more")
    assert duel.sentence == against.verdicts[0]
    assert "With 15 calls a week, the proposed" in duel.sentence
    assert f"of {against.conversions} conversions, Their score {duel.others:.0f}" in duel.sentence
    assert 10 < len(duel.they_missed) <= 20 <= duel.they_missed_all
    converted = dict(zip(made.leads["lead"], won(made), strict=True))
    for one in (*duel.they_missed, *duel.we_missed):
        assert one.called is not None
        day = one.called.toordinal() - 719_163
        assert 0 < converted[one.lead] - day <= 90
        assert one.called.weekday() == 0
        assert max(one.my_rank, one.their_rank) <= one.open
    assert np.mean([one.my_rank < one.their_rank for one in duel.they_missed]) > 0.9
    assert any(reason.startswith("+") for one in duel.they_missed for reason in one.reasons)
    assert {stood.name for stood in against.scores} >= {"Proposed points", "Their score"}


def test_a_better_score_catches_more_and_the_page_says_that_ours_catches_fewer(made: World) -> None:
    against = found(compared(made, kept(made, "their_score", luck=0.2, sight=2), ASKED))
    assert {duel.outcome for duel in against.headline} == {"fewer"}
    assert " fewer, 95 % sure between " in against.verdicts[0]


def test_an_equal_score_makes_no_difference(made: World) -> None:
    """A score that is the same as the card of today is equal to it, whatever the number of calls."""
    card = Scorecard.model_validate(
        {
            "scorecard": "ours",
            "fields": {"employees": "number"},
            "score": {
                "fit": {
                    "groups": [
                        {
                            "name": "Firm",
                            "rules": [{"name": "Large", "lead": {"employees": {"at_least": 100}}, "points": 9}],
                        }
                    ]
                }
            },
        }
    )
    large = made.leads["employees"].to_numpy() >= 100
    history = rows(made, "their_score", np.arange(len(large)), born(made).min() - 1, 40.0 * large)
    against = found(compared(made, history, ASKED, card))
    duel = next(one for one in against.duels if one.mine == "Current scorecard")
    assert "Current scorecard: reads Employees as of today, for want of a history" in " ".join(against.assumed)
    assert (duel.outcome, duel.ranking, duel.more, duel.auc_more) == ("no difference", "no difference", 0, 0)


def test_the_value_of_today_is_refused_and_a_history_that_begins_today_too(made: World) -> None:
    """A score of today that has seen who converted is never used, neither as a column nor with today's date."""
    leaking = 100.0 * np.isfinite(won(made))
    with pytest.raises(CalibrationError, match=r"nothing says what it was at earlier moments.*--history FILE"):
        compared(made, HISTORY.to_frame(), ASKED, their_score=pl.Series(leaking))
    history = rows(made, "their_score", np.arange(len(leaking)), as_of(made) - 0.1, leaking)
    with pytest.raises(CalibrationError, match=r"no value from before any of the moments.*its history begins on"):
        compared(made, history, ASKED, their_score=pl.Series(leaking))


def test_leads_without_history_count_as_missing_and_not_as_today(quiet: World) -> None:
    """Half of the leads have no history; their column of today, which has seen the outcome, changes nothing."""
    history = kept(quiet, "their_score", luck=1).filter(pl.col("lead").str.ends_with("1"))
    leaking = pl.Series(100.0 * np.isfinite(won(quiet)))
    with_today, without = (
        found(compared(quiet, history, ASKED, **columns)) for columns in ({"their_score": leaking}, {})
    )
    assert with_today.scores[-1] == without.scores[-1]
    assert 0.85 < without.scores[-1].missing < 0.95
    assert any("it was not known; these leads rank last" in said for said in without.assumed)


def test_the_compared_score_is_not_learned_from(made: World) -> None:
    """Neither the field itself nor the lack of other histories changes what is learned."""
    history = kept(made, "their_score", luck=0.5)
    last = history.unique("lead", keep="last").select("lead", pl.col("value").cast(pl.Float64))
    today = made.leads.join(last, on="lead", how="left", maintain_order="left")["value"]
    result = compared(made, history, ASKED, their_score=today)
    plain = compared(made, HISTORY.to_frame(), replace(ASKED, against={}, capacity=None))
    assert [rule.name for rule in result.rules] == [rule.name for rule in plain.rules]
    assert result.scorecard == plain.scorecard
    with pytest.raises(CalibrationError, match="--include their_score"):
        compared(made, history, replace(ASKED, include=("their_score",)), their_score=today)


def rated(made: World, *levels: str) -> pl.DataFrame:
    """Return the history of a choice that follows the true points of each lead, the best level first."""
    points = true_points(made, np.arange(len(made.leads)), np.full(len(made.leads), born(made).min()))
    edges = np.quantile(points, np.linspace(1, 0, len(levels) + 1)[1:-1])
    texts = [levels[int((each < edges).sum())] for each in points]
    day = born(made).min() - 1
    return rows(made, "their_score", np.arange(len(texts)), day, points).with_columns(value=pl.Series(texts))


def test_a_choice_ranks_by_the_order_given_else_by_its_conversions(quiet: World) -> None:
    history = rated(quiet, "A", "C", "B")
    by_rate = found(compared(quiet, history, replace(ASKED, capacity=2)))
    given = found(compared(quiet, history, replace(ASKED, capacity=2, against={"their_score": ("a", "C", "B")})))
    turned = found(compared(quiet, history, replace(ASKED, capacity=2, against={"their_score": ("B", "C", "A")})))
    assert any("is that of its conversions in the training part: A, C, B" in said for said in by_rate.assumed)
    assert any("was given: a, C, B." in said for said in given.assumed)
    assert given.scores[-1].caught > turned.scores[-1].caught
    assert given.since < by_rate.since, "conversions that gave the order are not counted"
    with pytest.raises(CalibrationError, match=r"it never held 'hot'. It held: a, b, c"):
        compared(quiet, history, replace(ASKED, capacity=2, against={"their_score": ("hot", "C")}))


def test_too_few_conversions_for_points_still_compare_the_card_of_today(quiet: World) -> None:
    """Nothing is learned from 25 conversions, but two scores that are there can be compared, on all Mondays."""
    card = Scorecard.model_validate(
        {
            "scorecard": "ours",
            "fields": {"industry": "text"},
            "score": {
                "fit": {
                    "groups": [
                        {
                            "name": "Firm",
                            "rules": [{"name": "Software", "lead": {"industry": "Software"}, "points": 9}],
                        }
                    ]
                }
            },
        }
    )
    history = kept(quiet, "their_score", luck=1)
    result = compared(quiet, history, replace(ASKED, capacity=2), card)
    assert result.declined
    against = found(result)
    assert [one.name for one in against.scores] == ["Current scorecard", "Their score"]
    assert against.conversions > 0.8 * len(quiet.outcomes)
    assert against.duels[0].outcome in {"no difference", "fewer"}
    alone = found(compared(quiet, history, replace(ASKED, capacity=2)))
    assert not alone.duels
    assert "There is no score of ours to compare with: nothing was learned" in alone.verdicts[0]


@pytest.mark.slow
def test_accounts_are_compared_by_the_history_of_their_own_field() -> None:
    """Noise that sales keeps about accounts catches fewer than the card of today with its people."""
    made = firms(400, base=-6.0)
    accounts = made.given.accounts
    assert accounts is not None
    rng, day = np.random.default_rng(1), datetime(2023, 12, 1, tzinfo=UTC)
    history = accounts.select(
        ACCOUNT_ID,
        field=pl.lit("tier"),
        since=pl.lit(day).cast(pl.Datetime("us", "UTC")),
        value=pl.Series([f"{each:.3f}" for each in rng.random(len(accounts))]),
        before=pl.lit(None, pl.String),
    )
    asked = Options(trees=20, folds=2, bootstraps=5, max_rows=3000, against={"tier": ()}, capacity=3)
    against = found(calibrated(replace(made.given, account_history=history), asked))
    assert against.of == "accounts"
    current = next(duel for duel in against.duels if duel.mine == "Current scorecard")
    assert current.ranking == "more"
    assert current.more > 0
    assert any("of the accounts that were open" in said for said in against.assumed)
