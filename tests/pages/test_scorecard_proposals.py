"""Proposals of an edited scorecard: saved for a second person, put into force at once or not at all, and logged."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import orjson
import pytest
import requests

from commands.check import examine
from config.pages import Pages
from connectors.base import ConfigurationError
from pages.scorecard.card_file import digest_of
from pages.scorecard.proposals import Entry, NoProposal, Outdated, Proposals, unusable
from pipeline import clock
from tests.pages.conftest import Served, serving
from tests.pages.forms import Browser, at, form_in, people, token_of
from tests.stage import Stage

AT = "/crm/main/scorecard"
EDIT = f"{AT}/edit"
DECISION_MAKER = at("score", "fit", "groups", 0, "rules", 0, "points")


@pytest.fixture
def served(stage: Stage) -> Iterator[Served]:
    """Serve the pages where nobody signs in, and put the folder back as it was."""
    with ExitStack() as stack:
        stack.enter_context(as_before(stage.folder))
        yield serving(stack, stage)


@pytest.fixture
def signed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Serve the pages to Edda and Emil, who edit, and Amin, who approves."""
    with ExitStack() as stack:
        stack.enter_context(as_before(stage.folder))
        yield serving(stack, stage, people(monkeypatch))


class as_before:  # noqa: N801 - reads as a phrase
    """Puts the scorecard back, and removes what proposals left."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.card = folder, folder / "b2b-saas.yaml"
        self.content = self.card.read_bytes()

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        for path in self.folder.glob("b2b-saas.*"):
            if path != self.card:
                path.unlink()
        self.card.write_bytes(self.content)


def as_(served: Served, name: str) -> Browser:
    browser = Browser(served)
    browser.session.headers.update(token_of(name))
    return browser


def propose(browser: Browser, points: str = "25", why: str = "Decision makers buy more.") -> requests.Response:
    form = form_in(browser.open(EDIT).text) | {DECISION_MAKER: points, "go": "propose"}
    asked = browser.post(f"{AT}/propose", form)
    assert "Propose this change" in asked.text, asked.text
    return browser.post(f"{AT}/proposals", form_in(asked.text) | {"why": why})


def test_a_proposal_is_a_file_for_review_and_the_scorecard_stays(served: Served) -> None:
    card = served.stage.folder / "b2b-saas.yaml"
    before = card.read_text(encoding="utf-8")
    page = propose(Browser(served))
    assert page.url.endswith("/scorecard/proposals/1")
    made = served.stage.folder / "b2b-saas.proposed-1.yaml"
    assert made.read_text(encoding="utf-8") == before.replace("points: 20", "points: 25", 1)
    assert card.read_text(encoding="utf-8") == before
    assert "+            points: 25" in page.text
    assert "Decision makers buy more." in page.text


def test_the_log_says_who_what_why_and_how_many_move_and_names_no_lead(served: Served) -> None:
    browser = Browser(served)
    propose(browser, "90")
    browser.post(
        f"{AT}/proposals/1", form_in(browser.open(f"{AT}/proposals/1").text) | {"go": "reject", "why": "Too much."}
    )
    lines = (served.stage.folder / "b2b-saas.changes.jsonl").read_bytes().splitlines()
    made, rejected = map(orjson.loads, lines)
    assert (made["who"], made["what"], made["why"]) == ("this machine", "proposed", "Decision makers buy more.")
    assert made["leads"].keys() >= {"leads", "moved", "entered", "left", "from"}
    assert (rejected["what"], rejected["why"], rejected["proposal"]) == ("rejected", "Too much.", 1)
    with served.stage.job() as job:
        leads = job.mirror.creations()["lead"].to_list()
    assert [lead for lead in leads if f'"{lead}"'.encode() in b"".join(lines)] == []
    listed = browser.open(f"{AT}/proposals").text
    assert "Too much." in listed
    assert "Decision makers buy more." in listed


def test_a_reason_is_needed_to_propose_and_to_reject_and_nothing_typed_is_lost(served: Served) -> None:
    browser = Browser(served)
    answer = propose(browser, why=" ")
    assert answer.status_code == 422
    assert "points: 25" in form_in(answer.text)["text"]
    propose(browser)
    form = form_in(browser.open(f"{AT}/proposals/1").text) | {"go": "reject", "why": ""}
    assert "Say why it is rejected" in browser.post(f"{AT}/proposals/1", form).text


def test_another_person_puts_it_into_force_and_the_file_of_before_is_kept(signed: Served) -> None:
    card = signed.stage.folder / "b2b-saas.yaml"
    before, mode = card.read_bytes(), card.stat().st_mode
    assert "this machine" not in propose(as_(signed, "edda")).text
    own = as_(signed, "edda").open(f"{AT}/proposals/1").text
    assert "Put into force" not in own
    amin = as_(signed, "amin")
    page = amin.post(
        f"{AT}/proposals/1", form_in(amin.open(f"{AT}/proposals/1").text) | {"go": "approve", "why": "Good."}
    )
    assert "in force since" in page.text
    assert card.read_bytes() == before.replace(b"points: 20", b"points: 25", 1)
    assert card.stat().st_mode == mode
    assert (signed.stage.folder / "b2b-saas.before-1.yaml").read_bytes() == before
    assert "+            points: 25" in page.text
    again = amin.post(f"{AT}/proposals/1", {"go": "approve"})
    assert again.status_code == 409
    assert "was approved by amin already" in again.text


def test_neither_an_editor_nor_the_approver_who_proposed_it_puts_it_into_force(signed: Served) -> None:
    card = signed.stage.folder / "b2b-saas.yaml"
    before = card.read_bytes()
    propose(as_(signed, "amin"))
    for name in ("emil", "amin"):
        assert as_(signed, name).post(f"{AT}/proposals/1", {"go": "approve"}).status_code == 403
    assert as_(signed, "emil").post(f"{AT}/proposals/1", {"go": "reject", "why": "no"}).status_code == 403
    assert as_(signed, "vera").post(f"{AT}/proposals/1", {"go": "approve"}).status_code == 403
    assert as_(signed, "vera").post(f"{AT}/proposals", {"text": "x"}).status_code == 403
    assert card.read_bytes() == before
    assert "another person has to put it into force" in as_(signed, "amin").open(f"{AT}/proposals/1").text


def test_of_two_proposals_for_one_scorecard_the_second_has_to_be_looked_at_anew(signed: Served) -> None:
    """Neither is lost: the second can be opened in the editor on the scorecard of today, and proposed again."""
    edda, amin = as_(signed, "edda"), as_(signed, "amin")
    propose(edda, "25")
    propose(edda, "30")
    amin.post(f"{AT}/proposals/1", {"go": "approve"})
    late = amin.post(f"{AT}/proposals/2", {"go": "approve"})
    assert late.status_code == 409
    assert "was changed since this was proposed" in late.text
    assert b"points: 25" in (signed.stage.folder / "b2b-saas.yaml").read_bytes()
    form = form_in(edda.open(f"{EDIT}?proposal=2").text)
    assert form[DECISION_MAKER] == "25"
    form = form_in(edda.open(f"{EDIT}?proposal=2&overlaps=proposal").text)
    assert form[DECISION_MAKER] == "30"
    assert form["base"] == digest_of((signed.stage.folder / "b2b-saas.yaml").read_text(encoding="utf-8"))


def test_a_proposal_whose_file_was_changed_is_not_put_into_force(served: Served) -> None:
    browser = Browser(served)
    propose(browser)
    form = form_in(browser.open(f"{AT}/proposals/1").text)
    with (served.stage.folder / "b2b-saas.proposed-1.yaml").open("a", encoding="utf-8") as file:
        file.write("# and something else\n")
    answer = browser.post(f"{AT}/proposals/1", form | {"go": "approve"})
    assert answer.status_code == 409
    assert "was changed since it was proposed" in answer.text


def test_a_draft_of_a_file_that_changed_meanwhile_is_not_proposed_unseen(served: Served) -> None:
    browser = Browser(served)
    form = form_in(browser.open(EDIT).text) | {DECISION_MAKER: "25"}
    with (served.stage.folder / "b2b-saas.yaml").open("a", encoding="utf-8") as file:
        file.write("# somebody else\n")
    answer = browser.post(f"{AT}/propose", form)
    assert answer.status_code == 422
    assert "Look at what changed on disk first" in answer.text
    assert form_in(answer.text)[DECISION_MAKER] == "25"


def test_what_cannot_be_written_is_said_and_the_text_is_kept(stage: Stage) -> None:
    """The folder for proposals becomes a file after the start, which no permission of the tests can write into."""
    taken = stage.folder / "taken"
    try:
        with ExitStack() as stack:
            browser = Browser(serving(stack, stage, Pages(port=0, proposals=taken)))
            taken.write_text("", encoding="utf-8")
            answer = propose(browser)
            assert f"{taken} is a file, not a folder" in browser.open(f"{AT}/proposals").text
    finally:
        taken.unlink()
    assert answer.status_code == 422
    assert "cannot be written" in answer.text
    assert "pages: {proposals: FOLDER}" in answer.text
    assert "points: 25" in form_in(answer.text)["text"]


def test_a_folder_for_proposals_that_cannot_be_used_is_told_at_the_start(stage: Stage) -> None:
    """Where it is yet to be made, it counts whether that is possible."""
    taken = stage.folder / "taken"
    taken.write_text("", encoding="utf-8")
    try:
        with ExitStack() as stack, pytest.raises(ConfigurationError, match=r"is a file.*name another one"):
            serving(stack, stage, Pages(port=0, proposals=taken / "deeper"))
    finally:
        taken.unlink()
    assert unusable(stage.folder / "yet" / "to be made") == ""
    assert not (stage.folder / "yet").exists()


def test_check_names_a_folder_for_proposals_that_cannot_be_used(stage: Stage) -> None:
    """The mistake is at the line of the setting."""
    settings, taken = stage.folder / "with-pages.yaml", stage.folder / "taken"
    text = Path(stage.settings_file).read_text(encoding="utf-8").rstrip("\n")
    settings.write_text(f"{text}\npages:\n  proposals: taken\n", encoding="utf-8")
    taken.write_text("", encoding="utf-8")
    try:
        found = examine(settings, None, offline=False, read_only=True).mistakes
    finally:
        taken.unlink()
        settings.unlink()
    told = next(one for one in found if one.path == "pages.proposals")
    assert told.line == text.count("\n") + 3
    assert "is a file, not a folder" in told.message


def entry(text: str, base: str, **changed: object) -> Entry:
    told = {
        "at": clock.now(),
        "who": "a",
        "what": "proposed",
        "proposal": 0,
        "why": "w",
        "card": "c",
        "connection": "main",
    }
    return Entry(**{**told, "base": digest_of(base), "digest": digest_of(text), **changed})  # type: ignore[arg-type]


def test_proposals_in_one_folder_for_cards_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "card.yaml").write_text(f"# {name}\n", encoding="utf-8")
    one, two = (Proposals(tmp_path / name / "card.yaml", tmp_path / "kept") for name in ("one", "two"))
    assert one.propose(entry("a\n", "# one\n"), "a\n", "# one\n") == 1
    assert two.propose(entry("b\n", "# two\n"), "b\n", "# two\n") == 1
    assert (one.text(1), two.text(1)) == ("a\n", "b\n")


def test_a_link_to_the_scorecard_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "real.yaml"
    real.write_bytes(b"\xef\xbb\xbfa\n")
    (tmp_path / "card.yaml").symlink_to(real)
    kept = Proposals(tmp_path / "card.yaml", tmp_path / "kept")
    kept.propose(entry("b\n", "a\n"), "b\n", "a\n")
    kept.approve(entry("b\n", "a\n", what="approved", proposal=1))
    assert (tmp_path / "card.yaml").is_symlink()
    assert real.read_bytes() == b"\xef\xbb\xbfb\n"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["card.yaml", "kept", "real.yaml"]


def test_of_two_approvals_at_once_one_is_outdated(tmp_path: Path) -> None:
    """The lock is that of the log, so that it holds between processes too."""
    (tmp_path / "card.yaml").write_text("a\n", encoding="utf-8")
    kept = Proposals(tmp_path / "card.yaml")
    texts = {kept.propose(entry(text, "a\n"), text, "a\n"): text for text in ("b\n", "c\n", "d\n")}

    def approve(number: int) -> str:
        try:
            kept.approve(entry(texts[number], "a\n", what="approved", proposal=number))
        except Outdated:
            return "outdated"
        return texts[number]

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(approve, texts))
    assert sorted(found)[1:] == ["outdated"] * 2
    assert (tmp_path / "card.yaml").read_text(encoding="utf-8") == min(found)
    assert [one.what for one in kept.log()].count("approved") == 1


FULL = """
import resource, signal, sys
from pathlib import Path
from pages.scorecard.proposals import CannotWrite, Proposals
from tests.pages.test_scorecard_proposals import entry

kept = Proposals(Path(sys.argv[1]))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (kept.log_file.stat().st_size + 10,) * 2)
try:
    kept.approve(entry("b\\n", "a\\n", what="approved", proposal=1))
except CannotWrite as problem:
    print(problem)
"""


def test_without_its_line_in_the_log_nothing_is_put_into_force(tmp_path: Path) -> None:
    """The log's file system is full in the middle of the line."""
    card = tmp_path / "card.yaml"
    card.write_text("a\n", encoding="utf-8")
    kept = Proposals(card)
    kept.propose(entry("b\n", "a\n"), "b\n", "a\n")
    before = kept.log_file.read_bytes()
    path = os.pathsep.join([".", "sandbox"])
    said = subprocess.run(
        [sys.executable, "-c", FULL, str(card)],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "card.changes.jsonl cannot be written" in said.stdout, said
    assert card.read_text(encoding="utf-8") == "a\n"
    assert kept.log_file.read_bytes() == before
    assert kept.one(1).is_open


def test_numbers_are_never_given_twice(tmp_path: Path) -> None:
    """Not even after a crash between the file and the log."""
    (tmp_path / "card.yaml").write_text("a\n", encoding="utf-8")
    (tmp_path / "card.proposed-7.yaml").write_text("left by a crash\n", encoding="utf-8")
    kept = Proposals(tmp_path / "card.yaml")
    assert kept.propose(entry("b\n", "a\n"), "b\n", "a\n") == 8
    with pytest.raises(NoProposal, match="no proposal 7"):
        kept.one(7)


def test_the_note_for_sales_says_how_many_left_the_list_and_why(served: Served) -> None:
    browser = Browser(served)
    form = form_in(browser.open(EDIT).text)
    text = form["text"].replace("P1, when: {urgency: now", "P1, when: {score: {at_least: 1}")
    plain = {name: one for name, one in form.items() if not name.startswith("at:")} | {"text": text}
    asked = browser.post(f"{AT}/propose", plain)
    note = form_in(asked.text)["note"]
    assert re.match(r"\d+ leads came onto the list of P1 because .+ Counted over all 60 leads\.", note), note


def test_an_outdated_proposal_takes_nothing_back_that_others_changed(served: Served) -> None:
    """Opened in the editor or shown, it changes its own lines of the scorecard of today and no other."""
    browser, card = Browser(served), served.stage.folder / "b2b-saas.yaml"
    propose(browser)
    before = card.read_text(encoding="utf-8")
    others = before.replace("minimum_known: 50%", "minimum_known: 45%", 1)
    assert others != before
    card.write_text(others, encoding="utf-8")
    shown = browser.open(f"{AT}/proposals/1").text
    opened = browser.open(f"{EDIT}?proposal=1").text
    assert "45%" not in "".join(re.findall(r'class="gone">([^<]*)', shown))
    assert "Who moves, as proposed on" in shown
    assert "Who moves, as of today" in shown
    assert form_in(opened)["text"] == others.replace("points: 20", "points: 25", 1)
    asked = browser.post(f"{AT}/propose", form_in(opened)).text
    assert re.findall(r'class="(?:gone|new)">([^<]*)', asked) == ["-            points: 20", "+            points: 25"]


def test_lines_that_both_changed_are_shown_with_both_and_a_person_decides(served: Served) -> None:
    """Until then the lines of today are taken, so that nothing is lost unseen."""
    browser, card = Browser(served), served.stage.folder / "b2b-saas.yaml"
    propose(browser)
    card.write_text(card.read_text(encoding="utf-8").replace("points: 20", "points: 21", 1), encoding="utf-8")
    for page in (f"{AT}/proposals/1", f"{EDIT}?proposal=1"):
        text = browser.open(page).text
        assert "The proposal and somebody else changed the same lines" in text
        assert re.findall(r'class="same"> *(points: \d+)</div>', text)[-3:] == [
            "points: 20",
            "points: 21",
            "points: 25",
        ]
    form = form_in(browser.open(f"{EDIT}?proposal=1").text)
    assert form[DECISION_MAKER] == "21"
    assert "changed the same lines" in browser.post(EDIT, form).text
    assert form_in(browser.open(f"{EDIT}?proposal=1&overlaps=proposal").text)[DECISION_MAKER] == "25"


def test_a_proposal_whose_base_is_not_kept_says_that_it_may_take_back_what_others_changed(served: Served) -> None:
    """Its own changes cannot be told then, and the page does not act as if they could."""
    browser, card = Browser(served), served.stage.folder / "b2b-saas.yaml"
    propose(browser)
    (served.stage.folder / "b2b-saas.from-1.yaml").unlink()
    card.write_text(card.read_text(encoding="utf-8") + "# somebody\n", encoding="utf-8")
    assert "the lines that go below may be theirs" in browser.open(f"{AT}/proposals/1").text
    assert "Its whole text is taken" in browser.open(f"{EDIT}?proposal=1").text


def test_the_author_withdraws_a_proposal_and_somebody_else_rejects_it(signed: Served) -> None:
    """The button, the state and the log say which it was; a reason is needed only to reject."""
    edda, amin = as_(signed, "edda"), as_(signed, "amin")
    propose(edda)
    own, theirs = (one.open(f"{AT}/proposals/1").text for one in (edda, amin))
    assert ("Withdraw</button>" in own, "Reject</button>" in own) == (True, False)
    assert ("Withdraw</button>" in theirs, "Reject</button>" in theirs) == (False, True)
    assert "Reason (needed to reject)" in theirs
    assert amin.post(f"{AT}/proposals/1", form_in(theirs) | {"go": "withdraw"}).status_code == 403
    assert edda.post(f"{AT}/proposals/1", form_in(own) | {"go": "reject", "why": "no"}).status_code == 403
    assert "withdrawn" in edda.post(f"{AT}/proposals/1", form_in(own) | {"go": "withdraw"}).text
    last = (signed.stage.folder / "b2b-saas.changes.jsonl").read_bytes().splitlines()[-1]
    assert (orjson.loads(last)["what"], orjson.loads(last)["who"]) == ("withdrawn", "edda")


def test_a_proposal_says_how_many_scores_change_beside_the_priorities(served: Served) -> None:
    """Changed scores are moves too, also where nobody changes priority."""
    page = propose(Browser(served), "5").text
    said = re.search(r"(\d+) of 60 leads change priority and (\d+) changes? score", page)
    assert said, page
    assert int(said[2]) > 0
