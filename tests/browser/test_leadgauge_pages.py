"""The pages that leadgauge writes, in a browser: the plan, the reports on a calibration and on the score."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from commands.calibrate import command as calibrate
from tests.browser.conftest import Show, Site
from tests.browser.looking import assert_accessible, assert_fits, assert_two_schemes
from tests.calibrate.tables_of import table
from tests.watch.reports import HOSTILE, report
from watch.html import page as page_of

pytestmark = pytest.mark.xdist_group("browser")


def test_the_plan_of_an_edited_card_can_be_read_on_any_screen(hubspot_site: Site, show: Show) -> None:
    stage = hubspot_site.stage
    card, page = stage.folder / "b2b-saas.yaml", stage.folder / "plan.html"
    before = card.read_text(encoding="utf-8")
    card.write_text(before.replace("points: 20", "points: -20"), encoding="utf-8")
    try:
        done = stage.leadgauge("plan", "--html", str(page))
    finally:
        card.write_text(before, encoding="utf-8")
    assert done.returncode in {0, 4}, done.stderr
    shown = show(page.as_uri())
    assert shown.locator("svg[role=img]").count() == 2
    assert_fits(shown)
    assert_accessible(shown)
    assert_two_schemes(shown)


def test_the_report_of_a_calibration_can_be_read_on_any_screen(tmp_path: Path, show: Show) -> None:
    table(400).write_csv(tmp_path / "leads.csv")
    page = tmp_path / "report.html"
    words = ["--leads", str(tmp_path / "leads.csv"), "--outcome", "won", "--report", str(page)]
    done = CliRunner().invoke(calibrate, words)
    assert done.exit_code == 0, done.output
    shown = show(page.as_uri())
    assert shown.locator("svg[role=img]").count() >= 4
    shown.click("summary")
    assert_fits(shown)
    assert_accessible(shown)
    assert_two_schemes(shown)


def test_the_comparison_of_scores_can_be_read_on_any_screen(tmp_path: Path, show: Show) -> None:
    """A head of sales reads it on a phone too: the verdict comes first, wide tables scroll by themselves."""
    scores = {
        name: lambda rng, won: np.round(10 * won + rng.normal(0, 15, len(won))) for name in ("old_score", "b_score")
    }
    table(400, **scores).write_csv(tmp_path / "leads.csv")
    words = ["--leads", str(tmp_path / "leads.csv"), "--outcome", "won", "--report", str(tmp_path / "report.html")]
    compared = [word for name in scores for word in ("--against", name, "--at-creation", name)]
    done = CliRunner().invoke(calibrate, [*words, *compared])
    assert done.exit_code == 0, done.output
    shown = show((tmp_path / "report.html").as_uri())
    shown.click("text=How the scores compare")
    assert shown.locator("h1").inner_text() == "old_score and b_score against our score"
    assert shown.locator("p.verdict").count() == 2
    assert shown.locator("svg[role=img]").count() == 1
    assert_fits(shown)
    assert_accessible(shown)
    assert_two_schemes(shown)


A4 = {"width": 688, "height": 1017}
"""The inside of a page of paper, in pixels: 210 by 297 mm without margins of 14 mm."""


def test_the_report_can_be_read_on_any_screen_and_its_first_part_fits_on_a_page(tmp_path: Path, show: Show) -> None:
    """With hostile and long names too; a board gets one sheet."""
    file = tmp_path / "report.html"
    file.write_text(page_of(report()), encoding="utf-8")
    shown = show(file.as_uri())
    assert shown.title() == "leadgauge report: main, " + HOSTILE.replace("\u202e", "")
    assert shown.locator("svg[role=img]").count() == 4
    assert shown.locator("ol.findings li").count() == 9
    assert_fits(shown)
    assert_accessible(shown)
    assert_two_schemes(shown)
    for summary in shown.locator("summary").all():
        summary.click()
    assert_fits(shown)
    shown.emulate_media(media="print", color_scheme="light")
    shown.set_viewport_size(A4)
    assert shown.locator(".board").bounding_box()["height"] <= A4["height"]
    assert not shown.locator("details.records").first.is_visible()
