"""The daemon follows the CRM, its settings, and the signal to stop; on both CRMs and both databases."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil

from tests.stage import Stage

Open = Callable[..., Stage]


def often(connection: dict[str, Any]) -> None:
    connection["schedule"] = {"sync": "10s", "refresh": "02:30", "reconcile": "sun 03:00", "timezone": "UTC"}


def test_sigterm_ends_the_daemon_cleanly_and_gives_the_lease_back(scene: Open) -> None:
    stage = scene(40)
    with daemon(stage) as process:
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 0, told
    assert stage.leadgauge("sync").returncode == 0


def test_beside_the_daemon_others_look_and_nobody_else_writes(scene: Open) -> None:
    stage = scene(40)
    lead = min(stage.fields())
    with daemon(stage) as process:
        refused = [stage.leadgauge(*words) for words in (("backfill",), ("undo", "1"), ("forget", lead, "--yes"))]
        looked = [stage.leadgauge(*words) for words in (("status",), ("plan",), ("explain", lead))]
        shown = psutil.Process(process.pid).cmdline()
    assert [(done.returncode, done.stderr.count("\n")) for done in refused] == [(1, 1)] * 3
    assert all(f"{process.pid} is at work (run)" in done.stderr for done in refused)
    assert [done.returncode for done in looked] == [0, 0, 0]
    assert "at work" in looked[0].stdout
    assert not any(secret in word for word in shown for secret in stage.environment.values())


def test_the_daemon_writes_what_changed_in_the_crm(scene: Open) -> None:
    stage = scene(40)
    stage.configure(often)
    lead = max(stage.fields())
    with daemon(stage) as process:
        before = float(stage.fields("lead_engagement")[lead]["lead_engagement"] or 0)
        stage.act(lead, "demo_request")
        wait_until(lambda: float(stage.fields("lead_engagement")[lead]["lead_engagement"] or 0) > before, process)


def test_a_scorecard_with_a_mistake_is_refused_and_the_old_one_stays_in_force(scene: Open) -> None:
    stage = scene(40)
    stage.configure(often)
    with daemon(stage) as process:
        card = stage.folder / "b2b-saas.yaml"
        right = card.read_text()
        card.write_text(right.replace("points: 20", "points: twenty"))
        wait_until(lambda: "settings refused" in stage.leadgauge("status").stdout, process)
        card.write_text(right)
        wait_until(lambda: "settings refused" not in stage.leadgauge("status").stdout, process)
    assert process.returncode == 0


@contextmanager
def daemon(stage: Stage) -> Iterator[subprocess.Popen[str]]:
    """Run the daemon; everybody is scored when the block begins."""
    everybody = len(stage.fields())
    process = stage.start("run")
    wait_until(lambda: written(stage) == everybody, process)
    yield process
    if process.poll() is None:
        process.terminate()
        process.communicate(timeout=60)


def written(stage: Stage) -> int:
    return sum(1 for values in stage.fields("lead_score_status").values() if values["lead_score_status"])


def wait_until(true: Callable[[], bool], process: subprocess.Popen[str], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"waited in vain:\n{out}\n{err}")
        time.sleep(0.1)
