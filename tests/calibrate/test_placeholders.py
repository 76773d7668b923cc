"""What forms write where nothing was chosen counts as missing: in a mirror and its history as in tables and scoring."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from calibrate import Calibration, run
from calibrate.card.proposal import plain
from calibrate.inputs.frames import HISTORY, Frames
from calibrate.notes import Notes
from calibrate.options import Options
from scoring import Scorecard, score
from tests.calibrate.simulator import World, world

EMPTIED = "Retail"
"""The industry that nobody chose in these tests."""
QUICK = Options(trees=20, folds=2, bootstraps=5, max_rows=5_000)
CARD = """
scorecard: ours
fields: {industry: text}
score:
  fit: {groups: [{name: Who, rules: [{name: Unknown, lead: {industry: {is: unknown}}, points: 5}]}]}
"""


@pytest.fixture(scope="module")
def made() -> World:
    return world(1_500, seed=3, base=-5.6)


def leads(made: World, placeholder: str | None) -> pl.DataFrame:
    """The leads of a mirror, some of whom hold a placeholder, or nothing."""
    industry = pl.col("industry")
    return made.leads.with_columns(
        pl.when(industry == EMPTIED).then(pl.lit(placeholder)).otherwise(industry).alias("industry")
    )


def past(made: World, placeholder: str | None) -> pl.DataFrame:
    """The history of the industry: everybody had none at first, as the CRM writes it."""
    held = leads(made, placeholder).select(
        "lead",
        pl.lit("industry").alias("field"),
        since=pl.col("created_at") + timedelta(days=20),
        value="industry",
        before=pl.lit(placeholder, pl.String),
    )
    return held.cast(dict(HISTORY))


def learned(made: World, placeholder: str | None, text: str | None = None, *, history: bool = False) -> Calibration:
    held = past(made, placeholder) if history else HISTORY.to_frame()
    given = Frames(leads(made, placeholder), made.activities, made.touchpoints, made.outcomes, held)
    card = Scorecard.model_validate(plain(text)) if text else None
    return run(given, card, QUICK, made.as_of, card_text=text, notes=Notes())


def chances(found: Calibration, made: World, placeholder: str | None) -> pl.Series:
    """What scoring writes for the leads as the mirror holds them."""
    assert found.scorecard is not None
    card = Scorecard.model_validate(plain(found.scorecard))
    rows = score(
        leads(made, placeholder), made.activities, made.touchpoints, card, made.as_of, likelihood=found.likelihood
    )
    return rows.results["lead_likelihood"]


@pytest.mark.parametrize("history", [False, True])
def test_a_placeholder_is_learned_and_scored_as_nothing(made: World, history: bool) -> None:
    """In today's values and in those of the past."""
    found, blank = (learned(made, one, history=history) for one in (" UNKNOWN", None))
    assert [rule.name for rule in found.rules] == [rule.name for rule in blank.rules]
    assert [rule.after for rule in found.rules] == [rule.after for rule in blank.rules]
    assert found.scorecard is not None
    assert plain(found.scorecard)["placeholders"] == ["UNKNOWN"]
    written = chances(found, made, " UNKNOWN")
    assert written.equals(chances(blank, made, None))
    assert written.mean() == pytest.approx(chances(found, made, None).mean())


def test_a_text_that_the_scorecard_compares_with_stays_a_value(made: World) -> None:
    found = learned(made, "Unknown", CARD)
    assert found.scorecard is not None
    assert "placeholders" not in plain(found.scorecard)
    said = [rule.name for rule in (*found.rules, *found.gone)]
    assert any("nknown" in name for name in said)


def test_what_the_scorecard_lists_counts_as_missing_too(made: World) -> None:
    """And only that decides where it also compares with it."""
    asked = CARD.replace("score:", "placeholders: [To be asked]\nscore:", 1).replace("is: unknown", "known: true")
    found, blank = learned(made, "To be asked", asked), learned(made, None, asked)
    assert [(rule.name, rule.after) for rule in found.rules] == [(rule.name, rule.after) for rule in blank.rules]
    assert chances(found, made, "to be asked").equals(chances(blank, made, None))


def test_lists_lose_the_entries_that_say_nothing(made: World) -> None:
    """As in scoring: the other entries stay."""
    both = {
        one: made.leads.with_columns(
            pl.concat_list(pl.lit(one, pl.String), "industry").list.drop_nulls().alias("industry")
        )
        for one in ("N/A", None)
    }
    results = []
    for rows in both.values():
        given = Frames(rows, made.activities, made.touchpoints, made.outcomes, HISTORY.to_frame())
        results.append(run(given, None, replace(QUICK, exclude=("noise",)), made.as_of, notes=Notes()))
    one, other = ([(rule.name, rule.after) for rule in found.rules] for found in results)
    assert one == other
