"""A scorecard put into force on the daemon's own pages is taken up by it; on both CRMs and both databases."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from ruamel.yaml import YAML

from pipeline.passes import BACKFILL
from tests.end_to_end.test_accepting_on_pages import LEADS, seen, with_pages
from tests.pages.forms import form_in
from tests.stage import Stage

Open = Callable[..., Stage]
AT = "/crm/main/scorecard"


def often(stage: Stage) -> None:
    """Let the daemon do a pass every few seconds."""
    yaml = YAML()
    settings: dict[str, Any] = yaml.load(stage.settings_file)
    settings["connections"]["main"]["schedule"] = {"sync": "10s", "timezone": "UTC"}
    yaml.dump(settings, stage.settings_file)


@contextmanager
def daemon(stage: Stage) -> Iterator[None]:
    """Run the daemon, and end it as a service manager does."""
    with stage.start("run") as process:
        yield
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told


def put_into_force(url: str, edit: Callable[[str], str]) -> None:
    """Propose an edited text on the pages, and approve it."""
    with requests.Session() as browser:
        seen(browser, f"{url}{AT}", "Proposals and log")
        form = form_in(browser.get(f"{url}{AT}/edit?view=text", timeout=60).text)
        text = edit(form["text"])
        assert text != form["text"]
        asked = browser.post(f"{url}{AT}/propose", data=form | {"text": text}, timeout=60)
        saved = browser.post(f"{url}{AT}/proposals", data=form_in(asked.text) | {"why": "A test."}, timeout=60)
        done = browser.post(saved.url, data=form_in(saved.text) | {"go": "approve"}, timeout=60)
        assert "in force since" in done.text, done.text


def everybody_a(text: str) -> str:
    """Give nearly everybody another grade."""
    bands = text[text.index("A+: 95") : text.index("F: 0") + len("F: 0")]
    return text.replace(bands, "A+: 1, F: 0").replace("minimum_known: 50%", "minimum_known: 1%")


@pytest.mark.slow
def test_an_approved_scorecard_that_moves_too_many_is_held_by_the_daemon(scene: Open) -> None:
    """The guard holds the pass, and the CRM keeps what it was told."""
    stage = scene(LEADS)
    url = with_pages(stage)
    often(stage)
    stage.do(BACKFILL)
    before = stage.fields("lead_grade")
    with daemon(stage):
        put_into_force(url, everybody_a)
        with requests.Session() as browser:
            seen(browser, f"{url}/crm/main/runs?state=held", "would change")
    assert stage.fields("lead_grade") == before


@pytest.mark.slow
def test_an_approved_scorecard_that_moves_few_is_written_by_the_daemon(scene: Open) -> None:
    """Without another command, by the next pass."""
    stage = scene(LEADS)
    stage.configure(lambda connection: connection.setdefault("write", {}).update(guard="100%"))
    url = with_pages(stage)
    often(stage)
    stage.do(BACKFILL)
    before = stage.fields("lead_grade")
    with daemon(stage):
        put_into_force(url, everybody_a)
        end = time.monotonic() + 120
        while stage.fields("lead_grade") == before and time.monotonic() < end:
            time.sleep(0.5)
    changed = sum(before[lead] != now for lead, now in stage.fields("lead_grade").items())
    assert changed > LEADS // 2
