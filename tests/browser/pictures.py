"""Takes the pictures of `docs/pictures` of the sandboxes after a backfill: `python -m tests.browser.pictures`."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from config.pages import Pages
from leadgauge_sandbox.population import Population
from pipeline import clock
from pipeline.passes import SYNC, PassOptions
from store import Wanted
from tests.browser.conftest import CHROMIUM, Site, scored
from tests.browser.pngs import indexed, pixels
from tests.pages.conftest import serving
from tests.pages.test_runs import edited
from tests.stage import Opener, Stage

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
LEADS = 2000
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB"}
"""British English writes dates as the texts of leadgauge do."""
PHONE: dict[str, Any] = WIDE | {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
COLORS = 128
"""Enough for these pages, and a third of the bytes."""
LATIN = 0x250
"""The letters below are in every font."""

UNDRAWN = """() => document.querySelectorAll(".timeline li").forEach(
    each => /[^\\0-\u024f]/.test(each.innerText) && each.remove())"""
"""Leaves out what happened on pages whose names are in other letters."""


def main() -> None:
    """Take every picture anew."""
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        opener = Opener(stack, Path(folder))
        stage = opener.hubspot(population=legible())
        first = first_plan(stage)
        hubspot = scored(stage)
        salesforce = scored(opener.salesforce(population=legible()))
        plan = planned(hubspot)
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        take(browser, f"{hubspot.stage.url}/", "list", WIDE)
        take(browser, first.as_uri(), "first-plan", WIDE)
        take(browser, plan.as_uri(), "plan", WIDE)
        scorecard(stack, browser, hubspot)
        for site in (hubspot, salesforce):
            address, name = site.record(site.top()), f"record-{site.stage.crm}"
            take(browser, address, name, WIDE, component)
            take(browser, address, f"{name}-dark", WIDE | {"color_scheme": "dark"}, component)
            take(browser, address, f"{name}-phone-dark", PHONE, component)
        pages(browser, hubspot, stack)
        browser.close()


def pages(browser: Browser, site: Site, stack: ExitStack) -> None:
    """Take the pictures of leadgauge's own pages: people have acted, and a run with an edited scorecard is held."""
    stage = site.stage
    for lead in stage.people()[::40]:
        stage.act(lead, "demo_request")
    stage.configure(lambda connection: connection.update(outputs="all", capacity=100))
    stage.do(SYNC, PassOptions(accept=True))
    leads(browser, site, stack)
    run, served = edited(stage), serving(stack, stage)
    take(browser, served.url, "pages-overview", WIDE, scores)
    take(browser, served.url, "pages-overview-phone-dark", PHONE, counted)
    take(browser, f"{served.url}/crm/main/runs/{run}", "pages-held", WIDE, counted)


def leads(browser: Browser, site: Site, stack: ExitStack) -> None:
    """Take the pictures of the list of leads and of the page of one that moved."""
    listed = serving(stack, site.stage, Pages(port=0, names=True)).url + "/crm/main/leads"
    with site.stage.job() as job:
        outbox = job.scorecards[0].outbox
        moved = outbox.top(
            1,
            Wanted(
                {"lead_grade": ["A+", "A"], "lead_score_trend": ["rising"]}, moved_since=clock.now() - timedelta(days=1)
            ),
        )["lead"]
    lead = f"{listed}/{moved[0]}"
    take(browser, f"{listed}?priority=P1&priority=P2", "pages-leads", WIDE, named)
    take(browser, lead, "pages-lead", WIDE, whole)
    take(browser, lead, "pages-lead-phone-dark", PHONE, named)


def named(page: Page) -> None:
    """Wait for the names."""
    page.locator("bdi[id^=name-leads-][title]").first.wait_for()


def whole(page: Page) -> None:
    """Wait for the names; make the window as high as the page is down to its history."""
    named(page)
    end = page.evaluate("document.querySelector('#past').getBoundingClientRect().top") - 16
    page.set_viewport_size({"width": WIDE["viewport"]["width"], "height": int(end)})


def counted(page: Page) -> None:
    """Wait until a page has counted everything."""
    for words in ("being counted", "The plan is being made"):
        expect(page.locator("body")).not_to_contain_text(words, timeout=120_000)


def scores(page: Page) -> None:
    """Wait until a page has counted everything; make the window as high as the page is down to the end of its scores."""
    counted(page)
    end = page.locator(".halves:has(#scores-1)").evaluate("each => each.getBoundingClientRect().bottom") + 16
    page.set_viewport_size({"width": WIDE["viewport"]["width"], "height": int(end)})


def first_plan(stage: Stage) -> Path:
    """Return the page of the plan before anything was written, as the tutorial of HubSpot makes it."""
    page = stage.folder / "first-plan.html"
    stage.leadgauge("plan", "--read", "--capacity", "100", "--html", str(page))
    return page


def planned(site: Site) -> Path:
    """Return the page of a plan in which decision makers get fewer points."""
    card, page = site.stage.folder / "b2b-saas.yaml", site.stage.folder / "plan.html"
    text = card.read_text(encoding="utf-8")
    card.write_text(text.replace("points: 20", "points: 5"), encoding="utf-8")
    site.stage.leadgauge("plan", "--html", str(page))
    card.write_text(text, encoding="utf-8")
    return page


def scorecard(stack: ExitStack, browser: Browser, site: Site) -> None:
    """Take the pictures of the scorecard's page, and of an edit of it in which fewer leads are called first."""
    address = f"{serving(stack, site.stage).url}/crm/main/scorecard"
    take(browser, f"{address}#engagement", "pages-scorecard", WIDE, figured)
    take(browser, f"{address}/edit", "pages-scorecard-edit", WIDE, tried)


def figured(page: Page) -> None:
    """Wait for the figures of the rules."""
    page.get_by_text("fires for").first.wait_for()
    page.evaluate("document.getElementById('engagement').scrollIntoView()")


def tried(page: Page) -> None:
    """Change two values, and wait for who moves."""
    matrix = page.locator("select[name*=matrix][name*=Evaluating]").first
    field = page.locator("input[name*=points]").first
    for one in (matrix, field):
        one.evaluate("each => { const part = each.closest('details'); if (part) part.open = true; }")
    matrix.select_option("P2")
    field.fill("5")
    page.locator("#preview table").wait_for()
    field.scroll_into_view_if_needed()


def legible() -> Population:
    """Return the population of the demo, in which names and titles that this machine has no font for are others'."""
    made = Population.generate(LEADS)
    for things, names in ((made.people, ("given", "family", "job_title")), (made.companies, ("name",))):
        for name in names:
            drawn = cycle([value for each in things if (value := getattr(each, name)) and is_latin(value)])
            for each in things:
                if (value := getattr(each, name)) and not is_latin(value):
                    setattr(each, name, next(drawn))
    return made


def is_latin(text: str) -> bool:
    return all(ord(letter) < LATIN for letter in text)


def component(page: Page) -> None:
    """Wait for the component; make the window as high as it, unless that is a phone's."""
    page.get_by_text("Last updated").wait_for()
    page.evaluate(UNDRAWN)
    end = page.evaluate("document.querySelector('.print').getBoundingClientRect().bottom") + 16
    size = page.viewport_size
    assert size is not None
    if size["width"] >= WIDE["viewport"]["width"]:
        page.set_viewport_size({"width": size["width"], "height": int(end)})


def take(
    browser: Browser, address: str, name: str, options: dict[str, Any], ready: Callable[[Page], None] | None = None
) -> None:
    """Take the picture of one page, as far as the window shows it."""
    with browser.new_context(**options) as context:
        page = context.new_page()
        page.goto(address)
        if ready:
            ready(page)
        picture = pixels(page)
    (FOLDER / f"{name}.png").write_bytes(indexed(picture, COLORS))


if __name__ == "__main__":
    main()
