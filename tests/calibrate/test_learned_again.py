"""The proposal is learned from all conversions that are known; the figures are about what older ones taught."""

import numpy as np
import polars as pl

from calibrate.report import report
from calibrate.statistics.metrics import auc
from tests.calibrate.tables_of import learned, scored

ROWS = 2400


def turning() -> pl.DataFrame:
    """Return leads among whom webinars tell in the newest quarter alone."""
    rng = np.random.default_rng(5)
    paid, webinar, newest = rng.random(ROWS) < 0.3, rng.random(ROWS) < 0.4, np.arange(ROWS) >= 0.75 * ROWS
    won = rng.random(ROWS) < 1 / (1 + np.exp(1.6 - 0.8 * paid - 3.0 * webinar * newest))
    return pl.DataFrame({"paid": paid, "webinar": webinar, "won": np.where(won, "yes", "no")})


def test_the_proposal_knows_what_only_the_newest_leads_tell() -> None:
    found = learned(turning())
    assert any("Webinar" in rule.name for rule in found.rules)
    assert found.learned_from == (turning()["won"] == "yes").sum()


def test_the_figures_are_about_what_was_known_before_the_newest_leads() -> None:
    """The proposal itself would rank them far better, because it has seen them."""
    frame = turning()
    found, newest = learned(frame), frame.tail(ROWS // 4)
    won = (newest["won"] == "yes").cast(pl.Float64).to_numpy()
    assert auc(won, scored(found, newest)) > found.performance[0].auc + 0.05


def test_the_report_says_that_the_proposal_was_learned_again() -> None:
    found = learned(turning())
    assert found.again in report.page(found)
    assert f"all {found.learned_from:,} conversions" in found.again
