"""The sandboxes' list in a browser, and how records show names."""

import shutil
import subprocess

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import HOSTILE, Show, Site
from tests.browser.looking import assert_accessible, assert_fits, assert_two_schemes
from tests.stage import Opener

pytestmark = pytest.mark.xdist_group("browser")


DRAWN = """(each, letter) => {
    each.textContent = letter;
    return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
"""Replaces a text and waits until it is drawn."""


def cells(page: Page, label: str) -> list[str]:
    """Return the texts of a column of the list, without the label that narrow screens show."""
    return page.locator(f"td[data-label='{label}']").all_inner_texts()


def follow(page: Page, link: str) -> None:
    """Click a link, and wait for its page: what is read next might be of the page before."""
    with page.expect_navigation():
        page.click(link)


def names(page: Page) -> list[str]:
    return page.locator("td.who a").all_inner_texts()


def test_the_list_has_no_accessibility_violation(hubspot_site: Site, show: Show) -> None:
    """A list of some rows: axe looks at each for a long time. Salesforce's is drawn by the same template."""
    assert_accessible(show(f"{hubspot_site.stage.url}/?q=gmbh"))


def test_nothing_is_cut_on_a_phone_or_a_wide_screen(site: Site, show: Show) -> None:
    page = show(f"{site.stage.url}/")
    assert_fits(page)
    assert_two_schemes(page)


def test_every_column_can_be_read_on_a_phone(site: Site, show: Show) -> None:
    page = show(f"{site.stage.url}/")
    columns = [text.split(" ▾")[0] for text in page.locator("thead th").all_inner_texts()]
    page.set_viewport_size({"width": 360, "height": 900})
    first = page.locator("tbody tr").first
    assert columns[0] == "Lead"
    assert [cell.get_attribute("data-label") for cell in first.locator("td").all()] == [None, *columns[1:]]
    assert all(cell.is_visible() for cell in first.locator("td").all())


def test_commands_are_not_broken_on_an_account_without_scores(opener: Opener, show: Show) -> None:
    page = show(f"{opener.hubspot(3).url}/", 360)
    assert page.locator("code").count() == 2
    assert_fits(page)


def test_hostile_text_in_the_list_does_nothing(site: Site, show: Show) -> None:
    page = show(f"{site.stage.url}/?q=%3Cscript%3E")
    assert "<b>Bold</b> <script>" in page.inner_text("main")
    assert HOSTILE[:10] in page.inner_text("main")
    assert page.locator("main :is(b:text('Bold'), img, script)").count() == 0
    assert page.title() != "caught"


def test_a_name_keeps_its_direction(site: Site, show: Show) -> None:
    page = show(site.record(site.arabic))
    name = page.locator("h1 bdi")
    assert name.inner_text() == "مريم التجربة"
    assert name.evaluate("each => getComputedStyle(each).direction") == "rtl"


@pytest.mark.skipif(
    shutil.which("fc-list") is None, reason="fc-list, which knows the fonts of this machine, is missing"
)
def test_every_script_is_drawn_with_a_font_that_has_it(hubspot_site: Site, show: Show) -> None:
    page = show(hubspot_site.record(hubspot_site.arabic))
    tools = page.context.new_cdp_session(page)
    tools.send("DOM.enable")
    tools.send("CSS.enable")
    root = tools.send("DOM.getDocument")["root"]["nodeId"]
    for letter in "aŻЖΩ漢مאह":
        having = families(letter)
        page.locator("h1 bdi").evaluate(DRAWN, letter)
        node = tools.send("DOM.querySelector", {"nodeId": root, "selector": "h1 bdi"})["nodeId"]
        (used,) = tools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        assert not having or used["familyName"] in having, letter


def families(letter: str) -> set[str]:
    """Return the families of this machine that have a letter."""
    listed = subprocess.run(
        ["fc-list", f":charset={ord(letter):x}", "family"], capture_output=True, text=True, check=True
    )
    return {name.replace("\\", "") for line in listed.stdout.splitlines() for name in line.split(",")}


def test_the_list_is_sorted_by_priority_and_then_by_index(site: Site, show: Show) -> None:
    page = show(f"{site.stage.url}/")
    shown = [tuple(text.split()) for text in cells(page, "Priority")]
    assert len(shown) == 50
    assert shown == sorted(shown, key=lambda each: (each[0], -int(each[1])))


def test_other_columns_sort_and_priority_again(site: Site, show: Show) -> None:
    page = show(f"{site.stage.url}/")
    urgent = names(page)
    follow(page, "th a:text('Score')")
    scores = [int(text) for text in cells(page, "Score") if text.isdecimal()]
    assert scores == sorted(scores, reverse=True)
    assert page.locator("th[aria-sort]").inner_text().startswith("Score")
    follow(page, "th a:text('Lead')")
    assert [name.casefold() for name in names(page)] == sorted(name.casefold() for name in names(page))
    follow(page, "th a:text('Priority')")
    assert names(page) == urgent


def test_pages_and_filters_lead_to_every_lead(site: Site, show: Show) -> None:
    page = show(f"{site.stage.url}/")
    seen = page.locator("td.who").count()
    while page.locator("a[rel=next]").count():
        follow(page, "a[rel=next]")
        seen += page.locator("td.who").count()
    assert seen == len(site.stage.people())
    follow(page, ".filters a:has-text('P3')")
    assert {text.split()[0] for text in cells(page, "Priority")} == {"P3"}


def test_the_list_shows_what_the_backfill_wrote(site: Site, show: Show) -> None:
    page = show(f"{site.stage.url}/")
    links = [each.get_attribute("href") or "" for each in page.locator("td.who a").all()]
    row_of = {link.rsplit("/", 1)[1]: number for number, link in enumerate(links)}
    scores, stages, grades = (cells(page, label) for label in ("Score", "Stage", "Grade"))
    compared = [each for each in site.urgent(20) if each["lead"] in row_of and each["lead_grade"]]
    assert len(compared) >= 5
    for each in compared:
        row = row_of[each["lead"]]
        assert (scores[row], stages[row], grades[row]) == (
            str(each["lead_score"]),
            each["lead_readiness"],
            each["lead_grade"],
        )
