"""Editing a scorecard: forms that keep its text, mistakes by line, who moves, and the plan for everybody."""

import html
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest
import requests

from pages.scorecard.card_file import read
from pages.scorecard.forms import parts
from tests.pages.conftest import Served, serving
from tests.pages.forms import Browser, at, form_in, people, token_of
from tests.stage import Stage

EDIT = "/crm/main/scorecard/edit"
PREVIEW = "/crm/main/scorecard/preview"
DECISION_MAKER = at("score", "fit", "groups", 0, "rules", 0, "points")
ESCAPED = html.escape(DECISION_MAKER).replace("&quot;", "&#34;")
TITLES = at("score", "fit", "groups", 0, "rules", 0, "lead", "seniority")
READY_A = at("priority", "matrix", "Ready", "A")


@pytest.fixture
def browser(served: Served) -> Browser:
    return Browser(served)


def test_every_field_of_the_form_gives_back_the_text_as_it_is(browser: Browser) -> None:
    form = form_in(browser.open(EDIT).text)
    assert len(form) > 200
    after = form_in(browser.post(EDIT, form).text)
    assert after == form
    assert after["text"] == _card(browser.served).replace("\r", "")


def test_a_changed_value_changes_its_place_in_the_text_and_the_file_stays(browser: Browser) -> None:
    before = _card(browser.served)
    form = form_in(browser.open(EDIT).text)
    form |= {DECISION_MAKER: "25", TITLES: "owner\nvp\nchief"}
    text = form_in(browser.post(EDIT, form).text)["text"]
    expected = before.replace(
        "[owner, c-level, vp, director, head]}\n            points: 20",
        "[owner, vp, chief]}\n            points: 25",
        1,
    )
    assert text == expected != before
    assert _card(browser.served) == before


def test_the_preview_says_who_moves_and_why(browser: Browser) -> None:
    form = form_in(browser.open(EDIT).text)
    for stage in ("Ready", "Evaluating", "Considering", "Aware", "Unaware", "Being worked"):
        form |= {at("priority", "matrix", stage, letter): "P1" for letter in "ABCDF?"}
    page = browser.post(PREVIEW, form).text
    assert "of 60 leads change their priority" in page
    assert int(re.findall(r"Enter P1: (\d+)", page)[0]) > 20
    assert "Leave P1: 0" in page
    assert "the card gives their stage and grade another priority" in page


def test_a_changed_rule_is_named_as_the_cause(browser: Browser) -> None:
    form = form_in(browser.open(EDIT).text)
    text = form["text"].replace("P1, when: {urgency: now", "P1, when: {score: {at_least: 30}")
    form = {name: one for name, one in form.items() if not name.startswith("at:")}
    first = browser.post(PREVIEW, form | {"text": text}).text
    assert int(re.findall(r"Enter P1: (\d+)", first)[0]) > 0
    more = browser.post(PREVIEW, form | {"text": text.replace("points: 20", "points: 90")}).text
    assert "Decision maker gives" in more


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (
            ("points: 20", "points: many"),
            ": score.fit, group &#39;Person&#39;, rule &#39;Decision maker&#39;, points: &#39;many&#39; is not a number.",
        ),
        (("fields:", "fields: ["), "this is not YAML"),
        (("  budget: number", "  budget: number\n  wealth: number"), "no CRM field is mapped to it"),
    ],
)
def test_mistakes_of_an_edited_text_are_said_with_their_line_and_the_text_is_kept(
    browser: Browser, edit: tuple[str, str], said: str
) -> None:
    form = form_in(browser.open(EDIT + "?view=text").text)
    form["text"] = form["text"].replace(*edit, 1)
    answer = browser.post(EDIT, form)
    assert answer.status_code == 422
    assert said in answer.text
    assert form_in(answer.text)["text"] == form["text"]


def test_an_example_of_the_card_that_fails_is_named_beside_who_moves(browser: Browser) -> None:
    form = form_in(browser.open(EDIT).text)
    assert "the example" not in browser.post(PREVIEW, form | {READY_A: "P1", DECISION_MAKER: "19"}).text
    page = browser.post(PREVIEW, form | {at("grade", "profiles", 0, "criteria", 3, "match", "country"): "DE"}).text
    assert "the example &#39;Analyst who reads the prices&#39; expects grade C-, but the result is D." in page


def test_a_value_that_is_no_number_is_named_and_nothing_else_is_lost(browser: Browser) -> None:
    form = form_in(browser.open(EDIT).text) | {DECISION_MAKER: "lots", READY_A: "P3"}
    answer = browser.post(EDIT, form)
    assert answer.status_code == 422
    assert "&#39;lots&#39; is not a number" in answer.text
    after = form_in(answer.text)
    assert (after[DECISION_MAKER], after[READY_A]) == ("lots", "P3")
    assert re.search(rf'{re.escape(ESCAPED)}" value="lots"[^>]* aria-invalid="true"', answer.text)


def test_a_card_that_changed_on_disk_is_told_and_the_draft_is_kept(served: Served, browser: Browser) -> None:
    form = form_in(browser.open(EDIT).text) | {DECISION_MAKER: "25"}
    file = served.stage.folder / "b2b-saas.yaml"
    before = file.read_bytes()
    file.write_bytes(before + b"\n# somebody else was here\n")
    try:
        page = browser.post(EDIT, form).text
        assert "The file was changed on disk since you began" in page
        assert "-# somebody else was here" in page
        after = form_in(page)
        assert after[DECISION_MAKER] == "25"
        agreed = browser.post(EDIT, after | {"go": "rebase"}).text
    finally:
        file.write_bytes(before)
    assert "The file was changed on disk" not in agreed


def test_the_plan_for_everybody_is_counted_in_the_background_and_writes_nothing(browser: Browser) -> None:
    changes = _state(browser.served)
    form = form_in(browser.open(EDIT).text) | {READY_A: "P4", "capacity": "7", "go": "plan"}
    page = browser.post(EDIT, form).text
    key = re.findall(r"scorecard/plan\?key=(\w+)", page)
    until = monotonic() + 60
    while "A run with this card would write" not in page and monotonic() < until:
        sleep(0.1)
        page = browser.open(f"/crm/main/scorecard/plan?key={key[0]}").text
    assert re.search(r"would write <b>\d+</b> of 60", page), page
    assert "with 7 calls a week" in page.lower() or "7 calls a week" in page
    assert _state(browser.served) == changes


def test_a_form_without_its_token_is_refused(browser: Browser) -> None:
    form = form_in(browser.open(EDIT).text)
    assert browser.post(EDIT, form | {"csrftoken": "wrong"}).status_code == 403
    assert browser.post(PREVIEW, {}).status_code == 403


@pytest.fixture
def signed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    with ExitStack() as closing:
        yield serving(closing, stage, people(monkeypatch))


def test_who_may_only_look_can_neither_open_nor_post_the_form(signed: Served) -> None:
    look = token_of("vera")
    assert signed.get("/crm/main/scorecard", headers=look).status_code == 200
    assert 'href="/crm/main/scorecard/edit"' not in signed.get("/crm/main/scorecard", headers=look).text
    assert signed.get(EDIT, headers=look).status_code == 403
    assert requests.post(signed.url + PREVIEW, headers=look, data={"text": "x"}, timeout=30).status_code == 403


def _card(served: Served) -> str:
    return (served.stage.folder / "b2b-saas.yaml").read_text(encoding="utf-8")


def _state(served: Served) -> tuple[object, ...]:
    with served.stage.job() as job:
        return job.store.changes("main"), job.scorecards[0].outbox.pending_count()


def test_a_rule_whose_points_a_limit_cuts_is_no_cause(browser: Browser) -> None:
    form = form_in(browser.open(EDIT).text) | {DECISION_MAKER: "30"}
    cells = {at("priority", "matrix", stage, letter): "P1" for stage in ("Aware", "Unaware") for letter in "ABCDF?"}
    page = browser.post(PREVIEW, form | cells).text
    entered = page.partition("Enter P1: ")[2].partition("Leave P1: ")[0]
    assert int(entered.partition("<")[0]) > 0
    assert "the card gives their stage and grade another priority" in entered
    assert "Decision maker gives" not in entered


def test_the_preview_names_a_field_that_is_not_taken_as_the_form_does(browser: Browser) -> None:
    """The group, the rule and the field as the page shows them, and the line of the file beside it."""
    form = form_in(browser.open(EDIT).text) | {DECISION_MAKER: "ten"}
    page = browser.post(PREVIEW, form).text
    assert re.search(
        r"Person › Decision maker › points: &#39;ten&#39; is not a number\. +<small>line \d+ of the file", page
    )
    assert f'data-field="{ESCAPED}"' in page
    assert "Nothing is changed yet" not in page


def test_labels_leave_out_operators_and_no_part_of_a_word() -> None:
    """In a table of points `in` is a value, and a field may begin with it."""
    card = """
version: 1
name: Labels
score:
  fit:
    groups:
      - name: Who
        rules:
          - {name: Person, lead: {industry: {in: [A, B]}}, points: 1}
          - {name: Kind, table: kind, points: {individual: 1, in: 2}}
"""
    found = parts(read(card, Path("labels.yaml")))
    labels = [one.label for part in found for item in part.items for one in item.inputs]
    assert labels == ["lead, industry", "points", "table", "points, individual", "points, in"]


def test_a_plan_that_is_stopped_says_so_and_is_counted_when_asked_for_again(browser: Browser) -> None:
    """Something else is counted for longer meanwhile, so that the plan waits until it is stopped."""
    desk, hold = browser.served.desk, Event()
    desk.counted("in the way", lambda _: hold.wait(60))
    form = form_in(browser.open(EDIT).text) | {READY_A: "P2"}
    try:
        assert ">Stop</button>" in browser.post(EDIT, form | {"go": "plan"}).text
        page = browser.post(EDIT, form | {"go": "stop"}).text
        assert "Stopped before it was done" in page
    finally:
        hold.set()
    assert "Stopped before" not in browser.post(EDIT, form | {"go": "plan"}).text


def test_every_part_and_rule_can_be_jumped_to_and_only_groups_with_changes_are_open(browser: Browser) -> None:
    """Links and sections work without scripts, and each link has its place."""
    form = form_in(browser.open(EDIT).text)
    page = browser.open(EDIT).text
    links = re.findall(r'href="#([^"]+)"', page.partition('<form id="edit"')[0])
    assert {"part-fit", "part-engagement", "part-priority", "edit-score-fit-groups-0-rules-0"} <= set(links)
    assert [one for one in links if f'id="{one}"' not in page and one != "main"] == []
    assert 'class="group" open' not in page
    changed = browser.post(EDIT, form | {DECISION_MAKER: "19"}).text
    assert re.findall(r'class="group" open><summary>(\w+)', changed) == ["Person"]
