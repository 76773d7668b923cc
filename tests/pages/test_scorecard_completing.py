"""What the editor of a scorecard's text is told: completions by the schema, and mistakes by line."""

import hashlib
import re
from pathlib import Path

import pytest

from config import load_scorecard
from pages.scorecard.completing import completions
from tests.pages.conftest import Served
from tests.pages.forms import Browser, form_in

CARD = Path("config/b2b-saas.yaml")
TEXT = CARD.read_text(encoding="utf-8")
AT = "/crm/main/scorecard"


def at(old: str, new: str) -> list[str]:
    """Return what is offered at the | of a text that stands in the place of another."""
    start = TEXT.index(old)
    text = TEXT.replace(old, new.replace("|", ""), 1)
    before = text[: start + new.index("|")]
    found = completions(text, before.count("\n"), len(before) - before.rfind("\n") - 1, load_scorecard(CARD))
    return [one.value for one in found]


@pytest.mark.parametrize(
    ("old", "new", "offered", "not_offered"),
    [
        ("points: 20\n", "points: 20\n            |\n", "since", "points"),
        ("lead: {seniority: manager}", "lead: {|}", "industry", "half_life"),
        ("lead: {seniority: manager}", "lead: {seniority: {at|}}", "at_least", "industry"),
        ("{kind: demo_request}", "{kind: de|}", "demo_request", "url"),
        ("{kind: demo_request}", "{|", "seconds", "seniority"),
        ("award: once", "award: |", "once", "points"),
        ("table: industry", "table: |", "employees", "once"),
        ("Open deal:    {A: P3", "Open deal:    {A: |", "P1", "A"),
        ("stage: {below: Open deal}", "stage: {below: |}", "Customer", "below"),
        ("scorecard: b2b-saas", "scorecard: b2b-saas\n|", "accounts", "score"),
    ],
)
def test_what_fits_is_offered_also_while_the_text_is_unfinished(
    old: str, new: str, offered: str, not_offered: str
) -> None:
    found = at(old, new)
    assert offered in found
    assert not_offered not in found


def test_a_text_that_cannot_be_read_fails_nothing() -> None:
    assert completions("a: [\n}{\n\t", 2, 1, None) == []
    assert "score" in [one.value for one in completions("", 7, 30, None)]


def test_the_editor_gets_completions_and_marks_from_the_pages(served: Served) -> None:
    browser = Browser(served)
    form = form_in(browser.open(f"{AT}/edit?view=text").text)
    text = form["text"] + "\n"
    asked = form | {"text": text, "line": str(text.count("\n")), "column": "0"}
    assert "accounts" in [one["value"] for one in browser.post(f"{AT}/completions", asked).json()]
    wrong = form | {"text": form["text"].replace("points: 20", "points: many", 1)}
    (mark,) = browser.post(f"{AT}/marks", wrong).json()
    assert mark["type"] == "error"
    assert wrong["text"].splitlines()[mark["line"] - 1].strip() == "points: many"
    assert "is not a number" in mark["text"]


def test_the_libraries_are_those_that_their_list_names() -> None:
    """Each has the digest and a licence that `vendor/README.md` says."""
    folder = Path("pages/static/vendor")
    told = dict(
        re.findall(r"\| `([^`]+)`[^|]*\|.*\| ([0-9a-f]{64}) \|", (folder / "README.md").read_text(encoding="utf-8"))
    )
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in {".js", ".css"}}
    assert told.keys() == files
    for name, digest in told.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    pictures = {path.name for path in (folder / "ace").glob("main-*")}
    assert pictures == set(re.findall(r"main-\d+\.\w+", (folder / "ace" / "ace.css").read_text(encoding="utf-8")))
