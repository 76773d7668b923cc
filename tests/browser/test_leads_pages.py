"""The list of leads and the page of a lead, in a browser."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from config.pages import Pages
from tests.browser.conftest import HOSTILE, Show, Site
from tests.browser.looking import assert_accessible, assert_fits, assert_two_schemes
from tests.pages.conftest import Served, serving

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def served(hubspot_site: Site) -> Iterator[Served]:
    """Serve the pages with names."""
    with ExitStack() as stack:
        yield serving(stack, hubspot_site.stage, Pages(port=0, names=True))


def rows(page: Page, column: str) -> list[str]:
    """Return a column of the list."""
    headings = [text.split()[0] for text in page.locator("table.list thead th").all_inner_texts()]
    place = headings.index(column) + 1
    return page.locator(f"table.list tbody tr > :nth-child({place})").all_inner_texts()


def test_the_list_can_be_read_on_any_screen(served: Served, show: Show) -> None:
    page = show(f"{served.url}/crm/main/leads?status=scored&score_min=0")
    page.locator("summary").first.click()
    assert_fits(page)
    assert_accessible(page)
    assert_two_schemes(page)


def test_a_lead_can_be_read_on_any_screen(served: Served, hubspot_site: Site, show: Show) -> None:
    page = show(f"{served.url}/crm/main/leads/{hubspot_site.top()}")
    page.get_by_text("What its fields hold").click()
    assert_fits(page)
    assert_accessible(page)
    assert_two_schemes(page)


def test_the_bars_of_the_waterfall_follow_each_other(served: Served, hubspot_site: Site, show: Show) -> None:
    page = show(f"{served.url}/crm/main/leads/{hubspot_site.top()}")
    bars = [bar.bounding_box() for bar in page.locator("table.fall tbody .bar:not(.faded)").all()]
    whole = page.locator("table.fall .bar.whole").bounding_box()
    assert whole
    boxes = [box for box in bars if box]
    assert len(boxes) == len(bars) > 1
    assert abs(boxes[0]["x"] - whole["x"]) < 2
    for before, after in pairwise(boxes):
        ends = (before["x"], before["x"] + before["width"])
        assert (
            min(abs(after["x"] - end) for end in ends) < 4
            or min(abs(after["x"] + after["width"] - end) for end in ends) < 4
        )


def test_filters_are_chosen_by_keyboard_and_the_address_has_them(served: Served, show: Show) -> None:
    page = show(f"{served.url}/crm/main/leads")
    page.locator("summary", has_text="Priority").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.value") != "P3":
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page).to_have_url(f"{served.url}/crm/main/leads?priority=P3")
    expect(page.locator("#results .chips")).to_contain_text("Priority P3")
    assert {*rows(page, "Priority")} == {"P3"}
    assert page.evaluate("document.activeElement.value") == "P3", "the form keeps the focus"
    expect(page.locator("summary", has_text="Priority")).to_contain_text("P3")


def test_a_column_sorts_in_place_and_filters_keep_the_order(served: Served, show: Show) -> None:
    page = show(f"{served.url}/crm/main/leads")
    page.locator("thead a", has_text="Score").click()
    expect(page).to_have_url(f"{served.url}/crm/main/leads?sort=-score")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Score")
    page.locator("summary", has_text="Status").click()
    page.locator("input[value=scored]").check()
    expect(page).to_have_url(f"{served.url}/crm/main/leads?status=scored&sort=-score")
    page.go_back()
    expect(page.locator("#results .chips")).to_have_count(0)


def test_a_mistake_in_a_filter_is_said_in_place(served: Served, show: Show) -> None:
    page = show(f"{served.url}/crm/main/leads")
    page.locator("summary", has_text="Numbers").click()
    page.get_by_label("Score from").fill("50")
    page.get_by_label("Score to").fill("10")
    page.get_by_label("Score to").press("Tab")
    expect(page.get_by_role("alert")).to_contain_text("score_min is greater than score_max")


def test_names_come_after_the_page_as_text_and_are_not_kept(served: Served, show: Show) -> None:
    page = show(f"{served.url}/crm/main/leads?sort=lead")
    expect(page.locator("tbody th").filter(has_text="Bold")).to_contain_text("<b>Bold</b> <script>")
    page.locator("thead a", has_text="Index").click()
    expect(page).to_have_url(f"{served.url}/crm/main/leads?sort=-index")
    assert page.title() != "caught"
    assert page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)").count("Bold") == 0
    assert HOSTILE not in page.content()


def test_without_scripts_links_and_forms_do_the_same(served: Served, hubspot_site: Site, show: Show) -> None:
    page = show(f"{served.url}/crm/main/leads", java_script_enabled=False)
    page.locator("summary", has_text="Priority").click()
    page.locator("input[name=priority][value=P4]").check()
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(f"{served.url}/crm/main/leads?priority=P4")
    page.locator("thead a", has_text="Score").click()
    expect(page).to_have_url(f"{served.url}/crm/main/leads?priority=P4&sort=-score")
    page.locator(".chips a", has_text="Priority P4").click()
    expect(page).to_have_url(f"{served.url}/crm/main/leads?sort=-score")
    page.get_by_placeholder("id, CRM link or e-mail").fill(hubspot_site.top())
    page.get_by_role("button", name="Find").click()
    expect(page).to_have_url(f"{served.url}/crm/main/leads/{hubspot_site.top()}")
    page.get_by_role("link", name="Its name").click()
    expect(page.locator("h1")).to_have_text("Names")


def test_a_phone_shows_stage_and_why_without_scrolling(served: Served, show: Show) -> None:
    """At the width of a phone, stage and why stand under the id, and the menu takes two lines at most."""
    page = show(f"{served.url}/crm/main/leads?status=scored", width=360)
    under = page.locator("table.list tbody tr .under").first
    box = under.bounding_box()
    assert box
    assert box["x"] + box["width"] <= 360
    assert under.inner_text() == " ".join(
        page.locator("table.list tbody tr").first.locator(".of-stage, .why").all_text_contents()
    )
    lines = {
        round(one["y"] + one["height"] / 2) // 20
        for one in visible(page, "header nav a, header .chooser, header .person")
    }
    assert len(lines) <= 2, lines
    page.set_viewport_size({"width": 1280, "height": 900})
    assert not under.is_visible()


def visible(page: Page, what: str) -> list[dict[str, float]]:
    """Return the boxes of what can be seen."""
    return [dict(box) for one in page.locator(what).all() if (box := one.bounding_box())]  # type: ignore[call-overload]  # a box
