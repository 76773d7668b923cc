"""The documentation's site in a browser: nothing from elsewhere, no error, no page wider than its window, two schemes."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from tests.browser.conftest import Show
from tests.docs.building import built

PAGES = ("index", "tutorial-hubspot", "settings", "commands", "metrics", "calibrate")
WIDTHS = (360, 768, 1280)


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Build the site and serve it; return its address."""
    folder = built(tmp_path_factory.mktemp("site"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    with server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_and_loads_nothing_from_elsewhere(name: str, address: str, show: Show) -> None:
    """`show` fails for a request to another host, and for an error in the page."""
    page = show(f"{address}/{name}.html")
    assert page.title().endswith("leadgauge")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_site_is_dark_where_the_reader_prefers_that(address: str, show: Show) -> None:
    said = {
        scheme: show(f"{address}/index.html", color_scheme=scheme).locator("body").get_attribute("data-md-color-scheme")
        for scheme in ("light", "dark")
    }
    assert said == {"light": "default", "dark": "slate"}


def test_the_search_finds_an_option(address: str, show: Show) -> None:
    page = show(f"{address}/index.html")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("half_life")
    page.get_by_text("A rule on what the lead does").first.wait_for()
