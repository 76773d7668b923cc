"""The experiment with the order within a priority."""

import zlib
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from polars.testing import assert_frame_equal

from config.examples import run_examples
from scoring import Scorecard
from scoring.experiment import by_chance, drawn, in_experiment
from tests.scoring.comparing import scored
from tests.scoring.conftest import AS_OF, EXAMPLE
from tests.scoring.drawing import cards, experiments, people

IDS = pl.Series([f"00Q{number:012}AAQ" for number in range(20_000)])


def card_with(**experiment: str) -> Scorecard:
    return Scorecard.model_validate({**EXAMPLE, "priority": {**EXAMPLE["priority"], "experiment": experiment}})


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(cards(), people, experiments)
def test_an_experiment_changes_nothing_but_the_index(card: dict, who: list, experiment: dict) -> None:
    card.get("priority", {}).pop("experiment", None)
    with_one = {**card, "priority": {**card["priority"], "experiment": experiment}} if "priority" in card else card
    plain, varied = scored(card, who).results, scored(with_one, who).results
    index = "lead_priority_index"
    assert_frame_equal(plain.drop(index, "lead_scorecard"), varied.drop(index, "lead_scorecard"))
    assert plain[index].is_null().equals(varied[index].is_null())
    calm = ~by_chance(varied, Scorecard.model_validate(with_one))
    assert plain[index].filter(calm).equals(varied[index].filter(calm))


def test_who_is_in_it_is_the_same_for_ever() -> None:
    """Findings hang on these places, so that they are written down here."""
    few = pl.Series(["101", "102", "103", "00Q8d0000000BVEAA2"])
    assert drawn(few, card_with(share="5%")).to_list() == [90, 95, 57, 35]
    assert in_experiment(few, card_with(share="50%")).to_list() == [False, False, True, True]


@pytest.mark.parametrize(("share", "least", "most"), [("5%", 900, 1100), ("0%", 0, 0), ("100%", 20_000, 20_000)])
def test_the_share_is_what_the_card_says(share: str, least: int, most: int) -> None:
    assert least <= in_experiment(IDS, card_with(share=share)).sum() <= most


def test_a_larger_share_keeps_who_was_in_it() -> None:
    small, large = in_experiment(IDS, card_with(share="5%")), in_experiment(IDS, card_with(share="10%"))
    assert (small & ~large).sum() == 0


def test_another_name_draws_anew() -> None:
    one, other = card_with(share="10%"), card_with(share="10%", name="autumn")
    assert (in_experiment(IDS, one) & in_experiment(IDS, other)).sum() == pytest.approx(200, abs=60)
    assert np.corrcoef(drawn(IDS, one), drawn(IDS, other))[0, 1] == pytest.approx(0, abs=0.03)


def test_places_are_even_and_follow_neither_the_membership_nor_the_bucket() -> None:
    card = card_with(share="50%")
    places, inside = drawn(IDS, card), in_experiment(IDS, card).cast(pl.Int64)
    bucket = pl.Series([zlib.crc32(one.encode()) % 256 for one in IDS])
    assert (places.min(), places.max(), places.n_unique()) == (0, 100, 101)
    assert places.mean() == pytest.approx(50, abs=1)
    for one, other in ((places, inside), (places, bucket), (inside, bucket)):
        assert np.corrcoef(one, other)[0, 1] == pytest.approx(0, abs=0.03)


def test_a_request_that_waits_keeps_its_place() -> None:
    """Leads with the urgency `now` wait for us, so that they are not moved."""
    asked = {"id": "1", "kind": "demo_request", "occurred_at": AS_OF - timedelta(days=1)}
    asked |= dict.fromkeys(("url", "name", "seconds", "value"))
    who = [({"job_title": "Founder", "industry": "Software", "employees": 12.0, "country": "DE"}, [asked], None)]
    plain: dict[str, Any] = EXAMPLE
    with_one = {**plain, "priority": {**plain["priority"], "experiment": {"share": "100%"}}}
    found = scored(with_one, who, AS_OF).results
    assert found["lead_urgency"].item() == "now"
    assert found["lead_priority_index"].equals(scored(plain, who, AS_OF).results["lead_priority_index"])
    assert by_chance(found, Scorecard.model_validate(with_one)).to_list() == [False]


def test_without_an_experiment_nobody_is_in_it(card: Scorecard) -> None:
    assert not in_experiment(IDS, card).any()
    assert drawn(IDS, card).null_count() == len(IDS)


def test_the_hash_of_a_card_without_an_experiment_stays(card: Scorecard) -> None:
    """A new version of leadgauge does not make all leads look as if their scorecard had changed."""
    assert card.label == "b2b-saas f40645937139"


def test_examples_expect_the_computed_index() -> None:
    plain: dict[str, Any] = EXAMPLE
    (example,) = plain["examples"]
    calm = {**example, "activities": [], "expect": {"index": 40}}
    varied = {**plain, "examples": [calm], "priority": {**plain["priority"], "experiment": {"share": "100%"}}}
    assert [one.got for one in run_examples(Scorecard.model_validate(varied))] == ["40"]
