"""One Chromium and both sandboxes after a backfill, for all tests of pages."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from commands.demo import RECORDS
from leadgauge_sandbox.population import Population
from pipeline.passes import BACKFILL
from tests.stage import Opener, Stage, opener

__all__ = ["opener"]

CHROMIUM = Path("/usr/bin/chromium")
"""Debian's; Playwright's own would be downloaded."""
LEADS = 80
HOSTILE = "<img src=x onerror=\"document.title='caught'\"><script>document.title='caught'</script>{{7*7}} \u202e"

Show = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return a browser. Not for the session: its event loop occupies the thread that later tests run in."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def show(chromium: Browser) -> Iterator[Show]:
    """Return a function that opens an address in a tab; what it loads from elsewhere, or an error in it, fails."""
    asked: list[tuple[str, str]] = []
    errors: list[str] = []
    with ExitStack() as stack:

        def shown(address: str, width: int = 1280, **options: Any) -> Page:
            context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
            stack.callback(context.close)
            page = context.new_page()
            home = "file:" if address.startswith("file:") else "/".join(address.split("/")[:3])
            context.on("request", lambda request: asked.append((request.url, home)))
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(address)
            return page

        yield shown
        assert errors == []
        assert [url for url, home in asked if not url.startswith((home, "data:"))] == []


@dataclass(frozen=True)
class Site:
    """A sandbox whose leads are scored; two of them have odd names."""

    stage: Stage
    hostile: str
    arabic: str

    def record(self, lead: str) -> str:
        """Return the address of a lead's page."""
        return record(self.stage, lead)

    def urgent(self, count: int) -> list[dict[str, Any]]:
        """Return what the outbox says of the most urgent leads."""
        with self.stage.job() as job:
            return job.scorecards[0].outbox.top(count).to_dicts()

    def top(self) -> str:
        """Return the id of the most urgent lead."""
        return str(self.urgent(1)[0]["lead"])


def record(stage: Stage, lead: str) -> str:
    """Return the address of a lead's page."""
    return f"{stage.url}/{RECORDS[stage.crm]}/{lead}"


def population() -> Population:
    """Return people of whom the first two have odd names."""
    made = Population.generate(LEADS)
    first, second = made.people[:2]
    first.given, first.family, first.job_title = "<b>Bold</b>", "<script>", HOSTILE
    second.given, second.family = "مريم", "التجربة"
    return made


def scored(stage: Stage) -> Site:
    """Provision and backfill every output."""
    stage.configure(lambda connection: connection.update(outputs="all"))
    stage.provision()
    stage.do(BACKFILL)
    return Site(stage, *stage.people()[:2])


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    """Return what opens sandboxes for the whole session."""
    before = dict(os.environ)
    with ExitStack() as stack:
        yield Opener(stack, tmp_path_factory.mktemp("sites"))
    for name in os.environ.keys() - before.keys():
        del os.environ[name]


@pytest.fixture(scope="session")
def hubspot_site(opened: Opener) -> Site:
    return scored(opened.hubspot(population=population()))


@pytest.fixture(scope="session")
def salesforce_site(opened: Opener) -> Site:
    return scored(opened.salesforce(population=population()))


@pytest.fixture(params=["hubspot", "salesforce"])
def site(request: pytest.FixtureRequest) -> Site:
    """Return each sandbox in turn."""
    found: Site = request.getfixturevalue(f"{request.param}_site")
    return found
