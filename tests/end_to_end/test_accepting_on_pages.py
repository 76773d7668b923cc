"""The daemon's own pages accept what it holds, and it writes it; on both CRMs and both databases."""

import re
import signal
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from ruamel.yaml import YAML

from pipeline.passes import BACKFILL, REFRESH
from tests.stage import Stage

Open = Callable[..., Stage]
LEADS = 60


def with_pages(stage: Stage) -> str:
    """Add pages to the settings on a free port, and hardly any pass; return their address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    yaml = YAML()
    settings: dict[str, Any] = yaml.load(stage.settings_file)
    settings["pages"] = {"port": port}
    settings["connections"]["main"]["schedule"] = {"sync": "12h", "timezone": "UTC"}
    yaml.dump(settings, stage.settings_file)
    return f"http://127.0.0.1:{port}"


def held(stage: Stage) -> int:
    """Score everybody, then edit the scorecard so that the guard holds the next pass; return its run."""
    stage.do(BACKFILL)
    card = stage.folder / "b2b-saas.yaml"
    text = card.read_text(encoding="utf-8")
    bands = text[text.index("A+: 95") : text.index("F: 0") + len("F: 0")]
    text = text.replace(bands, "A+: 1, F: 0").replace("minimum_known: 50%", "minimum_known: 1%")
    card.write_text(text, encoding="utf-8")
    report = stage.do(REFRESH)
    assert report.state == "held", report.message
    return report.run


def seen(browser: requests.Session, url: str, words: str) -> str:
    """Return the page once it is there and has these words."""
    end, text = time.monotonic() + 120, ""
    while time.monotonic() < end:
        try:
            text = browser.get(url, timeout=30).text
        except requests.ConnectionError:
            text = "nobody listens"
        if words in text:
            return text
        time.sleep(0.3)
    raise AssertionError(f"{words!r} never came: {text}")


@pytest.mark.slow
def test_what_the_daemon_holds_is_accepted_on_its_pages_and_written_by_it(scene: Open) -> None:
    stage = scene(LEADS)
    url, run = with_pages(stage), held(stage)
    before = stage.fields("lead_grade")
    with stage.start("run") as process, requests.Session() as browser:
        text = seen(browser, f"{url}/crm/main/runs?kind=sync&state=held", "Next: sync in")
        latest = max(run, *(int(number) for number in re.findall(r"/runs/(\d+)", text)))
        page = seen(browser, f"{url}/crm/main/runs/{latest}/accept", "Accept, and write")
        assert "The daemon (" in page
        (token,) = re.findall(r'name="csrftoken" value="([^"]+)"', page)[-1:]
        done = browser.post(f"{url}/crm/main/runs/{latest}/accept", data={"csrftoken": token}, timeout=30)
        assert done.status_code == 200
        text = seen(browser, done.url, "The pass that was asked for has ended")
        assert "Accepted by this machine" in text
        changed = sum(before[lead] != now for lead, now in stage.fields("lead_grade").items())
        assert changed > LEADS // 2
        process.send_signal(signal.SIGTERM)  # while a browser keeps its connection open
        _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert "this machine asked for sync" in told
