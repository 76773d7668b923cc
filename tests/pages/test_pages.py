"""What holds of every page."""

import re
from contextlib import ExitStack
from time import monotonic, sleep

import pytest

from tests.pages.conftest import Served, serving
from tests.stage import Stage

PAGES = ("/", "/crm/main/leads", "/crm/main/runs", "/crm/main/runs/1", "/crm/main/removals", "/crm/main/refused")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_loads_from_here_alone(served: Served, path: str) -> None:
    answer = served.get(path)
    assert answer.status_code == 200, answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text)
    assert len(files) >= 3
    assert {served.get(file).status_code for file in files} == {200}


def test_another_host_name_is_refused_so_that_no_foreign_page_reaches_this_one(served: Served) -> None:
    assert served.get("/", headers={"Host": "leadgauge.attacker.example"}).status_code == 400


@pytest.mark.parametrize("path", ["/nothing", "/crm/other/leads"])
def test_what_there_is_not_is_answered_with_a_page_that_says_so(served: Served, path: str) -> None:
    answer = served.get(path)
    assert answer.status_code == 404
    assert "<h1>404</h1>" in answer.text


def test_the_list_has_the_most_urgent_leads_first(served: Served) -> None:
    with served.stage.job() as job:
        urgent = job.scorecards[0].outbox.top(5)["lead"].to_list()
    shown = re.findall(r"/contact/(\d+)|0-1/(\d+)", served.get("/crm/main/leads").text)
    assert [first or second for first, second in shown][:5] == urgent


def test_settings_with_a_mistake_are_named_and_those_of_before_are_shown(stage: Stage) -> None:
    with ExitStack() as stack:
        served = serving(stack, stage)
        right = stage.settings_file.read_bytes()
        stage.settings_file.write_bytes(right + b"\nwrong: true\n")
        try:
            text = _after_a_look(served)
        finally:
            stage.settings_file.write_bytes(right)
    assert "wrong" in text
    assert "Priority" in text


def _after_a_look(served: Served) -> str:
    """Return the page once the files were looked at again."""
    text, until = "", monotonic() + 30
    while "have mistakes" not in text and monotonic() < until:
        sleep(0.1)
        text = served.get("/crm/main/leads").text
    return text
