"""The daemon follows the CRM, its settings, and the signal to stop."""

import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

import requests

from tests.stage import Stage

Open = Callable[..., Stage]


def often(connection: dict[str, Any]) -> None:
    connection["schedule"] = {"sync": "10s", "refresh": "02:30", "reconcile": "sun 03:00", "timezone": "UTC"}


def test_sigterm_ends_the_daemon_cleanly_and_gives_the_lease_back(hubspot: Open) -> None:
    stage = hubspot(60)
    stage.provision()
    process = stage.start("run")
    wait_until(lambda: written(stage) == 60, process)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 0, told
    assert stage.leadgauge("sync").returncode == 0


def test_a_second_process_is_told_who_holds_the_connection(hubspot: Open) -> None:
    stage = hubspot(60)
    stage.provision()
    process = stage.start("run")
    wait_until(lambda: written(stage) == 60, process)
    refused = stage.leadgauge("backfill")
    process.terminate()
    process.communicate(timeout=30)
    assert refused.returncode == 1
    assert "is at work (run)" in refused.stderr


def test_the_daemon_writes_what_changed_in_the_crm(hubspot: Open) -> None:
    stage = hubspot(60)
    stage.configure(often)
    stage.provision()
    process = stage.start("run")
    wait_until(lambda: written(stage) == 60, process)
    lead = min(stage.fields())
    requests.patch(
        f"{stage.url}/crm/v3/objects/contacts/{lead}",
        json={"properties": {"is_student": "true"}},
        headers={"Authorization": f"Bearer {stage.environment['LEADGAUGE_TEST_TOKEN']}"},
        timeout=10,
    ).raise_for_status()
    wait_until(lambda: stage.fields("lead_score_status")[lead]["lead_score_status"] == "disqualified", process)
    process.terminate()
    process.communicate(timeout=30)


def test_a_scorecard_with_a_mistake_is_refused_and_the_old_one_stays_in_force(hubspot: Open) -> None:
    stage = hubspot(60)
    stage.configure(often)
    stage.provision()
    process = stage.start("run")
    wait_until(lambda: written(stage) == 60, process)
    card = stage.folder / "b2b-saas.yaml"
    card.write_text(card.read_text().replace("points: 20", "points: twenty"))
    wait_until(lambda: "settings refused" in stage.leadgauge("status").stdout, process)
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 0


def written(stage: Stage) -> int:
    return sum(1 for values in stage.fields("lead_score_status").values() if values["lead_score_status"])


def wait_until(true: Callable[[], bool], process: subprocess.Popen[str], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"waited in vain:\n{out}\n{err}")
        time.sleep(0.1)
