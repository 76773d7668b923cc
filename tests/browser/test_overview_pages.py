"""The overview and the pages of runs can be read on any screen, and used by keyboard and without JavaScript."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from pipeline.passes import BACKFILL
from tests.browser.conftest import Show
from tests.browser.looking import assert_accessible, assert_fits, assert_two_schemes
from tests.pages.conftest import Served, serving
from tests.pages.test_runs import edited
from tests.stage import Opener

LONG = 60_000
"""Milliseconds for what is computed in the background."""


@dataclass(frozen=True)
class Desk:
    """Pages of which one run is held."""

    served: Served
    held: int

    @property
    def run(self) -> str:
        """The address of the held run."""
        return f"{self.served.url}/crm/main/runs/{self.held}"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with ExitStack() as stack:
        stage = Opener(stack, tmp_path_factory.mktemp("runs")).hubspot(60)
        stage.configure(lambda connection: connection.update(capacity=10))
        stage.provision()
        stage.do(BACKFILL)
        yield Desk(serving(stack, stage), edited(stage))


def counted(page: Page) -> Page:
    """Wait until the page has counted everything."""
    expect(page.locator("body")).not_to_contain_text("being counted", timeout=LONG)
    expect(page.locator("body")).not_to_contain_text("The plan is being made", timeout=LONG)
    return page


@pytest.mark.parametrize("path", ["/", "/crm/main/runs", "/crm/main/runs/1", "/crm/main/runs/2", "/crm/main/removals"])
def test_each_page_can_be_read_on_any_screen(desk: Desk, show: Show, path: str) -> None:
    shown = counted(show(desk.served.url + path))
    assert_fits(shown)
    assert_accessible(shown)
    assert_two_schemes(shown)


@pytest.mark.parametrize("path", ["/crm/main/runs/1/undo", "/crm/main/runs/2/accept", "/crm/main/refused"])
def test_each_page_of_confirmation_can_be_read_on_any_screen(desk: Desk, show: Show, path: str) -> None:
    shown = counted(show(desk.served.url + path))
    assert shown.locator("h1").count() == 1
    assert_fits(shown)
    assert_accessible(shown)


def test_without_javascript_everything_is_there(desk: Desk, show: Show) -> None:
    shown = show(desk.run + "/accept", java_script_enabled=False)
    assert "get new values in the CRM" in shown.inner_text("main")
    shown.click("text=Not now")
    assert shown.url == desk.run
    shown.goto(desk.served.url)
    assert "Needs a person" in shown.inner_text("main")
    shown.click("text=Look at the plan, and decide")
    assert shown.url == desk.run


@pytest.mark.slow
def test_a_held_run_is_accepted_by_keyboard_alone_and_the_page_shows_how_it_ends(desk: Desk, show: Show) -> None:
    shown = counted(show(desk.run))
    tab_to(shown, "Accept …")
    shown.keyboard.press("Enter")
    shown.wait_for_url("**/accept")
    tab_to(shown, "Accept, and write")
    shown.keyboard.press("Enter")
    expect(shown.locator(".good")).to_contain_text("The pass that was asked for has ended", timeout=LONG)
    assert "Accepted by this machine" in shown.inner_text("main")


def tab_to(page: Page, words: str) -> None:
    """Press the tab key until what has these words has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip() == words:
            return
    raise AssertionError(f"{words} cannot be reached by keyboard")


def test_long_causes_commands_and_large_figures_fit_a_phone(desk: Desk, show: Show) -> None:
    """States, what moved and whom to call fit 360 px, also with long commands, several causes and large figures."""
    with desk.served.stage.job() as job:
        job.store.note("main", "leftover", "To remove the fields, run `leadgauge provision --remove --orphans --yes`.")
        page = counted(show(desk.served.url, width=360))
        job.store.note("main", "leftover", None)
    page.evaluate(LARGE)
    assert_fits(page)


LARGE = """() => {
    const rows = `<tr><th>why</th><th class="n">up</th><th class="n">down</th><th class="n">otherwise</th></tr>
        <tr><td>Their account changed and their data changed and time passed</td>
        <td class="n">128,301</td><td class="n">128,301</td><td class="n">128,301</td></tr>`;
    for (const one of document.querySelectorAll(".moved section"))
        one.insertAdjacentHTML("beforeend", `<table>${rows}</table>`);
    for (const one of document.querySelectorAll(".bars td.n a")) one.textContent = "1,128,301";
    for (const one of document.querySelectorAll(".bars td.band")) one.textContent = "1,128,301 reached";
}"""
