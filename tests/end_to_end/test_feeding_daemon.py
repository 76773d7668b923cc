"""The daemon with the CRM's own feed: what people do is in the CRM as a score in seconds; on both CRMs and databases."""

import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import requests

from pipeline.passes import BACKFILL
from tests.end_to_end.test_daemon import figures, page, wait_until, with_pages
from tests.stage import Stage

Open = Callable[..., Stage]
SELDOM = {"feed": "always", "sync": "12h", "refresh": "02:30", "reconcile": "sun 03:00", "timezone": "UTC"}
"""No pass but the first and those by the feed, so that nothing else can have brought what came."""


def listening(stage: Stage) -> Callable[[dict[str, Any]], None]:
    """Return what makes settings listen to a stage's feed."""

    def settings(connection: dict[str, Any]) -> None:
        connection["feed"] = stage.feed()
        connection["schedule"] = dict(SELDOM)
        connection.setdefault("write", {})["guard"] = "100%"

    return settings


def scored(scene: Open, leads: int = 40, **options: Any) -> Stage:
    """Return a stage whose leads are scored, and whose daemon will listen."""
    stage = scene(leads, **options)
    stage.configure(listening(stage))
    stage.provision()
    stage.do(BACKFILL)
    return stage


@contextmanager
def running(stage: Stage) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run the daemon; it listens when the block starts."""
    told = re.search(r"metrics: {port: (\d+)}", stage.settings_file.read_text())
    port = int(told[1]) if told else with_pages(stage)
    with stage.start("run") as process:
        wait_until(lambda: of_feed(port).get("state") == "listening", process)
        wait_until(lambda: page(port, "/health")[1]["connections"]["main"]["last_pass"] == "done", process)
        yield process, port
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=60)


def of_feed(port: int) -> dict[str, Any]:
    """Return what `/health` says of the feed."""
    found: dict[str, Any] = page(port, "/health")[1].get("connections", {}).get("main", {}).get("feed") or {}
    return found


def figure(port: int, name: str) -> float:
    """Return a figure of `/metrics` of the connection."""
    found = re.search(rf'^leadgauge_{name}{{connection="main"}} ([\d.e+]+)$', figures(port), re.MULTILINE)
    return float(found[1]) if found else 0.0


def warming(stage: Stage) -> str:
    """Return a lead that fits well and is not urgent."""
    held = stage.fields("lead_priority", "lead_grade").items()
    return next(one for one, of in held if of["lead_priority"] in {"P3", "P4"} and str(of["lead_grade"])[0] in "AB")


def rose(stage: Stage, lead: str) -> bool:
    return stage.fields("lead_priority")[lead]["lead_priority"] == "P1"


def test_who_asks_for_a_demo_is_first_priority_without_a_sync(scene: Open) -> None:
    stage = scored(scene)
    lead = warming(stage)
    with running(stage) as (process, port):
        stage.act(lead, "demo_request")
        wait_until(lambda: rose(stage, lead), process)
        wait_until(lambda: figure(port, "feed_lag_seconds_count") >= 1, process)
        assert figure(port, "feed_gaps_total") == 0


@pytest.mark.slow
def test_the_second_daemon_listens_on_when_the_first_is_killed(scene: Open) -> None:
    """It goes on after the first one's cursor: what happened in between is not lost."""
    stage = scored(scene)
    lead = warming(stage)
    with running(stage) as (first, port), stage.start("run") as second:
        first.kill()
        first.communicate()
        stage.act(lead, "demo_request")
        wait_until(lambda: rose(stage, lead), second)
        wait_until(lambda: of_feed(port).get("state") == "listening", second)
        second.terminate()
        second.communicate(timeout=60)


@pytest.mark.slow
def test_what_leadgauge_writes_makes_nothing_due(scene: Open) -> None:
    """Else each write would be read again, and in Salesforce use up the day's events."""
    stage = scored(scene, 80)
    before = stage.fields("lead_fit")
    card = stage.folder / "b2b-saas.yaml"
    card.write_text(card.read_text().replace("points: 20", "points: 11"))
    with running(stage) as (process, _):
        moved = sum(values != before[lead] for lead, values in stage.fields("lead_fit").items())
        assert moved > 10
        lead = warming(stage)
        stage.act(lead, "demo_request")
        wait_until(lambda: rose(stage, lead), process)
    with stage.job() as job:
        fed = job.runs.page(99, kinds=["feed"])
    assert 0 < sum(run.counts.get("scored", 0) for run in fed) < moved


@pytest.mark.slow
def test_a_feed_that_is_silent_for_minutes_is_caught_up(scene: Open) -> None:
    stage = scored(scene)
    lead, fault = warming(stage), "silent-feed" if stage.crm == "hubspot" else "feed-silence"
    with running(stage) as (process, _):
        stage.fault(fault, "3" if stage.crm == "salesforce" else "200")
        stage.act(lead, "demo_request")
        stage.live(timedelta(minutes=4), pace=0)
        wait_until(lambda: rose(stage, lead), process)


@pytest.mark.slow
def test_changes_behind_an_expired_place_are_brought_by_a_sync(scene: Open) -> None:
    stage = scored(scene)
    lead = warming(stage)
    with running(stage):
        pass
    stage.act(lead, "demo_request")
    if stage.crm == "hubspot":
        stage.fault("expired-offset", times=1)
    else:
        requests.post(f"{stage.url}/_sandbox/feed", json={"forget": True}, timeout=10).raise_for_status()
    with running(stage) as (process, port):
        wait_until(lambda: rose(stage, lead), process)
        wait_until(lambda: figure(port, "feed_gaps_total") == 1, process)


@pytest.mark.slow
def test_when_salesforces_allocation_is_used_up_polling_goes_on_and_people_are_told(scene: Open) -> None:
    stage = scene(40)
    if stage.crm == "hubspot":
        pytest.skip("HubSpot has no allocation of events")

    def settings(connection: dict[str, Any]) -> None:
        listening(stage)(connection)
        connection["schedule"]["sync"] = "10s"

    stage.configure(settings)
    stage.provision()
    stage.do(BACKFILL)
    with running(stage) as (process, port):
        stage.fault("feed-allocation", "0")
        lead = warming(stage)
        stage.act(lead, "demo_request")
        wait_until(lambda: of_feed(port)["state"] == "paused", process)
        assert page(port, "/health")[0] == 200
        assert figure(port, "feed_up") == 0
        wait_until(lambda: rose(stage, lead), process)
        assert "paused since" in " ".join(stage.leadgauge("status").stdout.split())


@pytest.mark.slow
def test_a_first_backfill_beside_the_feed_spares_salesforces_allocation(scene: Open) -> None:
    stage = scene(60)
    stage.configure(listening(stage))
    stage.provision()
    port = with_pages(stage)
    with stage.start("run") as process:
        wait_until(lambda: all(of["lead_score_status"] for of in stage.fields("lead_score_status").values()), process)
        wait_until(lambda: of_feed(port).get("state") == "listening", process)
        lead = warming(stage)
        stage.act(lead, "demo_request")
        wait_until(lambda: rose(stage, lead), process)
        assert figure(port, "feed_events_total") < 20
        process.terminate()
        process.communicate(timeout=60)


@pytest.mark.slow
def test_webhooks_that_hubspot_sends_are_scored_in_seconds(scene: Open) -> None:
    stage = scene(40)
    if stage.crm == "salesforce":
        pytest.skip("Salesforce sends no webhooks")

    def settings(connection: dict[str, Any]) -> None:
        listening(stage)(connection)
        connection["schedule"]["feed"] = "received"

    stage.do(BACKFILL)
    stage.configure(settings)
    lead, port = warming(stage), with_pages(stage)
    with socket.create_server(("127.0.0.1", 0)) as free:
        door = f"http://127.0.0.1:{free.getsockname()[1]}"
    with stage.settings_file.open("a") as file:
        file.write(f"\nreceive: {{address: '{door}', port: {door.rpartition(':')[2]}}}\n")
    with stage.start("run") as process:
        wait_until(lambda: page(port, "/live")[0] == 200, process)
        wait_until(lambda: page(port, "/health")[1]["connections"]["main"]["last_pass"] == "done", process)
        answer = requests.post(f"{stage.url}/_sandbox/webhooks", json={"target": f"{door}/main"}, timeout=10)
        answer.raise_for_status()
        stage.act(lead, "demo_request")
        wait_until(lambda: rose(stage, lead), process)
        process.terminate()
        process.communicate(timeout=60)
