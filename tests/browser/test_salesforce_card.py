"""The Lightning component that the sandbox ships, without the sandbox: every state, on a page of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

import leadgauge_sandbox
from tests.browser.looking import assert_accessible, assert_fits

pytestmark = pytest.mark.xdist_group("browser")

SHIPPED: Final = Path(leadgauge_sandbox.__file__).parent / "components/salesforce"
FRAME: Final = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Cards</title>
<meta name="viewport" content="width=device-width"><style>:root { color-scheme: light dark; }
h2, dl, p { margin: 3rem; color: red !important; }</style></head><body><main><h1>Cards</h1></main></body></html>"""
"""A page whose own style sheet would spoil the card, if it reached it."""
LOAD: Final = """async ([source, scorecards]) => {
    window.leadgauge = await import(URL.createObjectURL(new Blob([source], {type: "text/javascript"})));
    window.scorecard = JSON.parse(scorecards)[0];
    window.records = {};
    window.cards = {};
}"""
MOUNT: Final = """async ([id, values, page]) => {
    const place = document.createElement("div");
    place.id = id;
    document.querySelector("main").append(place);
    records[id] = values;
    const shape = held => ({fields: Object.fromEntries(Object.entries(held).map(([name, value]) => [name, {value}]))});
    const read = async () => {
        if (records[id] === null) throw {status: 403, body: [{message: "No access."}]};
        return shape(records[id]);
    };
    cards[id] = leadgauge.mountSalesforceCard(place,
        {objectApiName: "Lead", recordId: id, scorecard, locale: "en-US", timeZone: "Europe/Berlin", read, ...page});
}"""
CHANGE: Final = "([id, values]) => { Object.assign(records[id], values); return cards[id].refresh(); }"
FULL: Final[dict[str, Any]] = {
    "Lead_Priority__c": "P1",
    "Lead_Priority_Index__c": 84,
    "Lead_Priority_Since__c": "2026-11-27T10:00:00.000Z",
    "Lead_Grade__c": "A-",
    "Lead_Score__c": 72,
    "Lead_Fit__c": 30,
    "Lead_Engagement__c": 42,
    "Lead_Score_Trend__c": "rising",
    "Lead_Readiness__c": "Evaluating",
    "Lead_Urgency__c": "now",
    "Lead_Likelihood__c": 12.5,
    "Lead_Why_Now__c": "Asked for a demo on 27 Nov · owner, Software",
    "Lead_Next_Step__c": "Call by 1 Dec · ask about budget",
    "Lead_Score_Reasons__c": "+20 Decision maker · +18 Contact request · −6 Careers page",
    "Lead_Expires_At__c": "2199-12-01T00:00:00.000Z",
    "Lead_Score_Status__c": "scored",
    "Lead_Scored_At__c": "2026-11-28T21:51:00.000Z",
}
HOSTILE: Final = "<img src=x onerror=\"document.title='caught'\"><script>document.title='caught'</script>{{7*7}} "
STATES: Final[dict[str, dict[str, Any] | None]] = {
    "scored": FULL,
    "low": FULL | {"Lead_Priority__c": "P3", "Lead_Grade__c": "C", "Lead_Urgency__c": "later"},
    "unscored": dict.fromkeys(FULL),
    "insufficient": FULL | {"Lead_Score_Status__c": "insufficient data", "Lead_Grade__c": "?"},
    "disqualified": dict.fromkeys(FULL) | {"Lead_Score_Status__c": "disqualified"},
    "overdue": FULL | {"Lead_Expires_At__c": "2026-01-01T00:00:00.000Z"},
    "missing": {},
    "forbidden": None,
    "hostile": dict.fromkeys(FULL, HOSTILE),
    "long": dict.fromkeys(FULL, "x" * 5000),
    "arabic": FULL | {"Lead_Next_Step__c": "اتصل قبل 1 ديسمبر", "Lead_Score_Reasons__c": "+20 صانع قرار"},
}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Return a page that has loaded the component."""
    context = chromium.new_context()
    opened = context.new_page()
    opened.set_content(FRAME)
    opened.evaluate(
        LOAD, [(SHIPPED / name).read_text(encoding="utf-8") for name in ("leadgauge-card.js", "scorecards.json")]
    )
    yield opened
    context.close()


def mount(page: Page, id_: str, values: dict[str, Any] | None, **told: str) -> None:
    """Show a card of a record with these values, and wait until it has read them."""
    page.evaluate(MOUNT, [id_, values, told])
    page.locator(f"#{id_} :is(.act, [role='alert'])").wait_for()


def facts(page: Page, id_: str) -> list[str]:
    return page.locator(f"#{id_} .fact dd:nth-of-type(1)").all_inner_texts()


def test_every_state_is_accessible_and_fits_a_phone_in_light_and_in_dark(page: Page) -> None:
    for id_, values in STATES.items():
        mount(page, id_, values)
    assert_accessible(page)
    assert_fits(page)
    assert page.title() == "Cards", "text of the CRM ran as markup"


def test_the_first_two_lines_say_what_to_do_why_and_until_when(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    mount(page, "scored", FULL)
    lines = [page.locator(f"#scored .{name}") for name in ("todo", "why", "until")]
    assert [line.inner_text() for line in lines[:2]] == [FULL["Lead_Next_Step__c"], FULL["Lead_Why_Now__c"]]
    assert "Nov 30, 2199" in lines[2].inner_text()
    first, *second = [line.evaluate("each => each.getBoundingClientRect().top") for line in lines]
    assert first < second[0] == second[1]


def test_the_card_changes_with_the_record(page: Page) -> None:
    mount(page, "scored", FULL)
    assert facts(page, "scored")[:2] == ["P1", "A-"]
    page.evaluate(CHANGE, ["scored", {"Lead_Priority__c": "P2", "Lead_Grade__c": "B"}])
    page.get_by_text("P2", exact=True).wait_for()
    assert facts(page, "scored")[:2] == ["P2", "B"]


def test_two_cards_of_a_page_show_their_own_records(page: Page) -> None:
    mount(page, "one", FULL)
    mount(page, "two", FULL | {"Lead_Priority__c": "P4"})
    assert [facts(page, id_)[0] for id_ in ("one", "two")] == ["P1", "P4"]
    page.evaluate("cards.one.unmount()")
    assert page.locator("c-leadgauge-card").count() == 1


def test_the_card_speaks_the_language_of_the_reader(page: Page) -> None:
    mount(page, "scored", FULL, locale="de-DE")
    text = page.locator("#scored .body").inner_text()
    assert "Priorität" in text
    assert "28.11.2026, 22:51" in text


def test_the_style_of_the_page_does_not_reach_the_card(page: Page) -> None:
    mount(page, "scored", FULL)
    style = "each => [getComputedStyle(each).color, getComputedStyle(each).marginTop]"
    assert page.locator("#scored h2").evaluate(style) == ["rgb(3, 35, 77)", "0px"]
