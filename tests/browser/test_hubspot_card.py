"""The HubSpot card as the sandbox ships it: what HubSpot's builder makes, in a worker, drawn by our host."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import HOSTILE
from tests.browser.looking import assert_accessible

pytestmark = pytest.mark.xdist_group("browser")

FULL: dict[str, str | None] = {
    "lead_priority": "P1",
    "lead_grade": "B-",
    "lead_readiness": "Ready",
    "lead_score": "69",
    "lead_fit": "30",
    "lead_engagement": "39",
    "lead_urgency": "now",
    "lead_why_now": "Asked for a demo on 27 Nov · owner, Software, 12 employees",
    "lead_next_step": "Call by 1 Dec · ask about budget",
    "lead_score_reasons": "+36 Demo request (25 Nov 2026) · +20 Decision maker · −6 Careers page (19 Oct 2026)",
    "lead_score_status": "scored",
    "lead_expires_at": "4102444800000",
    "lead_scored_at": "2026-11-28T21:51:00Z",
}
EMPTY: dict[str, str | None] = dict.fromkeys(FULL)
STATES: dict[str, dict[str, str | None]] = {
    "Call by 1 Dec · ask about budget": FULL,
    "No score yet: use your own judgement": EMPTY,
    "Find out by 1 Dec · ask about industry": {
        **EMPTY,
        "lead_score_status": "insufficient data",
        "lead_next_step": "Find out by 1 Dec · ask about industry",
    },
    "No call: disqualified": {**EMPTY, "lead_score_status": "disqualified", "lead_why_now": "Disqualified: Student"},
    "No call for now: resting": {**EMPTY, "lead_score_status": "resting"},
    "Ask your CRM administrator": {"firstname": "Ada"},
    "تصل قبل 1 ديسمبر": {**FULL, "lead_next_step": "تصل قبل 1 ديسمبر", "lead_score_reasons": f"+1 {'x' * 4990}"},
}
"""Properties of a record by what its card then says first."""

PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Card</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><style>:root { color-scheme: light dark } body { background: light-dark(#fff, #1c252e) }</style>
<main><h1>Record</h1><h2>Lead scoring</h2><div id="card"></div></main>
<script type="module">
import { mountHubSpotCard } from "./host.js";
const [scorecard] = await (await fetch("scorecards.json")).json();
const properties = async () => {
  if (record.refusal) throw new Error(record.refusal);
  return record.properties;
};
let record;
window.mount = given => {
  record = given;
  window.card = mountHubSpotCard(document.getElementById("card"), {
    bundleUrl: "card.js", scorecard, objectTypeId: "0-1", objectId: 1, locale: "en-us", timeZone: "Europe/Berlin", ...given, properties });
};
window.change = properties => { record = { properties }; return window.card.update(); };
window.ready = true;
</script></html>"""

TOO_WIDE = """() => [...document.querySelector("#card").shadowRoot.querySelectorAll("*")]
    .filter(each => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display !== "inline"
        && getComputedStyle(each).position !== "absolute")
    .map(each => each.outerHTML.slice(0, 120))"""


class Shipped(SimpleHTTPRequestHandler):
    """Serves what the sandbox ships, and a page that mounts the card."""

    def do_GET(self) -> None:
        if self.path == "/":
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE)
        else:
            super().do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Return where the page with the card is."""
    folder = Path(str(files("leadgauge_sandbox"))) / "components" / "hubspot"
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Shipped, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """Return a page that can mount the card; it fails on an error of the page, and on a request to elsewhere."""
    with closing(chromium.new_context()) as context:
        page = context.new_page()
        errors: list[str] = []
        asked: set[str] = set()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        context.on("request", lambda request: asked.add(request.url))
        page.goto(address)
        page.wait_for_function("window.ready")
        yield page
        assert errors == []
        assert {url.removeprefix(address) for url in asked} <= {
            "",
            "host.js",
            "worker.js",
            "card.js",
            "scorecards.json",
            "data:,",
        }


def mount(page: Page, properties: Mapping[str, str | None], location: str = "tab", **options: str) -> None:
    page.evaluate("mount", {"properties": properties, "location": f"crm.record.{location}", **options})


def says(page: Page, heading: str) -> None:
    """Wait until the card begins with this."""
    page.locator("#card h3", has_text=heading).wait_for()


@pytest.mark.parametrize(("location", "width"), [("tab", 1280), ("tab", 360), ("sidebar", 360)])
def test_every_state_is_legible_and_accessible(page: Page, location: str, width: int) -> None:
    """The card follows its record from state to state; in none does axe find anything or text stick out."""
    page.set_viewport_size({"width": width, "height": 900})
    mount(page, FULL, location)
    for heading, properties in STATES.items():
        page.evaluate("change", properties)
        says(page, heading)
        assert page.evaluate(TOO_WIDE) == [], heading
        if width == 1280 or properties is FULL:  # the parts are the same, narrow or wide
            assert_accessible(page)


def test_markup_in_a_property_is_shown_as_text(page: Page) -> None:
    mount(page, {**FULL, "lead_next_step": HOSTILE, "lead_why_now": HOSTILE})
    says(page, "<script>")
    assert HOSTILE in page.locator("#card p").first.inner_text()
    assert page.title() == "Card"


def test_a_record_that_cannot_be_read_is_said(page: Page) -> None:
    """The words for the reader, and the CRM's own for whoever they call."""
    mount(page, {}, refusal="Forbidden")
    says(page, "The record could not be read")
    assert page.locator("#card").get_by_text("Forbidden").is_visible()


def test_the_card_speaks_the_readers_language_on_the_accounts_clock(page: Page) -> None:
    mount(page, FULL, locale="de-de", timeZone="Asia/Tokyo")
    page.locator("#card").get_by_text("Zuletzt aktualisiert 29.11.2026, 06:51").wait_for()


def test_a_company_shows_its_accounts_results(page: Page) -> None:
    mount(page, json.loads(json.dumps(FULL).replace("lead_", "account_")), objectTypeId="0-2")
    says(page, "Call by 1 Dec")


def test_an_unmounted_card_leaves_nothing(page: Page) -> None:
    mount(page, FULL)
    says(page, "Call by 1 Dec")
    page.evaluate("card.unmount()")
    assert page.locator("#card *").count() == 0


def test_a_bundle_that_cannot_be_loaded_is_said(chromium: Browser, address: str) -> None:
    with closing(chromium.new_context()) as context:
        page = context.new_page()
        page.goto(address)
        page.wait_for_function("window.ready")
        mount(page, FULL, bundleUrl="missing.js")
        page.locator("#card").get_by_text("The card could not be shown").wait_for()
