"""A record with the real component in each sandbox: HubSpot's card in its worker, Salesforce's compiled component."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from pipeline.passes import SYNC
from tests.browser.conftest import HOSTILE, Show, Site, record
from tests.browser.looking import assert_accessible, assert_fits, assert_two_schemes
from tests.crm.conftest import CARD
from tests.stage import Opener, Stage

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.parametrize("crm", ["hubspot", "salesforce"])]


@pytest.fixture
def site(crm: str, request: pytest.FixtureRequest) -> Site:
    found: Site = request.getfixturevalue(f"{crm}_site")
    return found


def cards(page: Page) -> Locator:
    return page.locator("[data-card]")


def says(page: Page, text: str) -> None:
    """Wait until the component shows this text."""
    expect(cards(page).get_by_text(text).first).to_be_visible()


def says_all(page: Page, written: dict[str, Any]) -> None:
    """Wait until the component shows what was written: numbers with their scale, the stage, the first two lines."""
    says(page, written["lead_next_step"] or "")
    says(page, written["lead_why_now"])
    says(page, f"{written['lead_score']} of 100 points")
    says(page, f"{written['lead_fit']} of 40 points")
    says(page, f"{written['lead_engagement']} of 60 points")
    says(page, f"{written['lead_priority_index']} within this priority; 100 comes first")
    for name in ("lead_priority", "lead_grade"):
        expect(cards(page).get_by_text(written[name], exact=True).first).to_be_visible()
    expect(cards(page).locator("[aria-current=step]")).to_contain_text(written["lead_readiness"])
    for reason in written["lead_score_reasons"].split(" · "):
        says(page, reason.split(" ", 1)[1])


def test_from_the_list_to_the_numbers_that_the_backfill_wrote(site: Site, show: Show) -> None:
    """By keyboard alone: sort by priority, open the first lead, read its component, unfold its other fields."""
    (written,) = site.urgent(1)
    page = show(f"{site.stage.url}/?sort=score")
    page.get_by_role("columnheader", name="Priority").get_by_role("link").focus()
    page.keyboard.press("Enter")
    page.locator("td.who a").first.focus()
    page.keyboard.press("Enter")
    says_all(page, written)
    assert page.url == site.record(written["lead"])
    page.get_by_text("All other fields").focus()
    page.keyboard.press("Enter")
    expect(page.locator("details[open]")).to_have_count(1)


def test_the_open_record_follows_a_pass(site: Site, show: Show) -> None:
    """The lead asks for a demo, a pass runs: the page shows both without being loaded anew."""
    before = next(each for each in site.urgent(60)[::-1] if each["lead_score"] is not None and each["lead_score"] < 40)
    page = show(site.record(before["lead"]))
    says(page, f"{before['lead_score']} of 100 points")
    page.evaluate("window.stayed = true")
    site.stage.act(before["lead"], "demo_request")
    site.stage.do(SYNC)
    (after,) = [each for each in site.urgent(80) if each["lead"] == before["lead"]]
    assert after["lead_score"] > before["lead_score"]
    says_all(page, after)
    expect(page.locator("[data-live] li", has_text="Submitted").first).to_be_visible()
    assert page.evaluate("window.stayed")


def test_the_record_can_be_read_by_everybody_on_any_screen(site: Site, show: Show) -> None:
    """Light and dark, from 360 px to wide: axe finds nothing, and nothing is cut, in the component too."""
    page = show(site.record(site.top()))
    says(page, "of 100 points")
    assert_accessible(page)
    page.locator("details > summary").click()
    assert_fits(page)
    assert_two_schemes(page)


def test_hostile_text_stays_text(site: Site, show: Show) -> None:
    """In the name and the title, which the frame shows, and in what the component shows."""
    for output in ("lead_next_step", "lead_why_now", "lead_score_reasons"):
        site.stage.meddle(site.hostile, output, f"{HOSTILE} {output}")
    site.stage.meddle(site.hostile, "lead_score_status", "scored")
    page = show(site.record(site.hostile))
    for output in ("lead_next_step", "lead_why_now", "lead_score_reasons"):
        says(page, output)
    assert "<b>Bold</b> <script>" in page.inner_text("h1")
    assert cards(page).locator(":is(img, script)").count() == 0
    assert page.title() != "caught"
    assert "49" not in page.inner_text("h1 + p")
    assert_fits(page)


def test_without_javascript_the_values_are_there(site: Site, show: Show) -> None:
    (written,) = site.urgent(1)
    page = show(site.record(written["lead"]), java_script_enabled=False)
    facts = page.get_by_text("What leadgauge wrote").locator("xpath=..")
    assert {written["lead_priority"], str(written["lead_score"]), written["lead_next_step"]} <= set(
        facts.locator("dd").all_inner_texts()
    )


def test_a_sandbox_that_has_ended_is_said_and_the_component_stays(site: Site, show: Show) -> None:
    (written,) = site.urgent(1)
    page = show(site.record(written["lead"]))
    says_all(page, written)
    page.context.set_offline(offline=True)
    expect(page.get_by_role("status")).to_have_text("The sandbox does not answer: this is what it said last.")
    says_all(page, written)


def test_before_provisioning_the_component_says_what_is_missing(crm: str, opener: Opener, show: Show) -> None:
    stage = getattr(opener, crm)(3)
    page = show(record(stage, stage.people()[0]), 360)
    says(page, "Ask your CRM administrator")
    assert_fits(page)


def test_two_scorecards_are_two_components_and_an_account_has_its_own(crm: str, opener: Opener, show: Show) -> None:
    """Each reads the fields of its prefix, and knows the choices in their order; the account's page lists its people."""
    stage = two_scorecards(getattr(opener, crm)(3))
    lead = stage.people()[0]
    written = {
        "lead_score": "70", "lead_readiness": "Engaged", "lead_next_step": "Call by 1 Dec",
        "acme_lead_score": "42", "acme_lead_readiness": "Warm", "acme_lead_priority": "Hot", "acme_lead_next_step": "Send the book",
    }  # fmt: skip
    for output, value in written.items():
        stage.meddle(lead, output, value)
    page = show(record(stage, lead))
    plain, acme = cards(page).first, cards(page).last
    expect(plain.get_by_text("Call by 1 Dec")).to_be_visible()
    for text in ("acme", "Send the book", "Highest of 2 priorities", "42 points", "Call today."):
        expect(acme.get_by_text(text).first).to_be_visible()
    expect(acme.locator("li.past, .past li")).to_have_count(1)
    company = page.locator("header.record a")
    stage.meddle((company.get_attribute("href") or "").rpartition("/")[2], "account_next_step", "Invite the board")
    company.click()
    says(page, "Invite the board")
    expect(page.locator(".people a[href$='/" + lead + "']")).to_be_visible()
    assert_accessible(page)
    assert_fits(page)


def two_scorecards(stage: Stage) -> Stage:
    """Return a stage whose account has the fields of two scorecards, one of which scores accounts too."""
    (stage.folder / "acme.yaml").write_text(CARD.format(name="acme"))

    def second(connection: dict[str, Any]) -> None:
        del connection["scorecard"]
        connection["fields"]["industry"] = "industry" if stage.crm == "hubspot" else "Industry"
        connection["scorecards"] = [{"file": "account-based.yaml"}, {"file": "acme.yaml", "prefix": "acme_"}]

    stage.configure(second, scorecard="account-based")
    stage.provision()
    return stage
