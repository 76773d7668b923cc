"""A visitor's request, clicked on a record's page, comes back as a priority by the feed while one looks."""

import pytest
from playwright.sync_api import expect

from pipeline.passes import BACKFILL
from tests.browser.conftest import Show, record
from tests.end_to_end.test_feeding_daemon import listening, running
from tests.stage import Opener, Stage

pytestmark = pytest.mark.xdist_group("browser")

PATIENCE = 60_000
"""Milliseconds that a loaded machine may need."""


@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
def test_who_asks_for_a_demo_on_the_page_is_seen_to_become_urgent(crm: str, opener: Opener, show: Show) -> None:
    stage: Stage = getattr(opener, crm)(40)
    stage.configure(listening(stage))
    stage.provision()
    stage.do(BACKFILL)
    held = stage.fields("lead_priority", "lead_grade").items()
    lead = next(one for one, of in held if of["lead_priority"] in {"P3", "P4"} and str(of["lead_grade"])[0] in "AB")
    with running(stage):
        page = show(record(stage, lead))
        before = str(stage.fields("lead_priority")[lead]["lead_priority"])
        expect(page.locator("[data-card]").first).to_contain_text(before)
        page.click("#ask")
        expect(page.locator("#said")).to_contain_text("The result is here", timeout=PATIENCE)
        after = str(stage.fields("lead_priority")[lead]["lead_priority"])
        assert after < before
        expect(page.locator("[data-card]").first).to_contain_text(after)
        expect(page.locator("[data-live]")).to_contain_text("Request a demo")
        page.screenshot(path=stage.folder / "live.png", full_page=True)
