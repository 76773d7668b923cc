"""What must hold of every page that leadgauge and its sandboxes make."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (360, 768, 1280)
STICKING_OUT = """() => {
    const room = document.documentElement.clientWidth;
    const held = each => each.closest("[tabindex], pre, .hidden, .unseen, thead, svg, details:not([open])");
    const inside = root => [...root.querySelectorAll("*")].flatMap(
        each => each.shadowRoot ? [each, ...inside(each.shadowRoot)] : [each]);
    const out = inside(document.body).filter(
        each => each.getBoundingClientRect().right > room + 1 && !held(each));
    return [...out.map(each => each.outerHTML.slice(0, 120)),
            ...(document.documentElement.scrollWidth > room ? ["the page scrolls sideways"] : [])];
}"""
BROKEN_CODE = """() => [...document.querySelectorAll("code")].filter(
    each => !each.closest("pre") && each.getClientRects().length > 1).map(each => each.textContent)"""


def assert_accessible(page: Page) -> None:
    """Fail if axe finds a violation, in light or in dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        violations = Axe().run(page).response["violations"]
        found = [(one["help"], [node["html"] for node in one["nodes"]]) for one in violations]
        assert found == [], f"{scheme}: {found}"


def assert_fits(page: Page) -> None:
    """Fail if anything is cut or sticks out between a phone and a wide screen, or if code breaks at its dashes."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(STICKING_OUT) == [], width
        assert page.evaluate(BROKEN_CODE) == [], width


def assert_two_schemes(page: Page) -> None:
    """Fail if the page looks the same in light and in dark."""
    grounds = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2
