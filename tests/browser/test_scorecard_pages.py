"""The pages about a scorecard, in a browser."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.browser.conftest import Show, Site
from tests.browser.looking import assert_accessible, assert_fits, assert_two_schemes
from tests.pages.conftest import Served, serving

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def served(hubspot_site: Site) -> Iterator[Served]:
    with ExitStack() as stack:
        yield serving(stack, hubspot_site.stage)


def test_the_scorecard_can_be_read_on_any_screen(served: Served, show: Show) -> None:
    page = show(f"{served.url}/crm/main/scorecard")
    page.click("summary >> nth=0")
    assert_fits(page)
    assert_accessible(page)
    assert_two_schemes(page)


def test_a_value_is_changed_by_keyboard_and_who_moves_is_shown(served: Served, show: Show) -> None:
    page = show(f"{served.url}/crm/main/scorecard/edit")
    field = page.locator("select[name*=matrix][name*=Unaware]").first
    field.focus()
    field.press("P")
    page.locator("#preview table").wait_for()
    assert "change their priority" in page.locator("#preview").inner_text()
    assert_fits(page)
    assert_accessible(page)


def test_without_scripts_the_same_form_works(served: Served, show: Show) -> None:
    page = show(f"{served.url}/crm/main/scorecard/edit", java_script_enabled=False)
    page.locator("select[name*=matrix][name*=Unaware]").first.select_option("P1")
    page.get_by_role("button", name="Who moves?").click()
    assert "change their priority" in page.locator("#preview").inner_text()
    page.get_by_role("button", name="Text").click()
    assert "{A: P1" in page.locator("textarea#text").input_value().partition("Unaware: ")[2]
