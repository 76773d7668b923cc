"""The pages about a scorecard, in a browser."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Show, Site
from tests.browser.looking import assert_accessible, assert_fits, assert_two_schemes
from tests.pages.conftest import Served, serving
from tests.pages.forms import at

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
    field.press("Home")
    page.locator("#preview table").wait_for()
    assert "change their priority" in page.locator("#preview").inner_text()
    assert_fits(page)
    assert_accessible(page)


def test_a_field_that_is_not_taken_is_marked_while_its_text_stays(served: Served, show: Show) -> None:
    """The message is beside the field, without leaving the page, until a value is taken."""
    page = show(f"{served.url}/crm/main/scorecard/edit")
    field = page.locator(f"[name='{at('score', 'fit', 'groups', 0, 'rules', 0, 'points')}']")
    page.get_by_text("Find a rule").click()
    page.get_by_label("Its name contains").fill("decision mak")
    expect(page.locator(".find li:visible")).to_have_count(1)
    page.get_by_role("link", name="Decision maker").click()
    field.fill("ten")
    field.press("Tab")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("'ten' is not a number.")
    expect(field).to_have_value("ten")
    assert_accessible(page)
    field.fill("21")
    field.press("Tab")
    expect(field).not_to_have_attribute("aria-invalid", "true")


def test_without_scripts_the_same_form_works(served: Served, show: Show) -> None:
    page = show(f"{served.url}/crm/main/scorecard/edit", java_script_enabled=False)
    page.locator("select[name*=matrix][name*=Unaware]").first.select_option("P1")
    page.get_by_role("button", name="Who moves?").click()
    expect(page.locator("#preview")).to_contain_text("change their priority")
    page.get_by_role("button", name="Text").click()
    expect(page.locator("textarea#text")).to_be_visible()
    assert "{A: P1" in page.locator("textarea#text").input_value().partition("Unaware: ")[2]


def test_a_change_is_proposed_and_put_into_force_by_keyboard(served: Served, show: Show) -> None:
    """Each of the pages on the way can be read on any screen."""
    folder = served.stage.folder
    before = (folder / "b2b-saas.yaml").read_bytes()
    page = show(f"{served.url}/crm/main/scorecard/edit")
    try:
        page.locator("select[name*=matrix][name*=Unaware]").first.focus()
        page.keyboard.press("Home")
        _press(page, "Propose this change")
        _looked_at(page)
        page.get_by_label("Why?").focus()
        page.keyboard.type("They answer when called.")
        _press(page, "Save the proposal")
        page.get_by_text("They answer when called.").first.wait_for()
        _looked_at(page)
        _press(page, "Put into force")
        page.get_by_text("in force since").wait_for()
        _looked_at(page)
        page.goto(f"{served.url}/crm/main/scorecard/proposals")
        _looked_at(page)
        assert (folder / "b2b-saas.yaml").read_bytes() == before.replace(
            b"Unaware:      {A: P3", b"Unaware:      {A: P1"
        )
    finally:
        (folder / "b2b-saas.yaml").write_bytes(before)
        for left in folder.glob("b2b-saas.*-1.yaml"):
            left.unlink()
        (folder / "b2b-saas.changes.jsonl").unlink(missing_ok=True)


def _press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _looked_at(page: Page) -> None:
    assert_fits(page)
    assert_accessible(page)


def test_the_text_is_edited_with_completion_and_marks_and_left_by_keyboard(served: Served, show: Show) -> None:
    page = show(f"{served.url}/crm/main/scorecard/edit?view=text")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.locator(".ace_editor").first.wait_for()
    line = page.locator("textarea#text").input_value().splitlines().index("            points: 20")
    page.evaluate(f"ace.edit(document.querySelector('.editor')).gotoLine({line + 1}, 99)")
    page.locator(".ace_text-input").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("sinc")
    page.get_by_role("menuitem", name="since, LeadRule").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type(": nowhere")
    page.keyboard.press("Escape")
    page.locator(".ace_gutter .ace_error").wait_for()
    page.locator("#preview").get_by_text("nowhere").first.wait_for()
    assert "            since: nowhere" in page.locator("textarea#text").input_value()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.editor') === null")
    assert [one for one in said if "Content Security Policy" in one] == []
    _looked_at(page)
