"""Pages of scorecards with a prefix, with accounts, and of hundreds of rules."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from pages.rendering import TEMPLATES
from pages.scorecard import card_file, forms
from pages.scorecard.reading import in_words
from pipeline.passes import BACKFILL
from tests.pages.conftest import Served, serving
from tests.pages.forms import Browser, at, form_in
from tests.stage import Opener, Stage

AT = "/crm/main/scorecard"
READY_A = at("priority", "matrix", "Ready", "A")


def twice(connection: dict[str, Any]) -> None:
    """Use one file for two sets of fields."""
    del connection["scorecard"]
    connection["scorecards"] = [{"file": "b2b-saas.yaml"}, {"file": "b2b-saas.yaml", "prefix": "b2c_"}]


@pytest.fixture(scope="module")
def prefixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Return a stage whose settings were given a second scorecard that has scored nobody yet."""
    with ExitStack() as stack:
        stage = Opener(stack, tmp_path_factory.mktemp("prefixed")).hubspot(40)
        stage.configure()
        stage.provision()
        stage.do(BACKFILL)
        stage.configure(twice)
        yield stage


def test_a_scorecard_with_a_prefix_is_edited_on_its_own_page(prefixed: Stage) -> None:
    with ExitStack() as stack:
        browser = Browser(serving(stack, prefixed))
        page = browser.open(f"{AT}?scorecard=b2c_").text
        assert 'href="/crm/main/scorecard/edit?scorecard=b2c_&amp;of=leads"' in page
        address = f"{AT}/edit?scorecard=b2c_&of=leads"
        answer = browser.post(address, form_in(browser.open(address).text) | {READY_A: "P4", "go": "plan"})
        assert answer.status_code == 200, answer.text
        page = _planned(browser, answer.text)
    assert "would write <b>40</b> of 40" in page


def _planned(browser: Browser, page: str) -> str:
    key = re.findall(r'hx-get="([^"]*plan[^"]*)"', page)
    until = monotonic() + 60
    while "A run with this card would write" not in page and monotonic() < until:
        sleep(0.1)
        page = browser.open(key[0].replace("&amp;", "&")).text
    return page


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with ExitStack() as stack:
        stage = Opener(stack, tmp_path_factory.mktemp("accounts")).hubspot(60)
        stage.configure(scorecard="account-based")
        stage.provision()
        stage.do(BACKFILL)
        yield serving(stack, stage)


@pytest.mark.slow
def test_the_scorecard_of_accounts_is_read_edited_and_planned_like_that_of_leads(accounts: Served) -> None:
    browser = Browser(accounts)
    page = browser.open(f"{AT}?of=accounts").text
    assert "account-based for accounts" in page
    assert page.count('<tr id="accounts-score-fit-groups-') == 3
    assert "rules of accounts have no figures" in page
    assert "The engagement of the 5 most engaged people counts" in page
    address = f"{AT}/edit?scorecard=&of=accounts"
    form = form_in(browser.open(address).text)
    levels = {name for name in form if '"accounts","priority","matrix"' in name}
    assert levels
    changed = form | dict.fromkeys(levels, "Now") | {"go": "preview"}
    found = browser.post(address, changed).text
    assert re.search(r"<b>\d+</b> of \d+ accounts change their priority", found), found
    assert int(re.findall(r"Enter Now: (\d+)", found)[0]) > 0
    assert "<h3>Accounts</h3>" in _planned(browser, browser.post(address, changed | {"go": "plan"}).text)


def test_a_card_of_three_hundred_rules_is_a_form_whose_every_field_can_be_sent(tmp_path: Path) -> None:
    """More fields than a form may have by default; sent back as they are, they change nothing."""
    text = Path("config/b2b-saas.yaml").read_text(encoding="utf-8")
    rule = "          - {{name: Rule {}, activity: {{kind: page_view, url: {{contains_any: [/a{}, /b]}}}}, points: 1, half_life: 14d, limit: 1 per day}}\n"
    more = "".join(rule.format(number, number) for number in range(270))
    text = text.replace(
        "      - name: Conversation\n", f"      - name: More\n        rules:\n{more}      - name: Conversation\n", 1
    )
    reading = card_file.read(text, tmp_path / "card.yaml")
    assert reading.card is not None
    assert len(in_words(reading.card).rules) == 300
    inputs = [each for part in forms.parts(reading) for item in part.items for each in item.inputs]
    assert len(inputs) > 1000
    sent = {each.name: each.shown for each in inputs}
    filled = forms.filled(text, sent, tmp_path / "card.yaml")
    assert (filled.text, list(filled.refused)) == (text, [])


def test_hostile_names_and_values_are_text_in_every_field(tmp_path: Path) -> None:
    hostile = "</textarea><script>alert(1)</script>"
    text = Path("config/b2b-saas.yaml").read_text(encoding="utf-8").replace("Software: 15", f"'{hostile}': 15", 1)
    reading = card_file.read(text.replace("[owner, c-level", f"['{hostile}', c-level", 1), tmp_path / "card.yaml")
    inputs = [each for part in forms.parts(reading) for item in part.items for each in item.inputs]
    drawn = TEMPLATES.from_string(
        '{% from "scorecard/macros.html" import field %}{% for each in inputs %}{{ field(each) }}{% endfor %}'
    ).render(inputs=inputs)
    assert "<script>" not in drawn
    assert drawn.count("&lt;/textarea&gt;&lt;script&gt;") >= 2
    assert form_in(drawn)[at("score", "fit", "groups", 1, "rules", 0, "points", hostile)] == "15"
