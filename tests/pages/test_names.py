"""Names: asked of the CRM for what is on the screen, and nowhere else."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from html import unescape
from pathlib import Path

import pytest

from config.pages import Pages
from leadgauge_sandbox.population import Population
from pipeline.passes import BACKFILL
from tests.pages.conftest import Served, serving
from tests.stage import Opener, Stage

HOSTILE = "<script>alert(1)</script>\u202e"
HTMX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve pages with names over a few leads, one of whom has a hostile name."""
    people = Population.generate(12)
    people.people[0].family = HOSTILE
    with ExitStack() as stack:
        stage: Stage = Opener(stack, tmp_path_factory.mktemp("names")).hubspot(population=people)
        stage.provision()
        stage.do(BACKFILL)
        yield serving(stack, stage, Pages(port=0, names=True))


def asked(served: Served) -> str:
    """Return where the list asks for the names of its leads."""
    found = re.search(r'hx-get="(/crm/main/names[^"]+)"', served.get("/crm/main/leads").text)
    assert found
    return unescape(found[1])


def test_the_list_itself_has_no_names_and_names_come_in_its_order(named: Served) -> None:
    page, parts = named.get("/crm/main/leads").text, named.get(asked(named), headers=HTMX)
    places = re.findall(r'<bdi id="(name-leads-\d+)">([^<]+)</bdi>', page)
    names = re.findall(r'<bdi id="(name-leads-\d+)" hx-swap-oob="true" title="([^"]+)">', parts.text)
    assert names == places
    assert parts.headers["Cache-Control"] == "no-store"
    assert "alert(1)" not in page


def test_a_name_is_text_whatever_it_has(named: Served) -> None:
    text = named.get(asked(named), headers=HTMX).text
    assert "<script>" not in text
    assert HOSTILE.rstrip("\u202e") in unescape(text)


def test_without_a_script_the_names_are_a_page(named: Served) -> None:
    text = named.get(asked(named)).text
    assert "<h1>Names</h1>" in text
    assert HOSTILE.rstrip("\u202e") in unescape(text)
    assert "\u202e" not in text


def test_only_who_is_scored_here_is_asked_about(named: Served) -> None:
    """The pages are no way to read the rest of the CRM."""
    text = named.get("/crm/main/names?id=99999&id=003000000000001AAA").text
    assert "could not be asked" not in text
    assert text.count("<bdi>—</bdi>") == 2


@pytest.mark.parametrize("query", ["", "?" + "&".join(f"id={number}" for number in range(101))])
def test_a_call_is_about_what_fits_on_a_screen(named: Served, query: str) -> None:
    assert named.get(f"/crm/main/names{query}").status_code == 400


def test_without_a_token_the_ids_stay_and_the_page_says_why(named: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in named.stage.environment:
        monkeypatch.delenv(name)
    answer = named.get(asked(named), headers=HTMX)
    assert answer.status_code == 200
    assert "Ids are shown" in answer.text
    assert next(iter(named.stage.environment)) in answer.text
    assert "hx-swap-oob" not in answer.text


def test_names_are_off_unless_the_settings_ask_for_them(served: Served) -> None:
    text = served.get("/crm/main/leads").text
    assert "/names" not in text
    assert served.get("/crm/main/names?id=1").status_code == 404


def test_no_name_is_in_the_database(named: Served, tmp_path: Path) -> None:
    named.get(asked(named), headers=HTMX)
    held = b"".join(file.read_bytes() for file in named.stage.folder.iterdir() if file.is_file() and ".db" in file.name)
    assert held
    assert b"alert(1)" not in held
