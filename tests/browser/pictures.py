"""Takes the pictures of `docs/pictures` of the sandboxes after a backfill: `python -m tests.browser.pictures`."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from leadgauge_sandbox.population import Population
from tests.browser.conftest import CHROMIUM, Site, scored
from tests.stage import Opener

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
LEADS = 600
WIDE, NARROW = (1180, 760), (390, 760)


def main() -> None:
    """Take every picture anew."""
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        opener = Opener(stack, Path(folder))
        hubspot = scored(opener.hubspot(population=Population.generate(LEADS)))
        salesforce = scored(opener.salesforce(population=Population.generate(LEADS)))
        plan = planned(hubspot)
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        take(browser, f"{hubspot.stage.url}/", "list", WIDE)
        take(browser, salesforce.record(salesforce.top()), "record", WIDE)
        take(browser, hubspot.record(hubspot.top()), "record-phone-dark", NARROW, dark=True)
        take(browser, plan.as_uri(), "plan", WIDE)
        browser.close()


def planned(site: Site) -> Path:
    """Return the page of a plan in which decision makers get fewer points."""
    card, page = site.stage.folder / "b2b-saas.yaml", site.stage.folder / "plan.html"
    text = card.read_text(encoding="utf-8")
    card.write_text(text.replace("points: 20", "points: 5"), encoding="utf-8")
    site.stage.leadgauge("plan", "--html", str(page))
    return page


def take(browser: Browser, address: str, name: str, size: tuple[int, int], *, dark: bool = False) -> None:
    """Take the picture of one page, as far as the window shows it."""
    width, height = size
    scheme = "dark" if dark else "light"
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.goto(address)
    page.screenshot(path=FOLDER / f"{name}.png")
    page.close()


if __name__ == "__main__":
    main()
