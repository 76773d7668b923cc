"""The site is built without a broken link, has every page, and loads nothing from elsewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.docs.building import ROOT, built

LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed|object|input)\b[^>]*?\b(?:src|srcset|data)\s*=\s*["']?(?:https?:)?//"""
    r"""|<link\b(?![^>]*\brel\s*=\s*["']?(?:canonical|alternate|license)\b)[^>]*?\bhref\s*=\s*["']?(?:https?:)?//"""
    r"""|@import\s+(?:url\()?["']?(?:https?:)?//|\burl\(\s*["']?(?:https?:)?//""",
    re.IGNORECASE,
)
"""An address of another host that a browser loads from a page or a style sheet."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("site"))


def pages_of(nav: Any) -> Iterator[str]:
    """Yield the pages that a part of the navigation names."""
    if isinstance(nav, str):
        yield nav
    else:
        for one in nav.values() if isinstance(nav, dict) else nav:
            yield from pages_of(one)


def test_every_page_is_in_the_navigation_once() -> None:
    """Decisions are listed by their own page."""
    named = list(pages_of(YAML(typ="safe").load(ROOT / "mkdocs.yml")["nav"]))
    written = [page.name for page in (ROOT / "docs").glob("*.md")] + ["decisions/README.md"]
    assert sorted(named) == sorted(written)


def test_the_site_has_every_page_and_its_pictures(site: Path) -> None:
    written = [page.relative_to(ROOT / "docs").with_suffix(".html") for page in (ROOT / "docs").rglob("*.md")]
    built = {page.relative_to(site) for page in site.rglob("*.html")}
    assert [page for page in written if page not in built and page.name != "README.html"] == []
    assert {page.name for page in (ROOT / "docs/pictures").iterdir()} <= {
        page.name for page in (site / "pictures").iterdir()
    }


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    """No font, script, style or picture has an address of another host."""
    files = [file for kind in ("*.html", "*.css") for file in site.rglob(kind)]
    assert len(files) > 30
    assert [(file.name, found[0]) for file in files for found in LOADED.finditer(file.read_text("utf-8"))] == []


def test_no_list_or_block_is_left_as_text(site: Path) -> None:
    """The site wants four spaces before what belongs to a point of a list, where GitHub takes three."""
    left = []
    for page in site.rglob("*.html"):
        article = re.search(r"<article.*?</article>", page.read_text("utf-8"), re.DOTALL)
        prose = re.sub(r"<(pre|table)\b.*?</\1>", "", article[0] if article else "", flags=re.DOTALL)
        paragraphs = re.findall(r"<p>(.*?)</p>", prose, re.DOTALL)
        left += [(page.name, one) for one in paragraphs if re.search(r"^\s*(\*|-|\d+\.) |```", one, re.MULTILINE)]
    assert left == []


@pytest.mark.parametrize(
    ("text", "loads"),
    [
        ('<script src="https://cdn.example/x.js"></script>', True),
        ("<link rel=stylesheet href=//fonts.example/x.css>", True),
        ('<img alt="" src="https://pixel.example/p.png">', True),
        ("@import url(https://fonts.example/x.css)", True),
        ('<link rel="canonical" href="https://docs.example/">', False),
        ('<a href="https://hubspot.example/">', False),
        ('<img src="pictures/list.png">', False),
    ],
)
def test_what_a_browser_loads_is_recognised(text: str, loads: bool) -> None:
    assert bool(LOADED.search(text)) == loads
