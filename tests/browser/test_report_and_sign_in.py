"""The page of the report, and that for signing in, in a browser."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from config.pages import Pages
from tests.browser.conftest import Show, Site
from tests.browser.looking import assert_accessible, assert_fits, assert_two_schemes
from tests.pages.conftest import Served, serving

pytestmark = pytest.mark.xdist_group("browser")

TOKEN = "anna-has-this-long-token"


@pytest.fixture
def served(hubspot_site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Serve pages for which Anna has a token."""
    monkeypatch.setenv("ANNA", TOKEN)
    people = {"anna": {"token": {"env": "ANNA"}}}
    with ExitStack() as stack:
        pages = Pages.model_validate({"port": 0, "sign_in": {"type": "token", "people": people}})
        yield serving(stack, hubspot_site.stage, pages)


def test_anna_signs_in_by_keyboard_reads_the_report_and_sees_the_leads_behind_a_number(
    served: Served, show: Show
) -> None:
    page = show(f"{served.url}/crm/main/report")
    assert_fits(page)
    assert_accessible(page)
    page.get_by_label("Your token").focus()
    page.keyboard.type(TOKEN)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What to do").wait_for(timeout=60_000)
    assert_fits(page)
    assert_accessible(page)
    assert_two_schemes(page)
    for summary in page.locator(".part summary").all():
        summary.press("Enter")
    page.locator(".part a[href*=rules]:visible").first.focus()
    page.keyboard.press("Enter")
    page.locator("#records tr").nth(1).wait_for(timeout=60_000)
    assert_fits(page)
    assert_accessible(page)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
