"""Deals as they were: what is known of then is learned from, and what is only known of today never is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from calibrate.card.proposal import plain
from calibrate.card.replay import Past, results
from calibrate.card.resets import beginnings
from calibrate.from_history import _Past, units_of
from calibrate.inputs.frames import Frames
from calibrate.notes import Notes
from calibrate.options import Options
from calibrate.past.deals import PastDeals, figures_then, replayed
from calibrate.past.outcome import day_of
from scoring import Scorecard
from tests.calibrate.firms import AS_OF, CARD, calibrated, firms

START = datetime(2026, 1, 1, tzinfo=UTC)
FIRST = day_of(START)
DEALS = {"open": "flag", "won": "flag", "amount": "number", "closed_at": "time"}
FIGURES: dict[str, Any] = {
    "open_deals": {"count": "deals", "where": {"open": True}},
    "won_deals": {"count": "deals", "where": {"won": True}},
    "sold": {"sum": "amount", "of": "deals", "where": {"all": [{"won": True}, {"amount": {"above": 1}}]}},
    "last_lost": {"max": "closed_at", "of": "deals", "where": {"open": False, "won": False}},
    "every": {"count": "deals"},
    "pipeline": {"sum": "amount", "of": "deals", "where": {"open": True}},
    "largest": {"max": "amount", "of": "deals"},
    "due": {"min": "closed_at", "of": "deals", "where": {"open": True}},
    "either": {"count": "deals", "where": {"any": [{"won": True}, {"amount": {"above": 5}}]}},
}


def card(**more: Any) -> Scorecard:
    return Scorecard.model_validate({"scorecard": "x", "deals": DEALS, "figures": FIGURES, **more})


def deals(*rows: tuple[str, str, int | None, bool, bool, int | None]) -> pl.DataFrame:
    """Return deals by id, lead, day of creation, open, won and day of closing, all of 100 in the account `A`."""

    def at(day: int | None) -> datetime | None:
        return None if day is None else START + timedelta(days=day)

    columns = {
        "deal": pl.String, "lead": pl.String, "account": pl.String, "created_at": pl.Datetime("us", "UTC"),
        "open": pl.Boolean, "won": pl.Boolean, "closed_at": pl.Datetime("us", "UTC"), "amount": pl.Float64,
    }  # fmt: skip
    told = [(deal, lead, "A", at(made), open_, won, at(over), 100.0) for deal, lead, made, open_, won, over in rows]
    return pl.DataFrame(told, columns, orient="row")


GIVEN = deals(
    ("open", "a", 10, True, False, 90),
    ("won", "a", 20, False, True, 50),
    ("lost", "a", 5, False, False, 30),
    ("odd", "b", 10, False, True, None),
    ("undated", "b", None, True, False, None),
)


def past(notes: Notes | None = None) -> PastDeals:
    found = PastDeals.of(GIVEN, card(), notes or Notes())
    assert found is not None
    return found


def test_figures_whose_past_follows_from_moments_are_told_from_the_others() -> None:
    """A closed deal is taken as final; what an open one is worth, or when it was expected to close, changes."""
    assert replayed(card()) == ["open_deals", "won_deals", "sold", "last_lost", "every"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (4, (0, 0, 0, None, 0)),
        (5, (1, 0, 0, None, 1)),
        (25, (3, 0, 0, None, 3)),
        (30, (2, 0, 0, 30, 3)),
        (50, (1, 1, 100, 30, 3)),
        (95, (1, 1, 100, 30, 3)),
    ],
)
def test_a_figure_has_the_value_that_it_had_on_the_day(day: int, expected: tuple[float | None, ...]) -> None:
    found = figures_then(card(), past(), pl.Series(["a"]), np.array([FIRST + day]))
    *numbers, lost = (found[name][0] for name in ("open_deals", "won_deals", "sold", "every", "last_lost"))
    moment = None if lost is None else day_of(lost) - FIRST
    assert (*numbers[:3], moment, numbers[3]) == expected


def test_a_deal_whose_state_then_is_not_known_counts_for_no_state() -> None:
    notes = Notes()
    found = figures_then(card(), past(notes), pl.Series(["b"]), np.array([FIRST + 60.0]))
    assert found.select("open_deals", "won_deals", "every").row(0) == (0, 0, 1)
    assert [note.message for note in notes] == ["1 deals whose creation is not known were left out."]
    assert PastDeals.of(GIVEN.drop("created_at"), card(), Notes()) is None


def test_scoring_as_of_a_past_day_sees_the_deals_of_that_day_and_resets_by_them() -> None:
    rules = [
        {"name": "Open", "number": "open_deals", "points": {"give": 10, "per": 1}, "maximum": 90},
        {"name": "Worth", "number": "pipeline", "points": {"give": 1, "per": 1}, "maximum": 500},
    ]
    scored = card(
        score={"fit": {"groups": [{"name": "G", "rules": rules}]}}, reset=[{"name": "Lost", "since": "last_lost"}]
    )
    day = FIRST + np.array([4.0, 25, 40])
    then = Past(pl.Series(["a"] * 3), pl.DataFrame({"x": [1, 2, 3]}), day, deals=past())
    assert results(scored, then)["lead_score"].to_list() == [0, 30, 20]
    assert beginnings(scored, then, START) is not None
    assert np.allclose(beginnings(scored, then, START), [-np.inf, -np.inf, FIRST + 30])  # type: ignore[arg-type]


WITH_DEALS = CARD.replace("accounts:\n", "deals: {open: flag, won: flag, amount: number}\naccounts:\n").replace(
    "  score:\n    fit:\n      groups:\n        - {name: Company",
    "  figures:\n    open_deals: {count: deals, where: {open: true}}\n    won_deals: {count: deals, where: {won: true}}\n"
    "    pipeline: {sum: amount, of: deals, where: {open: true}}\n"
    "  score:\n    fit:\n      groups:\n        - {name: Company",
)


def sold() -> Frames:
    """Return accounts with deals: often a month before they buy, now and then else; only those won are worth much."""
    given, rng = firms().given, np.random.default_rng(1)
    won = given.outcomes.filter(pl.Series(rng.random(len(given.outcomes)) < 0.5))
    won = won.select("account", created_at=pl.col("occurred_at") - timedelta(days=30), won_at="occurred_at")
    first = given.leads.unique("account", keep="first", maintain_order=True)
    others = first.join(given.outcomes, on="account", how="anti").filter(pl.int_range(pl.len()) % 8 == 0)
    others = others.select("account", "created_at", won_at=pl.lit(None, pl.Datetime("us", "UTC")))
    both = (
        pl.concat([won, others])
        .with_row_index("deal")
        .with_columns(pl.col("deal").cast(pl.String), lead=pl.lit(None, pl.String), won=pl.col("won_at").is_not_null())
    )
    return replace(
        given, deals=both.with_columns(open=~pl.col("won"), amount=pl.when("won").then(900.0).otherwise(5.0))
    )


def test_an_open_deal_is_learned_from_and_what_it_is_worth_today_is_not() -> None:
    found = calibrated(sold(), Options(trees=20, folds=2, bootstraps=5, max_rows=6_000, horizon=60), WITH_DEALS)
    raised = [rule.name for rule in found.rules if rule.after > 0]
    assert [name for name in raised if name.startswith("Open deals")]
    assert not [rule.name for rule in found.rules if "ipeline" in rule.name or "Won" in rule.name]
    (said,) = [note.message for note in found.notes if note.kind == "deals"]
    assert said.startswith("What open deals held before is not known, so pipeline counted as for accounts without")
    assert found.scorecard is not None
    assert "open_deals: {at_least: 1}" in found.scorecard


def test_without_moments_deals_are_left_out_as_they_were() -> None:
    given = sold()
    assert given.deals is not None
    undated = replace(given, deals=given.deals.drop("created_at", "won_at"))
    notes = Notes(units="accounts")
    units = units_of(undated, Scorecard.model_validate(plain(WITH_DEALS)), WITH_DEALS, AS_OF, notes)
    assert _Past(units, WITH_DEALS, Options())._figures() == {}
    said = [note.message for note in notes.of("deals")]
    assert len(said) == 1
    assert said[0].startswith("The past of deals is not known, so open_deals, won_deals, pipeline")
    assert "created_at" in said[0]
