"""The daemon follows the CRM's feed: a change is in the CRM long before the next `sync` would bring it."""

import signal
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.end_to_end.test_daemon import daemon, wait_until
from tests.end_to_end.test_feed_passes import cold
from tests.stage import Stage

Open = Callable[..., Stage]
RARELY = {"sync": "1h", "refresh": "02:30", "reconcile": "sun 03:00", "timezone": "UTC", "feed": "always"}


def listening(stage: Stage, database: str) -> Stage:
    """Let a daemon listen to the feed of a stage, and ask for changes only once an hour."""

    def settings(connection: dict[str, Any]) -> None:
        connection["feed"] = of_hubspot(stage) if stage.crm == "hubspot" else of_salesforce(stage)
        connection["schedule"] = RARELY

    stage.configure(settings, database=database)
    stage.provision()
    return stage


def of_hubspot(stage: Stage) -> dict[str, Any]:
    client = stage.app.state.portal.tokens.client
    return {"client_id": client.client_id, "client_secret": stage.secret("LEADGAUGE_TEST_APP", client.secret)}


def of_salesforce(stage: Stage) -> dict[str, Any]:
    feed = stage.app.state.sandbox.feed
    feed.start()
    stage._control("feed", {"select": [], "entities": None, "keepalive": 0.2})
    return {"endpoint": feed.address, "most_objects": 20}  # of a visit, too


@pytest.fixture
def stage(hubspot: Open, tmp_path: Path) -> Stage:
    return listening(hubspot(30), f"sqlite:///{tmp_path}/x.db")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def serve(stage: Stage) -> str:
    port = free_port()
    text = stage.settings_file.read_text()
    stage.settings_file.write_text(f"{text}\nmetrics: {{port: {port}}}\n")
    return f"http://127.0.0.1:{port}"


def feed(address: str) -> dict[str, Any]:
    """Return the state of the feed; empty while the daemon does not answer or has none."""
    try:
        told = requests.get(f"{address}/health", timeout=10).json()
    except requests.RequestException:
        return {}
    found: dict[str, Any] = told["connections"]["main"].get("feed", {})
    return found


def figures(address: str) -> dict[str, float]:
    text = requests.get(f"{address}/metrics", timeout=10).text
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "le" not in sample.labels
    }


def engagement(stage: Stage, lead: str) -> float:
    return float(stage.fields("lead_engagement")[lead]["lead_engagement"] or 0)


def quiet(stage: Stage) -> list[str]:
    """Return cold leads whose engagement is far from its cap, so that a demo request shows."""
    return [lead for lead in cold(stage) if engagement(stage, lead) <= 10]


def acts(stage: Stage, lead: str) -> Callable[[], bool]:
    """Let a lead ask for a demo; return whether that has been written."""
    before = engagement(stage, lead)
    stage.act(lead, "demo_request")
    return lambda: engagement(stage, lead) > before


@pytest.mark.slow
def test_a_demo_request_is_written_without_waiting_for_a_sync(crm: Open, tmp_path: Path) -> None:
    stage = listening(crm(30), f"sqlite:///{tmp_path}/x.db")
    address = serve(stage)
    with daemon(stage) as process:
        wait_until(lambda: feed(address).get("state") == "listening", process)
        for lead in quiet(stage)[:3]:
            wait_until(acts(stage, lead), process)
        wait_until(lambda: figures(address)["leadgauge_feed_lag_seconds_count"] >= 3, process)
        seen = figures(address)
        assert (seen["leadgauge_feed_up"], seen["leadgauge_due_leads"]) == (1, 0)
        assert seen["leadgauge_feed_events_total"] >= 3
        told = stage.leadgauge("status").stdout
    assert "feed: told of something last at" in told
    assert " 0 due; " in told
    assert told.count("│ feed") == 0, "its runs are summed up"


@pytest.mark.slow
def test_after_a_kill_what_was_due_is_written_by_the_next_daemon(stage: Stage) -> None:
    address = serve(stage)
    with daemon(stage) as process:
        wait_until(lambda: feed(address).get("state") == "listening", process)
        stage.slow(0.2)
        comes = acts(stage, quiet(stage)[0])
        wait_until(lambda: feed(address).get("due", 0) > 0 or comes(), process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    stage.slow(0)
    with stage.start("run") as process:
        wait_until(comes, process)
        process.terminate()
        process.communicate(timeout=60)


@pytest.mark.slow
def test_of_two_daemons_one_listens_and_the_other_takes_over(stage: Stage) -> None:
    address = serve(stage)
    with ExitStack() as stack:
        first = stack.enter_context(daemon(stage))
        wait_until(lambda: feed(address).get("state") == "listening", first)
        text = stage.settings_file.read_text()
        other = f"http://127.0.0.1:{free_port()}"
        stage.settings_file.write_text(text.replace(address.rpartition(":")[2], other.rpartition(":")[2], 1))
        second = stack.enter_context(stage.start("run"))
        wait_until(lambda: requests_ok(other), second)
        assert feed(other) == {}
        wait_until(acts(stage, quiet(stage)[0]), first)
        first.terminate()
        first.communicate(timeout=60)
        second.terminate()
        second.communicate(timeout=60)


def requests_ok(address: str) -> bool:
    try:
        told = requests.get(f"{address}/health", timeout=10).json()
    except requests.RequestException:
        time.sleep(0.1)
        return False
    return bool(told["connections"]["main"]["doing"] == "standing by")
