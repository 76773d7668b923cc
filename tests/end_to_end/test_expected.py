"""What a likelihood expects: nightly passes watch it, and the plan says what calls will bring."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from config import load_scorecard
from config.likelihoods import save_likelihood
from pipeline.passes import BACKFILL, SWEEP, PassOptions
from pipeline.watching import EXPECTED
from scoring import Likelihood
from scoring.likelihood import points_digest
from tests.stage import Stage


@pytest.mark.slow
def test_status_and_check_say_when_other_conversions_came_than_expected(hubspot: Callable[..., Stage]) -> None:
    """A likelihood that promises 98 % within a week is found out after a week, and no sooner."""

    def fitted(connection: dict[str, Any]) -> None:
        del connection["scorecard"]
        connection["scorecards"] = [{"file": "b2b-saas.yaml", "likelihood": "likelihood.yaml"}]

    stage = hubspot(120)
    stage.configure(fitted)
    card = load_scorecard(stage.folder / "b2b-saas.yaml")
    promise = Likelihood(
        likelihood=card.scorecard, points=points_digest(card), fitted_at=stage.moment, horizon=7, look_back=180,
        intercept=4, per_point=0,
    )  # fmt: skip
    save_likelihood(promise, stage.folder / "likelihood.yaml")
    stage.provision()

    def night(kind: Any, later: timedelta) -> str:
        stage.live(later, pace=0)
        stage.do(kind, PassOptions(accept=True), now=lambda: stage.moment)
        return stage.leadgauge("status").stdout

    assert "Calibrate again" not in night(BACKFILL, timedelta(minutes=5))
    assert "Calibrate again" not in night(SWEEP, timedelta(days=3))
    said = night(SWEEP, timedelta(days=5))
    assert "conversions were expected within 7 days" in " ".join(said.split())
    (plan,) = json.loads(stage.leadgauge("plan", "--capacity", "10", "--json").stdout)
    reach = plan["reach"]
    assert reach["expected"]["leads"] == min(10, reach["leads"]) > 0
    assert reach["expected"]["conversions"] == pytest.approx(0.982 * reach["expected"]["leads"], abs=0.01)
    assert "are expected to convert within 7 days" in reach["sentence"]
    (told,) = json.loads(stage.leadgauge("status", "--json").stdout)
    assert told["notes"]["likelihood"].endswith("Calibrate again.")
    assert told["runs"][0]["counts"][EXPECTED][0]["expected"] > 50
    assert "Calibrate again" in " ".join(stage.leadgauge("check").stdout.split())
